"""Figures of how long sampling takes."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from tripkit.course.plots.base import blank, closed
from tripkit.course.plots.digits import COLORS


def ratios(values: Mapping[str, float], unit: str, *, x_label: str, width: float = 6) -> Figure:
    """Bars that compare values with one of them, on a logarithmic axis; each bears its ratio.

    Args:
        values: above 0, by name, from top to bottom.
        unit: the name of the one that counts as 1.
        x_label: says what is compared.
        width: inches.
    """
    shares = [value / values[unit] for value in values.values()]
    figure, axes = blank(1, 1, (width, 0.32 * len(values) + 0.7))
    axis = axes[0, 0]
    axis.set_axis_on()
    labels = [f"{share:.2g}" if share < 10 else f"{share:,.0f}" for share in shares]
    bars = axis.barh(list(values), shares, color=COLORS[0])
    axis.bar_label(bars, labels, padding=3, fontsize=9)
    axis.set(xscale="log", xlabel=x_label, xlim=(min(shares) / 2, max(shares) * 2))
    axis.invert_yaxis()
    axis.grid(alpha=0.3, axis="x")
    return closed(figure)
