"""The download of a large model as a state machine, for screens: nothing is fetched unasked.

    idle -> checking -> asking -> downloading -> done
                          ^ the user's yes: `start`

``check`` asks the hub for sizes only. What has come is kept when a download stops or breaks off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tripkit.core.errors import RequestError, TripkitError
from tripkit.core.jobs import Job, JobRunner, run_in_thread
from tripkit.downloads import plan as downloads

TELL_SECONDS = 0.3  # between two reports of progress


class DownloadJob:
    """One download.

    Args:
        run: how jobs are run, ``run_in_thread`` or ``run_inline``.
        on_change: called as ``on_change(job)`` after each change, in the thread that made it.

    Attributes:
        name: the model that was last asked about.
        plan: what its download means, once the hub was asked; None before.
        there, total: bytes, while it downloads and after.
    """

    def __init__(
        self,
        run: Callable[[Job], Any] = run_in_thread,
        on_change: Callable[[DownloadJob], None] | None = None,
    ):
        self._jobs = JobRunner(("checking", "downloading"), self._rest, self._changed, run)
        self.on_change = on_change
        self.name = ""
        self.plan: downloads.DownloadPlan | None = None
        self.there = self.total = 0

    @property
    def state(self) -> str:
        """One of "idle", "checking", "asking", "downloading", "done", "error"."""
        return self._jobs.state

    @property
    def busy(self) -> bool:
        """Whether something runs, so that nothing but ``cancel`` is allowed."""
        return self._jobs.busy

    @property
    def error(self) -> TripkitError | None:
        """Why the state is "error", else None."""
        return self._jobs.error

    @property
    def cancelled(self) -> bool:
        """Whether the last job was cancelled."""
        return self._jobs.cancelled

    def check(self, name: str) -> None:
        """Find out what a download would be. Ends in "asking", or in "error"."""
        with self._jobs.lock:
            self._jobs.refuse_if_busy()
            self.name, self.plan = name, None
        self._jobs.start("checking", lambda job_id: self._check(job_id, name))

    def _check(self, job_id: int, name: str) -> None:
        plan = downloads.plan_download(name)
        downloads.check_room(plan)
        with self._jobs.lock:
            if self._jobs.is_current(job_id):
                self.plan = plan
        self._jobs.end(job_id, "asking" if plan.missing else "done")

    def start(self) -> None:
        """Download what was asked about: the user has said yes. Ends in "done", or in "error"."""
        plan = self.plan
        if plan is None:
            raise RequestError("nothing_to_download")
        self._jobs.start("downloading", lambda job_id: self._download(job_id, plan))

    def cancel(self) -> None:
        """Stop what runs. What has come of a download is kept."""
        self._jobs.cancel()

    def _download(self, job_id: int, plan: downloads.DownloadPlan) -> None:
        reported = 0.0

        def on_progress(there: int, total: int) -> bool:
            nonlocal reported
            if time.monotonic() - reported < TELL_SECONDS:
                return self._jobs.is_current(job_id)  # a cancel is noticed at once
            reported = time.monotonic()
            return self._reach(job_id, there, total)

        self._reach(job_id, plan.there, plan.size)
        downloads.download(plan, on_progress)
        self._reach(job_id, plan.size, plan.size)
        self._jobs.end(job_id, "done")

    def _reach(self, job_id: int, there: int, total: int) -> bool:
        """Note how far the download is; False, and nothing is noted, once it was cancelled."""
        with self._jobs.lock:
            if not self._jobs.is_current(job_id):
                return False
            self.there, self.total = there, total
        self._changed()
        return self._jobs.is_current(job_id)  # on_change may have cancelled

    def _rest(self) -> str:
        self.plan = None  # how much is there has changed: the hub is asked again
        return "idle"

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change(self)
