"""Classifier-free guidance: how strongly the class pulls."""

from torch import Tensor


def guided(output_uncond: Tensor, output_cond: Tensor, guidance_scale: float) -> Tensor:
    """The network's two answers, combined (Ho & Salimans 2022, arXiv:2207.12598, eq. 6).

    Both are (B, C, H, W). ``guidance_scale`` follows diffusers: 0 ignores the class, 1 is the
    answer with the class, above 1 exaggerates the difference. The paper's w is
    ``guidance_scale - 1``. As all predictions are linear in each other for a given sample, the
    formula holds for epsilon, v and sample alike.
    """
    return output_uncond + guidance_scale * (output_cond - output_uncond)
