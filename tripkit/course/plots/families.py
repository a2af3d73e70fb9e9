"""Figures of notebook 02: models beside each other, and seeds beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from tripkit.course.families import FAMILIES, Rows, values
from tripkit.course.plots.base import closed
from tripkit.course.plots.digits import COLORS


def bars(
    groups: Mapping[str, Mapping[str, float]],
    *,
    y_label: str,
    x_label: str = "",
    line: float | None = None,
    size: tuple = (6, 2.3),
) -> Figure:
    """A bar of each model for each thing that was measured of all.

    Args:
        groups: the values by what was measured, by the name of the model; all hold the same.
        y_label: says what the height is.
        x_label: says what stands along the axis.
        line: what to compare with: a dotted line at this height.
        size: inches.
    """
    figure, axis = plt.subplots(figsize=size, layout="constrained")
    kinds, width = list(next(iter(groups.values()))), 0.8 / len(groups)
    for index, (name, group) in enumerate(groups.items()):
        left = np.arange(len(kinds)) - 0.4 + width * (index + 0.5)
        heights = [group[kind] for kind in kinds]
        axis.bar(left, heights, width, color=COLORS[index % len(COLORS)], label=name)
    if line is not None:
        axis.axhline(line, color="black", linewidth=1, linestyle=":")
    axis.set(xticks=range(len(kinds)), xticklabels=kinds, xlabel=x_label, ylabel=y_label)
    axis.legend(fontsize=8, loc="upper left", bbox_to_anchor=(1.01, 1))
    return closed(figure)


def seed_dots(
    rows: Rows, measures: Mapping[str, str], names: Sequence[str], *, log: Sequence[str] = ()
) -> Figure:
    """A dot for each seed of each family, a panel for each measure; real digits are a dashed line.

    Args:
        rows: see `families.load_families`.
        measures: the label of a panel by the name of its measure in the rows.
        names: of VAE, GAN and diffusion, for the axis.
        log: measures on a logarithmic axis.
    """
    size = (2.5 * len(measures) + 0.7, 1.7)
    figure, axes = plt.subplots(1, len(measures), figsize=size, sharey=True, layout="constrained")
    for axis, (measure, label) in zip(np.atleast_1d(axes), measures.items(), strict=True):
        for line, family in enumerate(FAMILIES):
            measured = values(rows, family, measure)
            axis.scatter(measured, [line] * len(measured), color=COLORS[line], alpha=0.7)
        axis.axvline(rows["real"][measure], color="black", linewidth=1, linestyle="--")
        axis.set(xlabel=label, yticks=range(len(names)), yticklabels=names)
        axis.set_ylim(len(names) - 0.5, -0.5)
        axis.set_xscale("log" if measure in log else "linear")
        axis.grid(axis="x", alpha=0.3)
    return closed(figure)
