"""A diffusion network seen as a flow: the same network, asked for a velocity."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from tripkit.diffusion.prediction import convert_model_output, velocity
from tripkit.diffusion.schedule import NoiseSchedule


class AsFlow(nn.Module):
    """Answers as a flow-matching network does, out of one that was trained on a noise schedule.

    A flow mixes (1 - sigma) * x_0 + sigma * noise; a noise schedule mixes the two with weights
    whose squares add up to 1. Divided by sqrt((1 - sigma)^2 + sigma^2) the first mix is one of the
    second kind, so the network can read it, and from the picture and the noise that it finds
    follows the velocity (R. Gao et al. 2024, diffusionflow.github.io). It fits
    `samplers.FlowEuler`.

    Args:
        unet: takes (sample, timesteps, labels), see `unet.DigitUNet`.
        schedule: of its training.
        prediction_type: of its training, one of `prediction.PREDICTION_TYPES`.
    """

    def __init__(
        self, unet: nn.Module, schedule: NoiseSchedule, prediction_type: str = "v_prediction"
    ):
        super().__init__()
        self.unet, self.prediction_type = unet, prediction_type
        self.config = unet.config
        # In float64, as np.interp computes.
        alphas_cumprod = schedule.alphas_cumprod.double()  # (T,)
        # tan(angle) is noise over signal; it grows with t, as np.interp asks of its abscissae.
        self.angles = torch.atan2((1 - alphas_cumprod).sqrt(), alphas_cumprod.sqrt()).numpy()

    def timesteps(self, sigmas: Tensor) -> Tensor:
        """Where on the noise schedule noise and picture stand as sigma to 1 - sigma: fractions."""
        # The flow's noise over signal is sigma / (1 - sigma): its angle lies between two of ours.
        angles = torch.atan2(sigmas, 1 - sigmas).double().numpy()
        timesteps = np.interp(angles, self.angles, np.arange(len(self.angles)))
        return torch.as_tensor(timesteps, dtype=sigmas.dtype)  # as many as there are sigmas

    def forward(self, sample: Tensor, timesteps: Tensor, labels: Tensor | None = None) -> Tensor:
        """The velocity noise - x_0, (B, 1, 28, 28).

        Args:
            sample: (1 - sigma) * x_0 + sigma * noise, (B, 1, 28, 28).
            timesteps: 1000 * sigma, (B,) or one number for all.
            labels: as the network takes them.
        """
        # From symbol to name: the flow's x_sigma is sample, the schedule's x_t is diffusion_sample,
        # with x_t = x_sigma / norm, norm = sqrt((1 - sigma)^2 + sigma^2), and so
        # alpha_bar_t = ((1 - sigma) / norm)^2, which is alpha_bar.
        sigmas = torch.as_tensor(timesteps, dtype=sample.dtype).cpu() / 1000
        norm = ((1 - sigmas) ** 2 + sigmas**2).sqrt()
        shape = (-1, *[1] * (sample.dim() - 1))  # (B, 1, 1, 1), or (1, 1, 1, 1) for all
        diffusion_sample = sample / norm.to(sample.device).view(shape)  # (B, 1, 28, 28)
        model_output = self.unet(diffusion_sample, self.timesteps(sigmas).to(sample.device), labels)
        alpha_bar = ((1 - sigmas) / norm).square().to(sample.device).view(shape)
        pred_original_sample, pred_noise = convert_model_output(
            self.prediction_type, model_output, diffusion_sample, alpha_bar
        )
        return velocity(pred_original_sample, pred_noise)


def straightness(samples: Tensor) -> float:
    """How much longer paths are than the straight lines between their ends: 1 is straight.

    Args:
        samples: the stations of the paths, (steps, B, C, H, W).
    """
    stations = samples.flatten(2)  # (steps, B, C * H * W)
    lengths = (stations[1:] - stations[:-1]).norm(dim=2).sum(0)  # (B,), along the path
    straight = (stations[-1] - stations[0]).norm(dim=1)  # (B,), from end to end
    return (lengths / straight).mean().item()
