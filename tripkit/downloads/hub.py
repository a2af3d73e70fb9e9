"""Files of a model on the Hugging Face hub: what there is, and one file at a time, resumable.

`huggingface_hub` begins a file anew when its download broke off. The largest file of a Stable
Diffusion has gigabytes, and classrooms have bad Wi-Fi: here the part that has come is kept, and the
next run asks for the rest (an HTTP range). A file counts once its checksum is the hub's.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from tripkit.core.errors import CancelledError, ModelUnavailableError, RequestError, ServiceError
from tripkit.core.settings import checked_url
from tripkit.core.text import clipped
from tripkit.downloads import files
from tripkit.downloads.files import Unusable
from tripkit.downloads.local import UNREADABLE, parts_of

HUB = "https://huggingface.co"
ATTEMPTS = 5  # connections in a row that bring nothing, before a file is given up
SMALL_SECONDS = 60  # for all of a small file, however it comes
LISTING_LIMIT = 8 * 2**20  # bytes of the list of files
INDEX_LIMIT = 64 * 2**10  # bytes of model_index.json
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_PATH = re.compile(r"(?:[A-Za-z0-9_][\w.-]*/)?[A-Za-z0-9_][\w.-]*", re.ASCII)
# Names that Windows takes for devices, whatever follows the dot.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.ASCII | re.IGNORECASE)
_CHECKSUM = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class HubFile:
    """One file: its path within the model, bytes, and checksum.

    Attributes:
        path: as ``unet/config.json``.
        size: bytes.
        checksum: SHA-256 of large files; of small ones SHA-1, as git computes it.
    """

    path: str
    size: int
    checksum: str

    @property
    def large(self) -> bool:
        """Whether it lies in the hub's store of large files."""
        return len(self.checksum) == 64

    def hasher(self) -> "hashlib._Hash":
        """A hash object that ends in ``checksum`` once it has been fed the file."""
        if self.large:
            return hashlib.sha256()
        return hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)


@dataclass(frozen=True)
class Listing:
    """What the hub holds of a model: its version and its files."""

    name: str
    commit: str
    files: tuple[HubFile, ...]
    license: str | None = None


def endpoint() -> str:
    """The hub's address: ``HF_ENDPOINT``, else the public one.

    Raises:
        RequestError: ``bad_base_url``, it is neither https nor on this computer.
    """
    address = checked_url(os.environ.get("HF_ENDPOINT", "").strip() or HUB, "HF_ENDPOINT")
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise RequestError("bad_base_url", variable="HF_ENDPOINT")
    return address


def list_files(name: str) -> Listing:
    """The files of a model, with their sizes.

    Raises:
        RequestError: ``bad_hub_id``.
        ServiceError: ``hub_offline``, ``hub_unreachable``.
        ModelUnavailableError: ``hub_not_found``.
    """
    name = str(name).strip()
    if not _NAME.fullmatch(name):
        raise RequestError("bad_hub_id", name=clipped(ascii(name)[1:-1], 80))
    if os.environ.get("HF_HUB_OFFLINE", "").strip().lower() in ("1", "true", "yes", "on"):
        raise ServiceError("hub_offline", variable="HF_HUB_OFFLINE")
    address = f"{endpoint()}/api/models/{name}?blobs=true"
    try:
        answer = json.loads(files.fetch(address, LISTING_LIMIT, SMALL_SECONDS))
        listed = [_file(entry) for entry in answer["siblings"]]
        commit = str(answer["sha"])
        if not re.fullmatch(r"[0-9a-f]{40}", commit):
            raise ValueError("no commit")
    except Unusable as error:
        raise _refused(error, name) from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # A Wi-Fi login page, say.
        raise _refused(Unusable("something_else"), name) from None
    card = answer.get("cardData")
    license = card.get("license") if isinstance(card, dict) else None
    return Listing(name, commit, tuple(filter(None, listed)), license and str(license)[:60])


def read_index(listing: Listing) -> dict[str, str]:
    """The parts that ``model_index.json`` names, each with its class; empty without that file.

    Raises:
        ServiceError: ``hub_unreachable``.
    """
    size = next((file.size for file in listing.files if file.path == "model_index.json"), None)
    if size is None:
        return {}
    address = _address(listing, "model_index.json")
    try:
        data = files.fetch(address, INDEX_LIMIT, SMALL_SECONDS)
        if len(data) < size:
            raise Unusable("incomplete")
        parts = parts_of(data)
    except Unusable as error:
        raise _refused(error, listing.name) from None
    except UNREADABLE:
        return {}
    return {part: kind for part, kind in parts.items() if part.isidentifier()}


def fetch(listing: Listing, file: HubFile, path: Path, on_bytes: Callable[[int], object]) -> None:
    """Brings one file to ``path``, going on where an earlier download broke off.

    Args:
        listing: of the model.
        file: which one.
        path: where it goes. Until it is whole it lies beside it, in ``part_of(path, file)``.
        on_bytes: called with the bytes of this file that are there; returning False stops.

    Raises:
        CancelledError: ``download_stopped``; what has come is kept.
        ServiceError: ``download_broken``; what has come is kept.
        StorageError: ``download_not_saved``: the disk is full, say.
    """
    part = part_of(path, file)
    address, fruitless, reason = _address(listing, file.path), 0, None
    while fruitless < ATTEMPTS:
        before = size_of(part)
        try:
            with files.storing(path, "download_not_saved"):
                _go_on(address, file, part, on_bytes)
                os.replace(part, path)
            return
        except Unusable as error:
            reason = error.reason
            fruitless = 0 if size_of(part) > before else fruitless + 1
            if fruitless < ATTEMPTS:
                time.sleep(min(2.0, 0.1 * 2**fruitless))
    raise ServiceError("download_broken", model=listing.name, file=file.path, reason=reason)


def part_of(path: Path, file: HubFile) -> Path:
    """Where the beginning of a file waits for its end; another version has another name."""
    return path.with_name(f".{path.name}.{file.checksum[:16]}.part")


def _go_on(address: str, file: HubFile, part: Path, on_bytes: Callable[[int], object]) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    if size_of(part) > file.size:
        part.unlink()
    hasher, there = file.hasher(), size_of(part)
    with open(part, "ab") as stored:
        with open(part, "rb") as begun:
            hashlib.file_digest(begun, lambda: hasher)
        _tell(on_bytes, there)
        while there < file.size:
            with files.open_url(address, there) as response:
                if there and response.status != 206:  # it sends all of it again
                    stored.truncate(0)
                    hasher, there = file.hasher(), 0
                for block in files.blocks_of(response):
                    there += len(block)
                    if there > file.size:
                        part.unlink()
                        raise Unusable("too_large", wanted=file.size)
                    stored.write(block)
                    hasher.update(block)
                    _tell(on_bytes, there)
            if there < file.size:
                raise Unusable("incomplete")
        stored.flush()
        os.fsync(stored.fileno())  # a full disk may tell only now
    if hasher.hexdigest() != file.checksum:
        part.unlink()
        raise Unusable("wrong_checksum")


def _refused(error: Unusable, name: str) -> ServiceError:
    status = error.reason.details.get("status")
    if status in (401, 403, 404):  # the hub answers 401 for a name that it does not know
        return ModelUnavailableError("hub_not_found", model=name, hub=endpoint())
    return ServiceError("hub_unreachable", model=name, reason=error.reason)


def _file(entry: dict) -> HubFile | None:
    """A row of the list; None for a name that we would not write, or without a checksum."""
    path, size = entry.get("rfilename"), entry.get("size")
    checksum = (entry.get("lfs") or {}).get("sha256") or entry.get("blobId")
    if not (isinstance(path, str) and _PATH.fullmatch(path) and ".." not in path):
        return None
    if any(_DEVICE.match(name) for name in path.split("/")):
        return None
    if type(size) is not int or size < 0:
        return None
    if not isinstance(checksum, str) or not _CHECKSUM.fullmatch(checksum):
        return None
    return HubFile(path, size, checksum)


def _address(listing: Listing, path: str) -> str:
    return f"{endpoint()}/{listing.name}/resolve/{listing.commit}/{quote(path)}"


def size_of(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _tell(on_bytes: Callable[[int], object], there: int) -> None:
    if on_bytes(there) is False:
        raise CancelledError("download_stopped")
