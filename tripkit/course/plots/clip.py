"""Figures of an embedding space: who fits whom, where texts lie, pictures in rows; numbered lists.

Figures name texts by their numbers, because fonts without Hangul are common; `numbered` says in
HTML, beside the figure, what each number stands for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from IPython.display import HTML
from matplotlib.figure import Figure

from tripkit.course.plots.base import blank, closed
from tripkit.course.plots.digits import COLORS

MARKERS = ("o", "^", "s", "D")


def matrix(
    values,
    images: Sequence = (),
    *,
    label: str,
    percent: bool = False,
    limits: tuple[float, float] | None = None,
) -> Figure:
    """A table of numbers as colours: pictures from top to bottom, texts from left to right, from 1.

    Args:
        values: (N, M).
        images: N pictures, which are shown beside their rows.
        label: what the numbers are.
        percent: writes 0.5 as 50.
        limits: the numbers of the darkest and the brightest colour; None takes the extremes.
            Figures that are to be compared need the same.
    """
    values = np.asarray(values) * (100 if percent else 1)
    rows, columns = values.shape
    left = 1.6 if len(images) else 0.5
    figure, axes = blank(1, 1, (0.55 * (columns + left) + 1.2, 0.55 * rows + 0.8))
    axis = axes[0, 0]
    axis.set_axis_on()
    low, high = limits or (values.min(), values.max())
    shown = axis.imshow(values, cmap="cividis", vmin=low, vmax=high)
    middle = (low + high) / 2
    for row, column in np.ndindex(rows, columns):
        value = round(float(values[row, column]), 0 if percent else 2) + 0.0  # no "-0"
        label_text = f"{value:.0f}" if percent else f"{value:.2f}".replace("0.", ".", 1)
        ink = "black" if value > middle else "white"
        axis.text(column, row, label_text, ha="center", va="center", color=ink, fontsize=8)
    for row, image in enumerate(images):
        extent = (-1.5, -0.55, row + 0.46, row - 0.46)
        axis.imshow(np.asarray(image), extent=extent, interpolation="nearest")
    axis.set(xlim=(0.1 - left, columns - 0.5), ylim=(rows - 0.5, -0.5), aspect="equal")
    axis.set(xticks=range(columns), xticklabels=range(1, columns + 1), xlabel="text")
    axis.set(yticks=range(rows), yticklabels=range(1, rows + 1), ylabel="picture")
    axis.spines[:].set_visible(False)
    figure.colorbar(shown, ax=axis, label=label, shrink=0.9)
    return closed(figure)


def embedding_map(
    groups: Mapping[str, object],
    *,
    joined: bool = False,
    x_label: str = "first principal component",
    y_label: str = "second principal component",
    size: tuple[float, float] = (6.5, 4.5),
) -> Figure:
    """Points with their numbers, from 1 in each group.

    Args:
        groups: (N, 2) by name.
        joined: draws a line between the points of one number.
        x_label: of the axis, likewise ``y_label``.
        y_label: see there.
        size: inches.
    """
    arrays = {name: np.asarray(points) for name, points in groups.items()}
    figure, axes = blank(1, 1, size)
    axis = axes[0, 0]
    axis.set_axis_on()
    if joined:
        for path in np.stack(list(arrays.values()), axis=1):  # (groups, 2)
            axis.plot(*path.T, color="0.7", linewidth=1, zorder=1)
    for index, (name, points) in enumerate(arrays.items()):
        look = {"color": COLORS[index], "marker": MARKERS[index], "s": 36, "zorder": 2}
        axis.scatter(*points.T, label=name, **look)
        for number, point in enumerate(points, start=1):
            axis.annotate(str(number), point, xytext=(4, 3), textcoords="offset points", fontsize=8)
    axis.set(xlabel=x_label, ylabel=y_label)
    axis.grid(alpha=0.3)
    if len(arrays) > 1:
        axis.legend(fontsize=8, loc="upper right")
    return closed(figure)


def picture_rows(
    rows: Mapping[str, Sequence], captions: Sequence[str] = (), *, size: float = 0.9
) -> Figure:
    """Rows of pictures, each after its name; pixels as they are.

    Args:
        rows: pictures by the name of their row.
        captions: one for each column, above the first row.
        size: inches a picture.
    """
    widest = max(map(len, rows.values()))
    margin = 0.09 * max(map(len, rows))
    figure, axes = blank(len(rows), widest, (size * widest + margin, size * len(rows) + 0.3))
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for axis, image in zip(line, images, strict=False):
            axis.imshow(np.asarray(image), interpolation="nearest")
        line[0].text(-0.1, 0.5, name, ha="right", va="center", transform=line[0].transAxes)
    for axis, caption in zip(axes[0], captions, strict=False):
        axis.set_title(caption.replace("$", r"\$"), fontsize=8)
    return closed(figure)


def numbered(*columns: Sequence[str]) -> HTML:
    """A list that begins with 1, escaped; with several columns, a text of each in every line."""
    lines = "".join(
        f"<li>{' · '.join(escape(str(text)) for text in texts)}</li>"
        for texts in zip(*columns, strict=True)
    )
    return HTML(f"<ol>{lines}</ol>")
