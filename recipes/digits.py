"""What the recipes of digits share: batches without end, how a model is judged, and shipped."""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from recipes.common import record
from tripkit.core.settings import weights_folder
from tripkit.datasets.mnist import load_digits
from tripkit.generative import metrics
from tripkit.training.saving import save_model
from tripkit.training.trainer import Run

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


def run_options(options: argparse.Namespace) -> dict:
    """A recipe's options as the trainers of digits take them.

    With ``--threads 1`` the minutes are CPU minutes: other work on the machine does not count.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    return {
        "folder": options.out,
        "steps": options.steps,
        "minutes": options.minutes,
        "batch_size": options.batch,
        "learning_rate": options.learning_rate,
        "seed": options.seed,
        "clock": time.process_time if options.threads == 1 else time.monotonic,
    }


def balanced_labels(count: int) -> Tensor:
    """Labels to draw, (count,), every class as often as any other."""
    return torch.arange(count) % 10


def judge(images: Tensor, labels: Tensor) -> dict[str, float | list[float]]:
    """All that is measured of generated digits, beside as many MNIST test images.

    Args:
        images: (N, 1, 28, 28) in -1..1.
        labels: (N,) that were asked for, see `balanced_labels`.
    """
    real = load_digits("test", "mnist").take(len(images)).tensors()[0]
    precision, recall = metrics.precision_recall(metrics.features(images), metrics.features(real))
    return {
        "pictures_judged": len(images),
        "digit_fid": round(metrics.digit_fid(images), 3),
        "precision": round(precision, 3),
        "recall": round(recall, 3),
        "read_as_asked": round(metrics.read_as_asked(images, labels), 4),
        "class_histogram": [round(float(share), 3) for share in metrics.class_histogram(images)],
    }


def finish(run: Run, model: nn.Module, options: argparse.Namespace, name: str, **scores) -> None:
    """Save a trained model and its record in OUT; with ``--ship`` copy both to the weights."""
    if not run.processes.is_main_process:
        return
    save_model(model, options.out)
    scores["parameters"] = sum(parameter.numel() for parameter in model.parameters())
    record(run, **scores)
    if options.ship:
        ship(options.out, name)


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
