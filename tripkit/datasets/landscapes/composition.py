"""Where things stand: the horizon, the shore, and a place for each stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tripkit.datasets.landscapes.motifs import MOTIFS
from tripkit.datasets.landscapes.motifs.registry import Motif

SIZE = 128
LAYOUTS = 400
ENOUGH = 0.05  # share of a box that another may hide: the corners of most boxes are empty
CROWDED = 0.2
# Stops of a fuller picture are smaller.
SIZES = {1: (1.2, 1.65), 2: (0.95, 1.3), 3: (0.83, 1.1)}
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
    """A random layout in which the stops hide little of each other.

    Of many layouts drawn at once the first is taken in which no box hides much of another, or
    else the one that hides least.
    """
    motifs = [MOTIFS[kind] for kind in kinds]
    at_sea = any(motif.where == "sea" for motif in motifs)
    horizon = float(rng.uniform(52, 70))
    shore = None
    if at_sea:
        shore = horizon + float(rng.uniform(20, 28))
    elif rng.random() < 0.2:
        shore = horizon + float(rng.uniform(5, 12))
    for shrunk in (1.0, 0.94, 0.88):  # only where the stops are too large for one picture
        drawn = [_places(motif, len(motifs), shrunk, horizon, shore, rng) for motif in motifs]
        hidden = _hidden(motifs, drawn)
        if hidden.min() < CROWDED:
            break
    free = hidden < ENOUGH
    chosen = int(free.argmax()) if free.any() else int(hidden.argmin())
    places = tuple(
        Place(float(x[chosen]), float(y[chosen]), float(scale[chosen]), bool(mirrored[chosen]))
        for x, y, scale, mirrored in drawn
    )
    return Composition(horizon, shore, places)


def _places(motif: Motif, count: int, shrunk: float, horizon: float, shore: float | None, rng):
    """x, y, scale and mirrored of a motif in each of the layouts."""
    low, high = SIZES[count]
    scale = rng.uniform(low, high, LAYOUTS) * motif.size * shrunk
    scale = np.minimum(scale, min(122 / motif.width, 106 / motif.height))
    if motif.width >= SIZE:
        scale[:] = 1
    half, height = motif.width * scale / 2, motif.height * scale
    mirrored = rng.random(LAYOUTS) < 0.5
    if motif.edge:
        x = np.where(mirrored, half - 3, SIZE + 3 - half)
    else:
        x = half + 1 + rng.random(LAYOUTS) * np.maximum(SIZE - 2 - 2 * half, 0)
        x = np.where(2 * half > SIZE - 2, SIZE / 2, x)
    first, last = _depths(motif, count, horizon, shore)
    first = np.maximum(first, height + (1 if motif.where == "sky" else 3))
    y = first + rng.random(LAYOUTS) * np.maximum(last - first, 0)
    return x, y, scale, mirrored


def _depths(motif: Motif, count: int, horizon: float, shore: float | None) -> tuple[float, float]:
    """The least and the greatest baseline of a motif."""
    if motif.where == "sky":
        return 0, horizon + 8
    if motif.where == "sea" and shore is not None:
        return horizon + 8, shore
    far, near = motif.near
    if count == 1:  # alone, it does not hide in the distance
        far = max(far, (near + far) / 2)
    first = horizon + 5 if shore is None else shore + 3
    return first + far * (123 - first), first + near * (123 - first)


def _hidden(motifs: Sequence[Motif], drawn) -> np.ndarray:
    """For each layout, the greatest share of a box that one before it hides."""
    boxes = [
        (x - m.width * s / 2, y - m.height * s, x + m.width * s / 2, y)
        for m, (x, y, s, _) in zip(motifs, drawn, strict=True)
    ]
    worst = np.zeros(LAYOUTS)
    for i, back in enumerate(boxes):
        area = (back[2] - back[0]) * (back[3] - back[1])
        for j, front in enumerate(boxes):
            if i == j:
                continue
            width = np.minimum(back[2], front[2]) - np.maximum(back[0], front[0])
            height = np.minimum(back[3], front[3]) - np.maximum(back[1], front[1])
            share = np.maximum(width, 0) * np.maximum(height, 0) / area
            in_front = front[3] >= back[3]
            if "sky" in {motifs[i].where, motifs[j].where}:
                in_front = np.full(LAYOUTS, _before_the_sky(motifs[j], motifs[i]))
            worst = np.maximum(worst, np.where(in_front, share, 0))
    return worst


def _before_the_sky(front: Motif, back: Motif) -> bool:
    """Whether of two motifs, one of them in the sky, the first is in front."""
    return back.where == "sky" and (front.where != "sky" or front.width < back.width)
