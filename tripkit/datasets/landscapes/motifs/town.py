"""Where people live, eat, travel and look at animals."""

from __future__ import annotations

from tripkit.datasets.landscapes.brush import Brush
from tripkit.datasets.landscapes.colors import (
    CREAM,
    DARK,
    GOLD,
    LAMP,
    RED,
    SAND,
    STONE,
    WHITE,
    WOOD,
    mix,
)
from tripkit.datasets.landscapes.motifs.registry import motif
from tripkit.datasets.landscapes.parts import fence, parasol, person, pine, puff, sea, window


def _awning(b: Brush, x0: float, x1: float, top: float, bottom: float, stripe) -> None:
    """A sloping awning in the asked colour with every third strip in another."""
    count = 6
    step = (x1 - x0) / count
    for i in range(count):
        left, right = x0 + i * step, x0 + (i + 1) * step
        fill = stripe if i % 3 == 1 else b.ink()
        inset = (x1 - x0) * 0.06
        middle = (x0 + x1) / 2
        squeeze = 1 - 2 * inset / (x1 - x0)
        b.poly(
            [(middle + (left - middle) * squeeze, top), (middle + (right - middle) * squeeze, top),
             (right, bottom), (left, bottom)],
            fill,
        )  # fmt: skip
        b.oval(left, bottom - step / 2, right, bottom + step / 2, fill)


@motif(60, 47, (0.12, 1), size=1.1)
def cafe(b: Brush) -> None:
    """A cafe: a striped awning, a cup over it, a table outside."""
    b.rect(-26, -32, 14, 0, b.ink())
    b.rect(-27, -34, 15, -31, b.ink(-0.35))
    b.rect(-22, -16, -3, -3, window(b))
    b.rect(-13.4, -16, -11.4, -3, WOOD)
    b.rect(1, -17, 11, 0, WOOD)
    b.rect(3, -15, 9, -7, window(b))
    _awning(b, -27, 15, -24, -15, WHITE)
    b.disc(-6, -38, 9, CREAM)
    b.poly([(-11, -41), (-2, -41), (-4, -34), (-9, -34)], (118, 74, 52))
    b.ring(-1.5, -38, 3.2, 2, (118, 74, 52))
    parasol(b, 23, 0, 10, 22, b.ink(), WHITE)
    b.rect(17, -9, 29, -7, WOOD)


@motif(70, 42, (0.1, 1), size=1.3)
def market(b: Brush) -> None:
    """Market stalls with awnings and heaps of fruit."""
    for x in (-17, 17):
        b.rect(x - 15, -24, x - 12.6, 0, WOOD)
        b.rect(x + 12.6, -24, x + 15, 0, WOOD)
        b.rect(
            x - 13, -24, x + 13, -8, mix(DARK, WOOD, 0.5) if not b.dark else mix(LAMP, WOOD, 0.35)
        )
        colors = (RED, GOLD, (120, 176, 74)) if x < 0 else ((240, 140, 50), (150, 80, 160), RED)
        for i, fruit in enumerate(colors):
            for dx, dy in ((-2.2, 0), (2.2, 0), (0, -3)):
                b.disc(x - 8 + 8 * i + dx, -12 + dy, 2.6, fruit)
        b.rect(x - 15, -11, x + 15, 0, mix(WOOD, CREAM, 0.35))
        b.rect(x - 15, -6.4, x + 15, -4.6, WOOD)
        _awning(b, x - 17, x + 17, -38, -24, WHITE)


@motif(68, 48, (0.12, 1), size=1.04)
def lantern_festival(b: Brush) -> None:
    """Strings of round paper lanterns, some afloat."""
    for x in (-32, 32):
        b.rect(x - 1.4, -46, x + 1.4, 1, DARK)
    b.oval(-30, -6, 30, 5, mix(sea(b), DARK, 0.25))
    for x in (-16, 2, 18):
        b.rect(x - 4, -7, x + 4, -1, b.ink(0.25))
        b.rect(x - 6, -1.5, x + 6, 1, WOOD)
    for y, drop, r, xs in ((-46, 5, 7.5, (-20, 0, 20)), (-28, 6, 7, (-23, -8, 8, 23))):
        b.curve(
            [(-32, y + 1), (-16, y + drop * 0.8), (0, y + drop), (16, y + drop * 0.8), (32, y + 1)],
            2,
            DARK,
        )
        for x in xs:
            _lantern(b, x, y + drop - (abs(x) / 32) ** 2 * drop + r, r)


def _lantern(b: Brush, x: float, y: float, r: float) -> None:
    b.rect(x - r * 0.45, y - r * 1.05, x + r * 0.45, y + r * 1.05, DARK)
    b.oval(x - r, y - r * 0.88, x + r, y + r * 0.88, b.ink())
    b.oval(x - r * 0.3, y - r * 0.7, x + r * 0.3, y + r * 0.7, b.ink(0.45))
    b.rect(x - 1, y + r, x + 1, y + r + 4, GOLD)


@motif(87, 44, (0.1, 1), size=1.14)
def train(b: Brush) -> None:
    """A steam engine with carriages."""
    b.rect(-43, -1, 43, 1.5, mix(STONE, DARK, 0.5))
    for x in range(-40, 43, 8):
        b.rect(x - 2, 1, x + 2, 3, WOOD)
    for left in (-43, -18):
        b.rect(left, -20, left + 23, -4, b.ink())
        b.rect(left - 0.5, -22.5, left + 23.5, -19, b.ink(-0.35))
        b.rect(left, -8, left + 23, -6, CREAM)
        for pane in (2.5, 8.5, 14.5):
            b.rect(left + pane, -17, left + pane + 5, -11, window(b))
        b.rect(left + 22, -6, left + 26, -4, DARK)
        for x in (5, 18):
            b.disc(left + x, -2.5, 3.4, DARK)
    b.rect(7, -24, 19, -4, b.ink())
    b.rect(5, -27, 21, -23, b.ink(-0.35))
    b.rect(10, -20, 16, -13, window(b))
    b.rect(18, -17, 38, -4, b.ink())
    b.dome(34, -17, 41, -10, b.ink())
    b.rect(34, -10.5, 41, -4, b.ink())
    b.rect(18, -12, 40, -10, GOLD)
    b.poly([(28, -17), (27, -26), (36, -26), (35, -17)], b.ink(-0.4))
    b.dome(21, -21, 27, -17, GOLD)
    b.poly([(38, -4), (44, 1), (36, 1)], RED)
    for x, r in ((12, 4.6), (23, 3.6), (32, 3.6)):
        b.disc(x, -r + 1, r, DARK)
        b.disc(x, -r + 1, r * 0.45, CREAM)
    puff(b, 28, -30, 6)


@motif(74, 42, (0.1, 1), size=1.2)
def snow_village(b: Brush) -> None:
    """Houses under thick snow, with a snowman."""
    snow, shadow = WHITE, (206, 220, 240)
    b.hill([(-35, 0), (-20, -6), (0, -4), (18, -7), (35, 0)], 3, shadow)
    for x, y, w, h in ((2, -5, 20, 30), (-19, -1, 24, 31), (21, 0, 22, 28)):
        _snowy_house(b, x, y, w, h)
    b.hill([(-36, 2), (-22, -2), (-4, 1), (12, -1), (36, 2)], 4, snow)
    b.disc(1, -2.5, 4.6, snow)
    b.disc(1, -9, 3.3, snow)
    b.rect(-2, -14, 4, -11.5, DARK)
    b.rect(-3, -7.4, 5, -5.6, RED)
    pine(b, -33, 1, 18, (66, 118, 108))
    puff(b, -14, -32, 3.4)


def _snowy_house(b: Brush, x: float, y: float, w: float, h: float) -> None:
    half, eaves = w / 2, y - h * 0.58
    b.rect(x - half, eaves, x + half, y, b.ink())
    b.poly([(x - half, eaves), (x, y - h + 3), (x + half, eaves)], b.ink())
    b.rect(x + half * 0.35, y - h, x + half * 0.7, y - h * 0.7, b.ink(-0.3))
    b.line([(x - half - 3, eaves + 1.5), (x, y - h + 1.5), (x + half + 3, eaves + 1.5)], 5, WHITE)
    b.rect(x - half * 0.62, y - h * 0.46, x - half * 0.1, y - h * 0.22, LAMP)
    b.rect(x + half * 0.15, y - h * 0.42, x + half * 0.66, y, WOOD)


@motif(66, 46, (0.12, 1))
def aquarium(b: Brush) -> None:
    """A great tank with fish, a ray, weeds, and people before it."""
    b.rect(-32, -44, 32, 0, (58, 66, 92))
    b.rect(-29, -41, 29, -6, b.ink())
    b.poly([(-22, -41), (-12, -41), (-20, -6), (-29, -6), (-29, -20)], b.ink(0.14))
    b.rect(-32, -6, 32, 1, mix(STONE, DARK, 0.3))
    b.blob([(-29, -6), (-18, -10), (0, -8), (18, -11), (29, -6), (0, -5)], SAND)
    for x, h in ((-25, 14), (24, 17), (19, 11)):
        b.curve([(x, -6), (x + 3, -6 - h * 0.5), (x - 1, -6 - h)], 3, (62, 146, 96))
    flip = b.vary(-3, 3)
    _fish(b, -13 + flip, -31, 6.5, (250, 146, 50))
    _fish(b, 13 - flip, -25, 7, (252, 214, 76))
    _fish(b, -8, -16, 5, (244, 98, 110))
    for x, y in ((2, -36), (5, -31), (24, -34)):
        b.ring(x, y, 2.2, 1.4, WHITE)
    for x, h in ((-5, 20), (5, 14)):
        person(b, x, 3, h, DARK)


def _fish(b: Brush, x: float, y: float, r: float, color) -> None:
    b.poly([(x - r * 0.6, y), (x - r * 1.6, y - r * 0.7), (x - r * 1.6, y + r * 0.7)], color)
    b.oval(x - r, y - r * 0.65, x + r, y + r * 0.65, color)
    b.rect(x - r * 0.25, y - r * 0.55, x + r * 0.15, y + r * 0.55, WHITE)
    b.disc(x + r * 0.6, y - r * 0.12, 1.2, DARK)


@motif(70, 52, (0.15, 1))
def zoo(b: Brush) -> None:
    """An elephant with a giraffe behind it, and a fence."""
    hide, spot = (246, 200, 104), (176, 112, 58)
    b.poly(
        [
            (15, 0),
            (16, -20),
            (24, -42),
            (29, -42),
            (27, -20),
            (31, -17),
            (31, 0),
            (27, 0),
            (27, -10),
            (19, -10),
            (19, 0),
        ],
        hide,
    )
    b.poly([(23, -48), (30, -48), (37, -43), (35, -40), (25, -40)], hide)
    for x, y in ((24, -51), (28, -51)):
        b.rect(x - 0.9, y, x + 0.9, y + 4, spot)
    for x, y, r in ((25, -36, 1.8), (23, -29, 2), (22, -20, 2.2), (26, -16, 2), (20, -14, 1.8)):
        b.disc(x, y, r, spot)
    b.disc(29, -45, 1.2, DARK)
    dim = b.ink(-0.22)
    for x, fill in ((-21, dim), (-3, dim), (-15, b.ink()), (4, b.ink())):
        b.rect(x - 4, -14, x + 4, 0, fill)
        b.rect(x - 4, -2, x + 4, 0, CREAM)
    b.oval(-27, -33, 11, -6, b.ink())
    b.curve([(-26, -24), (-30, -18), (-29, -11)], 2.4, dim)
    b.disc(11, -28, 10, b.ink())
    b.curve([(17, -27), (22, -17), (19, -8), (23, -4)], 5.4, b.ink())
    b.oval(-2, -38, 11, -19, dim)
    b.oval(-0.5, -36.5, 9, -21, b.ink(0.3))
    b.disc(15, -31, 1.5, DARK)
    b.poly([(16, -21), (24, -19), (25, -22)], WHITE)
    fence(b, -33, -25, 2)
    fence(b, 24, 33, 2)
