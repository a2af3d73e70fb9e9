"""Checks of notebook 05: which timesteps to visit, DDIM's step, guidance, inpainting."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tripkit.course.checks.base import Verdict, hints
from tripkit.course.checks.tensors import judge
from tripkit.diffusion.guidance import guided
from tripkit.diffusion.samplers import spaced_timesteps


@hints("check.spacing_hint1", "check.spacing_hint2", "check.spacing_hint3")
def check_timesteps(function: Callable, language: str = "en") -> Verdict:
    """Notebook 05: ``f(num_train_timesteps, num_inference_steps)``, the timesteps to visit."""
    mistakes = {
        "check.spacing_rising": lambda T, n: spaced_timesteps(T, n).flip(0),
        "check.spacing_leading": lambda T, n: spaced_timesteps(T, n) + 1 - T // n,
        "check.spacing_leading_rising": lambda T, n: torch.arange(n) * (T // n),
        "check.spacing_count": lambda T, n: spaced_timesteps(T, n) + 1,
        "check.spacing_late": lambda T, n: spaced_timesteps(T, n) - T // n,
        "check.spacing_ends": lambda T, n: torch.linspace(T - 1, 0, n),
        "check.spacing_first": lambda T, n: torch.arange(T - 1, T - 1 - n, -1),
    }
    # Counts that divide both T and T - 1 without a rest: nobody has to know how to round.
    cases = [(1000, 10), (40, 4), (28, 4)]
    return judge(function, cases, spaced_timesteps, mistakes, language, "check.spacing_right")


@hints("check.ddim_hint1", "check.ddim_hint2", "check.ddim_hint3")
def check_ddim_step(function: Callable, language: str = "en") -> Verdict:
    """Notebook 05: DDIM's step.

    ``f(pred_original_sample, pred_noise, alpha_bar, alpha_bar_prev, eta, z)``, with alpha_bar at
    the timestep and at the next one visited; ``z`` is fresh noise.
    """
    mistakes = {
        "check.ddim_no_eta": _ddim(scale=lambda eta: 0 * eta),
        "check.ddim_eta_one": _ddim(scale=lambda eta: 1.0),
        "check.ddim_added": _ddim(rest=lambda bar, bar_prev, s: 1 - bar_prev),
        "check.ddim_no_z": _ddim(fresh=lambda s: 0 * s),
        "check.ddim_sigma_root": _ddim(sigma_root=lambda value: value),
        "check.ddim_sigma_square": _ddim(rest=lambda bar, bar_prev, s: 1 - bar_prev - s),
        "check.ddim_sigma_variance": _ddim(fresh=lambda s: s**2),
        "check.ddim_direction_root": _ddim(direction_root=lambda value: value),
        "check.ddim_signal_root": _ddim(signal=lambda bar, bar_prev: bar_prev),
        "check.ddim_roots": _ddim(
            signal=lambda bar, bar_prev: bar_prev, direction_root=lambda value: value
        ),
        "check.ddim_alpha_bar": _ddim(
            signal=lambda bar, bar_prev: bar**0.5,
            rest=lambda bar, bar_prev, s: 1 - bar - s**2,
        ),
        "check.ddim_no_shrink": _ddim(signal=lambda bar, bar_prev: 1.0),
        "check.ddim_minus": _ddim(direction_root=lambda value: -(value**0.5)),
    }
    # Eta is small where noise is left, so that the root of no mistake is one of a negative number.
    levels = [(0.2, 0.6, 0.3), (0.05, 0.3, 0.4), (0.5, 0.9, 0.0), (0.9, 1.0, 0.7)]
    cases = [
        (*_tensors(2, seed), torch.tensor(a), torch.tensor(b), eta, *_tensors(1, seed + 50))
        for seed, (a, b, eta) in enumerate(levels)
    ]
    return judge(function, cases, _ddim(), mistakes, language, "check.ddim_right")


@hints("check.guide_hint1", "check.guide_hint2", "check.guide_hint3")
def check_guided(function: Callable, language: str = "en") -> Verdict:
    """Notebook 05: ``f(output_uncond, output_cond, guidance_scale)``, the two answers combined."""
    # From symbol to name: u is output_uncond, c output_cond, s guidance_scale.
    mistakes = {
        "check.guide_swapped": lambda u, c, s: c + s * (u - c),
        "check.guide_sign": lambda u, c, s: u - s * (c - u),
        "check.guide_paper": lambda u, c, s: c + s * (c - u),
        "check.guide_minus_one": lambda u, c, s: u + (s - 1) * (c - u),
        "check.guide_no_start": lambda u, c, s: s * (c - u),
        "check.guide_no_difference": lambda u, c, s: u + s * c,
        "check.guide_only_class": lambda u, c, s: s * c,
        "check.guide_forgotten": lambda u, c, s: c,
    }
    cases = [(*_tensors(2, seed), scale) for seed, scale in enumerate((0.0, 1.0, 2.0, 7.5))]
    return judge(function, cases, guided, mistakes, language, "check.guide_right")


@hints("check.replace_hint1", "check.replace_hint2", "check.replace_hint3")
def check_replace(function: Callable, language: str = "en") -> Verdict:
    """Notebook 05: ``f(drawn, original_samples, noise, mask, alpha_bar)``, inpainting's own line.

    ``mask`` is 1 where something new is drawn.
    """

    def put(kept: Callable, combine: Callable) -> Callable:
        return lambda d, x, e, m, a: combine(d, kept(x, e, a), m)

    def noisy(x: Tensor, e: Tensor, a: Tensor) -> Tensor:
        return a**0.5 * x + (1 - a) ** 0.5 * e

    def keep(d: Tensor, k: Tensor, m: Tensor) -> Tensor:
        return m * d + (1 - m) * k

    def inverted(d: Tensor, k: Tensor, m: Tensor) -> Tensor:
        return (1 - m) * d + m * k

    # From symbol to name: d is drawn, x is x_0, e is epsilon, m the mask, a alpha_bar, k is kept.
    mistakes = {
        "check.replace_clean": put(lambda x, e, a: x, keep),
        "check.replace_inverted": put(noisy, inverted),
        "check.replace_inverted_clean": put(lambda x, e, a: x, inverted),
        "check.replace_roots": put(lambda x, e, a: a * x + (1 - a) * e, keep),
        "check.replace_root": put(lambda x, e, a: a**0.5 * x + (1 - a) * e, keep),
        "check.replace_swapped": put(lambda x, e, a: noisy(x, e, 1 - a), keep),
        "check.replace_loud": put(lambda x, e, a: x + e, keep),
        "check.replace_no_shrink": put(lambda x, e, a: x + (1 - a) ** 0.5 * e, keep),
        "check.replace_added": put(noisy, lambda d, k, m: d + (1 - m) * k),
        "check.replace_unmasked": put(noisy, lambda d, k, m: m * d + k),
        "check.replace_nothing": lambda d, x, e, m, a: d,
        "check.replace_all": put(noisy, lambda d, k, m: k),
    }
    cases = [(*_tensors(3, seed), _mask(seed), torch.tensor(0.2 + 0.3 * seed)) for seed in range(3)]
    return judge(function, cases, put(noisy, keep), mistakes, language, "check.replace_right")


def _ddim(
    *,
    scale: Callable = lambda eta: eta,
    sigma_root: Callable = lambda value: value**0.5,
    rest: Callable = lambda bar, bar_prev, sigma: 1 - bar_prev - sigma**2,
    direction_root: Callable = lambda value: value**0.5,
    signal: Callable = lambda bar, bar_prev: bar_prev**0.5,
    fresh: Callable = lambda sigma: sigma,
) -> Callable:
    """Song et al. 2021, eq. 12 and 16, or a mistake in one place of them.

    alpha_bar_t is ``bar``, alpha_bar_{t-1} is ``bar_prev`` (the paper writes alpha for both).
    """

    def step(x_0: Tensor, epsilon: Tensor, bar: Tensor, bar_prev: Tensor, eta: float, z: Tensor):
        sigma = scale(eta) * sigma_root((1 - bar_prev) / (1 - bar) * (1 - bar / bar_prev))
        direction = direction_root(rest(bar, bar_prev, sigma)) * epsilon
        return signal(bar, bar_prev) * x_0 + direction + fresh(sigma) * z

    return step


# ------------------------------------------------------- random cases


def _tensors(count: int, seed: int) -> tuple[Tensor, ...]:
    """Normal numbers, each (2, 1, 4, 4)."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(2, 1, 4, 4, generator=generator) for _ in range(count))


def _mask(seed: int) -> Tensor:
    """(1, 1, 4, 4) of ones and zeros, some of each."""
    mask = torch.zeros(16)
    mask[torch.randperm(16, generator=torch.Generator().manual_seed(seed))[:6]] = 1
    return mask.view(1, 1, 4, 4)
