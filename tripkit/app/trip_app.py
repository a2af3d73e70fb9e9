"""The trip app for Jupyter and Voila: widgets that mirror a ``TripSession``, no logic of their own.

Each click calls one method of the session; each change of the session calls ``AppMirror.render``,
which writes the session's state into the widgets. The widgets are made in ``app_layout``, markup
comes from ``html``, words from ``messages``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tripkit.app.layout import AppLayout
from tripkit.app.panels import DownloadPanel, MidjourneyPanel, ServicesPanel
from tripkit.app.render import AppMirror
from tripkit.core.jobs import Job, readable, run_in_thread
from tripkit.core.messages import text
from tripkit.downloads.job import DownloadJob
from tripkit.images.base import new_seed
from tripkit.model_menu import Choice, choices, local_choices
from tripkit.session import TripSession


class TripApp:
    """The app: ask, choose one of three trips, watch its postcard appear. Show it with ``display``.

    Args:
        session: the visit to show; by default a new one, with the shipped planner and model.
        language: "ko" or "en"; None keeps the session's.
        warm_up: load the image model in the background right away.
        run: how downloads and the look for servers are run, `run_in_thread` or `run_inline`.
    """

    def __init__(
        self,
        session: TripSession | None = None,
        *,
        language: str | None = None,
        warm_up: bool = True,
        run: Callable[[Job], Any] = run_in_thread,
    ):
        self.session = TripSession() if session is None else session
        if language not in (None, self.session.language):
            self.session.language = language
        self.layout = AppLayout()
        self._given: dict[str, Any] = {}  # planners and backends that came as objects
        planners = self._offers("planner", self.session.planner, self.layout.planner)
        models = self._offers("image", self.session.backend, self.layout.model)
        self.mirror = AppMirror(self.session, self.layout, planners, models)
        self.layout.seed.value = new_seed()
        self.layout.language.value = self.session.language
        self.panels = self._make_panels(run)
        self._listen()
        self.session.on_change = lambda _session: self.render()
        self.render()
        if warm_up:
            self.session.warm_up()

    @property
    def widget(self):
        """The root widget, for ``display`` or for a place in another app."""
        return self.layout.root

    def render(self) -> None:
        """Write what the session has reached into all widgets; safe from every thread."""
        self.mirror.render()
        for panel in self.panels:
            panel.render()

    def _repr_mimebundle_(self, **kwargs):
        return self.widget._repr_mimebundle_(**kwargs)

    # ------------------------------------------------------- panels on services

    def _make_panels(self, run: Callable[[Job], Any]) -> list:
        """Make the panels, and put each where it belongs: by what it is about."""
        mirror, layout, session = self.mirror, self.layout, self.session

        def language() -> str:
            return session.language

        job = DownloadJob(run)
        download = DownloadPanel(language, mirror.model, self.do, self._downloaded, job)
        midjourney = MidjourneyPanel(language, mirror.draft)
        services = ServicesPanel(language, mirror.offers, self._offer, run)
        children = list(layout.root.children)
        children.insert(children.index(layout.error_panel), download.root)
        children.insert(children.index(layout.prompt_panel) + 1, midjourney.root)
        layout.root.children = [*children, services.root]
        return [download, midjourney, services]

    def _downloaded(self, name: str) -> None:
        self.render()  # the menus' states have changed
        if name == self.layout.model.value and not self.session.busy:
            self.session.warm_up()

    def _offer(self, running: dict[str, list[str]]) -> None:
        """Offer what the servers of this computer have, beside what is offered already."""
        for kind, offers in zip(("planner", "image"), self.mirror.offers(), strict=True):
            known = {offer.name for offer in offers}
            offers += [offer for offer in local_choices(kind, running) if offer.name not in known]
        self.render()

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
            layout.confirm: self._confirm,
            layout.decline: session.cancel,
        }
        for number, chip in enumerate(layout.examples, start=1):
            clicks[chip] = partial(self._example, f"app.example_{number}")
        for index, press in enumerate(layout.trip_buttons):
            clicks[press] = partial(self._press, index)
        for button, action in clicks.items():
            button.on_click(lambda _button, action=action: self.do(action))
        changes = {
            layout.language: self._choose_language,
            layout.planner: self._choose_planner,
            layout.model: self._choose_model,
            layout.cap: self._choose_cap,
            layout.scene: self.render,  # the prompt as it is sent, and Midjourney's command
            layout.full: self.render,
        }
        for widget, action in changes.items():
            widget.observe(lambda _change, action=action: self.do(action), names="value")

    def do(self, action: Callable[[], object]) -> None:
        """Do what a click asks for. ipywidgets swallows exceptions: ours go on the screen."""
        if self.mirror.writing:  # not a click
            return
        had_problem, self.mirror.problem = self.mirror.problem is not None, None
        try:
            action()
        except Exception as error:
            self.mirror.problem = readable(error)
        if had_problem or self.mirror.problem:
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
            self.session.draw(self.mirror.draft(), seed=self.layout.seed.value)

    def _confirm(self) -> None:
        if self.session.quote is not None:  # the second half of a double click
            self.session.confirm()

    def _choose_cap(self) -> None:
        self.session.ledger.cap_usd = self.layout.cap.value
        self.render()

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
        if not self.mirror.model().needs_download():
            self.session.warm_up()  # a download of gigabytes waits for its own button

    def _offers(self, kind: str, current, menu) -> list[Choice]:
        name = current if isinstance(current, str) else current.name
        if not isinstance(current, str):
            self._given[name] = current
        offers = choices(kind)
        if name not in [offer.name for offer in offers]:
            offers.insert(0, Choice(name))
        menu.options = [offer.name for offer in offers]
        menu.value = name
        return offers
