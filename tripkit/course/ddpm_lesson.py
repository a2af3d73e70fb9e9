"""The training that notebook 04 does live: a fixed number of steps, about a minute on two cores."""

from __future__ import annotations

import torch
from torch import Tensor

from tripkit.diffusion.training import Trainer
from tripkit.diffusion.unet import DigitUNet

STEPS = 1500
CHANNELS = (24, 64)  # half the weights of the shipped U-Net: it sees more digits in a minute


def train_in_class(images: Tensor, labels: Tensor, *, steps: int = STEPS, seed: int = 0) -> Trainer:
    """A trainer from nothing, to loop over; its ``ema.model`` samples.

    Args:
        images: (N, 1, 28, 28) in -1..1.
        labels: (N,) of 0 to 9.
        steps: of 32 digits each.
        seed: of the weights and of all that follows.
    """
    torch.manual_seed(seed)
    return Trainer(
        DigitUNet(CHANNELS), images, labels, steps=steps, learning_rate=4e-3, warm_up=50, seed=seed
    )
