"""How much of an answer is taken in, by whoever reads it."""

from collections.abc import Iterable, Iterator

from tripkit.core.errors import ServiceError

# What begins or separates the values of JSON. Each becomes an object of up to a kilobyte, and a
# megabyte holds half a million of them. Base64 has none of these, a long text a few thousand.
MARKS = (b"{", b"[", b",")
MOST_MARKS = 50_000


def bounded(chunks: Iterable[bytes], limit: int, service: str) -> Iterator[bytes]:
    """The chunks of an answer, as long as they are together neither too long nor too many values.

    Raises:
        ServiceError: ``answer_too_large`` beyond ``limit`` bytes, ``answer_too_many_values``.
    """
    received = marks = 0
    for chunk in chunks:
        received += len(chunk)
        marks += sum(chunk.count(mark) for mark in MARKS)
        if received > limit:
            raise too_large(service, limit)
        if marks > MOST_MARKS:
            raise ServiceError("answer_too_many_values", service=service, limit=MOST_MARKS)
        yield chunk


def too_large(service: str, limit: int) -> ServiceError:
    """The error for an answer beyond so many bytes."""
    return ServiceError("answer_too_large", service=service, limit=limit // 2**20)
