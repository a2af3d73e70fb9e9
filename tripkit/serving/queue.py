"""A bounded queue before a worker that can do one thing at a time."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tripkit.serving.errors import APIError


class BoundedQueue:
    """Lets one caller work, ``size`` wait, and sends the others away.

    Args:
        size: how many may wait.

    Attributes:
        inside: how many work or wait now.
    """

    def __init__(self, size: int = 4):
        self.size = size
        self._lock, self._worker = threading.Lock(), threading.Lock()
        self.inside = 0
        self._usual = 1.0  # seconds of one job, a running mean

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the worker, then hold it.

        Raises:
            APIError: 429 with Retry-After, in whole seconds, when the queue is full.
        """
        with self._lock:
            if self.inside > self.size:
                wait = max(1, math.ceil(self._usual * self.inside))
                raise APIError(
                    429,
                    "queue_full",
                    f"{self.inside} requests are being served or wait. Try again in {wait} s.",
                    headers={"Retry-After": str(wait)},
                )
            self.inside += 1
        try:
            with self._worker:
                started = time.monotonic()
                yield
                self._usual += 0.3 * (time.monotonic() - started - self._usual)
        finally:
            with self._lock:
                self.inside -= 1
