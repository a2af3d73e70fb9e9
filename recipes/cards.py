"""Writes the model cards from what the recipes and the benchmarks recorded.

Run: ``python -m recipes.cards``.

Figures stand in each folder's ``metrics.json`` and are never typed into a card by hand. The prose
stands in ``card_templates``; a field there is one of `FIELDS`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Template

from tripkit.core.settings import weights_folder
from tripkit.core.text import markdown_table

TEMPLATES = Path(__file__).parent / "card_templates"
# Cards and metrics.json quote commands as they were run: module names of that day stay in them.
FOOT = """
Commands that are recorded here or in `metrics.json` are of their time; the recipes now live in \
`recipes/`.
"""


def benchmark_table(metrics: dict) -> str:
    """The scores of ``benchmarks/postcard_model.py`` as a Markdown table."""
    rows = metrics["benchmark"]
    names = [name for name in ("renderer", "autoencoder", "model", "shuffled") if name in rows]
    scores = {"places": ".3f", "places_en": ".3f", "places_ko": ".3f", "delta_e": ".1f"}
    table = markdown_table(
        ["", "places", "English", "Korean", "Delta-E"],
        ([name, *(f"{rows[name][key]:{form}}" for key, form in scores.items())] for name in names),
    )
    settings = ", ".join(f"{key} {value:g}" for key, value in rows["parameters"].items())
    return f"{table}\n\nDrawn with {settings}."


def quality_table(metrics: dict) -> str:
    """The figures of ``benchmarks/postcard_quality.py`` as a Markdown table."""
    record = metrics["quality"]
    kept = {key: value for key, value in record.items() if isinstance(value, int | float)}
    rows = ([key.replace("_", " "), f"{value:.3f}"] for key, value in kept.items())
    table = markdown_table(["new scenes and free wording", ""], rows)
    return f"{table}\n\nShares and distances are of the ceiling's. `{record['command']}`"


def settings_table(metrics: dict) -> str:
    """The rows of ``benchmarks/postcard_settings.py`` as a Markdown table."""
    scores = {"places": ".3f", "delta_e": ".1f", "cpu_seconds": ".2f"}
    return markdown_table(
        ["setting", "places", "Delta-E", "CPU seconds a picture"],
        (
            [name, *(f"{row[key]:{form}}" for key, form in scores.items())]
            for name, row in metrics["settings"]["rows"].items()
        ),
    )


def resolution_table(metrics: dict) -> str:
    """The rows of ``benchmarks/resolution.py`` as a Markdown table."""
    record = metrics["resolution"]
    pixels = "pixels / pixels of a latent"
    scores = {"training_step": ".2f", "postcard": ".2f", "psnr_db": ".1f", "gradient_energy": ".2f"}
    units = {"psnr_db": " dB"}
    table = markdown_table(
        [pixels, "U-Net, a training step", "a postcard", "PSNR", "gradient energy"],
        (
            [name, *(f"{row[key]:{form}}{units.get(key, '')}" for key, form in scores.items())]
            for name, row in record["rows"].items()
        ),
    )
    conditions = (
        f"after {record['minutes']:g} CPU minutes of training each, on pictures of its own size"
    )
    return f"{table}\n\nSeconds are of the first row's; the autoencoders are judged {conditions}."


def training_table(metrics: dict) -> str:
    """What each recipe did, from its record."""
    names = ("steps", "pictures", "seconds", "seed", "machine", "date")
    shown = {*names, "command", "before"}
    rows = []
    for name, record in in_order(metrics):
        if "steps" in record:
            scores = ", ".join(f"{k} {v}" for k, v in record.items() if k not in shown)
            rows.append([f"`{name}`", *(str(record[each]) for each in names), scores])
    return markdown_table(["recipe", *names, "scores"], rows)


def in_order(metrics: dict) -> Iterator[tuple[str, dict]]:
    """Recipe and record, each training before the one that went on from it."""
    for name, record in metrics.items():
        if "before" in record:
            yield from in_order({name: record["before"]})
        yield name, record


def training_list(metrics: dict) -> str:
    """What the one recipe of a model of digits did, as a Markdown list."""
    record = next(entry for entry in metrics.values() if "steps" in entry)
    return "\n".join(
        f"- {name.replace('_', ' ')}: {f'`{value}`' if name == 'command' else value}"
        for name, value in record.items()
        if not isinstance(value, dict | list)
    )


def scores_list(metrics: dict) -> str:
    """What `benchmarks/digits.py` measured, as a Markdown list."""
    return "\n".join(
        f"- {name.replace('_', ' ')}: {value}" for name, value in metrics["benchmark"].items()
    )


def floors_table(metrics: dict) -> str:
    """What real digits score, as Markdown; empty before ``recipes.digit_statistics`` has run."""
    record = metrics.get("digit_statistics")
    if not record:
        return ""
    floors = markdown_table(
        ["real images", "digit-FID", "standard deviation"],
        (
            [f"{int(size):,}", f"{row['mean']:.3g}", f"{row['std']:.2g}"]
            for size, row in record["floors"].items()
        ),
    )
    spoiled = markdown_table(
        ["1,000 real images,", "digit-FID"],
        ([name, f"{value:.3g}"] for name, value in record["spoiled_1000"].items()),
    )
    return (
        f"{floors}\n\n{spoiled}\n\n1,000 training images against 1,000 test images: "
        f"precision {record['precision_1000']}, recall {record['recall_1000']}.\n"
        f"Measured by `{record['command']}`, {record['date']}."
    )


def real_line(metrics: dict) -> str:
    """What 1,000 real training images score, to compare with. Not the model's own ``metrics``."""
    record = _metrics("digit_classifier")["digit_statistics"]
    fid, precision = record["floors"]["1000"]["mean"], record["precision_1000"]
    return (
        f"As many real training images score: digit-FID {fid:.2f}, precision {precision:.2f}, "
        f"recall {record['recall_1000']:.2f}."
    )


FIELDS = {
    "recipes": training_table,
    "benchmark": benchmark_table,
    "quality": quality_table,
    "settings": settings_table,
    "resolution": resolution_table,
    "training": training_list,
    "scores": scores_list,
    "floors": floors_table,
    "real": real_line,
}
CARDS = tuple(sorted(path.stem for path in TEMPLATES.glob("*.md")))


def write_cards(names: Iterable[str] = CARDS) -> None:
    """Write ``weights/<name>/README.md`` of each named model."""
    for name in names:
        template = Template((TEMPLATES / f"{name}.md").read_text(encoding="utf-8"))
        metrics = _metrics(name)
        fields = {field: FIELDS[field](metrics) for field in template.get_identifiers()}
        path = weights_folder() / name / "README.md"
        path.write_text(template.substitute(fields) + FOOT, encoding="utf-8")


def _metrics(name: str) -> dict:
    return json.loads((weights_folder() / name / "metrics.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    write_cards()
