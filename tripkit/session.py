"""One visit to tripkit, from the request to the postcard: the whole data flow in one file.

    request (str) --planner--> TripPlan --choose--> ImagePrompt --backend--> Postcard --save--> PNG

A ``TripSession`` is a state machine without widgets and without printing. The app mirrors it,
the command line drives it::

    idle -> planning -> choosing -> drawing -> done
              |                       |
              +--- cancel, error -----+      (both lead back to a resting state)
              +--- confirming --------+      (a paid call waits for a yes, and is made then)

    any resting state -> saving -> the same  (``save_again``, for what no disk has taken; or error)

``ask``, ``draw`` and ``save_again`` return at once. The session holds four helpers: a ``JobRunner``
works in the background, one job at a time, and drops what comes home after a cancel; a ``Consent``
asks before a call is paid; a ``Gallery`` has every picture until it is on disk; a ``LazyBackend``
is the image model, or only its name until it is needed.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from PIL import Image

from tripkit.core.errors import RequestError, StorageError, TripkitError
from tripkit.core.jobs import Job, JobRunner, run_in_thread
from tripkit.core.settings import check_language
from tripkit.core.text import normalise_request
from tripkit.images import make_backend
from tripkit.images.base import ImageBackend, PaidImageBackend, check_seed, new_seed
from tripkit.images.lazy import LazyBackend
from tripkit.images.partial_saves import Gallery, Keeper
from tripkit.images.postcard import Postcard, checked_folder
from tripkit.planners import make_planner
from tripkit.planners.base import PaidPlanner, Planner
from tripkit.prompts import ImagePrompt, compose_prompt
from tripkit.services.consent import Consent
from tripkit.services.spending import Estimate, Ledger
from tripkit.trips import TripPlan, validate_plan

BUSY = ("planning", "drawing", "saving")
STATES = ("idle", *BUSY, "choosing", "done", "error", "confirming")


def _read_only(path: str) -> Any:
    """A property for what one of the session's helpers holds."""
    return property(attrgetter(path))


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

    Raises:
        StorageError: ``bad_folder``.

    Attributes:
        folder, run, on_change: see above.
        state: one of ``STATES``; in "confirming" a price (``quote``) waits for ``confirm``.
        busy: whether a job is running, so that nothing but ``cancel`` is allowed.
        error: why the state is "error", else None.
        cancelled: whether the last job was cancelled.
        model_state: one of ``images.lazy.MODEL_STATES``; ``model_error`` says why it is "failed".
        visit: what the visit has reached, all of one moment; each part of it is an attribute too.
        postcards: every postcard of this visit that is on disk, oldest first.
        unsaved: every picture that could not be saved yet, whole or partial, oldest first.
        ledger: the books of the visit, with its cap.
        quote: in the state "confirming" the price that waits for a yes, else None.
    """

    state: str = _read_only("_jobs.state")
    busy: bool = _read_only("_jobs.busy")
    error: TripkitError | None = _read_only("_jobs.error")
    cancelled: bool = _read_only("_jobs.cancelled")
    visit: Visit = _read_only("_visit")
    request: str = _read_only("_visit.request")
    plan: TripPlan | None = _read_only("_visit.plan")
    choice: int | None = _read_only("_visit.choice")
    prompt: ImagePrompt | None = _read_only("_visit.prompt")
    postcard: Postcard | None = _read_only("_visit.postcard")
    partial: Postcard | None = _read_only("_visit.partial")
    progress: tuple[int, int] = _read_only("_visit.progress")
    preview: Image.Image | None = _read_only("_visit.preview")
    postcards: list[Postcard] = _read_only("_gallery.postcards")
    unsaved: list[Postcard] = _read_only("_gallery.unsaved")
    ledger: Ledger = _read_only("_consent.ledger")
    quote: Estimate | None = _read_only("_consent.quote")
    model_state: str = _read_only("_lazy.state")
    model_error: TripkitError | None = _read_only("_lazy.error")

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
        self.folder = folder
        self._planner = "catalog" if planner is None else planner
        backend = "postcard" if backend is None else backend
        self._lazy = LazyBackend(backend, lambda name: make_backend(name), self._changed)
        self._language = check_language(language)
        self.on_change = on_change

    # ------------------------------------------------------- 1. request -> plan

    def ask(self, request: str) -> None:
        """Ask the planner for three trips. Ends in "choosing", or in "error"."""
        self._start("planning", lambda job_id: self._plan(job_id, request))

    def _plan(self, job_id: int, request: str) -> None:
        request = normalise_request(request)
        planner, language = self._ready_planner(), self.language
        if isinstance(planner, PaidPlanner):
            estimate = planner.estimate(request, language=language)
            if self._must_ask(job_id, estimate, partial(self.ask, request)):
                return
            plan = planner.plan(request, language=language, ledger=self.ledger)
        else:
            plan = planner.plan(request, language=language)
        plan = _checked(plan)  # nobody's word is taken for it: three distinct trips, RGB 0 to 255
        self._reach(job_id, Visit(request, plan), "choosing")

    # ------------------------------------------------------- 2. plan -> choice -> prompt

    def choose(self, index: int) -> ImagePrompt:
        """Choose trip 0, 1 or 2 and return its prompt, which ``draw`` will use. Draws nothing."""
        with self._jobs.lock:
            self._jobs.refuse_if_busy()
            if self.plan is None:
                raise RequestError("nothing_to_choose")
            prompt = compose_prompt(self.plan.request, self.plan, index)
            # Nothing is drawn of this choice yet.
            self._visit = Visit(self.request, self.plan, index, prompt)
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
        self._start("drawing", lambda job_id: self._draw(job_id, prompt, seed))

    def _draw(self, job_id: int, prompt: ImagePrompt, seed: int) -> None:
        check_seed(seed)
        # The last postcard stays until there is another.
        visit = replace(self._visit, prompt=prompt, partial=None, progress=(0, 0), preview=None)
        self._reach(job_id, visit)
        backend, on_progress = self._lazy.ready(), partial(self._on_progress, job_id)
        if isinstance(backend, PaidImageBackend):
            again = partial(self.draw, prompt, seed=seed)
            if self._must_ask(job_id, backend.estimate(prompt), again):
                return
            generate = partial(backend.generate, prompt, seed=seed, on_progress=on_progress)
            postcard = self._draw_paid(job_id, prompt, generate)
        else:
            postcard = backend.generate(prompt, seed=seed, on_progress=on_progress)
        self._lazy.works(backend)
        if self._jobs.is_current(
            job_id
        ):  # else it came after a cancel: it was kept if it was paid for
            self._save_drawn(job_id, postcard)

    def _draw_paid(
        self, job_id: int, prompt: ImagePrompt, generate: Callable[..., Postcard]
    ) -> Postcard:
        keeper = Keeper(self.folder, self.plan)
        try:
            return generate(ledger=self.ledger, keeper=keeper)
        finally:  # however the call ended: what has come of it was paid for
            if (came := keeper.best) is not None:
                self._gallery.add(came, keeper.plan)
                with self._jobs.lock:
                    in_sight = self._jobs.is_last(job_id) and self.prompt is prompt
                    if came.partial and in_sight:
                        self._visit = replace(self._visit, partial=came)
                self._changed()

    def _save_drawn(self, job_id: int, postcard: Postcard) -> None:
        self._gallery.add(postcard, self.plan)
        try:
            postcard = self._gallery.save(postcard, self.folder)
        except StorageError:  # a full disk: it is shown nevertheless, and waits
            self._reach(job_id, replace(self._visit, postcard=postcard))
            raise
        self._reach(job_id, replace(self._visit, postcard=postcard), "done")

    def _on_progress(
        self, job_id: int, step: int, total: int, preview: Image.Image | None = None
    ) -> bool:
        if preview is None and (step, total) == self.progress:
            return self._jobs.is_current(job_id)  # nothing new; False: cancelled
        preview = preview or self.preview  # the last one stays until there is another
        return self._reach(job_id, replace(self._visit, progress=(step, total), preview=preview))

    # ------------------------------------------------------- pictures that no disk has taken yet

    def save_again(self) -> None:
        """Save all pictures that could not be saved (the disk was full, say).

        Raises:
            RequestError: ``busy``, or ``nothing_to_save``.
        """
        self._jobs.refuse_if_busy()
        if not self.unsaved:
            raise RequestError("nothing_to_save")
        self._start("saving", self._save_all)

    def _save_all(self, job_id: int) -> None:
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
        self._jobs.end(job_id, self._resting_state())

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

    def confirm(self) -> None:
        """Agree to the price in ``quote``, and make the call that it was asked for.

        Raises:
            RequestError: ``nothing_to_confirm``.
        """
        with self._jobs.lock:
            call = self._consent.agree()
        call()

    def _must_ask(self, job_id: int, estimate: Estimate | None, again: Callable[[], None]) -> bool:
        """Whether the job ends here, to ask the user; after a yes ``again`` begins it anew."""
        if not self._consent.is_needed(estimate) or estimate is None:  # None: nothing is billed
            return False
        with self._jobs.lock:
            if self._jobs.is_current(job_id):
                self._consent.ask(estimate, again)
                self._jobs.state = "confirming"
        self._changed()
        return True

    # ------------------------------------------------------- states

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

    def _reach(self, job_id: int, visit: Visit, state: str | None = None) -> bool:
        """Take the visit a step on; False, and nothing is changed, once the job was cancelled."""
        with self._jobs.lock:
            if not self._jobs.is_current(job_id):
                return False
            self._visit = visit
            self._jobs.state = state or self._jobs.state
        self._changed()
        return self._jobs.is_current(job_id)  # on_change may have cancelled

    def _resting_state(self) -> str:
        if self.postcard is not None:
            return "done"
        return "idle" if self.plan is None else "choosing"

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change(self)

    # ------------------------------------------------------- changing one's mind

    @property
    def folder(self) -> str | Path | None:
        """Where postcards are saved; a name that no folder can have is refused before one is."""
        return self._folder

    @folder.setter
    def folder(self, folder: str | Path | None) -> None:
        if folder is not None:
            checked_folder(folder)
        self._folder = folder

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
        return self._lazy.backend

    @backend.setter
    def backend(self, backend: ImageBackend | str) -> None:
        self._jobs.refuse_if_busy()
        self._take_back_quote()
        self._lazy.choose(backend)

    def _take_back_quote(self) -> None:
        """Forget a price that waits for a yes: another model was chosen, which has its own."""
        if self.quote is not None:
            self.cancel()

    def text_for(self, prompt: ImagePrompt) -> str | None:
        """Return the string the backend would send; None while the backend is only a name."""
        backend = self.backend
        return None if isinstance(backend, str) else backend.text_for(prompt)

    # ------------------------------------------------------- models: loaded when needed, or before

    def warm_up(self) -> None:
        """Load the image model in the background; ``model_state`` tells how it goes."""
        self._lazy.warm_up(self._jobs.launch)

    def prepare(self) -> None:
        """Find planner and backend by their names now, before anything is asked or drawn.

        Raises:
            TripkitError: a name that nobody has, see ``make_planner`` and ``make_backend``.
        """
        self._ready_planner()
        self._lazy.ready()

    def _ready_planner(self) -> Planner:
        chosen = self._planner
        if not isinstance(chosen, str):
            return chosen
        made = make_planner(chosen)
        with self._jobs.lock:
            if self._planner == chosen:
                self._planner = made
        return made


def _checked(plan: TripPlan | dict) -> TripPlan:
    return validate_plan(plan.model_dump(warnings=False) if isinstance(plan, TripPlan) else plan)
