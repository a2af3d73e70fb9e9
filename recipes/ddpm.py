"""Trains the DDPM of digits on MNIST: v-prediction on the cosine schedule, labels dropped at 10%.

``python -m recipes.ddpm --out RUN --minutes 20 --ship``; on several processes under
``torchrun``. Then ``python -m recipes.offline_digits`` samples the offline set anew.
"""

from __future__ import annotations

import torch

from recipes.common import arguments, record
from recipes.digits import ship
from tripkit.datasets.mnist import load_digits
from tripkit.diffusion.training import Trainer
from tripkit.diffusion.unet import NAME, DigitUNet
from tripkit.training.saving import save_model


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=64, learning_rate=4e-3)
    parser.add_argument("--ema", type=float, default=0.9995)
    parser.add_argument("--channels", type=int, nargs=2, default=(24, 96))
    parser.add_argument("--ship", action="store_true", help="copy to the shipped weights")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    images, labels = load_digits("train", "mnist").tensors()
    trainer = Trainer(
        DigitUNet(tuple(options.channels)),
        images,
        labels,
        steps=options.steps,
        minutes=options.minutes,
        batch_size=options.batch,
        learning_rate=options.learning_rate,
        ema_decay=options.ema,
        seed=options.seed,
        folder=options.out,
    )
    for _ in trainer:
        pass
    if trainer.run.processes.is_main_process:
        losses = trainer.run.losses[-500:]
        save_model(trainer.ema.model, options.out)
        record(trainer.run, loss=round(sum(losses) / len(losses), 4))
        if options.ship:
            ship(options.out, NAME)


if __name__ == "__main__":
    main()
