"""Waits for a service no longer than it was told to, whatever the service does.

The timeouts of an HTTP client count from byte to byte: a server that sends one byte now and then
keeps its caller for ever. Here the work runs in a thread of its own, and whoever waits leaves when
the time is up.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress

import httpx2

from tripkit.core.errors import ServiceError


class TooLateError(Exception):
    """The time was up before the work was done."""


TICK = 1.0  # seconds
AHEAD = 2  # items that may wait to be taken: an item may be a large picture
WAITING = object()  # what `arriving` yields where nothing has come for a while


def arriving(work: Callable[[], Iterable], seconds: float, stop: Callable[[], None]) -> Iterator:
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
    inbox: queue.Queue = queue.Queue(AHEAD)
    left_alone = threading.Event()

    def put(*message) -> None:
        while not left_alone.is_set():
            with suppress(queue.Full):
                return inbox.put(message, timeout=TICK)

    def read() -> None:
        try:
            for item in work():
                put(item, None, False)
                if left_alone.is_set():
                    return
        except BaseException as error:  # it belongs to whoever waits
            put(None, error, True)
        else:
            put(None, None, True)

    threading.Thread(target=read, name="tripkit-reader", daemon=True).start()
    try:
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise TooLateError
            try:
                item, error, done = inbox.get(timeout=min(TICK, left))
            except queue.Empty:
                if left > TICK:
                    yield WAITING
                continue
            if error is not None:
                raise error
            if done:
                return
            yield item
    finally:
        left_alone.set()
        with suppress(Exception):
            stop()


def within(seconds: float, work: Callable[[], object]):
    """The result of ``work()``, which must be there in ``seconds``; see `arriving`."""
    with closing(arriving(lambda: [work()], seconds, lambda: None)) as arrived:
        return next(item for item in arrived if item is not WAITING)


def bound_answers(service: str, limit: int) -> Callable[[httpx2.Response], None]:
    """A response hook that refuses answers beyond ``limit`` bytes, errors and streams too.

    Compressed answers are refused as well: we ask for none, and a few bytes could become many.

    Raises (the hook, or whoever reads the answer):
        ServiceError: ``answer_too_large``; the rest is not read.
    """

    def too_large() -> ServiceError:
        return ServiceError("answer_too_large", service=service, limit=limit // 2**20)

    def hook(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ServiceError("service_failed", service=service, kind="content-encoding")
        length = response.headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            raise too_large()
        response.stream = _Bounded(response.stream, limit, too_large)

    return hook


class _Bounded(httpx2.SyncByteStream):
    """A body that ends in an error beyond so many bytes."""

    def __init__(self, stream, limit: int, too_large: Callable[[], ServiceError]):
        self._stream, self._limit, self._too_large = stream, limit, too_large

    def __iter__(self) -> Iterator[bytes]:
        received = 0
        for chunk in self._stream:
            received += len(chunk)
            if received > self._limit:
                raise self._too_large()
            yield chunk

    def close(self) -> None:
        self._stream.close()
