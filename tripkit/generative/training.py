"""Trains the VAE and the GAN of digits step by step, as `diffusion.training` trains the DDPM."""

from __future__ import annotations

import torch
from torch import Tensor

from tripkit.diffusion.training import drop_labels
from tripkit.generative.gan import Discriminator, Generator, gan_losses, r1_penalty
from tripkit.generative.vae import DigitVAE, vae_loss
from tripkit.training.digits import DigitTrainer


class VAETrainer(DigitTrainer):
    """Trains a `vae.DigitVAE`, in place.

    Args:
        vae: the network.
        images: (N, 1, 28, 28) in -1..1.
        labels: (N,) of 0 to 9.
        beta: weight of the KL term, see `vae.vae_loss`.
        label_dropout: the share of labels that is dropped, so that it also works without.
        more: ``steps`` or ``minutes``, ``batch_size``, ``learning_rate``, ``ema_decay``,
            ``folder``, ``seed`` and the rest of `trainer.Run`.
    """

    def __init__(
        self, vae: DigitVAE, images, labels, *, beta: float = 1.0, label_dropout=0.1, **more
    ):
        super().__init__({"vae": vae}, images, labels, **{"learning_rate": 4e-3, **more})
        self.beta, self.label_dropout = beta, label_dropout

    def loss(self, images: Tensor, labels: Tensor) -> Tensor:
        """-ELBO in nats a picture."""
        run = self.run
        labels = drop_labels(labels, self.label_dropout, run.generator)
        logits, mean, logvar = run.modules["vae"](images, labels, run.generator)
        # .float(): under autocast they are bf16, whose 8 bits are too few to sum 784 pixels in.
        return vae_loss(logits.float(), images, mean.float(), logvar.float(), self.beta)


class GANTrainer(DigitTrainer):
    """Trains a `gan.Generator` against a `gan.Discriminator`, both in place.

    One AdamW moves both at once: each loss has gradients for its own network only, and Adam scales
    every weight by itself, so that it makes two optimisers of the same rate.

    Args:
        generator: the network that stays.
        discriminator: the one that is thrown away.
        images: (N, 1, 28, 28) in -1..1.
        labels: (N,) of 0 to 9.
        gamma: weight of the R1 penalty, see `gan.r1_penalty`.
        momentum: of Adam (its beta_1); GANs want little.
        more: as for `VAETrainer`.

    Attributes:
        d_losses, g_losses: of discriminator and generator, step by step.
    """

    def __init__(
        self,
        generator: Generator,
        discriminator: Discriminator,
        images: Tensor,
        labels: Tensor,
        *,
        gamma: float = 0.1,
        momentum: float = 0.0,
        **more,
    ):
        # beta_1 = 0 and beta_2 = 0.99 as in ProGAN (Karras et al. 2018, arXiv:1710.10196): what
        # was right against an earlier opponent is soon wrong. In fp32, for the penalty is
        # differentiated twice.
        modules = {"generator": generator, "discriminator": discriminator}
        super().__init__(
            modules, images, labels, **{"precision": "no", "betas": (momentum, 0.99), **more}
        )
        self.gamma = gamma
        self.d_losses: list[float] = []
        self.g_losses: list[float] = []

    def loss(self, images: Tensor, labels: Tensor) -> Tensor:
        """Both losses together, with the penalty on a quarter of the pictures, which is cheaper."""
        run, few = self.run, max(1, len(images) // 4)
        generator, discriminator = run.modules["generator"], run.modules["discriminator"]
        size = (len(images), self.ema.model.config["latent_dim"])
        latents = torch.randn(size, generator=run.generator, device=images.device)
        d_loss, g_loss = gan_losses(generator, discriminator, images, labels, latents)
        self.d_losses.append(d_loss.item())
        self.g_losses.append(g_loss.item())
        # gamma / 2 is the paper's factor; the penalty costs a second backward pass.
        penalty = r1_penalty(discriminator, images[:few], labels[:few])
        return d_loss + g_loss + self.gamma / 2 * penalty
