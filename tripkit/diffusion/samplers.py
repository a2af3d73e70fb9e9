"""Samplers: each turns the network's answers into steps from noise to a picture.

All have ``timesteps`` (falling), ``step`` (one of them) and ``noised`` (for inpainting). Steps are
spaced as diffusers' "trailing": the first starts from pure noise, the last ends at the picture
(Lin et al. 2024, arXiv:2305.08891, table 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tripkit.core.errors import RequestError
from tripkit.diffusion.forward import interpolate
from tripkit.diffusion.prediction import check, split
from tripkit.diffusion.schedule import NoiseSchedule


@dataclass(frozen=True)
class StepOutput:
    """What one step gives, both (B, C, H, W).

    Attributes:
        prev_sample: the sample, a little less noisy.
        pred_original_sample: the picture that the network has in mind by now.
    """

    prev_sample: Tensor
    pred_original_sample: Tensor


def spaced(num_train_timesteps: int, num_inference_steps: int) -> Tensor:
    """Falling timesteps from T - 1 on, evenly spaced: (num_inference_steps,).

    Raises:
        RequestError: more steps than the training had, or fewer than one.
    """
    if not 1 <= num_inference_steps <= num_train_timesteps:
        raise RequestError("bad_steps", got=num_inference_steps, limit=num_train_timesteps)
    stride = num_train_timesteps / num_inference_steps
    grid = torch.arange(num_inference_steps, dtype=torch.float64)
    return (num_train_timesteps - grid * stride).round().long() - 1


class _Sampler:
    """What the samplers of a noise schedule share."""

    def __init__(
        self,
        schedule: NoiseSchedule,
        num_inference_steps: int,
        prediction_type: str = "v_prediction",
    ):
        check(prediction_type)
        self.schedule, self.prediction_type = schedule, prediction_type
        self.timesteps = spaced(schedule.num_train_timesteps, num_inference_steps)
        # alpha_bar at each timestep, and 1 behind the last: there the picture is clean.
        self.alpha_bars = torch.cat([schedule.alphas_cumprod[self.timesteps], torch.ones(1)])

    def levels(self, index: int) -> tuple[Tensor, Tensor]:
        """Alpha_bar before and after step ``index``."""
        return self.alpha_bars[index], self.alpha_bars[index + 1]

    def noised(self, original_samples: Tensor, noise: Tensor, index: int) -> Tensor:
        """``original_samples`` as noisy as a sample is after step ``index``."""
        after = self.levels(index)[1]
        return after.sqrt() * original_samples + (1 - after).sqrt() * noise


class DDPM(_Sampler):
    """Ancestral sampling: each step draws from p(x_{t-1} | x_t) (Ho et al. 2020, algorithm 2).

    mean = sqrt(ab') * beta / (1 - ab) * x_0 + sqrt(alpha) * (1 - ab') / (1 - ab) * x_t   (eq. 7)
    variance = (1 - ab') / (1 - ab) * beta

    where ab and ab' are alpha_bar before and after the step, alpha = ab / ab', beta = 1 - alpha,
    and x_0 is the network's, clipped to -1..1. No noise is added in the last step.
    """

    def step(
        self,
        model_output: Tensor,
        index: int,
        sample: Tensor,
        generator: torch.Generator | None = None,
    ) -> StepOutput:
        """One step; all tensors are (B, C, H, W)."""
        before, after = self.levels(index)
        original, _ = split(self.prediction_type, model_output, sample, before)
        original = original.clamp(-1, 1)
        alpha = before / after
        beta = 1 - alpha
        mean = after.sqrt() * beta / (1 - before) * original
        mean = mean + alpha.sqrt() * (1 - after) / (1 - before) * sample
        if index == len(self.timesteps) - 1:
            return StepOutput(mean, original)
        variance = (1 - after) / (1 - before) * beta
        return StepOutput(mean + variance.sqrt() * _noise_like(sample, generator), original)


class DDIM(_Sampler):
    """Steps that need no noise, so that few are enough (Song et al. 2021, arXiv:2010.02502).

    Equation 12, with x' the sample after the step:

    x' = sqrt(ab') * x_0 + sqrt(1 - ab' - s^2) * epsilon + s * z,
    s = eta * sqrt((1 - ab') / (1 - ab) * (1 - ab / ab'))   (eq. 16)

    Args:
        schedule: of the training.
        num_inference_steps: 1 to T.
        prediction_type: of the network.
        eta: 0 is deterministic, 1 as random as DDPM.
        clip_sample: keep the network's x_0 in -1..1, and let the noise be what x_0 leaves of the
            sample (diffusers' ``use_clipped_model_output``). With the network's own noise beside a
            clipped x_0, the two no longer add up to the sample, and guided pictures fall apart.
    """

    def __init__(
        self,
        schedule: NoiseSchedule,
        num_inference_steps: int,
        prediction_type: str = "v_prediction",
        *,
        eta: float = 0.0,
        clip_sample: bool = False,
    ):
        super().__init__(schedule, num_inference_steps, prediction_type)
        if not 0 <= eta <= 1:
            raise RequestError("bad_eta", got=eta)
        self.eta, self.clip_sample = eta, clip_sample

    def step(
        self,
        model_output: Tensor,
        index: int,
        sample: Tensor,
        generator: torch.Generator | None = None,
    ) -> StepOutput:
        """One step; all tensors are (B, C, H, W)."""
        before, after = self.levels(index)
        original, noise = split(self.prediction_type, model_output, sample, before)
        if self.clip_sample:
            original = original.clamp(-1, 1)
            noise = (sample - before.sqrt() * original) / (1 - before).sqrt()
        sigma = self.eta * ((1 - after) / (1 - before) * (1 - before / after)).sqrt()
        direction = (1 - after - sigma**2).clamp(min=0).sqrt() * noise
        prev_sample = after.sqrt() * original + direction
        if self.eta > 0:
            prev_sample = prev_sample + sigma * _noise_like(sample, generator)
        return StepOutput(prev_sample, original)


class DPMSolver2M(_Sampler):
    """DPM-Solver++(2M): it remembers one answer, and so steps along a curve.

    Lu et al. 2022 (arXiv:2211.01095, algorithm 2). With l = log(sqrt(ab) / sqrt(1 - ab)), a step of
    h = l' - l, after one of h_before, goes to

    x' = sigma' / sigma * x - sqrt(ab') * (exp(-h) - 1) * D,
    D = x_0 + h / (2 * h_before) * (x_0 - x_0 of the step before)

    where sigma = sqrt(1 - ab). The first step and the last one have D = x_0.
    """

    _remembered: tuple[int, Tensor | None] = (-1, None)  # the step before, and its x_0

    def step(
        self,
        model_output: Tensor,
        index: int,
        sample: Tensor,
        generator: torch.Generator | None = None,
    ) -> StepOutput:
        """One step; all tensors are (B, C, H, W). Steps are taken in order, from any index."""
        before, after = self.levels(index)
        original, _ = split(self.prediction_type, model_output, sample, before)
        last = index == len(self.timesteps) - 1
        direction = original
        h = _log_snr(after) - _log_snr(before)
        earlier, remembered = self._remembered
        if remembered is not None and earlier == index - 1 and not last:
            ratio = h / (_log_snr(before) - _log_snr(self.levels(index - 1)[0]))
            direction = original + ratio / 2 * (original - remembered)
        self._remembered = index, original
        if last:  # h is infinite: what is left is the picture
            return StepOutput(original, original)
        shrink = ((1 - after) / (1 - before)).sqrt()
        prev_sample = shrink * sample - after.sqrt() * torch.expm1(-h) * direction
        return StepOutput(prev_sample, original)


class FlowEuler:
    """Euler's steps along the velocity of a flow-matching network: x' = x + (sigma' - sigma) * v.

    The network answers noise - x_0 (see `prediction.velocity`) and is told 1000 * sigma as its
    timestep. Sigmas fall from 1 to 1/1000 in even steps, then to 0, as in diffusers'
    FlowMatchEulerDiscreteScheduler.
    """

    def __init__(self, num_inference_steps: int, num_train_timesteps: int = 1000):
        if not 1 <= num_inference_steps <= num_train_timesteps:
            raise RequestError("bad_steps", got=num_inference_steps, limit=num_train_timesteps)
        sigmas = torch.linspace(1, 1 / num_train_timesteps, num_inference_steps)
        self.timesteps = sigmas * num_train_timesteps
        self.sigmas = torch.cat([sigmas, torch.zeros(1)])

    def step(
        self,
        model_output: Tensor,
        index: int,
        sample: Tensor,
        generator: torch.Generator | None = None,
    ) -> StepOutput:
        """One step; all tensors are (B, C, H, W)."""
        before, after = self.sigmas[index], self.sigmas[index + 1]
        original = sample - before * model_output
        return StepOutput(sample + (after - before) * model_output, original)

    def noised(self, original_samples: Tensor, noise: Tensor, index: int) -> Tensor:
        """``original_samples`` as noisy as a sample is after step ``index``."""
        return interpolate(original_samples, noise, self.sigmas[index + 1])


def _log_snr(alpha_bar: Tensor) -> Tensor:
    """Half the logarithm of the signal-to-noise ratio, the papers' lambda."""
    return (alpha_bar.log() - (1 - alpha_bar).log()) / 2


def _noise_like(sample: Tensor, generator: torch.Generator | None) -> Tensor:
    return torch.randn(sample.shape, generator=generator, device=sample.device, dtype=sample.dtype)
