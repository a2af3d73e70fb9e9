"""One visit to tripkit, from the request to the postcard: the whole data flow in one file.

    request (str) --planner--> TripPlan --choose--> ImagePrompt --backend--> Postcard --save--> PNG

A ``TripSession`` is a state machine without widgets and without printing. The app mirrors it,
the command line drives it::

    idle -> planning -> choosing -> drawing -> done
              |                       |
              +--- cancel, error -----+      (both lead back to a resting state)
              +--- confirming --------+      (a paid call waits for a yes, and is made then)

``ask`` and ``draw`` return at once. The session holds three helpers: a ``JobRunner`` works in the
background, one job at a time, and drops what comes home after a cancel; a ``Consent`` asks before
a call is paid; a ``Gallery`` has every picture until it is on disk.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tripkit.core.errors import RequestError, StorageError, TripkitError
from tripkit.core.jobs import Job, JobRunner, readable, run_in_thread
from tripkit.core.settings import check_language
from tripkit.core.text import normalise_request
from tripkit.images import make_backend
from tripkit.images.base import PaidImageBackend, check_seed, new_seed
from tripkit.images.partial_saves import Gallery, Keeper
from tripkit.planners import make_planner
from tripkit.planners.base import PaidPlanner
from tripkit.prompts import ImagePrompt, compose_prompt
from tripkit.services.consent import Consent
from tripkit.trips import TripPlan, validate_plan

if TYPE_CHECKING:
    from PIL import Image

    from tripkit.images.base import ImageBackend, OnProgress
    from tripkit.images.postcard import Postcard
    from tripkit.planners.base import Planner
    from tripkit.services.spending import Estimate, Ledger

BUSY = ("planning", "drawing", "saving")
STATES = ("idle", *BUSY, "choosing", "done", "error", "confirming")
MODEL_STATES = ("cold", "warming", "ready", "failed")


@dataclass(frozen=True)
class Visit:
    """What a visit has reached, step by step; each step gives a new one.

    Attributes:
        request: what was asked for, normalised.
        plan: the three trips.
        choice: which of them, 0 to 2.
        prompt: what is drawn.
        postcard: the picture of ``prompt``; its path is None where it could not be saved.
        partial: what had come of a paid picture when its call broke.
        progress: (step, total) of the drawing.
        preview: its latest picture.
    """

    request: str = ""
    plan: TripPlan | None = None
    choice: int | None = None
    prompt: ImagePrompt | None = None
    postcard: Postcard | None = None
    partial: Postcard | None = None
    progress: tuple[int, int] = (0, 0)
    preview: Image.Image | None = None

    def chosen(self, index: int, prompt: ImagePrompt) -> Visit:
        """The visit with another choice: nothing is drawn of it yet."""
        return Visit(self.request, self.plan, index, prompt)

    def drawing(self, prompt: ImagePrompt) -> Visit:
        """The visit when a drawing begins. The last postcard stays until there is another."""
        return replace(self, prompt=prompt, partial=None, progress=(0, 0), preview=None)

    def progressed(self, step: int, total: int, preview: Image.Image | None) -> Visit:
        """The visit one step on; a step without a preview keeps the last one."""
        return replace(self, progress=(step, total), preview=preview or self.preview)

    def saved(self, before: Postcard, after: Postcard) -> Visit:
        """The visit with the saved picture in the place of the unsaved one."""
        if self.postcard is before:
            return replace(self, postcard=after)
        return replace(self, partial=after) if self.partial is before else self


class TripSession:
    """One visit: ask for trips, choose one, watch its postcard being drawn.

    Args:
        planner: who answers requests: a ``Planner`` or a name for ``make_planner`` ("catalog",
            "openai", "openai:<model>"). A name is looked up when it is first needed.
        backend: who draws: an ``ImageBackend`` or a name for ``make_backend``.
        language: "ko" or "en", for the next plan and for messages.
        folder: where postcards are saved; None means ``settings.postcards_folder()``.
        run: how jobs are run, ``run_in_thread`` or ``run_inline``.
        on_change: called as ``on_change(session)`` after each change, in the thread that made it.
        ledger: the books for paid calls, with a cap; None means new ones.

    Attributes:
        folder, run, on_change: see above; the others are properties.
        model_state: one of ``MODEL_STATES``; ``model_error`` says why it is "failed".
    """

    def __init__(
        self,
        planner: Planner | str | None = None,
        backend: ImageBackend | str | None = None,
        *,
        language: str = "ko",
        folder: str | Path | None = None,
        run: Callable[[Job], Any] = run_in_thread,
        on_change: Callable[[TripSession], None] | None = None,
        ledger: Ledger | None = None,
    ):
        self._visit = Visit()
        self.run = run
        self._jobs = JobRunner(BUSY, self._resting_state, self._changed, run)
        self._consent = Consent(ledger)
        self._gallery = Gallery()
        # When the session is forgotten, or Python ends, what no disk has taken is not lost.
        weakref.finalize(self, self._gallery.rescue)
        self._making = threading.Lock()
        self._made: tuple[str, ImageBackend] | None = None
        self.folder = folder
        self.model_state = "cold"
        self.model_error: TripkitError | None = None
        self._planner = "catalog" if planner is None else planner
        self._backend = "postcard" if backend is None else backend
        self._language = check_language(language)
        self.on_change = on_change

    # ------------------------------------------------------- 1. request -> plan

    def ask(self, request: str) -> None:
        """Ask the planner for three trips. Ends in "choosing", or in "error"."""
        self._start("planning", lambda ticket: self._plan(ticket, request))

    def _plan(self, ticket: int, request: str) -> None:
        request = normalise_request(request)
        planner, language = self._ready_planner(), self.language
        if isinstance(planner, PaidPlanner):
            estimate = planner.estimate(request, language=language)
            if self._must_ask(ticket, estimate, partial(self.ask, request)):
                return
            plan = planner.plan(request, language=language, ledger=self.ledger)
        else:
            plan = planner.plan(request, language=language)
        plan = _checked(plan)  # nobody's word is taken for it: three distinct trips, RGB 0 to 255
        self._reach(ticket, Visit(request, plan), "choosing")

    # ------------------------------------------------------- 2. plan -> choice -> prompt

    def choose(self, index: int) -> ImagePrompt:
        """Choose trip 0, 1 or 2 and return its prompt, which ``draw`` will use. Draws nothing."""
        with self._jobs.lock:
            self._jobs.refuse_if_busy()
            if self.plan is None:
                raise RequestError("nothing_to_choose")
            prompt = compose_prompt(self.plan.request, self.plan, index)
            self._visit = self._visit.chosen(index, prompt)
            self._consent.forget()
            self._jobs.rest()
        self._changed()
        return prompt

    # ------------------------------------------------------- 3. prompt -> picture -> saved postcard

    def draw(self, prompt: ImagePrompt | None = None, *, seed: int | None = None) -> None:
        """Draw ``prompt`` (by default the chosen one). Ends in "done", or in "error".

        Args:
            prompt: an edited prompt, if not the one that ``choose`` composed.
            seed: 0 to ``images.base.MAX_SEED``; None takes a new one.
        """
        prompt = prompt or self.prompt
        if prompt is None:
            self._jobs.refuse_if_busy()
            raise RequestError("nothing_to_draw")
        seed = new_seed() if seed is None else seed
        self._start("drawing", lambda ticket: self._draw(ticket, prompt, seed))

    def _draw(self, ticket: int, prompt: ImagePrompt, seed: int) -> None:
        check_seed(seed)
        self._reach(ticket, self._visit.drawing(prompt))
        backend, on_progress = self._ready_backend(), self._listener(ticket)
        if isinstance(backend, PaidImageBackend):
            again = partial(self.draw, prompt, seed=seed)
            if self._must_ask(ticket, backend.estimate(prompt), again):
                return
            postcard = self._draw_paid(ticket, backend, prompt, seed, on_progress)
        else:
            postcard = backend.generate(prompt, seed=seed, on_progress=on_progress)
        self._set_model(backend, "ready")
        if self._jobs.counts(ticket):  # else it came after a cancel: it was kept if it was paid for
            self._save_drawn(ticket, postcard)

    def _draw_paid(
        self,
        ticket: int,
        backend: PaidImageBackend,
        prompt: ImagePrompt,
        seed: int,
        on_progress: OnProgress,
    ) -> Postcard:
        keeper = Keeper(self.folder, self.plan)
        try:
            return backend.generate(
                prompt, seed=seed, on_progress=on_progress, ledger=self.ledger, keeper=keeper
            )
        finally:  # however the call ended: what has come of it was paid for
            if (came := keeper.best) is not None:
                self._keep(ticket, prompt, came, keeper.plan)

    def _keep(
        self, ticket: int, prompt: ImagePrompt, came: Postcard, plan: TripPlan | None
    ) -> None:
        self._gallery.add(came, plan)
        with self._jobs.lock:
            in_sight = self._jobs.is_last(ticket) and self.prompt is prompt
            if came.partial and in_sight:
                self._visit = replace(self._visit, partial=came)
        self._changed()

    def _save_drawn(self, ticket: int, postcard: Postcard) -> None:
        self._gallery.add(postcard, self.plan)
        try:
            postcard = self._gallery.save(postcard, self.folder)
        except StorageError:  # a full disk: it is shown nevertheless, and waits
            self._reach(ticket, replace(self._visit, postcard=postcard))
            raise
        self._reach(ticket, replace(self._visit, postcard=postcard), "done")

    def _listener(self, ticket: int) -> OnProgress:
        def on_progress(step: int, total: int, preview: Image.Image | None = None) -> bool:
            if preview is None and (step, total) == self.progress:
                return self._jobs.counts(ticket)  # nothing new; False: cancelled
            return self._reach(ticket, self._visit.progressed(step, total, preview))

        return on_progress

    # ------------------------------------------------------- pictures that no disk has taken yet

    @property
    def postcards(self) -> list[Postcard]:
        """Every postcard of this visit that is on disk, oldest first."""
        return self._gallery.postcards

    @property
    def unsaved(self) -> list[Postcard]:
        """Every picture that could not be saved yet, whole or partial, oldest first."""
        return self._gallery.unsaved

    def save_again(self) -> None:
        """Save all pictures that could not be saved (the disk was full, say)."""
        if not self.unsaved:
            raise RequestError("nothing_to_draw")
        self._start("saving", self._save_all)

    def _save_all(self, ticket: int) -> None:
        problem = None
        for picture in self.unsaved:
            try:
                saved = self._gallery.save(picture, self.folder)
            except StorageError as error:
                problem = error
            else:
                with self._jobs.lock:
                    self._visit = self._visit.saved(picture, saved)
        if problem is not None:
            raise problem
        self._jobs.end(ticket, self._resting_state())

    def rescue(self) -> list[Postcard]:
        """Save what is unsaved in the system's temporary folder instead; return it with paths."""
        return self._gallery.rescue()

    def close(self, timeout: float = 5.0) -> list[Postcard]:
        """Cancel what runs, wait for the threads to notice, and tell nobody any more.

        Returns:
            What was unsaved and is now in the system's temporary folder.
        """
        self.on_change = None
        self.cancel()
        self._jobs.join(timeout)
        return self.rescue()

    # ------------------------------------------------------- what a paid call costs

    @property
    def ledger(self) -> Ledger:
        """The books of the visit, with its cap."""
        return self._consent.ledger

    @property
    def quote(self) -> Estimate | None:
        """In the state "confirming" the price that waits for a yes, else None."""
        return self._consent.quote

    def confirm(self) -> None:
        """Agree to the price in ``quote``, and make the call that it was asked for.

        Raises:
            RequestError: ``nothing_to_confirm``.
        """
        with self._jobs.lock:
            call = self._consent.agree()
        call()

    def _must_ask(self, ticket: int, estimate: Estimate | None, again: Callable[[], None]) -> bool:
        """Whether the job ends here, to ask the user; after a yes ``again`` begins it anew."""
        if not self._consent.is_needed(estimate) or estimate is None:  # None: nothing is billed
            return False
        with self._jobs.lock:
            if self._jobs.counts(ticket):
                self._consent.ask(estimate, again)
                self._jobs.state = "confirming"
        self._changed()
        return True

    # ------------------------------------------------------- states

    @property
    def visit(self) -> Visit:
        """What the visit has reached, all of one moment."""
        return self._visit

    @property
    def request(self) -> str:
        """The request of the plan, normalised."""
        return self._visit.request

    @property
    def plan(self) -> TripPlan | None:
        """The three trips."""
        return self._visit.plan

    @property
    def choice(self) -> int | None:
        """Which trip was chosen, 0 to 2."""
        return self._visit.choice

    @property
    def prompt(self) -> ImagePrompt | None:
        """The prompt of the chosen trip, or the edited one that was drawn last."""
        return self._visit.prompt

    @property
    def postcard(self) -> Postcard | None:
        """The picture that was drawn last; its path is None where it could not be saved."""
        return self._visit.postcard

    @property
    def partial(self) -> Postcard | None:
        """What had come of a paid picture when its call broke, else None."""
        return self._visit.partial

    @property
    def progress(self) -> tuple[int, int]:
        """(step, total) of the drawing."""
        return self._visit.progress

    @property
    def preview(self) -> Image.Image | None:
        """The latest picture of the drawing."""
        return self._visit.preview

    @property
    def state(self) -> str:
        """One of ``STATES``; in "confirming" a price (``quote``) waits for ``confirm``."""
        return self._jobs.state

    @property
    def busy(self) -> bool:
        """Whether a job is running, so that nothing but ``cancel`` is allowed."""
        return self._jobs.busy

    @property
    def error(self) -> TripkitError | None:
        """Why the state is "error", else None."""
        return self._jobs.error

    @property
    def cancelled(self) -> bool:
        """Whether the last job was cancelled."""
        return self._jobs.cancelled

    def cancel(self) -> None:
        """Give up the running job, or say no to the price that is asked about."""
        with self._jobs.lock:
            if not self._consent.forget() and not self.busy:
                return
            self._jobs.rest(cancelled=True)
        self._changed()

    def dismiss(self) -> None:
        """Put an error away, and go on from where the visit stood before it."""
        self._jobs.dismiss()

    def _start(self, state: str, step: Callable[[int], None]) -> None:
        with self._jobs.lock:
            self._jobs.refuse_if_busy()
            self._consent.forget()  # something else is wanted now
        self._jobs.start(state, step)

    def _reach(self, ticket: int, visit: Visit, state: str | None = None) -> bool:
        """Take the visit a step on; False, and nothing is changed, once the job was cancelled."""
        with self._jobs.lock:
            if not self._jobs.counts(ticket):
                return False
            self._visit = visit
            self._jobs.state = state or self._jobs.state
        self._changed()
        return self._jobs.counts(ticket)  # on_change may have cancelled

    def _resting_state(self) -> str:
        if self.postcard is not None:
            return "done"
        return "idle" if self.plan is None else "choosing"

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change(self)

    # ------------------------------------------------------- changing one's mind

    @property
    def language(self) -> str:
        """The language of the next plan and of messages: "ko" or "en"."""
        return self._language

    @language.setter
    def language(self, language: str) -> None:
        self._jobs.refuse_if_busy()
        self._language = check_language(language)
        self._changed()

    @property
    def planner(self) -> Planner | str:
        """Who answers: the planner, or the name of one that was not needed yet."""
        return self._planner

    @planner.setter
    def planner(self, planner: Planner | str) -> None:
        self._jobs.refuse_if_busy()
        self._take_back_quote()
        self._planner = planner
        self._changed()

    @property
    def backend(self) -> ImageBackend | str:
        """Who draws: the backend, or the name of one that was not needed yet."""
        return self._backend

    @backend.setter
    def backend(self, backend: ImageBackend | str) -> None:
        self._jobs.refuse_if_busy()
        self._take_back_quote()
        with self._jobs.lock:
            self._backend, self.model_state, self.model_error = backend, "cold", None
        self._changed()

    def _take_back_quote(self) -> None:
        """Forget a price that waits for a yes: another model was chosen, which has its own."""
        if self.quote is not None:
            self.cancel()

    def text_for(self, prompt: ImagePrompt) -> str | None:
        """Return the string the backend would send; None while the backend is only a name."""
        backend = self._backend
        return None if isinstance(backend, str) else backend.text_for(prompt)

    # ------------------------------------------------------- models: loaded when needed, or before

    def warm_up(self) -> None:
        """Load the image model in the background; ``model_state`` tells how it goes."""
        with self._jobs.lock:
            if self.model_state in ("warming", "ready"):
                return
            self.model_state, self.model_error = "warming", None
            chosen = self._backend
        self._changed()
        self._jobs.launch(lambda: self._warm(chosen))

    def _warm(self, chosen: ImageBackend | str) -> None:
        backend = chosen
        try:
            backend = self._ready_backend(chosen)
            backend.warm_up()
        except Exception as error:  # shown beside the model's name; drawing would raise it again
            self._set_model(backend, "failed", readable(error))
        else:
            self._set_model(backend, "ready")

    def _ready_planner(self) -> Planner:
        chosen = self._planner
        if not isinstance(chosen, str):
            return chosen
        made = make_planner(chosen)
        with self._jobs.lock:
            if self._planner == chosen:
                self._planner = made
        return made

    def _ready_backend(self, chosen: ImageBackend | str | None = None) -> ImageBackend:
        chosen = chosen or self._backend
        if not isinstance(chosen, str):
            return chosen
        with self._making:  # warm-up and drawing share one model; torch is imported here: seconds
            if self._made is None or self._made[0] != chosen:
                self._made = (chosen, make_backend(chosen))
            made = self._made[1]
        with self._jobs.lock:
            if self._backend == chosen:
                self._backend = made
        return made

    def _set_model(
        self, backend: ImageBackend | str, state: str, error: TripkitError | None = None
    ) -> None:
        with self._jobs.lock:
            if backend != self._backend:
                return  # the user has chosen another one meanwhile
            self.model_state, self.model_error = state, error
        self._changed()


def _checked(plan: TripPlan | dict) -> TripPlan:
    return validate_plan(plan.model_dump(warnings=False) if isinstance(plan, TripPlan) else plan)
