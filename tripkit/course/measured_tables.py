"""The shipped tables on the postcard model: its attention scored, its prompts made precise."""

from __future__ import annotations

import json
import statistics
from functools import cache

from tripkit.core.messages import text
from tripkit.core.settings import package_folder

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
    lines = _head([text(f"attention.{head}", language) for head in heads])
    for word in WORDS:
        for row in measured["rows"]:
            if row["word"] == word:
                cells = [text(f"attention.{word}", language), row["language"], str(row["maps"])]
                cells += ["{:.2f} ± {:.2f}".format(*row[score]) for score in ("auc", "lift")]
                lines.append(f"| {' | '.join(cells)} |")
    shares = {name: f"{share:.0%}" for name, share in measured["shares"].items()}
    found = f"{measured['places_found']:.0%}"
    details = {key: measured[key] for key in ("count", "date", "machine")}
    caption = text("attention.caption", language, found=found, **shares, **details)
    return "\n".join([*lines, "", caption])


def specificity_table(measured: dict, language: str = "en") -> str:
    """Fidelity and spread by level as a Markdown table, with its caption."""
    lines = _head(["", *(text(f"specificity.{score}", language) for score in SCORES)])
    for level in (*LEVELS, "renderer"):
        row = measured["rows"][level]
        cells = [text(f"specificity.{level}", language)]
        cells += [_mean(row[score], 2 if score == "places" else 1) for score in SCORES]
        lines.append(f"| {' | '.join(cells)} |")
    details = {key: measured[key] for key in ("scenes", "seeds", "date", "machine")}
    return "\n".join([*lines, "", text("specificity.caption", language, **details)])


def example_prompts(measured: dict, language: str = "en") -> dict[str, str]:
    """One scene's prompts from vague to precise, by the names that the table gives its levels."""
    prompts = measured["examples"][language]
    return {text(f"specificity.{level}", language): prompts[level] for level in LEVELS}


def _head(names: list[str]) -> list[str]:
    return [f"| {' | '.join(names)} |", "|---" + "|---:" * (len(names) - 1) + "|"]


def _mean(values: list[float], digits: int) -> str:
    """Mean and half the width of its 95% interval, over scenes and languages."""
    half = 1.96 * statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0
    return f"{statistics.mean(values):.{digits}f} ± {half:.{digits}f}"
