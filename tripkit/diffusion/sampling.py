"""From noise to digits: the loop around a network and a sampler, and inpainting inside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from tripkit.core.weights import checked_result
from tripkit.diffusion.guidance import guided
from tripkit.diffusion.samplers import DPMSolver2M, StepOutput
from tripkit.diffusion.schedule import cosine_schedule

OnStep = Callable[[int, StepOutput], None]  # gets the step's index and what it gave


# How the shipped DDPM samples best (see its card): guided in the middle only, where it costs the
# least diversity and the least time (Kynkäänniemi et al. 2024, arXiv:2404.07724).
SHIPPED_GUIDANCE = (1.0, 1.0, 1.6, 1.6, 1.6, 1.6, 1.0, 1.0)

Guidance = float | Sequence[float]  # one scale for all steps, or one for each


def shipped_sampler() -> tuple[DPMSolver2M, Guidance]:
    """The sampler and the guidance scales that the shipped DDPM is judged at."""
    return DPMSolver2M(cosine_schedule(), len(SHIPPED_GUIDANCE)), SHIPPED_GUIDANCE


def scale_at(guidance_scale: Guidance, index: int) -> float:
    """The guidance scale of step ``index``."""
    return guidance_scale[index] if isinstance(guidance_scale, Sequence) else guidance_scale


def predict(unet: nn.Module, sample: Tensor, timestep, labels: Tensor | None, guidance_scale=1.0):
    """The network's answer, (B, C, H, W), guided towards ``labels``; None means no class."""
    if labels is None or guidance_scale == 1:
        return unet(sample, timestep, labels)
    if guidance_scale == 0:
        return unet(sample, timestep, None)
    no_class = torch.full_like(labels, unet.config["num_classes"])  # (B,)
    # One batch of 2 B in place of two calls, as in diffusers' pipelines: uncond first, then cond.
    outputs = unet(torch.cat([sample, sample]), timestep, torch.cat([no_class, labels]))
    output_uncond, output_cond = outputs.chunk(2)  # (B, 1, 28, 28) each
    return guided(output_uncond, output_cond, guidance_scale)


@torch.no_grad()
def generate(
    unet: nn.Module,
    labels: Tensor | None,
    sampler,
    *,
    count: int | None = None,
    guidance_scale: Guidance = 1.0,
    generator: torch.Generator | None = None,
    on_step: OnStep | None = None,
) -> Tensor:
    """Digits out of noise: (B, 1, 28, 28) in -1..1.

    Args:
        unet: see `unet.DigitUNet`.
        labels: (B,) classes to draw; None draws any digit, then ``count`` says how many.
        sampler: one of `samplers`, fresh or used.
        count: B, where there are no labels.
        guidance_scale: 1 is none, see `guidance.guided`; one for all steps, or one for each.
        generator: of the noise.
        on_step: told about each step.

    Raises:
        ModelUnavailableError: ``model_broken``, what the U-Net draws is not finite.
    """
    shape = (len(labels) if labels is not None else count or 1, 1, 28, 28)
    # x_T: with alpha_bar_T near 0, a noisy picture cannot be told from plain noise.
    sample = torch.randn(shape, generator=generator)  # (B, 1, 28, 28)
    for index, timestep in enumerate(sampler.timesteps):
        scale = scale_at(guidance_scale, index)
        output = predict(unet, sample, timestep, labels, scale)
        step = sampler.step(output, timestep, sample, generator)
        sample = step.prev_sample
        if on_step:
            on_step(index, step)
    return checked_result(sample.clamp(-1, 1), unet)


@torch.no_grad()
def inpaint(
    unet: nn.Module,
    labels: Tensor | None,
    sampler,
    original_samples: Tensor,
    mask: Tensor,
    *,
    guidance_scale: Guidance = 1.0,
    generator: torch.Generator | None = None,
    start: int = 0,
) -> Tensor:
    """Draws a part of a picture anew, by replacement; (B, 1, 28, 28) in -1..1.

    After each step the part to keep is put back, as noisy as the sample is by then (Song et al.
    2021, arXiv:2011.13456, appendix I.2; Lugmayr et al. 2022, arXiv:2201.09865, eq. 8). Kept
    pixels come back untouched.

    Args:
        unet: see `unet.DigitUNet`.
        labels: (B,) classes, or None.
        sampler: one of `samplers`.
        original_samples: (B, 1, 28, 28) in -1..1; what the mask covers is not looked at, unless
            ``start`` is above 0.
        mask: 1 where a pixel is drawn anew, 0 where it is kept; it broadcasts.
        guidance_scale: 1 is none; one for all steps, or one for each.
        generator: of the noise.
        start: the step to start at; above 0, the covered part keeps some of its shape.

    Raises:
        ModelUnavailableError: ``model_broken``, what the U-Net draws is not finite.
    """
    # From symbol to name: RePaint's x^known is kept, its x^unknown is drawn, its m is 1 - mask.
    noise = torch.randn(original_samples.shape, generator=generator)  # (B, 1, 28, 28)
    timesteps = sampler.timesteps
    sample = noise if start == 0 else sampler.add_noise(original_samples, noise, timesteps[start])
    for index in range(start, len(timesteps)):
        scale = scale_at(guidance_scale, index)
        output = predict(unet, sample, timesteps[index], labels, scale)
        drawn = sampler.step(output, timesteps[index], sample, generator).prev_sample
        kept = original_samples  # behind the last step there is no noise
        if index + 1 < len(timesteps):
            # With one noise for all steps, the kept part is where DDIM would lead it.
            kept = sampler.add_noise(original_samples, noise, timesteps[index + 1])
        sample = mask * drawn + (1 - mask) * kept
    # The clamp is for what was drawn: kept pixels come back as they came.
    drawn = checked_result(sample.clamp(-1, 1), unet)
    return torch.where(mask.expand_as(sample) > 0, drawn, original_samples)
