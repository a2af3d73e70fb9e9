"""Fields and paths: what covers the ground."""

from __future__ import annotations

from tripkit.datasets.landscapes.brush import Brush, smooth
from tripkit.datasets.landscapes.colors import (
    CREAM,
    WOOD,
    lit,
    mix,
    tone,
)
from tripkit.datasets.landscapes.motifs.registry import motif
from tripkit.datasets.landscapes.parts import fence, foliage, gable, person, sea


@motif(82, 42, (0.12, 1), rim=False, size=0.96)
def tea_field(b: Brush) -> None:
    """Clipped hedges of tea in rows around a hill, and a picker in a pointed hat."""
    soil = lit(mix(foliage(b), (120, 92, 70), 0.65), b.time)
    slope = [(-43, -2), (-36, -14), (-20, -30), (0, -37), (20, -30), (36, -14), (43, -2)]
    b.blob([*slope, (28, 4), (0, 6), (-28, 4)], soil)
    for end, half, bend in ((-31, 13, 3), (-23, 23, 5), (-13.5, 31, 6), (-3, 36, 7)):
        count = round(half / 2.9)
        turns = [2 * i / count - 1 for i in range(count + 1)]
        row = [(half * t, end - bend * (1 - t * t)) for t in turns]
        b.line([(x, y + 2.6) for x, y in row], 4, b.ink(-0.42))
        for x, y in row:
            b.disc(x, y, 3.8, b.ink())
        b.line([(x, y - 2) for x, y in row[1:-1]], 1.6, b.ink(0.3))
    person(b, 15, -8, 16, (206, 84, 72), (240, 214, 150))
    b.rect(-22, -13, -14, -7, (200, 150, 92))


@motif(74, 40, (0.15, 1), rim=False, size=0.92)
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
    b.blob([(-38, -8), (-26, -24), (-4, -29), (20, -26), (38, -9), (30, 6), (-28, 6)], green)
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


@motif(80, 40, (0.12, 1), rim=False, size=0.95)
def field_path(b: Brush) -> None:
    """A path through meadows to a farmhouse, with a fence, hay and a signpost."""
    b.blob(
        [
            (-40, -6),
            (-34, -18),
            (-14, -27),
            (10, -29),
            (30, -22),
            (40, -7),
            (30, 3),
            (4, 6),
            (-26, 4),
        ],
        b.ink(),
    )
    b.blob([(-37, -15), (-20, -24), (-4, -25), (-12, -14), (-30, -8)], b.ink(-0.15))
    b.blob([(14, -26), (30, -20), (38, -8), (24, -10), (14, -18)], b.ink(0.2))
    path = lit((240, 218, 174), b.time)
    left = [(3, -28), (10, -22), (-4, -15), (-6, -8), (-14, 5)]
    right = [(6, -28), (15, -22), (4, -15), (6, -8), (6, 5)]
    b.poly([*smooth(left), *reversed(smooth(right))], path)
    gable(b, -4, -26, 15, 14, CREAM, (200, 92, 66))
    fence(b, 11, 36, 1)
    for x, y in ((-24, -8), (-30, -1)):
        b.disc(x, y - 2, 5, (226, 182, 92))
        b.ring(x, y - 2, 3.4, 1.6, (180, 132, 60))
    b.rect(20, -26, 22, -7, WOOD)
    b.poly([(13, -26), (26, -26), (29.5, -23), (26, -20), (13, -20)], CREAM)


@motif(72, 44, (0.12, 1), rim=False, size=0.94)
def reed_field(b: Brush) -> None:
    """Tall feathery plumes of pampas grass beside water."""
    grass = lit((150, 152, 84), b.time)
    b.blob([(-36, 0), (-20, -8), (10, -9), (34, -5), (36, 4), (0, 7), (-34, 5)], sea(b))
    for low, amount, xs in ((-5, -0.06, (-24, -9, 6, 21)), (2, 0.0, (-32, -18, -3, 12, 26))):
        for x in xs:
            foot, h, lean = x + b.vary(-2, 2), 37 + b.vary(-6, 5), 8 + b.vary(-2, 3)
            stalk = [(foot, low), (foot + 1, low - h * 0.4), (foot + 2, low - h * 0.6)]
            b.curve(stalk, 2, lit((150, 116, 70), b.time))
            _plume(b, foot, low - h * 0.42, h * 0.58, lean, amount)
    for i, x in enumerate(range(-34, 36, 7)):
        tip = (x + (-6 if i % 2 else 5), -9 - 3 * (i % 3))
        b.poly([(x - 3, 5), tip, (x + 3, 5)], tone(grass, -0.14 * (i % 2)))


def _plume(b: Brush, x: float, y: float, h: float, lean: float, amount: float) -> None:
    """A fluffy plume that starts at (x, y) and droops to the right."""
    path = [
        (
            x + 1 + lean * t * t * 1.4,
            y - h * (t - 0.16 * t**3),
            5.2 * (1 - t) ** 0.6 * (t + 0.25) ** 0.4,
        )
        for t in (0.06, 0.2, 0.34, 0.48, 0.62, 0.76, 0.88, 0.97)
    ]
    for shift, wider, shade in ((1.0, 0.6, amount - 0.3), (0, 0, amount)):
        for px, py, r in path:
            b.disc(px + shift, py + shift, r + wider, b.ink(shade))
    for px, py, r in path[1:5]:
        b.disc(px - r * 0.35, py, max(1.1, r * 0.3), b.ink(amount + 0.3))
