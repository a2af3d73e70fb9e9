"""The app's panels on services: a download, Midjourney's command, the list with every state.

Each panel owns its widgets, mirrors what it is given, and knows nothing of the app around it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from tripkit.app import html as views
from tripkit.app.layout import (
    button,
    columns,
    field,
    html,
    labelled,
    panel,
    row,
    section,
    show,
    write_labels,
)
from tripkit.app.services_html import command_box, download_facts, services_table
from tripkit.core.errors import TripkitError
from tripkit.core.jobs import Job, run_in_thread
from tripkit.core.messages import text
from tripkit.downloads.job import DownloadJob
from tripkit.images.midjourney import imagine_command, midjourney
from tripkit.model_menu import Choice
from tripkit.prompts import ImagePrompt
from tripkit.services.local_servers import load_servers, look

RATIOS = ("3:2", "1:1", "2:3", "16:9", "9:16")
Click = Callable[[], object]


class _Panel:
    """What the panels share.

    Args:
        language: called for the language of the moment, "ko" or "en".
    """

    root: widgets.Widget

    def __init__(self, language: Callable[[], str]):
        self._language = language
        self._lock = threading.RLock()  # workers render, and so do clicks

    def _say(self, code: str, **details) -> str:
        return text(code, self._language(), **details)

    def render(self) -> None:
        """Write the state into the widgets; safe from every thread."""
        with self._lock:
            write_labels(self.root, self._language())
            self._render()

    def _render(self) -> None:
        raise NotImplementedError


class DownloadPanel(_Panel):
    """Shows when the chosen image model is not here yet: what its download means, then the yes.

    Args:
        language: see `_Panel`.
        model: called for the image model that is chosen.
        do: does what a click asks for, and shows its error.
        downloaded: called with the name of a model that is here now.
        job: the download.
    """

    def __init__(
        self,
        language: Callable[[], str],
        model: Callable[[], Choice],
        do: Callable[[Click], None],
        downloaded: Callable[[str], None],
        job: DownloadJob,
    ):
        super().__init__(language)
        self._model, self._downloaded, self.job = model, downloaded, job
        self.title, self.facts, self.error = html(), html("tripkit-download-facts"), html()
        self.check = button("tripkit-download-check", "download.check")
        self.yes = button("tripkit-download-yes tripkit-primary")
        self.stop = button("tripkit-download-stop", "app.cancel")
        self.progress = widgets.IntProgress(min=0, max=100).add_class("tripkit-progress")
        self.status = html("tripkit-download-status")
        buttons = row(self.check, self.yes, self.stop, self.status)
        shown = (self.title, self.facts, self.error, buttons, self.progress)
        self.root = panel("tripkit-downloading", *shown)
        self.check.on_click(lambda _: do(lambda: self.job.check(self._model().name)))
        self.yes.on_click(lambda _: do(self._start))
        self.stop.on_click(lambda _: do(self.job.cancel))
        self.job.on_change = lambda _job: self._changed()

    def _start(self) -> None:
        if self.job.name == self._model().name:  # the yes is for what is on the screen
            self.job.start()

    def _changed(self) -> None:
        self.render()
        if self.job.state == "done":
            self._downloaded(self.job.name)

    def _render(self) -> None:
        job, choice, language, say = self.job, self._model(), self._language(), self._say
        show(self.root, job.state == "downloading" or choice.needs_download())
        ours = job.name == choice.name  # else what is shown belongs to another model
        state = job.state if ours or job.busy else "idle"
        name = job.name if job.state == "downloading" else choice.name
        self.title.value = views.heading(say("download.title", model=name))
        plan = job.plan if ours else None
        facts, warnings = [], []
        if plan is not None:
            facts, warnings = plan.facts(language), plan.warnings(language)
        elif choice.service is not None and choice.service.hardware:
            needs = choice.service.hardware
            facts = [
                (say("download.size"), say("download.about", size=needs.download_gb)),
                (say("download.memory"), say("download.wanted", wanted=f"{needs.memory_gb:.0f}")),
                (say("download.license"), choice.service.license or "—"),
            ]
        self.facts.value = download_facts(facts, warnings)
        problem = job.error.message(language) if job.error is not None and ours else ""
        self.error.value = views.error_box(say("app.error"), problem)
        size = "" if plan is None else f"{plan.missing / 1e9:.1f}"
        self.yes.description = say("download.yes", size=size)
        show(self.check, state in ("idle", "error"))
        show(self.yes, state == "asking")
        show(self.stop, job.busy)
        show(self.progress, state == "downloading")
        self.progress.value = 100 * job.there // max(job.total, 1)
        amounts = {"there": f"{job.there / 1e9:.2f}", "total": f"{job.total / 1e9:.2f}"}
        words = say("download.checking") if state == "checking" else ""
        if state == "downloading":
            words = say("download.progress", percent=self.progress.value, **amounts)
        self.status.value = views.status_line(words, busy=job.busy) if words else ""


class MidjourneyPanel(_Panel):
    """Shows the command for the chosen trip, to copy.

    Args:
        language: see `_Panel`.
        draft: called for the prompt as it stands in the boxes; None before a choice.
    """

    def __init__(self, language: Callable[[], str], draft: Callable[[], ImagePrompt | None]):
        super().__init__(language)
        self._draft = draft
        known = midjourney().parameters
        self.title, self.command = html(), html("tripkit-imagine")
        self.ratio = field(widgets.Dropdown(options=RATIOS), "tripkit-mj-ratio", "cli.help_ar")
        versions = [part.strip() for part in str(known["versions"]).split(",")]
        menu = widgets.Dropdown(options=versions, value=known["version"])
        self.version = field(menu, "tripkit-mj-version", "cli.help_version_of")
        self.no = field(widgets.Text(continuous_update=False), "tripkit-mj-no", "cli.help_no")
        self.raw = labelled(widgets.Checkbox(indent=False), "cli.help_style")
        self.raw.add_class("tripkit-mj-raw")
        options = columns(self.ratio, self.version, self.no)
        self.root = panel("tripkit-midjourney", self.title, self.command, options, self.raw)
        for widget in (self.ratio, self.version, self.no, self.raw):
            widget.observe(lambda _change: self.render(), names="value")

    def _render(self) -> None:
        draft = self._draft()
        show(self.root, draft is not None)
        if draft is None:
            return
        title, explanation = self._say("midjourney.title"), self._say("midjourney.hint")
        self.title.value = views.heading(title, explanation)
        options = {"aspect_ratio": self.ratio.value, "version": self.version.value}
        style = "raw" if self.raw.value else None
        try:
            command = imagine_command(draft, no=self.no.value, style=style, **options)
            self.command.value = command_box(command, self._language())
        except TripkitError as error:  # the scene was emptied, say
            self.command.value = views.hint(error.message(self._language()))


class ServicesPanel(_Panel):
    """Lists every service with its state, and looks for servers on this computer; when asked.

    Args:
        language: see `_Panel`.
        offers: called for the planners and the image models that can be chosen.
        found: called with what the servers of this computer offer, once they were looked for.
        run: how to look for them.
    """

    def __init__(
        self,
        language: Callable[[], str],
        offers: Callable[[], tuple[list[Choice], list[Choice]]],
        found: Callable[[dict[str, list[str]]], None],
        run: Callable[[Job], Any] = run_in_thread,
    ):
        super().__init__(language)
        self._offers, self._found, self._run = offers, found, run
        self.running: dict[str, list[str]] | None = None
        self.open = False
        self.title, self.table = html(), html("tripkit-services")
        self.fold, self.look = button("tripkit-fold"), button("tripkit-look", "services.look")
        self.inside = section(row(self.look), self.table)
        self.root = panel("tripkit-all-services", self.title, row(self.fold), self.inside)
        self.fold.on_click(self._turn)
        self.look.on_click(lambda _: self._run(self._look))

    def _turn(self, _button: widgets.Button) -> None:
        self.open = not self.open
        self.render()

    def _look(self) -> None:
        self.running = look()
        self._found(self.running)

    def _render(self) -> None:
        planners, models = self._offers()
        self.title.value = views.heading(self._say("services.title"))
        self.fold.description = self._say("services.hide" if self.open else "services.show")
        show(self.inside, self.open)
        if self.open:  # folded, it would be half of what each change of the app takes
            rows = (planners, models, midjourney(), load_servers())
            self.table.value = services_table(*rows, self.running, self._language())
