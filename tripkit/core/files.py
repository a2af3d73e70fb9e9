"""Files that are written whole or not at all."""

import os
import uuid
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file that appears whole or not at all, also when another process writes it too.

    Raises:
        OSError: the disk is full, the folder is not there or not writable; nothing is left behind.
    """
    part = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}.part")
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # a full disk may tell only now
        os.replace(part, path)
    except BaseException:  # Ctrl+C too
        part.unlink(missing_ok=True)
        raise
