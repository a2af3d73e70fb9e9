"""Draws trips as the app does, and judges the pictures: ``python -m benchmarks.journey``.

Every trip of the catalogue (``names``: trips with names that no file holds; ``requests``: what the
planner plans for the requests of this folder), in both languages, through ``compose_prompt`` and
the shipped model; the table goes to ``benchmarks/journey/journey.json``. Its "own" columns count
the trips whose every kind the model draws itself; in the others a kind that it does not know counts
as the nearest that it knows.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from pathlib import Path

import torch

from benchmarks.journey import shown, summary
from benchmarks.journey.prompts import SOURCES
from recipes.common import machine
from tripkit.core.messages import LANGUAGES
from tripkit.core.text import markdown_table
from tripkit.images.pipeline import PipelineBackend

RESULTS = Path(__file__).with_name("journey.json")
# The share of cards, in each language, that show all the places that were asked for.
BARS = {"catalogue": 0.95, "names": 0.9, "requests": 0.9}
COLUMNS = ("cards", "all_places", "own_cards", "own_all_places", "places", "delta_e")


def main(arguments: list[str] | None = None) -> int:
    """Print the table, write it down where nothing was left out; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", nargs="?", choices=SOURCES, default="catalogue")
    parser.add_argument("--seeds", type=int, default=1, help="postcards a trip")
    parser.add_argument("--limit", type=int, help="only so many trips; writes nothing")
    parser.add_argument("--language", choices=LANGUAGES, help="only this one; writes nothing")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    backend = PipelineBackend()
    languages = [options.language] if options.language else list(LANGUAGES)
    found = {
        language: summary(
            list(
                shown(
                    backend,
                    SOURCES[options.source](language),
                    seeds=options.seeds,
                    limit=options.limit,
                )
            )
        )
        for language in languages
    }
    print(markdown_table(["", *COLUMNS], [[k, *map(str, _row(v))] for k, v in found.items()]))
    for language, row in found.items():
        print(f"{language}, not all: {', '.join(row['not_all'])}")
    if options.limit is None and options.language is None:
        _write(options.source, options.seeds, found)
    return int(min(row["all_places"] for row in found.values()) < BARS[options.source])


def _row(found: dict) -> list:
    return [found[column] for column in COLUMNS]


def _write(source: str, seeds: int, found: dict) -> None:
    entry = {
        "command": f"python -m benchmarks.journey {source} --seeds {seeds}",
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "threads": 1,
        **found,
    }
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    text = json.dumps(results | {source: entry}, indent=1, ensure_ascii=False) + "\n"
    RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
