"""A Stable Diffusion pipeline's call as one visible loop: what notebook 07 builds by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline


@torch.no_grad()
def embed(pipeline: DiffusionPipeline, texts: list[str]) -> Tensor:
    """The text encoder's hidden states, (N, 77, D): what cross-attention looks at."""
    ids = pipeline.tokenizer(
        texts, padding="max_length", truncation=True, return_tensors="pt"
    ).input_ids
    return pipeline.text_encoder(ids)[0]


@torch.no_grad()
def steps(
    pipeline: DiffusionPipeline,
    prompt: str,
    *,
    seed: int,
    num_inference_steps: int,
    guidance_scale: float,
    negative_prompt: str = "",
) -> Iterator[Tensor]:
    """The latents (1, C, h, w), first the noise, then after each step.

    Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598, eq. 6): diffusers'
    ``guidance_scale`` is the paper's w + 1, and the negative prompt stands in for the empty one.
    Schedulers that add fresh noise (ancestral ones, DDPM) are not covered.
    """
    unet, scheduler = pipeline.unet, pipeline.scheduler
    prompt_embeds = embed(pipeline, [negative_prompt, prompt])
    side = unet.config.sample_size
    generator = torch.Generator().manual_seed(seed)
    latents = torch.randn(1, unet.config.in_channels, side, side, generator=generator)
    scheduler.set_timesteps(num_inference_steps)
    latents = latents * scheduler.init_noise_sigma
    yield latents
    for t in scheduler.timesteps:
        twice = scheduler.scale_model_input(torch.cat([latents, latents]), t)
        negative, positive = unet(twice, t, encoder_hidden_states=prompt_embeds).sample.chunk(2)
        model_output = negative + guidance_scale * (positive - negative)
        latents = scheduler.step(model_output, t, latents).prev_sample
        yield latents


@torch.no_grad()
def decode(pipeline: DiffusionPipeline, latents: Tensor) -> Tensor:
    """Pictures (B, 3, H, W) in 0..1 of latents, by the decoder of the pipeline's autoencoder."""
    decoded = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor).sample
    return (decoded / 2 + 0.5).clamp(0, 1)
