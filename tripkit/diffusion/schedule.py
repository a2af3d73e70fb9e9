"""Noise schedules: how much noise each of the T steps adds.

From symbol to name: beta_t is ``betas[t]``, the product of all (1 - beta) up to t, alpha_bar_t, is
``alphas_cumprod[t]``. The papers count t from 1, an array counts from 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class NoiseSchedule:
    """The betas of a forward process, and what follows from them.

    Attributes:
        name: for figures and model cards.
        betas: (T,), the variance of the noise that each step adds, 0 to 1.
    """

    name: str
    betas: Tensor

    @property
    def num_train_timesteps(self) -> int:
        """T, the number of steps."""
        return len(self.betas)

    @property
    def alphas_cumprod(self) -> Tensor:
        """(T,): the share of the picture's variance that is left after each step (alpha_bar)."""
        # From symbol to name: alpha_t is 1 - betas[t], alpha_bar_t the product of those up to t.
        return (1 - self.betas).cumprod(0)

    def snr(self) -> Tensor:
        """(T,): the signal-to-noise ratio, alpha_bar / (1 - alpha_bar)."""
        return self.alphas_cumprod / (1 - self.alphas_cumprod)


def linear_schedule(
    num_train_timesteps: int = 1000, beta_start: float = 1e-4, beta_end: float = 0.02
) -> NoiseSchedule:
    """Betas on a straight line (Ho et al. 2020, arXiv:2006.11239, section 4)."""
    # For T = 1000 the paper's ends leave alpha_bar_T = 4e-5; another T wants others.
    # In float64, so that each beta is rounded once.
    betas = torch.linspace(beta_start, beta_end, num_train_timesteps, dtype=torch.float64)
    return NoiseSchedule("linear", betas.float())


def cosine_schedule(num_train_timesteps: int = 1000, max_beta: float = 0.999) -> NoiseSchedule:
    """Alpha_bar falls along a squared cosine (Nichol & Dhariwal 2021, arXiv:2102.09672, eq. 17).

    Diffusers calls it "squaredcos_cap_v2": no beta is above ``max_beta``.
    """

    # From symbol to name: f(t) is alpha_bar(t / T), whose divisor f(0) goes out of the quotients.
    # The paper's s is 0.008: the first beta's root is then a little below a grey level's 1 / 127.5.
    def alpha_bar(share: float) -> float:
        return math.cos((share + 0.008) / 1.008 * math.pi / 2) ** 2

    steps = range(num_train_timesteps)
    count = num_train_timesteps
    betas = [1 - alpha_bar((t + 1) / count) / alpha_bar(t / count) for t in steps]
    # The last beta would be 1, and samplers divide by sqrt(alpha_bar_T), which would be 0.
    return NoiseSchedule("cosine", torch.tensor(betas).clamp(max=max_beta))


def rescale_zero_terminal_snr(schedule: NoiseSchedule) -> NoiseSchedule:
    """The schedule, moved so that its last step leaves no signal at all.

    Without it the last training step still shows a trace of the picture, but sampling starts from
    pure noise (Lin et al. 2024, arXiv:2305.08891, algorithm 1). At zero signal the noise predicts
    nothing: use v_prediction or sample, not epsilon.
    """
    # From symbol to name, as in diffusers: sqrt(alpha_bar) is alphas_bar_sqrt, whose ends are _0
    # and _T. In float64: an early beta is 1 less a quotient of almost equal numbers.
    alphas_bar_sqrt = schedule.alphas_cumprod.double().sqrt()  # (T,)
    alphas_bar_sqrt_0, alphas_bar_sqrt_T = alphas_bar_sqrt[0], alphas_bar_sqrt[-1]
    # Shifted, so that the last is 0, and scaled, so that the first stays what it was.
    alphas_bar_sqrt = alphas_bar_sqrt - alphas_bar_sqrt_T
    alphas_bar_sqrt = alphas_bar_sqrt * alphas_bar_sqrt_0 / (alphas_bar_sqrt_0 - alphas_bar_sqrt_T)
    alphas_cumprod = alphas_bar_sqrt**2
    # alpha_t = alpha_bar_t / alpha_bar_{t-1}, and alpha_bar before the first step is 1.
    alphas_cumprod_prev = torch.cat([torch.ones(1, dtype=torch.float64), alphas_cumprod[:-1]])
    betas = 1 - alphas_cumprod / alphas_cumprod_prev
    return NoiseSchedule(f"{schedule.name}, zero terminal SNR", betas.float())
