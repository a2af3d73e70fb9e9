"""The shipped tables on the postcard model: its attention scored, its prompts made precise."""

from __future__ import annotations

import json
import statistics
from functools import cache

from tripkit.core.messages import text
from tripkit.core.settings import package_folder
from tripkit.core.text import markdown_table

ATTENTION = package_folder() / "data" / "attention.json"
SPECIFICITY = package_folder() / "data" / "specificity.json"

WORDS = ("place", "name", "code", "other")  # whose maps are scored
LEVELS = ("theme", "one_place", "all_places", "colors")  # of a prompt, from vague to precise
SCORES = ("places", "delta_e", "pixel_spread", "feature_spread")


@cache
def load_attention() -> dict:
    """What ``python -m benchmarks.attention`` measured with the shipped model."""
    return json.loads(ATTENTION.read_text(encoding="utf-8"))


@cache
def load_specificity() -> dict:
    """What ``python -m benchmarks.specificity`` measured with the shipped model."""
    return json.loads(SPECIFICITY.read_text(encoding="utf-8"))


def attention_table(measured: dict, language: str = "en") -> str:
    """AUC and lift of the maps in the renderer's masks as a Markdown table, with its caption."""
    heads = ("map", "prompt_language", "count", "auc", "lift")
    rows = []
    for word in WORDS:
        for row in measured["rows"]:
            if row["word"] == word:
                cells = [text(f"attention.{word}", language), row["language"], str(row["maps"])]
                cells += ["{:.2f} ± {:.2f}".format(*row[score]) for score in ("auc", "lift")]
                rows.append(cells)
    table = markdown_table(
        [text(f"attention.{head}", language) for head in heads], rows, numbers=True
    )
    shares = {name: f"{share:.0%}" for name, share in measured["shares"].items()}
    places_found = f"{measured['places_found']:.0%}"
    details = {key: measured[key] for key in ("count", "date", "machine")}
    caption = text("attention.caption", language, found=places_found, **shares, **details)
    return f"{table}\n\n{caption}"


def specificity_table(measured: dict, language: str = "en") -> str:
    """Fidelity and spread by level as a Markdown table, with its caption."""
    heads, rows = ["", *(text(f"specificity.{score}", language) for score in SCORES)], []
    for level in (*LEVELS, "renderer"):
        row = measured["rows"][level]
        cells = [text(f"specificity.{level}", language)]
        cells += [_mean(row[score], 2 if score == "places" else 1) for score in SCORES]
        rows.append(cells)
    details = {key: measured[key] for key in ("scenes", "seeds", "date", "machine")}
    caption = text("specificity.caption", language, **details)
    return f"{markdown_table(heads, rows, numbers=True)}\n\n{caption}"


def example_prompts(measured: dict, language: str = "en") -> dict[str, str]:
    """One scene's prompts from vague to precise, by the names that the table gives its levels."""
    prompts = measured["examples"][language]
    return {text(f"specificity.{level}", language): prompts[level] for level in LEVELS}


def _mean(values: list[float], digits: int) -> str:
    """Mean and half the width of its 95% interval, over scenes and languages."""
    half = 1.96 * statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0
    return f"{statistics.mean(values):.{digits}f} ± {half:.{digits}f}"
