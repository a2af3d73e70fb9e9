"""Who may call, how much a request may hold, and what becomes of errors nobody foresaw."""

from __future__ import annotations

import json
import secrets

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tripkit.serving.errors import APIError, as_api_error

NAMES = ("127.0.0.1", "localhost")
EDITS = "/v1/images/edits"
LARGEST_BODY = 2**20  # bytes
LARGEST_EDIT = 8 * 2**20  # a picture and a mask of 1024 pixels a side, uncompressed
ALL_BODIES = 64 * 2**20  # of all requests at one time
DRAINED = 16 * 2**20
DEPTH, VALUES = 64, 20_000  # of a JSON body
CHARSETS = ("utf-8", "utf8", "us-ascii", "ascii")  # others could cost minutes: punycode


class Gate:
    """Lets in whoever sends the token to one of our own names."""

    def __init__(self, app: ASGIApp, token: str):
        self.app, self.expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            # A page of another site could reach us under a name of its own.
            if headers.get("host", "").split(":")[0] not in NAMES:
                raise APIError(400, "invalid_host", f"The host must be {' or '.join(NAMES)}.")
            given = headers.get("authorization", "").encode("latin-1")
            if not secrets.compare_digest(given, self.expected):
                raise APIError(401, "invalid_api_key", "The token is missing or wrong.")
        await self.app(scope, receive, send)


class Guard:
    """Bounds bodies, one by one and all together, and answers every exception.

    Nothing is raised beyond here: uvicorn would log it with its text, and that may be a client's.
    """

    def __init__(self, app: ASGIApp):
        self.app, self.held = app, 0  # bytes, of all requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit = LARGEST_EDIT if scope["path"] == EDITS else LARGEST_BODY
        call = _Call(self, receive, send, limit)
        try:
            await self.app(scope, call.receive, call.send)
        except Exception as error:
            problem = as_api_error(error)
            if not call.answered:
                await problem.response()(scope, receive, call.send)
        finally:
            self.held -= call.size


class _Call:
    """What comes and goes for one request, of at most ``limit`` bytes."""

    def __init__(self, guard: Guard, receive: Receive, send: Send, limit: int):
        self.guard, self.limit = guard, limit
        self._receive, self._send = receive, send
        self.size, self.more, self.answered = 0, True, False

    async def receive(self) -> Message:
        message = await self._receive()
        new, self.more = len(message.get("body", b"")), message.get("more_body", False)
        self.size += new
        self.guard.held += new
        if self.size > self.limit:
            size = f"{self.limit // 2**20} MB"
            raise APIError(413, "body_too_large", f"The body is larger than {size}.")
        if self.guard.held > ALL_BODIES:
            raise APIError(503, "busy", "Too many bodies at one time. Try again.")
        return message

    async def send(self, message: Message) -> None:
        drained, self.answered = 0, True
        # Who sends all of a body before it reads would see a reset, not the answer.
        while self.more and drained < DRAINED:
            rest = await self._receive()
            drained += len(rest.get("body", b""))
            self.more = rest.get("more_body", False)
        await self._send(message)


def parsed(body: bytes):
    r"""What a JSON text holds.

    Raises:
        APIError: 400 ``invalid_json``: it is not JSON in UTF-8, or nests too deep, or has too many
            values, or halves of characters (``"\\ud800"``), which no answer could repeat.
    """
    try:
        data = json.loads(body.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise APIError(400, "invalid_json", "The body is not JSON in UTF-8.") from None
    check_size(data)
    try:
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        message = "The body holds half of a character: a surrogate that has no partner."
        raise APIError(400, "invalid_json", message) from None
    return data


def check_charset(content_type: str) -> None:
    """See that a body is in UTF-8, as far as its header says.

    Raises:
        APIError: 415 ``unsupported_charset``.
    """
    _, options = parse_options_header(content_type)
    charset = options.get(b"charset", b"utf-8").decode("latin-1").strip().lower()
    if charset not in CHARSETS:
        message = "The body must be in UTF-8. Leave out 'charset', or set it to utf-8."
        raise APIError(415, "unsupported_charset", message)


def check_size(data, depth: int = DEPTH, values: int = VALUES, code: str = "invalid_json") -> None:
    """See that no value of JSON nests deeper than ``depth`` and that there are few enough.

    Raises:
        APIError: 400, with ``code``.
    """
    level, count = [data], 1
    for _ in range(depth):
        level = [inner for value in level for inner in _inside(value)]
        count += len(level)
        if not level or count > values:
            break
    if level:
        message = f"More than {depth} levels of nesting, or more than {values:,} values."
        raise APIError(400, code, message)


def _inside(value):
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _no_number(name: str):
    raise ValueError(name)  # NaN and Infinity are not JSON
