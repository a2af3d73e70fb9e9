"""Digits with known defects: a scratch, a blob, or a stroke that is missing."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tripkit.core.settings import check_option

DEFECTS = ("scratch", "blob", "missing")


@dataclass(frozen=True)
class Damaged:
    """Pictures with one defect each.

    Attributes:
        images: (N, 1, 28, 28) in -1..1.
        masks: of that shape, 1 where the defect is and 0 elsewhere.
    """

    images: Tensor
    masks: Tensor


def damage(images: Tensor, kind: str, seed: int = 0) -> Damaged:
    """Spoils each picture in one place, and leaves the rest of it alone.

    A scratch is a thin line of ink across the middle, a blob a round spot of ink; where a stroke is
    missing, a round piece of the digit is wiped out.

    Args:
        images: (N, 1, 28, 28) in -1..1; each holds some ink.
        kind: one of `DEFECTS`.
        seed: of the places.

    Raises:
        RequestError: ``bad_option``, another kind.
    """
    check_option("kind", kind, DEFECTS)
    generator = torch.Generator().manual_seed(seed)
    masks = _PLACES[kind](images, generator)
    spoiled = torch.where(masks > 0, -1.0 if kind == "missing" else 1.0, images)
    return Damaged(spoiled, masks)


def _scratch(images: Tensor, generator: torch.Generator) -> Tensor:
    count = len(images)
    middle = _uniform(count, 2, low=9, high=18, generator=generator)
    angle = _uniform(count, 1, low=0, high=torch.pi, generator=generator)
    half = _uniform(count, 1, low=6, high=10, generator=generator)
    along = half * torch.cat([angle.cos(), angle.sin()], dim=1)
    return _strokes(middle - along, middle + along, torch.full((count,), 0.7))


def _blob(images: Tensor, generator: torch.Generator) -> Tensor:
    place = _uniform(len(images), 2, low=6, high=21, generator=generator)
    radius = _uniform(len(images), 1, low=2, high=3, generator=generator)[:, 0]
    return _strokes(place, place, radius)


def _missing(images: Tensor, generator: torch.Generator) -> Tensor:
    ink = (images.flatten(1) > 0).float() + 1e-9  # the second term: a page without ink has a place
    pixel = torch.multinomial(ink, 1, generator=generator)[:, 0]
    place = torch.stack([pixel // 28, pixel % 28], dim=1).float()
    radius = _uniform(len(images), 1, low=3, high=4, generator=generator)[:, 0]
    return _strokes(place, place, radius)


_PLACES = {"scratch": _scratch, "blob": _blob, "missing": _missing}


def _uniform(*shape: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=generator)


def _strokes(start: Tensor, end: Tensor, radius: Tensor) -> Tensor:
    """(N, 1, 28, 28): 1 within ``radius`` of the line from ``start`` to ``end``, both (N, 2)."""
    grid = torch.stack(torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij"), -1)
    way, offset = (end - start)[:, None, None], grid - start[:, None, None]
    length = way.square().sum(-1).clamp(min=1e-9)
    share = ((offset * way).sum(-1) / length).clamp(0, 1)
    distance = (offset - share[..., None] * way).norm(dim=-1)
    return (distance <= radius[:, None, None]).float().unsqueeze(1)
