"""Figures of how good a planner is."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from tripkit.course.plots.base import closed

OURS, CHANCE = "#0072b2", "#e69f00"  # blue and orange, which differ to every eye


def shares_figure(shares: Mapping[str, Mapping[str, float]]) -> Figure:
    """For each row two bars: trips on topic, and what chance would give.

    Args:
        shares: by the name of the row what `planners.evaluation.shares` found.
    """
    figure, axes = plt.subplots(figsize=(6, 0.55 * len(shares) + 1), layout="constrained")
    places = range(len(shares))
    for offset, key, label, color in (
        (-0.2, "on_topic", "its own plan", OURS),
        (0.2, "by_chance", "the plan of another request", CHANCE),
    ):
        values = [100 * row[key] for row in shares.values()]
        bars = axes.barh([p + offset for p in places], values, 0.38, label=label, color=color)
        axes.bar_label(bars, fmt="%.0f", padding=3, fontsize=8)
    axes.set_yticks(places, list(shares))
    axes.invert_yaxis()
    axes.set(xlim=(0, 108), xlabel="trips on topic (%)")
    axes.legend(loc="lower right", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    return closed(figure)
