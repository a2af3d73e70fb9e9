"""The forward process: from a picture to noise, in one jump or step by step."""

from __future__ import annotations

import torch
from torch import Tensor

from tripkit.diffusion.schedule import NoiseSchedule


def extract(values: Tensor, timesteps: Tensor, like: Tensor) -> Tensor:
    """``values[timesteps]``, shaped (B, 1, 1, 1) so that it multiplies pictures ``like`` these."""
    # (B,), or () where one timestep stands for all: expand makes (B,) of both.
    chosen = values.to(like.device)[torch.as_tensor(timesteps, device=like.device)]
    return chosen.to(like.dtype).expand(len(like)).view(-1, *[1] * (like.dim() - 1))


def add_noise(
    original_samples: Tensor, noise: Tensor, timesteps: Tensor, schedule: NoiseSchedule
) -> Tensor:
    """Noisy pictures in one jump (Ho et al. 2020, arXiv:2006.11239, eq. 4).

    x_t = sqrt(alpha_bar_t) * x_0 + sqrt(1 - alpha_bar_t) * epsilon

    Args:
        original_samples: x_0, (B, C, H, W) in -1..1.
        noise: epsilon, standard normal, of the same shape.
        timesteps: t, (B,) of 0 to T - 1, or one number for all.
        schedule: gives alpha_bar.
    """
    # From symbol to name: x_0 is original_samples, epsilon is noise, alpha_bar_t is alpha_bar.
    # The squares of both factors add up to 1: pictures of variance 1 keep it at every t.
    alpha_bar = extract(schedule.alphas_cumprod, timesteps, original_samples)  # (B, 1, 1, 1)
    return alpha_bar.sqrt() * original_samples + (1 - alpha_bar).sqrt() * noise


def forward_step(
    sample: Tensor,
    timestep: int,
    schedule: NoiseSchedule,
    generator: torch.Generator | None = None,
) -> Tensor:
    """One step further into the noise: x_t from x_{t-1} (Ho et al. 2020, eq. 2).

    x_t = sqrt(1 - beta_t) * x_{t-1} + sqrt(beta_t) * epsilon

    Args:
        sample: x_{t-1}, (B, C, H, W).
        timestep: t, 0 to T - 1; 0 takes the picture itself.
        schedule: gives beta.
        generator: of the noise.
    """
    # From symbol to name: x_{t-1} is sample, beta_t is beta, epsilon is noise.
    beta = schedule.betas[timestep].to(sample.device)  # ()
    noise = torch.randn(sample.shape, generator=generator, device=sample.device)
    return (1 - beta).sqrt() * sample + beta.sqrt() * noise


def interpolate(original_samples: Tensor, noise: Tensor, sigmas: Tensor | float) -> Tensor:
    """The straight path of flow matching: (1 - sigma) * x_0 + sigma * noise.

    Lipman et al. 2023 (arXiv:2210.02747) and Liu et al. 2023 (arXiv:2209.03003) let time run from
    noise (0) to picture (1); we follow diffusers, where sigma is the share of noise.

    Args:
        original_samples: x_0, (B, C, H, W).
        noise: standard normal, of the same shape.
        sigmas: (B,) of 0 to 1, or one number for all.
    """
    # From symbol to name: x_0 is original_samples, sigma is sigmas; the papers' time is 1 - sigma.
    sigmas = torch.as_tensor(sigmas, dtype=original_samples.dtype, device=original_samples.device)
    sigmas = sigmas.expand(len(original_samples)).view(-1, *[1] * (original_samples.dim() - 1))
    # No roots here: the path is straight, and a variance of 1 at both ends dips to 1/2 midway.
    return (1 - sigmas) * original_samples + sigmas * noise
