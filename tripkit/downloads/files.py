"""Known files from the network: kept in a folder, checked at each use, stored whole or not at all.

A file counts as good only when its unpacked bytes have the known size and checksum, wherever they
come from. So what a broken download, a full disk or another program leaves behind is never used.
"""

import gzip
import hashlib
import io
import logging
import ssl
import threading
import time
import zlib
from dataclasses import dataclass
from functools import reduce
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tripkit import __version__
from tripkit.core.errors import ServiceError, StorageError, disk_problem
from tripkit.core.files import write_whole
from tripkit.core.messages import Phrase

ANSWER_SECONDS = 10  # for the connection, and for each read
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
    problems = []
    for path in (folder / file.name, folder / f"{file.name}.gz"):
        try:
            return _read(path, file)
        except FileNotFoundError:
            continue
        except Unusable as problem:
            problems.append(Phrase("problem.at", place=path.name, reason=problem.reason))
    for unusable in problems:
        logger.warning("downloading again into %s: %s", folder, unusable)
    _make(folder, file)  # before minutes go into a download
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
    raise ServiceError(
        "mnist_not_downloaded",
        file=file.name,
        folder=str(folder),
        problems=reduce(lambda a, b: Phrase("problem.and", first=a, then=b), problems),
    )


def state_of(file: KnownFile, folder: Path) -> str:
    """How ``folder`` holds the file: ``"whole"``, ``"damaged"`` or ``"missing"``."""
    found = "missing"
    for path in (folder / file.name, folder / f"{file.name}.gz"):
        try:
            _read(path, file)
            return "whole"
        except FileNotFoundError:
            continue
        except Unusable:
            found = "damaged"
    return found


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


def fetch(url: str, limit: int) -> bytes:
    """What a server sends, at most ``limit`` bytes, within `TOTAL_SECONDS` whatever it does.

    A thread does the work: name resolution and a server that trickles its headers know no other
    limit. Given up or interrupted, the thread is left to end by itself; it holds only memory.

    Raises:
        Unusable: no connection, no success, too slow or too long.
    """
    stop = threading.Event()
    outcome: list[bytes | Exception] = []

    def work() -> None:
        try:
            outcome.append(_received(url, limit, stop))
        except Exception as error:  # told in the thread of the caller
            outcome.append(error)

    thread = threading.Thread(target=work, name="tripkit-download", daemon=True)
    thread.start()
    end = time.monotonic() + TOTAL_SECONDS
    try:
        while thread.is_alive() and time.monotonic() < end:
            thread.join(0.1)  # short, so that Ctrl+C is heard on Windows too
    finally:
        stop.set()
    if not outcome:
        raise Unusable("too_slow", seconds=TOTAL_SECONDS)
    if isinstance(outcome[0], Exception):
        raise explained(outcome[0]) from outcome[0]
    return outcome[0]


def _received(url: str, limit: int, stop: threading.Event) -> bytes:
    request = Request(url, headers={"User-Agent": f"tripkit/{__version__}"})
    received = bytearray()
    with urlopen(request, timeout=ANSWER_SECONDS) as response:
        # read1 returns what is there; read would wait for a full block, however slow.
        while not stop.is_set() and (block := response.read1(65_536)):
            received += block
            if len(received) > limit:
                raise Unusable("too_large", wanted=limit)
    return bytes(received)


def explained(error: Exception, seconds: float | None = None) -> Exception:
    """The problem in our words; an error that nobody foresaw comes back as it is."""
    if isinstance(error, HTTPError):
        error.close()
        return Unusable("http_status", status=error.code)
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Unusable("certificate")
    if isinstance(cause, TimeoutError):
        return Unusable("too_slow", seconds=ANSWER_SECONDS if seconds is None else seconds)
    network = isinstance(error, OSError | HTTPException)
    return Unusable("no_connection") if network else error


def _unpacked(data: bytes, limit: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            return packed.read(limit)
    except EOFError as error:
        raise Unusable("incomplete") from error
    except (OSError, zlib.error) as error:  # OSError: gzip's own CRC, and what follows its end
        raise Unusable("damaged") from error


def _read(path: Path, file: KnownFile) -> bytes:
    try:
        with open(path, "rb") as stored:
            data = stored.read(file.size + _PACKING)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unusable("unreadable") from error
    return verified(data, file)


def _make(folder: Path, file: KnownFile) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _not_saved(error, folder / file.name) from error


def _keep(data: bytes, file: KnownFile, folder: Path) -> None:
    path = folder / (f"{file.name}.gz" if data.startswith(_GZIP) else file.name)
    try:
        write_whole(path, data)
    except OSError as error:
        try:
            _read(path, file)  # Windows: another process has stored it and holds it open
        except (OSError, Unusable):
            raise _not_saved(error, path) from error


def _not_saved(error: OSError, path: Path) -> StorageError:
    return StorageError(
        "mnist_not_saved",
        file=path.name,
        folder=str(path.parent),
        reason=disk_problem(error),
        variable="TRIPKIT_DATA",
    )
