"""The land: distant hills, a sea, fields in the colours of the season, trees and flowers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tripkit.datasets.landscapes.brush import Brush
from tripkit.datasets.landscapes.colors import RGB, SAND, WATER, WHITE, lit, mix, tone
from tripkit.datasets.landscapes.composition import Box, Composition
from tripkit.datasets.landscapes.parts import bush, pine

GROUND: dict[str, tuple[RGB, RGB]] = {  # far, near
    "spring": ((178, 214, 134), (138, 194, 104)),
    "summer": ((138, 192, 110), (88, 160, 84)),
    "autumn": ((226, 190, 112), (196, 146, 74)),
    "winter": ((226, 236, 244), (242, 247, 252)),
}
FLOWERS: dict[str, tuple[RGB, ...]] = {
    "spring": ((250, 178, 204), (255, 240, 150)),
    "summer": ((255, 250, 240), (252, 214, 92)),
    "autumn": ((222, 104, 52), (184, 74, 48)),
}


def paint_ground(b: Brush, layout: Composition, boxes: Sequence[Box], haze: RGB) -> None:
    """Paints all land and sea below the sky, and the small things that grow on it."""
    season = b.season
    far, near = (lit(color, b.time) for color in GROUND[season])
    horizon = layout.horizon
    _ridge(b, horizon - b.vary(3, 9), b.vary(2, 6), mix(haze, far, 0.3))
    _ridge(b, horizon - 1, b.vary(1, 4), mix(haze, far, 0.6))
    top = horizon + 2
    if layout.shore is not None:
        _sea(b, horizon, layout.shore, haze)
        top = layout.shore
    _ridge(
        b, top, b.vary(0.6, 2), far if layout.shore is None else mix(far, lit(SAND, b.time), 0.5)
    )
    depth = 128 - top
    for i, share in enumerate((0.28, 0.6)):
        _ridge(b, top + depth * share, b.vary(1.5, 3.5), mix(far, near, 0.5 + 0.5 * i))
    _plants(b, top, boxes, season)


def _ridge(b: Brush, y: float, swing: float, fill: RGB) -> None:
    start, wave = b.vary(0, 6.3), b.vary(14, 26)
    points = [
        (x, y + swing * (math.sin(x / wave + start) + 0.4 * math.sin(x / wave * 2.3)))
        for x in range(-4, 134, 6)
    ]
    b.poly([*points, (132, 130), (-4, 130)], fill)


def _sea(b: Brush, horizon: float, shore: float, haze: RGB) -> None:
    water = lit(WATER, b.time)
    b.rect(0, horizon, 128, shore + 6, water)
    b.rect(0, horizon, 128, horizon + 3, mix(water, haze, 0.4))
    for _ in range(5):
        x, y = b.vary(0, 110), b.vary(horizon + 4, shore)
        b.rect(x, y, x + b.vary(8, 18), y + 1.6, mix(water, WHITE, 0.35))


def _plants(b: Brush, top: float, boxes: Sequence[Box], season: str) -> None:
    for _ in range(9):
        x, y = b.vary(0, 128), b.vary(top + 4, 126)
        size = 0.7 + 0.7 * (y - top) / (128 - top)
        choice = b.rng.random()
        if any(box[0] - 8 < x < box[2] + 8 and box[1] < y < box[3] + 16 for box in boxes):
            continue
        if choice < 0.3:
            pine(b, x, y, 15 * size)
        elif choice < 0.65:
            bush(b, x, y, 5 * size)
        else:
            _tuft(b, x, y, size, season)


def _tuft(b: Brush, x: float, y: float, size: float, season: str) -> None:
    if season == "winter":
        b.dome(
            x - 7 * size, y - 3 * size, x + 7 * size, y, tone(lit((226, 234, 244), b.time), -0.06)
        )
        return
    for dx, dy in ((-5, 0), (0, -2), (5, 1)):
        color = FLOWERS[season][int(b.rng.integers(2))]
        b.disc(x + dx * size, y + dy * size, 1.8 * size, lit(color, b.time))
