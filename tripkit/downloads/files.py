"""Known files from the network: kept in a folder, checked at each use, stored whole or not at all.

A file counts as good only when its unpacked bytes have the known size and checksum, wherever they
come from. So what a broken download, a full disk or another program leaves behind is never used.
"""

import gzip
import hashlib
import io
import logging
import ssl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tripkit import __version__
from tripkit.core.errors import ServiceError, StorageError, disk_problem
from tripkit.core.files import write_whole
from tripkit.core.messages import Phrase
from tripkit.services.deadlines import TooLateError, still_wanted, within

ANSWER_SECONDS = 20  # for the connection, and for each read
TOTAL_SECONDS = 180  # for one file from one mirror: 60 kB/s are enough for 10 MB
_GZIP = b"\x1f\x8b"
_IDX = b"\0\0\x08"  # how our files begin when unpacked (see `mnist.read_idx`)
_PACKING = 65_536  # more bytes than gzip ever adds to a file of ours
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class KnownFile:
    """A file as it must be once unpacked: its name, its size in bytes, its MD5."""

    name: str
    size: int
    md5: str


class Unusable(Exception):
    """A file, or the answer of a mirror, that cannot be used; ``reason`` is a `Phrase`."""

    def __init__(self, code: str, **details: Any):
        self.reason = Phrase("problem." + code, **details)
        super().__init__(str(self.reason))


def obtain(file: KnownFile, folder: Path, mirrors: list[str]) -> bytes:
    """The unpacked bytes of ``file``: from ``folder``, else from the first mirror that has them.

    The folder may hold the file unpacked or as ``.gz``. What is downloaded is stored as it comes.

    Args:
        file: what is wanted.
        folder: where it is kept; made when something is to be stored.
        mirrors: addresses that end with ``/``. Those that fail move to the end of the list, so that
            the next file begins with one that works.

    Raises:
        ServiceError: ``mnist_not_downloaded``, no mirror had it. Says what each of them did.
        StorageError: ``mnist_not_saved``, it was downloaded but could not be stored.
    """
    data, problems = _stored(file, folder)
    if data is not None:
        return data
    for unusable in problems:
        logger.warning("downloading again into %s: %s", folder, unusable)
    with storing(folder / file.name, "mnist_not_saved"):  # before minutes go into a download
        folder.mkdir(parents=True, exist_ok=True)
    for mirror in list(mirrors):
        try:
            received = fetch(f"{mirror}{file.name}.gz", file.size + _PACKING)
            data = verified(received, file)
        except Unusable as problem:
            host = urlsplit(mirror).netloc
            logger.info("%s from %s: %s", file.name, host, problem)
            problems.append(Phrase("problem.at", place=host, reason=problem.reason))
            mirrors.append(mirrors.pop(0))
        else:
            _keep(received, file, folder)
            return data
    every = reduce(lambda a, b: Phrase("problem.and", first=a, then=b), problems)
    raise ServiceError("mnist_not_downloaded", file=file.name, folder=str(folder), problems=every)


def state_of(file: KnownFile, folder: Path) -> str:
    """How ``folder`` holds the file: ``"whole"``, ``"damaged"`` or ``"missing"``."""
    data, problems = _stored(file, folder)
    if data is not None:
        return "whole"
    return "damaged" if problems else "missing"


def verified(data: bytes, file: KnownFile) -> bytes:
    """The bytes, unpacked if they are gzip's, once size and checksum are those of ``file``.

    Unpacking stops one byte past the known size, so a gzip bomb costs no more than the file.

    Raises:
        Unusable: they are not that file.
    """
    if data.startswith(_GZIP):
        data = _unpacked(data, file.size + 1)
    elif data and not data.startswith(_IDX):
        raise Unusable("something_else")
    if len(data) < file.size:
        raise Unusable("incomplete")
    if len(data) > file.size:
        raise Unusable("too_large", wanted=file.size)
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != file.md5:
        raise Unusable("wrong_checksum")
    return data


def fetch(url: str, limit: int, seconds: float | None = None) -> bytes:
    """What a server sends, at most ``limit`` bytes, within ``seconds`` whatever it does.

    A thread does the work: name resolution and a server that trickles its headers know no other
    limit. Given up or interrupted, the thread is left to end by itself; it holds only memory.

    Args:
        url: where it is.
        limit: bytes.
        seconds: None means `TOTAL_SECONDS`.

    Raises:
        Unusable: no connection, no success, too slow or too long.
    """
    seconds = seconds or TOTAL_SECONDS
    try:
        return within(seconds, lambda: _received(url, limit))
    except TooLateError:
        raise Unusable("too_slow", seconds=seconds) from None


def open_url(url: str, start: int = 0) -> HTTPResponse:
    """The answer of a server, of which ``start`` bytes are not asked for; see `blocks_of`.

    Raises:
        Unusable: no connection, no success, or `ANSWER_SECONDS` without an answer.
    """
    request = Request(url, headers={"User-Agent": f"tripkit/{__version__}"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        return urlopen(request, timeout=ANSWER_SECONDS)
    except Exception as error:
        raise _explained(error) from None


def blocks_of(response: HTTPResponse) -> Iterator[bytes]:
    """The body of an answer as it comes.

    Raises:
        Unusable: the connection broke, or was silent for `ANSWER_SECONDS`.
    """
    try:
        # read1 returns what is there; read would wait for a full block, however slow.
        while block := response.read1(2**18):
            yield block
    except Exception as error:
        raise _explained(error) from None


def _received(url: str, limit: int) -> bytes:
    received = bytearray()
    with open_url(url) as response:
        for block in blocks_of(response):
            still_wanted()
            received += block
            if len(received) > limit:
                raise Unusable("too_large", wanted=limit)
    return bytes(received)


def _explained(error: Exception) -> Exception:
    """The problem in our words; an error that nobody foresaw comes back as it is."""
    if isinstance(error, HTTPError):
        error.close()
        return Unusable("http_status", status=error.code)
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unusable("certificate")
    if isinstance(cause, TimeoutError):
        return Unusable("too_slow", seconds=ANSWER_SECONDS)
    # ValueError: a redirect to an address that is none.
    network = isinstance(error, OSError | HTTPException | ValueError)
    return Unusable("no_connection") if network else error


def _unpacked(data: bytes, limit: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            return packed.read(limit)
    except EOFError as error:
        raise Unusable("incomplete") from error
    except (OSError, zlib.error) as error:  # OSError: gzip's own CRC, and what follows its end
        raise Unusable("damaged") from error


def _stored(file: KnownFile, folder: Path) -> tuple[bytes | None, list[Phrase]]:
    """The bytes that the folder has of the file, if any, and what is wrong with useless copies."""
    problems: list[Phrase] = []
    for path in (folder / file.name, folder / f"{file.name}.gz"):
        try:
            return _read(path, file), problems
        except FileNotFoundError:
            continue
        except Unusable as problem:
            problems.append(Phrase("problem.at", place=path.name, reason=problem.reason))
    return None, problems


def _read(path: Path, file: KnownFile) -> bytes:
    try:
        with open(path, "rb") as stored:
            data = stored.read(file.size + _PACKING)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unusable("unreadable") from error
    return verified(data, file)


@contextmanager
def storing(path: Path, code: str) -> Iterator[None]:
    """What writes the file at ``path``.

    Raises:
        StorageError: with that code, the disk is full, say.
    """
    try:
        yield
    except OSError as error:
        place = {"file": path.name, "folder": str(path.parent), "variable": "TRIPKIT_DATA"}
        raise StorageError(code, **place, reason=disk_problem(error)) from error


def _keep(data: bytes, file: KnownFile, folder: Path) -> None:
    path = folder / (f"{file.name}.gz" if data.startswith(_GZIP) else file.name)
    with storing(path, "mnist_not_saved"):
        try:
            write_whole(path, data)
        except OSError as error:
            try:
                _read(path, file)  # Windows: another process has stored it and holds it open
            except (OSError, Unusable):
                raise error from None
