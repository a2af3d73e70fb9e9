"""Mountains, dunes, woods, and the lights of the north."""

from __future__ import annotations

import math

from tripkit.datasets.landscapes.brush import Brush, veil
from tripkit.datasets.landscapes.colors import BARK, DARK, GOLD, RED, WHITE, lit
from tripkit.datasets.landscapes.motifs.registry import motif
from tripkit.datasets.landscapes.parts import pine, rock


@motif(128, 50, (0, 0), where="sky", rim=False)
def northern_lights(b: Brush) -> None:
    """Curtains of light that hang in a night sky, bright below and fading above."""
    start, wave = b.vary(0, 6), b.vary(12, 18)
    for lift, height, amount in ((-20, 26, -0.15), (0, 34, 0.0)):
        line = [
            (x, lift - 10 + 7 * math.sin(x / wave + start + lift) + 1.5 * math.sin(x / 5 + start))
            for x in range(-68, 70, 2)
        ]
        for i in range(9):
            glow = veil(b.ink(amount), 24 + 22 * i)
            _curtain(b, line, height * (1.5 - 0.12 * i), glow)
        _curtain(b, line, height * 0.46, b.ink(amount))
        for x, y in line[::4]:
            shade = b.ink(amount + (0.3 if b.rng.random() < 0.5 else -0.16))
            b.rect(x, y - height * b.vary(0.25, 0.46), x + 2.4, y - 0.5, shade)
        for i in range(3):
            under = [(x, y + 6 - 2 * i) for x, y in line]
            _curtain(b, under, 3, veil(b.ink(amount), 30 + 40 * i))


def _curtain(b: Brush, line, height: float, fill) -> None:
    """Rays of changing length that stand on a wavy line."""
    tops = [
        (x, y - height * (1 + 0.04 * math.sin(x * 0.8) + 0.12 * math.sin(x / 7))) for x, y in line
    ]
    b.poly([*line, *reversed(tops)], fill)


@motif(78, 50, (0, 0.5), size=0.95)
def mountain(b: Brush) -> None:
    """Snow-capped peaks."""
    main = b.vary(-8, 8)
    left, right = b.vary(26, 36), b.vary(22, 32)
    _peak(b, main - 20, 20, left, -0.12)
    _peak(b, main + 21, 19, right, 0)
    _peak(b, main, 27, 48, 0)


def _peak(b: Brush, x: float, half: float, height: float, amount: float) -> None:
    bend = half * 0.18
    b.poly([(x - half, 0), (x - bend, -height * 0.72), (x, -height), (x + half, 0)], b.ink(amount))
    b.poly(
        [(x, -height), (x + half, 0), (x + half * 0.62, 0), (x + half * 0.3, -height * 0.4)],
        b.ink(amount - 0.25),
    )
    cap = height * (0.4 if b.season == "winter" else 0.3)
    side = half * cap / height
    b.poly(
        [(x - side * 0.85, cap - height), (x - side * 0.4, cap * 0.72 - height),
         (x, cap * 1.15 - height), (x + side * 0.4, cap * 0.7 - height),
         (x + side, cap - height), (x, -height)],
        WHITE,
    )  # fmt: skip


@motif(76, 50, (0, 0.6), size=1.18)
def ski_slope(b: Brush) -> None:
    """A piste under a chairlift, with a skier."""
    b.hill([(-37, 0), (-26, -18), (-10, -38), (0, -42), (14, -32), (28, -14), (37, 0)], 0, b.ink())
    b.hill([(17, -29), (24, -20), (30, -11), (37, 0)], 0, b.ink(-0.15))
    snow = WHITE if sum(b.rgb) < 600 else (206, 222, 240)
    b.blob(
        [
            (-2, -41),
            (4, -40),
            (0, -32),
            (12, -24),
            (2, -12),
            (12, 0),
            (-16, 0),
            (-12, -14),
            (-2, -23),
            (-8, -32),
        ],
        snow,
    )
    for x, y, h in ((-27, -2, 16), (-19, -12, 13), (26, -1, 17), (19, -10, 13), (31, 0, 12)):
        pine(b, x, y, h)
    b.line([(-37, -22), (2, -49)], 1, DARK)
    for x, y in ((-29, -26), (-14, -36)):
        b.rect(x - 0.9, y - 3, x + 0.9, y + 1, DARK)
        b.rect(x - 4, y, x + 4, y + 6, RED)
        b.rect(x - 2.6, y + 1.2, x + 2.6, y + 3.2, WHITE)
    b.rect(0.8, -49, 3.2, -40, DARK)
    b.line([(-9, -2), (8, -6)], 2, DARK)
    b.poly([(-2, -4), (-4, -11), (1, -13), (4, -6)], (242, 140, 48))
    b.disc(1, -15, 2.6, (40, 84, 160))


@motif(58, 60, (0, 0.9), size=0.9)
def waterfall(b: Brush) -> None:
    """Water falling over a cliff into a pool."""
    cliff, shadow = lit((122, 112, 112), b.time), lit((92, 84, 92), b.time)
    b.poly(
        [(-28, 0), (-27, -30), (-22, -48), (-12, -52), (10, -53), (22, -46), (28, -26), (28, 0)],
        cliff,
    )
    b.poly([(-28, 0), (-25, -26), (-19, -20), (-17, 0)], shadow)
    b.poly([(28, 0), (25, -28), (18, -18), (17, 0)], shadow)
    green = lit((84, 140, 84), b.time)
    b.blob([(-26, -46), (-18, -53), (-11, -52), (-12, -47), (-20, -44)], green)
    b.blob([(25, -42), (20, -51), (11, -54), (12, -48), (19, -44)], green)
    b.poly([(-12, -51), (12, -52), (14, -44), (16, -4), (-16, -4), (-13, -42)], b.ink())
    for x, top, bottom, amount in (
        (-9, -46, -14, 0.4),
        (-2.5, -48, -20, -0.18),
        (3, -44, -10, 0.4),
        (9.5, -46, -22, 0.4),
        (9, -18, -6, -0.18),
        (-8, -11, -5, -0.18),
    ):
        b.rect(x - 1.3, top, x + 1.3, bottom, b.ink(amount))
    b.oval(-27, -7, 27, 6, b.ink())
    b.oval(-18, -1, 18, 4, b.ink(0.22))
    for x, y, r in ((-15, -4, 4.5), (-8, -5, 5), (0, -4, 4.5), (8, -5, 5), (15, -4, 4.5)):
        b.disc(x, y, r, WHITE)
    rock(b, -24, 2, 5)
    rock(b, 25, 1, 4.5)
    pine(b, -22, -47, 12)
    pine(b, 22, -45, 13)


@motif(84, 34, (0, 0.9), rim=False)
def desert(b: Brush) -> None:
    """Dunes with a shaded side, and a cactus."""
    crest = b.vary(-6, 6)
    back = [(-40, -2), (-34, -10), (-22, -20), (-8, -12), (6, -6), (20, -16), (32, -9), (40, -2)]
    b.hill(back, 0, b.ink(-0.14))
    b.blob(
        [(-42, 0), (-26, -7), (crest, -17), (22, -9), (42, 0), (30, 5), (0, 7), (-30, 5)], b.ink()
    )
    b.blob(
        [(crest, -17), (crest + 9, -14.5), (22, -9), (40, 0), (22, 3), (crest + 8, 3),
         (crest + 14, -3), (crest + 2, -10)],
        b.ink(-0.26),
    )  # fmt: skip
    for x, y, w in ((-30, 0, 12), (-20, 3.5, 14), (-16, -4, 9)):
        b.rect(x, y, x + w, y + 1.8, b.ink(0.25))
    for x, y, h in ((-27, -1, 23), (31, 4, 15)):
        _cactus(b, x, y, h)


def _cactus(b: Brush, x: float, y: float, h: float) -> None:
    green, w = (58, 128, 84), h * 0.11
    for x0, y0, x1, y1 in ((-w, -h, w, 0), (-h * 0.34, -h * 0.72, -h * 0.34 + w * 1.5, -h * 0.4),
                           (h * 0.34 - w * 1.5, -h * 0.84, h * 0.34, -h * 0.5)):  # fmt: skip
        b.rect(x + x0, y + y0 + w, x + x1, y + y1, green)
        b.dome(x + x0, y + y0, x + x1, y + y0 + w * 1.1, green)
    b.rect(x - h * 0.34, y - h * 0.46, x, y - h * 0.36, green)
    b.rect(x, y - h * 0.58, x + h * 0.34, y - h * 0.48, green)


@motif(62, 46, (0.05, 0.9), size=0.88)
def forest(b: Brush) -> None:
    """A wood of conifers."""
    back = [(-21, 34), (-8, 41), (6, 38), (20, 34)]
    front = [(-26, 26), (-15, 34), (-1, 30), (13, 35), (25, 27)]
    for x, h in back:
        pine(b, x + b.vary(-2, 2), -5, h + b.vary(-3, 3), b.ink(-0.22))
    for x, h in front:
        pine(b, x + b.vary(-2, 2), 0, h + b.vary(-4, 3), b.ink())
    for x, h in ((-20, 15), (7, 16)):
        pine(b, x + b.vary(-2, 2), 0, h, b.ink(0.2))


def _leaf(b: Brush, x: float, y: float, r: float, fill) -> None:
    """A maple leaf: five points, turned as it falls."""
    shape = [(0, -1), (0.25, -0.45), (0.95, -0.5), (0.6, 0.05), (0.8, 0.6), (0.12, 0.4), (0.1, 1)]
    shape += [(-dx, dy) for dx, dy in reversed(shape[1:])]
    turn = b.vary(-0.7, 0.7)
    c, s = r * math.cos(turn), r * math.sin(turn)
    b.poly([(x + dx * c - dy * s, y + dx * s + dy * c) for dx, dy in shape], fill)


@motif(58, 52, (0.1, 1), size=0.88)
def maple(b: Brush) -> None:
    """A maple of jagged leaves that lets them fall."""
    b.poly([(-4, 0), (-2.5, -20), (2.5, -20), (5, 0)], BARK)
    b.line([(0, -14), (-11, -26)], 3, BARK)
    b.line([(0, -14), (12, -27)], 3, BARK)
    for x, y, r, amount in (
        (-15, -26, 13, -0.15),
        (15, -26, 13, -0.15),
        (0, -24, 12, -0.28),
        (-8, -37, 15, 0),
        (10, -36, 14, 0),
        (0, -30, 12, 0),
        (-13, -29, 8, 0),
        (14, -29, 8, 0),
    ):
        b.star(x + b.vary(-1, 1), y, r, 9, 0.74, b.ink(amount))
    for x, y in ((-9, -40), (9, -38), (-1, -30), (-17, -28), (17, -29)):
        _leaf(b, x, y, 3.6, b.ink(0.3))
    for x, y in ((-22, -3), (20, -8), (-12, 0), (13, 1)):
        _leaf(b, x + b.vary(-2, 2), y, 5.3, b.ink())


@motif(68, 54, (0.1, 1), size=0.9)
def cherry(b: Brush) -> None:
    """A cherry tree in bloom, petals in the air."""
    trunk = (86, 56, 62)
    b.poly([(-7, 0), (-2, -10), (-4, -22), (3, -22), (3, -10), (7, 0)], trunk)
    for x, y in ((-20, -30), (-7, -36), (9, -36), (22, -30)):
        b.curve([(0, -12), (x * 0.35, -22), (x, y)], 3, trunk)
    puffs = ((-23, -28, 9), (-12, -36, 12), (2, -41, 12), (15, -35, 12), (25, -27, 8), (0, -31, 9))
    for x, y, r in puffs:
        b.disc(x, y + 2.5, r, b.ink(-0.16))
    for x, y, r in puffs:
        b.disc(x + b.vary(-1, 1), y, r * 0.92, b.ink())
    for x, y in ((-22, -29), (-12, -40), (-7, -32), (4, -44), (8, -33), (17, -38), (24, -28)):
        _blossom(b, x, y)
    for x, y in ((-25, -10), (-15, -4), (16, -8), (25, -13), (10, 1), (-26, 1)):
        left = x + b.vary(-4.4, -0.4)
        b.oval(left, y - 1.6, left + 4.8, y + 1.6, b.ink(0.1))


def _blossom(b: Brush, x: float, y: float) -> None:
    for i in range(5):
        a = math.radians(72 * i - 90)
        b.disc(x + 2.2 * math.cos(a), y + 2.2 * math.sin(a), 1.6, b.ink(0.5))
    b.disc(x, y, 1.2, GOLD)
