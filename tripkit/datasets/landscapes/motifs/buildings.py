"""Landmarks: castles, churches, towers, temples, old stones."""

from __future__ import annotations

import math

from tripkit.datasets.landscapes.brush import Brush
from tripkit.datasets.landscapes.colors import (
    CREAM,
    DARK,
    GOLD,
    LAMP,
    LEAF,
    RED,
    STONE,
    WOOD,
    lit,
    mix,
)
from tripkit.datasets.landscapes.motifs.registry import motif
from tripkit.datasets.landscapes.parts import arch, bars, eaves, flag, rock, window


@motif(68, 56, (0, 0.7), size=0.82)
def skyline(b: Brush) -> None:
    """High-rise buildings with rows of windows."""
    for left, right, height, amount in (
        (-30, -18, 30, -0.22),
        (-8, 4, 38, -0.3),
        (14, 28, 34, -0.22),
    ):
        b.rect(left, -height + b.vary(-3, 3), right, 0, b.ink(amount))
    glass = window(b) if b.dark else b.ink(0.5)
    for left, right, height, columns in (
        (-33, -22, 20, 2),
        (-20, -7, 42, 3),
        (2, 14, 48, 2),
        (19, 33, 25, 3),
    ):
        top = -height - b.vary(-3, 2)
        b.rect(left, top, right, 0, b.ink())
        bars(b, left + 1, top + 2, right - 1, -2, columns, int(-top / 7), glass)
    b.poly([(-9, 0), (-9, -24), (2, -29), (2, 0)], b.ink())
    bars(b, -8, -23, 1, -2, 2, 3, glass)
    b.rect(7, -57, 9, -46, b.ink(-0.3))
    b.poly([(-20, -41), (-7, -41), (-7, -49)], b.ink())


@motif(54, 58, (0, 0.8), size=0.88)
def castle(b: Brush) -> None:
    """A castle of four towers with battlements and flags."""
    dim = b.ink(-0.2)
    b.rect(-6, -42, 7, -20, dim)
    b.poly([(-8, -41), (0.5, -56), (9, -41)], b.ink(-0.45))
    flag(b, 0.5, -53, RED)
    b.rect(-16, -26, 16, 0, b.ink())
    for x in range(-15, 15, 6):
        b.rect(x, -30, x + 3.6, -25, b.ink())
    for x in (-20, 20):
        b.rect(x - 6, -34, x + 6, 0, b.ink())
        b.rect(x + 2, -34, x + 6, 0, dim)
        b.poly([(x - 8.5, -33), (x, -49), (x + 8.5, -33)], b.ink(-0.45))
        arch(b, x - 1, -20, 2.2, 8, window(b) if b.dark else DARK)
    flag(b, -20, -46, GOLD)
    arch(b, 0.5, -32, 2, 7, window(b) if b.dark else DARK)
    arch(b, 0, 0, 6, 16, mix(WOOD, DARK, 0.4))
    b.rect(-1, -15, 1, 0, WOOD)
    for x in (-10, 10):
        arch(b, x, -13, 2, 7, window(b) if b.dark else DARK)


@motif(46, 66, (0, 0.8), size=0.94)
def cathedral(b: Brush) -> None:
    """A Gothic front: two spires, a rose window, crosses."""
    b.rect(-22, -20, 22, 0, b.ink(-0.2))
    b.poly([(-11, -30), (0, -45), (11, -30), (11, 0), (-11, 0)], b.ink())
    for x in (-15, 15):
        b.rect(x - 6.5, -38, x + 6.5, 0, b.ink())
        b.poly([(x - 7.5, -38), (x, -60), (x + 7.5, -38)], b.ink(-0.35))
        b.rect(x - 1, -66, x + 1, -57, GOLD)
        b.rect(x - 3, -64, x + 3, -62, GOLD)
        b.poly(
            [(x - 2.4, -20), (x - 2.4, -29), (x, -33), (x + 2.4, -29), (x + 2.4, -20)], window(b)
        )
        b.poly(
            [(x - 2.6, 0), (x - 2.6, -8), (x, -12), (x + 2.6, -8), (x + 2.6, 0)],
            mix(WOOD, DARK, 0.4),
        )
    b.rect(-1, -52, 1, -43, GOLD)
    b.rect(-3, -50, 3, -48, GOLD)
    b.disc(0, -28, 6.5, b.ink(-0.4))
    b.disc(0, -28, 5, window(b))
    for x, y, color in ((0, -31, RED), (3, -28, (74, 122, 196)), (0, -25, GOLD), (-3, -28, LEAF)):
        b.disc(x, y, 1.5, color)
    b.poly([(-5, 0), (-5, -11), (0, -17), (5, -11), (5, 0)], mix(WOOD, DARK, 0.4))


@motif(62, 47, (0.06, 1), size=0.9)
def ruins(b: Brush) -> None:
    """Broken columns of an old temple on steps."""
    b.rect(-28, -4, 28, 1, b.ink(-0.25))
    b.rect(-25, -8, 25, -4, b.ink())
    for x, top in ((-20, -34), (-9, -34), (2, -34), (13, -21), (22, -13)):
        broken = top > -30
        b.rect(x - 4, top, x + 3.5, -8, b.ink())
        b.rect(x + 0.8, top, x + 3.5, -8, b.ink(-0.25))
        b.rect(x - 5.2, -10.5, x + 5, -8, b.ink(-0.1))
        if broken:
            b.poly(
                [
                    (x - 4, top + 1),
                    (x - 3, top - 4),
                    (x, top - 1),
                    (x + 2, top - 6),
                    (x + 3.5, top + 1),
                ],
                b.ink(),
            )
        else:
            b.rect(x - 5.2, top - 2, x + 5, top + 1.5, b.ink(-0.25))
    b.poly([(-26, -36), (-26, -41), (2, -41), (5, -38), (9, -40), (8, -36)], b.ink())
    b.poly([(-26, -41), (-15, -46), (-9, -43), (-2, -44), (1, -41)], b.ink(-0.12))
    b.poly([(24, 0), (30, -7), (36, -3), (32, 3)], b.ink())
    b.poly([(13, 3), (15, -3), (22, -2), (21, 3)], b.ink(0.15))
    green = lit(LEAF, b.time)
    for x, y, r in (
        (-24, -38, 3),
        (-22, -32, 2.6),
        (-24, -27, 2.2),
        (14, -20, 2.8),
        (-1, -41, 2.6),
    ):
        b.disc(x, y, r, green)


@motif(68, 52, (0.06, 0.9), size=0.92)
def museum(b: Brush) -> None:
    """A museum: dome, pediment, columns, banners on its wings."""
    b.dome(-11, -44, 11, -34, b.ink(-0.3))
    b.rect(-11, -35, 11, -28, b.ink(-0.15))
    for x in (-24, 24):
        b.rect(x - 9, -24, x + 9, 0, b.ink())
        b.rect(x - 10, -26, x + 10, -23, b.ink(-0.3))
        b.rect(x - 4, -20, x + 4, -4, RED if x < 0 else (66, 112, 182))
        b.disc(x, -14, 2.4, GOLD)
    b.rect(-16, -24, 16, -3, mix(DARK, b.rgb, 0.3) if not b.dark else mix(LAMP, WOOD, 0.3))
    for left in (-15.6, -7.2, 2, 10.4):
        b.rect(left, -24, left + 5.2, -3, b.ink())
        b.rect(left - 0.8, -25, left + 6, -22.5, b.ink(0.2))
    b.poly([(-19, -24), (0, -35), (19, -24)], b.ink())
    b.poly([(-10, -26), (0, -32), (10, -26)], b.ink(-0.28))
    b.rect(-19, -4, 19, -1.5, b.ink())
    b.rect(-22, -1.5, 22, 2, b.ink(-0.2))
    flag(b, 0, -43, GOLD)


@motif(44, 77, (0, 0.8), size=1.02)
def tower(b: Brush) -> None:
    """A steel lattice tower on four spread legs."""
    side = [(-21, 0), (-14, -18), (-9, -36), (-5, -54), (-3, -66)]
    b.poly([*side, *((-x, y) for x, y in reversed(side))], b.ink())
    b.poly(
        [(0.5, -66), (3, -66), (5, -54), (9, -36), (14, -18), (21, 0), (17, 0), (6, -36)],
        b.ink(-0.2),
    )
    b.poly([(-12, 1), (-9, -8), (-5, -13), (0, -15), (5, -13), (9, -8), (12, 1)], None)
    for top, bottom, half in ((-34, -24, 4), (-49, -41, 2.6)):
        b.poly([(0, top), (half, bottom), (-half, bottom)], None)
    b.rect(-15, -22, 15, -18, b.ink(-0.4))
    b.rect(-10.5, -40, 10.5, -36, b.ink(-0.4))
    b.rect(-7, -60, 7, -54.5, b.ink(-0.4))
    b.rect(-5, -58.6, 5, -56, window(b))
    b.rect(-1.2, -76, 1.2, -65, b.ink(-0.4))
    b.disc(0, -75, 2, RED)
    if b.dark:
        for x, y in (
            (-12, -20),
            (-6, -20),
            (0, -20),
            (6, -20),
            (12, -20),
            (-7, -38),
            (0, -38),
            (7, -38),
        ):
            b.disc(x, y, 1.5, LAMP)


@motif(48, 68, (0.04, 0.9), size=1.15)
def pagoda(b: Brush) -> None:
    """A pagoda of four or five roofs."""
    wall, pillar = CREAM, (170, 66, 54)
    b.rect(-19, -3, 19, 1, STONE)
    tiers = ((22, 19, 16, 13, 10), (23, 19, 15, 11))[int(b.rng.integers(2))]
    step = 55 / len(tiers)
    for i, half in enumerate(tiers):
        y = -3 - step * i
        b.rect(-half * 0.62, y - step, half * 0.62, y, wall)
        for x in (-half * 0.56, 0, half * 0.56):
            b.rect(x - 1.2, y - step, x + 1.2, y, pillar)
        if b.dark:
            b.rect(-half * 0.4, y - 5, -half * 0.12, y - 1, LAMP)
            b.rect(half * 0.12, y - 5, half * 0.4, y - 1, LAMP)
        eaves(b, 0, y - step + 6, half, step - 3, b.ink())
        b.rect(-half * 0.72, y - step + 4.6, half * 0.72, y - step + 6, b.ink(-0.3))
    b.rect(-1.2, -68, 1.2, -57, GOLD)
    b.disc(0, -63, 2.2, GOLD)


@motif(54, 60, (0.05, 0.9), size=1.2)
def windmill(b: Brush) -> None:
    """A windmill with four sails."""
    b.poly([(-18, 0), (-11, -34), (11, -34), (18, 0)], b.ink())
    b.poly([(12, 0), (7, -34), (11, -34), (18, 0)], b.ink(-0.2))
    b.rect(-17, -12, 17, -9.4, b.ink(-0.35))
    b.poly([(-13, -33), (-8, -42), (0, -45), (8, -42), (13, -33)], b.ink(-0.3))
    arch(b, 0, 0, 4, 9, mix(WOOD, DARK, 0.3))
    arch(b, 0, -15, 3, 8, window(b))
    turn = b.vary(0.5, 0.95)
    for quarter in range(4):
        _sail(b, turn + quarter * math.pi / 2)
    b.disc(0, -36, 3, DARK)


def _sail(b: Brush, angle: float) -> None:
    c, s = math.cos(angle), math.sin(angle)

    def at(along: float, across: float) -> tuple[float, float]:
        return along * c - across * s, -36 + along * s + across * c

    b.poly([at(7, -1), at(27, -1), at(27, 6), at(9, 6)], CREAM)
    for along in (12, 18.5):
        b.line([at(along, 0), at(along, 6)], 2, mix(WOOD, CREAM, 0.35))
    b.line([at(0, 0), at(28, 0)], 2.6, WOOD)
    b.line([at(9, 6), at(27, 6)], 2, WOOD)


@motif(66, 40, (0.08, 1), size=0.94)
def hanok(b: Brush) -> None:
    """A Korean house under a wide tiled roof."""
    b.rect(-27, -4, 27, 1, STONE)
    b.rect(-24, -17, 24, -4, CREAM)
    paper = LAMP if b.dark else (250, 242, 222)
    for x in (-18.5, 18.5):
        b.rect(x - 3.6, -14, x + 3.6, -5, WOOD)
        b.rect(x - 2.4, -13, x + 2.4, -6, paper)
    b.rect(-10, -16, 10, -4, WOOD)
    for x in (-6.6, 0, 6.6):
        b.rect(x - 2.6, -14.5, x + 2.6, -4, paper)
        b.rect(x - 2.6, -9.6, x + 2.6, -8, WOOD)
    for x in (-24, -12.5, 12.5, 24):
        b.rect(x - 1.3, -17, x + 1.3, -3, (112, 68, 48))
    ridge = [(-24, -39), (-12, -36), (0, -35), (12, -36), (24, -39)]
    under = [(34, -20), (22, -16), (0, -14.5), (-22, -16), (-34, -20)]
    b.poly([*ridge, (27, -30), *under, (-27, -30)], b.ink())
    for x in (-18, -9, 0, 9, 18):
        b.line([(x * 0.86, -34), (x * 1.12, -18)], 2, b.ink(-0.22))
    b.line([(-24, -39), (-12, -36), (0, -35), (12, -36), (24, -39)], 3, b.ink(-0.42))
    b.line([(-34, -20), (-22, -16), (0, -14.5), (22, -16), (34, -20)], 2.6, b.ink(-0.42))
    b.oval(-33, -8, -28, 1, (132, 84, 62))
    rock(b, 30, 0, 3.5)
