"""A bounded queue before a thread that does one thing at a time, first come, first served."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from tripkit.serving.errors import APIError


class BoundedQueue:
    """Does one piece of work, lets ``size`` wait, and sends the others away.

    `concurrent.futures.ThreadPoolExecutor(1)` would do, but a program may not end before its
    threads do, and a model that is being loaded cannot be told to stop.

    Args:
        size: how many may wait.

    Attributes:
        closed: nothing more is done.
    """

    def __init__(self, size: int = 4):
        self.size, self.closed = size, False
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Future, Callable]] = deque()
        self._jobs: set[Future] = set()
        self._busy = False  # a thread takes what waits
        self._usual = 1.0  # seconds of one job, a running mean

    @property
    def inside(self) -> int:
        """How many are worked for or wait now; who has left counts no more."""
        return len(self._jobs)

    def check(self) -> None:
        """See whether another one may come in.

        Raises:
            APIError: 429 with Retry-After, in whole seconds, the queue is full; 503, it is closed.
        """
        self.check_open()
        if self.inside > self.size:
            wait = max(1, math.ceil(self._usual * self.inside))
            message = f"{self.inside} requests are being served or wait. Try again in {wait} s."
            raise APIError(429, "queue_full", message, headers={"Retry-After": str(wait)})

    def submit(self, work: Callable) -> Future:
        """Do ``work()`` when it is its turn; cancel what is returned to leave the queue.

        Raises:
            APIError: as `check`; in the future, 503 where the queue was closed before its turn.
        """
        job: Future = Future()
        with self._lock:
            self.check()
            self._jobs.add(job)
            self._waiting.append((job, work))
            idle, self._busy = not self._busy, True
        job.add_done_callback(self._jobs.discard)
        if idle:
            threading.Thread(target=self._work, name="tripkit-painter", daemon=True).start()
        return job

    def check_open(self) -> None:
        """For work to ask in between.

        Raises:
            APIError: 503, the queue was closed.
        """
        if self.closed:
            raise _closing()

    def open(self) -> None:
        """Take work again. Safe to call twice."""
        self.closed = False

    def close(self) -> None:
        """Refuse what waits and what comes. Safe to call twice."""
        with self._lock:
            self.closed = True
            waiting, self._waiting = self._waiting, deque()
        for job, _ in waiting:
            if job.set_running_or_notify_cancel():
                job.set_exception(_closing())

    def _next(self) -> tuple[Future, Callable] | None:
        with self._lock:
            self._busy = bool(self._waiting)
            return self._waiting.popleft() if self._busy else None

    def _work(self) -> None:
        while taken := self._next():
            job, work = taken
            if not job.set_running_or_notify_cancel():
                continue
            started = time.monotonic()
            try:
                result = work()
            except BaseException as error:  # it belongs to whoever waits
                job.set_exception(error)
            else:
                self._usual += 0.3 * (time.monotonic() - started - self._usual)
                job.set_result(result)


def _closing() -> APIError:
    return APIError(503, "shutting_down", "The service is being stopped.")
