"""Figures of notebook 07: rows of pictures, latents, and what each word looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from tripkit.course.plots.base import blank, closed, in_one_palette


def picture_rows(
    rows: Mapping[str, Sequence], columns: Sequence[str] = (), *, size: float = 1.3
) -> Figure:
    """Rows of pictures under their names, all of one size.

    They share a palette, see `base.in_one_palette`.

    Args:
        rows: PIL images, or arrays (height, width, 3) of 0 to 255, or of 0..1 if they are floats,
            by the name of their row.
        columns: captions above the first row.
        size: inches a side.
    """
    painted = iter(in_one_palette([image for images in rows.values() for image in images]))
    rows = {name: [next(painted) for _ in images] for name, images in rows.items()}
    widest = max(map(len, rows.values()))
    figure, axes = blank(len(rows), widest, (size * widest + 1.4, size * len(rows) + 0.2))
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for axis, image in zip(line, images, strict=False):
            axis.imshow(image, interpolation="nearest")
        line[0].text(
            -0.06, 0.5, name, ha="right", va="center", fontsize=9, transform=line[0].transAxes
        )
    for axis, caption in zip(axes[0], columns, strict=False):
        axis.set_title(caption.replace("$", r"\$"), fontsize=9)
    return closed(figure)


def latent_channels(image, latents, *, size: float = 1.1) -> Figure:
    """A picture and the channels of its latents (C, h, w), all on one grey scale."""
    latents = np.asarray(latents)
    figure, axes = blank(1, 1 + len(latents), (size * (1 + len(latents)), size + 0.3))
    axes[0, 0].imshow(image, interpolation="nearest")
    axes[0, 0].set_title("picture", fontsize=9)
    limit = float(np.abs(latents).max())
    for number, (axis, channel) in enumerate(zip(axes[0, 1:], latents, strict=True)):
        axis.imshow(channel, cmap="gray", vmin=-limit, vmax=limit, interpolation="nearest")
        axis.set_title(f"channel {number}", fontsize=9)
    return closed(figure)


def word_maps(
    image, maps: Mapping[str, object], masks: Mapping[str, object] | None = None, *, size=1.7
) -> Figure:
    """A picture, and beside it the map of each word: bright where the word got most attention.

    Each map has its own scale, from 0 to its largest value: the words share the attention very
    unequally. The outline of a word's mask, where there is one, is drawn on its map.

    Args:
        image: a PIL image.
        maps: (H, W) arrays by word.
        masks: (H, W) boolean arrays by word; some may be missing.
        size: inches a side.
    """
    figure, axes = blank(1, 1 + len(maps), (size * (1 + len(maps)), size + 0.35))
    axes[0, 0].imshow(in_one_palette([image])[0], interpolation="nearest")
    axes[0, 0].set_title("picture", fontsize=9)
    for axis, (word, map) in zip(axes[0, 1:], maps.items(), strict=True):
        map = np.asarray(map)
        axis.imshow(map, cmap="magma", vmin=0, vmax=float(map.max()), interpolation="nearest")
        if masks and word in masks:
            axis.contour(np.asarray(masks[word], float), levels=[0.5], colors="cyan", linewidths=1)
        axis.set_title(f"{word}\n(max {map.max():.2f})", fontsize=9)
    return closed(figure)
