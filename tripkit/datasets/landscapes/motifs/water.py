"""Seas, lakes, rivers, and what stands in them."""

from __future__ import annotations

from tripkit.datasets.landscapes.brush import Brush, smooth, veil
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
    lit,
    mix,
)
from tripkit.datasets.landscapes.motifs.registry import motif
from tripkit.datasets.landscapes.parts import (
    arch,
    bush,
    foliage,
    palm,
    parasol,
    pine,
    ripples,
    rock,
    sea,
)


@motif(62, 34, (0.08, 0.3), where="sea", size=1.26)
def island(b: Brush) -> None:
    """A green hump with cliffs that rises from the sea."""
    b.oval(-31, -5, 31, 5, mix(sea(b), WHITE, 0.6))
    b.hill(
        [(-28, 0), (-22, -12), (-11, -18), (-3, -24), (5, -31), (12, -25), (18, -14), (28, 0)],
        1,
        b.ink(),
    )
    b.blob([(5, -31), (12, -25), (18, -14), (27, 0), (20, 0), (16, -10), (10, -18)], b.ink(-0.2))
    b.hill([(-28, 0), (-20, -6), (-8, -4), (4, -7), (16, -4), (28, 0)], 2, mix(STONE, SAND, 0.5))
    for x, y, r in ((-14, -15, 4), (-8, -19, 3.5), (0, -22, 3.5)):
        bush(b, x, y + 4, r, b.ink(0.2))
    b.poly([(-30, 1), (-17, 1), (-20, 5), (-27, 5)], WOOD)
    b.poly([(-23.5, -10), (-16, 0), (-23.5, 0)], WHITE)


@motif(84, 40, (0.1, 1), rim=False, edge=True)
def beach(b: Brush) -> None:
    """Sea, surf, sand, and a parasol."""
    sand = lit(SAND, b.time)
    inland = [(-36, -20), (-43, -8), (-40, 3), (-16, 7), (20, 6), (52, 8)]
    b.blob([(52, -26), (20, -28), (-18, -27), *inland], sand)
    for rise, fill in ((0, mix(b.rgb, WHITE, 0.8)), (3.4, b.ink())):
        surf = [(-30, -22), (-24, -14), (-8, -11), (4, -8), (20, -10), (34, -5), (54, -7)]
        b.blob([(56, -28), (20, -29), (-12, -28), *((x + rise, y - rise) for x, y in surf)], fill)
    for x, y, w in ((-12, -24, 14), (10, -21, 12), (26, -25, 13), (0, -17, 11), (22, -15, 14)):
        b.rect(x, y, x + w, y + 1.8, b.ink(0.4))
    parasol(b, -14, 3, 15, 23, b.ink(), WHITE)
    b.poly([(-6, 3), (12, 1), (15, 5), (-3, 7)], b.ink(0.25))
    b.disc(26, 0, 4.4, RED)
    b.poly([(22, -1), (26, -4.4), (26, 4.4)], WHITE)


@motif(80, 50, (0.1, 1), rim=False, edge=True, size=1.05)
def palm_beach(b: Brush) -> None:
    """A lagoon with palms that lean over it."""
    sand = lit((252, 236, 196), b.time)
    b.blob(
        [
            (50, -22),
            (14, -22),
            (-18, -20),
            (-36, -14),
            (-42, -4),
            (-34, 5),
            (-4, 8),
            (24, 6),
            (52, 8),
        ],
        sand,
    )
    for rise, fill in ((0, mix(b.rgb, WHITE, 0.8)), (3, b.ink())):
        surf = [(-34, -16), (-26, -8), (-10, -7), (6, -3), (22, -2), (36, 1), (52, -1)]
        b.blob([(54, -22), (18, -24), (-16, -22), *((x + rise, y - rise) for x, y in surf)], fill)
    ripples(b, 16, -15, 20, b.ink(0.4))
    palm(b, -26, 2, 44, 15)
    palm(b, -33, 1, 31, -3)
    b.star(2, 3, 3.8, 5, 0.5, RED)
    b.oval(14, 0, 34, 5, (230, 120, 70))
    b.oval(16, 0, 32, 3.5, CREAM)


@motif(72, 27, (0.12, 1), rim=False, size=1.14)
def lake(b: Brush) -> None:
    """Still water with a swan, reeds and stones."""
    shore = mix(foliage(b), SAND, 0.4)
    b.blob(
        [(-36, -9), (-16, -20), (14, -20), (34, -13), (36, -2), (18, 5), (-14, 5), (-34, 0)],
        lit(shore, b.time),
    )
    b.blob(
        [(-32, -9), (-14, -17), (14, -17), (31, -11), (32, -3), (16, 2), (-13, 2), (-31, -2)],
        b.ink(),
    )
    ripples(b, 17, -11, 14, b.ink(0.4))
    ripples(b, -15, -4, 14, b.ink(-0.2))
    b.oval(-11, -11, 6, -3, WHITE)
    b.poly([(-11, -8), (-15, -12), (-7, -10)], WHITE)
    b.curve([(4, -7), (7, -13), (4, -18)], 3.2, WHITE)
    b.disc(5, -18, 2.6, WHITE)
    b.poly([(7, -20), (11.5, -17.5), (7, -16.5)], (240, 146, 50))
    for x, h in ((-31, 13), (-28, 17), (-25, 12)):
        b.rect(x - 1, -h, x + 1, 0, lit((70, 120, 80), b.time))
        b.oval(x - 1.8, -h - 5, x + 1.8, -h + 2, (122, 78, 52))
    rock(b, 27, 2, 4)
    rock(b, 33, 0, 3)


@motif(66, 48, (0.9, 1.03), rim=False)
def river(b: Brush) -> None:
    """A river that winds from afar to the front, between banks."""
    bank = lit(mix(foliage(b), SAND, 0.55), b.time)
    left = [(-2, -47), (12, -38), (-14, -28), (-20, -19), (-4, -8), (-26, 4), (-40, 16)]
    right = [(4, -47), (23, -38), (5, -28), (7, -19), (27, -8), (30, 4), (34, 16)]
    b.poly([*_moved(left, -4), *reversed(_moved(right, 4))], bank)
    b.poly([*_moved(left, 0), *reversed(_moved(right, 0))], b.ink())
    strokes = ((8, -37, 7), (-8, -28, 9), (-9, -18, 11), (6, -10, 13), (-14, -1, 15), (6, 1, 12))
    for x, y, w in strokes:
        b.rect(x, y, x + w, y + 1.8, b.ink(0.4))
    rock(b, 22, -17, 4)
    rock(b, -26, -8, 4.5)
    for x, y in ((-24, -24), (27, -26)):
        pine(b, x, y, 18)
    bush(b, 31, -10, 5)


def _moved(points, dx: float):
    return smooth([(x + dx, y) for x, y in points])


@motif(46, 64, (0.06, 0.9), size=1.2)
def lighthouse(b: Brush) -> None:
    """A striped tower on a rock, its lamp shining."""
    if b.dark:
        b.poly([(2, -53), (40, -64), (40, -42)], veil(LAMP, 170))
    rocks = [(-23, 2), (-18, -7), (-6, -10), (10, -9), (20, -5), (24, 2)]
    b.blob(rocks, lit(STONE, b.time))
    for low, high, fill in (
        (-5, -46, b.ink()), (-16, -22.5, WHITE), (-32, -38, WHITE)
    ):  # fmt: skip
        wide, narrow = 15 + (low + 5) * 0.12, 15 + (high + 5) * 0.12
        b.poly([(-wide, low), (-narrow, high), (narrow, high), (wide, low)], fill)
        if fill is not WHITE:
            b.poly([(wide - 5, low), (narrow - 3, high), (narrow, high), (wide, low)], b.ink(-0.2))
    b.rect(-13, -49, 13, -45.5, DARK)
    b.rect(-7.5, -57, 7.5, -49, LAMP)
    b.dome(-10, -65, 10, -56, b.ink())
    arch(b, 0, -6, 3.4, 9, WOOD)


@motif(90, 44, (0.05, 0.9), size=0.9)
def bridge(b: Brush) -> None:
    """A suspension bridge over water."""
    water = sea(b)
    b.blob([(-44, -6), (-20, -11), (20, -11), (44, -6), (40, 4), (0, 6), (-40, 4)], water)
    ripples(b, -14, -1, 18, mix(water, WHITE, 0.5))
    ripples(b, 22, 0, 14, mix(water, WHITE, 0.5))
    for x in range(-36, 37, 8):
        drop = -12 - 22 * (abs(x) / 22) ** 2 if abs(x) < 22 else -34 + abs(x) - 22
        b.rect(x - 1.3, drop, x + 1.3, -10, b.ink(0.1))
    b.curve(
        [
            (-44, -12),
            (-33, -20),
            (-22, -36),
            (-11, -21),
            (0, -15),
            (11, -21),
            (22, -36),
            (33, -20),
            (44, -12),
        ],
        3.4,
        b.ink(),
    )
    b.rect(-44, -13, 44, -7, b.ink())
    b.rect(-44, -8.5, 44, -6, b.ink(-0.3))
    for x in (-22, 22):
        b.poly([(x - 5, 1), (x - 3.6, -41), (x + 3.6, -41), (x + 5, 1)], b.ink())
        b.rect(x + 1, -39, x + 4, 1, b.ink(-0.25))
        b.rect(x - 6, 0, x + 6, 4, STONE)
        b.rect(x - 1.6, -37, x + 1.6, -34, RED)


@motif(66, 46, (0.25, 0.9), where="sea", size=1.06)
def harbor(b: Brush) -> None:
    """Sailing boats at a wooden pier."""
    water = sea(b)
    b.oval(-35, -9, 35, 6, water)
    ripples(b, 10, -1, 18, mix(water, WHITE, 0.5))
    fleets = (
        ((15, -5, 0.8), (-10, -1, 1.0)),
        ((2, -1, 1.12),),
        ((-14, -6, 0.8), (18, -5, 0.74), (-2, 0, 0.9)),
    )
    for x, y, k in fleets[int(b.rng.integers(3))]:
        _boat(b, x, y, k)
    b.rect(-36, -2, -18, 1, WOOD)
    for x in (-34, -27, -20):
        b.rect(x - 1.2, -5, x + 1.2, 6, mix(WOOD, DARK, 0.3))
    b.rect(24, -3, 36, 0, WOOD)
    for x in (27, 34):
        b.rect(x - 1.2, -6, x + 1.2, 5, mix(WOOD, DARK, 0.3))


def _boat(b: Brush, x: float, y: float, k: float) -> None:
    b.rect(x - 1, y - 42 * k, x + 1, y - 4, WOOD)
    b.poly([(x + 2, y - 41 * k), (x + 19 * k, y - 11 * k), (x + 2, y - 9 * k)], b.ink())
    b.poly([(x - 2, y - 35 * k), (x - 15 * k, y - 11 * k), (x - 2, y - 9 * k)], b.ink(0.3))
    b.poly(
        [
            (x - 18 * k, y - 8 * k),
            (x + 20 * k, y - 8 * k),
            (x + 13 * k, y + 1),
            (x - 13 * k, y + 1),
        ],
        b.ink(),
    )
    b.rect(x - 17 * k, y - 8 * k, x + 19 * k, y - 6 * k, WHITE)
    b.poly([(x, y - 44 * k), (x + 7, y - 42 * k), (x, y - 39 * k)], GOLD)
