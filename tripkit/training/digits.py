"""What the trainers of the DDPM, the VAE and the GAN share: batches of digits, averaged weights."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from tripkit.training.ema import EMA
from tripkit.training.trainer import Run


class DigitTrainer:
    """``for step, loss in trainer: ...`` goes on until it is done; ``ema.model`` is the result.

    Args:
        modules: by name; the first is the one that is averaged.
        images: (N, 1, 28, 28) in -1..1.
        labels: (N,), the class of each.
        steps: how many.
        batch_size: pictures a step and process.
        learning_rate: of AdamW.
        ema_decay: of the averaged weights.
        folder: keeps a checkpoint there, and resumes from it; None keeps none.
        more: of `trainer.Run`: ``minutes``, ``seed``, ``warm_up``, ``precision``.

    Attributes:
        ema: its ``model`` is the averaged network, the one to sample with.
        run: clock, losses, checkpoints.
    """

    def __init__(
        self,
        modules: dict[str, nn.Module],
        images: Tensor,
        labels: Tensor,
        *,
        steps: float = math.inf,
        batch_size: int = 32,
        learning_rate: float = 2e-3,
        ema_decay: float = 0.999,
        folder: Path | None = None,
        **more,
    ):
        self.images, self.labels = images, labels
        first = next(iter(modules.values()))
        for module in modules.values():
            module.to(memory_format=torch.channels_last)  # faster convolutions on a CPU
        self.ema = EMA(first, ema_decay)
        self.run = Run(
            {**modules, "ema": self.ema.model},
            out=folder,
            steps=steps,
            batch=batch_size,
            learning_rate=learning_rate,
            **more,
        )
        self.ema.updates = self.run.step  # a resumed run does not warm the decay up again

    def __iter__(self) -> Iterator[tuple[int, float]]:
        """Yields (steps done, loss) after each step; saves at the end."""
        run = self.run
        for _ in run:
            with run.autocast():
                loss = self.loss(*self.batch())
            run.update(loss)
            self.ema.update()
            yield run.step, run.losses[-1]

    def batch(self) -> tuple[Tensor, Tensor]:
        """Pictures and classes by chance, on the run's device."""
        # With replacement: there are no epochs, since a run may end by its clock.
        chosen = torch.from_numpy(self.run.rng.integers(len(self.images), size=self.run.batch))
        device = self.run.device
        return self.images[chosen].to(device), self.labels[chosen].to(device)

    def loss(self, images: Tensor, labels: Tensor) -> Tensor:
        """The loss of a batch."""
        raise NotImplementedError
