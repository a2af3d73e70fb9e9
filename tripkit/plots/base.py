"""What all figures share: panels without axes, and a figure that a cell shows once."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.figure import Figure


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
