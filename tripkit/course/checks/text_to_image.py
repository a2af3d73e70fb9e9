"""Checks of notebook 07: guidance, the two ends of the latents, img2img's start, inpainting."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tripkit.course.checks.base import Verdict, hints
from tripkit.course.checks.tensors import judge


@hints("check.text_guide_hint1", "check.text_guide_hint2", "check.text_guide_hint3")
def check_text_guidance(function: Callable, language: str = "en") -> Verdict:
    """Notebook 07: ``f(model_output, guidance_scale)``, both answers in one batch, combined.

    ``model_output`` is (2B, C, H, W): first the answers to the negative prompt, then to the prompt.
    """

    def split(combine: Callable) -> Callable:
        return lambda both, scale: combine(*both.chunk(2), scale)

    mistakes = {
        "check.text_guide_swapped": split(lambda n, p, s: p + s * (n - p)),
        "check.text_guide_sign": split(lambda n, p, s: n - s * (p - n)),
        "check.text_guide_paper": split(lambda n, p, s: p + s * (p - n)),
        "check.text_guide_no_start": split(lambda n, p, s: s * (p - n)),
        "check.text_guide_forgotten": split(lambda n, p, s: p),
        "check.text_guide_negative": split(lambda n, p, s: n),
        "check.text_guide_channels": lambda both, s: (
            both.chunk(2, 1)[0] + s * (both.chunk(2, 1)[1] - both.chunk(2, 1)[0])
        ),
        "check.text_guide_mean": split(lambda n, p, s: (n + p) / 2),
    }
    cases = [(_tensor(seed, 4), scale) for seed, scale in enumerate((0.0, 1.0, 2.0, 7.5))]
    right = split(lambda n, p, s: n + s * (p - n))
    return judge(function, cases, right, mistakes, language, "check.text_guide_right")


@hints("check.ends_hint1", "check.ends_hint2", "check.ends_hint3")
def check_latent_ends(function: Callable, language: str = "en") -> Verdict:
    """Notebook 07: ``f(noise, latents, init_noise_sigma, scaling_factor)`` gives two tensors.

    The latents that the loop starts from, and what goes into the VAE's decoder after it.
    """

    def both(start: Callable, ready: Callable) -> Callable:
        return lambda n, x, sigma, scale: torch.stack([start(n, sigma), ready(x, scale)])

    def times(a: Tensor, b: float) -> Tensor:
        return a * b

    def by(a: Tensor, b: float) -> Tensor:
        return a / b

    def as_it_is(a: Tensor, b: float) -> Tensor:
        return a

    mistakes = {
        "check.ends_plain": both(as_it_is, as_it_is),
        "check.ends_no_sigma": both(as_it_is, by),
        "check.ends_no_scale": both(times, as_it_is),
        "check.ends_multiplied": both(times, times),
        "check.ends_divided": both(by, by),
        "check.ends_mirrored": both(by, times),
        "check.ends_no_sigma_multiplied": both(as_it_is, times),
        "check.ends_order": lambda n, x, sigma, scale: torch.stack([x / scale, n * sigma]),
    }
    levels = ((14.6, 0.18215), (1.5, 0.13025), (80.0, 0.5))
    cases = [
        (_tensor(seed), _tensor(seed + 50), *scales) for seed, scales in enumerate(levels)
    ]  # the scales of Euler's and EDM's start; of two VAEs

    def stacked(*case):
        answer = function(*case)
        pair = isinstance(answer, (tuple, list)) and len(answer) == 2
        return torch.stack(tuple(answer)) if pair and _tensors(answer) else answer

    return judge(stacked, cases, both(times, by), mistakes, language, "check.ends_right")


@hints("check.strength_hint1", "check.strength_hint2", "check.strength_hint3")
def check_strength_start(function: Callable, language: str = "en") -> Verdict:
    """Notebook 07: ``f(num_inference_steps, strength)``, the index of img2img's first step."""
    mistakes = {
        "check.strength_inverted": lambda n, s: int(n * s),
        "check.strength_share": lambda n, s: 1 - s,
        "check.strength_one_late": lambda n, s: n - int(n * s) + 1,
        "check.strength_one_early": lambda n, s: n - int(n * s) - 1,
        "check.strength_always": lambda n, s: 0,
        "check.strength_timestep": lambda n, s: int(1000 * s),
    }
    # Strengths that divide the steps without a rest in floating point: nobody has to round.
    cases = [(20, 0.25), (20, 0.5), (16, 0.75), (10, 1.0)]
    right = lambda n, s: n - int(n * s)  # noqa: E731
    return judge(function, cases, right, mistakes, language, "check.strength_right")


@hints("check.paste_hint1", "check.paste_hint2", "check.paste_hint3")
def check_paste(function: Callable, language: str = "en") -> Verdict:
    """Notebook 07: ``f(original, drawn, mask)``, the picture after inpainting.

    Pictures are (H, W, 3) in 0..255, ``mask`` is (H, W, 1): 255 where something new is drawn, 0
    where the old picture is kept, between on soft edges.
    """
    mistakes = {
        "check.paste_inverted": lambda o, d, m: o * (m / 255) + d * (1 - m / 255),
        "check.paste_loud": lambda o, d, m: m * d + (1 - m) * o,
        "check.paste_loud_255": lambda o, d, m: m * d + (255 - m) * o,
        "check.paste_added": lambda o, d, m: o + m / 255 * d,
        "check.paste_hole": lambda o, d, m: m / 255 * d,
        "check.paste_hard": lambda o, d, m: torch.where(m > 0, d, o),
        "check.paste_hard_half": lambda o, d, m: torch.where(m > 127, d, o),
        "check.paste_nothing": lambda o, d, m: o,
        "check.paste_all": lambda o, d, m: d,
    }
    cases = [(*_pictures(seed), _mask(seed)) for seed in range(3)]
    right = lambda o, d, m: m / 255 * d + (1 - m / 255) * o  # noqa: E731
    return judge(function, cases, right, mistakes, language, "check.paste_right")


# ------------------------------------------------------- random cases


def _tensor(seed: int, batch: int = 2) -> Tensor:
    """Normal numbers, (batch, 4, 4, 4)."""
    return torch.randn(batch, 4, 4, 4, generator=torch.Generator().manual_seed(seed))


def _tensors(answer) -> bool:
    first, second = answer
    return all(isinstance(each, Tensor) for each in answer) and first.shape == second.shape


def _pictures(seed: int) -> Tensor:
    """Two pictures, each (4, 4, 3) of 0 to 255."""
    return 255 * torch.rand(2, 4, 4, 3, generator=torch.Generator().manual_seed(seed))


def _mask(seed: int) -> Tensor:
    """(4, 4, 1): some 0, some 255, two between."""
    mask = torch.tensor(7 * [0.0] + 7 * [255.0] + [100.0, 200.0])
    return mask[torch.randperm(16, generator=torch.Generator().manual_seed(seed))].view(4, 4, 1)
