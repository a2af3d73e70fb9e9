"""Trains the segmenter of the postcards: which place each pixel of a picture belongs to.

Colours are judged inside the place they were asked for, so that a pink sky does not pass for pink
trees. In the pictures it learns from, any place has any colour: what is where, it has to tell from
forms. It is a small U-Net (Ronneberger et al. 2015, arXiv:1505.04597), trained on the labels that
the renderer gives; no model is trained against it, nor chosen by it.

``python -m recipes.landscapes.segmenter --pictures PICTURES --out RUN --minutes 25 --threads 1``
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from recipes.common import arguments, record, start
from recipes.landscapes.pictures import Pictures
from recipes.place_classifier import blur
from tripkit.colors import RGB, delta_e
from tripkit.datasets.landscapes.scene import KINDS, Scene

CLASSES = len(KINDS) + 1  # 0 is all that belongs to no place: sky, ground, sea
LEAST = 20  # pixels: fewer are no place
MISSING = 40.0  # the Delta-E of a colour whose place is not on the picture
NOISE = 0.1


class Block(nn.Sequential):
    """(B, C, H, W) to (B, ``width``, H, W): a convolution, normalised, positive."""

    def __init__(self, channels: int, width: int, **options):
        super().__init__(
            nn.Conv2d(channels, width, bias=False, **options), nn.BatchNorm2d(width), nn.ReLU()
        )


class Segmenter(nn.Module):
    """(B, 3, 128, 128) in -1..1 to (B, 43, 128, 128) logits."""

    def __init__(self, widths: tuple[int, ...] = (32, 48, 96, 128, 160)):
        super().__init__()
        self.stem = Block(3, widths[0], kernel_size=4, stride=2, padding=1)  # 64 x 64
        pairs = list(zip(widths, widths[1:], strict=False))
        self.down = nn.ModuleList(
            nn.Sequential(
                Block(before, width, kernel_size=3, stride=2, padding=1),
                Block(width, width, kernel_size=3, padding=1),
            )
            for before, width in pairs
        )
        self.up = nn.ModuleList(
            Block(before + width, before, kernel_size=3, padding=1) for before, width in pairs[::-1]
        )
        self.head = nn.Conv2d(widths[0], CLASSES, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The logits, of which those of 64 x 64 are enlarged."""
        x = self.stem(images)
        skips = []
        for layer in self.down:
            skips.append(x)
            x = layer(x)
        for layer in self.up:
            skip = skips.pop()
            x = F.interpolate(x, size=skip.shape[-2:], mode="bilinear")
            x = layer(torch.cat([x, skip], dim=1))
        return F.interpolate(self.head(x), scale_factor=2, mode="bilinear")


def load_segmenter(path: Path) -> Segmenter:
    """A trained segmenter, ready to judge."""
    segmenter = Segmenter()
    state = load_file(path)
    segmenter.load_state_dict(
        {name: t.float() if t.is_floating_point() else t for name, t in state.items()}
    )
    return segmenter.eval()


def class_numbers(scenes: list[Scene]) -> torch.Tensor:
    """(B, 4): the class of what belongs to no place, 0, and of each stop, by its number."""
    table = torch.zeros(len(scenes), 4, dtype=torch.long)
    for row, scene in zip(table, scenes, strict=True):
        for number, stop in enumerate(scene.stops, start=1):
            row[number] = 1 + KINDS.index(stop.kind)
    return table


def classes_of(scenes: list[Scene], labels: torch.Tensor) -> torch.Tensor:
    """(B, H, W): from the number of a stop in its scene to 1 + the number of its kind."""
    table = class_numbers(scenes).to(labels.device)
    return table.gather(1, labels.flatten(1)).view_as(labels)


def intersections(predicted: torch.Tensor, labels: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Pixels in both and pixels in either, a class each: two arrays of (43,)."""
    pairs = (labels * CLASSES + predicted).flatten().bincount(minlength=CLASSES**2)
    table = pairs.view(CLASSES, CLASSES).cpu().numpy()  # rows are labels
    both = table.diagonal()
    return both, table.sum(0) + table.sum(1) - both


@torch.no_grad()
def mean_iou(segmenter: Segmenter, data: Pictures) -> float:
    """Intersection over union on held-out renders, the mean over the kinds of place."""
    both, either = np.zeros(CLASSES), np.zeros(CLASSES)
    for start_at in range(data.test.start, data.test.stop, 50):
        indices = range(start_at, min(start_at + 50, data.test.stop))
        scenes, images = data.take(indices)
        labels = classes_of(scenes, data.masks(indices))
        part = intersections(segmenter(images).argmax(1), labels)
        both, either = both + part[0], either + part[1]
    seen = either[1:] > 0
    return round(float((both[1:][seen] / either[1:][seen]).mean()), 4)


@torch.no_grad()
def color_errors(segmenter: Segmenter, image: Image.Image, asked: dict[str, RGB]) -> list[float]:
    """The CIEDE2000 of each asked colour and the median colour of its place on the picture.

    Args:
        segmenter: tells which pixels are the place's, among the asked kinds and the background.
        image: of 128 x 128 pixels.
        asked: RGB by kind.
    """
    array = np.asarray(image.convert("RGB"))
    tensor = torch.from_numpy(array.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
    logits = segmenter(tensor)[0]
    # A pixel of a place that nobody asked for shall not hide one that somebody did.
    numbers = [0, *(1 + KINDS.index(kind) for kind in asked)]
    where = logits[numbers].argmax(0).numpy()
    errors = []
    for number, rgb in enumerate(asked.values(), start=1):
        pixels = array[where == number]
        median = np.median(pixels, axis=0) if len(pixels) >= LEAST else None
        errors.append(MISSING if median is None else float(delta_e(median, rgb)))
    return errors


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=32, learning_rate=3e-3)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of the pictures")
    options = parser.parse_args()
    segmenter = Segmenter().to(memory_format=torch.channels_last)
    run = start(options, {"segmenter": segmenter})
    data = Pictures(options.pictures, run.device)
    for _ in run:
        indices = run.rng.integers(0, data.size, options.batch)
        scenes, images = data.take(indices)
        labels = classes_of(scenes, data.masks(indices))
        third = options.batch // 3  # as a decoder softens, or leaves some noise
        images[:third] = blur(images[:third], 3)
        images[third : 2 * third] += NOISE * torch.randn_like(images[third : 2 * third])
        with run.autocast():
            logits = segmenter(images)
        run.update(F.cross_entropy(logits.float(), labels))
        if run.step % 500 == 0:
            run.log(mean_iou=mean_iou(segmenter.eval(), data))
            segmenter.train()
    score = mean_iou(segmenter.eval(), data)
    run.log(mean_iou=score)
    if run.processes.is_main_process:
        state = {
            name: (tensor.half() if tensor.is_floating_point() else tensor).contiguous()
            for name, tensor in segmenter.state_dict().items()
        }
        save_file(state, options.out / "model.safetensors")
        record(run, mean_iou=score)


if __name__ == "__main__":
    main()
