"""The denoising error: how far a picture is from what a diffusion model makes of it under noise."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tripkit.diffusion.forward import add_noise, extract
from tripkit.diffusion.prediction import convert_model_output
from tripkit.diffusion.schedule import NoiseSchedule, cosine_schedule


@torch.no_grad()
def denoising_error(
    unet: nn.Module,
    images: Tensor,
    labels: Tensor | None,
    timesteps: Sequence[int],
    *,
    schedule: NoiseSchedule | None = None,
    prediction_type: str = "v_prediction",
    seed: int = 0,
) -> Tensor:
    """The mean squared distance of each picture to what the network makes of it under noise: (B,).

    Over all timesteps, and weighted, such errors bound -log p(x | y) (Kingma et al. 2021,
    arXiv:2107.00630, section 4). A few of them are enough to compare labels: the one with the least
    error is a classifier's answer (Li et al. 2023, arXiv:2303.16203). All pictures and all labels
    meet the same noise, so that only they make a difference.

    Args:
        unet: see `unet.DigitUNet`.
        images: (B, 1, 28, 28) in -1..1.
        labels: (B,) classes, or None.
        timesteps: where to look; late ones ask for the class, early ones for details.
        schedule: of the training; cosine unless given.
        prediction_type: of the network.
        seed: of the noise.
    """
    schedule = schedule or cosine_schedule()
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros(len(images))
    for timestep in timesteps:
        noise = torch.randn(images.shape[1:], generator=generator).expand(images.shape)
        sample = add_noise(images, noise, timestep, schedule)
        alpha_bar = extract(schedule.alphas_cumprod, timestep, images)
        output = unet(sample, timestep, labels)
        original, _ = convert_model_output(prediction_type, output, sample, alpha_bar)
        total += (original - images).square().mean((1, 2, 3))
    return total / len(timesteps)
