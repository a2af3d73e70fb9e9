"""The training that notebook 06 does live: a tiny CLIP, a fixed number of steps, about a minute.

It sees the pictures of the recipe (`training.clip`), but plainer captions, and has narrower towers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from PIL import Image
from transformers import CLIPTokenizer

from tripkit.clip import CLIPEncoder, contrastive_loss
from tripkit.clip.encoder import SHIPPED
from tripkit.clip.model import LOGIT_SCALE_MAX, build, pixels
from tripkit.colors import COLOR_NAMES
from tripkit.core.settings import weights_folder
from tripkit.datasets.captions import plain_caption
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import Scene, random_scene
from tripkit.training.trainer import Run

STEPS = 250
BATCH = 64
POSTCARDS = 2400


def postcards(count: int, seed: int = 0) -> tuple[list[Scene], list[Image.Image]]:
    """Random scenes and their pictures, 64 x 64."""
    rng = np.random.default_rng(seed)
    colors = [color.rgb for color in COLOR_NAMES]
    scenes = [random_scene(rng, colors) for _ in range(count)]
    return scenes, [render(scene, rng) for scene in scenes]


def shared(scenes: list[Scene]) -> dict[str, torch.Tensor]:
    """Which pairs of different scenes have one thing in common: (N, N) bool, symmetric.

    ``"time"``: the time of day, but no place; ``"place"``: one place or more, but not the time.
    """
    time = torch.tensor([[one.time == other.time for other in scenes] for one in scenes])
    kinds = [{stop.kind for stop in scene.stops} for scene in scenes]
    place = torch.tensor([[bool(one & other) for other in kinds] for one in kinds])
    return {"time": time & ~place, "place": place & ~time}


class ClassTrainer:
    """Trains a tiny CLIP from nothing: ``for step, loss in trainer: ...`` until it is done.

    Args:
        steps: of `BATCH` pairs each; every other caption is Korean.
        count: postcards to learn from, at least `BATCH`.
        seed: of the postcards, the weights and the order.

    Attributes:
        model, tokenizer: the CLIPModel that is trained; the tokenizer is the shipped one.
        run: see `trainer.Run`.
    """

    def __init__(self, *, steps: int = STEPS, count: int = POSTCARDS, seed: int = 0):
        torch.manual_seed(seed)
        self.tokenizer = CLIPTokenizer.from_pretrained(weights_folder() / SHIPPED)
        self.model = build(self.tokenizer, text=(96, 2), vision=(96, 2))
        scenes, images = postcards(count, seed)
        self.images = pixels(images)
        captions = [plain_caption(scene, ("en", "ko")[i % 2]) for i, scene in enumerate(scenes)]
        tokens = self.tokenizer(captions, padding=True, truncation=True, return_tensors="pt")
        self.ids = tokens.input_ids
        self.run = Run(
            {"clip": self.model},
            steps=steps,
            batch=BATCH,
            learning_rate=2e-3,
            warm_up=20,
            seed=seed,
        )

    @property
    def encoder(self) -> CLIPEncoder:
        """The CLIP as far as it is trained."""
        return CLIPEncoder.of(self.model, self.tokenizer, "trained in class")

    def __iter__(self) -> Iterator[tuple[int, float]]:
        """Yields (steps done, loss) after each step."""
        run = self.run
        self.model.train()
        for _ in run:
            run.update(self.loss())
            self.model.logit_scale.data.clamp_(max=float(np.log(LOGIT_SCALE_MAX)))
            yield run.step, run.losses[-1]

    def loss(self) -> torch.Tensor:
        """The loss of the next batch: pairs that differ from each other."""
        run = self.run
        chosen = torch.from_numpy(run.rng.permutation(len(self.images))[: run.batch])
        device = run.device
        with run.autocast():
            out = self.model(
                input_ids=self.ids[chosen].to(device), pixel_values=self.images[chosen].to(device)
            )
        return contrastive_loss(out.logits_per_image.float())
