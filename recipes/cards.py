"""Writes the model cards from what the recipes and the benchmark recorded.

Run: ``python -m recipes.cards``.

Figures stand in each folder's ``metrics.json`` and are never typed into a card by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from string import Template

from tripkit.core.settings import weights_folder

HEAD = """---
license: apache-2.0
language: [ko, en]
---
"""
# Cards and metrics.json quote commands as they were run: module names of that day stay in them.
FOOT = """
Commands that are recorded here or in `metrics.json` are of their time; the recipes now live in `recipes/`.
"""
CARDS = {
    "postcard": """# The postcard model

A tiny Stable Diffusion that draws pixel-art postcards of trips, 64 x 64, from a Korean or English sentence.
Trained from nothing by tripkit on pictures of its own renderer; no other data. It ships so that the course
and the app run offline, on a CPU.

| part | class | what it does |
|---|---|---|
| `text_encoder` | `CLIPTextModel` | the frozen text tower of `weights/clip`, 3 layers x 192 |
| `unet` | `UNet2DConditionModel` | (64, 96, 160) channels, cross-attention at 8x8 and 4x4, v-prediction |
| `vae` | `AutoencoderTiny` | 64x64 pictures to 16x16 latents of 8 channels |
| `scheduler` | `DPMSolverMultistepScheduler` | squared-cosine schedule, 1000 training steps |

Load it without tripkit: `StableDiffusionPipeline.from_pretrained(folder)`.

**How to ask.** Up to three places of the 28 kinds it knows, each after its colour; a colour is a name, or three
tokens for red, green and blue in steps of 8, or both: `light pink r248 g184 b192 cherry blossom park`. Time of
day, weather and season may be added. The app adds the tokens to each prompt and shows the string as sent.

**What falls short.** Pictures are a little softer than the renderer's (gradient energy below), crowded scenes run
into each other, and edges bleed a little colour. A free sentence loses more of its places than one in the app's form (free
wording, below): words that no caption held say little to the text tower. The U-Net was trained on two CPU cores, not
on an accelerator.

**What it cannot do.** People, text, any place that is not of the 28 kinds, more than three places, and fine
detail: thin lines melt. Far things stand far and near things near, whatever the sentence says. What it draws of
a named real place is that kind of place, not the place.

## Scores

120 fixed prompts (`benchmarks/postcard_prompts.json`), half Korean, of place and colour pairs that were kept out
of training. Places: the share of asked places among the judge's likeliest, as many as were asked. Delta-E:
CIEDE2000 from each asked colour to the nearest of the picture's six dominant colours.

$benchmark

The judge is `weights/place_classifier`. The renderer is the ceiling; pictures paired with other prompts are the floor.

$quality

## What it draws

The first 40 of the fixed prompts, English and Korean in turn, a seed each; nobody selected them:

![40 pictures](sheet.png)

## Guidance, steps, scheduler

One setting changed at a time, the first prompts of the benchmark.

$settings

Why these: without guidance the colours are far off; beyond scale 3 they drift away again, and places hardly gain.
From a few steps on, neither places nor colours gain clearly, while each step costs its time; five still show the
picture emerging. The four schedulers do equally well within what so few prompts can tell; DPM-Solver++ is the one that the
course builds in notebook 05.

## Why 64 x 64

Pictures of 128 x 128 were weighed by `python -m benchmarks.resolution`: with as many latents (each of 8 x 8 pixels
instead of 4 x 4) the U-Net costs the same, but the autoencoder has to tell four times as much, and falls behind; with
latents of 4 x 4 pixels the U-Net sees a fraction of the pictures in the same time, and each postcard takes longer. Two
CPU cores left no time for either. Pixel art of 64 x 64, enlarged without smoothing, looks drawn and not unfinished.

$resolution

## How it was trained

$training

For the autoencoder a picture is mostly a crop of 32 x 32.

All recipes stand in `recipes/` and go on from the shipped weights with `--from-weights`. The logs are
`train_*.jsonl`. The decoder was trained anew on the first autoencoder's latents; the text tower learned free wording,
and the U-Net went on with it. Last, the decoder went on against a critic (`sharpen`), half of it on latents of the
U-Net.

## What did not work

- Latents of 4 channels: small things lost their colours. The weights of that run were widened to 8 channels and
  trained on, so the autoencoder's command alone does not give these very weights.
- Whole pictures from the start for the autoencoder: too few steps in the time.
- A U-Net of (64, 128, 192) channels: slower a step than (64, 96, 160), and the time was short.
- An absolute error alone for the decoder: after an hour its pictures were still far softer than renders.
- `sharpen --noisiest 650`, which gives the decoder blurrier latents to draw: sharper still, with worse colours; stopped
  after a third of an hour.
""",
    "clip": """# The small CLIP

A `CLIPModel` for postcards: captions in Korean and English beside pixel-art pictures, in one space of 128
dimensions. Its text tower conditions the postcard model. Trained from nothing by tripkit (`recipes/clip.py`)
on rendered scenes and their captions, with two readers of places and colours that were thrown away afterwards.

Load it without tripkit: `CLIPModel.from_pretrained(folder)`, `CLIPTokenizer.from_pretrained(folder)`. It knows
28 kinds of place, colours, times of day, weather and seasons, and nothing else.

$training
""",
    "place_classifier": """# The judge of the postcards

A small CNN that tells which of the 28 kinds of place a 64 x 64 picture shows, used by `benchmarks/` and the tests
only. Trained by tripkit (`recipes/place_classifier.py`) on renders, softened and noisy ones among them,
with unreadable pictures as negatives.

$training
""",
}


def benchmark_table(rows: dict) -> str:
    """The scores of ``benchmarks/postcard_model.py`` as a Markdown table."""
    names = [name for name in ("renderer", "autoencoder", "model", "shuffled") if name in rows]
    lines = ["| | places | English | Korean | Delta-E |", "|---|---|---|---|---|"]
    for name in names:
        row = rows[name]
        lines.append(
            f"| {name} | {row['places']:.3f} | {row['places_en']:.3f} | {row['places_ko']:.3f} "
            f"| {row['delta_e']:.1f} |"
        )
    settings = ", ".join(f"{key} {value:g}" for key, value in rows.get("parameters", {}).items())
    return "\n".join(lines) + (f"\n\nDrawn with {settings}." if settings else "")


def quality_table(rows: dict) -> str:
    """The figures of ``benchmarks/postcard_quality.py`` as a Markdown table."""
    kept = {key: value for key, value in rows.items() if isinstance(value, int | float)}
    if not kept:
        return ""
    lines = ["| new scenes and free wording | |", "|---|---|"]
    lines += [f"| {key.replace('_', ' ')} | {value:.3f} |" for key, value in kept.items()]
    return "\n".join(
        [*lines, "", f"Shares and distances are of the ceiling's. `{rows['command']}`"]
    )


def settings_table(rows: dict) -> str:
    """The rows of ``benchmarks/postcard_settings.py`` as a Markdown table."""
    lines = ["| setting | places | Delta-E | CPU seconds a picture |", "|---|---|---|---|"]
    for name, row in rows.get("rows", {}).items():
        values = f"{row['places']:.3f} | {row['delta_e']:.1f} | {row['cpu_seconds']:.2f}"
        lines.append(f"| {name} | {values} |")
    return "\n".join(lines)


def resolution_table(rows: dict) -> str:
    """The rows of ``benchmarks/resolution.py`` as a Markdown table."""
    lines = [
        "| pixels / pixels of a latent | U-Net, a training step | a postcard | PSNR | gradient energy |",
        "|---|---|---|---|---|",
    ]
    for name, row in rows.get("rows", {}).items():
        lines.append(
            f"| {name} | {row['training_step']:.2f} | {row['postcard']:.2f} "
            f"| {row['psnr_db']:.1f} dB | {row['gradient_energy']:.2f} |"
        )
    if not rows:
        return ""
    told = f"after {rows['minutes']:g} CPU minutes of training each, on pictures of its own size"
    return "\n".join(
        [*lines, "", f"Seconds are of the first row's; the autoencoders are judged {told}."]
    )


def training_table(metrics: dict) -> str:
    """What each recipe did, from its record."""
    lines = [
        "| recipe | steps | pictures | seconds | seed | machine | date | scores |",
        "|---|---|---|---|---|---|---|---|",
    ]
    known = {"command", "seed", "steps", "pictures", "seconds", "machine", "date", "before"}
    for name, record in in_order(metrics):
        if "steps" in record:
            scores = ", ".join(f"{k} {v}" for k, v in record.items() if k not in known)
            lines.append(
                f"| `{name}` | {record['steps']} | {record['pictures']} | {record['seconds']} "
                f"| {record['seed']} | {record['machine']} | {record['date']} | {scores} |"
            )
    return "\n".join(lines)


def in_order(metrics: dict) -> Iterator[tuple[str, dict]]:
    """Recipe and record, each training before the one that went on from it."""
    for name, record in metrics.items():
        if "before" in record:
            yield from in_order({name: record["before"]})
        yield name, record


def main() -> None:
    """Write every card."""
    for name, body in CARDS.items():
        folder = weights_folder() / name
        metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        card = Template(HEAD + body + FOOT).substitute(
            training=training_table(metrics),
            benchmark=benchmark_table(metrics.get("benchmark", {})),
            quality=quality_table(metrics.get("quality", {})),
            settings=settings_table(metrics.get("settings", {})),
            resolution=resolution_table(metrics.get("resolution", {})),
        )
        (folder / "README.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    main()
