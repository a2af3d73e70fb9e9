"""The app's mirror: writes what a ``TripSession`` has reached into the widgets."""

from __future__ import annotations

import dataclasses
import threading

from PIL import Image

from tripkit.app import html as views
from tripkit.app.layout import AppLayout, show, write_labels
from tripkit.colors import RGB, image_palette
from tripkit.core.errors import TripkitError
from tripkit.core.messages import text
from tripkit.images.postcard import Postcard, png_bytes
from tripkit.model_menu import Choice
from tripkit.prompts import ImagePrompt
from tripkit.session import TripSession

SHOWN = 512  # pixels a side: smaller pictures are enlarged for the screen, without smoothing
THUMBNAIL = 160
CANVAS = Image.new("RGB", (64, 64), (222, 222, 222))  # before the first preview


@dataclasses.dataclass(frozen=True)
class Shown:
    """What stands in the place of the postcard.

    Attributes:
        title: the code of its heading.
        image: the picture.
        prompt: what it is a picture of.
        postcard: whose picture it is; None while it is still drawn.
    """

    title: str
    image: Image.Image
    prompt: ImagePrompt
    postcard: Postcard | None = None


def shown_picture(session: TripSession) -> Shown | None:
    """Return what is to be seen now: the drawing, else what came of it last, else nothing."""
    visit = session.visit
    if session.state == "drawing":
        prompt = visit.prompt  # None until the worker has begun
        return Shown("app.drawing_now", visit.preview or CANVAS, prompt) if prompt else None
    postcard = visit.partial or visit.postcard
    if postcard is None:
        return None
    title = "app.partial" if postcard.partial else "app.postcard"
    return Shown(title, postcard.image, postcard.prompt, postcard)


def downloadable(postcard: Postcard) -> tuple[bytes, str]:
    """Return the file as it was saved, and its name; the picture alone where it was not."""
    if postcard.path is None:
        return png_bytes(postcard.image, SHOWN), "postcard.png"
    return postcard.path.read_bytes(), postcard.path.name


def thumbnail(postcard: Postcard) -> bytes:
    """Return a small PNG of the picture."""
    image = postcard.image.copy()
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    return png_bytes(image, THUMBNAIL)


class AppMirror:
    """Renders one session into one layout.

    Args:
        session: what is shown.
        layout: where it is shown.
        planners: what the planner menu offers; ``models`` the same for image models.
    """

    def __init__(
        self, session: TripSession, layout: AppLayout, planners: list[Choice], models: list[Choice]
    ):
        self.session, self.layout = session, layout
        self.planners, self.models = planners, models
        self.problem: TripkitError | None = None  # the error of a click, not of a job
        self._lock = threading.RLock()  # the worker renders, and so do clicks
        self._writing: int | None = None  # the thread that is writing into widgets
        self._seen_prompt: ImagePrompt | None = None
        self._seen_image: Image.Image | None = None
        self._palette: list[tuple[RGB, float]] = []  # the palette of a finished picture
        self._seen_postcard: Postcard | None = None
        self._download = (b"", "")  # its file, and the file's name
        self._seen_unsaved: list = []
        self._thumbnails: list[tuple[bytes, Postcard]] = []

    @property
    def writing(self) -> bool:
        """Whether it is we who change the widgets in this thread, and not a user."""
        return self._writing == threading.get_ident()

    def draft(self) -> ImagePrompt | None:
        """Return the prompt as it stands in the two boxes, edited or not."""
        if self.session.prompt is None:
            return None
        scene, full = self.layout.scene.value, self.layout.full.value
        return dataclasses.replace(self.session.prompt, scene=scene, full=full)

    def offers(self) -> tuple[list[Choice], list[Choice]]:
        """Return what the two menus offer: planners and image models."""
        return self.planners, self.models

    def planner(self) -> Choice:
        """Return the planner that is chosen in its menu."""
        return chosen(self.planners, self.layout.planner.value)

    def model(self) -> Choice:
        """Return the image model that is chosen in its menu."""
        return chosen(self.models, self.layout.model.value)

    def render(self) -> None:
        """Write the session's state into the widgets; safe from every thread."""
        with self._lock:
            self._writing = threading.get_ident()
            try:
                self._render_words()
                self._render_models()
                self._render_status()
                self._render_spending()
                self._render_trips()
                self._render_prompt()
                self._render_postcard()
                self._render_unsaved()
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
        write_labels(layout.root, self.session.language)
        layout.request.placeholder = say("app.request_hint")
        layout.language.tooltip = say("app.language")
        layout.trips_title.value = views.heading(say("app.trips"), say("app.trips_hint"))
        layout.prompt_title.value = views.heading(say("app.prompt"), say("app.prompt_hint"))
        layout.seed_hint.value = views.hint(say("app.seed_hint"))

    def _render_models(self) -> None:
        layout, session, language = self.layout, self.session, self.session.language
        for menu, offers in ((layout.planner, self.planners), (layout.model, self.models)):
            options = tuple((offer.label(language), offer.name) for offer in offers)
            if menu.options != options:
                name = menu.value
                menu.options, menu.value = options, name
        planner, model = self.planner(), self.model()
        layout.planner_state.value = views.choice_state(*planner.state(language), planner, language)
        words, kind, more = *model.state(language), ""
        if session.model_state == "warming":
            words, kind, more = self._say("state.warming"), "wait", self._say("app.warming_note")
        elif session.model_state == "ready":
            words, kind = self._say("state.ready"), "good"
        elif session.model_state == "failed":
            if kind == "good":  # else its state tells why: it needs a key, it was retired, ...
                words, kind = self._say("state.failed"), "bad"
            error = session.model_error
            more = error.message(language) if error is not None else ""
        backend = session.backend  # a name has no price of its own yet
        usd = None if isinstance(backend, str) else backend.cost_per_picture
        layout.model_state.value = views.choice_state(words, kind, model, language, usd, more)
        cold = session.model_state in ("cold", "failed")  # the button loads one that is here
        show(layout.load, cold and not model.retired() and not model.needs_download())

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
        error = self.problem or session.error
        message = error.message(session.language) if error else ""
        layout.error.value = views.error_box(say("app.error"), message)
        show(layout.error_panel, error is not None)

    def _render_spending(self) -> None:
        """The price that waits for a yes, and the books: shown where something may cost money."""
        layout, session, say = self.layout, self.session, self._say
        ledger, quote = session.ledger, session.quote
        offers = (self.planner(), self.model())
        show(layout.spending_panel, bool(ledger.calls) or any(o.may_cost() for o in offers))
        layout.cap.value = ledger.cap_usd
        spent = ledger.words(session.language)
        layout.spending.value = views.hint(spent)
        show(layout.confirm_panel, quote is not None)
        words = "" if quote is None else f"{quote.words(session.language)} {spent}"
        layout.quote.value = views.heading(say("app.confirm_title"), words, level=3)

    def _render_trips(self) -> None:
        layout, session = self.layout, self.session
        show(layout.trips_panel, session.plan is not None)
        if session.plan is None:
            return
        notes = [note.words(session.language) for note in session.plan.notes]
        layout.notice.value = views.notice(" ".join([*notes, self._say("app.colors_notice")]))
        for index, trip in enumerate(session.plan.trips):
            layout.trip_buttons[index].description = f"{trip.style} · {trip.title}"
            layout.trip_bodies[index].value = views.trip_body(trip)
            card = layout.trip_cards[index]
            pressed = index == session.choice
            (card.add_class if pressed else card.remove_class)("tripkit-chosen")

    def _render_prompt(self) -> None:
        layout, session = self.layout, self.session
        show(layout.prompt_panel, session.prompt is not None)
        if session.prompt is None:
            return
        if session.prompt is not self._seen_prompt:  # keep what the user is editing
            self._seen_prompt = session.prompt
            layout.scene.value, layout.full.value = session.prompt.scene, session.prompt.full
        name = self.model().label(session.language)
        layout.sent_title.value = views.heading(self._say("app.sent", model=name), level=3)
        try:
            draft, waiting = self.draft(), self._say("app.sent_waiting")
            sent = None if draft is None else session.text_for(draft)
        except TripkitError as error:  # the boxes were emptied, say
            sent, waiting = None, error.message(session.language)
        layout.sent.value = views.sent_text(sent, waiting)

    def _render_postcard(self) -> None:
        layout, language = self.layout, self.session.language
        shown = shown_picture(self.session)
        show(layout.postcard_panel, shown is not None)
        if shown is None:
            return
        layout.postcard_title.value = views.heading(self._say(shown.title), shown.prompt.scene)
        if shown.image is not self._seen_image:
            self._seen_image = shown.image
            layout.picture.value = png_bytes(shown.image, SHOWN)
            self._palette = [] if shown.postcard is None else image_palette(shown.image, k=6)
        for widget in (layout.facts, layout.download):
            show(widget, shown.postcard is not None)
        stops = shown.prompt.stops
        if shown.postcard is None:
            layout.comparison.value = views.palette(stops)
            return
        layout.comparison.value = views.palette_comparison(stops, self._palette, language)
        layout.facts.value = views.postcard_facts(shown.postcard, language)
        if shown.postcard is not self._seen_postcard:
            self._seen_postcard, self._download = shown.postcard, downloadable(shown.postcard)
        layout.download.value = views.download_link(*self._download, self._say("app.download"))

    def _render_unsaved(self) -> None:
        """The pictures that no disk has taken yet: they stay in sight until one does."""
        layout, unsaved = self.layout, self.session.unsaved
        show(layout.unsaved_panel, bool(unsaved))
        title = self._say("app.unsaved", count=len(unsaved))
        layout.unsaved_title.value = views.heading(title, self._say("app.unsaved_hint"))
        if [*map(id, unsaved), self.session.language] == self._seen_unsaved:
            return
        self._seen_unsaved = [*map(id, unsaved), self.session.language]
        figures = [(thumbnail(picture), picture) for picture in unsaved]
        words = self._say("app.download")
        links = "".join(views.download_link(*downloadable(each), words) for each in unsaved)
        layout.unsaved.value = views.gallery(figures, self.session.language) + links

    def _render_gallery(self) -> None:
        layout, postcards = self.layout, self.session.postcards
        show(layout.gallery_panel, bool(postcards))
        for postcard in postcards[len(self._thumbnails) :]:
            self._thumbnails.append((thumbnail(postcard), postcard))
        if postcards and (path := postcards[-1].path) is not None:
            hint = self._say("app.gallery_hint", folder=str(path.parent))
            layout.gallery_title.value = views.heading(self._say("app.gallery"), hint)
        layout.gallery.value = views.gallery(self._thumbnails, self.session.language)


def chosen(offers: list[Choice], name: str) -> Choice:
    """Return the offer of that name."""
    return next(offer for offer in offers if offer.name == name)
