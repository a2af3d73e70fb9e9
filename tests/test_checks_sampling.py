"""The checks of notebook 05: right answers pass, each likely mistake is named."""

import re

import pytest
import torch

from tripkit.core.messages import text
from tripkit.course.checks import check_ddim_step, check_guided, check_replace, check_timesteps
from tripkit.diffusion.guidance import guided
from tripkit.diffusion.samplers import DDIM, spaced_timesteps
from tripkit.diffusion.schedule import cosine_schedule


def timesteps(num_train_timesteps, num_inference_steps):
    return list(range(num_train_timesteps - 1, -1, -(num_train_timesteps // num_inference_steps)))


def sigma_of(bar, bar_prev, eta):
    return eta * ((1 - bar_prev) / (1 - bar) * (1 - bar / bar_prev)) ** 0.5


def ddim_step(x, e, bar, bar_prev, eta, z):
    sigma = sigma_of(bar, bar_prev, eta)
    return bar_prev**0.5 * x + (1 - bar_prev - sigma**2) ** 0.5 * e + sigma * z


def replace(drawn, original_samples, noise, mask, alpha_bar):
    kept = alpha_bar.sqrt() * original_samples + (1 - alpha_bar).sqrt() * noise
    return torch.where(mask > 0, drawn, kept)


RIGHT = [
    (check_timesteps, timesteps),
    (check_timesteps, spaced_timesteps),
    (check_ddim_step, ddim_step),
    (check_guided, guided),
    (check_guided, lambda u, c, s: (1 - s) * u + s * c),
    (check_guided, lambda u, c, s: c + (s - 1) * (c - u)),
    (check_replace, replace),
    (check_replace, lambda d, x, e, m, a: m * d + (1 - m) * (a**0.5 * x + (1 - a) ** 0.5 * e)),
]


def test_the_step_of_the_exercise_is_the_librarys():
    sampler = DDIM(cosine_schedule(), 10, "sample", eta=0.6, clip_sample=False)
    generator = torch.Generator().manual_seed(0)
    sample, original = torch.randn(2, 3, 1, 4, 4, generator=generator)
    timestep = sampler.timesteps[4]
    bar, bar_prev = sampler.alpha_prods_at(timestep)
    noise = (sample - bar.sqrt() * original) / (1 - bar).sqrt()
    z = torch.randn(sample.shape, generator=torch.Generator().manual_seed(1))
    step = sampler.step(original, sampler.timesteps[4], sample, torch.Generator().manual_seed(1))
    torch.testing.assert_close(ddim_step(original, noise, bar, bar_prev, 0.6, z), step.prev_sample)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_hints_of_ddim_are_formulas_in_the_names_of_the_exercise(language):
    x, e, z = torch.randn(3, 2, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    given = {"alpha_bar": torch.tensor(0.2), "alpha_bar_prev": torch.tensor(0.6), "eta": 0.3}
    names = given | {"pred_original_sample": x, "pred_noise": e, "z": z}
    sigma = re.search(r"sigma = (.*?\*\* 0\.5)", text("check.ddim_hint2", language))[1]
    names["sigma"] = eval(sigma, {}, names)
    step = text("check.ddim_hint3", language).removeprefix("식은 이래요: ")
    torch.testing.assert_close(eval(step, {}, names), ddim_step(x, e, *given.values(), z))


def test_levels_that_are_swapped_lead_to_the_root_of_a_negative_number():
    verdict = check_ddim_step(lambda x, e, b, a, eta, z: ddim_step(x, e, a, b, eta, z))
    assert verdict.text == text("check.tensor_nan", "en")


MISTAKES = [
    (check_timesteps, lambda T, n: timesteps(T, n)[::-1], "spacing_rising"),
    (check_timesteps, lambda T, n: list(range(0, T, T // n))[::-1], "spacing_leading"),
    (check_timesteps, lambda T, n: list(range(0, T, T // n)), "spacing_leading_rising"),
    (check_timesteps, lambda T, n: list(range(T, 0, -(T // n))), "spacing_count"),
    (check_timesteps, lambda T, n: list(range(T - 1 - T // n, -2, -(T // n))), "spacing_late"),
    (check_timesteps, lambda T, n: torch.linspace(T - 1, 0, n).long(), "spacing_ends"),
    (check_timesteps, lambda T, n: list(range(T - 1, -1, -1))[:n], "spacing_first"),
    (check_guided, lambda u, c, s: guided(c, u, s), "guide_swapped"),
    (check_guided, lambda u, c, s: u - s * (c - u), "guide_sign"),
    (check_guided, lambda u, c, s: u + s * (u - c), "guide_sign"),
    (check_guided, lambda u, c, s: (1 + s) * c - s * u, "guide_paper"),
    (check_guided, lambda u, c, s: u + (s - 1) * (c - u), "guide_minus_one"),
    (check_guided, lambda u, c, s: s * (c - u), "guide_no_start"),
    (check_guided, lambda u, c, s: u + s * c, "guide_no_difference"),
    (check_guided, lambda u, c, s: s * c, "guide_only_class"),
    (check_guided, lambda u, c, s: c, "guide_forgotten"),
    (check_replace, lambda d, x, e, m, a: m * d + (1 - m) * x, "replace_clean"),
    (check_replace, lambda d, x, e, m, a: replace(d, x, e, 1 - m, a), "replace_inverted"),
    (check_replace, lambda d, x, e, m, a: (1 - m) * d + m * x, "replace_inverted_clean"),
    (check_replace, lambda d, x, e, m, a: m * d + (1 - m) * (a * x + (1 - a) * e), "replace_roots"),
    (
        check_replace,
        lambda d, x, e, m, a: m * d + (1 - m) * (a**0.5 * x + (1 - a) * e),
        "replace_root",
    ),
    (check_replace, lambda d, x, e, m, a: replace(d, e, x, m, a), "replace_swapped"),
    (check_replace, lambda d, x, e, m, a: m * d + (1 - m) * (x + e), "replace_loud"),
    (
        check_replace,
        lambda d, x, e, m, a: m * d + (1 - m) * (x + (1 - a) ** 0.5 * e),
        "replace_no_shrink",
    ),
    (check_replace, lambda d, x, e, m, a: d + replace(0 * d, x, e, m, a), "replace_added"),
    (check_replace, lambda d, x, e, m, a: m * d + replace(d, x, e, 0 * m, a), "replace_unmasked"),
    (check_replace, lambda d, x, e, m, a: d, "replace_nothing"),
    (check_replace, lambda d, x, e, m, a: replace(d, x, e, 0 * m, a), "replace_all"),
]


def without_eta(x, e, bar, bar_prev, eta, z):
    return ddim_step(x, e, bar, bar_prev, 0.0, z)


def always_random(x, e, bar, bar_prev, eta, z):
    return ddim_step(x, e, bar, bar_prev, 1.0, z)


def too_noisy(x, e, bar, bar_prev, eta, z):
    return ddim_step(x, e, bar, bar_prev, 0.0, z) + sigma_of(bar, bar_prev, eta) * z


def too_quiet(x, e, bar, bar_prev, eta, z):
    return ddim_step(x, e, bar, bar_prev, eta, 0 * z)


def sigma_without_root(x, e, bar, bar_prev, eta, z):
    sigma = eta * (1 - bar_prev) / (1 - bar) * (1 - bar / bar_prev)
    return bar_prev**0.5 * x + (1 - bar_prev - sigma**2) ** 0.5 * e + sigma * z


def sigma_for_its_square(x, e, bar, bar_prev, eta, z):
    sigma = sigma_of(bar, bar_prev, eta)
    return bar_prev**0.5 * x + (1 - bar_prev - sigma) ** 0.5 * e + sigma * z


def square_of_sigma(x, e, bar, bar_prev, eta, z):
    sigma = sigma_of(bar, bar_prev, eta)
    return bar_prev**0.5 * x + (1 - bar_prev - sigma**2) ** 0.5 * e + sigma**2 * z


def direction_without_root(x, e, bar, bar_prev, eta, z):
    sigma = sigma_of(bar, bar_prev, eta)
    return bar_prev**0.5 * x + (1 - bar_prev - sigma**2) * e + sigma * z


def picture_without_root(x, e, bar, bar_prev, eta, z):
    return ddim_step(x, e, bar, bar_prev, eta, z) + (bar_prev - bar_prev**0.5) * x


def no_roots(x, e, bar, bar_prev, eta, z):
    return direction_without_root(x, e, bar, bar_prev, eta, z) + (bar_prev - bar_prev**0.5) * x


def level_of_the_start(x, e, bar, bar_prev, eta, z):
    sigma = sigma_of(bar, bar_prev, eta)
    return bar**0.5 * x + (1 - bar - sigma**2) ** 0.5 * e + sigma * z


def full_picture(x, e, bar, bar_prev, eta, z):
    return ddim_step(x, e, bar, bar_prev, eta, z) + (1 - bar_prev**0.5) * x


def noise_taken_away(x, e, bar, bar_prev, eta, z):
    return ddim_step(x, -e, bar, bar_prev, eta, z)


MISTAKES += [
    (check_ddim_step, mistake, code)
    for mistake, code in [
        (without_eta, "ddim_no_eta"),
        (always_random, "ddim_eta_one"),
        (too_noisy, "ddim_added"),
        (too_quiet, "ddim_no_z"),
        (sigma_without_root, "ddim_sigma_root"),
        (sigma_for_its_square, "ddim_sigma_square"),
        (square_of_sigma, "ddim_sigma_variance"),
        (direction_without_root, "ddim_direction_root"),
        (picture_without_root, "ddim_signal_root"),
        (no_roots, "ddim_roots"),
        (level_of_the_start, "ddim_alpha_bar"),
        (full_picture, "ddim_no_shrink"),
        (noise_taken_away, "ddim_minus"),
    ]
]
