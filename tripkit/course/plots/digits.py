"""Figures of digits, of curves, of how values are spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from tripkit.course.plots.base import blank, closed

# Told apart by colour-blind readers too (Okabe & Ito 2008).
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
STYLES = ("-", "--", "-.", ":", "-", "--", "-.")


def digit_grid(
    rows: Mapping[str, object] | object,
    captions: Sequence[str] = (),
    *,
    columns: int = 10,
    size: float = 0.7,
) -> Figure:
    """Digits side by side, white on black, all on one scale from -1 to 1.

    Args:
        rows: (N, 1, 28, 28) or (N, 28, 28) in -1..1, cut into rows of ``columns``; or several of
            them by the name of their row.
        captions: one for each column, above the first row.
        columns: digits in a row.
        size: inches a digit.
    """
    if not isinstance(rows, Mapping):
        images = _images(rows)
        parts = [images[i : i + columns] for i in range(0, len(images), columns)]
        rows = {" " * number: part for number, part in enumerate(parts)}
    widest = max(len(_images(part)) for part in rows.values())
    margin = 0.09 * max(len(name.strip()) for name in rows)
    figure, axes = blank(len(rows), widest, (size * widest + margin, size * len(rows) + 0.3))
    for line, (name, part) in zip(axes, rows.items(), strict=True):
        for axis, image in zip(line, _images(part), strict=False):
            axis.imshow(image, cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
        if name.strip():
            line[0].text(-3, 14, name, ha="right", va="center", fontsize=9)
    for axis, caption in zip(axes[0], captions, strict=False):
        axis.set_title(caption.replace("$", r"\$"), fontsize=8)
    return closed(figure)


def curves(
    lines: Mapping[str, object],
    *,
    x: object = None,
    x_label: str,
    y_label: str,
    log_y: bool = False,
    log_x: bool = False,
    y_from: float | None = None,
    size: tuple[float, float] = (6, 3),
) -> Figure:
    """Lines over one x axis, each with its name in the legend.

    Args:
        lines: y values by name.
        x: the x values of all, or those of each line by its name; 0, 1, 2, ... unless given.
        x_label: with its unit.
        y_label: with its unit.
        log_y: a logarithmic y axis.
        log_x: a logarithmic x axis.
        y_from: where the y axis begins; a little below the lines unless given.
        size: inches.
    """
    figure, axes = blank(1, 1, size)
    axis = axes[0, 0]
    axis.set_axis_on()
    for index, (name, y) in enumerate(lines.items()):
        y = np.asarray(y)
        color, style = COLORS[index % len(COLORS)], STYLES[index % len(STYLES)]
        across = x[name] if isinstance(x, Mapping) else x
        across = np.arange(len(y)) if across is None else np.asarray(across)
        axis.plot(across, y, style, color=color, label=name)
    axis.set(xlabel=x_label, ylabel=y_label)
    axis.set_yscale("log" if log_y else "linear")
    axis.set_xscale("log" if log_x else "linear")
    for side, logarithmic in ((axis.xaxis, log_x), (axis.yaxis, log_y)):
        if logarithmic:
            _plain_ticks(side)
    axis.set_ylim(bottom=y_from)
    axis.grid(alpha=0.3)
    if len(lines) > 1:
        axis.legend(fontsize=8)
    return closed(figure)


def histograms(
    groups: Mapping[str, object],
    *,
    x_label: str,
    bins: int = 30,
    size: tuple[float, float] = (6, 2.5),
) -> Figure:
    """How often each value comes up, for several groups of values on one axis.

    Args:
        groups: values by the name of their group.
        x_label: with its unit.
        bins: over the range of all groups.
        size: inches.
    """
    arrays = {name: np.asarray(values).ravel() for name, values in groups.items()}
    edges = np.histogram_bin_edges(np.concatenate(list(arrays.values())), bins)
    figure, axes = blank(1, 1, size)
    axis = axes[0, 0]
    axis.set_axis_on()
    for index, (name, values) in enumerate(arrays.items()):
        look = {"color": COLORS[index % len(COLORS)], "linestyle": STYLES[index % len(STYLES)]}
        weights = np.full(len(values), 1 / len(values))
        axis.hist(
            values, edges, weights=weights, histtype="step", linewidth=1.5, label=name, **look
        )
    axis.set(xlabel=x_label, ylabel="share of the group")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1))  # beside the hills
    return closed(figure)


def _plain_ticks(side: Axis) -> None:
    """Where a logarithmic axis spans few powers of ten, ticks at 1, 2 and 5, as plain numbers."""
    low, high = side.get_view_interval()
    if high / low < 1000:
        side.set_major_locator(LogLocator(subs=(1, 2, 5)))
        side.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
        side.set_minor_locator(NullLocator())


def _images(images) -> np.ndarray:
    """(N, 28, 28), from a tensor or an array with or without a channel."""
    array = np.asarray(images)
    return array[:, 0] if array.ndim == 4 else array
