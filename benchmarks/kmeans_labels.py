"""Classes without labels: groups of pictures that look alike, for a U-Net to be guided by.

A diffusion model draws better when it is told a class, even one that nobody named (Hu et al. 2023,
"Self-Guided Diffusion Models", arXiv:2210.06462).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

ROUNDS = 15  # of k-means; later ones hardly move a picture


def cluster(images: Tensor, count: int, *, seed: int = 0) -> Tensor:
    """The group of each picture by k-means (Lloyd 1982, doi:10.1109/TIT.1982.1056489).

    Args:
        images: (N, 1, 28, 28); compared at half their size.
        count: K, how many groups; at most N.
        seed: of the K pictures that the groups start from.

    Returns:
        (N,) of 0 to K - 1. A group that lost all its pictures keeps its centre.
    """
    # At half the size a stroke that lies a pixel aside still overlaps its like.
    points = F.avg_pool2d(images, 2).flatten(1)  # (N, 196)
    first = torch.randperm(len(points), generator=torch.Generator().manual_seed(seed))[:count]
    centers = points[first].clone()  # (K, 196)
    for _ in range(ROUNDS):
        nearest = torch.cdist(points, centers).argmin(1)  # (N,)
        sums = torch.zeros_like(centers).index_add_(0, nearest, points)  # (K, 196)
        sizes = torch.bincount(nearest, minlength=count)[:, None]  # (K, 1)
        centers = torch.where(sizes > 0, sums / sizes.clamp(min=1), centers)
    return nearest
