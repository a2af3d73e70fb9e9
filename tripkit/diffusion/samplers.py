"""Samplers: each turns the network's answers into steps from noise to a picture.

All have ``timesteps`` (falling), ``step`` (from one of them to the next) and ``add_noise`` (for
inpainting), and take what diffusers' schedulers take: a loop carries over as it is. Steps are
spaced as diffusers' "trailing": the first starts from pure noise, the last ends at the picture
(Lin et al. 2024, arXiv:2305.08891, table 2).

From symbol to name: x_t is ``sample`` and x_{t-1} is ``prev_sample``, where t - 1 stands for the
next of the timesteps, however far away. alpha_bar_t is ``alpha_prod_t``, alpha_bar_{t-1} is
``alpha_prod_t_prev``; the network's x_0 is ``pred_original_sample`` and its epsilon ``pred_noise``.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tripkit.core.errors import RequestError
from tripkit.diffusion.forward import add_noise, interpolate
from tripkit.diffusion.prediction import check_prediction_type, convert_model_output
from tripkit.diffusion.schedule import NoiseSchedule

# Timesteps of a flow are fractions, at least 1 apart: so near is the same one, rounded otherwise.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class StepOutput:
    """What one step gives, both (B, C, H, W).

    Attributes:
        prev_sample: the sample, a little less noisy.
        pred_original_sample: the picture that the network has in mind by now.
    """

    prev_sample: Tensor
    pred_original_sample: Tensor


def spaced_timesteps(num_train_timesteps: int, num_inference_steps: int) -> Tensor:
    """Falling timesteps from T - 1 on, evenly spaced: (num_inference_steps,).

    Raises:
        RequestError: more steps than the training had, or fewer than one.
    """
    if not 1 <= num_inference_steps <= num_train_timesteps:
        raise RequestError("bad_steps", got=num_inference_steps, limit=num_train_timesteps)
    stride = num_train_timesteps / num_inference_steps
    grid = torch.arange(num_inference_steps, dtype=torch.float64)
    return (num_train_timesteps - grid * stride).round().long() - 1


def step_index(timesteps: Tensor, timestep: Tensor | float) -> int:
    """Where ``timestep`` stands among the ``timesteps`` of a sampler.

    Raises:
        RequestError: ``bad_timestep``, it is not one of them: an index of the loop, say.
    """
    timestep = float(timestep)
    distances = (timesteps.double() - timestep).abs()
    index = int(distances.argmin())
    if not distances[index] <= TOLERANCE:  # nan is no timestep either
        got, nearest = f"{timestep:g}", f"{float(timesteps[index]):g}"
        raise RequestError("bad_timestep", got=got, nearest=nearest, count=len(timesteps))
    return index


class _Sampler:
    """What the samplers of a noise schedule share."""

    def __init__(
        self,
        schedule: NoiseSchedule,
        num_inference_steps: int,
        prediction_type: str = "v_prediction",
    ):
        check_prediction_type(prediction_type)
        self.schedule, self.prediction_type = schedule, prediction_type
        self.timesteps = spaced_timesteps(schedule.num_train_timesteps, num_inference_steps)
        # alpha_bar at each timestep, and 1 behind the last: there the picture is clean.
        self.alpha_prods = torch.cat([schedule.alphas_cumprod[self.timesteps], torch.ones(1)])

    def alpha_prods_at(self, timestep: Tensor | int) -> tuple[Tensor, Tensor]:
        """Alpha_bar at ``timestep`` and at the one after it: alpha_prod_t, alpha_prod_t_prev.

        Raises:
            RequestError: ``bad_timestep``, it is not among ``timesteps``.
        """
        index = step_index(self.timesteps, timestep)
        return self.alpha_prods[index], self.alpha_prods[index + 1]

    def add_noise(self, original_samples: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """``original_samples`` as noisy as a sample is at ``timestep``, before that step."""
        return add_noise(original_samples, noise, timestep, self.schedule)


class DDPM(_Sampler):
    """Ancestral sampling: each step draws from p(x_{t-1} | x_t) (Ho et al. 2020, algorithm 2).

    mean = sqrt(ab') * beta / (1 - ab) * x_0 + sqrt(alpha) * (1 - ab') / (1 - ab) * x_t   (eq. 7)
    variance = (1 - ab') / (1 - ab) * beta

    where ab is alpha_bar_t and ab' alpha_bar_{t-1}, alpha = ab / ab', beta = 1 - alpha, and x_0 is
    the network's, clipped to -1..1. No noise is added in the last step.
    """

    def step(
        self,
        model_output: Tensor,
        timestep: Tensor | int,
        sample: Tensor,
        generator: torch.Generator | None = None,
    ) -> StepOutput:
        """From ``sample``, at ``timestep``, to the next timestep; both are (B, C, H, W).

        Raises:
            RequestError: ``bad_timestep``, it is not among ``timesteps``.
        """
        alpha_prod_t, alpha_prod_t_prev = self.alpha_prods_at(timestep)
        beta_prod_t, beta_prod_t_prev = 1 - alpha_prod_t, 1 - alpha_prod_t_prev
        pred_original_sample, _ = convert_model_output(
            self.prediction_type, model_output, sample, alpha_prod_t
        )
        # Pictures are in -1..1: a guess beyond is wrong, and would be carried on from step to step.
        pred_original_sample = pred_original_sample.clamp(-1, 1)
        # alpha and beta of all training steps between the two timesteps, taken as one.
        current_alpha_t = alpha_prod_t / alpha_prod_t_prev
        current_beta_t = 1 - current_alpha_t
        # Equation 7: mu~_t is pred_prev_sample, and variance is beta~_t.
        original_coeff = alpha_prod_t_prev.sqrt() * current_beta_t / beta_prod_t
        sample_coeff = current_alpha_t.sqrt() * beta_prod_t_prev / beta_prod_t
        pred_prev_sample = original_coeff * pred_original_sample + sample_coeff * sample
        if alpha_prod_t_prev == 1:  # behind it the picture is clean
            return StepOutput(pred_prev_sample, pred_original_sample)
        variance = beta_prod_t_prev / beta_prod_t * current_beta_t
        noise = variance.sqrt() * _noise_like(sample, generator)
        return StepOutput(pred_prev_sample + noise, pred_original_sample)


class DDIM(_Sampler):
    """Steps that need no noise, so that few are enough (Song et al. 2021, arXiv:2010.02502).

    Equation 12, with ab for alpha_bar_t and ab' for alpha_bar_{t-1} (the paper writes alpha):

    x_{t-1} = sqrt(ab') * x_0 + sqrt(1 - ab' - sigma^2) * epsilon + sigma * z,
    sigma = eta * sqrt((1 - ab') / (1 - ab) * (1 - ab / ab'))   (eq. 16)

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
        timestep: Tensor | int,
        sample: Tensor,
        generator: torch.Generator | None = None,
    ) -> StepOutput:
        """From ``sample``, at ``timestep``, to the next timestep; both are (B, C, H, W).

        Raises:
            RequestError: ``bad_timestep``, it is not among ``timesteps``.
        """
        alpha_prod_t, alpha_prod_t_prev = self.alpha_prods_at(timestep)
        beta_prod_t, beta_prod_t_prev = 1 - alpha_prod_t, 1 - alpha_prod_t_prev
        pred_original_sample, pred_noise = convert_model_output(
            self.prediction_type, model_output, sample, alpha_prod_t
        )
        if self.clip_sample:
            pred_original_sample = pred_original_sample.clamp(-1, 1)
            pred_noise = (sample - alpha_prod_t.sqrt() * pred_original_sample) / beta_prod_t.sqrt()
        # Equation 16: std_dev_t is sigma_t.
        variance = beta_prod_t_prev / beta_prod_t * (1 - alpha_prod_t / alpha_prod_t_prev)
        std_dev_t = self.eta * variance.sqrt()
        # Equation 12: its "direction pointing to x_t" has what sigma_t leaves of the variance.
        # At eta 1 rounding may make that a little less than nothing.
        direction_coeff = (beta_prod_t_prev - std_dev_t**2).clamp(min=0).sqrt()
        prev_sample = alpha_prod_t_prev.sqrt() * pred_original_sample + direction_coeff * pred_noise
        if self.eta > 0:
            prev_sample = prev_sample + std_dev_t * _noise_like(sample, generator)
        return StepOutput(prev_sample, pred_original_sample)


class DPMSolver2M(_Sampler):
    """DPM-Solver++(2M): it remembers one answer, and so steps along a curve.

    Lu et al. 2022 (arXiv:2211.01095, algorithm 2). With lambda = log(alpha / sigma), a step of
    h = lambda_t - lambda_s, after one of h_0, goes from time s to t:

    x_t = sigma_t / sigma_s * x_s - alpha_t * (exp(-h) - 1) * D,
    D = x_0 + h / (2 * h_0) * (x_0 - x_0 of the step before)

    where alpha = sqrt(alpha_bar) and sigma = sqrt(1 - alpha_bar). The first step and the last one
    have D = x_0: before the first nothing is known, and in the last h is infinite.
    """

    _previous: tuple[int, Tensor | None] = (-1, None)  # the step before, and its x_0

    def step(
        self,
        model_output: Tensor,
        timestep: Tensor | int,
        sample: Tensor,
        generator: torch.Generator | None = None,
    ) -> StepOutput:
        """From ``sample``, at ``timestep``, to the next timestep; both are (B, C, H, W).

        Steps are taken in order, from any timestep on.

        Raises:
            RequestError: ``bad_timestep``, it is not among ``timesteps``.
        """
        index = step_index(self.timesteps, timestep)
        alpha_prod_s, alpha_prod_t = self.alpha_prods[index], self.alpha_prods[index + 1]
        pred_original_sample, _ = convert_model_output(
            self.prediction_type, model_output, sample, alpha_prod_s
        )
        previous_index, previous = self._previous
        self._previous = index, pred_original_sample
        if alpha_prod_t == 1:  # h is infinite: what is left is the picture
            return StepOutput(pred_original_sample, pred_original_sample)
        # The paper's D is direction; s is this timestep, t the one that the step goes to.
        lambda_s = _half_log_snr(alpha_prod_s)
        h = _half_log_snr(alpha_prod_t) - lambda_s
        direction = pred_original_sample
        if previous is not None and previous_index == index - 1:  # not of another trajectory
            h_0 = lambda_s - _half_log_snr(self.alpha_prods[index - 1])
            direction = direction + h / h_0 / 2 * (pred_original_sample - previous)
        sigma_ratio = ((1 - alpha_prod_t) / (1 - alpha_prod_s)).sqrt()
        # expm1: exp(-h) - 1 would lose digits where steps are short.
        prev_sample = sigma_ratio * sample - alpha_prod_t.sqrt() * torch.expm1(-h) * direction
        return StepOutput(prev_sample, pred_original_sample)


class FlowEuler:
    """Euler's steps along the velocity v of a flow-matching network.

    x_{sigma'} = x_sigma + (sigma' - sigma) * v, with sigma' as ``sigma_next``.

    The network answers v = noise - x_0 (see `prediction.velocity`) and is told 1000 * sigma as its
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
        timestep: Tensor | int,
        sample: Tensor,
        generator: torch.Generator | None = None,
    ) -> StepOutput:
        """From ``sample``, at ``timestep``, to the next timestep; both are (B, C, H, W).

        Raises:
            RequestError: ``bad_timestep``, it is not among ``timesteps``.
        """
        index = step_index(self.timesteps, timestep)
        sigma, sigma_next = self.sigmas[index], self.sigmas[index + 1]
        # From x_sigma = (1 - sigma) * x_0 + sigma * noise and v = noise - x_0.
        pred_original_sample = sample - sigma * model_output
        return StepOutput(sample + (sigma_next - sigma) * model_output, pred_original_sample)

    def add_noise(self, original_samples: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """``original_samples`` as noisy as a sample is at ``timestep``, before that step."""
        sigma = self.sigmas[step_index(self.timesteps, timestep)]
        return interpolate(original_samples, noise, sigma)


def _half_log_snr(alpha_bar: Tensor) -> Tensor:
    """Half the logarithm of the signal-to-noise ratio, the papers' lambda."""
    return (alpha_bar.log() - (1 - alpha_bar).log()) / 2


def _noise_like(sample: Tensor, generator: torch.Generator | None) -> Tensor:
    return torch.randn(sample.shape, generator=generator, device=sample.device, dtype=sample.dtype)
