"""Where in a postcard each place is: the renderer's own masks, to judge other finders by."""

from __future__ import annotations

from typing import cast

import numpy as np
from PIL import Image, ImageDraw

from tripkit.datasets.brush import Brush
from tripkit.datasets.postcards import SIZE, paint
from tripkit.datasets.scenes import Scene


def motif_masks(
    scene: Scene, rng: np.random.Generator | None = None, size: int = SIZE
) -> dict[str, np.ndarray]:
    """For each kind of place in a scene, the pixels in which its motif is seen.

    The scene is painted as `postcards.render` paints it, but with one flat ink for each motif, so
    what stands in front hides what is behind. The strip of ground belongs to no motif.

    Args:
        scene: what is drawn.
        rng: in the same state, the masks of the same picture; None leaves everything in place.
        size: of the picture, in pixels.

    Returns:
        Boolean arrays (size, size) by kind, no pixel in two of them.
    """
    labels = Image.new("L", (size, size))
    draw, scale = ImageDraw.Draw(labels), size / SIZE
    stops = scene.from_far_to_near()
    # It has the five methods that a brush uses.
    pens = [cast(ImageDraw.ImageDraw, _OneInk(draw, i)) for i in range(len(stops) + 1)]
    inks = [Brush(pen, scale) for pen in pens]
    paint(scene, inks[0], inks[1:], rng)
    found = np.asarray(labels)
    return {stop.kind: found == number for number, stop in enumerate(stops, start=1)}


class _OneInk:
    """Pillow's drawing in one ink, whatever colours are asked for."""

    def __init__(self, draw: ImageDraw.ImageDraw, ink: int):
        self._draw, self._ink = draw, ink

    def rectangle(self, xy, fill=None, outline=None, width=1):
        self._shape(self._draw.rectangle, (xy,), fill, outline, width)

    def polygon(self, xy, fill=None, outline=None, width=1):
        self._shape(self._draw.polygon, (xy,), fill, outline, width)

    def ellipse(self, xy, fill=None, outline=None, width=1):
        self._shape(self._draw.ellipse, (xy,), fill, outline, width)

    def pieslice(self, xy, start, end, fill=None, outline=None, width=1):
        self._shape(self._draw.pieslice, (xy, start, end), fill, outline, width)

    def line(self, xy, fill=None, width=0):
        self._draw.line(xy, self._ink, width)

    def _shape(self, draw, where, fill, outline, width):
        # One by one: Pillow leaves out an outline of the filling's colour, which may lie outside.
        if fill is not None:
            draw(*where, fill=self._ink)
        if outline is not None:
            draw(*where, outline=self._ink, width=width)
