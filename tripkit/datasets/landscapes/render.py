"""Paints a scene as a flat travel poster.

Each stop is drawn on a layer of its own, which a rim in a shade of its colour sets off from what
lies behind. All is painted at twice the size and reduced, which smooths the edges.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from tripkit.datasets.landscapes.brush import INK, OTHER, Brush, veil
from tripkit.datasets.landscapes.colors import RGB, luminance, tone
from tripkit.datasets.landscapes.composition import SIZE, Box, compose
from tripkit.datasets.landscapes.ground import paint_ground
from tripkit.datasets.landscapes.motifs import MOTIFS
from tripkit.datasets.landscapes.scene import PlacedStop, Scene
from tripkit.datasets.landscapes.sky import horizon_color, paint_sky, paint_weather

OVERSAMPLE = 2
SHADOW = veil((20, 24, 60), 70)


def render(scene: Scene, rng: np.random.Generator, size: int = SIZE) -> Image.Image:
    """A picture of a scene: RGB, ``size`` x ``size`` pixels.

    Args:
        scene: what to draw.
        rng: decides where everything stands; in the same state it gives the same picture.
        size: of the picture, in pixels.
    """
    return _paint(scene, rng, size, masks=None)


def render_with_masks(
    scene: Scene, rng: np.random.Generator, size: int = SIZE
) -> tuple[Image.Image, list[np.ndarray]]:
    """The picture that `render` draws, and where each stop shows its asked colour.

    Returns:
        The picture, and for each stop, in the scene's order, a boolean array (size, size): the
        pixels drawn in its colour or a shade of it that nothing covers.
    """
    masks: list[np.ndarray] = [np.zeros(0, bool)] * len(scene.stops)
    return _paint(scene, rng, size, masks), masks


def _paint(scene: Scene, rng: np.random.Generator, size: int, masks) -> Image.Image:
    scale = size * OVERSAMPLE / SIZE
    canvas = Image.new("RGB", (size * OVERSAMPLE, size * OVERSAMPLE))
    layout = compose([stop.kind for stop in scene.stops], rng)
    paint_sky(canvas, layout.horizon, scene.time, scene.weather, rng)
    season = _season(scene)
    b = Brush(ImageDraw.Draw(canvas), scale=scale, rng=rng, time=scene.time, season=season)
    boxes = [p.box(MOTIFS[s.kind]) for s, p in zip(scene.stops, layout.places, strict=True)]
    paint_ground(b, layout, boxes, horizon_color(scene.time, scene.weather))
    order = sorted(range(len(boxes)), key=lambda i: _depth(scene.stops[i].kind, boxes[i]))
    covers = []
    for i in order:
        layer = _layer(scene, scene.stops[i], layout.places[i], canvas.width, scale, rng)
        covers.append(_stick(canvas, layer, scene.stops[i], scene.time))
    if masks is not None:
        weather = Image.new("RGBA", canvas.size)
        pen = Brush(ImageDraw.Draw(weather), scale=scale, rng=rng)
    else:
        weather, pen = canvas, Brush(ImageDraw.Draw(canvas), scale=scale, rng=rng)
    paint_weather(pen, scene.weather)
    if masks is not None:
        alpha = np.asarray(weather)[..., 3]
        canvas.paste(weather, (0, 0), weather.getchannel("A").point(lambda a: 255 if a else 0))
        _fill_masks(masks, order, covers, alpha > 0)
    return canvas.reduce(OVERSAMPLE)


def _season(scene: Scene) -> str:
    """Under snow it is winter, whatever the season."""
    return "winter" if scene.weather == "snow" else scene.season


def _depth(kind: str, box: Box) -> tuple[bool, float]:
    """The sky is behind all, the widest first; what stands lower stands nearer."""
    motif = MOTIFS[kind]
    in_sky = motif.where == "sky"
    return not in_sky, -motif.width if in_sky else box[3]


def _layer(scene: Scene, stop: PlacedStop, place, width: int, scale: float, rng) -> Image.Image:
    layer = Image.new("RGBA", (width, width))
    b = Brush(
        ImageDraw.Draw(layer), place.x * scale, place.y * scale, place.scale * scale,
        mirrored=place.mirrored, rgb=stop.rgb, rng=rng, time=scene.time, season=_season(scene),
    )  # fmt: skip
    motif = MOTIFS[stop.kind]
    if motif.rim and motif.where == "land":
        half = motif.width * 0.48
        b.oval(-half, -3, half, 4.5, SHADOW)
    motif.draw(b)
    return layer


def _stick(canvas: Image.Image, layer: Image.Image, stop: PlacedStop, time: str) -> np.ndarray:
    """Puts a layer with its rim on the canvas; returns its alpha."""
    alpha = np.asarray(layer.getchannel("A"))
    shape = alpha >= OTHER
    if MOTIFS[stop.kind].rim:
        rim = _dilated(shape, max(1, canvas.width // SIZE))
        canvas.paste(_rim_color(stop.rgb, time), (0, 0), Image.fromarray(rim))
    canvas.paste(layer, (0, 0), Image.fromarray(np.where(shape, 255, alpha).astype(np.uint8)))
    return alpha


def _rim_color(rgb: RGB, time: str) -> RGB:
    if time == "night" and luminance(rgb) < 110:
        return tone(rgb, 0.5)
    return tone(rgb, -0.5)


def _dilated(shape: np.ndarray, steps: int) -> np.ndarray:
    shape = shape.copy()
    for _ in range(steps):
        wide = shape.copy()
        wide[1:] |= shape[:-1]
        wide[:-1] |= shape[1:]
        shape = wide.copy()
        shape[:, 1:] |= wide[:, :-1]
        shape[:, :-1] |= wide[:, 1:]
    return shape


def _fill_masks(masks, order, covers, covered: np.ndarray) -> None:
    """From front to back: a stop shows its colour where its layer has it and nothing covers it."""
    for i, alpha in zip(reversed(order), reversed(covers), strict=True):
        seen = (alpha == INK) & ~covered
        size = len(alpha) // OVERSAMPLE
        masks[i] = seen.reshape(size, OVERSAMPLE, size, OVERSAMPLE).sum(axis=(1, 3)) >= 3
        covered = covered | (alpha > 0)
