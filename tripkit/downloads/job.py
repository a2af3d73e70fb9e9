"""The download of a large model as a state machine, for screens: nothing is fetched unasked.

    idle -> checking -> asking -> downloading -> done
                          ^ the user's yes: `start`

``check`` asks the hub for sizes only. What has come is kept when a download stops or breaks off.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tripkit.core.errors import RequestError
from tripkit.core.jobs import Job, OneJobAtATime, run_in_thread
from tripkit.downloads import plan as downloads

TELL_SECONDS = 0.3  # between two reports of progress


class DownloadJob(OneJobAtATime):
    """One download.

    Attributes:
        name: the model that was last asked about.
        plan: what its download means, once the hub was asked; None before.
        there, total: bytes, while it downloads and after.
    """

    BUSY = ("checking", "downloading")

    def __init__(
        self,
        run: Callable[[Job], Any] = run_in_thread,
        on_change: Callable[[DownloadJob], None] | None = None,
    ):
        super().__init__(run, on_change)
        self.name = ""
        self.plan: downloads.DownloadPlan | None = None
        self.there = self.total = 0

    def check(self, name: str) -> None:
        """Find out what a download would be. Ends in "asking", or in "error"."""
        self._refuse_if_busy()
        self.name, self.plan = name, None
        self._start("checking", lambda ticket: self._check(ticket, name))

    def _check(self, ticket: int, name: str) -> None:
        plan = downloads.plan_download(name)
        downloads.check_room(plan)
        self._finish(ticket, "asking" if plan.missing else "done", plan=plan)

    def start(self) -> None:
        """Download what was asked about: the user has said yes. Ends in "done", or in "error"."""
        plan = self.plan
        if plan is None:
            raise RequestError("nothing_to_download")
        self._start("downloading", lambda ticket: self._download(ticket, plan))

    def _download(self, ticket: int, plan: downloads.DownloadPlan) -> None:
        told = 0.0

        def on_progress(there: int, total: int) -> bool:
            nonlocal told
            if time.monotonic() - told < TELL_SECONDS:
                return ticket == self._generation  # a cancel is noticed at once
            told = time.monotonic()
            return self._set(ticket, there=there, total=total)

        self._set(ticket, there=plan.there, total=plan.size)
        downloads.download(plan, on_progress)
        self._finish(ticket, "done", there=plan.size, total=plan.size)

    def _resting_state(self) -> str:
        self.plan = None  # how much is there has changed: the hub is asked again
        return "idle"
