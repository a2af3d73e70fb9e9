"""Scenes of several digits on one canvas, with boxes and a mask: to detect and to segment.

A digit is cut out along its ink and put where its box touches no other. So boxes are tight, and
everything about a scene is known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tripkit.core.errors import RequestError

if TYPE_CHECKING:
    import torch

    from tripkit.datasets.mnist import Digits

INK = 64  # of 255; fainter pixels belong to no digit
GAP = 1  # pixels between boxes, at least
_TRIES = 20  # scenes begun anew, with other digits, when one has filled up too early


@dataclass(frozen=True, eq=False)
class Scene:
    """One canvas and what is on it.

    Attributes:
        image: (size, size) uint8, 0 is background and 255 full ink.
        boxes: (count, 4) int64, x0, y0, x1, y1 in pixels. x1 and y1 are the first pixels outside,
            so that ``image[y0:y1, x0:x1]`` is the digit and x1 - x0 its width.
        labels: (count,) int64, 0 to 9, in the order of the boxes.
        mask: (size, size) int64, 0 for background, 1 + i where the ink of digit i is.
    """

    image: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    mask: np.ndarray

    @property
    def classes(self) -> np.ndarray:
        """(size, size) int64, 0 for background, 1 + label where a digit's ink is."""
        return np.concatenate(([0], self.labels + 1))[self.mask]


def digit_canvas(digits: Digits, count: int, size: int = 64, seed: int = 0) -> Scene:
    """A square canvas with ``count`` different digits in random places that do not overlap.

    Args:
        digits: where the digits are drawn from.
        count: at least 1; up to 7 fit on 64 pixels, 8 mostly.
        size: pixels a side.
        seed: the same seed gives the same scene.

    Raises:
        RequestError: ``bad_option``, the count is not from 1 to the number of digits;
            ``canvas_full``, they do not fit.
    """
    return _scene(digits, count, size, np.random.default_rng(seed))


def scene_set(
    digits: Digits,
    scenes: int,
    *,
    least: int = 1,
    most: int = 4,
    size: int = 64,
    seed: int = 0,
) -> list[Scene]:
    """Scenes to train a small detector or segmenter on, each with ``least`` to ``most`` digits.

    The scenes of a smaller set are the first of a larger one with the same seed.

    Raises:
        RequestError: as `digit_canvas`.
    """
    randoms = (np.random.default_rng([seed, index]) for index in range(scenes))
    return [_scene(digits, int(rng.integers(least, most + 1)), size, rng) for rng in randoms]


def scene_tensors(scenes: list[Scene]) -> tuple[torch.Tensor, torch.Tensor]:
    """Images, (N, 1, size, size) float32 in -1..1, and `Scene.classes`, (N, size, size) int64."""
    import torch

    images = torch.from_numpy(np.stack([scene.image for scene in scenes]).astype(np.float32))
    classes = torch.from_numpy(np.stack([scene.classes for scene in scenes]))
    return images.unsqueeze(1).div_(127.5).sub_(1), classes


def _scene(digits: Digits, count: int, size: int, rng: np.random.Generator) -> Scene:
    if not 1 <= count <= len(digits):
        raise RequestError("bad_option", option="count", value=count, known=f"1–{len(digits)}")
    for _ in range(_TRIES):
        chosen = rng.choice(len(digits), count, replace=False)
        if placed := _placed([_cut(digits.images[index]) for index in chosen], size, rng):
            image, boxes, mask = placed
            return Scene(image, boxes, digits.labels[chosen], mask)
    raise RequestError("canvas_full", count=count, size=size)


def _cut(picture: np.ndarray) -> np.ndarray:
    """The part of a picture that holds its ink; (0, 0) for a blank one."""
    rows, columns = (np.flatnonzero((picture >= INK).any(axis)) for axis in (1, 0))
    if not len(rows):
        return picture[:0, :0]
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _placed(cuts: list[np.ndarray], size: int, rng: np.random.Generator) -> tuple | None:
    """Image, boxes and mask of a scene, or None where a digit is blank or finds no room."""
    image = np.zeros((size, size), np.uint8)
    mask = np.zeros((size, size), np.int64)
    taken = np.zeros((size, size), np.int64)
    boxes = []
    for number, cut in enumerate(cuts, start=1):
        corners = _free_corners(taken, *cut.shape)
        if not len(corners):
            return None
        y, x = corners[rng.integers(len(corners))]
        bottom, right = y + cut.shape[0], x + cut.shape[1]
        image[y:bottom, x:right] = cut
        mask[y:bottom, x:right] = np.where(cut >= INK, number, 0)
        taken[max(y - GAP, 0) : bottom + GAP, max(x - GAP, 0) : right + GAP] = 1
        boxes.append((x, y, right, bottom))
    return image, np.array(boxes), mask


def _free_corners(taken: np.ndarray, height: int, width: int) -> np.ndarray:
    """(places, 2): the y, x of every ``height`` x ``width`` box that covers nothing taken."""
    if not 0 < height <= len(taken) or not 0 < width <= len(taken):
        return np.empty((0, 2), np.int64)
    # A summed-area table: four of its entries give the sum over any box.
    table = np.pad(taken, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    below, above = table[height:], table[:-height]
    inside = below[:, width:] - below[:, :-width] - above[:, width:] + above[:, :-width]
    return np.argwhere(inside == 0)
