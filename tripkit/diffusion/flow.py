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
        alphas_cumprod = schedule.alphas_cumprod.double()
        # tan(angle) is noise over signal; it grows with t.
        self.angles = torch.atan2((1 - alphas_cumprod).sqrt(), alphas_cumprod.sqrt()).numpy()

    def timesteps(self, sigmas: Tensor) -> Tensor:
        """Where on the noise schedule noise and picture stand as sigma to 1 - sigma: fractions."""
        angles = torch.atan2(sigmas, 1 - sigmas).double().numpy()
        found = np.interp(angles, self.angles, np.arange(len(self.angles)))
        return torch.as_tensor(found, dtype=sigmas.dtype)

    def forward(self, sample: Tensor, timesteps: Tensor, labels: Tensor | None = None) -> Tensor:
        """The velocity noise - x_0, (B, 1, 28, 28).

        Args:
            sample: (1 - sigma) * x_0 + sigma * noise, (B, 1, 28, 28).
            timesteps: 1000 * sigma, (B,) or one number for all.
            labels: as the network takes them.
        """
        sigmas = torch.as_tensor(timesteps, dtype=sample.dtype).cpu() / 1000
        length = ((1 - sigmas) ** 2 + sigmas**2).sqrt()
        shape = (-1, *[1] * (sample.dim() - 1))
        mixed = sample / length.to(sample.device).view(shape)
        output = self.unet(mixed, self.timesteps(sigmas).to(sample.device), labels)
        alpha_bar = ((1 - sigmas) / length).square().to(sample.device).view(shape)
        return velocity(*convert_model_output(self.prediction_type, output, mixed, alpha_bar))


def straightness(samples: Tensor) -> float:
    """How much longer paths are than the straight lines between their ends: 1 is straight.

    Args:
        samples: the stations of the paths, (steps, B, C, H, W).
    """
    stations = samples.flatten(2)
    lengths = (stations[1:] - stations[:-1]).norm(dim=2).sum(0)
    straight = (stations[-1] - stations[0]).norm(dim=1)
    return (lengths / straight).mean().item()
