"""Waits for a service no longer than it was told to, whatever the service does.

The timeouts of an HTTP client count from byte to byte: a server that sends one byte now and then
keeps its caller for ever. Here the work runs in a thread of its own, and whoever waits leaves when
the time is up. The thread is told so, and ends too.
"""

import queue
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, suppress
from typing import Any, TypeVar

Result = TypeVar("Result")


class TooLateError(Exception):
    """The time was up before the work was done."""


TICK = 1.0  # seconds
AHEAD = 2  # items that may wait to be taken: an item may be a large picture
WAITING = object()  # what `arriving` yields where nothing has come for a while
_here = threading.local()


class _Reader(threading.Thread):
    """Does the work, and hands each item on as soon as there is room for it."""

    def __init__(self, work: Callable[[], Iterable]):
        super().__init__(name="tripkit-reader", daemon=True)
        self._work = work
        self.inbox: queue.Queue = queue.Queue(AHEAD)
        self._lock = threading.Lock()
        self._hang_ups: list[Callable[[], None]] = []
        self.left = False

    def run(self) -> None:
        _here.reader = self
        try:
            for item in self._work():
                if not self._put(item, None, False):
                    return
        except BaseException as error:  # it belongs to whoever waits
            self._put(None, error, True)
        else:
            self._put(None, None, True)

    def _put(self, *message: Any) -> bool:
        while not self.left:
            with suppress(queue.Full):
                self.inbox.put(message, timeout=TICK)
                return True
        return False

    def when_left(self, hang_up: Callable[[], None]) -> None:
        with self._lock:
            if not self.left:
                self._hang_ups.append(hang_up)
                return
        hang_up()

    def leave(self) -> None:
        with self._lock:
            self.left = True
        for hang_up in self._hang_ups:
            with suppress(Exception):
                hang_up()


def when_left(hang_up: Callable[[], None]) -> None:
    """Has ``hang_up`` called once nobody waits for this thread's work any more, or at once.

    In a thread that nobody started here it does nothing.
    """
    if reader := getattr(_here, "reader", None):
        reader.when_left(hang_up)


def still_wanted() -> None:
    """Refuses to begin something new in a thread whose work nobody waits for.

    Raises:
        TooLateError: nobody does.
    """
    reader = getattr(_here, "reader", None)
    if reader is not None and reader.left:
        raise TooLateError


def hang_up(line: socket.socket) -> None:
    """Wakes whoever reads from the connection: nothing more is received."""
    with suppress(OSError):  # it is closed already
        # The plain shutdown, below TLS: it may be read in another thread.
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def arriving(
    work: Callable[[], Iterable], seconds: float, stop: Callable[[], None]
) -> Generator[Any, None, None]:
    """Yields what ``work()`` yields, from another thread, for at most ``seconds`` in all.

    Whenever nothing has come for `TICK` seconds it yields `WAITING`, so that whoever waits can
    change their mind.

    Args:
        work: makes the iterable; it is made and read in a thread of its own.
        seconds: how long all of it may take.
        stop: called when nobody waits any more, whether or not the work is done; it should make
            the thread end.

    Raises:
        TooLateError: the time was up.
        BaseException: whatever ``work`` raised.
    """
    until = time.monotonic() + seconds
    reader = _Reader(work)
    reader.when_left(stop)
    reader.start()
    error = None
    try:
        while (left := until - time.monotonic()) > 0:
            try:
                item, error, done = reader.inbox.get(timeout=min(TICK, left))
            except queue.Empty:
                if left > TICK:
                    yield WAITING
                continue
            if error is not None:
                raise error
            if done:
                return
            yield item
        raise TooLateError
    finally:
        error = None  # its traceback holds this frame, and what the error holds would live on
        reader.leave()


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """The result of ``work()``, which must be there in ``seconds``; see `arriving`."""
    with closing(arriving(lambda: [work()], seconds, lambda: None)) as arrived:
        return next(item for item in arrived if item is not WAITING)
