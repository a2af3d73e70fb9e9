"""The HTTP client under the OpenAI SDK: bounded answers, no redirects, connections that end."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

import httpx2
from openai import DefaultHttpxClient

from tripkit.core.errors import ServiceError
from tripkit.services.deadlines import hang_up, still_wanted, when_left
from tripkit.services.limits import bounded, too_large

_CHARSETS = ("utf-8", "us-ascii", "ascii", "iso-8859-1", "latin-1")


def bounded_client(service: str, limit: int) -> httpx2.Client:
    """A client that takes ``limit`` bytes of an answer, goes to no other host, and hangs up.

    A redirect is an answer as any other: it would carry the prompt to whom it names. Each call has
    a connection of its own, which ends when nobody waits for it any more (`deadlines.when_left`).
    """
    return DefaultHttpxClient(
        event_hooks={"request": [_watch], "response": [bound_answers(service, limit)]},
        follow_redirects=False,
        limits=httpx2.Limits(max_connections=100, max_keepalive_connections=0),
    )


def bound_answers(service: str, limit: int) -> Callable[[httpx2.Response], None]:
    """A response hook that refuses answers beyond ``limit`` bytes, errors and streams too.

    Compressed answers are refused as well: we ask for none, and a few bytes could become many.

    Raises (the hook, or whoever reads the answer):
        ServiceError: see `bounded`; the rest is not read.
    """

    def hook(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise ServiceError("answer_packed", service=service)
        # The SDK decodes a web page as its header says, and "punycode" would take minutes.
        if (response.charset_encoding or "").lower() not in _CHARSETS:
            response.encoding = "utf-8"
        length = response.headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            raise too_large(service, limit)
        stream = cast(httpx2.SyncByteStream, response.stream)  # the client is not asynchronous
        response.stream = _Bounded(stream, limit, service)

    return hook


class _Bounded(httpx2.SyncByteStream):
    """A body that ends in an error beyond its bounds."""

    def __init__(self, stream: httpx2.SyncByteStream, limit: int, service: str):
        self._stream, self._limit, self._service = stream, limit, service

    def __iter__(self) -> Iterator[bytes]:
        return bounded(self._stream, self._limit, self._service)

    def close(self) -> None:
        self._stream.close()


def _watch(request: httpx2.Request) -> None:
    still_wanted()  # the SDK would ask again after its connection was hung up
    request.extensions["trace"] = _trace


def _trace(event: str, info: dict) -> None:
    if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
        line = info["return_value"].get_extra_info("socket")
        when_left(partial(hang_up, line))
