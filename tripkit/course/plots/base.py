"""What all figures share: panels without axes, and a figure that a cell shows once."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

PALETTE = 240  # colours of a figure's pictures; with its letters they fit in a PNG of 256


def blank(rows: int, columns: int, size: tuple[float, float]):
    """A figure of (rows, columns) axes without frames or ticks; size in inches."""
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for axis in axes.flat:
        axis.set_axis_off()
    return figure, axes


def closed(figure: Figure) -> Figure:
    """The figure, unknown to pyplot, which would show it a second time."""
    plt.close(figure)
    return figure


def in_one_palette(images: Sequence) -> list[np.ndarray]:
    """Pictures as (height, width, 3) of 0 to 255, all in the same `PALETTE` colours.

    A figure of drawn pictures has a hundred thousand colours, and a notebook that stores it as
    they are is four times as large and looks the same. Pictures of few colours come back as given.

    Args:
        images: PIL images, or arrays (height, width, 3) of 0 to 255, or of 0..1 if they are floats.
    """
    arrays = [_bytes(image) for image in images]
    pixels = np.concatenate([array.reshape(-1, 3) for array in arrays])
    if len(np.unique(pixels, axis=0)) > PALETTE:
        painted = Image.fromarray(pixels[None]).quantize(
            PALETTE, Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE
        )
        pixels = np.asarray(painted.convert("RGB"))[0]
    ends = np.cumsum([array.shape[0] * array.shape[1] for array in arrays])[:-1]
    parts = np.split(pixels, ends)
    return [part.reshape(array.shape) for part, array in zip(parts, arrays, strict=True)]


def _bytes(image) -> np.ndarray:
    array = np.asarray(image.convert("RGB") if isinstance(image, Image.Image) else image)
    floats = np.issubdtype(array.dtype, np.floating)
    return (255 * array).round().astype(np.uint8) if floats else array.astype(np.uint8)
