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
    # From symbol to name: x is images, z_t is sample, the network's x is pred_original_sample.
    squared_errors = torch.zeros(len(images))  # (B,)
    for timestep in timesteps:
        # One noise (1, 28, 28) for the batch: between two labels, it is no source of difference.
        noise = torch.randn(images.shape[1:], generator=generator).expand(images.shape)
        sample = add_noise(images, noise, timestep, schedule)  # (B, 1, 28, 28)
        alpha_bar = extract(schedule.alphas_cumprod, timestep, images)  # (B, 1, 1, 1)
        model_output = unet(sample, timestep, labels)  # (B, 1, 28, 28)
        pred_original_sample, _ = convert_model_output(
            prediction_type, model_output, sample, alpha_bar
        )
        squared_errors += (pred_original_sample - images).square().mean((1, 2, 3))
    return squared_errors / len(timesteps)
