"""Which motif draws a kind, and how much room it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tripkit.datasets.landscapes.brush import Brush


@dataclass(frozen=True)
class Motif:
    """How a kind is drawn.

    Attributes:
        draw: paints it with a brush that stands at the middle of its lower edge.
        width: of the box it fills, in pixels of a 128 x 128 picture.
        height: of the same box.
        near: the least and the greatest depth at which it stands, 0 at the horizon, 1 in front.
        where: "land", "sea" (stands in the sea) or "sky".
        rim: whether an outline sets it off; not for what is part of the ground.
        size: makes it larger or smaller than it was drawn.
        edge: whether its right side runs out of the picture.
    """

    draw: Callable[[Brush], None]
    width: float
    height: float
    near: tuple[float, float]
    where: str = "land"
    rim: bool = True
    size: float = 1
    edge: bool = False


MOTIFS: dict[str, Motif] = {}


def motif(
    width: float,
    height: float,
    near: tuple[float, float],
    *,
    where: str = "land",
    rim: bool = True,
    size: float = 1,
    edge: bool = False,
):
    """Enters a motif under its function's name."""

    def enter(draw: Callable[[Brush], None]) -> Callable[[Brush], None]:
        MOTIFS[draw.__name__] = Motif(draw, width, height, near, where, rim, size, edge)
        return draw

    return enter
