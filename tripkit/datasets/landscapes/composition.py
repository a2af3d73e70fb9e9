"""Where things stand: the horizon, the shore, and a place for each stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tripkit.datasets.landscapes.motifs import MOTIFS
from tripkit.datasets.landscapes.motifs.registry import Motif

SIZE = 128
TRIES = 60
# Stops of a fuller picture are smaller.
SIZES = {1: (1.25, 1.7), 2: (0.95, 1.3), 3: (0.78, 1.08)}
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Place:
    """Where a stop stands: ``x`` is its middle, ``y`` its lower edge."""

    x: float
    y: float
    scale: float
    mirrored: bool

    def box(self, motif: Motif) -> Box:
        """What the motif fills: left, top, right, bottom."""
        half = motif.width * self.scale / 2
        return self.x - half, self.y - motif.height * self.scale, self.x + half, self.y


@dataclass(frozen=True)
class Composition:
    """A layout.

    Attributes:
        horizon: where the sky ends.
        shore: where the sea behind the land ends; None without a sea.
        places: one for each stop, in the order of the kinds given.
    """

    horizon: float
    shore: float | None
    places: tuple[Place, ...]


def compose(kinds: Sequence[str], rng: np.random.Generator) -> Composition:
    """A layout in which the stops cover little of each other: the best of some random ones."""
    motifs = [MOTIFS[kind] for kind in kinds]
    best, least = None, float("inf")
    for _ in range(TRIES):
        layout = _random_layout(motifs, rng)
        hidden = _worst_overlap(motifs, layout.places)
        if hidden < least:
            best, least = layout, hidden
        if least < 0.06:
            break
    assert best is not None
    return best


def _random_layout(motifs: Sequence[Motif], rng: np.random.Generator) -> Composition:
    horizon = float(rng.uniform(54, 72))
    at_sea = any(motif.where == "sea" for motif in motifs)
    shore = None
    if at_sea:
        shore = horizon + float(rng.uniform(20, 30))
    elif rng.random() < 0.2:
        shore = horizon + float(rng.uniform(5, 12))
    return Composition(
        horizon, shore, tuple(_place(m, len(motifs), horizon, shore, rng) for m in motifs)
    )


def _place(motif: Motif, count: int, horizon: float, shore: float | None, rng) -> Place:
    scale = float(rng.uniform(*SIZES[count]))
    scale = min(scale, 122 / motif.width if motif.width < SIZE else 1, 108 / motif.height)
    half = motif.width * scale / 2
    x = float(rng.uniform(min(half + 1, 64), max(127 - half, 64)))
    y = _baseline(motif, scale, count, horizon, shore, rng)
    return Place(x, y, scale, bool(rng.random() < 0.5))


def _baseline(motif: Motif, scale: float, count: int, horizon: float, shore, rng) -> float:
    if motif.where == "sky":
        tallest = motif.height * scale + 3
        return float(rng.uniform(tallest, max(tallest, horizon - 2)))
    if motif.where == "sea":
        return float(rng.uniform(horizon + 8, shore))
    near, far = motif.near[1], motif.near[0]
    if count == 1:
        far = max(far, (near + far) / 2)
    first = horizon + 5 if shore is None else shore + 3
    low, high = first + far * (122 - first), first + near * (122 - first)
    low = max(low, motif.height * scale + 4)
    return float(rng.uniform(low, max(low, high)))


def _worst_overlap(motifs: Sequence[Motif], places: Sequence[Place]) -> float:
    boxes = sorted((p.box(m) for m, p in zip(motifs, places, strict=True)), key=lambda box: box[3])
    worst = 0.0
    for i, back in enumerate(boxes):
        for front in boxes[i + 1 :]:
            width = min(back[2], front[2]) - max(back[0], front[0])
            height = min(back[3], front[3]) - max(back[1], front[1])
            if width > 0 and height > 0:
                worst = max(worst, width * height / ((back[2] - back[0]) * (back[3] - back[1])))
    return worst
