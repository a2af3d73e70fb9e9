"""The variational autoencoder of digits (Kingma & Welling 2014, arXiv:1312.6114), given the class.

The decoder is a Bernoulli distribution for each pixel: its mean is the pixel's ink, 0 to 1. Grey
pixels are scored as if the ink were a chance, as is usual on MNIST; what makes a density of the ink
out of that, at least log 2 a pixel, is left out (Loaiza-Ganem & Cunningham 2019, arXiv:1907.06845).
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tripkit.core.weights import checked_result
from tripkit.diffusion.unet import NUM_CLASSES
from tripkit.generative.decoder import DigitDecoder, DigitEncoder, class_labels
from tripkit.training.saving import load_model

NAME = "vae"


class DigitVAE(nn.Module):
    """Compresses a digit into a few numbers that are spread like noise, and draws from such noise.

    Args:
        latent_dim: numbers in a latent.
        channels: of encoder and decoder at 14x14 and at 7x7; multiples of 8.
    """

    def __init__(self, latent_dim: int = 16, channels: tuple[int, int] = (32, 64)):
        super().__init__()
        self.config = {"latent_dim": latent_dim, "channels": list(channels)}
        self.encoder = DigitEncoder(channels[1], channels)
        self.label = nn.Embedding(NUM_CLASSES + 1, channels[1])
        self.moments = nn.Linear(channels[1], 2 * latent_dim)
        self.decoder = DigitDecoder(latent_dim, channels)
        # Louder than the latent at first: otherwise the latent learns to hold the class as well,
        # and what is drawn from noise is often not of the class asked for.
        nn.init.normal_(self.decoder.label.weight, std=1.5)

    def encode(self, images: Tensor, labels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log of the variance of q(z | x, y), both (B, latent_dim).

        Args:
            images: (B, 1, 28, 28) in -1..1.
            labels: (B,) of 0 to 10; None means that no class is known.
        """
        labels = class_labels(labels, len(images), images.device)
        # From symbol to name: mu is mean, and log sigma^2 is logvar, which may be any number, where
        # sigma may not.
        mean, logvar = self.moments(F.silu(self.encoder(images) + self.label(labels))).chunk(2, 1)
        # The variance is its exp: a wild first step must not make it infinite.
        return mean, logvar.clamp(-12, 12)

    def decode_logits(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """The log-odds of ink, (B, 1, 28, 28)."""
        return self.decoder(latents, labels)

    def decode(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """The mean of p(x | z, y) as a picture, (B, 1, 28, 28) in -1..1."""
        # The sigmoid gives ink, 0 to 1; pictures are -1 to 1.
        return self.decode_logits(latents, labels).sigmoid() * 2 - 1

    def forward(self, images: Tensor, labels: Tensor | None = None, generator=None):
        """Logits of the pictures drawn from their own latents, and the latents' mean and logvar."""
        mean, logvar = self.encode(images, labels)  # (B, latent_dim) each
        latents = reparameterise(mean, logvar, generator)  # (B, latent_dim)
        return self.decode_logits(latents, labels), mean, logvar

    @torch.no_grad()
    def reconstruct(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """The pictures after a way through the mean of their latent, (B, 1, 28, 28) in -1..1.

        Raises:
            ModelUnavailableError: ``model_broken``, they are not finite.
        """
        return checked_result(self.decode(self.encode(images, labels)[0], labels), self)

    @torch.no_grad()
    def sample(
        self, count: int, labels: Tensor | None = None, generator: torch.Generator | None = None
    ) -> Tensor:
        """New digits, (count, 1, 28, 28) in -1..1.

        Args:
            count: how many.
            labels: (count,) classes to draw; None draws any digit.
            generator: of the latents.

        Raises:
            ModelUnavailableError: ``model_broken``, they are not finite.
        """
        latents = torch.randn(count, self.config["latent_dim"], generator=generator)
        return checked_result(self.decode(latents.to(self.moments.weight.device), labels), self)


def reparameterise(mean: Tensor, logvar: Tensor, generator: torch.Generator | None = None):
    """A latent of N(mean, exp(logvar)), through which gradients reach both (section 2.4)."""
    # From symbol to name: z = mu + sigma * epsilon, where mu is mean, sigma the root of
    # exp(logvar), epsilon noise.
    noise = torch.randn(mean.shape, generator=generator, device=mean.device)
    return mean + (0.5 * logvar).exp() * noise


def kl_divergence(mean: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mean, exp(logvar)) || N(0, 1)), summed over the latent: (B,) nats (appendix B)."""
    # From symbol to name: mu_j is mean, sigma_j^2 is exp(logvar), and j runs over the latent.
    return 0.5 * (mean.square() + logvar.exp() - 1 - logvar).sum(dim=1)


def reconstruction_loss(logits: Tensor, images: Tensor) -> Tensor:
    """-log p(x | z, y) of independent Bernoulli pixels: (B,) nats (appendix C.1).

    Args:
        logits: (B, 1, 28, 28), log-odds of ink.
        images: (B, 1, 28, 28) in -1..1.
    """
    # From symbol to name: x_i is ink, y_i is sigmoid(logits). The loss takes the logits, since a
    # sigmoid that rounds to 0 or 1 has an infinite logarithm.
    ink = (images + 1) / 2
    losses = F.binary_cross_entropy_with_logits(logits, ink, reduction="none")  # (B, 1, 28, 28)
    return losses.flatten(1).sum(dim=1)  # a sum, not a mean: KL and pixels are both in nats


def vae_loss(
    logits: Tensor, images: Tensor, mean: Tensor, logvar: Tensor, beta: float = 1.0
) -> Tensor:
    """The mean over the batch of -ELBO, in nats a picture (eq. 10, with the sign turned).

    ``beta`` weighs the KL term (Higgins et al. 2017). 1 is the paper's; as KL is never negative, a
    larger one is a looser bound, and a smaller one is none.
    """
    # From symbol to name: the first is -log p(x | z), of one z a picture (the paper's L = 1), the
    # second KL(q(z | x) || p(z)).
    return (reconstruction_loss(logits, images) + beta * kl_divergence(mean, logvar)).mean()


def load_vae(folder: Path | None = None) -> DigitVAE:
    """The shipped VAE, or the one in ``folder``, in eval mode."""
    return load_model(DigitVAE, folder or NAME)
