"""Figures of colours and coloured pictures."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from tripkit.colors import RGB, delta_e, text_color, to_hex
from tripkit.course.plots.base import blank, closed, in_one_palette

TILE = 1.5  # inches, the width of a swatch
EDGE = 0.02  # of a tile, so that its frame is not cut


def swatches(palettes: Mapping[str, Sequence[RGB]]) -> Figure:
    """One row of coloured tiles per palette, each with its hex code in an ink that can be read.

    Args:
        palettes: the colours (sRGB, 0 to 255) by the name of their row.
    """
    widest = max(map(len, palettes.values()))
    figure, axes = blank(len(palettes), 1, (TILE * widest + 1, 0.7 * len(palettes)))
    for axis, (name, colors) in zip(axes[:, 0], palettes.items(), strict=True):
        for index, rgb in enumerate(colors):
            _tile(axis, index, 1, rgb, to_hex(rgb))
        axis.set(xlim=(0, widest + EDGE), ylim=(-EDGE, 1 + EDGE))
        axis.text(-0.08, 0.5, name, ha="right", va="center")
    return closed(figure)


def pictures(images: Sequence, captions: Sequence[str], *, size: float = 2.0) -> Figure:
    """Pictures in a row, each under its caption, in one palette (`base.in_one_palette`).

    Args:
        images: PIL images, or arrays (height, width, 3) of 0 to 255, or floats of 0..1.
        captions: one text for each.
        size: inches a side.
    """
    figure, axes = blank(1, len(images), (size * len(images), size + 0.3))
    for axis, image, caption in zip(axes[0], in_one_palette(images), captions, strict=True):
        axis.imshow(image, interpolation="nearest")
        axis.set_title(caption.replace("$", r"\$"), fontsize=9)
    return closed(figure)


def compare_palettes(target: Sequence[RGB], extracted: Sequence[tuple[RGB, float]]) -> Figure:
    """Each colour asked for above the nearest one found, with their CIEDE2000 distance.

    Args:
        target: the colours asked for.
        extracted: colours with their shares of the picture, see `colors.image_palette`.
    """
    figure, axes = blank(2, 1, (TILE * max(len(target), 3) + 1, 2.4))
    pairs, strip = axes[:, 0]
    for index, rgb in enumerate(target):
        distances = [float(delta_e(rgb, other)) for other, _share in extracted]
        least = min(range(len(extracted)), key=distances.__getitem__)
        _tile(pairs, index, 1, rgb, to_hex(rgb), bottom=1)
        nearest = extracted[least][0]
        _tile(pairs, index, 1, nearest, f"{to_hex(nearest)}\n$\\Delta E$ {distances[least]:.0f}")
    pairs.set(xlim=(0, len(target) + EDGE), ylim=(-EDGE, 2 + EDGE))
    pairs.text(-0.05, 1.5, "asked", ha="right", va="center")
    pairs.text(-0.05, 0.5, "nearest found", ha="right", va="center")
    left = 0.0
    for rgb, share in extracted:
        _tile(strip, left, share, rgb, f"{share:.0%}" if share > 0.06 else "")
        left += share
    strip.set(xlim=(0, left * (1 + EDGE / len(target))), ylim=(-EDGE, 1.3))
    strip.text(-0.05 * left / len(target), 0.5, "all found", ha="right", va="center")
    return closed(figure)


def _tile(axis, left: float, width: float, rgb: RGB, label: str, bottom: float = 0) -> None:
    color = tuple(channel / 255 for channel in rgb)
    ink = tuple(channel / 255 for channel in text_color(rgb))
    axis.add_patch(
        plt.Rectangle((left, bottom), width, 1, facecolor=color, edgecolor="0.6", linewidth=0.5)
    )
    middle = (left + width / 2, bottom + 0.5)
    axis.text(*middle, label, ha="center", va="center", color=ink, fontsize=9)
