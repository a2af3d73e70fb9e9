"""The trip app for Jupyter and Voila: widgets that mirror a ``TripSession``, no logic of their own.

Each click calls one method of the session; each change of the session calls ``render``, which
writes the session's state into the widgets. The widgets are made in ``app_layout``, markup comes
from ``app_views``, words from ``messages``.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable

from tripkit import app_views as views
from tripkit.app_layout import AppLayout, show
from tripkit.choices import Choice, choices
from tripkit.colors import image_palette
from tripkit.errors import TripkitError
from tripkit.images.postcard import Postcard, png_bytes
from tripkit.jobs import readable
from tripkit.messages import text
from tripkit.prompts import ImagePrompt
from tripkit.session import TripSession, new_seed

SHOWN = 512  # pixels a side: smaller pictures are enlarged for the screen, without smoothing
THUMBNAIL = 160


class TripApp:
    """The app: ask, choose one of three trips, watch its postcard appear. Show it with ``display``.

    Args:
        session: the visit to show; by default a new one, with the shipped planner and model.
        language: "ko" or "en"; None keeps the session's.
        warm_up: load the image model in the background right away.
    """

    def __init__(
        self,
        session: TripSession | None = None,
        *,
        language: str | None = None,
        warm_up: bool = True,
    ):
        self.session = TripSession() if session is None else session
        if language is not None:
            self.session.language = language
        self.layout = AppLayout()
        self._lock = threading.RLock()  # the worker renders, and so do clicks
        self._writing: int | None = None  # the thread that writes into widgets: those are no clicks
        self._problem: TripkitError | None = None  # the error of a click, not of a job
        self._given: dict[str, object] = {}  # planners and backends that came as objects
        self._seen_prompt: ImagePrompt | None = None
        self._seen_postcard: Postcard | None = None
        self._thumbnails: list[tuple[bytes, Postcard]] = []
        self._planners = self._offers("planner", self.session.planner, self.layout.planner)
        self._models = self._offers("image", self.session.backend, self.layout.model)
        self.layout.seed.value = new_seed()
        self.layout.language.value = self.session.language
        self._listen()
        self.session.on_change = lambda _session: self.render()
        self.render()
        if warm_up:
            self.session.warm_up()

    @property
    def widget(self):
        """The root widget, for ``display`` or for a place in another app."""
        return self.layout.root

    def _repr_mimebundle_(self, **kwargs):
        return self.widget._repr_mimebundle_(**kwargs)

    def draft(self) -> ImagePrompt | None:
        """Return the prompt as it stands in the two boxes, edited or not."""
        if self.session.prompt is None:
            return None
        scene, full = self.layout.scene.value, self.layout.full.value
        return dataclasses.replace(self.session.prompt, scene=scene, full=full)

    # ------------------------------------------------------- clicks

    def _listen(self) -> None:
        layout, session = self.layout, self.session
        clicks = {
            layout.ask: self._ask,
            layout.draw: self._draw,
            layout.cancel: session.cancel,
            layout.dismiss: session.dismiss,
            layout.save_again: session.save_again,
            layout.load: session.warm_up,
            layout.new_seed: self._new_seed,
        }
        for number, chip in enumerate(layout.examples, start=1):
            clicks[chip] = lambda code=f"app.example_{number}": self._example(code)
        for index, press in enumerate(layout.trip_buttons):
            clicks[press] = lambda index=index: self._press(index)
        for button, action in clicks.items():
            button.on_click(lambda _button, action=action: self._do(action))
        changes = {
            layout.language: self._choose_language,
            layout.planner: self._choose_planner,
            layout.model: self._choose_model,
            layout.scene: self.render,
            layout.full: self.render,
        }
        for widget, action in changes.items():
            widget.observe(lambda _change, action=action: self._do(action), names="value")

    def _do(self, action: Callable[[], object]) -> None:
        """Do what a click asks for. ipywidgets swallows exceptions: ours go on the screen."""
        if self._writing == threading.get_ident():
            return
        had_problem, self._problem = self._problem is not None, None
        try:
            action()
        except Exception as error:
            self._problem = readable(error)
        if had_problem or self._problem:
            self.render()

    def _ask(self) -> None:
        if not self.session.busy:  # the second half of a double click
            self.session.ask(self.layout.request.value)

    def _press(self, index: int) -> None:
        if not self.session.busy:
            self.session.choose(index)
            self.session.draw(seed=self.layout.seed.value)

    def _draw(self) -> None:
        if not self.session.busy:
            self.session.draw(self.draft(), seed=self.layout.seed.value)

    def _example(self, code: str) -> None:
        self.layout.request.value = text(code, self.session.language)

    def _new_seed(self) -> None:
        self.layout.seed.value = new_seed()

    def _choose_language(self) -> None:
        self.session.language = self.layout.language.value

    def _choose_planner(self) -> None:
        name = self.layout.planner.value
        self.session.planner = self._given.get(name, name)

    def _choose_model(self) -> None:
        name = self.layout.model.value
        self.session.backend = self._given.get(name, name)
        if not self._chosen(self._models, name).needs_download():
            self.session.warm_up()  # a download of gigabytes waits for its own button

    def _offers(self, kind: str, chosen, menu) -> list[Choice]:
        name = chosen if isinstance(chosen, str) else chosen.name
        if not isinstance(chosen, str):
            self._given[name] = chosen
        offers = choices(kind)
        if name not in [offer.name for offer in offers]:
            offers.insert(0, Choice(name))
        menu.options = [offer.name for offer in offers]
        menu.value = name
        return offers

    @staticmethod
    def _chosen(offers: list[Choice], name: str) -> Choice:
        return next(offer for offer in offers if offer.name == name)

    # ------------------------------------------------------- session -> widgets

    def render(self) -> None:
        """Write the session's state into the widgets; safe from every thread."""
        with self._lock:
            self._writing = threading.get_ident()
            try:
                self._render_words()
                self._render_models()
                self._render_status()
                self._render_trips()
                self._render_prompt()
                self._render_postcard()
                self._render_gallery()
            finally:
                for widget in self.layout.locked_while_busy:
                    widget.disabled = self.session.busy
                self._writing = None

    def _say(self, code: str, **details) -> str:
        return text(code, self.session.language, **details)

    def _render_words(self) -> None:
        layout, say = self.layout, self._say
        layout.language.value = self.session.language
        layout.title.value = views.heading(say("app.title"), say("app.subtitle"), level=1)
        labels = {
            layout.request: "app.request",
            layout.planner: "app.planner",
            layout.model: "app.image_model",
            layout.scene: "app.scene",
            layout.full: "app.full",
            layout.seed: "app.seed",
            layout.ask: "app.ask",
            layout.load: "app.load",
            layout.cancel: "app.cancel",
            layout.dismiss: "app.dismiss",
            layout.save_again: "app.save_again",
            layout.new_seed: "app.new_seed",
            layout.draw: "app.draw",
        }
        labels |= {chip: f"app.example_{n}" for n, chip in enumerate(layout.examples, start=1)}
        for widget, code in labels.items():
            widget.description = say(code)
        layout.request.placeholder = say("app.request_hint")
        layout.language.tooltip = say("app.language")
        layout.models_title.value = views.heading(say("app.models"))
        layout.trips_title.value = views.heading(say("app.trips"), say("app.trips_hint"))
        layout.notice.value = views.notice(say("app.colors_notice"))
        layout.prompt_title.value = views.heading(say("app.prompt"), say("app.prompt_hint"))
        layout.seed_hint.value = views.hint(say("app.seed_hint"))

    def _render_models(self) -> None:
        layout, session, language = self.layout, self.session, self.session.language
        for menu, offers in ((layout.planner, self._planners), (layout.model, self._models)):
            options = tuple((offer.label(language), offer.name) for offer in offers)
            if menu.options != options:
                name = menu.value
                menu.options, menu.value = options, name
        planner = self._chosen(self._planners, layout.planner.value)
        model = self._chosen(self._models, layout.model.value)
        layout.planner_state.value = views.choice_state(*planner.state(language), planner, language)
        words, kind, more = *model.state(language), ""
        if session.model_state == "warming":
            words, kind, more = self._say("state.warming"), "wait", self._say("app.warming_note")
        elif session.model_state == "ready":
            words, kind = self._say("state.ready"), "good"
        elif session.model_state == "failed":
            words, kind = self._say("state.failed"), "bad"
            more = session.model_error.message(language)
        usd = getattr(session.backend, "cost_per_picture", None)  # a name has none yet
        layout.model_state.value = views.choice_state(words, kind, model, language, usd, more)
        show(layout.load, session.model_state in ("cold", "failed") and not model.retired())

    def _render_status(self) -> None:
        layout, session, say = self.layout, self.session, self._say
        words = say("state." + session.state)
        if session.cancelled and not session.busy:
            words = say("app.cancelled")
        step, total = session.progress
        if session.state == "drawing":
            waiting = not total and session.model_state == "warming"
            progress = say("app.step", step=step, total=total) if total else ""
            words = say("app.waiting_for_model") if waiting else f"{words} {progress}".strip()
        layout.status.value = views.status_line(words, busy=session.busy)
        layout.progress.max, layout.progress.value = max(total, 1), step
        show(layout.progress, session.state == "drawing")
        show(layout.cancel, session.busy)
        error = self._problem or session.error
        message = error.message(session.language) if error else ""
        layout.error.value = views.error_box(say("app.error"), message)
        show(layout.error_panel, error is not None)
        show(layout.save_again, session.unsaved is not None and not session.busy)

    def _render_trips(self) -> None:
        layout, session = self.layout, self.session
        show(layout.trips_panel, session.plan is not None)
        if session.plan is None:
            return
        notes = [self._say(code) for code in session.plan.notes]
        layout.notice.value = views.notice(" ".join([*notes, self._say("app.colors_notice")]))
        for index, trip in enumerate(session.plan.trips):
            layout.trip_buttons[index].description = f"{trip.style} · {trip.title}"
            layout.trip_bodies[index].value = views.trip_body(trip)
            card = layout.trip_cards[index]
            chosen = index == session.choice
            (card.add_class if chosen else card.remove_class)("tripkit-chosen")

    def _render_prompt(self) -> None:
        layout, session = self.layout, self.session
        show(layout.prompt_panel, session.prompt is not None)
        if session.prompt is None:
            return
        if session.prompt is not self._seen_prompt:  # keep what the user is editing
            self._seen_prompt = session.prompt
            layout.scene.value, layout.full.value = session.prompt.scene, session.prompt.full
        name = self._chosen(self._models, layout.model.value).label(session.language)
        layout.sent_title.value = views.heading(self._say("app.sent", model=name), level=3)
        try:
            sent, waiting = session.text_for(self.draft()), self._say("app.sent_waiting")
        except TripkitError as error:  # the boxes were emptied, say
            sent, waiting = None, error.message(session.language)
        layout.sent.value = views.sent_text(sent, waiting)

    def _render_postcard(self) -> None:
        layout, session, language = self.layout, self.session, self.session.language
        drawing = session.state == "drawing"
        postcard = session.unsaved or session.postcard
        if drawing:
            postcard = None
        picture = session.preview if drawing else postcard and postcard.image
        show(layout.postcard_panel, picture is not None)
        for widget in (layout.facts, layout.download, layout.comparison):
            show(widget, postcard is not None)
        title = "app.postcard" if postcard else "app.drawing_now"
        layout.postcard_title.value = views.heading(self._say(title))
        if drawing and picture is not None:
            self._show_picture(picture)
            self._seen_postcard = None
        if postcard is None:
            return
        layout.facts.value = views.postcard_facts(postcard, language)
        if postcard is not self._seen_postcard:
            self._seen_postcard = postcard
            self._found = image_palette(postcard.image, k=6)
            self._show_picture(postcard.image)
            layout.picture.tooltip = postcard.prompt.scene
            file = postcard.path.read_bytes() if postcard.path else layout.picture.value
            name = postcard.path.name if postcard.path else "postcard.png"
            self._download = (file, name)
        layout.download.value = views.download_link(*self._download, self._say("app.download"))
        stops = postcard.prompt.stops
        layout.comparison.value = views.palette_comparison(stops, self._found, language)

    def _show_picture(self, image) -> None:
        self.layout.picture.value = png_bytes(image, SHOWN)

    def _render_gallery(self) -> None:
        layout, postcards = self.layout, self.session.postcards
        show(layout.gallery_panel, bool(postcards))
        for postcard in postcards[len(self._thumbnails) :]:
            image = postcard.image.copy()
            image.thumbnail((THUMBNAIL, THUMBNAIL))
            self._thumbnails.append((png_bytes(image, THUMBNAIL), postcard))
        if postcards:
            hint = self._say("app.gallery_hint", folder=str(postcards[-1].path.parent))
            layout.gallery_title.value = views.heading(self._say("app.gallery"), hint)
        layout.gallery.value = views.gallery(self._thumbnails, self.session.language)
