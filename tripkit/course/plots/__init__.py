"""Figures of the course. Each function returns its figure, closed, so that a cell shows it once."""

from tripkit.course.plots.base import blank, closed
from tripkit.course.plots.digits import curves, digit_grid, histograms
from tripkit.course.plots.palettes import compare_palettes, pictures, swatches
from tripkit.course.plots.planners import shares_figure
from tripkit.course.plots.services import claims_table, lifelines
from tripkit.course.plots.sliders import choice, slider, with_sliders
from tripkit.course.plots.unet import unet_diagram

__all__ = [
    "compare_palettes",
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
