"""The U-Net as a slide: its parts in the order of the data, with sizes and numbers of weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from tripkit.course.plots.base import blank, closed
from tripkit.course.plots.digits import COLORS

if TYPE_CHECKING:
    from torch import nn

HEIGHTS = {28: 3.0, 14: 2.2, 7: 1.4}  # of a box, by the pixels a side
SKIP = ("down", "up")  # what the arrow across the U joins


@dataclass(frozen=True)
class Part:
    """One part of a network.

    Attributes:
        name: of the module.
        shape: (channels, height, width) that it gives for one picture; (width,) for a vector.
        parameters: how many weights it has.
    """

    name: str
    shape: tuple[int, ...]
    parameters: int


def unet_parts(unet: nn.Module) -> list[Part]:
    """The parts of a `DigitUNet` in the order in which one picture passes them."""
    import torch

    parts: list[Part] = []

    def note(name: str):
        def hook(module, _inputs, output) -> None:
            count = sum(p.numel() for p in module.parameters())
            parts.append(Part(name, tuple(output.shape[1:]), count))

        return hook

    hooks = []
    for name, child in unet.named_children():
        several = isinstance(child, torch.nn.ModuleList)
        for number, part in enumerate(child if several else [child], start=1):
            title = f"{name} {number}" if several else name
            hooks.append(part.register_forward_hook(note(title)))
    try:
        with torch.no_grad():
            unet(torch.zeros(1, 1, 28, 28, device=next(unet.parameters()).device), 0)
    finally:
        for hook in hooks:
            hook.remove()
    return parts


def unet_diagram(unet: nn.Module) -> Figure:
    """The U-Net from left to right; a box is as high as its pictures are large."""
    parts = unet_parts(unet)
    vectors = [part for part in parts if len(part.shape) == 1]
    boxes = [part for part in parts if len(part.shape) == 3]
    ends = [Part("noisy digit", (1, 28, 28), 0), Part("answer", (1, 28, 28), 0)]
    boxes = [ends[0], *boxes, ends[1]]
    figure, axes = blank(1, 1, (10, 3.6))
    axis = axes[0, 0]
    for place, part in enumerate(boxes):
        _box(axis, place, part)
        if place:
            _arrow(axis, (place - 0.58, 0), (place - 0.42, 0))
    places = [place for place, part in enumerate(boxes) if part.name in SKIP]
    _arrow(axis, (places[0], 1.15), (places[1], 1.15), "arc3,rad=-0.25")
    axis.text(sum(places) / 2, 1.45, "kept for the way up", ha="center", fontsize=8)
    names = " + ".join(f"{part.name} ({part.shape[0]} numbers)" for part in vectors)
    count = sum(part.parameters for part in vectors)
    words = f"{names}: {count:,} weights, added inside down, middle and up."
    axis.text(len(boxes) / 2 - 0.5, -1.95, words, ha="center", fontsize=8)
    axis.set(xlim=(-0.6, len(boxes) - 0.4), ylim=(-2.1, 2.1))
    return closed(figure)


def _box(axis, place: int, part: Part) -> None:
    channels, side, _ = part.shape
    height = HEIGHTS[side]
    has_weights = part.parameters > 0
    axis.add_patch(
        plt.Rectangle(
            (place - 0.42, -height / 2),
            0.84,
            height,
            facecolor=COLORS[5] if has_weights else "0.9",
            edgecolor="0.3",
        )
    )
    words = f"{part.name}\n\n{channels}\u00d7{side}\u00d7{side}"
    words += f"\n{part.parameters:,}\nweights" if has_weights else ""
    axis.text(place, 0, words, ha="center", va="center", fontsize=8)


def _arrow(axis, start, end, curve: str = "arc3") -> None:
    style = {"arrowstyle": "->", "connectionstyle": curve, "color": "0.2"}
    axis.annotate("", xy=end, xytext=start, arrowprops=style)
