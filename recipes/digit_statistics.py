"""Measures what real digits score, with the shipped classifier.

``python -m recipes.digit_statistics``
writes ``tripkit/data/digit_statistics.npz`` (mean and covariance of the features of the 10,000
test images, for `metrics.digit_fid`), and, into the classifier's record and card, the floors: the
digit-FID of real training images, which is not 0 because there are few of them.
"""

from __future__ import annotations

import argparse
from datetime import date

import numpy as np
import torch

from recipes.cards import write_cards
from recipes.common import add_record
from tripkit.core.settings import package_folder, weights_folder
from tripkit.datasets.mnist import load_digits
from tripkit.generative.classifier import NAME
from tripkit.generative.metrics import (
    digit_statistics,
    features,
    frechet_distance,
    moments,
    precision_recall,
)

SIZES, DRAWS = (64, 256, 1000, 10_000), 5
SPOILED = {
    "blurred 3x3": lambda images: torch.nn.functional.avg_pool2d(images + 1, 3, 1, 1) - 1,
    "noise of 0.25 added": lambda images: (images + 0.25 * torch.randn_like(images)).clamp(-1, 1),
    "empty pages": lambda images: torch.full_like(images, -1),
}


def floors(rows: torch.Tensor, size: int) -> dict:
    """Mean and standard deviation of the digit-FID over ``DRAWS`` draws of ``size`` rows."""
    rng = np.random.default_rng(0)
    draws = [rows[rng.choice(len(rows), size, replace=False)] for _ in range(DRAWS)]
    values = [frechet_distance(*moments(draw), *digit_statistics()) for draw in draws]
    return {"mean": round(float(np.mean(values)), 3), "std": round(float(np.std(values)), 3)}


def main() -> None:
    """The command."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    torch.manual_seed(0)
    test = features(load_digits("test", "mnist").tensors()[0])
    mean, covariance = (part.astype(np.float32) for part in moments(test))
    path = package_folder() / "data" / "digit_statistics.npz"
    np.savez_compressed(path, mean=mean, covariance=covariance)
    digit_statistics.cache_clear()
    images = load_digits("train", "mnist").tensors()[0]
    rows = features(images)
    some = images[torch.randperm(len(images))[:1000]]
    spoiled = {
        name: round(frechet_distance(*moments(features(spoil(some))), *digit_statistics()), 2)
        for name, spoil in SPOILED.items()
    }
    precision, recall = precision_recall(rows[:1000], test[:1000])
    record = {
        "command": "python -m recipes.digit_statistics",
        "date": date.today().isoformat(),
        "floors": {str(size): floors(rows, size) for size in SIZES},
        "spoiled_1000": spoiled,
        "precision_1000": round(precision, 3),
        "recall_1000": round(recall, 3),
    }
    print(record)
    add_record(weights_folder() / NAME / "metrics.json", {"digit_statistics": record})
    write_cards([NAME])


if __name__ == "__main__":
    main()
