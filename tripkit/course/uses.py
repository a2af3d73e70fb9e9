"""What VAE and diffusion are good for beside drawing: cleaning, filling in, finding defects."""

from __future__ import annotations

import json
from functools import cache

import torch
from torch import Tensor, nn

from tripkit.core.messages import text
from tripkit.core.settings import package_folder
from tripkit.core.text import markdown_table
from tripkit.course.families import spread
from tripkit.diffusion.denoising_error import denoising_error
from tripkit.diffusion.samplers import DDIM
from tripkit.diffusion.sampling import predict
from tripkit.diffusion.schedule import NoiseSchedule, cosine_schedule
from tripkit.generative.vae import DigitVAE

RESULTS = package_folder() / "data" / "uses.json"

# Timesteps in the middle: earlier ones do not hide a defect, later ones hide the digit too.
DEFECT_TIMESTEPS = (300, 350, 400, 450, 500, 550)


@torch.no_grad()
def clean(
    unet: nn.Module,
    noisy: Tensor,
    strength: float,
    labels: Tensor | None = None,
    *,
    num_inference_steps: int = 20,
    schedule: NoiseSchedule | None = None,
) -> Tensor:
    """Takes noise off pictures with the reverse process, from its middle on: (B, 1, 28, 28).

    A sample of the process, divided by sqrt(alpha_bar), is a picture plus noise of the deviation
    sqrt((1 - alpha_bar) / alpha_bar). So it is entered where that is ``strength``, with the noisy
    picture times sqrt(alpha_bar).

    Args:
        unet: see `unet.DigitUNet`, trained for v_prediction.
        noisy: (B, 1, 28, 28), pictures in -1..1 plus noise; it may leave that range.
        strength: the standard deviation of that noise.
        labels: (B,) classes, or None.
        num_inference_steps: of the whole process; about as many as are needed of them are taken.
        schedule: of the training; cosine unless given.
    """
    sampler = DDIM(schedule or cosine_schedule(), num_inference_steps)
    alpha_bars = sampler.alpha_prods[:-1]
    # From symbol to name: a picture plus noise of deviation strength is x_t / sqrt(alpha_bar_t),
    # where (1 - alpha_bar_t) / alpha_bar_t is strength^2: start is the step nearest to that.
    start = int((((1 - alpha_bars) / alpha_bars).sqrt() - strength).abs().argmin())
    sample = alpha_bars[start].sqrt() * noisy  # x_t, (B, 1, 28, 28)
    for timestep in sampler.timesteps[start:]:
        output = predict(unet, sample, timestep, labels)
        sample = sampler.step(output, timestep, sample).prev_sample
    return sample.clamp(-1, 1)


def fill_in(
    vae: DigitVAE, images: Tensor, masks: Tensor, labels: Tensor | None = None, *, rounds: int = 5
) -> Tensor:
    """Draws masked parts anew with a VAE: (B, 1, 28, 28), the rest untouched.

    It encodes and decodes, puts the result where the mask is, and does so again: each round begins
    with a picture that is less damaged (Rezende et al. 2014, arXiv:1401.4082, fill in pixels so,
    with samples in place of our means).

    Args:
        vae: see `vae.DigitVAE`.
        images: (B, 1, 28, 28) in -1..1.
        masks: 1 where a pixel is drawn anew, 0 where it is kept.
        labels: (B,) classes, or None.
        rounds: how often.
    """
    filled = images
    for _ in range(rounds):
        filled = torch.where(masks > 0, vae.reconstruct(filled, labels), images)
    return filled


def vae_defect_score(vae: DigitVAE, images: Tensor) -> Tensor:
    """The mean squared error of a VAE's reconstruction, (B,): high for what it has never seen.

    An & Cho 2015, with the error in place of the reconstruction probability.
    """
    return (vae.reconstruct(images) - images).square().mean((1, 2, 3))


def diffusion_defect_score(unet: nn.Module, images: Tensor) -> Tensor:
    """The mean squared error of a diffusion model's reconstruction from the middle, (B,).

    It adds noise that hides a defect but not the digit, restores the picture in one step, and
    averages over a few strengths (Graham et al. 2023, arXiv:2211.07740, with one step for many).
    """
    return denoising_error(unet, images, None, DEFECT_TIMESTEPS)


# ------------------------------------------------------- the shipped table


@cache
def load_uses() -> dict:
    """What ``python -m benchmarks.uses`` measured on real MNIST with the shipped models."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def uses_table(measured: dict, language: str = "en") -> str:
    """Means and spreads over the seeds as a Markdown table, with its caption."""
    methods = ("untouched", "vae", "ddpm")
    heads = [text(f"uses.{methods[0]}", language)]
    heads += [text(f"families.{name}", language) for name in methods[1:]]
    rows = []
    for key, row in measured["rows"].items():
        task, what = key.rsplit(" ", 1)
        kind = what if task == "clean" else text(f"uses.{what}", language)
        label = text(f"uses.{task.replace(' ', '_')}", language, what=kind)
        cells = [spread(row.get(method, [])) for method in methods]
        rows.append([label, *cells])
    details = {key: measured[key] for key in ("seeds", "count", "date", "machine")}
    table = markdown_table(["", *heads], rows, numbers=True)
    return f"{table}\n\n{text('uses.caption', language, **details)}"
