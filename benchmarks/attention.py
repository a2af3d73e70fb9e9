"""Scores the attention maps: ``python -m benchmarks.attention``.

The pictures show scenes whose layout the renderer fixes, so its masks say where each place should
stand. A map is scored by how well it tells the pixels of its place's mask from the others (AUC,
1/2 is chance), and by how much more weight a pixel inside gets than one anywhere (1 is chance).
Beside the place's own words stand its colour's name, its colour code, and, as a control, the words
of another place of the same prompt. The table is kept in ``tripkit/data/attention.json``.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from datetime import date

import numpy as np
import torch

from benchmarks.scores import read_prompts
from recipes.common import machine
from recipes.place_classifier import load_classifier, places, recall_at_k
from tripkit.clip.model import pixels
from tripkit.course.measured_tables import ATTENTION, attention_table
from tripkit.datasets.captions import color_name, place_words
from tripkit.datasets.masks import motif_masks
from tripkit.datasets.scenes import Scene
from tripkit.generative.metrics import auc
from tripkit.images.attention import AttentionMaps, attention_maps
from tripkit.images.pipeline import PipelineBackend
from tripkit.prompts.color_tokens import color_code

BATCH = 8


def draw_recorded(backend: PipelineBackend, prompts: list[str], seed: int):
    """Pictures of the prompts, each from a seed of its own, and their maps."""
    generators = [torch.Generator().manual_seed(seed + i) for i in range(len(prompts))]
    with attention_maps(backend.pipeline) as maps:
        images = backend.pipeline(prompts, generator=generators, **backend.parameters).images
    return images, maps


def scores_of(maps: AttentionMaps, picture: int, scene: Scene, language: str) -> list[dict]:
    """For each stop and each kind of word: the AUC and the lift of its map in the stop's mask."""
    words = place_words()
    names = [color_name(stop.rgb, language) for stop in scene.stops]
    rows = []
    masks = motif_masks(scene)
    for number, stop in enumerate(scene.stops):
        mask = torch.from_numpy(masks[stop.kind])
        asked = {"place": words[stop.kind][language][0], "code": color_code(stop.rgb)}
        if names.count(names[number]) == 1:  # else its map is that of two stops
            asked["name"] = names[number]
        if len(scene.stops) > 1:
            other = scene.stops[(number + 1) % len(scene.stops)]
            asked["other"] = words[other.kind][language][0]
        for kind, word in asked.items():
            map = maps.of(word, picture)
            lift = (map[mask].mean() / map.mean()).item()
            rows.append({"word": kind, "auc": auc(map[~mask], map[mask]), "lift": lift})
    return rows


def shares_of(maps: AttentionMaps, picture: int) -> dict[str, float]:
    """How much of all attention the start marker, the words and the end and padding get."""
    by_token = maps.weights(picture).mean((1, 2))
    end = 1 + len(maps.pieces(picture))
    parts = {"start": by_token[:1], "words": by_token[1:end], "end": by_token[end:]}
    return {name: part.sum().item() for name, part in parts.items()}


@torch.no_grad()
def measure(count: int, seed: int) -> dict:
    """All rows: by language and kind of word, mean and half the width of a 95% interval."""
    backend, judge = PipelineBackend(), load_classifier()
    tasks = [task for task in zip(*read_prompts(), strict=True) if len(task[2].stops) > 1][:count]
    rows, shares, hits = defaultdict(list), defaultdict(list), []
    for start in range(0, len(tasks), BATCH):
        part = tasks[start : start + BATCH]
        images, maps = draw_recorded(backend, [prompt for _, prompt, _ in part], seed + start)
        hits += recall_at_k(judge(pixels(images)), places([scene for *_, scene in part])).tolist()
        for picture, (language, _, scene) in enumerate(part):
            for row in scores_of(maps, picture, scene, language):
                rows[language, row["word"]].append((row["auc"], row["lift"]))
            for name, share in shares_of(maps, picture).items():
                shares[name].append(share)
    return {
        "places_found": round(float(np.mean(hits)), 4),
        "shares": {name: round(float(np.mean(each)), 4) for name, each in shares.items()},
        "rows": [
            {"language": language, "word": word} | summary(values)
            for (language, word), values in sorted(rows.items())
        ],
    }


def summary(values: list[tuple[float, float]]) -> dict:
    """Means of AUC and lift with half the widths of their 95% intervals, and the number of maps."""
    array = np.array(values)
    half = 1.96 * array.std(axis=0, ddof=1) / len(array) ** 0.5
    (auc_mean, lift_mean), (auc_half, lift_half) = array.mean(axis=0), half
    return {
        "maps": len(array),
        "auc": [round(auc_mean, 4), round(auc_half, 4)],
        "lift": [round(lift_mean, 4), round(lift_half, 4)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=60, help="pictures")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    table = {
        "command": f"python -m benchmarks.attention --count {options.count} --seed {options.seed}",
        "count": options.count,
        "date": date.today().isoformat(),
        "machine": machine(),
        **measure(options.count, options.seed),
    }
    ATTENTION.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    print(attention_table(table))


if __name__ == "__main__":
    main()
