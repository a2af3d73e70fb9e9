"""The checkpoint of a training run: one safetensors file, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from tripkit.core.errors import StorageError, disk_problem
from tripkit.core.messages import Phrase
from tripkit.core.weights import few, not_finite

FILE = "checkpoint.safetensors"
PART = "checkpoint.part"  # always the same name: a killed save leaves one file, and not one each
LIMIT = 10**15  # no run makes so many steps, sees so many pictures or takes so many seconds


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns the disk's errors into a sentence.

    Raises:
        StorageError: ``training_not_saved``.
    """
    try:
        yield
    except OSError as error:
        raise StorageError(
            "training_not_saved", folder=str(folder), reason=disk_problem(error)
        ) from error


def write(folder: Path, tensors: dict[str, Tensor], counts: dict[str, float]) -> None:
    """Replace the folder's checkpoint.

    Raises:
        StorageError: ``training_not_saved``; the checkpoint before it is still there.
    """
    part = folder / PART
    with writing(folder):
        try:
            part.write_bytes(save(tensors, {name: str(count) for name, count in counts.items()}))
            part.replace(folder / FILE)
        finally:
            part.unlink(missing_ok=True)


def read(folder: Path) -> tuple[dict[str, Tensor], dict[str, float]] | None:
    """The tensors and counts (step, pictures, seconds) of the folder's checkpoint, if it has one.

    What a killed save left is removed.

    Raises:
        StorageError: ``bad_checkpoint``, it is damaged, no checkpoint of ours, or holds NaN.
    """
    path = folder / FILE
    with writing(folder):
        (folder / PART).unlink(missing_ok=True)
    if not os.path.lexists(path):  # a link that leads nowhere is one that cannot be read
        return None
    try:
        with safe_open(path, "pt") as file:
            counts = _counts(file.metadata())
        tensors = load_file(path)
    except OSError as error:
        raise bad(path, disk_problem(error)) from error
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise bad(path, Phrase("problem.damaged")) from error
    if names := not_finite(tensors):
        raise bad(path, Phrase("problem.not_finite", names=few(names)))
    return tensors, counts


def _counts(metadata: dict[str, str]) -> dict[str, float]:
    kinds = {"step": int, "pictures": int, "seconds": float}
    counts = {name: kind(metadata[name]) for name, kind in kinds.items()}
    if not all(0 <= count < LIMIT for count in counts.values()):  # nor nan
        raise ValueError(counts)
    return counts


def bad(path: Path, reason: Phrase | str) -> StorageError:
    """The error of a checkpoint that cannot be used."""
    return StorageError("bad_checkpoint", path=str(path), reason=reason)
