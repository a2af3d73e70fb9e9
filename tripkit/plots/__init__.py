"""Figures of the course. Each function returns its figure, closed, so that a cell shows it once."""

from tripkit.plots.base import blank, closed
from tripkit.plots.digits import curves, digit_grid, histograms
from tripkit.plots.palettes import asked_and_found, pictures, swatches
from tripkit.plots.planners import shares_figure
from tripkit.plots.services import claims_table, lifelines
from tripkit.plots.sliders import choice, slider, with_sliders
from tripkit.plots.unet import unet_diagram

__all__ = [
    "asked_and_found",
    "blank",
    "choice",
    "claims_table",
    "closed",
    "curves",
    "digit_grid",
    "histograms",
    "lifelines",
    "pictures",
    "shares_figure",
    "slider",
    "swatches",
    "unet_diagram",
    "with_sliders",
]
