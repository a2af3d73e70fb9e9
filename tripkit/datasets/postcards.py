"""Draws a scene as a small pixel-art postcard: sky, then a far, a middle and a near layer.

Only the training data are drawn here. Nothing on the way from a prompt to a picture imports this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from tripkit.datasets.brush import Brush, mix, shade
from tripkit.datasets.motifs import MOTIFS
from tripkit.datasets.scenes import RGB, Scene

SIZE = 64


@dataclass(frozen=True)
class Layer:
    """Where a layer stands: the centre of its motif, its baseline, and its strip of ground."""

    x: float
    base: float
    top: float
    bottom: float


# The centres alternate, so that the motif of one layer does not hide that of the layer behind it.
FAR = Layer(x=43, base=37, top=35, bottom=47)
MIDDLE = Layer(x=19, base=48, top=45, bottom=57)
NEAR = Layer(x=43, base=60, top=54, bottom=64)
LAYERS = {1: (MIDDLE,), 2: (FAR, MIDDLE), 3: (FAR, MIDDLE, NEAR)}

SKIES: dict[str, tuple[RGB, RGB]] = {  # top, horizon
    "day": ((92, 170, 232), (206, 236, 250)),
    "morning": ((150, 178, 226), (255, 226, 196)),
    "sunset": ((106, 76, 146), (255, 156, 92)),
    "night": ((16, 20, 56), (62, 70, 128)),
}
CLOUDED: dict[str, tuple[RGB, RGB]] = {
    "day": ((142, 158, 176), (204, 212, 220)),
    "morning": ((160, 164, 182), (226, 212, 204)),
    "sunset": ((106, 90, 120), (206, 150, 130)),
    "night": ((28, 30, 48), (66, 70, 92)),
}
GROUND: dict[str, RGB] = {
    "spring": (150, 196, 110),
    "summer": (98, 166, 84),
    "autumn": (196, 150, 78),
    "winter": (226, 234, 242),
}
BUSH: dict[str, RGB] = {
    "spring": (246, 172, 196),
    "summer": (46, 122, 62),
    "autumn": (206, 92, 40),
    "winter": (246, 250, 255),
}


def render(
    scene: Scene, rng: np.random.Generator | None = None, size: int = SIZE, motifs=MOTIFS
) -> Image.Image:
    """The postcard of a scene: an RGB picture of ``size`` x ``size`` pixels.

    Args:
        scene: what to draw.
        rng: moves clouds and motifs by a pixel or two; None leaves everything in its place.
        size: 64 is the size the motifs were drawn for; other sizes scale their outlines.
        motifs: kind -> how it is drawn; a recipe for a new place puts its own in here.
    """
    image = Image.new("RGB", (size, size))
    brush = Brush(ImageDraw.Draw(image), size / SIZE)
    paint(scene, brush, [brush] * len(scene.stops), rng, motifs)
    return image


def paint(
    scene: Scene,
    brush: Brush,
    motif_brushes: Sequence[Brush],
    rng: np.random.Generator | None,
    motifs=MOTIFS,
) -> None:
    """Paints a scene: sky, ground and weather with one brush, each motif with a brush of its own.

    Args:
        scene: what to draw.
        brush: for all that belongs to no stop.
        motif_brushes: one for each stop, from far to near.
        rng: as for `render`.
        motifs: as for `render`.
    """
    jitter = (lambda: 0.0) if rng is None else (lambda: float(rng.integers(-1, 2)))
    _paint_sky(brush, scene, jitter)
    stops = scene.from_far_to_near()
    layers = LAYERS[len(stops)]
    for stop, layer, own in zip(stops, layers, motif_brushes, strict=True):
        bottom = SIZE if layer is layers[-1] else layer.bottom
        _paint_ground(brush, scene, stop.rgb, layer, bottom)
        motifs[stop.kind](own, layer.x + jitter(), layer.base, bottom, stop.rgb, scene.time)
    _paint_weather(brush, scene, jitter)


def _paint_sky(brush: Brush, scene: Scene, jitter) -> None:
    dull = scene.weather != "clear"
    top, horizon = (CLOUDED if dull else SKIES)[scene.time]
    for band in range(6):
        brush.rect(0, band * 7, 64, band * 7 + 7, mix(top, horizon, band / 5))
    brush.rect(0, 42, 64, 64, horizon)
    if not dull and scene.time == "night":
        for x, y in ((6, 5), (17, 12), (30, 4), (39, 10), (60, 16), (25, 20), (4, 24), (46, 3)):
            brush.rect(x, y, x + 1, y + 1, (255, 250, 214))
        brush.disc(12, 12, 5, (252, 240, 190))
        brush.disc(14, 10.5, 4, mix(top, horizon, 0.25))
    elif not dull:
        sun = {"day": (11, 10, 5), "morning": (11, 26, 6), "sunset": (13, 29, 7)}[scene.time]
        color = {"day": (255, 232, 110), "morning": (255, 244, 196), "sunset": (255, 214, 104)}
        brush.disc(*sun, color[scene.time])
    clouds = [(12, 8, 8), (36, 5, 7), (56, 11, 7)] if dull else [(30, 9, 5)]
    if scene.time == "night" and not dull:
        clouds = []
    white = mix((255, 255, 255), top, 0.45 if dull and scene.time == "night" else 0.1)
    if dull:
        white = mix(white, top, 0.25)
    for x, y, width in clouds:
        x += jitter()
        brush.rect(x - width, y, x + width, y + 3, white)
        brush.rect(x - width + 3, y - 2, x + width - 4, y, white)


def _paint_ground(brush: Brush, scene: Scene, rgb: RGB, layer: Layer, bottom: float) -> None:
    """A strip of ground in a shade of the stop's own colour, with bushes of the season."""
    season = GROUND[scene.season]
    if scene.time == "night":
        season = shade(season, 0.55)
    ground = mix(season, rgb, 0.5)
    brush.rect(0, layer.top, 64, bottom, ground)
    brush.rect(0, layer.top, 64, layer.top + 1, mix(ground, (255, 255, 255), 0.35))
    bush = BUSH[scene.season] if scene.time != "night" else shade(BUSH[scene.season], 0.6)
    far_side = 4 if layer.x > 32 else 60
    brush.disc(far_side, layer.top, 3.5, bush)
    brush.disc(far_side + (5 if layer.x > 32 else -5), layer.top + 0.5, 2.5, shade(bush, 0.85))


def _paint_weather(brush: Brush, scene: Scene, jitter) -> None:
    if scene.weather == "rain":
        for x, y in ((5, 16), (16, 24), (27, 15), (38, 22), (51, 17), (61, 26), (10, 34), (56, 38)):
            x += jitter()
            brush.line((x, y, x - 2, y + 5), (222, 236, 250), 1)
    if scene.weather == "snow":
        for x, y in ((5, 16), (14, 25), (25, 17), (34, 27), (50, 18), (60, 27), (8, 38), (28, 35)):
            x += jitter()
            brush.rect(x, y, x + 2, y + 2, (255, 255, 255))
