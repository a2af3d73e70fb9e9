"""The checks of notebooks 03 and 04: right answers pass, each likely mistake is named."""

import torch

from tripkit.course.checks import (
    check_add_noise,
    check_alphas_cumprod,
    check_ddpm_step,
    check_pred_original,
    check_snr,
    check_v_target,
)
from tripkit.diffusion.forward import add_noise
from tripkit.diffusion.prediction import convert_model_output, target


def ddpm_step(sample, pred_noise, t, schedule, z):
    beta, alpha_bar = schedule.betas[t], schedule.alphas_cumprod[t]
    mean = (sample - beta / (1 - alpha_bar).sqrt() * pred_noise) / (1 - beta).sqrt()
    return mean + beta.sqrt() * z if t > 0 else mean


def loop_cumprod(betas):
    left, shares = 1.0, []
    for beta in betas.tolist():
        left *= 1 - beta
        shares.append(left)
    return shares


RIGHT = [
    (check_alphas_cumprod, lambda betas: (1 - betas).cumprod(0)),
    (check_alphas_cumprod, loop_cumprod),
    (check_add_noise, add_noise),
    (check_snr, lambda a: 10 * torch.log10(a / (1 - a))),
    (check_snr, lambda a: 20 * torch.log10(a.sqrt() / (1 - a).sqrt())),
    (check_v_target, lambda x, e, a: target("v_prediction", x, e, a)),
    (check_pred_original, lambda x, e, a: convert_model_output("epsilon", e, x, a)[0]),
    (check_ddpm_step, ddpm_step),
]


MISTAKES = [
    (check_alphas_cumprod, lambda b: 1 - b.cumsum(0), "cumprod_sum"),
    (check_alphas_cumprod, lambda b: (1 - b).cumsum(0), "cumprod_alpha_sum"),
    (check_alphas_cumprod, lambda b: b.cumprod(0), "cumprod_beta"),
    (check_alphas_cumprod, lambda b: 1 - (1 - b).cumprod(0), "cumprod_gone"),
    (check_alphas_cumprod, lambda b: 1 - b, "cumprod_single"),
    (check_alphas_cumprod, lambda b: torch.prod(1 - b), "cumprod_last"),
    (check_alphas_cumprod, lambda b: torch.cumprod((1 - b) ** 0.5, 0), "cumprod_root"),
    (
        check_alphas_cumprod,
        lambda b: torch.cat([torch.ones(1), (1 - b).cumprod(0)])[:-1],
        "cumprod_late",
    ),
    (
        check_add_noise,
        lambda x, e, t, s: s.alphas_cumprod[t] * x + (1 - s.alphas_cumprod[t]) * e,
        "noise_roots",
    ),
    (
        check_add_noise,
        lambda x, e, t, s: s.alphas_cumprod[t].sqrt() * x + (1 - s.alphas_cumprod[t]) * e,
        "noise_root",
    ),
    (
        check_add_noise,
        lambda x, e, t, s: s.alphas_cumprod[t] * x + (1 - s.alphas_cumprod[t]).sqrt() * e,
        "noise_signal_root",
    ),
    (check_add_noise, lambda x, e, t, s: add_noise(e, x, t, s), "noise_swapped"),
    (
        check_add_noise,
        lambda x, e, t, s: (1 - s.betas[t]).sqrt() * x + s.betas[t].sqrt() * e,
        "noise_beta",
    ),
    (
        check_add_noise,
        lambda x, e, t, s: s.betas[t].sqrt() * x + (1 - s.betas[t]).sqrt() * e,
        "noise_beta_for_bar",
    ),
    (
        check_add_noise,
        lambda x, e, t, s: x + (1 - s.alphas_cumprod[t]).sqrt() * e,
        "noise_no_shrink",
    ),
    (check_add_noise, lambda x, e, t, s: s.alphas_cumprod[t].sqrt() * x + e, "noise_full"),
    (
        check_add_noise,
        lambda x, e, t, s: (r := s.alphas_cumprod[t].sqrt()) * x + (1 - r) * e,
        "noise_rest",
    ),
    (check_add_noise, lambda x, e, t, s: add_noise(x, -e, t, s), "noise_minus"),
    (check_snr, lambda a: a / (1 - a), "snr_ratio"),
    (check_snr, lambda a: 20 * torch.log10(a / (1 - a)), "snr_twenty"),
    (check_snr, lambda a: 10 * torch.log10(a.sqrt() / (1 - a).sqrt()), "snr_root"),
    (check_snr, lambda a: 10 * torch.log(a / (1 - a)), "snr_natural"),
    (check_snr, lambda a: torch.log10(a / (1 - a)), "snr_bel"),
    (check_snr, lambda a: torch.log(a / (1 - a)), "snr_natural_bel"),
    (check_snr, lambda a: 10 * torch.log10((1 - a) / a), "snr_upside_down"),
    (check_snr, lambda a: 10 * torch.log10(a / (1 - a).sqrt()), "snr_half_root"),
    (check_snr, lambda a: 10 * torch.log10(a), "snr_signal"),
    (check_v_target, lambda x, e, a: a * e - (1 - a) * x, "v_roots"),
    (check_v_target, lambda x, e, a: a.sqrt() * e + (1 - a).sqrt() * x, "v_plus"),
    (check_v_target, lambda x, e, a: a.sqrt() * x + (1 - a).sqrt() * e, "v_sample"),
    (check_v_target, lambda x, e, a: (1 - a).sqrt() * x - a.sqrt() * e, "v_sign"),
    (check_v_target, lambda x, e, a: (1 - a).sqrt() * e - a.sqrt() * x, "v_swapped"),
    (check_v_target, lambda x, e, a: e - x, "v_flow"),
    (check_pred_original, lambda x, e, a: (x - (1 - a) * e) / a.sqrt(), "original_root"),
    (check_pred_original, lambda x, e, a: (x - (1 - a) * e) / a, "original_roots"),
    (check_pred_original, lambda x, e, a: (x - (1 - a).sqrt() * e) / a, "original_divisor_root"),
    (check_pred_original, lambda x, e, a: x - (1 - a).sqrt() * e, "original_undivided"),
    (check_pred_original, lambda x, e, a: x - e, "original_plain"),
    (check_pred_original, lambda x, e, a: (x + (1 - a).sqrt() * e) / a.sqrt(), "original_plus"),
    (check_pred_original, lambda x, e, a: (x - a.sqrt() * e) / (1 - a).sqrt(), "original_beta"),
    (check_pred_original, lambda x, e, a: x - (1 - a).sqrt() * e / a.sqrt(), "original_brackets"),
    (check_pred_original, lambda x, e, a: (x - (1 - a).sqrt() * e) * a.sqrt(), "original_times"),
]


def wrong_step(spread, below, shrink, last_noise=False):
    """A step whose three numbers are wrong functions of beta (b) and alpha_bar (a)."""

    def step(x, e, t, s, z):
        b, a = s.betas[t], s.alphas_cumprod[t]
        mean = (x - b / below(b, a) * e) / shrink(b, a)
        return mean + spread(b) * z if t > 0 or last_noise else mean

    return step


def root(b):
    return b.sqrt()


def rest(b, a):
    return (1 - a).sqrt()


def kept(b, a):
    return (1 - b).sqrt()


MISTAKES += [
    (check_ddpm_step, mistake, code)
    for mistake, code in [
        (wrong_step(root, rest, kept, last_noise=True), "step_last_noise"),
        (wrong_step(lambda b: 0, rest, kept), "step_no_noise"),
        (wrong_step(lambda b: b, rest, kept), "step_variance"),
        (wrong_step(lambda b: b, rest, kept, last_noise=True), "step_variance_last_noise"),
        (wrong_step(root, lambda b, a: b.sqrt(), kept), "step_beta"),
        (wrong_step(root, lambda b, a: 1 - a, kept), "step_bar_root"),
        (wrong_step(root, lambda b, a: a.sqrt(), kept), "step_bar"),
        (wrong_step(root, rest, lambda b, a: 1), "step_undivided"),
        (wrong_step(root, rest, lambda b, a: 1 - b), "step_alpha_root"),
        (wrong_step(root, rest, lambda b, a: a.sqrt()), "step_alpha_bar"),
    ]
]
