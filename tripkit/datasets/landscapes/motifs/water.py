"""Seas, lakes, rivers, and what stands in them."""

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
    lit,
    mix,
)
from tripkit.datasets.landscapes.motifs.registry import motif
from tripkit.datasets.landscapes.parts import (
    bush,
    foliage,
    palm,
    parasol,
    pine,
    ripples,
    rock,
    sea,
)


@motif(62, 32, (0.08, 0.3), where="sea")
def island(b: Brush) -> None:
    """A green hump with cliffs that rises from the sea."""
    b.oval(-31, -5, 31, 5, mix(sea(b), WHITE, 0.6))
    b.hill(
        [(-28, 0), (-22, -12), (-11, -18), (-3, -24), (5, -31), (12, -25), (18, -14), (28, 0)],
        1,
        b.ink(),
    )
    b.blob([(5, -31), (12, -25), (18, -14), (27, 0), (12, 0), (10, -10), (4, -18)], b.ink(-0.2))
    b.hill([(-28, 0), (-20, -6), (-8, -4), (4, -7), (16, -4), (28, 0)], 2, mix(STONE, SAND, 0.5))
    for x, y, r in ((-14, -15, 4), (-8, -19, 3.5), (0, -22, 3.5)):
        bush(b, x, y + 4, r, b.ink(0.2))


@motif(84, 40, (0.3, 1))
def beach(b: Brush) -> None:
    """Sea, surf, sand, and a parasol."""
    sand = lit(SAND, b.time)
    b.blob(
        [(-42, -20), (-20, -27), (20, -27), (42, -19), (44, -4), (30, 6), (-28, 7), (-44, -2)], sand
    )
    b.blob(
        [
            (-42, -21),
            (-16, -28),
            (22, -28),
            (42, -21),
            (41, -10),
            (24, -5),
            (6, -9),
            (-12, -4),
            (-30, -8),
            (-42, -9),
        ],
        WHITE,
    )
    b.blob(
        [
            (-42, -22),
            (-16, -28),
            (22, -28),
            (42, -22),
            (41, -13),
            (24, -8),
            (6, -12),
            (-12, -7),
            (-30, -11),
            (-42, -13),
        ],
        b.ink(),
    )
    for x, y, w in ((-30, -18, 14), (-6, -21, 12), (16, -17, 16), (-16, -13, 12)):
        b.rect(x, y, x + w, y + 1.8, b.ink(0.4))
    parasol(b, -16, 3, 14, 21, b.ink(), WHITE)
    b.poly([(-6, 3), (12, 1), (15, 5), (-3, 7)], b.ink(0.25))
    b.disc(24, 1, 4, RED)
    b.poly([(20.5, 0), (24, -3), (24, 4)], WHITE)


@motif(80, 48, (0.3, 1))
def palm_beach(b: Brush) -> None:
    """A lagoon with palms that lean over it."""
    sand = lit((250, 232, 190), b.time)
    b.blob(
        [(-40, -12), (-20, -18), (22, -20), (40, -14), (42, 0), (20, 6), (-24, 6), (-42, 0)], sand
    )
    b.blob(
        [
            (-38, -14),
            (-10, -20),
            (26, -21),
            (41, -15),
            (41, -2),
            (28, 3),
            (8, -1),
            (-12, -6),
            (-30, -6),
        ],
        WHITE,
    )
    b.blob(
        [
            (-38, -15),
            (-10, -20),
            (26, -21),
            (41, -15),
            (41, -4),
            (28, 0),
            (8, -4),
            (-12, -9),
            (-30, -9),
        ],
        b.ink(),
    )
    ripples(b, 16, -12, 20, b.ink(0.4))
    palm(b, -26, 2, 42, 14)
    palm(b, -32, 1, 30, -3)
    b.star(6, 3, 3.6, 5, 0.5, RED)
    b.oval(20, -1, 38, 3, (230, 120, 70))
    b.oval(22, -1.5, 36, 1.5, CREAM)


@motif(70, 26, (0.3, 1), rim=False)
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


@motif(66, 46, (0.4, 1), rim=False)
def river(b: Brush) -> None:
    """A river that winds from afar to the front, between banks."""
    bank = lit(mix(foliage(b), SAND, 0.55), b.time)
    left = [(-2, -44), (10, -36), (-14, -26), (-20, -18), (-6, -8), (-26, 4)]
    right = [(4, -44), (20, -36), (4, -26), (6, -18), (26, -8), (28, 4)]
    b.poly([*_shift(left, -4), *reversed(_shift(right, 4))], bank)
    b.poly([*_shift(left, 0), *reversed(_shift(right, 0))], b.ink())
    for x, y, w in (
        (4, -35, 7),
        (-9, -26, 9),
        (-8, -17, 11),
        (6, -10, 12),
        (-14, -1, 15),
        (6, 0, 12),
    ):
        b.rect(x, y, x + w, y + 1.8, b.ink(0.4))
    rock(b, 22, -17, 4)
    rock(b, -26, -8, 4.5)
    for x, y in ((-24, -22), (27, -24)):
        pine(b, x, y, 18)
    bush(b, 29, -8, 5)


def _shift(points, dx: float):
    from tripkit.datasets.landscapes.brush import smooth

    return smooth([(x + dx, y) for x, y in points])


@motif(40, 62, (0.15, 0.8), where="shore")
def lighthouse(b: Brush) -> None:
    """A striped tower on a rock, its lamp shining."""
    b.poly([(2, -51), (30, -60), (30, -40)], mix(LAMP, WHITE, 0.3)) if b.dark else None
    b.blob([(-22, 2), (-18, -7), (-6, -10), (10, -9), (19, -5), (23, 2)], lit(STONE, b.time))
    b.poly([(-13, -6), (-8, -45), (8, -45), (13, -6)], b.ink())
    b.poly([(4, -6), (3, -45), (8, -45), (13, -6)], b.ink(-0.2))
    for low, high in ((-36, -29), (-20, -12)):
        b.poly(
            [
                (-8 + (low + 45) * -0.128, low),
                (8 + (low + 45) * 0.128, low),
                (8 + (high + 45) * 0.128, high),
                (-8 - (high + 45) * 0.128, high),
            ],
            WHITE,
        )
    b.rect(-11, -47, 11, -44, DARK)
    b.rect(-6, -55, 6, -47, LAMP)
    b.dome(-8, -62, 8, -54, b.ink())
    b.rect(-3, -12, 3, -5, WOOD)
    b.rect(12, -14, 23, -2, CREAM)
    b.poly([(10, -13), (17.5, -21), (25, -13)], b.ink())


@motif(88, 42, (0.1, 0.8))
def bridge(b: Brush) -> None:
    """A suspension bridge over water."""
    water = sea(b)
    b.blob([(-44, -6), (-20, -11), (20, -11), (44, -6), (40, 4), (0, 6), (-40, 4)], water)
    ripples(b, -14, -1, 18, mix(water, WHITE, 0.5))
    ripples(b, 22, 0, 14, mix(water, WHITE, 0.5))
    for x in range(-36, 37, 8):
        drop = -12 - 22 * ((abs(x) - 0) / 22) ** 2 if abs(x) < 22 else -34 + (abs(x) - 22) * 1.0
        b.rect(x - 1, drop, x + 1, -10, b.ink(0.1))
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


@motif(66, 46, (0.25, 0.9), where="sea")
def harbor(b: Brush) -> None:
    """Sailing boats at a wooden pier."""
    water = sea(b)
    b.oval(-35, -9, 35, 6, water)
    ripples(b, 10, -1, 18, mix(water, WHITE, 0.5))
    for x, y, k in ((15, -5, 0.8), (-10, -1, 1.0)):
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
        b.ink(-0.3),
    )
    b.rect(x - 17 * k, y - 8 * k, x + 19 * k, y - 6 * k, WHITE)
    b.poly([(x, y - 44 * k), (x + 7, y - 42 * k), (x, y - 39 * k)], GOLD)
