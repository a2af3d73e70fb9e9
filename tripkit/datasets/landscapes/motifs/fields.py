"""Fields and paths: what covers the ground."""

from __future__ import annotations

import math

from tripkit.datasets.landscapes.brush import Brush, smooth
from tripkit.datasets.landscapes.colors import (
    CREAM,
    WOOD,
    lit,
)
from tripkit.datasets.landscapes.motifs.registry import motif
from tripkit.datasets.landscapes.parts import fence, gable, person, sea


@motif(78, 38, (0.15, 1), rim=False)
def tea_field(b: Brush) -> None:
    """Rounded hedges of tea along a mound, and a picker in a pointed hat."""
    soil = lit((122, 96, 74), b.time)
    b.hill([(-39, 0), (-34, -14), (-18, -29), (0, -35), (18, -29), (34, -14), (39, 0)], 5, soil)
    for i in range(5):
        top, half = -30 + 7.4 * i, (17, 26, 32, 35, 37)[i]
        row = [(x * half / 6, top + 0.0075 * (x * half / 6) ** 2) for x in range(-6, 7)]
        for shift, width, amount in ((2.2, 5, -0.35), (0, 6.2, 0), (-1.8, 2, 0.28)):
            line = [(x, y + shift) for x, y in row]
            b.line(line, width, b.ink(amount))
            b.disc(*line[0], width / 2, b.ink(amount))
            b.disc(*line[-1], width / 2, b.ink(amount))
    person(b, 15, -7, 15, (206, 84, 72), (240, 214, 150))
    b.rect(-22, -9, -15, -4, (186, 134, 82))


@motif(74, 40, (0.15, 1), rim=False)
def vineyard(b: Brush) -> None:
    """Straight rows of vines that run to a farmhouse, with grapes."""
    soil = lit((176, 138, 100), b.time)
    b.poly([(-14, -27), (14, -27), (38, 5), (-38, 5)], soil)
    gable(b, 0, -26, 16, 14, CREAM, (200, 92, 66))
    for side in (-1, 1):
        for near, far, width in ((9, 3, 7.5), (22, 7.5, 8.5), (36, 12, 9)):
            _row(b, side, near, far, width)
    for x, y in ((-28, -1), (-12, 0), (12, 0), (28, -1)):
        _grapes(b, x, y)


def _row(b: Brush, side: int, near: float, far: float, width: float) -> None:
    for i in range(6):
        t = (i / 5) ** 1.5
        x = side * (far + (near - far) * t)
        y = -25 + 25 * t
        r = 1.8 + (width / 2 + 0.6) * t
        b.oval(x - r, y - r * 1.5, x + r, y + r * 0.8, b.ink(-0.25 if i % 2 else 0))
        b.oval(x - r * 0.9, y - r * 1.5, x + r * 0.8, y + r * 0.2, b.ink())
        if i > 2:
            b.rect(x - 1, y + r * 0.4, x + 1, y + r * 1.3, WOOD)


def _grapes(b: Brush, x: float, y: float) -> None:
    purple = (110, 62, 140) if abs(b.rgb[0] - 110) + abs(b.rgb[2] - 140) > 90 else (150, 190, 80)
    for dx, dy in ((-2.2, -4), (2.2, -4), (0, -4), (-1.2, -1.4), (1.2, -1.4), (0, 1)):
        b.disc(x + dx, y + dy, 1.9, purple)


@motif(76, 34, (0.15, 1), rim=False, size=1.06)
def flower_field(b: Brush) -> None:
    """Tulips in rows, small behind and large in front."""
    green = lit((86, 146, 80), b.time)
    b.hill([(-38, -10), (-26, -25), (-4, -29), (20, -26), (38, -12), (38, 0)], 5, green)
    for y, r, step in ((-24, 2.2, 5.6), (-18, 2.9, 7.2)):
        half = 24 if y < -20 else 32
        for i in range(int(2 * half / step) + 1):
            x = -half + i * step
            b.disc(x, y + abs(x) * 0.16, r, b.ink(-0.12 if i % 3 == 1 else 0))
    for y, r, step, offset in ((-8, 4.2, 10, 0), (3, 5.4, 12.5, 4)):
        for i in range(-3, 4):
            x = i * step + offset * 0.6
            if abs(x) < 37:
                _tulip(b, x + b.vary(-1, 1), y, r)


def _tulip(b: Brush, x: float, y: float, r: float) -> None:
    stem = lit((52, 116, 66), b.time)
    b.rect(x - 1, y - r, x + 1, y + r * 0.6, stem)
    b.poly([(x, y + r * 0.6), (x - r * 0.8, y - r * 0.5), (x - r * 0.1, y)], stem)
    top = y - r * 2.3
    b.poly(
        [
            (x - r * 0.9, top),
            (x - r * 0.4, top + r * 0.5),
            (x, top - r * 0.1),
            (x + r * 0.4, top + r * 0.5),
            (x + r * 0.9, top),
            (x + r * 0.85, top + r),
            (x - r * 0.85, top + r),
        ],
        b.ink(),
    )
    b.oval(x - r * 0.88, top + r * 0.2, x + r * 0.88, top + r * 1.7, b.ink())
    b.oval(x - r * 0.32, top + r * 0.35, x + r * 0.32, top + r * 1.5, b.ink(-0.2))


@motif(78, 40, (0.12, 1), rim=False)
def field_path(b: Brush) -> None:
    """A path through meadows to a farmhouse, with a fence, hay and a signpost."""
    b.hill([(-39, 0), (-34, -18), (-14, -27), (10, -29), (30, -22), (39, -8)], 5, b.ink())
    b.blob([(-37, -15), (-20, -24), (-4, -25), (-12, -14), (-30, -8)], b.ink(-0.15))
    b.blob([(14, -26), (30, -20), (38, -8), (24, -10), (14, -18)], b.ink(0.2))
    path = lit((240, 218, 174), b.time)
    left = [(3, -28), (10, -22), (-4, -15), (-6, -8), (-14, 5)]
    right = [(6, -28), (15, -22), (4, -15), (6, -8), (6, 5)]
    b.poly([*smooth(left), *reversed(smooth(right))], path)
    gable(b, -4, -26, 14, 13, CREAM, (200, 92, 66))
    fence(b, 10, 38, 2)
    for x, y in ((-24, -8), (-30, -1)):
        b.disc(x, y - 2, 5, (226, 182, 92))
        b.ring(x, y - 2, 3.4, 1.6, (180, 132, 60))
    b.rect(20, -25, 22, -7, WOOD)
    b.poly([(14, -24), (26, -24), (29, -21.5), (26, -19), (14, -19)], CREAM)


@motif(72, 46, (0.15, 1), rim=False)
def reed_field(b: Brush) -> None:
    """Tall feathery plumes of pampas grass beside water."""
    stalk = lit((164, 150, 84), b.time)
    b.blob([(-36, 0), (-20, -9), (10, -10), (34, -5), (36, 4), (0, 7), (-34, 5)], sea(b))
    for low, size, back, xs in (
        (-6, 0.95, True, range(-28, 34, 11)),
        (2, 1.0, False, range(-33, 34, 11)),
    ):
        for x in xs:
            h, lean = (38 + b.vary(-6, 5)) * size, 6 + b.vary(-1, 3)
            b.curve([(x, low), (x + 1, low - h * 0.4), (x + lean * 0.7, low - h * 0.8)], 2, stalk)
            _plume(b, x + 1, low - h * 0.36, h * 0.64, lean, back)
    for x in range(-34, 36, 8):
        b.poly([(x - 3, 4), (x - 6, -10), (x, -2), (x + 5, -12), (x + 3, 4)], stalk)


def _plume(b: Brush, x: float, y: float, h: float, lean: float, back: bool) -> None:
    """A plume whose stalk enters at (x, y): barbs on both sides of a bent line."""
    edge, fill = b.ink(-0.34), b.ink(-0.14 if back else 0)
    for grown, color in ((1.0, edge), (0.0, fill)):
        left, right = [], []
        for i in range(9):
            t = i / 8
            mid, half = x + lean * t * t * 1.3, 5.4 * math.sin(math.pi * (0.12 + 0.85 * t)) ** 0.8
            barb = 1.5 if i % 2 else 0
            left.append((mid - half - grown + barb, y - h * t - grown * (t - 0.5)))
            right.append((mid + half * 0.9 + grown - barb, y - h * t - grown * (t - 0.5)))
        b.poly([*left, *reversed(right)], color)
    b.curve(
        [(x + 0.5, y - h * 0.15), (x + lean * 0.3, y - h * 0.5), (x + lean, y - h * 0.85)],
        1.6,
        b.ink(0.4),
    )
