"""The brush that the postcards' motifs are painted with, and how colours are mixed.

Coordinates are those of a 64 x 64 picture, whatever the size that is painted.
"""

from __future__ import annotations

from PIL import ImageDraw

from tripkit.datasets.landscapes.colors import RGB, mix

WHITE: RGB = (252, 250, 244)
CREAM: RGB = (244, 230, 200)
WOOD: RGB = (122, 84, 54)
DARK: RGB = (52, 44, 58)
LAMP: RGB = (255, 226, 120)


def shade(rgb: RGB, factor: float) -> RGB:
    """A darker version: every channel times ``factor`` (0 to 1)."""
    return mix((0, 0, 0), rgb, factor)


def line_color(rgb: RGB) -> RGB:
    """The outline that goes with a colour: dark, but of its hue; lighter around what is black."""
    return shade(rgb, 0.5) if sum(rgb) > 150 else mix(rgb, WHITE, 0.35)


class Brush:
    """Pillow's drawing with coordinates of a 64 x 64 picture and half-open rectangles."""

    def __init__(self, draw: ImageDraw.ImageDraw, scale: float):
        self.draw, self.scale = draw, scale

    def _points(self, *values: float) -> list[int]:
        return [round(value * self.scale) for value in values]

    def rect(self, x0, y0, x1, y1, fill, outline=None):
        """A rectangle from (x0, y0) up to, without, (x1, y1)."""
        x0, y0, x1, y1 = self._points(x0, y0, x1, y1)
        if x1 > x0 and y1 > y0:
            width = max(1, round(self.scale))
            self.draw.rectangle((x0, y0, x1 - 1, y1 - 1), fill, outline, width)

    def poly(self, points, fill, outline=None):
        """A polygon through x, y, x, y, ..."""
        flat = self._points(*points)
        self.draw.polygon(list(zip(flat[::2], flat[1::2], strict=True)), fill, outline)

    def oval(self, x0, y0, x1, y1, fill, outline=None, width=1):
        """An ellipse in a rectangle."""
        x0, y0, x1, y1 = self._points(x0, y0, x1, y1)
        self.draw.ellipse(
            (x0, y0, x1 - 1, y1 - 1), fill, outline, max(1, round(width * self.scale))
        )

    def disc(self, x, y, r, fill, outline=None, width=1):
        """A disc around a centre."""
        self.oval(x - r, y - r, x + r, y + r, fill, outline, width)

    def line(self, points, fill, width=1):
        """A line through x, y, x, y, ..."""
        self.draw.line(self._points(*points), fill, max(1, round(width * self.scale)))

    def pie(self, x0, y0, x1, y1, start, end, fill, outline=None):
        """A slice of an ellipse, from and to an angle in degrees."""
        self.draw.pieslice(tuple(self._points(x0, y0, x1, y1)), start, end, fill, outline)
