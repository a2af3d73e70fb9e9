"""A small U-Net for 28x28 digits: what predicts the noise.

2x2 pixels become four channels first, and pixels again at the end (the pixel shuffle of Shi et al.
2016, arXiv:1609.05158), so that all the work happens at 14x14 and 7x7: a quarter of the cost, on a
CPU the difference between a lesson and a night.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tripkit.training.saving import load_model

NAME = "ddpm"  # of the shipped model's folder
NUM_CLASSES = 10
NO_CLASS = NUM_CLASSES  # the label that stands for "any digit": it makes the U-Net unconditional


def timestep_embedding(timesteps: Tensor, width: int) -> Tensor:
    """Sines and cosines of the timesteps, (B, width) (Vaswani et al. 2017, arXiv:1706.03762).

    Args:
        timesteps: (B,) numbers of 0 to 1000; fractions are allowed.
        width: even.
    """
    # From symbol to name: pos is timesteps, d_model is width, 10000^(-2 i / d_model) frequencies.
    # In two halves and not by turns: the linear layer behind does not care for the order.
    frequencies = torch.exp(-math.log(10_000) * torch.arange(width // 2) / (width // 2))
    angles = timesteps.float()[:, None] * frequencies.to(timesteps.device)[None]  # (B, width / 2)
    return torch.cat([angles.cos(), angles.sin()], dim=1)


class Block(nn.Module):
    """Two 3x3 convolutions with a shortcut; the embedding of time and class comes in between."""

    def __init__(self, in_channels: int, out_channels: int, width: int):
        super().__init__()
        self.norm = nn.GroupNorm(8, in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.embed = nn.Linear(width, out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.shortcut = (
            nn.Conv2d(in_channels, out_channels, 1)
            if in_channels != out_channels
            else nn.Identity()
        )

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """(B, in_channels, H, W) and (B, width) to (B, out_channels, H, W)."""
        h = self.conv1(F.silu(self.norm(x.float())))  # in bf16 a norm is slow on a CPU, and rough
        # A number a channel, the same for all its pixels: (B, out_channels, 1, 1).
        h = self.conv2(F.silu(h + self.embed(embedding)[:, :, None, None]))
        return self.shortcut(x) + h


class DigitUNet(nn.Module):
    """Predicts, from a noisy digit, its timestep and its class, what the noise was (or v, or x0).

    Args:
        channels: at 14x14 and at 7x7; multiples of 8.
        num_classes: digits; label ``num_classes`` means "no class given".
    """

    def __init__(self, channels: tuple[int, int] = (24, 96), num_classes: int = NUM_CLASSES):
        super().__init__()
        wide, deep = channels
        width = 2 * deep
        self.config = {"channels": list(channels), "num_classes": num_classes}
        self.time = nn.Sequential(nn.Linear(wide, width), nn.SiLU(), nn.Linear(width, width))
        self.label = nn.Embedding(num_classes + 1, width)  # the last row means "no class"
        self.conv_in = nn.Conv2d(4, wide, 3, padding=1)
        self.down = Block(wide, wide, width)
        self.downsample = nn.Conv2d(wide, deep, 3, stride=2, padding=1)
        self.middle = nn.ModuleList([Block(deep, deep, width), Block(deep, deep, width)])
        self.upsample = nn.Conv2d(deep, 4 * wide, 1)
        self.up = Block(2 * wide, wide, width)
        self.conv_out = nn.Conv2d(wide, 4, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight)  # it starts by predicting nothing: a calm first step
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, sample: Tensor, timesteps: Tensor, labels: Tensor | None = None) -> Tensor:
        """The prediction, (B, 1, 28, 28), for ``sample`` of the same shape.

        Args:
            sample: (B, 1, 28, 28), noisy digits.
            timesteps: (B,), or one number for all.
            labels: (B,) of 0 to ``num_classes``; None means no class for any.
        """
        timesteps = torch.as_tensor(timesteps, device=sample.device).expand(len(sample))
        if labels is None:
            labels = torch.full_like(timesteps, self.label.num_embeddings - 1, dtype=torch.long)
        embedding = self.time(timestep_embedding(timesteps, self.conv_in.out_channels))
        embedding = F.silu(embedding + self.label(labels))  # (B, width)
        x = F.pixel_unshuffle(sample, 2)  # (B, 4, 14, 14)
        x = self.conv_in(x.contiguous(memory_format=torch.channels_last))  # (B, wide, 14, 14)
        skip = self.down(x, embedding)  # (B, wide, 14, 14), kept for the way up
        x = self.downsample(skip)  # (B, deep, 7, 7)
        for block in self.middle:
            x = block(x, embedding)
        x = F.pixel_shuffle(self.upsample(x), 2)  # (B, wide, 14, 14)
        x = torch.cat([x, skip], dim=1)  # (B, 2 * wide, 14, 14)
        x = self.up(x, embedding)  # (B, wide, 14, 14)
        return F.pixel_shuffle(self.conv_out(x), 2)  # (B, 4, 14, 14) to (B, 1, 28, 28)


@cache
def _shipped() -> DigitUNet:
    return load_model(DigitUNet, NAME).to(memory_format=torch.channels_last)


def load_ddpm(folder: Path | None = None) -> DigitUNet:
    """The shipped U-Net, or the one in ``folder``, ready to sample: fp32, eval mode.

    It was trained for v_prediction on the cosine schedule. The shipped one is loaded once and
    shared.
    """
    if folder is None:
        return _shipped()
    return load_model(DigitUNet, folder).to(memory_format=torch.channels_last)
