"""Prints how good the postcard model's pictures are: ``python -m benchmarks.postcard_quality``.

New scenes, each asked for in English and in Korean from the same seed, half of their place and
colour pairs held out of training; and sentences in free wording, which no template made. Renders of
the same scenes are the ceiling. ``--write`` records the table in the model's ``metrics.json``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from benchmarks.scores import draw, renders
from recipes.common import add_record
from recipes.place_classifier import load_classifier, places, recall_at_k
from tripkit.clip.model import pixels
from tripkit.colors import COLOR_NAMES, image_palette, palette_distance
from tripkit.core.settings import weights_folder
from tripkit.datasets.captions import prompt_sentence
from tripkit.datasets.scenes import PlacedStop, Scene, held_out, random_scene
from tripkit.generative.metrics import frechet_distance
from tripkit.images.pipeline import PipelineBackend

FREE = Path(__file__).with_name("free_wording.json")
JITTER = 10  # a colour that is nearer than this to a named one, in each channel, counts as named
GREY = (128, 128, 128)  # of a place whose colour nobody asked for


def new_scenes(count: int, seed: int = 20261123) -> list[Scene]:
    """Random scenes on a clear day; every other one has only pairs that training never saw."""
    rng = np.random.default_rng(seed)
    colors = [color.rgb for color in COLOR_NAMES]
    drawn = [random_scene(rng, colors, new_pairs=bool(number % 2)) for number in range(count)]
    return [Scene(scene.stops, season=scene.season) for scene in drawn]  # what a prompt says


def free_wording() -> list[tuple[str, str, Scene]]:
    """Language, sentence, and a scene with the places that it asks for."""
    rows = json.loads(FREE.read_text(encoding="utf-8"))
    return [
        (row["language"], row["prompt"], Scene(tuple(PlacedStop(k, GREY) for k in row["places"])))
        for row in rows
    ]


def named(rgb) -> bool:
    """Whether a colour is one of the named ones, but for its jitter."""
    return any(np.abs(np.subtract(color.rgb, rgb)).max() <= JITTER for color in COLOR_NAMES)


@torch.no_grad()
def shares_found(images: list, scenes: list[Scene]) -> np.ndarray:
    """The share of the asked places that the classifier finds, of each picture."""
    return recall_at_k(load_classifier()(pixels(images)), places(scenes)).numpy()


def distances(images: list, scenes: list[Scene]) -> dict[str, float]:
    """Mean CIEDE2000 of the asked colours to the nearest of the picture's six, by kind of pair."""
    rows: dict[str, list[float]] = {"all": [], "named": [], "arbitrary": [], "held_out": []}
    for image, scene in zip(images, scenes, strict=True):
        off = palette_distance(image_palette(image, k=6), [stop.rgb for stop in scene.stops])
        for stop, value in zip(scene.stops, off, strict=True):
            rows["all"].append(value)
            rows["named" if named(stop.rgb) else "arbitrary"].append(value)
            if held_out(stop.kind, stop.rgb):
                rows["held_out"].append(value)
    return {key: float(np.mean(values)) for key, values in rows.items()}


def gradient_energy(images: list) -> float:
    """Mean squared difference of neighbouring pixels, over both directions: how sharp they are."""
    array = np.stack([np.asarray(image, dtype=float) for image in images]) / 255
    return sum(float(np.square(np.diff(array, axis=axis)).mean()) for axis in (1, 2))


@torch.no_grad()
def frechet(images: list, others: list) -> float:
    """The Frechet distance of two sets of pictures on the place classifier's features."""
    moments = []
    for each in (images, others):
        features = load_classifier().features(pixels(each)).double().numpy()
        moments += [features.mean(axis=0), np.cov(features, rowvar=False)]
    return frechet_distance(*moments)


def interval(values: np.ndarray) -> float:
    """Half the width of the 95% interval of a mean."""
    return float(1.96 * values.std(ddof=1) / np.sqrt(len(values)))


def table(count: int) -> dict[str, float]:
    """All figures: shares are of the ceiling's share, distances are over the ceiling's."""
    backend = PipelineBackend()
    scenes = new_scenes(count)
    ceiling, pipeline = renders(scenes), backend.pipeline
    drawn = {}
    for language in ("en", "ko"):
        prompts = [prompt_sentence(scene, language) for scene in scenes]
        drawn[language] = draw(pipeline, prompts, **backend.parameters)
    best = shares_found(ceiling, scenes).mean()
    shares = {language: shares_found(images, scenes) for language, images in drawn.items()}
    unseen = np.arange(count) % 2 == 1
    both, twice = drawn["en"] + drawn["ko"], scenes + scenes
    off, limit = distances(both, twice), distances(ceiling, scenes)
    rows = {}
    for language, values in shares.items():
        rows[f"places_{language}"] = values.mean() / best
        rows[f"places_{language}_interval"] = interval(values) / best
    rows["places_difference"] = abs(rows["places_en"] - rows["places_ko"])
    rows["places_held_out"] = np.mean([s[unseen].mean() for s in shares.values()]) / best
    rows["delta_e"] = off["all"]
    rows["delta_e_over_ceiling"] = off["all"] / limit["all"]
    rows["arbitrary_over_named"] = off["arbitrary"] / off["named"]
    rows["gradient_energy"] = gradient_energy(both) / gradient_energy(ceiling)
    # As many renders of other scenes: what the distance is for pictures that are right.
    others, more = (renders(new_scenes(len(both), seed=seed)) for seed in (1, 2))
    rows["frechet_over_renders"] = frechet(both, others) / frechet(others, more)
    languages, sentences, asked = zip(*free_wording(), strict=True)
    values = shares_found(draw(pipeline, list(sentences), **backend.parameters), list(asked))
    values = values / shares_found(renders(list(asked)), list(asked)).mean()
    rows["free_wording"] = values.mean()
    rows["free_wording_interval"] = interval(values)
    for language in ("en", "ko"):
        rows[f"free_wording_{language}"] = values[np.array(languages) == language].mean()
    return {key: round(float(value), 4) for key, value in rows.items()}


# What a model that was trained on an accelerator has to reach: the figure, at least, at most.
BARS = {
    "places_en": (0.9, None),
    "places_ko": (0.9, None),
    "places_difference": (None, 0.03),
    "places_held_out": (0.8, None),
    "delta_e_over_ceiling": (None, 1.2),
    "arbitrary_over_named": (None, 1.3),
    "gradient_energy": (0.8, 1.2),
    "frechet_over_renders": (None, 5),
    "free_wording": (0.75, None),
}


def met(rows: dict[str, float]) -> dict[str, bool]:
    """Whether each bar is met."""
    return {
        key: (low is None or rows[key] >= low) and (high is None or rows[key] <= high)
        for key, (low, high) in BARS.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=500, help="scenes a language")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rows = table(options.count)
    verdicts = met(rows)
    for key, value in rows.items():
        low, high = BARS.get(key, (None, None))
        bar = " to ".join(f"{limit:g}" for limit in (low, high) if limit is not None)
        verdict = "" if key not in verdicts else "met" if verdicts[key] else "MISSED"
        print(f"{key:24} {value:8.3f}  {bar:>10}  {verdict}")
    if options.write:
        command = f"python -m benchmarks.postcard_quality --count {options.count} --write"
        entry = {"command": command, "parameters": PipelineBackend().parameters, **rows}
        add_record(weights_folder() / "postcard" / "metrics.json", {"quality": entry})


if __name__ == "__main__":
    main()
