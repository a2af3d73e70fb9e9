"""From a latent and a class to a digit: what the VAE and the GAN draw with, the U-Net's right half.

Both share it, and it is made of the U-Net's blocks, so that the three families differ in how they
are trained and not in what they are built of.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tripkit.diffusion.unet import NUM_CLASSES, Block


def class_labels(labels: Tensor | None, count: int, device: torch.device) -> Tensor:
    """``labels``, or for None as many of the label that stands for "any digit": (count,)."""
    return torch.full((count,), NUM_CLASSES, device=device) if labels is None else labels


class DigitDecoder(nn.Module):
    """(B, latent_dim) and classes to (B, 1, 28, 28), in no particular range.

    Most weights stand in the first layer, from latent to maps: it is the cheapest place for them.

    Args:
        latent_dim: numbers in a latent.
        channels: at 14x14 and at 7x7; multiples of 8.
    """

    def __init__(self, latent_dim: int, channels: tuple[int, int] = (32, 64)):
        super().__init__()
        wide, deep = channels
        width = 2 * deep
        self.label = nn.Embedding(NUM_CLASSES + 1, width)  # the last row means "any digit"
        self.latent = nn.Linear(latent_dim, width)
        self.proj_in = nn.Linear(width, deep * 49)
        self.middle = Block(deep, deep, width)
        self.upsample = nn.Conv2d(deep, 4 * wide, 1)
        self.up = Block(wide, wide, width)
        self.norm = nn.GroupNorm(8, wide)
        self.conv_out = nn.Conv2d(wide, 4, 3, padding=1)

    def forward(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """Draw. ``labels`` are (B,) of 0 to 10; None means no class for any."""
        labels = class_labels(labels, len(latents), latents.device)
        embedding = F.silu(self.latent(latents) + self.label(labels))  # (B, width)
        x = self.proj_in(embedding).view(len(latents), -1, 7, 7)  # (B, deep, 7, 7)
        x = self.middle(x.contiguous(memory_format=torch.channels_last), embedding)
        x = F.pixel_shuffle(self.upsample(x), 2)  # (B, wide, 14, 14)
        x = self.norm(self.up(x, embedding))  # (B, wide, 14, 14)
        return F.pixel_shuffle(self.conv_out(F.silu(x)), 2)  # (B, 4, 14, 14) to (B, 1, 28, 28)


class DigitEncoder(nn.Module):
    """(B, 1, 28, 28) in -1..1 to (B, outputs): the U-Net's left half, without norms.

    Args:
        outputs: numbers for each picture.
        channels: at 14x14 and at 7x7.
    """

    def __init__(self, outputs: int, channels: tuple[int, int] = (32, 64)):
        super().__init__()
        wide, deep = channels
        # Leaky, as in DCGAN's discriminator (Radford et al. 2016, arXiv:1511.06434): it hands the
        # generator gradients where a ReLU would be 0.
        self.layers = nn.Sequential(
            nn.PixelUnshuffle(2),  # (B, 4, 14, 14)
            nn.Conv2d(4, wide, 3, padding=1),  # (B, wide, 14, 14)
            nn.LeakyReLU(0.2),
            nn.Conv2d(wide, wide, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(wide, deep, 3, stride=2, padding=1),  # (B, deep, 7, 7)
            nn.LeakyReLU(0.2),
            nn.Conv2d(deep, deep, 3, stride=2, padding=1),  # (B, deep, 4, 4)
            nn.LeakyReLU(0.2),
            nn.Flatten(),  # (B, deep * 16)
            nn.Linear(deep * 16, outputs),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Read."""
        return self.layers(images)
