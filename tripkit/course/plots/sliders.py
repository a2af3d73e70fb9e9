"""Figures that follow sliders, in notebooks that stay alive: no state is kept between two draws."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

if TYPE_CHECKING:
    import ipywidgets


def with_sliders(draw: Callable[..., Figure], **controls: ipywidgets.Widget) -> ipywidgets.VBox:
    """A figure under its controls, drawn anew whenever one of them moves.

    An error of ``draw`` is shown in place of the figure (ipywidgets would swallow it), and the next
    move tries again. Cells that show sliders are tagged ``nbval-ignore-output``; a figure of its
    own beside them tells the same story where no kernel runs.

    Args:
        draw: from the controls' values, by name, to a figure.
        controls: ipywidgets by the names of ``draw``'s arguments. Sliders with
            ``continuous_update=False`` draw once a move.
    """
    import ipywidgets as widgets

    picture, trouble = widgets.Image(format="png"), widgets.HTML()
    for name, control in controls.items():
        control.description = control.description or name

    def redraw(_change=None) -> None:
        try:
            figure = draw(**{name: control.value for name, control in controls.items()})
            picture.value, trouble.value = png(figure), ""
        except Exception as error:
            problem = escape(f"{type(error).__name__}: {error}")
            trouble.value = f'<div role="alert">{problem}</div>'

    for control in controls.values():
        control.observe(redraw, names="value")
    redraw()
    return widgets.VBox([*controls.values(), picture, trouble])


def slider(low: float, high: float, start: float, *, step: float = 1) -> ipywidgets.Widget:
    """A slider for `with_sliders`: whole numbers, unless one of the four is a fraction."""
    import ipywidgets as widgets

    whole = all(isinstance(number, int) for number in (low, high, start, step))
    kind = widgets.IntSlider if whole else widgets.FloatSlider
    return kind(
        value=start, min=low, max=high, step=step, continuous_update=False, layout={"width": "28em"}
    )


def choice(*options: str) -> ipywidgets.Widget:
    """A row of buttons for `with_sliders`, one of which is pressed: the first, to begin with."""
    import ipywidgets as widgets

    return widgets.ToggleButtons(options=options, style={"button_width": "auto"})


def png(figure: Figure) -> bytes:
    """The figure as a PNG file."""
    file = BytesIO()
    figure.savefig(file, format="png", dpi=100)
    return file.getvalue()
