"""Trains the VAE of digits on MNIST.

``python -m recipes.digit_vae --out RUN --minutes 10 --threads 1 --ship``
"""

from __future__ import annotations

import torch

from recipes.common import arguments
from recipes.digits import balanced_labels, finish, judge, run_options
from tripkit.datasets.mnist import load_digits
from tripkit.generative.training import VAETrainer
from tripkit.generative.vae import NAME, DigitVAE, kl_divergence, reconstruction_loss


@torch.no_grad()
def bound(vae: DigitVAE, images, labels) -> dict[str, float]:
    """The two terms of -ELBO on pictures, in nats each, with one latent a picture."""
    logits, mean, logvar = vae(images, labels, torch.Generator().manual_seed(0))
    rebuilt, kl = reconstruction_loss(logits, images).mean(), kl_divergence(mean, logvar).mean()
    return {
        "test_reconstruction_nats": round(float(rebuilt), 2),
        "test_kl_nats": round(float(kl), 2),
    }


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=32, learning_rate=4e-3)
    parser.add_argument("--latent-dim", type=int, default=16)
    parser.add_argument("--beta", type=float, default=1.0, help="weight of the KL term")
    parser.add_argument("--ship", action="store_true", help="copy to the shipped weights")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    images, labels = load_digits("train", "mnist").tensors()
    vae = DigitVAE(options.latent_dim)
    trainer = VAETrainer(vae, images, labels, beta=options.beta, **run_options(options))
    for _ in trainer:
        pass
    model = trainer.ema.model
    labels = balanced_labels(1000)
    drawn = model.sample(1000, labels, torch.Generator().manual_seed(0))
    test = load_digits("test", "mnist").take(1000).tensors()
    finish(trainer.run, model, options, NAME, **judge(drawn, labels), **bound(model, *test))


if __name__ == "__main__":
    main()
