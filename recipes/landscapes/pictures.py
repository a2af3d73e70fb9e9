"""Draws the pictures that the other recipes learn from, once: ``--out FOLDER --count 40000``.

Shards of 1,000 pictures, each from a seed of its own, so that a run that was cut off goes on and
several processes share the work: ``--shards 0:20`` beside ``--shards 20:40``. Training and test
pictures differ in their seeds; `Pictures` reads a folder.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from tripkit.colors import COLOR_NAMES
from tripkit.datasets.landscapes.render import SIZE, render_with_masks
from tripkit.datasets.landscapes.scene import PlacedStop, Scene, random_scene

SHARD = 1000


def draw(scenes: list[Scene], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(N, H, W, 3) pictures and (N, H, W) labels: 0, or 1 + the stop that a pixel shows; uint8."""
    images = np.zeros((len(scenes), SIZE, SIZE, 3), np.uint8)
    labels = np.zeros((len(scenes), SIZE, SIZE), np.uint8)
    for i, scene in enumerate(scenes):
        image, masks = render_with_masks(scene, rng)
        images[i] = np.asarray(image)
        for number, mask in enumerate(masks, start=1):
            labels[i][mask] = number
    return images, labels


def write_shard(folder: Path, number: int, seed: int) -> None:
    """Draw one shard, unless it is there."""
    done = folder / f"{number:04d}.json"
    if done.exists():
        return
    rng = np.random.default_rng((seed, number))
    colors = [color.rgb for color in COLOR_NAMES]
    scenes = [random_scene(rng, colors) for _ in range(SHARD)]
    images, labels = draw(scenes, rng)
    np.save(folder / f"{number:04d}.images.npy", images)
    np.save(folder / f"{number:04d}.labels.npy", labels)
    # Last, so that a shard with scenes is a whole one.
    done.write_text(json.dumps([asdict(scene) for scene in scenes]), encoding="utf-8")


def read_scene(row: dict) -> Scene:
    """A scene as `write_shard` writes it."""
    stops = tuple(PlacedStop(stop["kind"], tuple(stop["rgb"])) for stop in row["stops"])
    return Scene(stops, time=row["time"], weather=row["weather"], season=row["season"])


class Pictures:
    """The pictures of a folder, mapped into memory.

    Args:
        folder: where `write_shard` wrote.
        device: where batches are put.
        kept: so many of the last pictures are for tests: `draw` never takes them; None is a shard.
    """

    def __init__(self, folder: Path, device: torch.device | str = "cpu", kept: int | None = None):
        self.device = device
        self.scenes: list[Scene] = []
        self.images: list[np.ndarray] = []
        self.labels: list[np.ndarray] = []
        for rows in sorted(folder.glob("*.json")):
            self.scenes += map(read_scene, json.loads(rows.read_text(encoding="utf-8")))
            for name, shards in (("images", self.images), ("labels", self.labels)):
                shards.append(np.load(rows.with_suffix(f".{name}.npy"), mmap_mode="r"))
        self.size = max(0, len(self.scenes) - (SHARD if kept is None else kept))
        self.test = range(self.size, len(self.scenes))

    def draw(self, count: int, rng: np.random.Generator) -> tuple[list[Scene], torch.Tensor]:
        """``count`` scenes by chance, and their pictures, (B, 3, 128, 128) in -1..1."""
        return self.take(rng.integers(0, self.size, count))

    def take(self, indices) -> tuple[list[Scene], torch.Tensor]:
        """The scenes and pictures of these numbers."""
        array = np.stack([self.images[i // SHARD][i % SHARD] for i in indices])
        tensor = torch.from_numpy(array).permute(0, 3, 1, 2).float() / 127.5 - 1
        tensor = tensor.to(self.device).contiguous(memory_format=torch.channels_last)
        return [self.scenes[i] for i in indices], tensor

    def masks(self, indices) -> torch.Tensor:
        """(B, 128, 128) labels: 0, or 1 + the place of the stop in the scene."""
        array = np.stack([self.labels[i // SHARD][i % SHARD] for i in indices])
        return torch.from_numpy(array).long().to(self.device)


def main() -> None:
    """The recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", default="0:40", help="from:to, of 1,000 pictures each")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    first, last = map(int, options.shards.split(":"))
    for number in range(first, last):
        write_shard(options.out, number, options.seed)
        print(f"{number + 1 - first} of {last - first} shards", flush=True)


if __name__ == "__main__":
    main()
