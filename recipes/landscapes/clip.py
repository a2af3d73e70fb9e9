"""Trains the CLIP of 128 x 128 pictures: pictures and captions in two languages, one space.

The loss is CLIP's (`clip.contrastive_loss`). Linear readers, thrown away afterwards, help it on a
small budget: two tell the places and their colours, the time, the weather and the season from
either embedding, a third tells from each patch which places it shows.

``python -m recipes.landscapes.clip --pictures PICTURES --tokenizer FOLDER --out RUN --minutes 60
--threads 1``
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from transformers import CLIPModel, CLIPTokenizer

from recipes.clip import Reader
from recipes.common import arguments, record, start
from recipes.landscapes.captions import said
from recipes.landscapes.judge import HEADS, classes, shares
from recipes.landscapes.pictures import Pictures
from recipes.landscapes.segmenter import CLASSES
from recipes.place_classifier import places
from tripkit.clip import contrastive_loss
from tripkit.clip.model import LOGIT_SCALE_MAX, PROJECTION, build
from tripkit.core.messages import LANGUAGES
from tripkit.datasets.landscapes.render import SIZE
from tripkit.datasets.landscapes.scene import KINDS, Scene

PATCH = 16  # pixels: 64 patches, as many as the CLIP of 64 pixels sees
SIDE = SIZE // PATCH
TEXT, VISION = (192, 4), (160, 3)  # width and layers; the U-Net is steered by the text tower
TOWERS = {"text": "text_model_output", "image": "vision_model_output"}
TESTED = 256  # pictures that the last retrieval is among


def targets(scenes: list[Scene]) -> dict[str, torch.Tensor]:
    """What the readers tell: places (B, 42), colours (B, 42, 3) in -1..1, classes (B, 3)."""
    colors = torch.zeros(len(scenes), len(KINDS), 3)
    for i, scene in enumerate(scenes):
        for stop in scene.stops:
            colors[i, KINDS.index(stop.kind)] = torch.tensor(stop.rgb) / 127.5 - 1
    numbers = classes(scenes)
    return {
        "kinds": places(scenes, KINDS),
        "colors": colors,
        "classes": torch.stack([numbers[name] for name in HEADS], dim=1),
    }


def losses(clip: CLIPModel, readers: nn.ModuleDict, tokens, images, target: dict):
    """What the contrast costs, and what the readers' errors do.

    Args:
        clip: to be trained.
        readers: of `build_readers`.
        tokens: (B, L) of captions.
        images: (B, 3, 128, 128) in -1..1.
        target: of `targets`, and (B, 43, 8, 8) "cells" of `judge.shares`.
    """
    out = clip(input_ids=tokens, pixel_values=images)
    read = [readers[n].loss(getattr(out, key).pooler_output, target) for n, key in TOWERS.items()]
    patches = out.vision_model_output.last_hidden_state[:, 1:]  # (B, 64, width), row by row
    cells = readers["cells"](patches).float().transpose(1, 2)
    read.append(F.cross_entropy(cells, target["cells"].flatten(2)))
    return contrastive_loss(out.logits_per_image.float()), sum(read)


def build_readers() -> nn.ModuleDict:
    """Readers of both embeddings, by the names of `TOWERS`, and of each patch."""
    readers: dict[str, nn.Module] = {name: Reader(PROJECTION, len(KINDS)) for name in TOWERS}
    return nn.ModuleDict(readers | {"cells": nn.Linear(VISION[0], CLASSES)})


@torch.no_grad()
def retrieval(clip: CLIPModel, tokens: torch.Tensor, images: torch.Tensor) -> dict[str, float]:
    """The share of captions, by language, that are nearest to their own picture of all."""
    nearest = clip(input_ids=tokens, pixel_values=images).logits_per_text.argmax(1)
    hits = (nearest == torch.arange(len(images), device=nearest.device)).float()
    return {lang: round(hits[i :: len(LANGUAGES)].mean().item(), 3)
            for i, lang in enumerate(LANGUAGES)}  # fmt: skip


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=64, learning_rate=1.5e-3)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of the pictures")
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder of the tokenizer")
    options = parser.parse_args()
    tokenizer = CLIPTokenizer.from_pretrained(options.tokenizer)
    clip = build(tokenizer, text=TEXT, vision=VISION, size=SIZE, patch=PATCH)
    readers = build_readers()
    run = start(options, {"clip": clip, "readers": readers})
    data = Pictures(options.pictures, run.device)

    def tokens_of(scenes):
        texts = said(scenes, run.rng)
        tokens = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
        return tokens.input_ids.to(run.device)

    for _ in run:
        indices = run.rng.integers(0, data.size, options.batch)
        scenes, images = data.take(indices)
        target = {key: value.to(run.device) for key, value in targets(scenes).items()}
        target["cells"] = shares(scenes, data.masks(indices), SIDE)
        with run.autocast():
            contrast, reading = losses(clip, readers, tokens_of(scenes), images, target)
        run.update(contrast + reading)
        # The parameter is the logarithm of what is clipped.
        clip.logit_scale.data.clamp_(max=math.log(LOGIT_SCALE_MAX))
        if run.step % 200 == 0:
            run.log(
                contrast=round(contrast.item(), 3), reading=round(reading.item() / len(readers), 3)
            )
    scenes, images = data.take(data.test[:TESTED])
    recall = {f"retrieval_at_1_of_{len(scenes)}": retrieval(clip, tokens_of(scenes), images)}
    run.log(**recall)
    if run.processes.is_main_process:
        clip.half().save_pretrained(options.out / "clip")
        tokenizer.save_pretrained(options.out / "clip")
        record(run, **recall)


if __name__ == "__main__":
    main()
