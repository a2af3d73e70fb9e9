"""Files that are written whole or not at all."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file that appears whole or not at all, also when another process writes it too.

    Raises:
        OSError: the disk is full, the folder is not there or not writable; nothing is left behind.
    """
    with _part(path, data) as part:
        os.replace(part, path)


def write_new(folder: Path, stem: str, suffix: str, data: bytes) -> Path:
    """Writes ``<stem>-<n><suffix>`` with the first free number, whole or not at all.

    Returns:
        Its path. No file is replaced, also when another process writes at the same time.

    Raises:
        OSError: see `write_whole`.
    """
    with _part(folder / f"{stem}{suffix}", data) as part:
        path = _claim(folder, stem, suffix)
        try:
            os.replace(part, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path


@contextmanager
def _part(path: Path, data: bytes) -> Iterator[Path]:
    """The data in a hidden file beside ``path``, which goes where it is not moved there."""
    part = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}.part")
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # a full disk may tell only now
        yield part
    except BaseException:  # Ctrl+C too
        part.unlink(missing_ok=True)
        raise


def _claim(folder: Path, stem: str, suffix: str) -> Path:
    """An empty new file of the next free number, so that two at once never share a name."""
    number = 0
    while True:
        number += 1
        path = folder / f"{stem}-{number}{suffix}"
        with suppress(FileExistsError), open(path, "xb"):
            return path
