"""Draws shapes in the coordinates of one thing: (0, 0) is where it stands, up is negative.

A unit is a pixel of a 128 x 128 picture. Shapes in the asked colour are drawn with `Brush.ink`;
in a layer (RGBA) they have the alpha 255, all other shapes 254, so that the layer itself tells
which pixels show the asked colour. A lower alpha (`veil`) lets what lies behind shine through.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import ImageDraw

from tripkit.datasets.landscapes.colors import RGB, tone

Point = tuple[float, float]
INK, OTHER, HOLE = 255, 254, 0


class Ink(tuple):
    """A shade of the asked colour."""


class Brush:
    """Pillow's drawing, moved, scaled and mirrored."""

    def __init__(
        self,
        draw: ImageDraw.ImageDraw,
        x: float = 0,
        y: float = 0,
        scale: float = 1,
        *,
        mirrored: bool = False,
        rgb: RGB = (0, 0, 0),
        rng: np.random.Generator | None = None,
        time: str = "day",
        season: str = "summer",
    ):
        self.draw, self.x, self.y, self.scale = draw, x, y, scale
        self.sign = -1 if mirrored else 1
        self.rgb, self.time, self.season = rgb, time, season
        self.rng = rng or np.random.default_rng(0)

    @property
    def dark(self) -> bool:
        """Whether the lamps are on."""
        return self.time in {"sunset", "night"}

    def ink(self, amount: float = 0) -> Ink:
        """The asked colour, or a lighter (> 0) or darker (< 0) shade of it."""
        return Ink(tone(self.rgb, amount) if amount else self.rgb)

    def vary(self, low: float, high: float) -> float:
        """A number of this picture's own."""
        return float(self.rng.uniform(low, high))

    def poly(self, points: Iterable[Point], fill) -> None:
        """A filled polygon."""
        self.draw.polygon(self._points(points), self._fill(fill))

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill) -> None:
        """A filled rectangle."""
        (left, top), (right, bottom) = self._box(x0, y0, x1, y1)
        self.draw.rectangle(
            (left, top, max(left, right - 1), max(top, bottom - 1)), fill=self._fill(fill)
        )

    def oval(self, x0: float, y0: float, x1: float, y1: float, fill) -> None:
        """A filled ellipse in a rectangle."""
        (left, top), (right, bottom) = self._box(x0, y0, x1, y1)
        self.draw.ellipse(
            (left, top, max(left, right - 1), max(top, bottom - 1)), fill=self._fill(fill)
        )

    def disc(self, x: float, y: float, r: float, fill) -> None:
        """A filled circle."""
        self.oval(x - r, y - r, x + r, y + r, fill)

    def ring(self, x: float, y: float, r: float, width: float, fill) -> None:
        """A circle's line; ``r`` is its outer radius."""
        (left, top), (right, bottom) = self._box(x - r, y - r, x + r, y + r)
        self.draw.ellipse(
            (left, top, right, bottom), outline=self._fill(fill), width=self._width(width)
        )

    def dome(self, x0: float, y0: float, x1: float, y1: float, fill) -> None:
        """The upper half of an ellipse; (x0, y0) to (x1, y1) frame that half."""
        (left, top), (right, bottom) = self._box(x0, y0, x1, 2 * y1 - y0)
        self.draw.pieslice((left, top, right - 1, bottom - 1), 180, 360, fill=self._fill(fill))

    def line(self, points: Iterable[Point], width: float, fill) -> None:
        """A line with round corners."""
        self.draw.line(
            self._points(points), fill=self._fill(fill), width=self._width(width), joint="curve"
        )

    def blob(self, points: Sequence[Point], fill) -> None:
        """A closed shape with a smooth outline through the points."""
        self.poly(smooth(points, closed=True), fill)

    def curve(self, points: Sequence[Point], width: float, fill) -> None:
        """A smooth line through the points."""
        self.line(smooth(points), width, fill)

    def hill(self, points: Sequence[Point], bottom: float, fill) -> None:
        """A smooth ridge through the points, filled down to ``bottom``."""
        self.poly([*smooth(points), (points[-1][0], bottom), (points[0][0], bottom)], fill)

    def star(self, x: float, y: float, r: float, points: int, inner: float, fill) -> None:
        """A star; ``inner`` is the share of the radius between two points."""
        turns = [(i * math.pi / points, r if i % 2 == 0 else r * inner) for i in range(2 * points)]
        self.poly([(x + s * math.sin(t), y - s * math.cos(t)) for t, s in turns], fill)

    def _points(self, points: Iterable[Point]) -> list[Point]:
        k = self.scale * self.sign
        return [(self.x + x * k, self.y + y * self.scale) for x, y in points]

    def _box(self, x0: float, y0: float, x1: float, y1: float) -> tuple[Point, Point]:
        (a, top), (b, bottom) = self._points([(x0, y0), (x1, y1)])
        return (min(a, b), min(top, bottom)), (max(a, b), max(top, bottom))

    def _width(self, width: float) -> int:
        return max(3, round(width * self.scale))

    @staticmethod
    def _fill(color) -> tuple[int, ...]:
        if color is None:
            return (0, 0, 0, HOLE)
        if len(color) == 4:
            return color
        return (*color, INK if isinstance(color, Ink) else OTHER)


def veil(rgb: RGB, alpha: int) -> tuple[int, int, int, int]:
    """A colour that lets what lies behind shine through."""
    return (*rgb, min(alpha, OTHER - 1))


def smooth(points: Sequence[Point], *, closed: bool = False, steps: int = 6) -> list[Point]:
    """A Catmull-Rom curve through points."""
    p = np.asarray(points, dtype=float)
    ends = (p[-1:], p[:2]) if closed else (p[:1], p[-1:])
    p = np.concatenate([ends[0], p, ends[1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None, None]
    a, b, c, d = p[:-3], p[1:-2], p[2:-1], p[3:]
    curve = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    curve = curve.transpose(1, 0, 2).reshape(-1, 2)
    if not closed:
        curve = np.concatenate([curve, p[-2:-1]])
    return [(float(x), float(y)) for x, y in curve]
