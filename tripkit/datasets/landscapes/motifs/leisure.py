"""Balloons, wheels, tents, baths and blankets."""

from __future__ import annotations

import math

from tripkit.datasets.landscapes.brush import Brush, veil
from tripkit.datasets.landscapes.colors import (
    CREAM,
    DARK,
    GOLD,
    LAMP,
    LEAF,
    RED,
    WHITE,
    WOOD,
    mix,
)
from tripkit.datasets.landscapes.motifs.registry import motif
from tripkit.datasets.landscapes.parts import parasol, rock


@motif(62, 56, (0, 0), where="sky", size=0.96)
def balloons(b: Brush) -> None:
    """Two to four hot-air balloons."""
    flights = (
        ((-12, -2, 17), (19, -22, 10.5), (16, 2, 8.5)),
        ((-14, -8, 15.5), (15, 0, 15)),
        ((0, -6, 16), (-23, 1, 8.5), (23, -16, 9), (22, 4, 6.5)),
    )
    for x, y, r in flights[int(b.rng.integers(3))]:
        _balloon(b, x + b.vary(-2, 2), y + b.vary(-3, 1), r)


def _balloon(b: Brush, x: float, y: float, r: float) -> None:
    """A balloon whose basket stands at (x, y)."""
    top = y - r * 2.9
    center = top + r
    b.line([(x - r * 0.45, center + r * 0.8), (x - r * 0.16, y - 3)], 2, WOOD)
    b.line([(x + r * 0.45, center + r * 0.8), (x + r * 0.16, y - 3)], 2, WOOD)
    b.poly(
        [
            (x - r * 0.86, center + r * 0.5),
            (x - r * 0.3, center + r * 1.3),
            (x + r * 0.3, center + r * 1.3),
            (x + r * 0.86, center + r * 0.5),
        ],
        b.ink(),
    )
    b.disc(x, center, r, b.ink())
    b.oval(x - r * 0.62, top, x + r * 0.62, center + r * 1.15, b.ink(0.45))
    b.oval(x - r * 0.34, top, x + r * 0.34, center + r * 1.15, b.ink())
    w = max(2.6, r * 0.26)
    b.rect(x - w, y - r * 0.34, x + w, y, WOOD)
    b.rect(x - w, y - r * 0.34, x + w, y - r * 0.2, CREAM)


@motif(62, 68, (0, 0.85), size=0.9)
def ferris_wheel(b: Brush) -> None:
    """A Ferris wheel with cabins."""
    y, r = -37, 25
    b.line([(0, y), (-17, 0)], 5, b.ink(-0.35))
    b.line([(0, y), (17, 0)], 5, b.ink(-0.35))
    b.rect(-22, -3, 22, 1, b.ink(-0.35))
    start = b.vary(0, 0.78)
    for i in range(4):
        a = start + i * math.pi / 4
        dx, dy = (r - 2) * math.cos(a), (r - 2) * math.sin(a)
        b.line([(-dx, y - dy), (dx, y + dy)], 2.4, b.ink(0.2))
    b.ring(0, y, r, 4.6, b.ink())
    b.ring(0, y, r * 0.56, 2.6, b.ink())
    b.disc(0, y, 5, b.ink(-0.3))
    b.disc(0, y, 2.2, LAMP)
    for i in range(8):
        a = start + i * math.pi / 4
        x, gy = r * math.cos(a), y + r * math.sin(a)
        b.dome(x - 5, gy - 3, x + 5, gy + 2, b.ink())
        b.rect(x - 5, gy + 1.4, x + 5, gy + 4, LAMP if b.dark else CREAM)
        b.rect(x - 5, gy + 3.6, x + 5, gy + 6.4, b.ink())


@motif(68, 46, (0.12, 1), size=1.12)
def hot_spring(b: Brush) -> None:
    """A steaming pool rimmed with stones, and a bather with a towel on the head."""
    for i in range(9):
        a = math.radians(195 + 150 * i / 8)
        rock(b, 31 * math.cos(a), -12 + 14 * math.sin(a), 4.4)
    b.oval(-31, -26, 31, 5, b.ink())
    b.oval(-24, -23, 6, -17, b.ink(0.25))
    b.oval(-14, -14, 2, -8, b.ink(0.4))
    b.disc(-6, -15, 4.6, (240, 196, 164))
    b.rect(-10.5, -21, -1.5, -17.6, WHITE)
    for i in range(11):
        a = math.radians(-8 + 196 * i / 10)
        rock(b, 32 * math.cos(a), -10 + 14 * math.sin(a), 4.4 + (i % 3) * 0.7)
    b.rect(20, -3, 30, 4, (196, 146, 92))
    b.rect(19, -4.5, 31, -1.5, (160, 110, 66))
    steam = veil(WHITE, 225)
    for x, y in ((7, -16), (19, -15), (-20, -18)):
        sway = [(x, y), (x - 4, y - 7), (x + 3, y - 14), (x - 2, y - 21), (x + 2, y - 27)]
        b.curve(sway, 4.5, steam)


@motif(66, 42, (0.1, 1), size=1.05)
def camp(b: Brush) -> None:
    """One to three tents and a campfire."""
    count = int(b.rng.integers(1, 4))
    if count == 3:
        _tent(b, 2, -8, 15, 24, 0.12)
    if count > 1:
        _tent(b, 17, -5, 17, 26, 0)
    _tent(b, -10, 0, 22, 36, 0) if count > 1 else _tent(b, -6, 0, 26, 41, 0)
    b.line([(17, 3), (30, -1)], 3, WOOD)
    b.line([(17, -1), (30, 3)], 3, WOOD)
    flame = [(17.5, 0), (19, -7), (21.5, -5), (24, -14), (27, -6), (29, -8), (29.5, 0)]
    b.poly(flame, (244, 130, 46))
    b.poly([(20.5, 0), (23.5, -7), (27, 0)], LAMP)


def _tent(b: Brush, x: float, y: float, half: float, height: float, amount: float) -> None:
    b.poly([(x - half, y), (x, y - height), (x + half, y)], b.ink(amount))
    b.poly([(x, y - height), (x + half * 0.66, y), (x + half, y)], b.ink(amount - 0.2))
    inside = LAMP if b.dark else mix(DARK, b.rgb, 0.25)
    b.poly([(x - half * 0.3, y), (x, y - height * 0.6), (x + half * 0.2, y)], inside)
    b.poly([(x, y - height * 0.6), (x + half * 0.2, y), (x + half * 0.4, y)], b.ink(0.4))
    b.line([(x - 1.5, y - height - 3), (x, y - height), (x + 1.5, y - height - 3)], 2, WOOD)


@motif(64, 38, (0.12, 1), size=1.24)
def picnic(b: Brush) -> None:
    """A checked blanket with a basket, under a parasol."""
    for i in range(6):
        for j in range(4):
            corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)]
            points = [(-24 - 2 * v + u * (8 + 0.8 * v), -14 + v * 4.6) for u, v in corners]
            pale = i % 2 and j % 2
            mid = (i + j) % 2
            b.poly(points, WHITE if pale else b.ink(0.0 if not mid else 0.12))
    b.rect(-20, -16, -4, -5, (190, 138, 84))
    b.rect(-21, -17, -3, -13.6, (150, 100, 60))
    b.ring(-12, -16, 7.5, 2, (150, 100, 60))
    b.disc(1, -3, 2.8, RED)
    b.disc(6, -3.5, 2.8, LEAF)
    b.oval(8, -8, 24, -2, WHITE)
    b.poly([(11, -5), (16, -11), (21, -5)], GOLD)
    parasol(b, 14, -9, 17, 24, b.ink(), CREAM)
