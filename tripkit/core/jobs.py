"""One job at a time in the background, with tickets: the machinery under ``TripSession``.

Each job holds a ticket, the number of its generation. Cancelling, or starting the next job, makes
a new generation, and whatever comes home with an old ticket is dropped.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from typing import Any

from tripkit.core.errors import CancelledError, RequestError, TripkitError

Job = Callable[[], None]
logger = logging.getLogger(__name__)


def run_in_thread(job: Job) -> threading.Thread:
    """Start ``job`` in a background thread and return the thread."""
    thread = threading.Thread(target=job, name="tripkit-worker", daemon=True)
    thread.start()
    return thread


def run_inline(job: Job) -> None:
    """Do ``job`` here and now: for tests, for the command line, for a cell that wants to wait."""
    job()


def readable(error: Exception) -> TripkitError:
    """Return ``error`` as a ``TripkitError``; what nobody foresaw is logged, without its text.

    Raw texts of foreign exceptions may hold part of a key: only the kind and the frames are kept.
    """
    if isinstance(error, TripkitError):
        return error
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("unexpected %s\n%s", type(error).__name__, frames)
    return TripkitError("unexpected", kind=type(error).__name__)


class OneJobAtATime:
    """A state, a lock, a generation counter, and one worker.

    Subclasses name their ``BUSY`` states, start a job with ``_start``, change themselves from
    within it with ``_set``, and end it with ``_finish``.

    Attributes:
        state: the name of the state the machine is in.
        error: why the state is "error" (a ``TripkitError``), else None.
        cancelled: whether the last job was cancelled.
    """

    BUSY: tuple[str, ...] = ()

    def __init__(self, run: Callable[[Job], Any], on_change: Callable[[Any], None] | None):
        self._lock = threading.RLock()
        self._generation = 0
        self._run = run
        self._workers: list[threading.Thread] = []
        self.on_change = on_change
        self.state = "idle"
        self.error: TripkitError | None = None
        self.cancelled = False

    @property
    def busy(self) -> bool:
        """Whether a job is running, so that nothing but ``cancel`` is allowed."""
        return self.state in self.BUSY

    def cancel(self) -> None:
        """Give up the running job: it is told at its next step, and its result is dropped."""
        with self._lock:
            if not self.busy:
                return
            self._generation += 1
            self.state, self.cancelled = self._resting_state(), True
        self._changed()

    def dismiss(self) -> None:
        """Put an error away, and go on from where the visit stood before it."""
        with self._lock:
            if self.state != "error":
                return
            self.state, self.error = self._resting_state(), None
        self._changed()

    def close(self, timeout: float = 5.0) -> None:
        """Cancel what runs, wait for the threads to notice, and tell nobody any more."""
        self.on_change = None
        self.cancel()
        for worker in self._workers:
            if worker is not threading.current_thread():
                worker.join(timeout)

    def _resting_state(self) -> str:
        """Where the machine stands when no job runs."""
        return "idle"

    def _start(self, state: str, step: Callable[[int], None]) -> None:
        with self._lock:
            self._refuse_if_busy()
            self._generation += 1
            ticket = self._generation
            self.state, self.error, self.cancelled = state, None, False
        self._changed()
        self._launch(lambda: self._work(ticket, step))

    def _work(self, ticket: int, step: Callable[[int], None]) -> None:
        try:
            step(ticket)
        except CancelledError:
            self._finish(ticket, self._resting_state(), cancelled=True)
        except Exception as error:
            self._finish(ticket, "error", error=readable(error))

    def _launch(self, job: Job) -> None:
        worker = self._run(job)
        self._workers = [thread for thread in self._workers if thread.is_alive()]
        if isinstance(worker, threading.Thread):
            self._workers.append(worker)

    def _set(self, ticket: int, **values: Any) -> bool:
        """Set attributes and tell; False, and nothing set, when the ticket is an old one."""
        with self._lock:
            if ticket != self._generation:
                return False
            for name, value in values.items():
                setattr(self, name, value)
        self._changed()
        return ticket == self._generation  # on_change may have cancelled

    def _finish(self, ticket: int, state: str, **values: Any) -> bool:
        """End a job in ``state``; False when it was cancelled before."""
        return self._set(ticket, state=state, **values)

    def _refuse_if_busy(self) -> None:
        if self.busy:
            raise RequestError("busy")

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change(self)
