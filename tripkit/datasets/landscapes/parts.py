"""What many motifs are made of: trees, houses, boats, people, water, steam."""

from __future__ import annotations

import math

from tripkit.datasets.landscapes.brush import Brush
from tripkit.datasets.landscapes.colors import (
    BARK,
    DARK,
    GLASS,
    LAMP,
    LEAF,
    PINE,
    RGB,
    STONE,
    WATER,
    WHITE,
    WOOD,
    lit,
    tone,
)

FOLIAGE: dict[str, RGB] = {
    "spring": (126, 178, 92),
    "summer": LEAF,
    "autumn": (206, 128, 62),
    "winter": (222, 232, 240),
}


def foliage(b: Brush) -> RGB:
    """The colour of leaves in this season and light."""
    return lit(FOLIAGE[b.season], b.time)


def sea(b: Brush) -> RGB:
    """The colour of water that belongs to no stop."""
    return lit(WATER, b.time)


def window(b: Brush) -> RGB:
    """The colour of a window: lit when it is dark outside."""
    return LAMP if b.dark else GLASS


def pine(b: Brush, x: float, y: float, height: float, color=None) -> None:
    """A conifer of three tiers."""
    snowy = color is None and b.season == "winter"
    color = color or lit(PINE, b.time)
    half = height * 0.3
    b.rect(x - height * 0.06 - 0.6, y - height * 0.2, x + height * 0.06 + 0.6, y, BARK)
    for low, top, share in ((0.12, 0.55, 1), (0.36, 0.78, 0.8), (0.6, 1, 0.58)):
        w = half * share
        b.poly([(x - w, y - height * low), (x, y - height * top), (x + w, y - height * low)], color)
    if snowy:
        w = half * 0.3
        b.poly([(x - w, y - height * 0.78), (x, y - height), (x + w, y - height * 0.78)], WHITE)


def bush(b: Brush, x: float, y: float, r: float, color=None) -> None:
    """A round bush."""
    color = color or foliage(b)
    b.dome(x - r, y - r * 1.2, x + r * 0.6, y, color)
    b.dome(x - r * 0.4, y - r * 0.8, x + r * 1.3, y, tone(color, -0.12))


def palm(b: Brush, x: float, y: float, height: float, lean: float) -> None:
    """A palm with a bent trunk and six leaves."""
    top_x, top_y = x + lean, y - height
    b.curve([(x, y), (x + lean * 0.25, y - height * 0.5), (top_x, top_y)], 4, (150, 104, 70))
    green, dark = lit((66, 150, 96), b.time), lit((44, 116, 84), b.time)
    for turn, color in (
        (200, dark),
        (335, dark),
        (165, green),
        (240, green),
        (300, green),
        (15, green),
    ):
        a = math.radians(turn)
        reach = height * 0.42
        tip = (top_x + reach * math.cos(a), top_y + reach * 0.75 * math.sin(a) + reach * 0.3)
        mid = (top_x + reach * 0.6 * math.cos(a), top_y + reach * 0.6 * math.sin(a) - reach * 0.12)
        b.poly(
            [
                (top_x, top_y - 2),
                (mid[0], mid[1] - 2.5),
                tip,
                (mid[0], mid[1] + 3),
                (top_x, top_y + 2),
            ],
            color,
        )
    b.disc(top_x - 2, top_y + 2, 2.2, (120, 76, 52))
    b.disc(top_x + 2.4, top_y + 2, 2.2, (120, 76, 52))


def ripples(b: Brush, x: float, y: float, width: float, color) -> None:
    """Three short strokes of light on water."""
    for dx, dy, share in ((-0.55, -2.5, 0.5), (0.15, 1, 0.6), (-0.35, 4, 0.45)):
        left = x + dx * width
        b.rect(left, y + dy, left + share * width, y + dy + 1.6, color)


def gable(b: Brush, x: float, y: float, width: float, height: float, wall, roof) -> None:
    """A small house with a gable roof, a door and a window."""
    half, eaves = width / 2, y - height * 0.55
    b.rect(x - half, eaves, x + half, y, wall)
    b.poly([(x - half - 2.5, eaves + 1.5), (x, y - height), (x + half + 2.5, eaves + 1.5)], roof)
    b.rect(x - half * 0.62, y - height * 0.36, x - half * 0.05, y, WOOD)
    b.rect(x + half * 0.25, y - height * 0.4, x + half * 0.8, y - height * 0.16, window(b))


def eaves(b: Brush, x: float, y: float, half: float, height: float, color) -> None:
    """A tiled roof of East Asia, its corners turned up."""
    b.poly(
        [
            (x - half - 2, y - 3.5),
            (x - half * 0.62, y - height * 0.55),
            (x - half * 0.5, y - height),
            (x + half * 0.5, y - height),
            (x + half * 0.62, y - height * 0.55),
            (x + half + 2, y - 3.5),
            (x + half - 2, y),
            (x - half + 2, y),
        ],
        color,
    )


def rock(b: Brush, x: float, y: float, r: float, color: RGB = STONE) -> None:
    """A round stone with a light top."""
    b.oval(x - r, y - r * 0.8, x + r, y + r * 0.7, tone(color, -0.25))
    b.oval(x - r * 0.9, y - r * 0.8, x + r * 0.7, y + r * 0.35, color)


def puff(b: Brush, x: float, y: float, r: float, color=WHITE) -> None:
    """A rising cloud of steam or smoke."""
    for dx, dy, share in ((0, 0, 0.5), (0.5, -0.9, 0.7), (0, -2, 0.95)):
        b.disc(x + dx * r, y + dy * r, r * share, color)


def flag(b: Brush, x: float, y: float, color) -> None:
    """A pennant on a pole whose foot is at (x, y)."""
    b.rect(x - 0.8, y - 9, x + 0.8, y, DARK)
    b.poly([(x + 0.6, y - 9), (x + 7, y - 6.5), (x + 0.6, y - 4)], color)


def arch(b: Brush, x: float, y: float, half: float, height: float, color) -> None:
    """A door or window with a round top, its foot at (x, y)."""
    b.rect(x - half, y - height + half, x + half, y, color)
    b.dome(x - half, y - height, x + half, y - height + half, color)


def person(b: Brush, x: float, y: float, height: float, coat, hat=None) -> None:
    """Somebody small who stands at (x, y)."""
    h = height
    b.poly(
        [
            (x - h * 0.25, y),
            (x - h * 0.14, y - h * 0.65),
            (x + h * 0.14, y - h * 0.65),
            (x + h * 0.25, y),
        ],
        coat,
    )
    b.disc(x, y - h * 0.8, h * 0.2, (240, 200, 168))
    if hat:
        b.poly([(x - h * 0.34, y - h * 0.82), (x, y - h * 1.12), (x + h * 0.34, y - h * 0.82)], hat)


def parasol(b: Brush, x: float, y: float, half: float, height: float, color, stripe) -> None:
    """A parasol whose pole stands at (x, y)."""
    top = y - height
    b.rect(x - 1, top, x + 1, y, WOOD)
    b.dome(x - half - 1.4, top - half * 0.2 - 1.4, x + half + 1.4, top + half * 0.75 + 1.2, DARK)
    b.dome(x - half, top - half * 0.2, x + half, top + half * 0.75, color)
    b.dome(x - half * 0.4, top - half * 0.2, x + half * 0.4, top + half * 0.75, stripe)


def bars(
    b: Brush, x0: float, y0: float, x1: float, y1: float, columns: int, rows: int, fill
) -> None:
    """A grid of windows inside a wall."""
    dx, dy = (x1 - x0) / columns, (y1 - y0) / rows
    for i in range(columns):
        for j in range(rows):
            left, top = x0 + i * dx + dx * 0.22, y0 + j * dy + dy * 0.25
            b.rect(left, top, left + dx * 0.56, top + dy * 0.5, fill)


def fence(b: Brush, x0: float, x1: float, y: float, color: RGB = (174, 144, 116)) -> None:
    """A wooden fence with two rails."""
    for rail in (-7, -3.5):
        b.rect(x0, y + rail, x1, y + rail + 1.8, color)
    steps = max(2, round((x1 - x0) / 9))
    for i in range(steps + 1):
        x = x0 + (x1 - x0) * i / steps
        b.rect(x - 1.2, y - 9.5, x + 1.2, y, color)
