"""Prints what choosing the best of four is worth, and costs: ``python -m benchmarks.candidates``.

Every trip of the catalogue, on the app's own path: four pictures in one batch, of which the first
is that of ``python -m benchmarks.journey``. `choosing.best_first` chooses by the shipped CLIP, and
another judges, the place classifier. ``any`` counts the cards of which one of the four shows all
places: no choice could be better; ``each`` is the share among all pictures: what a choice by chance
gets. Seconds and memory are those of a fresh process for each row.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from benchmarks.journey import judged
from benchmarks.journey.prompts import catalogue
from benchmarks.speed import peak_memory_gb
from tripkit.core.messages import LANGUAGES
from tripkit.core.text import markdown_table
from tripkit.images.base import MAX_BATCH, BatchImageBackend
from tripkit.images.choosing import best_first
from tripkit.images.pipeline import PipelineBackend

REPEATS = 3  # of the seconds; the median is told


@dataclass(frozen=True)
class Choice:
    """Which of a trip's pictures show all its places, in the order of seeds; and who was chosen."""

    key: str
    right: tuple[bool, ...]
    chosen: int


def choices(
    backend: BatchImageBackend, language: str, limit: int | None = None
) -> Iterator[Choice]:
    """The pictures of each trip, drawn in one batch, chosen from and judged."""
    for number, (key, prompt) in enumerate(islice(catalogue(language), limit)):
        seeds = [1000 * more + number for more in range(MAX_BATCH)]
        cards = backend.generate_batch(prompt, seeds=seeds)
        right = tuple(judged(key, card).places == 1 for card in cards)
        yield Choice(key, right, cards.index(best_first(cards)[0]))


def summary(found: list[Choice]) -> dict:
    """The shares of cards with all places: the first, the chosen, any, and each; who gained."""
    right = np.array([choice.right for choice in found])
    chosen = np.array([choice.right[choice.chosen] for choice in found])
    shares = {"one": right[:, 0], "best of four": chosen, "any": right.any(1), "each": right}
    named = {"gained": chosen & ~right[:, 0], "lost": ~chosen & right[:, 0], "missed": ~chosen}
    return {
        "cards": len(found),
        **{name: round(float(values.mean()), 4) for name, values in shares.items()},
        **{name: [found[i].key for i in np.flatnonzero(which)] for name, which in named.items()},
    }


def costs(seeds: int, batches: int) -> dict[str, float | None]:
    """Seconds of so many batches of so many seeds, and until the first preview; memory in GB.

    The processor's seconds, of all threads, tell more than the clock's where others are at work.
    """
    backend = PipelineBackend()
    _, prompt = next(catalogue("en"))
    backend.generate_batch(prompt, seeds=range(seeds))  # the first one of a size is slower
    rows = []
    for _ in range(REPEATS):
        started, worked, seen = time.perf_counter(), time.process_time(), []
        for number in range(batches):
            backend.generate_batch(
                prompt,
                seeds=range(seeds * number, seeds * (number + 1)),
                on_progress=lambda *_: seen.append(time.perf_counter() - started),  # noqa: B023
            )
        taken = time.perf_counter() - started, time.process_time() - worked
        rows.append((*taken, seen[0]))
    seconds, cpu, first = np.median(rows, axis=0).round(3).tolist()
    figures = {"seconds": seconds, "CPU seconds": cpu, "first preview": first}
    return {**figures, "peak GB": peak_memory_gb()}


def costs_of_fresh_process(seeds: int, batches: int) -> dict[str, float | None]:
    """`costs` in a process of its own: what another has held counts in no peak."""
    command = [sys.executable, "-m", "benchmarks.candidates", "--costs", f"{seeds}", f"{batches}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return json.loads(done.stdout)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, help="only so many trips")
    parser.add_argument("--language", choices=LANGUAGES, help="only this one")
    parser.add_argument("--costs", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.costs:
        print(json.dumps(costs(*options.costs)))
        return
    _print_costs()
    backend = PipelineBackend()
    for language in [options.language] if options.language else LANGUAGES:
        found = summary(list(choices(backend, language, options.limit)))
        print(f"\n{language}")
        for name, value in found.items():
            print(f"  {name:12}", ", ".join(value) if isinstance(value, list) else value)


def _print_costs() -> None:
    ways = {"one": (1, 1), "four, one by one": (1, 4), "four at once": (4, 1)}
    measured = {way: costs_of_fresh_process(*how) for way, how in ways.items()}
    columns = list(measured["one"])
    rows = [
        [way, *(f"{row[c]:.2f}" if row[c] else "?" for c in columns)]
        for way, row in measured.items()
    ]
    print(markdown_table(["", *columns], rows), flush=True)


if __name__ == "__main__":
    main()
