"""How the postcard model is judged: fixed prompts, asked places found, asked colours met."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from recipes.place_classifier import load_classifier, places, recall_at_k
from tripkit.clip.model import pixels
from tripkit.colors import COLOR_NAMES, image_palette, palette_distance
from tripkit.datasets.captions import prompt_sentence
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import PlacedStop, Scene, random_scene

PROMPTS = Path(__file__).with_name("postcard_prompts.json")


def write_prompts(count: int = 120, seed: int = 20261122) -> None:
    """Draw the fixed prompts anew: every place and colour pair in them is kept out of training."""
    rng = np.random.default_rng(seed)
    colors = [color.rgb for color in COLOR_NAMES]
    rows = []
    for number in range(count):
        scene = random_scene(rng, colors, new_pairs=True)
        language = ("en", "ko")[number % 2]
        rows.append(
            {
                "language": language,
                "prompt": prompt_sentence(scene, language),
                "stops": [{"kind": s.kind, "rgb": list(s.rgb)} for s in scene.stops],
                "season": scene.season,
            }
        )
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    PROMPTS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def read_prompts() -> tuple[list[str], list[str], list[Scene]]:
    """The fixed prompts: languages, sentences, and the scenes that they ask for."""
    rows = json.loads(PROMPTS.read_text(encoding="utf-8"))
    scenes = [
        Scene(
            tuple(PlacedStop(s["kind"], tuple(s["rgb"])) for s in row["stops"]),
            season=row["season"],
        )
        for row in rows
    ]
    return [row["language"] for row in rows], [row["prompt"] for row in rows], scenes


def draw(pipeline, prompts: list[str], *, batch: int = 12, seed: int = 0, **parameters) -> list:
    """One picture for each prompt, each from a seed of its own."""
    images = []
    for start in range(0, len(prompts), batch):
        part = prompts[start : start + batch]
        generators = [torch.Generator().manual_seed(seed + start + i) for i in range(len(part))]
        images += pipeline(part, generator=generators, **parameters).images
    return images


def renders(scenes: list[Scene], seed: int = 0) -> list:
    """What the renderer draws for the scenes: the ceiling."""
    rng = np.random.default_rng(seed)
    return [render(scene, rng) for scene in scenes]


@torch.no_grad()
def reconstructions(vae, images: list) -> list:
    """The pictures after a way through the autoencoder: what the U-Net could reach at best."""
    from diffusers.image_processor import VaeImageProcessor

    decoded = vae.decoder(vae.encoder(pixels(images)))
    return VaeImageProcessor().postprocess(decoded, output_type="pil")


@torch.no_grad()
def judge(images: list, scenes: list[Scene]) -> tuple[np.ndarray, np.ndarray]:
    """For each picture: the share of its asked places found, and its colours' mean Delta-E."""
    shares = recall_at_k(load_classifier()(pixels(images)), places(scenes)).numpy()
    distances = []
    for image, scene in zip(images, scenes, strict=True):
        palette = image_palette(image, k=6)
        distances.append(float(np.mean(palette_distance(palette, [s.rgb for s in scene.stops]))))
    return shares, np.array(distances)
