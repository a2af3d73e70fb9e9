"""Handwritten digits: MNIST, downloaded by its users, or the offline set from the course's DDPM.

The two are interchangeable, and neither ever stands in silently for the other: `Digits.label`
says on screen which one it is. MNIST is by Y. LeCun, C. Cortes and C. Burges (CC BY-SA 3.0).
"""

from __future__ import annotations

import os
import zipfile
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tripkit.core.errors import RequestError, StorageError
from tripkit.core.messages import Phrase, text
from tripkit.core.settings import check_option, data_folder, package_folder
from tripkit.downloads.files import KnownFile, obtain

if TYPE_CHECKING:
    import torch

SIZE = 28  # pixels a side
CLASSES = 10
SPLITS = ("train", "test")
SOURCES = ("offline", "mnist")
OFFLINE = package_folder() / "data" / "digits.npz"

# Copies that others rely on too: torchvision, Hugging Face's ylecun/mnist, MLX's Swift examples.
# The original site has stopped serving the files.
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
# Images and labels of each split. Mirrors pack them differently: checksums are of unpacked bytes.
FILES = {
    "train": (
        KnownFile("train-images-idx3-ubyte", 47_040_016, "6bbc9ace898e44ae57da46a324031adb"),
        KnownFile("train-labels-idx1-ubyte", 60_008, "a25bea736e30d166cdddb491f175f624"),
    ),
    "test": (
        KnownFile("t10k-images-idx3-ubyte", 7_840_016, "2646ac647ad5339dbf082846283269ea"),
        KnownFile("t10k-labels-idx1-ubyte", 10_008, "27ae3e4e09519cfbb04c329615203637"),
    ),
}


@dataclass(frozen=True, eq=False)
class Digits:
    """Pictures of digits and what they show.

    Attributes:
        images: (N, 28, 28) uint8, 0 is background and 255 full ink.
        labels: (N,) int64, 0 to 9.
        source: "mnist" or "offline".
    """

    images: np.ndarray
    labels: np.ndarray
    source: str

    def __len__(self):
        return len(self.labels)

    def tensors(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Images as models take them, (N, 1, 28, 28) float32 in -1..1, and labels, (N,) int64."""
        import torch

        images = torch.from_numpy(self.images.astype(np.float32)).unsqueeze(1)
        return images.div_(127.5).sub_(1), torch.from_numpy(self.labels.astype(np.int64))

    def take(self, count: int, seed: int = 0) -> Digits:
        """``count`` digits drawn at random, every class as often as any other, in mixed order.

        Counts of classes differ by at most one, as long as the rarest class lasts. The digits of a
        smaller count are the first of a larger one.

        Raises:
            RequestError: ``bad_option``, the count is not from 1 to the number of digits.
        """
        if not 1 <= count <= len(self):
            raise RequestError("bad_option", option="count", value=count, known=f"1–{len(self)}")
        order = np.random.default_rng(seed).permutation(len(self))
        turn = np.empty(len(self), dtype=np.int64)  # the how-manieth of its class each one is
        for label in range(CLASSES):
            members = self.labels[order] == label
            turn[members] = np.arange(members.sum())
        chosen = order[np.argsort(turn, kind="stable")[:count]]
        return Digits(self.images[chosen], self.labels[chosen], self.source)

    def label(self, language: str = "en") -> str:
        """What these digits are, for the screen, in ``"en"`` or ``"ko"``."""
        return text(f"digits.{self.source}", language, count=f"{len(self):,}")


def load_digits(split: str = "train", source: str | None = None) -> Digits:
    """The digits of one split, from the offline set or from MNIST.

    Args:
        split: "train" (offline 8,000 digits, MNIST 60,000) or "test" (2,000 and 10,000).
        source: "offline" or "mnist"; None takes ``TRIPKIT_DIGITS``, else "offline". MNIST is kept
            in the folder ``mnist`` of `settings.data_folder`, and downloaded when it is not there
            or damaged.

    Raises:
        RequestError: ``bad_option``, a split or source that there is not.
        ServiceError: ``mnist_not_downloaded``, no mirror had it: no network, say.
        StorageError: ``mnist_not_saved``, the disk is full, say; ``no_offline_digits``.
    """
    option = "source"
    if source is None:
        source, option = os.environ.get("TRIPKIT_DIGITS", "").strip() or "offline", "TRIPKIT_DIGITS"
    check_option("split", split, SPLITS)
    check_option(option, source, SOURCES)
    images, labels = _mnist(split) if source == "mnist" else _offline(split)
    return Digits(images, labels.astype(np.int64), source)


def read_idx(data: bytes) -> np.ndarray:
    """The array in an IDX file of unsigned bytes, the format of MNIST; not writable.

    It begins with two zero bytes, the code 8 for unsigned bytes and the number of dimensions; each
    dimension follows as 4 bytes, big end first; then the values, the last dimension fastest.

    Raises:
        StorageError: ``bad_idx``, it begins otherwise, or is shorter or longer than it says.
    """
    dimensions = data[3] if len(data) > 3 else 0
    if data[:3] != b"\0\0\x08" or not dimensions:
        raise StorageError("bad_idx", problem=Phrase("problem.idx_magic", got=data[:4].hex(" ")))
    start = 4 + 4 * dimensions
    shape = tuple(int.from_bytes(data[at : at + 4], "big") for at in range(4, start, 4))
    if len(data) != (wanted := start + prod(shape)):
        problem = Phrase("problem.idx_size", got=len(data), wanted=wanted)
        raise StorageError("bad_idx", problem=problem)
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def _mnist(split: str) -> tuple[np.ndarray, np.ndarray]:
    folder, mirrors = data_folder() / "mnist", list(MIRRORS)
    images, labels = (read_idx(obtain(file, folder, mirrors)) for file in FILES[split])
    return images, labels


def _offline(split: str) -> tuple[np.ndarray, np.ndarray]:
    images, labels = _unzipped(OFFLINE)
    cut = len(labels) * 4 // 5  # 8,000 of 10,000
    part = slice(cut) if split == "train" else slice(cut, None)
    return images[part], labels[part]


def _unzipped(path: Path) -> tuple[np.ndarray, np.ndarray]:
    reason = "problem.damaged"
    try:
        # Opened here, since np.load leaves a broken file open.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            images, labels = arrays["images"], arrays["labels"]
        if images.dtype == labels.dtype == np.uint8 and images.shape == (len(labels), SIZE, SIZE):
            return images, labels
    except FileNotFoundError:
        reason = "problem.no_such_file"
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error):
        pass
    raise StorageError("no_offline_digits", path=str(path), reason=Phrase(reason))
