"""Skies: a gradient, the sun or the moon with its glow, stars, soft clouds, rain and snow."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tripkit.datasets.landscapes.brush import Brush
from tripkit.datasets.landscapes.colors import RGB, mix

SKIES: dict[str, tuple[RGB, RGB, RGB]] = {  # top, middle, horizon
    "day": ((64, 150, 226), (132, 200, 244), (222, 242, 250)),
    "morning": ((142, 178, 226), (246, 214, 214), (255, 236, 190)),
    "sunset": ((84, 64, 140), (226, 106, 116), (255, 190, 106)),
    "night": ((10, 14, 46), (28, 36, 84), (64, 76, 132)),
}
CLOUDED: dict[str, tuple[RGB, RGB, RGB]] = {
    "day": ((132, 154, 178), (172, 190, 206), (214, 222, 228)),
    "morning": ((154, 166, 190), (214, 206, 212), (242, 224, 198)),
    "sunset": ((86, 76, 116), (170, 112, 124), (230, 164, 120)),
    "night": ((22, 24, 44), (38, 42, 66), (66, 72, 98)),
}
GLOW: dict[str, RGB] = {
    "day": (255, 250, 224),
    "morning": (255, 248, 214),
    "sunset": (255, 214, 120),
    "night": (150, 164, 220),
}
DISC: dict[str, RGB] = {
    "day": (255, 236, 132),
    "morning": (255, 246, 206),
    "sunset": (255, 226, 128),
    "night": (252, 244, 206),
}


def horizon_color(time: str, weather: str) -> RGB:
    """The sky's colour where it meets the land: what distance fades to."""
    return (SKIES if weather == "clear" else CLOUDED)[time][2]


def paint_sky(canvas: Image.Image, horizon: float, time: str, weather: str, rng) -> None:
    """Fills a canvas with a sky down to the horizon (in pixels of 128)."""
    clear = weather == "clear"
    sun_x = float(rng.uniform(14, 114))
    low = {"day": (12, 24), "morning": (horizon - 18, horizon - 8), "night": (12, 26),
           "sunset": (horizon - 14, horizon - 2)}[time]  # fmt: skip
    sun_y = float(rng.uniform(*low))
    colors = (SKIES if clear else CLOUDED)[time]
    canvas.paste(_gradient(colors, horizon, (sun_x, sun_y), GLOW[time], clear).resize(canvas.size))
    scale = canvas.width / 128
    b = Brush(ImageDraw.Draw(canvas), scale=scale, rng=rng)
    if clear and time == "night":
        _stars(b, horizon)
    if clear:
        _sun_or_moon(b, sun_x, sun_y, time)
    _clouds(canvas, horizon, time, weather, rng)


def _gradient(colors, horizon: float, sun, glow: RGB, clear: bool) -> Image.Image:
    rows, columns = np.mgrid[0:64, 0:64] * 2.0 + 1
    stops = np.array([0, 0.6, 1.0]) * horizon
    sky = np.stack(
        [np.interp(rows, stops, [color[i] for color in colors]) for i in range(3)], axis=-1
    )
    if clear:
        distance = np.hypot(columns - sun[0], rows - sun[1])
        share = 0.75 * np.exp(-((distance / 20) ** 2)) + 0.3 * np.exp(-((distance / 55) ** 2))
        sky += np.minimum(share, 1)[..., None] * (np.array(glow) - sky)
    return Image.fromarray(sky.astype(np.uint8))


def _sun_or_moon(b: Brush, x: float, y: float, time: str) -> None:
    r = {"day": 8, "morning": 9, "sunset": 12, "night": 9}[time]
    if time == "night" and b.rng.random() < 0.6:
        b.poly(_crescent(x, y, r), DISC[time])
        return
    b.disc(x, y, r, DISC[time])
    if time == "night":
        for dx, dy, size in ((-3, -2, 2), (3, 2, 2.4), (2, -4, 1.4)):
            b.disc(x + dx, y + dy, size, (226, 216, 178))


def _crescent(x: float, y: float, r: float) -> list[tuple[float, float]]:
    """A moon of which a second disc, up on the right, has bitten a piece."""
    turn = np.linspace(-0.6, 4.0, 24)
    outer = [(x + r * math.cos(t), y + r * math.sin(t)) for t in turn]
    start, end = math.atan2(outer[0][1] - y + 3, outer[0][0] - x - 4), 0.0
    bite = math.hypot(outer[0][0] - x - 4, outer[0][1] - y + 3)
    end = math.atan2(outer[-1][1] - y + 3, outer[-1][0] - x - 4) % (2 * math.pi)
    inner = [
        (x + 4 + bite * math.cos(t), y - 3 + bite * math.sin(t))
        for t in np.linspace(end, start, 20)
    ]
    return outer + inner


def _stars(b: Brush, horizon: float) -> None:
    for _ in range(int(b.rng.integers(16, 26))):
        x, y = b.vary(3, 125), b.vary(3, horizon - 6)
        b.disc(x, y, 1.1, (214, 220, 248))
    for _ in range(4):
        b.star(b.vary(6, 122), b.vary(6, horizon * 0.6), 3.2, 4, 0.35, (255, 246, 214))


def _clouds(canvas: Image.Image, horizon: float, time: str, weather: str, rng) -> None:
    clear = weather == "clear"
    count = int(rng.integers(4, 6)) if not clear else int(rng.integers(1, 4))
    if clear and time == "night":
        count = 0
    top, middle, low = (SKIES if clear else CLOUDED)[time]
    light = mix(GLOW[time], (255, 255, 255), 0.6) if time != "night" else (92, 98, 128)
    if not clear:
        light = mix(light, middle, 0.45 if weather == "cloudy" else 0.6)
    mask = Image.new("L", (canvas.width // 2, canvas.height // 2))
    b = Brush(ImageDraw.Draw(mask), scale=mask.width / 128, rng=rng)
    for i in range(count):
        x = (i + 0.5) * 128 / count + b.vary(-16, 16)
        y = b.vary(12, horizon * (0.72 if clear else 0.6))
        _cloud(b, x, y, b.vary(0.7, 1.2) * (1 if clear else 1.5))
    mask = mask.filter(ImageFilter.GaussianBlur(mask.width / 128)).resize(canvas.size)
    canvas.paste(light, (0, 0), mask)


def _cloud(b: Brush, x: float, y: float, k: float) -> None:
    def oval(x0, y0, x1, y1):
        s = b.scale
        b.draw.ellipse((x0 * s, y0 * s, x1 * s, y1 * s), fill=216)

    oval(x - 16 * k, y - 3.5 * k, x + 16 * k, y + 3.5 * k)
    for middle, dy, r in ((-7, -3, 6.0), (1, -6, 7.5), (8, -2.5, 5.5)):
        dx, r = middle + b.vary(-1.5, 1.5), r + b.vary(-1, 1)
        oval(x + (dx - r) * k, y + (dy - r) * k, x + (dx + r) * k, y + min(dy + r, 3) * k)


def paint_weather(b: Brush, weather: str) -> None:
    """Rain or snow over a picture."""
    if weather == "rain":
        for x, y in _scattered(b, 26):
            b.line([(x + 1.6, y - 4), (x - 1.6, y + 4)], 2, (214, 230, 246))
    if weather == "snow":
        for x, y in _scattered(b, 34):
            b.disc(x, y, b.vary(1.5, 2.3), (255, 255, 255))


def _scattered(b: Brush, count: int):
    """Points of a jittered grid: even, but in no order."""
    columns = 6
    rows = -(-count // columns)
    for i in range(count):
        column, row = i % columns, i // columns
        yield (
            (column + b.vary(0.1, 0.9)) * 128 / columns,
            (row + b.vary(0.1, 0.9)) * 128 / rows,
        )
