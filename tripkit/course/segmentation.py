"""Seeing digits on a canvas: a small segmenter, connected pieces, boxes, and how they are judged.

A segmenter gives each pixel a class. The pieces of its ink, each in a box with the class of most
of its pixels, are detected objects.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tripkit.datasets.digit_scenes import Scene

NUM_CLASSES = 11  # background, then the digits 0 to 9
FACTOR = 8  # pixels of the canvas in one cell of the coarse view


def _layer(in_channels: int, out_channels: int) -> list[nn.Module]:
    # No bias: the batch norm behind it subtracts the mean, and a bias with it.
    convolution = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
    return [convolution, nn.BatchNorm2d(out_channels), nn.ReLU()]


class SceneSegmenter(nn.Module):
    """(B, 1, H, W) in -1..1 to (B, 11, H, W) logits; H and W are multiples of 8.

    Only convolutions, so that it reads any size (Long et al. 2015, arXiv:1411.4038). As there, a
    coarse view says what is where, roughly, and a fine one where exactly; both are added.

    Args:
        channels: at a half, a quarter and an eighth of the size.
    """

    def __init__(self, channels: tuple[int, int, int] = (24, 48, 96)):
        super().__init__()
        fine, middle, coarse = channels
        self.what = nn.Sequential(
            nn.PixelUnshuffle(2),  # (B, 4, H / 2, W / 2)
            *_layer(4, fine),
            nn.MaxPool2d(2),
            *_layer(fine, middle),
            nn.MaxPool2d(2),
            *_layer(middle, coarse),
            *_layer(coarse, coarse),
            nn.Conv2d(coarse, NUM_CLASSES, 1),  # (B, 11, H / 8, W / 8)
        )
        self.where = nn.Conv2d(1, NUM_CLASSES, 3, padding=1)
        self.to(memory_format=torch.channels_last)  # faster convolutions on a CPU

    def forward(self, images: Tensor) -> Tensor:
        """Logits of background (0) and of digit d (1 + d) for each pixel."""
        # Bilinear, and not learnt as in the paper: the fine view draws the edges.
        what = F.interpolate(self.what(images), scale_factor=FACTOR, mode="bilinear")
        return what + self.where(images)

    @torch.no_grad()
    def classes(self, images: Tensor) -> Tensor:
        """(B, H, W) int64: the likeliest class of each pixel, as `Scene.classes` counts them."""
        return self.eval()(images).argmax(1)


@dataclass(frozen=True)
class Detections:
    """What was detected in one scene.

    Attributes:
        boxes: (count, 4) int64, x0, y0, x1, y1 in pixels, x1 and y1 the first ones outside.
        labels: (count,) int64, 0 to 9.
    """

    boxes: Tensor
    labels: Tensor


def pieces(ink: Tensor) -> Tensor:
    """Numbers the connected pieces of ink: (H, W) bool to (H, W) int64, 0 where there is none.

    Pixels that touch at a corner are connected. Each pixel starts with a number of its own, and the
    highest number spreads over its piece.
    """
    # Floats, since max_pool2d takes no integers; in float64 they count exactly.
    own = torch.arange(1, ink.numel() + 1, dtype=torch.float64).view(1, 1, *ink.shape)
    numbers, previous = own * ink, None
    while previous is None or not torch.equal(numbers, previous):
        previous = numbers
        numbers = F.max_pool2d(numbers, 3, stride=1, padding=1) * ink  # (1, 1, H, W)
    # Numbered on from the least, which is 0 for the background, unless all is ink.
    return torch.unique(numbers, return_inverse=True)[1][0, 0] + int(ink.all())


def detect(classes: Tensor, least: int = 12) -> Detections:
    """Boxes and labels of the pieces of ink in a map of classes.

    Args:
        classes: (H, W) int64, 0 for background, 1 + d for digit d.
        least: pixels; smaller pieces are taken for dirt.
    """
    numbers = pieces(classes > 0)
    boxes, labels = [], []
    for number in range(1, int(numbers.max()) + 1):
        # The pixels of one piece: its box, and the class that most of them have.
        rows, columns = (numbers == number).nonzero(as_tuple=True)
        if len(rows) >= least:
            boxes.append([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
            labels.append(classes[rows, columns].bincount(minlength=NUM_CLASSES).argmax() - 1)
    return Detections(torch.tensor(boxes).view(-1, 4).long(), torch.tensor(labels).long())


def box_iou(boxes: Tensor, others: Tensor) -> Tensor:
    """Intersection over union of each box with each other one: (N, 4) and (M, 4) to (N, M).

    Boxes are x0, y0, x1, y1, with x1 and y1 just outside. 1 is the same box, 0 is no overlap.
    """
    boxes, others = boxes[:, None].double(), others[None].double()  # (N, 1, 4) and (1, M, 4)
    # The corners of the intersection, (N, M, 2); a negative side means that there is none.
    low = torch.maximum(boxes[..., :2], others[..., :2])
    high = torch.minimum(boxes[..., 2:], others[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    areas = [(each[..., 2:] - each[..., :2]).prod(-1) for each in (boxes, others)]
    return shared / (areas[0] + areas[1] - shared)


def detected(detections: Detections, scene: Scene, threshold: float = 0.5) -> Tensor:
    """Which digits of a scene were detected: (count,) bool.

    A digit is detected where a box of its class overlaps its own with an intersection over union
    of ``threshold`` or more.
    """
    return _matches(detections, scene, threshold).any(1)


def right_boxes(detections: Detections, scene: Scene, threshold: float = 0.5) -> Tensor:
    """Which of the detections find a digit, by the rule of `detected`: one bool each."""
    return _matches(detections, scene, threshold).any(0)


def _matches(detections: Detections, scene: Scene, threshold: float) -> Tensor:
    """(digits of the scene, detections) bool."""
    overlap = box_iou(torch.from_numpy(scene.boxes), detections.boxes) >= threshold
    return overlap & (torch.from_numpy(scene.labels)[:, None] == detections.labels[None])


def class_iou(predicted: Tensor, truth: Tensor) -> Tensor:
    """Intersection over union of each class's pixels, (11,); nan for a class that is in neither.

    Args:
        predicted: int64 of 0 to 10, any shape.
        truth: of the same shape.
    """
    # The confusion matrix: pixels by predicted and true class, (11, 11).
    confusion = torch.zeros(NUM_CLASSES, NUM_CLASSES, dtype=torch.float64)
    pairs = predicted.flatten(), truth.flatten()
    confusion.index_put_(pairs, torch.ones(1).double(), accumulate=True)
    intersection = confusion.diagonal()
    return intersection / (confusion.sum(0) + confusion.sum(1) - intersection)
