"""One job at a time in the background: the machinery in a ``TripSession``.

Each job has a number, its ``job_id``. The job that was started last is the current one until it is
cancelled; whatever comes home from a job that is not current is dropped.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from typing import Any

from tripkit.core.errors import (
    CancelledError,
    RequestError,
    StorageError,
    TripkitError,
    write_problem,
)

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
    if isinstance(error, OSError) and (reason := write_problem(error)):
        return StorageError("nothing_written", reason=reason)
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("unexpected %s\n%s", type(error).__name__, frames)
    return TripkitError("unexpected", kind=type(error).__name__)


class JobRunner:
    """One job at a time: the state of whoever owns it, its worker, and which job is current.

    Args:
        busy: the states in which a job runs.
        resting_state: called for the state to be in when no job runs.
        on_change: called after each change of state, in the thread that made it.
        run: how jobs are run, ``run_in_thread`` or ``run_inline``.

    Attributes:
        lock: held for each change; whoever changes more along with the state holds it too.
        state: the name of the state.
        error: why the state is "error" (a ``TripkitError``), else None.
        cancelled: whether the last job was cancelled.
    """

    def __init__(
        self,
        busy: tuple[str, ...],
        resting_state: Callable[[], str],
        on_change: Callable[[], None],
        run: Callable[[Job], Any] = run_in_thread,
    ):
        self._busy, self._resting_state, self._changed = busy, resting_state, on_change
        self.run = run
        self.lock = threading.RLock()
        self._last = 0  # the job_id of the job that was started last
        self._current: int | None = None  # the same until it is cancelled
        self._workers: list[threading.Thread] = []
        self.state = "idle"
        self.error: TripkitError | None = None
        self.cancelled = False

    @property
    def busy(self) -> bool:
        """Whether a job is running, so that nothing but ``cancel`` is allowed."""
        return self.state in self._busy

    def refuse_if_busy(self) -> None:
        """Let nobody in while a job runs.

        Raises:
            RequestError: ``busy``.
        """
        if self.busy:
            raise RequestError("busy")

    # ------------------------------------------------------- from outside a job

    def start(self, state: str, step: Callable[[int], None]) -> None:
        """Start a job, ``step(job_id)``, and be in ``state`` while it runs.

        Raises:
            RequestError: ``busy``.
        """
        with self.lock:
            self.refuse_if_busy()
            job_id = self._current = self._last = self._last + 1
            self.state, self.error, self.cancelled = state, None, False
        self._changed()
        self.launch(lambda: self._work(job_id, step))

    def rest(self, *, cancelled: bool = False) -> None:
        """Give up whatever runs, and go to the resting state. Tells nobody yet."""
        with self.lock:
            self._current = None
            self.state, self.error, self.cancelled = self._resting_state(), None, cancelled

    def cancel(self) -> None:
        """Give up the running job: it is told at its next step, and its result is dropped."""
        with self.lock:
            if not self.busy:
                return
            self.rest(cancelled=True)
        self._changed()

    def dismiss(self) -> None:
        """Put an error away, and go on from where things stood before it."""
        with self.lock:
            if self.state != "error":
                return
            self.rest()
        self._changed()

    def launch(self, job: Job) -> None:
        """Run something beside the job, in a worker that ``join`` waits for."""
        worker = self.run(job)
        self._workers = [thread for thread in self._workers if thread.is_alive()]
        if isinstance(worker, threading.Thread):
            self._workers.append(worker)

    def join(self, timeout: float) -> None:
        """Wait for the workers, for so many seconds each."""
        for worker in self._workers:
            if worker is not threading.current_thread():
                worker.join(timeout)

    # ------------------------------------------------------- from within a job

    def is_current(self, job_id: int) -> bool:
        """Whether the job is still wanted; False once it was cancelled, or another was started."""
        return job_id == self._current

    def is_last(self, job_id: int) -> bool:
        """Whether no other job was started since, be this one cancelled or not."""
        return job_id == self._last

    def end(self, job_id: int, state: str, error: TripkitError | None = None) -> None:
        """End the job in ``state``, unless it was cancelled before."""
        with self.lock:
            if not self.is_current(job_id):
                return
            self.state, self.error = state, error
        self._changed()

    def _work(self, job_id: int, step: Callable[[int], None]) -> None:
        try:
            step(job_id)
        except CancelledError:
            self._give_up(job_id)
        except Exception as error:
            self.end(job_id, "error", readable(error))

    def _give_up(self, job_id: int) -> None:
        with self.lock:
            if not self.is_current(job_id):
                return
            self.rest(cancelled=True)
        self._changed()
