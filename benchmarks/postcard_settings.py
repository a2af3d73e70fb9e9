"""Prints what the postcard model's settings do: ``python -m benchmarks.postcard_settings``.

Guidance, steps and scheduler are changed one at a time, the others stay at their defaults; each row
draws the first of the 120 fixed prompts. ``--write`` records the table in the model's
``metrics.json``, and with it a sheet of 40 pictures that nobody selected, ``sheet.png``.
"""

from __future__ import annotations

import argparse
import time

import diffusers
from PIL import Image

from benchmarks.scores import draw, judge, read_prompts
from recipes.common import add_record
from tripkit.core.settings import weights_folder
from tripkit.images.pipeline import PipelineBackend

GUIDANCE = (1.0, 2.0, 3.0, 4.5, 6.0)
STEPS = (3, 4, 5, 6, 8, 14, 20)
SCHEDULERS = (
    "DPMSolverMultistepScheduler",
    "DDIMScheduler",
    "EulerDiscreteScheduler",
    "UniPCMultistepScheduler",
)
COLUMNS, ROWS, SCALE = 10, 4, 2  # of the sheet


def score(pipeline, count: int, **parameters) -> dict[str, float]:
    """Places found, mean Delta-E and CPU seconds a picture, at one setting."""
    _, prompts, scenes = (part[:count] for part in read_prompts())
    started = time.process_time()
    images = draw(pipeline, prompts, **parameters)
    seconds = (time.process_time() - started) / count
    shares, distances = judge(images, scenes)
    row = {"places": shares.mean(), "delta_e": distances.mean(), "cpu_seconds": seconds}
    return {key: round(float(value), 3) for key, value in row.items()}


def table(count: int) -> dict[str, dict[str, float]]:
    """A row for each setting, by its name and value."""
    backend = PipelineBackend()
    pipeline, usual = backend.pipeline, backend.parameters
    settings = [("guidance_scale", value) for value in GUIDANCE]
    settings += [("num_inference_steps", value) for value in STEPS]
    rows = {}
    for name, value in settings:
        rows[f"{name} {value:g}"] = score(pipeline, count, **{**usual, name: value})
        print(f"{name} {value:g}", rows[f"{name} {value:g}"], flush=True)
    original = pipeline.scheduler
    for name in SCHEDULERS:
        pipeline.scheduler = getattr(diffusers, name).from_config(original.config)
        rows[f"scheduler {name}"] = score(pipeline, count, **usual)
        print(f"scheduler {name}", rows[f"scheduler {name}"], flush=True)
    pipeline.scheduler = original
    return rows


def sheet() -> Image.Image:
    """The pictures of the first fixed prompts, English and Korean in turn, seed by seed."""
    backend = PipelineBackend()
    _, prompts, _ = read_prompts()
    images = draw(backend.pipeline, prompts[: COLUMNS * ROWS], **backend.parameters)
    width, height = images[0].size
    whole = Image.new("RGB", (COLUMNS * width, ROWS * height))
    for number, image in enumerate(images):
        row, column = divmod(number, COLUMNS)
        whole.paste(image, (column * width, row * height))
    return whole.resize((SCALE * whole.width, SCALE * whole.height), Image.Resampling.NEAREST)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=60, help="prompts a row")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows = table(options.count)
    if options.write:
        folder = weights_folder() / "postcard"
        command = f"python -m benchmarks.postcard_settings --count {options.count} --write"
        entry = {"command": command, "parameters": PipelineBackend().parameters, "rows": rows}
        add_record(folder / "metrics.json", {"settings": entry})
        sheet().save(folder / "sheet.png", optimize=True)


if __name__ == "__main__":
    main()
