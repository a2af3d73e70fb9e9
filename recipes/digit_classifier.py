"""Trains the classifier of digits on MNIST, whose features measure what other models generate.

``python -m recipes.digit_classifier --out RUN --minutes 6 --threads 1 --ship``, then
``python -m recipes.digit_statistics``: a new classifier means new statistics.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from recipes.common import arguments, record, start
from recipes.digits import batches, ship
from tripkit.datasets.mnist import load_digits
from tripkit.generative.classifier import NAME, DigitClassifier
from tripkit.training.saving import save_model


def jitter(images: Tensor, degrees=12.0, scale=0.12, pixels=2.0) -> Tensor:
    """Each picture turned, scaled and shifted a little, by chance.

    What comes in from outside is background (-1).

    Args:
        images: (B, 1, 28, 28) in -1..1.
        degrees: the most that a picture turns, either way.
        scale: the most that it grows or shrinks, as a share.
        pixels: the most that it moves, along each axis.
    """
    turn, resize, right, down = torch.rand(4, len(images), 1).mul(2).sub(1)
    # (B, 1) each. An affine grid says where a pixel comes from, so all goes the other way round.
    angle, size = turn * math.radians(degrees), 1 + resize * scale
    shift = 2 * pixels / images.shape[-1]
    rows = [size * angle.cos(), -size * angle.sin(), right * shift]
    rows += [size * angle.sin(), size * angle.cos(), down * shift]
    grid = F.affine_grid(torch.cat(rows, 1).view(-1, 2, 3), list(images.shape), align_corners=False)
    return F.grid_sample(images + 1, grid, align_corners=False) - 1


@torch.no_grad()
def accuracy(model: DigitClassifier, images: Tensor, labels: Tensor) -> float:
    """The share of pictures whose digit the model reads."""
    right = [
        (model(part).argmax(1) == truth).float().sum()
        for part, truth in zip(images.split(500), labels.split(500), strict=True)
    ]
    return round(float(sum(right)) / len(images), 4)


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=64, learning_rate=2e-3)
    parser.add_argument("--ship", action="store_true", help="copy to the shipped weights")
    options = parser.parse_args()
    images, labels = load_digits("train", "mnist").tensors()
    model = DigitClassifier().to(memory_format=torch.channels_last)
    run = start(options, {"model": model})
    draw = batches(images, labels, options.batch, run.rng)
    for _ in run:
        pictures, truth = next(draw)
        with run.autocast():
            logits = model(jitter(pictures).to(run.device))
        run.update(F.cross_entropy(logits.float(), truth.to(run.device), label_smoothing=0.05))
    score = accuracy(model.cpu().eval(), *load_digits("test", "mnist").tensors())
    run.log(test_accuracy=score)
    save_model(model, options.out)
    record(run, test_accuracy=score)
    if options.ship:
        ship(options.out, NAME)


if __name__ == "__main__":
    main()
