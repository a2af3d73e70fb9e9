"""Teaches the shipped CLIP's text tower free wording, and keeps what it says of plain captions.

The image tower is frozen. Free sentences learn to meet their pictures, as in `training.clip`; the
hidden states of plain captions are held where they were (a distillation from the tower itself,
Li & Hoiem 2016, arXiv:1606.09282), so that a U-Net trained on them has little to learn anew.

``python -m recipes.wording --out RUN --minutes 20 --threads 1``
"""

from __future__ import annotations

import copy

import torch
from torch.nn import functional as F
from transformers import CLIPModel, CLIPTokenizer

from recipes.clip import Reader, targets
from recipes.common import CLIP, arguments, record, start
from tripkit.clip.model import PROJECTION, pixels
from tripkit.colors import COLOR_NAMES
from tripkit.core.settings import weights_folder
from tripkit.datasets.captions import caption
from tripkit.datasets.free_captions import free_caption
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import random_scene

SAYINGS = (("plain", "en"), ("plain", "ko"), ("free", "en"), ("free", "ko"))  # by turns in a batch
STAY = 5.0  # weight of the hidden states' squared error


def main() -> None:
    """The recipe."""
    options = arguments(__doc__.splitlines()[0], batch=48, learning_rate=5e-4).parse_args()
    tokenizer = CLIPTokenizer.from_pretrained(weights_folder() / CLIP)
    clip = CLIPModel.from_pretrained(
        weights_folder() / CLIP, attn_implementation="eager", dtype=torch.float32
    )
    frozen_text_model = copy.deepcopy(clip.text_model).eval().requires_grad_(False)
    clip.requires_grad_(False)
    clip.text_model.requires_grad_(True)
    clip.text_projection.requires_grad_(True)
    reader = Reader(PROJECTION)
    run = start(options, {"clip": clip, "reader": reader})
    device = run.device
    frozen_text_model.to(device)
    colors = [color.rgb for color in COLOR_NAMES]

    def draw(count):
        scenes = [random_scene(run.rng, colors) for _ in range(count)]
        sayings = [SAYINGS[i % len(SAYINGS)] for i in range(count)]
        texts = [
            (caption if how == "plain" else free_caption)(scene, language, run.rng)
            for scene, (how, language) in zip(scenes, sayings, strict=True)
        ]
        tokens = tokenizer(texts, padding=True, truncation=True, return_tensors="pt").input_ids
        images = pixels([render(scene, run.rng) for scene in scenes])
        return scenes, tokens.to(device), images.to(device)

    def cosines(tokens, images):
        """(N, N) scaled cosines of texts and pictures, and the text tower's output."""
        out = clip(input_ids=tokens, pixel_values=images)
        return out.logits_per_text.float(), out.text_model_output

    plain = torch.arange(options.batch) % len(SAYINGS) < 2
    labels = torch.arange(options.batch, device=device)
    for _ in run:
        scenes, tokens, images = draw(options.batch)
        target = {key: value.to(device) for key, value in targets(scenes).items()}
        with torch.no_grad():
            kept = frozen_text_model(tokens[plain]).last_hidden_state
        with run.autocast():
            logits, text = cosines(tokens, images)
            contrast = F.cross_entropy(logits, labels) + F.cross_entropy(logits.T, labels)
            reader_loss = reader.loss(text.pooler_output, target)
            moved = F.mse_loss(text.last_hidden_state[plain].float(), kept)
        run.update(0.5 * contrast + reader_loss + STAY * moved)
        if run.step % 100 == 0:
            run.log(
                contrast=contrast.item() / 2, reader_loss=reader_loss.item(), moved=moved.item()
            )
    clip.eval()
    with torch.no_grad():
        _, tokens, images = draw(256)
        hits = cosines(tokens, images)[0].argmax(1) == torch.arange(256, device=device)
    recall = {
        f"{how}_{language}": round(hits[i :: len(SAYINGS)].float().mean().item(), 3)
        for i, (how, language) in enumerate(SAYINGS)
    }
    run.log(retrieval_at_1_of_256=recall)
    if run.processes.is_main_process:
        clip.half().save_pretrained(options.out / "clip")
        record(run, retrieval_at_1_of_256=recall)


if __name__ == "__main__":
    main()
