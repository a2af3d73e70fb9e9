"""A generative adversarial network on digits (Goodfellow et al. 2014, arXiv:1406.2661), by class.

The generator turns noise into digits; the discriminator tells them from real ones; each learns from
the other. The loss is the non-saturating one, with a penalty on the discriminator's slope at real
digits (R1, Mescheder et al. 2018, arXiv:1801.04406), without which the two may circle for ever.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tripkit.core.weights import checked_result
from tripkit.diffusion.unet import NUM_CLASSES
from tripkit.generative.decoder import DigitDecoder, DigitEncoder
from tripkit.training.saving import load_model

NAME = "gan"


class Generator(nn.Module):
    """(B, latent_dim) of noise and (B,) classes to (B, 1, 28, 28) in -1..1.

    Args:
        latent_dim: numbers in a latent.
        channels: at 14x14 and at 7x7; multiples of 8.
    """

    def __init__(self, latent_dim: int = 64, channels: tuple[int, int] = (32, 64)):
        super().__init__()
        self.config = {"latent_dim": latent_dim, "channels": list(channels)}
        self.decoder = DigitDecoder(latent_dim, channels)
        # Louder than the class at first: otherwise it soon draws one picture for each class.
        nn.init.normal_(self.decoder.latent.weight, std=2 / math.sqrt(latent_dim))

    def forward(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Draw."""
        # tanh brings any number into the range of the pictures, -1 to 1.
        return self.decoder(latents, labels).tanh()  # (B, 1, 28, 28)

    @torch.no_grad()
    def sample(
        self, count: int, labels: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """New digits, (count, 1, 28, 28) in -1..1.

        Args:
            count: how many.
            labels: (count,) of 0 to 9; None draws them by chance.
            generator: of the latents, and of such labels.

        Raises:
            ModelUnavailableError: ``model_broken``, they are not finite.
        """
        device = self.decoder.proj_in.weight.device
        latents = torch.randn(count, self.config["latent_dim"], generator=generator)
        if labels is None:
            labels = torch.randint(NUM_CLASSES, (count,), generator=generator)
        return checked_result(self(latents.to(device), labels.to(device)), self)


class Discriminator(nn.Module):
    """(B, 1, 28, 28) in -1..1 and (B,) classes to (B,) logits of being real.

    The class comes in as an inner product with the features (Miyato & Koyama 2018,
    arXiv:1802.05637, section 3).
    """

    def __init__(self, channels: tuple[int, int] = (32, 64)):
        super().__init__()
        self.features = nn.Sequential(DigitEncoder(channels[1], channels), nn.LeakyReLU(0.2))
        self.head = nn.Linear(channels[1], 1)
        self.label = nn.Embedding(NUM_CLASSES, channels[1])

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        """Judge."""
        # From symbol to name: x is images, phi(x) features, y labels, V label.weight, psi head.
        features = self.features(images)  # (B, deep)
        return self.head(features).squeeze(1) + (features * self.label(labels)).sum(dim=1)


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """-E[log D(x)] - E[log(1 - D(G(z)))] with D the sigmoid of the logits (eq. 1, sign turned)."""
    # From symbol to name: D(x) is sigmoid(real_logits), D(G(z)) is sigmoid(fake_logits), and
    # softplus(-logit) is -log(sigmoid(logit)) without the overflow of its parts.
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits: Tensor) -> Tensor:
    """-E[log D(G(z))], the non-saturating loss (section 3).

    Its slope stays near 1 while the discriminator is sure that the pictures are fake, where that of
    the minimax loss, E[log(1 - D(G(z)))], vanishes.
    """
    # From symbol to name: D(G(z)) is sigmoid(fake_logits).
    return F.softplus(-fake_logits).mean()


def r1_penalty(discriminator: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """E[|d logit / d x|^2] at real images, to be weighted by gamma / 2 (Mescheder et al., eq. 9).

    The result has gradients of its own: it is differentiated twice.
    """
    # From symbol to name: x is images, D_psi(x) is logits, its gradient in x is slope.
    images = images.detach().requires_grad_(True)
    logits = discriminator(images, labels)  # (B,)
    # A logit depends on its own picture alone, so the sum's gradient holds each picture's own.
    (slope,) = torch.autograd.grad(logits.sum(), images, create_graph=True)  # (B, 1, 28, 28)
    return slope.square().flatten(1).sum(dim=1).mean()


def gan_losses(
    generator: nn.Module, discriminator: nn.Module, images: Tensor, labels: Tensor, latents: Tensor
) -> tuple[Tensor, Tensor]:
    """The losses of discriminator and generator on one batch.

    Each has gradients for its own network only, so their sum may be minimised: that is one step of
    both at once. The pictures are drawn of the same classes as the real ones.

    Args:
        generator: see `Generator`.
        discriminator: see `Discriminator`.
        images: (B, 1, 28, 28) in -1..1, real.
        labels: (B,) of 0 to 9.
        latents: (B, latent_dim) of noise.
    """
    # From symbol to name: z is latents, G(z) fakes, x images.
    fakes = generator(latents, labels)  # (B, 1, 28, 28)
    fake_logits = discriminator(fakes.detach(), labels)  # (B,); the generator stands still
    d_loss = discriminator_loss(discriminator(images, labels), fake_logits)
    weights = [p for p in discriminator.parameters() if p.requires_grad]
    for weight in weights:  # for the generator, the discriminator stands still
        weight.requires_grad_(False)
    g_loss = generator_loss(discriminator(fakes, labels))
    for weight in weights:
        weight.requires_grad_(True)
    return d_loss, g_loss


def load_gan(folder: Path | None = None) -> Generator:
    """The shipped generator, or the one in ``folder``, in eval mode."""
    return load_model(Generator, folder or NAME)
