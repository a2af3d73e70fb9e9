"""Bounds what an HTTP client takes in: the OpenAI SDK reads answers of any size into memory.

Imports the SDK's HTTP library, so it is imported where a client is made.
"""

from collections.abc import Callable, Iterator

import httpx2

from tripkit.errors import ServiceError


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
