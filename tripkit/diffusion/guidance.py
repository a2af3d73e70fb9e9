"""Guidance: how strongly the class pulls, or how strongly a weaker network pushes."""

from torch import Tensor, nn


def guided(output_uncond: Tensor, output_cond: Tensor, guidance_scale: float) -> Tensor:
    """The network's two answers, combined (Ho & Salimans 2022, arXiv:2207.12598, eq. 6).

    Both are (B, C, H, W). ``guidance_scale`` follows diffusers: 0 ignores the class, 1 is the
    answer with the class, above 1 exaggerates the difference. The paper's w is
    ``guidance_scale - 1``. As all predictions are linear in each other for a given sample, the
    formula holds for epsilon, v and sample alike.
    """
    # From symbol to name: epsilon(z, c) is output_cond, epsilon(z) is output_uncond, and w is
    # guidance_scale - 1. The paper's (1 + w) * cond - w * uncond is this line, rearranged.
    return output_uncond + guidance_scale * (output_cond - output_uncond)


class Autoguided(nn.Module):
    """A network led away from a weaker version of itself; it needs no classes.

    Autoguidance, D_w = w * D_1 + (1 - w) * D_0 (Karras et al. 2024, arXiv:2406.02507): where the
    two differ, the weaker one errs more, and the same way; so going on beyond the better one leads
    away from the error.

    Args:
        unet: the network, see `unet.DigitUNet`.
        weaker: the same network from early in its training.
        guidance_scale: 1 is the network itself, above 1 exaggerates the difference.
    """

    def __init__(self, unet: nn.Module, weaker: nn.Module, guidance_scale: float):
        super().__init__()
        self.unet, self.weaker, self.guidance_scale = unet, weaker, guidance_scale
        self.config = unet.config

    def forward(self, sample: Tensor, timestep, labels: Tensor | None = None) -> Tensor:
        """The guided answer, (B, C, H, W)."""
        # From symbol to name: D_1 is unet, D_0 is weaker, w is guidance_scale itself.
        weaker_output = self.weaker(sample, timestep, labels)  # (B, C, H, W)
        output = self.unet(sample, timestep, labels)  # (B, C, H, W)
        return guided(weaker_output, output, self.guidance_scale)
