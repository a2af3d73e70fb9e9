"""One visit to tripkit, from the request to the postcard: the whole data flow in one file.

    request (str) --planner--> TripPlan --choose--> ImagePrompt --backend--> Postcard --save--> PNG

A ``TripSession`` is a state machine without widgets and without printing. The app mirrors it,
the command line drives it::

    idle -> planning -> choosing -> drawing -> done
              |                       |
              +--- cancel, error -----+      (both lead back to a resting state)
              +--- confirming --------+      (a paid call waits for a yes, and goes on)

``ask`` and ``draw`` return at once; the work happens in one background worker (``core/jobs.py``).
Each job holds a ticket, so that what comes home after a cancel, or too late, is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tripkit.core.errors import RequestError, TripkitError
from tripkit.core.jobs import Job, readable, run_in_thread
from tripkit.core.messages import LANGUAGES
from tripkit.core.text import normalise_request
from tripkit.images import make_backend
from tripkit.images.base import check_seed, new_seed
from tripkit.images.partial_saves import Keeper
from tripkit.planners import make_planner
from tripkit.prompts import ImagePrompt, compose_prompt
from tripkit.services.consent import AsksBeforePaying
from tripkit.trips import TripPlan, validate_plan

if TYPE_CHECKING:
    from PIL import Image

    from tripkit.images.base import ImageBackend
    from tripkit.images.postcard import Postcard
    from tripkit.planners.base import Planner
    from tripkit.services.spending import Ledger

STATES = ("idle", "planning", "choosing", "drawing", "done", "error", "confirming")
MODEL_STATES = ("cold", "warming", "ready", "failed")


class TripSession(AsksBeforePaying):
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
        state: one of ``STATES``; in "confirming" a price (``quote``) waits for ``confirm``.
        error: why the state is "error" (a ``TripkitError``), else None.
        cancelled: whether the last job was cancelled.
        plan, choice, prompt, postcard: what the visit has reached, None before that.
        partial: what had come of a paid picture when its call broke, else None.
        unsaved: a postcard that was drawn but could not be saved; ``save_again`` tries once more.
        postcards: every postcard of this visit, saved, oldest first.
        progress: (step, total) of the drawing; ``preview`` its latest picture or None.
        model_state: one of ``MODEL_STATES``; ``model_error`` says why it is "failed".
    """

    BUSY = ("planning", "drawing")

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
        super().__init__(run, None, ledger)
        self._making = threading.Lock()
        self._made: tuple[str, ImageBackend] | None = None
        self.folder = folder
        self.request = ""
        self.plan: TripPlan | None = None
        self.choice: int | None = None
        self.prompt: ImagePrompt | None = None
        self.progress = (0, 0)
        self.preview: Image.Image | None = None
        self.model_state = "cold"
        self.model_error: TripkitError | None = None
        self._planner = "catalog" if planner is None else planner
        self._backend = "postcard" if backend is None else backend
        self.language = language
        self.on_change = on_change

    # ------------------------------------------------------- 1. request -> plan

    def ask(self, request: str) -> None:
        """Ask the planner for three trips. Ends in "choosing", or in "error"."""
        self._start("planning", lambda ticket: self._plan(ticket, request))

    def _plan(self, ticket: int, request: str) -> None:
        request = normalise_request(request)
        planner, options = self._ready_planner(), {}
        if hasattr(planner, "estimate"):  # it may cost money
            estimate = planner.estimate(request, language=self.language)
            if self._must_ask(ticket, estimate, "planning", lambda t: self._plan(t, request)):
                return
            options["ledger"] = self.ledger
        plan = planner.plan(request, language=self.language, **options)
        plan = _checked(plan)  # nobody's word is taken for it: three distinct trips, RGB 0 to 255
        self._finish(
            ticket,
            "choosing",
            request=request,
            plan=plan,
            choice=None,
            prompt=None,
            postcard=None,
            partial=None,
            unsaved=None,
        )

    # ------------------------------------------------------- 2. plan -> choice -> prompt

    def choose(self, index: int) -> ImagePrompt:
        """Choose trip 0, 1 or 2 and return its prompt, which ``draw`` will use. Draws nothing."""
        self._refuse_if_busy()
        if self.plan is None:
            raise RequestError("nothing_to_choose")
        prompt = compose_prompt(self.plan.request, self.plan, index)
        with self._lock:
            self.choice, self.prompt = index, prompt
            self.postcard = self.partial = self.unsaved = None
            self.state, self.error, self.cancelled = "choosing", None, False
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
            self._refuse_if_busy()
            raise RequestError("nothing_to_draw")
        seed = new_seed() if seed is None else seed
        self._start("drawing", lambda ticket: self._draw(ticket, prompt, seed))

    def _draw(self, ticket: int, prompt: ImagePrompt, seed: int) -> None:
        check_seed(seed)
        self._set(ticket, prompt=prompt, progress=(0, 0), preview=None, partial=None)
        backend, options = self._ready_backend(), {}
        keeper = Keeper(self.folder, self.plan)
        if hasattr(backend, "estimate"):  # it may cost money
            estimate = backend.estimate(prompt)
            if self._must_ask(ticket, estimate, "drawing", lambda t: self._draw(t, prompt, seed)):
                return
            options = {"ledger": self.ledger, "keeper": keeper}

        def on_progress(step: int, total: int, preview: Image.Image | None = None) -> bool:
            if preview is None and (step, total) == self.progress:
                return ticket == self._generation  # nothing new; False: cancelled
            shown = self.preview if preview is None else preview
            return self._set(ticket, progress=(step, total), preview=shown)  # False: cancelled

        try:
            postcard = backend.generate(prompt, seed=seed, on_progress=on_progress, **options)
        except BaseException:
            self._keep(ticket, keeper.best)
            raise
        self._set_model(backend, "ready")
        if self._set(ticket, unsaved=postcard):
            self._save(ticket, postcard)
        elif keeper.complete is not None:
            self._keep(ticket, postcard)  # it came after a cancel, and is paid for

    def save_again(self) -> None:
        """Save a postcard that could not be saved (the disk was full, say)."""
        if (postcard := self.unsaved) is None:
            raise RequestError("nothing_to_draw")
        self._start("drawing", lambda ticket: self._save(ticket, postcard))

    def _save(self, ticket: int, postcard: Postcard) -> None:
        saved = postcard  # a paid picture is on disk already, unless that failed
        if saved.path is None:
            saved = postcard.save(self.folder, plan=self.plan)  # raises StorageError: a full disk
        if saved.partial:
            self._finish(ticket, self._resting_state(), partial=saved, unsaved=None)
            return
        postcards = [*self.postcards, saved]
        self._finish(ticket, "done", postcard=saved, postcards=postcards, unsaved=None)

    # ------------------------------------------------------- changing one's mind

    @property
    def language(self) -> str:
        """The language of the next plan and of messages: "ko" or "en"."""
        return self._language

    @language.setter
    def language(self, language: str) -> None:
        self._refuse_if_busy()
        if language not in LANGUAGES:
            raise RequestError(
                "unknown_language", language=str(language)[:20], known=", ".join(LANGUAGES)
            )
        self._language = language
        self._changed()

    @property
    def planner(self) -> Planner | str:
        """Who answers: the planner, or the name of one that was not needed yet."""
        return self._planner

    @planner.setter
    def planner(self, planner: Planner | str) -> None:
        self._refuse_if_busy()
        self._take_back_quote()
        self._planner = planner
        self._changed()

    @property
    def backend(self) -> ImageBackend | str:
        """Who draws: the backend, or the name of one that was not needed yet."""
        return self._backend

    @backend.setter
    def backend(self, backend: ImageBackend | str) -> None:
        self._refuse_if_busy()
        self._take_back_quote()
        with self._lock:
            self._backend, self.model_state, self.model_error = backend, "cold", None
        self._changed()

    def text_for(self, prompt: ImagePrompt) -> str | None:
        """Return the string the backend would send; None while the backend is only a name."""
        backend = self._backend
        return None if isinstance(backend, str) else backend.text_for(prompt)

    # ------------------------------------------------------- models: loaded when needed, or before

    def warm_up(self) -> None:
        """Load the image model in the background; ``model_state`` tells how it goes."""
        with self._lock:
            if self.model_state in ("warming", "ready"):
                return
            self.model_state, self.model_error = "warming", None
            chosen = self._backend
        self._changed()
        self._launch(lambda: self._warm(chosen))

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
        name, _, model = chosen.partition(":")
        made = make_planner(name, **({"model": model} if model else {}))
        with self._lock:
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
        with self._lock:
            if self._backend == chosen:
                self._backend = made
        return made

    def _set_model(self, backend, state: str, error: TripkitError | None = None) -> None:
        with self._lock:
            if backend != self._backend:
                return  # the user has chosen another one meanwhile
            self.model_state, self.model_error = state, error
        self._changed()

    def _resting_state(self) -> str:
        if self.postcard is not None:
            return "done"
        return "idle" if self.plan is None else "choosing"


def _checked(plan: TripPlan | dict) -> TripPlan:
    return validate_plan(plan.model_dump(warnings=False) if isinstance(plan, TripPlan) else plan)
