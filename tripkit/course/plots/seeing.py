"""Figures of notebook 01: pixels as numbers, what a classifier reads, scenes with their objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib import color_sequences
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from tripkit.course.plots.base import blank, closed
from tripkit.course.plots.digits import COLORS, STYLES
from tripkit.course.segmentation import Detections, pieces, right_boxes
from tripkit.datasets.digit_scenes import Scene

# A colour for background and each digit; pieces also carry their digit as text.
_CLASS_COLORS = ListedColormap(["black", *color_sequences["tab10"]])
_MISSED, _RIGHT, _WRONG = "#999999", "#56b4e9", "#e69f00"  # told apart by colour-blind readers


def pixel_numbers(image: np.ndarray, *, border: int = 4, size: float = 4.0) -> Figure:
    """The pixels of a digit as the numbers that a computer gets, 0 to 255, without their shades.

    Args:
        image: (28, 28) uint8.
        border: pixels left out on each side.
        size: inches a side.
    """
    part = image[border:-border, border:-border] if border else image
    figure, axes = blank(1, 1, (size, size))
    axis = axes[0, 0]
    for (row, column), value in np.ndenumerate(part):
        axis.text(column, row, str(value), ha="center", va="center", fontsize=5.5)
    axis.set(xlim=(-0.5, part.shape[1] - 0.5), ylim=(part.shape[0] - 0.5, -0.5))
    return closed(figure)


def readings(images, probabilities, names: Sequence[str] = (), *, size: float = 1.1) -> Figure:
    """Pictures in a row; under each, how likely a classifier takes it for each digit.

    Args:
        images: (N, 1, 28, 28) in -1..1.
        probabilities: (N, 10), each row adds up to 1.
        names: one above each picture.
        size: inches a picture.
    """
    images, probabilities = np.asarray(images)[:, 0], np.asarray(probabilities)
    figure, axes = blank(2, len(images), (size * len(images) + 0.3, 2.2 * size))
    for index, (image, row) in enumerate(zip(images, probabilities, strict=True)):
        picture, bars = axes[:, index]
        picture.imshow(image, cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
        name = f"{names[index]}\n" if names else ""
        picture.set_title(f"{name}{row.argmax()}: {row.max():.0%}", fontsize=8)
        bars.set_axis_on()
        bars.bar(range(10), row, color=[COLORS[1 if p == row.max() else 0] for p in row])
        bars.set(ylim=(0, 1), xticks=range(10), yticks=[0, 1] if index == 0 else [])
        bars.tick_params(labelsize=6, length=2, pad=1)
    axes[1, 0].set_ylabel("p(y|x)", fontsize=8)
    return closed(figure)


def scene_maps(images, maps: Mapping[str, Sequence], *, size: float = 1.6) -> Figure:
    """Canvases in a row, and under them maps of classes, each piece marked with its digit.

    Args:
        images: (N, H, W), 0 to 255.
        maps: (N, H, W) of 0 for background and 1 + d for digit d, by the name of their row.
        size: inches a canvas.
    """
    figure, axes = blank(1 + len(maps), len(images), (size * len(images), size * (1 + len(maps))))
    for axis, image in zip(axes[0], images, strict=True):
        axis.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    for line, (name, classes) in zip(axes[1:], maps.items(), strict=True):
        for axis, each in zip(line, classes, strict=True):
            _show_classes(axis, each)
        line[0].set_title(name, fontsize=9, loc="left")
    axes[0, 0].set_title("canvas", fontsize=9, loc="left")
    return closed(figure)


def _show_classes(axis, classes) -> None:
    classes = torch.as_tensor(classes)
    axis.imshow(classes, cmap=_CLASS_COLORS, vmin=0, vmax=10, interpolation="nearest")
    for digit in range(10):
        numbers = pieces(classes == 1 + digit)
        for number in range(1, int(numbers.max()) + 1):
            rows, columns = np.nonzero(np.asarray(numbers) == number)
            if len(rows) >= 12:
                at = (columns.mean(), rows.mean())
                axis.text(*at, digit, color="white", fontsize=9, weight="bold", ha="center")


def boxes(
    scenes: Sequence[Scene],
    detections: Sequence[Detections] | None = None,
    *,
    columns: int = 4,
    size: float = 2.0,
) -> Figure:
    """Canvases with the boxes of their digits, or with what a detector found beside what is there.

    The true boxes are dashed. A detector's are blue where a digit of that class is there with an
    intersection over union of 1/2 or more, orange elsewhere.

    Args:
        scenes: with their true boxes.
        detections: one for each scene; None shows the true boxes with their labels.
        columns: canvases in a row.
        size: inches a canvas.
    """
    rows = -(-len(scenes) // columns)
    figure, axes = blank(rows, columns, (size * columns, size * rows))
    for index, (axis, scene) in enumerate(zip(axes.flat, scenes, strict=False)):
        axis.imshow(scene.image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        for box, label in zip(scene.boxes, scene.labels, strict=True):
            _box(axis, box, _MISSED, "" if detections else str(label), style="--")
        if detections:
            detection = detections[index]
            right = right_boxes(detection, scene)
            for box, label, good in zip(detection.boxes, detection.labels, right, strict=True):
                _box(axis, box, _RIGHT if good else _WRONG, str(int(label)))
    return closed(figure)


def _box(axis, box, color: str, label: str, style: str = "-") -> None:
    x0, y0, x1, y1 = (float(side) - 0.5 for side in box)
    corner, width, height = (x0, y0), x1 - x0, y1 - y0
    axis.add_patch(plt.Rectangle(corner, width, height, fill=False, edgecolor=color, ls=style))
    ground = {"facecolor": "black", "edgecolor": "none", "alpha": 0.6, "pad": 0.5}
    if label:
        axis.text(x0, y0 - 1, label, color=color, weight="bold", va="bottom", bbox=ground)


def stacked_curves(
    panels: Mapping[str, Mapping[str, object]], x, *, x_label: str, size: tuple = (5, 3.6)
) -> Figure:
    """Panels of lines, one below the other, over one x axis.

    Args:
        panels: lines by name, by the label of their panel's y axis.
        x: the x values of all.
        x_label: with its unit.
        size: inches.
    """
    figure, axes = plt.subplots(len(panels), 1, figsize=size, sharex=True, layout="constrained")
    for axis, (y_label, lines) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        for index, (name, y) in enumerate(lines.items()):
            axis.plot(x, y, STYLES[index], color=COLORS[index], label=name)
        axis.set_ylabel(y_label)
        axis.grid(alpha=0.3)
        if len(lines) > 1:
            axis.legend(fontsize=8)
    axis.set_xlabel(x_label)
    return closed(figure)


def strips(panels: Mapping[str, Mapping[str, object]], *, log: Sequence[str] = ()) -> Figure:
    """One dot for each picture, in a row for each kind; a panel for each thing measured.

    Args:
        panels: (N,) values by kind, by the label of their panel's x axis; all hold the same kinds.
        log: labels of panels with a logarithmic axis.
    """
    kinds = list(next(iter(panels.values())))
    size = (2.9 * len(panels) + 0.8, 0.38 * len(kinds) + 0.7)
    figure, axes = plt.subplots(1, len(panels), figsize=size, sharey=True, layout="constrained")
    shake = np.random.default_rng(0)
    for axis, (label, groups) in zip(np.atleast_1d(axes), panels.items(), strict=True):
        for row, kind in enumerate(kinds):
            values = np.asarray(groups[kind])
            heights = row + shake.uniform(-0.25, 0.25, len(values))
            axis.scatter(values, heights, s=6, alpha=0.5, color=COLORS[row % len(COLORS)])
            axis.plot([np.median(values)] * 2, [row - 0.4, row + 0.4], color="black")
        axis.set(xlabel=label, yticks=range(len(kinds)), yticklabels=kinds)
        axis.set_xscale("log" if label in log else "linear")
        axis.grid(axis="x", alpha=0.3)
    np.atleast_1d(axes)[0].invert_yaxis()
    return closed(figure)
