"""Does a more precise prompt draw better? ``python -m benchmarks.specificity``.

The lecture says that a prompt's precision decides the picture's quality. Each scene is asked for
at four levels, in both languages, with several seeds: the theme alone; one of its places; all of
them; all with their colours. Measured are the places found and the distance to the colours, both
of the whole scene that was meant, and how much the pictures of different seeds differ. The table
is kept in ``tripkit/data/specificity.json``.
"""

from __future__ import annotations

import argparse
import json
from datetime import date

import numpy as np
import torch

from benchmarks.scores import judge, read_prompts
from recipes.common import machine
from recipes.place_classifier import load_classifier
from tripkit.clip.model import pixels
from tripkit.core.messages import LANGUAGES
from tripkit.course.measured_tables import LEVELS, SPECIFICITY, specificity_table
from tripkit.datasets.captions import prompt_sentence
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import Scene
from tripkit.images.pipeline import PipelineBackend


def prompts_of(scene: Scene, language: str) -> dict[str, str]:
    """The scene's prompts by level, from vague to precise."""
    wishes = ({"places": 0}, {"places": 1, "colors": False}, {"colors": False}, {})
    texts = [prompt_sentence(scene, language, **wish) for wish in wishes]
    return dict(zip(LEVELS, texts, strict=True))


@torch.no_grad()
def scores(images: list, scene: Scene) -> dict[str, float]:
    """Of the pictures of one prompt: means of fidelity, and the spread over the seeds."""
    shares, distances = judge(images, [scene] * len(images))
    stack = np.stack([np.asarray(image, dtype=float) for image in images])
    features = load_classifier().features(pixels(images))
    return {
        "places": float(shares.mean()),
        "delta_e": float(distances.mean()),
        "pixel_spread": float(stack.std(axis=0).mean()),  # over seeds, of 255
        "feature_spread": float(torch.pdist(features).mean()),  # between two seeds
    }


def measure(scenes: list[Scene], seeds: int) -> dict[str, dict[str, list[float]]]:
    """By level and score, a value for each scene and language; "renderer" draws what was meant."""
    backend, rows = PipelineBackend(), {}

    def note(level, images, scene):
        for name, value in scores(images, scene).items():
            rows.setdefault(level, {}).setdefault(name, []).append(round(value, 4))

    for scene in scenes:
        for language in LANGUAGES:
            for level, prompt in prompts_of(scene, language).items():
                generators = [torch.Generator().manual_seed(seed) for seed in range(seeds)]
                drawn = backend.pipeline(
                    [prompt] * seeds, generator=generators, **backend.parameters
                )
                note(level, drawn.images, scene)
        rngs = [np.random.default_rng(seed) for seed in range(seeds)]
        note("renderer", [render(scene, rng) for rng in rngs], scene)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=6, help="of three places each")
    parser.add_argument("--seeds", type=int, default=6)
    options = parser.parse_args()
    scenes = [scene for scene in read_prompts()[2] if len(scene.stops) == 3][: options.scenes]
    table = {
        "command": f"python -m benchmarks.specificity --scenes {options.scenes} "
        f"--seeds {options.seeds}",
        "scenes": len(scenes),
        "seeds": options.seeds,
        "date": date.today().isoformat(),
        "machine": machine(),
        "examples": {each: prompts_of(scenes[0], each) for each in LANGUAGES},
        "rows": measure(scenes, options.seeds),
    }
    text = json.dumps(table, indent=2, ensure_ascii=False)
    SPECIFICITY.write_text(text + "\n", encoding="utf-8")
    print(specificity_table(table))


if __name__ == "__main__":
    main()
