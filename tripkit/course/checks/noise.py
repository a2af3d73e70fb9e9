"""Checks of notebooks 03 and 04: how noise comes in, and how it goes out again."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tripkit.course.checks.base import Verdict, hints
from tripkit.course.checks.tensors import judge
from tripkit.diffusion.schedule import NoiseSchedule

# ------------------------------------------------------- notebook 03, the forward process


@hints("check.cumprod_hint1", "check.cumprod_hint2", "check.cumprod_hint3")
def check_alphas_cumprod(function: Callable, language: str = "en") -> Verdict:
    """Notebook 03: ``f(betas)``, the share of the picture's variance left after each step."""
    mistakes = {
        "check.cumprod_sum": lambda betas: 1 - betas.cumsum(0),
        "check.cumprod_alpha_sum": lambda betas: (1 - betas).cumsum(0),
        "check.cumprod_beta": lambda betas: betas.cumprod(0),
        "check.cumprod_gone": lambda betas: 1 - (1 - betas).cumprod(0),
        "check.cumprod_single": lambda betas: 1 - betas,
        "check.cumprod_last": lambda betas: (1 - betas).prod(),
        "check.cumprod_root": lambda betas: (1 - betas).sqrt().cumprod(0),
        "check.cumprod_late": lambda betas: _from_one((1 - betas).cumprod(0)),
    }
    cases = [(_schedule(size, seed=size).betas,) for size in (2, 7, 30)]
    return judge(
        function,
        cases,
        lambda betas: (1 - betas).cumprod(0),
        mistakes,
        language,
        "check.cumprod_right",
    )


@hints("check.noise_hint1", "check.noise_hint2", "check.noise_hint3")
def check_add_noise(function: Callable, language: str = "en") -> Verdict:
    """Notebook 03: ``f(original_samples, noise, t, schedule)``, the noisy picture in one jump."""

    def mix(signal: Callable, sigma: Callable, value: str = "alphas_cumprod") -> Callable:
        def mixed(original: Tensor, noise: Tensor, t: int, schedule: NoiseSchedule) -> Tensor:
            share = getattr(schedule, value)[t]
            return signal(share) * original + sigma(share) * noise

        return mixed

    # From symbol to name: a is alpha_bar_t, b is beta_t, taken for it by mistake.
    mistakes = {
        "check.noise_roots": mix(lambda a: a, lambda a: 1 - a),
        "check.noise_root": mix(lambda a: a**0.5, lambda a: 1 - a),
        "check.noise_signal_root": mix(lambda a: a, lambda a: (1 - a) ** 0.5),
        "check.noise_swapped": mix(lambda a: (1 - a) ** 0.5, lambda a: a**0.5),
        "check.noise_beta": mix(lambda b: (1 - b) ** 0.5, lambda b: b**0.5, "betas"),
        "check.noise_beta_for_bar": mix(lambda b: b**0.5, lambda b: (1 - b) ** 0.5, "betas"),
        "check.noise_no_shrink": mix(lambda a: 1, lambda a: (1 - a) ** 0.5),
        "check.noise_full": mix(lambda a: a**0.5, lambda a: 1),
        "check.noise_rest": mix(lambda a: a**0.5, lambda a: 1 - a**0.5),
        "check.noise_minus": mix(lambda a: a**0.5, lambda a: -((1 - a) ** 0.5)),
    }
    right = mix(lambda a: a**0.5, lambda a: (1 - a) ** 0.5)
    cases = [(*_pictures(2, seed=t), t, _schedule(12, seed=t)) for t in (0, 3, 11)]
    return judge(function, cases, right, mistakes, language, "check.noise_right")


@hints("check.snr_hint1", "check.snr_hint2", "check.snr_hint3")
def check_snr(function: Callable, language: str = "en") -> Verdict:
    """Notebook 03: ``f(alphas_cumprod)``, the signal-to-noise ratio in decibels."""
    # From symbol to name: a is alpha_bar: SNR = alpha_bar / (1 - alpha_bar), both variances.
    mistakes = {
        "check.snr_ratio": lambda a: a / (1 - a),
        "check.snr_twenty": lambda a: 20 * (a / (1 - a)).log10(),
        "check.snr_root": lambda a: 10 * (a / (1 - a)).sqrt().log10(),
        "check.snr_natural": lambda a: 10 * (a / (1 - a)).log(),
        "check.snr_bel": lambda a: (a / (1 - a)).log10(),
        "check.snr_natural_bel": lambda a: (a / (1 - a)).log(),
        "check.snr_upside_down": lambda a: 10 * ((1 - a) / a).log10(),
        "check.snr_half_root": lambda a: 10 * (a / (1 - a).sqrt()).log10(),
        "check.snr_signal": lambda a: 10 * a.log10(),
    }
    cases = [(_schedule(size, seed=size).alphas_cumprod,) for size in (3, 20)]
    return judge(
        function,
        cases,
        lambda a: 10 * (a / (1 - a)).log10(),
        mistakes,
        language,
        "check.snr_right",
    )


# ------------------------------------------------------- notebook 04, the reverse process


@hints("check.v_hint1", "check.v_hint2", "check.v_hint3")
def check_v_target(function: Callable, language: str = "en") -> Verdict:
    """Notebook 04: ``f(original_samples, noise, alpha_bar)``, the answer v to be learnt."""
    # From symbol to name: x is x_0, e is epsilon, a is alpha_bar.
    mistakes = {
        "check.v_roots": lambda x, e, a: a * e - (1 - a) * x,
        "check.v_plus": lambda x, e, a: a.sqrt() * e + (1 - a).sqrt() * x,
        "check.v_sample": lambda x, e, a: a.sqrt() * x + (1 - a).sqrt() * e,
        "check.v_sign": lambda x, e, a: (1 - a).sqrt() * x - a.sqrt() * e,
        "check.v_swapped": lambda x, e, a: (1 - a).sqrt() * e - a.sqrt() * x,
        "check.v_flow": lambda x, e, a: e - x,
    }
    return judge(
        function,
        [(*_pictures(3, seed), _alpha_bar(3, seed)) for seed in range(3)],
        lambda x, e, a: a.sqrt() * e - (1 - a).sqrt() * x,
        mistakes,
        language,
        "check.v_right",
    )


@hints("check.original_hint1", "check.original_hint2", "check.original_hint3")
def check_pred_original(function: Callable, language: str = "en") -> Verdict:
    """Notebook 04: ``f(sample, pred_noise, alpha_bar)``, the picture that the noise implies."""
    # From symbol to name: x is x_t, e is epsilon, a is alpha_bar.
    mistakes = {
        "check.original_root": lambda x, e, a: (x - (1 - a) * e) / a.sqrt(),
        "check.original_roots": lambda x, e, a: (x - (1 - a) * e) / a,
        "check.original_divisor_root": lambda x, e, a: (x - (1 - a).sqrt() * e) / a,
        "check.original_undivided": lambda x, e, a: x - (1 - a).sqrt() * e,
        "check.original_plain": lambda x, e, a: x - e,
        "check.original_plus": lambda x, e, a: (x + (1 - a).sqrt() * e) / a.sqrt(),
        "check.original_beta": lambda x, e, a: (x - a.sqrt() * e) / (1 - a).sqrt(),
        "check.original_brackets": lambda x, e, a: x - (1 - a).sqrt() * e / a.sqrt(),
        "check.original_times": lambda x, e, a: (x - (1 - a).sqrt() * e) * a.sqrt(),
    }
    return judge(
        function,
        [(*_pictures(3, seed), _alpha_bar(3, seed)) for seed in range(3)],
        lambda x, e, a: (x - (1 - a).sqrt() * e) / a.sqrt(),
        mistakes,
        language,
        "check.original_right",
    )


@hints("check.step_hint1", "check.step_hint2", "check.step_hint3")
def check_ddpm_step(function: Callable, language: str = "en") -> Verdict:
    """Notebook 04: ``f(sample, pred_noise, t, schedule, z)``, line 4 of Ho et al.'s algorithm 2."""
    mistakes = {
        "check.step_last_noise": _ddpm_step(noise_at_zero=True),
        "check.step_no_noise": _ddpm_step(sigma=lambda beta: 0 * beta),
        "check.step_variance": _ddpm_step(sigma=lambda beta: beta),
        "check.step_variance_last_noise": _ddpm_step(lambda beta: beta, noise_at_zero=True),
        "check.step_beta": _ddpm_step(noise_root=lambda beta, bar: beta**0.5),
        "check.step_bar_root": _ddpm_step(noise_root=lambda beta, bar: 1 - bar),
        "check.step_bar": _ddpm_step(noise_root=lambda beta, bar: bar**0.5),
        "check.step_undivided": _ddpm_step(alpha_root=lambda beta, bar: 1),
        "check.step_alpha_root": _ddpm_step(alpha_root=lambda beta, bar: 1 - beta),
        "check.step_alpha_bar": _ddpm_step(alpha_root=lambda beta, bar: bar**0.5),
    }
    cases = [
        (*_pictures(2, seed=t), t, _schedule(12, seed=9), _pictures(2, seed=t + 50)[1])
        for t in (0, 5, 11)
    ]
    return judge(function, cases, _ddpm_step(), mistakes, language, "check.step_right")


def _ddpm_step(
    sigma: Callable = lambda beta: beta**0.5,
    *,
    noise_root: Callable = lambda beta, bar: (1 - bar) ** 0.5,
    alpha_root: Callable = lambda beta, bar: (1 - beta) ** 0.5,
    noise_at_zero: bool = False,
) -> Callable:
    """Line 4 of algorithm 2 (Ho et al. 2020), or a mistake; line 3 says: no z in the last step.

    x_{t-1} = (x_t - beta_t / sqrt(1 - alpha_bar_t) * epsilon) / sqrt(alpha_t) + sigma_t * z

    sqrt(1 - alpha_bar_t) is ``noise_root``, sqrt(alpha_t) is ``alpha_root``; of the paper's two
    choices of sigma_t^2 it is the first, beta_t.
    """

    def step(sample: Tensor, noise: Tensor, t: int, schedule: NoiseSchedule, z: Tensor) -> Tensor:
        beta, bar = schedule.betas[t], schedule.alphas_cumprod[t]
        mean = (sample - beta / noise_root(beta, bar) * noise) / alpha_root(beta, bar)
        return mean + sigma(beta) * z if t > 0 or noise_at_zero else mean

    return step


# ------------------------------------------------------- random cases


def _schedule(steps: int, seed: int) -> NoiseSchedule:
    """Random betas, far enough from 0 and 1 that every mistake shows."""
    betas = 0.05 + 0.35 * torch.rand(steps, generator=torch.Generator().manual_seed(seed))
    return NoiseSchedule("random", betas)


def _pictures(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Pictures in -1..1 and normal noise, both (count, 1, 4, 4)."""
    generator = torch.Generator().manual_seed(seed)
    pictures = 2 * torch.rand(count, 1, 4, 4, generator=generator) - 1
    return pictures, torch.randn(pictures.shape, generator=generator)


def _alpha_bar(count: int, seed: int) -> Tensor:
    """(count, 1, 1, 1) of 0.1 to 0.9, one for each picture."""
    generator = torch.Generator().manual_seed(seed + 100)
    return 0.1 + 0.8 * torch.rand(count, 1, 1, 1, generator=generator)


def _from_one(alphas_cumprod: Tensor) -> Tensor:
    """Shifted by one: it begins with 1, and the last value is lost."""
    return torch.cat([torch.ones(1), alphas_cumprod[:-1]])
