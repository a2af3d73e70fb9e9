"""Trains the GAN of digits on MNIST; the generator is what ships.

``python -m recipes.digit_gan --out RUN --minutes 10 --threads 1 --ship``
"""

from __future__ import annotations

import torch

from recipes.common import arguments
from recipes.digits import balanced_labels, finish, judge, run_options
from tripkit.datasets.mnist import load_digits
from tripkit.generative.gan import NAME, Discriminator, Generator
from tripkit.generative.training import GANTrainer


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=32, learning_rate=2e-3)
    parser.add_argument("--latent-dim", type=int, default=64)
    parser.add_argument("--gamma", type=float, default=0.1, help="weight of the R1 penalty")
    parser.add_argument("--ship", action="store_true", help="copy to the shipped weights")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    images, labels = load_digits("train", "mnist").tensors()
    networks = Generator(options.latent_dim), Discriminator()
    trainer = GANTrainer(*networks, images, labels, gamma=options.gamma, **run_options(options))
    for _ in trainer:
        pass
    model = trainer.ema.model
    drawn = model.sample(1000, balanced_labels(1000), torch.Generator().manual_seed(0))
    finish(trainer.run, model, options, NAME, **judge(drawn, balanced_labels(1000)))


if __name__ == "__main__":
    main()
