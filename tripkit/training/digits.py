"""What the recipes of digits share: batches without end, and how a finished run is shipped."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from torch import Tensor

from tripkit.settings import weights_folder

SHIPPED = ("model.safetensors", "config.json", "metrics.json")


def batches(
    images: Tensor, labels: Tensor, size: int, rng: np.random.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of (size, 1, 28, 28) and (size,), without end; each epoch in a new order."""
    while True:
        order = rng.permutation(len(images))
        for start in range(0, len(order) - size + 1, size):
            chosen = order[start : start + size]
            yield images[chosen], labels[chosen]


def ship(run: Path, name: str) -> Path:
    """Copy a finished run's model, record and log to ``weights/<name>``; returns that folder."""
    folder = weights_folder() / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in SHIPPED:
        shutil.copyfile(run / file, folder / file)
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    few = [line for line in lines if (json.loads(line)["step"] % 250 == 0)] + lines[-1:]
    (folder / "train.jsonl").write_text("\n".join(dict.fromkeys(few)) + "\n", encoding="utf-8")
    return folder
