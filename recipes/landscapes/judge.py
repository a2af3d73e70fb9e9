"""Trains the judges of the postcards: which places a picture shows, what time, weather and season.

Two of different architecture, so that no picture passes for a weakness of one: ``--architecture
convolutions`` judges, ``attention`` looks over its shoulder. They see renders, some softened a
little as a decoder softens them, and as negatives renders so blurred or noisy that nothing should
be found in them: a model must not score with a blot. No model is trained against them, nor chosen
by them.

``python -m recipes.landscapes.judge --pictures PICTURES --out RUN --minutes 20 --threads 1``
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from recipes.common import arguments, record, start
from recipes.landscapes.pictures import Pictures
from recipes.landscapes.segmenter import CLASSES, class_numbers
from recipes.place_classifier import places, spoil
from tripkit.datasets.landscapes.scene import KINDS, SEASONS, TIMES, WEATHERS, Scene

HEADS = {"time": TIMES, "weather": WEATHERS, "season": SEASONS}
NOISE, BLOT = 0.15, 31  # what spoils a picture of 128 pixels, see `spoil`
THRESHOLD = 0.5  # a place is on a picture from this probability on


class Residual(nn.Module):
    """(B, C, H, W) to the same: two convolutions beside a shortcut."""

    def __init__(self, width: int):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """X + f(x), without what is negative (He et al. 2016, arXiv:1512.03385)."""
        return F.relu(x + self.body(x))


def strided(before: int, after: int) -> list[nn.Module]:
    """(B, ``before``, H, W) to (B, ``after``, H / 2, W / 2)."""
    return [
        nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    ]


class Convolutions(nn.Sequential):
    """(B, 3, 128, 128) to (B, 128, 8, 8): a small residual network."""

    def __init__(self):
        super().__init__(
            *strided(3, 32),
            *strided(32, 32),
            Residual(32),
            *strided(32, 64),
            Residual(64),
            *strided(64, 128),
            Residual(128),
            Residual(128),
        )


class Attention(nn.Module):
    """(B, 3, 128, 128) to (B, 160, 16, 16): a small vision transformer (arXiv:2010.11929).

    A few strided convolutions make its tokens: patches taken at once learn far slower
    (arXiv:2106.14881).
    """

    def __init__(self, width: int = 160, layers: int = 3):
        super().__init__()
        stem = [*strided(3, 32), *strided(32, 64), *strided(64, 96)]
        self.tokens = nn.Sequential(*stem, nn.Conv2d(96, width, 1))
        self.position = nn.Parameter(0.02 * torch.randn(1, 16**2, width))
        layer = nn.TransformerEncoderLayer(
            width, 5, 2 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.body = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The features of each patch of 8 x 8 pixels."""
        tokens = self.tokens(images).flatten(2).transpose(1, 2) + self.position  # (B, 256, 160)
        return self.body(tokens).transpose(1, 2).unflatten(2, (16, 16))


ARCHITECTURES = {"convolutions": (Convolutions, 128), "attention": (Attention, 160)}  # width


class Judge(nn.Module):
    """(B, 3, 128, 128) in -1..1 to logits: places (B, 42), and those of `HEADS`.

    What each cell shows is learnt too, from the renderer's labels: told only which places are
    somewhere on a picture, a network needs many times the pictures to find out where.
    """

    def __init__(self, architecture: str = "convolutions"):
        super().__init__()
        body, width = ARCHITECTURES[architecture]
        self.body = body()
        self.cells = nn.Conv2d(width, CLASSES, 1)
        self.mix = nn.Linear(2 * width + CLASSES, 160)
        self.kinds = nn.Linear(160, len(KINDS))
        self.heads = nn.ModuleDict({name: nn.Linear(160, len(v)) for name, v in HEADS.items()})

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """(B, 160) features."""
        return self._seen(images)[0]

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        """Logits by name: "kinds", "time", "weather", "season", and (B, 43, h, w) "cells"."""
        features, cells = self._seen(images)
        out = {"kinds": self.kinds(features), "cells": cells}
        return out | {name: head(features) for name, head in self.heads.items()}

    def _seen(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.body(images)
        cells = self.cells(x)
        # The maximum, since a place is somewhere; the mean, since the light is everywhere.
        pooled = torch.cat([x.amax((2, 3)), x.mean((2, 3)), cells.amax((2, 3))], dim=1)
        return F.relu(self.mix(pooled)), cells


def shares(scenes: list[Scene], labels: torch.Tensor, side: int) -> torch.Tensor:
    """(B, 43, side, side): the share of each cell's pixels that belongs to a kind, 0 to none.

    Args:
        scenes: tell the kind of each stop.
        labels: (B, 128, 128), 0 or 1 + the number of the stop that a pixel shows.
        side: cells a side.
    """
    kinds = F.one_hot(class_numbers(scenes), CLASSES)
    stops = F.one_hot(labels, 4).permute(0, 3, 1, 2).float()
    return torch.einsum("bshw,bsk->bkhw", F.adaptive_avg_pool2d(stops, side), kinds.to(stops))


def load_judge(path: Path, architecture: str) -> Judge:
    """A trained judge, ready to judge."""
    judge = Judge(architecture)
    judge.load_state_dict({k: v.float() if v.is_floating_point() else v
                           for k, v in load_file(path).items()})  # fmt: skip
    return judge.eval()


def classes(scenes: list[Scene]) -> dict[str, torch.Tensor]:
    """(B,) class numbers by the names of `HEADS`."""
    return {
        name: torch.tensor([values.index(getattr(scene, name)) for scene in scenes])
        for name, values in HEADS.items()
    }


def all_found(logits: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
    """(B,) booleans: every asked place is on the picture."""
    return ((logits.sigmoid() > THRESHOLD) | ~asked.bool()).all(1)


@torch.no_grad()
def scores(judge: Judge, data: Pictures) -> dict[str, float]:
    """On held-out renders: all places found, found on another's picture, classes right."""
    scenes, images = data.take(data.test)
    parts = [judge(part) for part in images.split(100)]
    out = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
    asked = places(scenes, KINDS).to(images.device)
    other = asked.roll(1, 0)
    apart = (asked * other).sum(1) == 0  # only scenes that share no place can be told apart
    shares = {
        "all_places": all_found(out["kinds"], asked).float(),
        "another_scene": all_found(out["kinds"], other)[apart].float(),
    } | {n: (out[n].argmax(1) == c.to(images.device)).float() for n, c in classes(scenes).items()}
    return {name: round(share.mean().item(), 4) for name, share in shares.items()}


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=50, learning_rate=2e-3)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of the pictures")
    parser.add_argument("--architecture", choices=ARCHITECTURES, default="convolutions")
    options = parser.parse_args()
    judge = Judge(options.architecture)
    run = start(options, {"judge": judge}, optimizer="muon")
    data = Pictures(options.pictures, run.device)
    for _ in run:
        indices = run.rng.integers(0, data.size, options.batch)
        scenes, images = data.take(indices)
        images, labels = spoil(images, places(scenes, KINDS).to(run.device), noise=NOISE, blot=BLOT)
        with run.autocast():
            out = judge(images)
        readable = slice(0, len(images) - len(images) // 5 // 2)
        loss = 10 * F.binary_cross_entropy_with_logits(out["kinds"].float(), labels)
        cells = shares(scenes, data.masks(indices), out["cells"].shape[-1])
        loss = loss + F.cross_entropy(out["cells"].float()[readable], cells[readable])
        for name, target in classes(scenes).items():
            target = target.to(run.device)[readable]
            loss = loss + 0.2 * F.cross_entropy(out[name].float()[readable], target)
        run.update(loss)
        if run.step % 500 == 0:
            run.log(**scores(judge.eval(), data))
            judge.train()
    final = scores(judge.eval(), data)
    run.log(**final)
    if run.processes.is_main_process:
        half = {k: v.half() if v.is_floating_point() else v for k, v in judge.state_dict().items()}
        save_file(half, options.out / "model.safetensors")
        record(run, **final)


if __name__ == "__main__":
    main()
