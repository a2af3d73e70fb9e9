"""The answer of an image service as it comes in: bounded in size and time, event by event.

An answer is a stream of server-sent events, or one JSON object. It is read here and not by the SDK,
which would take any size, and wait from byte to byte.
"""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from PIL import Image

from tripkit.core.errors import ServiceError
from tripkit.images.untrusted import open_untrusted
from tripkit.services.deadlines import hang_up
from tripkit.services.limits import bounded, too_large

if TYPE_CHECKING:
    from openai import APIResponse

OpenedCall = AbstractContextManager["APIResponse[Any]"]
MAX_BASE64 = 48 * 2**20  # characters of one picture
SLACK = 2**20  # bytes of an answer that are no picture


class Answer:
    """One call and what comes back. ``messages`` is read in one thread, ``stop`` called in another.

    Args:
        call: the context manager of the SDK's streaming response; entering it sends.
        service: who is asked, for messages.
        pictures: how many pictures the answer may hold, previews included.
    """

    def __init__(self, call: OpenedCall, service: str, pictures: int):
        self._call, self._service = call, service
        self._one, self._all = MAX_BASE64 + SLACK, pictures * MAX_BASE64 + SLACK
        self._lock = threading.Lock()
        self._stopped = False
        self._socket: socket.socket | None = None

    def messages(self) -> Iterator[tuple[str, dict | None]]:
        """Yields ``("open", None)`` once the answer begins, then its messages.

        A stream gives ``(type, fields)`` for each event; anything else one ``("whole", object)``.

        Raises:
            ServiceError: ``answer_too_large``, ``answer_too_many_values``; the rest is not read.
            ValueError: it is not JSON.
        """
        with self._call as response:
            if not self._keep_socket(response):
                return
            try:
                yield "open", None
                yield from self._read(response)
            finally:  # the connection may serve another call now
                with self._lock:
                    self._socket = None

    def _read(self, response: APIResponse[Any]) -> Iterator[tuple[str, dict | None]]:
        streamed = "event-stream" in response.headers.get("content-type", "")
        limit = self._all if streamed else self._one
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            raise too_large(self._service, limit)
        chunks = bounded(response.iter_bytes(), limit, self._service)
        if streamed:
            yield from events(chunks, self._one, self._service)
            return
        data = b"".join(chunks)
        yield "read", None  # it is whole: what is wrong from here on is its form
        yield "whole", json.loads(data)

    def stop(self) -> None:
        """Hangs up: whoever reads the answer is woken, and nothing more is received."""
        with self._lock:
            self._stopped = True
            if self._socket is not None:
                hang_up(self._socket)

    def _keep_socket(self, response: APIResponse[Any]) -> bool:
        stream = response.http_response.extensions.get("network_stream")
        with self._lock:
            if stream is not None:
                self._socket = stream.get_extra_info("socket")
            return not self._stopped


@contextmanager
def opened(
    method: Callable[..., OpenedCall], options: dict[str, Any], optional: tuple[str, ...]
) -> Iterator[APIResponse[Any]]:
    """A call as a context manager: entering it sends. Nothing is sent twice.

    Only where a server refuses an option by its name (HTTP 400, so nothing was drawn) it is asked
    without that one. Compressed answers are declined: a few bytes could become many.

    Args:
        method: of ``client.images.with_streaming_response``.
        options: the method's arguments.
        optional: which of them may be left out.
    """
    import openai

    options, response = dict(options), None
    with ExitStack() as stack:
        while response is None:
            call = method(**options, extra_headers={"Accept-Encoding": "identity"})
            try:
                response = stack.enter_context(call)
            except openai.BadRequestError as error:
                if error.param not in optional or error.param not in options:
                    raise
                del options[error.param]
                if error.param == "stream":
                    options.pop("partial_images", None)
        yield response


def events(chunks: Iterable[bytes], limit: int, service: str) -> Iterator[tuple[str, dict]]:
    """The events of a ``text/event-stream`` (HTML Living Standard, 9.2) whose data is JSON.

    Yields the type, which is the object's own where it names one, and the object.

    Raises:
        ServiceError: ``answer_too_large``, one event has more than ``limit`` bytes.
    """
    name, size = "", 0
    data: list[bytes] = []
    for line in _lines(chunks, limit, service):
        size += len(line)
        if size > limit:
            raise too_large(service, limit)
        if not line:
            if data:
                fields = json.loads(b"\n".join(data))
                kind = fields.get("type") or ("error" if "error" in fields else name)
                yield str(kind), fields
            name, data, size = "", [], 0
            continue
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            name = value.decode("utf-8", "replace")
        elif field == b"data":
            data.append(value)


def _lines(chunks: Iterable[bytes], limit: int, service: str) -> Iterator[bytes]:
    pending: list[bytes] = []  # pieces of a line that has not ended: pictures come in many
    size = 0
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            pending.append(piece)
            yield b"".join(pending).removesuffix(b"\r")
            pending.clear()
            size = 0
        pending.append(rest)
        size += len(rest)
        if size > limit:
            raise too_large(service, limit)


def decode_picture(data: object, service: str = "OpenAI") -> Image.Image:
    """The picture in base64 as RGB, checked before its pixels are unpacked.

    Raises:
        ServiceError: ``bad_picture``, it is no PNG, JPEG or WebP, broken, or too large.
    """
    try:
        if not isinstance(data, str) or len(data) > MAX_BASE64:
            raise ValueError("no picture, or too much of it")
        return open_untrusted(base64.b64decode(data, validate=True)).convert("RGB")
    except Exception:  # MemoryError, say
        problem = ServiceError("bad_picture", service=service)
    raise problem
