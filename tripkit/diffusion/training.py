"""Trains a digit U-Net: noisy pictures in, the noise (or v, or the picture) out."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tripkit.diffusion.forward import add_noise, extract, interpolate
from tripkit.diffusion.prediction import target, velocity
from tripkit.diffusion.schedule import NoiseSchedule, cosine_schedule
from tripkit.diffusion.unet import NO_CLASS
from tripkit.training.digits import DigitTrainer

FLOW = "flow"  # beside the prediction types: flow matching has no noise schedule


def drop_labels(labels: Tensor, share: float, generator=None, no_class: int = NO_CLASS) -> Tensor:
    """Labels with a ``share`` of them dropped, so that the U-Net also learns to do without.

    Ho & Salimans 2022 (arXiv:2207.12598, algorithm 1). A dropped label becomes ``no_class``.
    """
    # From symbol to name: p_uncond is share, the null token is no_class.
    dropped = torch.rand(len(labels), generator=generator, device=labels.device) < share
    return torch.where(dropped, no_class, labels)


def diffusion_loss(
    unet: nn.Module,
    images: Tensor,
    labels: Tensor,
    schedule: NoiseSchedule,
    prediction_type: str = "v_prediction",
    generator: torch.Generator | None = None,
) -> Tensor:
    """The mean squared error of the network's answer (Ho et al. 2020, arXiv:2006.11239, eq. 14).

    Each picture is seen at a timestep of its own; together they cover 0 to T - 1 evenly, which
    steadies the loss. Kingma et al. 2021 (arXiv:2107.00630) do it with one random offset for all
    ("low-discrepancy"); here each picture has its own within its part.

    Args:
        unet: takes (sample, timesteps, labels).
        images: x_0, (B, 1, 28, 28) in -1..1.
        labels: (B,), ``unet.config["num_classes"]`` where there is none.
        schedule: the noise schedule; flow matching ignores it.
        prediction_type: one of `prediction.PREDICTION_TYPES`, or "flow".
        generator: of the noise and the timesteps.
    """
    # From symbol to name: x_0 is images, epsilon is noise, epsilon_theta(x_t, t) is output; with
    # v_prediction, v takes epsilon's place on both sides.
    device, count = images.device, len(images)
    noise = torch.randn(images.shape, generator=generator, device=device)  # (B, 1, 28, 28)
    if prediction_type == FLOW:
        # Lipman et al. 2023 (arXiv:2210.02747, eq. 23 with its sigma_min 0); sigma is uniform.
        sigmas = torch.rand(count, generator=generator, device=device)  # (B,)
        # 1000 * sigma: the U-Net's embedding of time is made for numbers of 0 to 1000.
        output = unet(interpolate(images, noise, sigmas), 1000 * sigmas, labels)
        return (output.float() - velocity(images, noise)).square().mean()
    # A timestep each, spread evenly: the i-th picture's comes from the i-th of B equal parts.
    parts = torch.arange(count, device=device)
    shares = (parts + torch.rand(count, generator=generator, device=device)) / count
    timesteps = (shares * schedule.num_train_timesteps).long()  # (B,)
    output = unet(add_noise(images, noise, timesteps, schedule), timesteps, labels)
    alpha_bar = extract(schedule.alphas_cumprod, timesteps, images)  # (B, 1, 1, 1)
    # .float(): under autocast the answer is bf16, whose 8 bits are too few to sum squares in.
    return (output.float() - target(prediction_type, images, noise, alpha_bar)).square().mean()


class Trainer(DigitTrainer):
    """Trains step by step: ``for step, loss in trainer: ...`` goes on until it is done.

    Args:
        unet: see `unet.DigitUNet`; it is trained in place.
        images: (N, 1, 28, 28) in -1..1.
        labels: (N,) of 0 to ``unet.config["num_classes"] - 1``, or None for a training without
            classes.
        prediction_type: one of `prediction.PREDICTION_TYPES`, or "flow".
        schedule: cosine unless given.
        label_dropout: the share of labels that is dropped, for guidance.
        more: ``steps`` or ``minutes``, ``batch_size``, ``learning_rate``, ``ema_decay``,
            ``folder``, ``seed`` and the rest of `trainer.Run`.

    Attributes:
        ema: its ``model`` is the averaged U-Net, the one to sample with.
        run: clock, losses, checkpoints.
    """

    def __init__(
        self,
        unet: nn.Module,
        images: Tensor,
        labels: Tensor | None = None,
        *,
        prediction_type: str = "v_prediction",
        schedule: NoiseSchedule | None = None,
        label_dropout: float = 0.1,
        **more,
    ):
        self.no_class = unet.config["num_classes"]
        labels = torch.full((len(images),), self.no_class) if labels is None else labels
        super().__init__({"unet": unet}, images, labels, **more)
        self.schedule = schedule or cosine_schedule()
        self.prediction_type, self.label_dropout = prediction_type, label_dropout

    def loss(self, images: Tensor, labels: Tensor) -> Tensor:
        """The mean squared error of the network's answer, see `diffusion_loss`."""
        run = self.run
        labels = drop_labels(labels, self.label_dropout, run.generator, self.no_class)
        settings = (self.schedule, self.prediction_type, run.generator)
        return diffusion_loss(run.modules["unet"], images, labels, *settings)
