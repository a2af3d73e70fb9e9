"""Prints how well the postcard model follows 120 prompts that it never saw.

Run: ``python -m benchmarks.postcard_model``.

The renderer is the ceiling, the model with shuffled prompts the floor. ``--write`` records the
table in the model's ``metrics.json``; ``--new-prompts`` draws the fixed prompts anew.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

from benchmarks.scores import draw, judge, read_prompts, reconstructions, renders, write_prompts
from tripkit.core.settings import weights_folder
from tripkit.images.pipeline import PipelineBackend


def table(count: int, **parameters) -> dict[str, dict[str, float]]:
    """Rows of scores: places found (0 to 1) and mean Delta-E, in all and by language."""
    languages, prompts, scenes = (part[:count] for part in read_prompts())
    backend = PipelineBackend()
    parameters = {**backend.parameters, **parameters}
    ceiling = renders(scenes)
    drawn = draw(backend.pipeline, prompts, **parameters)
    shift = len(scenes) // 2 + 1  # an odd shift of an even count also swaps the languages
    pictures = {
        "renderer": ceiling,
        "autoencoder": reconstructions(backend.pipeline.vae, ceiling),
        "model": drawn,
        "shuffled": drawn[shift:] + drawn[:shift],
    }
    korean = np.array([language == "ko" for language in languages])
    rows = {}
    for name, images in pictures.items():
        shares, distances = judge(images, scenes)
        rows[name] = {
            "places": shares.mean(),
            "places_en": shares[~korean].mean(),
            "places_ko": shares[korean].mean(),
            "delta_e": distances.mean(),
        }
        rows[name] = {key: round(float(value), 4) for key, value in rows[name].items()}
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--new-prompts", action="store_true")
    options = parser.parse_args()
    if options.new_prompts:
        return write_prompts()
    chosen = {"num_inference_steps": options.steps, "guidance_scale": options.guidance}
    chosen = {key: value for key, value in chosen.items() if value is not None}
    rows = table(options.count, **chosen)
    print(f"{'':12}" + "".join(f"{key:>12}" for key in rows["model"]))
    for name, row in rows.items():
        print(f"{name:12}" + "".join(f"{value:12.3f}" for value in row.values()))
    ceiling, model = rows["renderer"], rows["model"]
    places, colors = model["places"] / ceiling["places"], model["delta_e"] / ceiling["delta_e"]
    print(
        f"places {places:.3f} of the ceiling (bar 0.85), "
        f"Delta-E {colors:.3f} times the ceiling's (bar 1.3)"
    )
    if options.write:
        path = weights_folder() / "postcard" / "metrics.json"
        metrics = json.loads(path.read_text(encoding="utf-8"))
        metrics["benchmark"] = {
            "command": "python -m benchmarks.postcard_model --write",
            "prompts": options.count,
            "parameters": {**PipelineBackend().parameters, **chosen},
            **rows,
        }
        path.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
