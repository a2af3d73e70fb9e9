"""The widgets of the app and how they stand together: no behaviour, no words.

The stable CSS classes ``tripkit-...`` are what ``data/app.css`` and the browser tests hold on to.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import ipywidgets as widgets

from tripkit.app.html import style_block
from tripkit.core.messages import text
from tripkit.images.base import MAX_SEED
from tripkit.services.spending import MAX_CAP

_LABELS: WeakKeyDictionary[widgets.Widget, str] = WeakKeyDictionary()  # widget -> code
EXAMPLES = 4
TRIPS = 3


class AppLayout:
    """All widgets of the app, by name; ``root`` holds them."""

    def __init__(self):
        self.title = html("tripkit-title")
        self.language = widgets.ToggleButtons(options=[("한국어", "ko"), ("English", "en")])
        self.language.add_class("tripkit-language")

        self.request = text_area(2, "tripkit-request", "app.request")
        codes = [f"app.example_{number + 1}" for number in range(EXAMPLES)]
        self.examples = [button("tripkit-chip", code) for code in codes]
        self.ask = button("tripkit-ask tripkit-primary", "app.ask")

        self.planner = field(widgets.Dropdown(), "tripkit-planner", "app.planner")
        self.planner_state = html("tripkit-planner-state")
        self.model = field(widgets.Dropdown(), "tripkit-model", "app.image_model")
        self.model_state = html("tripkit-model-state")
        self.load = button("tripkit-load", "app.load")

        self.error = html()
        self.dismiss = button("tripkit-dismiss", "app.dismiss")
        self.error_panel = box("tripkit-error", self.error, row(self.dismiss))

        self.unsaved_title, self.unsaved = html(), html("tripkit-gallery")
        self.save_again = button("tripkit-save-again", "app.save_again")
        unsaved = (self.unsaved_title, self.unsaved, row(self.save_again))
        self.unsaved_panel = panel("tripkit-unsaved", *unsaved)

        dollars = widgets.BoundedFloatText(min=0, max=MAX_CAP, step=0.1, continuous_update=False)
        self.cap = field(dollars, "tripkit-cap", "app.cap")
        self.spending = html("tripkit-spending-so-far")
        self.spending_panel = section(self.cap, self.spending)
        self.quote = html()
        self.confirm = button("tripkit-confirm tripkit-primary", "app.confirm")
        self.decline = button("tripkit-decline", "app.decline")
        self.confirm_panel = panel("tripkit-quote", self.quote, row(self.confirm, self.decline))

        self.status = html("tripkit-status-line")
        self.cancel = button("tripkit-cancel", "app.cancel")
        self.progress = widgets.IntProgress(min=0, max=1).add_class("tripkit-progress")

        self.trips_title = html()
        self.trip_buttons = [button(f"tripkit-trip-{index}") for index in range(TRIPS)]
        self.trip_bodies = [html() for _ in range(TRIPS)]
        pairs = zip(self.trip_buttons, self.trip_bodies, strict=True)
        self.trip_cards = [box("tripkit-trip", press, body) for press, body in pairs]
        self.notice = html()
        cards = box("tripkit-trips", *self.trip_cards)
        self.trips_panel = section(self.trips_title, cards, self.notice)

        self.postcard_title = html()
        self.picture = widgets.Image(format="png").add_class("tripkit-picture")
        self.facts, self.download = html("tripkit-postcard-facts"), html()
        self.comparison = html("tripkit-palettes")
        beside = section(self.facts, self.download, self.comparison)
        picture = columns(self.picture, beside)
        self.postcard_panel = panel("tripkit-postcard", self.postcard_title, picture)

        self.prompt_title = html()
        self.full = text_area(9, "tripkit-full", "app.full")
        self.scene = text_area(3, "tripkit-scene", "app.scene")
        self.sent_title, self.sent = html(), html("tripkit-sent")
        self.seed = field(widgets.BoundedIntText(min=0, max=MAX_SEED), "tripkit-seed", "app.seed")
        self.new_seed = button("tripkit-new-seed", "app.new_seed")
        self.draw = button("tripkit-draw tripkit-primary", "app.draw")
        self.seed_hint = html()
        prompts = columns(section(self.scene, self.sent_title, self.sent), self.full)
        drawing = (row(self.seed, self.new_seed, self.draw), self.seed_hint)
        self.prompt_panel = panel("tripkit-prompt", self.prompt_title, prompts, *drawing)

        self.gallery_title, self.gallery = html(), html("tripkit-gallery")
        self.gallery_panel = section(self.gallery_title, self.gallery)

        self.root = box(
            "tripkit-app",
            widgets.HTML(style_block()).add_class("tripkit-style"),
            box("tripkit-head", self.title, self.language),
            section(self.request, row(*self.examples)),
            columns(
                section(self.planner, self.planner_state),
                section(self.model, self.model_state, self.load, self.spending_panel),
            ),
            section(row(self.ask, self.status, self.cancel), self.progress),
            self.confirm_panel,
            self.error_panel,
            self.unsaved_panel,
            self.postcard_panel,  # above the trips: in sight when one of them is pressed
            self.trips_panel,
            self.prompt_panel,
            self.gallery_panel,
        )

    @property
    def locked_while_busy(self) -> list[widgets.Widget]:
        """Everything that must not be used while a job runs; ``cancel`` alone stays."""
        boxes = [self.request, self.language, self.planner, self.model, self.cap]
        boxes += [self.full, self.scene, self.seed]
        buttons = [*self.examples, self.ask, self.load, *self.trip_buttons]
        return boxes + buttons + [self.new_seed, self.draw, self.save_again, self.dismiss]


def html(css: str = "") -> widgets.HTML:
    """Return an empty place for markup from ``html``."""
    return _classed(widgets.HTML(), css)


def button(css: str, code: str = "") -> widgets.Button:
    """Return a button. Its text, by ``code``, is shown as text, whoever wrote it."""
    return labelled(_classed(widgets.Button(), css), code)


def field(widget: widgets.Widget, css: str, code: str = "") -> widgets.Widget:
    """Return an input whose label, by ``code``, stands above it."""
    return labelled(_classed(widget, "tripkit-field " + css), code)


def text_area(rows: int, css: str, code: str) -> widgets.Widget:
    """Return an input of so many rows, whose text counts once it is left."""
    return field(widgets.Textarea(rows=rows, continuous_update=False), css, code)


def write_labels(root: widgets.Widget, language: str) -> None:
    """Write the labels of all widgets under ``root`` in ``language``, by their codes."""
    if root in _LABELS:
        root.description = text(_LABELS[root], language)
    for child in root.children if isinstance(root, widgets.Box) else ():
        write_labels(child, language)


def box(css: str, *children: widgets.Widget) -> widgets.VBox:
    """Return a box whose layout is a CSS class of ours."""
    return _classed(widgets.VBox(children), css)


def row(*children: widgets.Widget) -> widgets.HBox:
    """Return children side by side, wrapping in a narrow window."""
    return _classed(widgets.HBox(children), "tripkit-row")


def section(*children: widgets.Widget) -> widgets.VBox:
    """Return children below each other."""
    return box("tripkit-section", *children)


def panel(css: str, *children: widgets.Widget) -> widgets.VBox:
    """Return children below each other, in a frame."""
    return box("tripkit-section tripkit-panel " + css, *children)


def columns(*children: widgets.Widget) -> widgets.VBox:
    """Return children in equal columns, below each other in a narrow window."""
    return box("tripkit-columns", *children)


def show(widget: widgets.Widget, visible: bool) -> None:
    """Show or hide ``widget`` without changing anything else about it."""
    (widget.remove_class if visible else widget.add_class)("tripkit-gone")


def labelled(widget: widgets.Widget, code: str) -> widgets.Widget:
    """Return the widget, whose ``description`` is the text of that code."""
    if code:
        _LABELS[widget] = code
    return widget


def _classed(widget, css: str):
    for name in css.split():
        widget.add_class(name)
    return widget
