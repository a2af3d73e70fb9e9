"""A sheet of random landscapes, to be looked at: python -m benchmarks.landscapes_sheet out.png."""

from __future__ import annotations

import argparse

import numpy as np
from PIL import Image

from tripkit.colors import COLOR_NAMES
from tripkit.datasets.landscapes.render import render
from tripkit.datasets.landscapes.scene import KINDS, PlacedStop, Scene, random_scene


def scenes(count: int, seed: int, *, alone: bool) -> list[Scene]:
    """Random scenes; ``alone`` gives each kind a scene of its own, in a random order."""
    rng = np.random.default_rng(seed)
    colors = [color.rgb for color in COLOR_NAMES]
    drawn = [random_scene(rng, colors, count=1 if alone else 0) for _ in range(count)]
    if not alone:
        return drawn
    return [_of(str(kind), scene) for kind, scene in zip(rng.permutation(KINDS), drawn)]  # noqa: B905


def _of(kind: str, scene: Scene) -> Scene:
    stop = PlacedStop(kind, scene.stops[0].rgb)
    if kind == "northern_lights":
        return Scene((stop,), "night", "clear", scene.season)
    return Scene((stop,), scene.time, scene.weather, scene.season)


def sheet(shown: list[Scene], seed: int, columns: int, cell: int) -> Image.Image:
    """The scenes side by side, each ``cell`` pixels wide."""
    rows = -(-len(shown) // columns)
    picture = Image.new("RGB", (columns * cell, rows * cell))
    for i, scene in enumerate(shown):
        drawn = render(scene, np.random.default_rng(seed + i)).resize((cell, cell))
        picture.paste(drawn, (i % columns * cell, i // columns * cell))
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", help="the PNG to write")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--columns", type=int, default=10)
    parser.add_argument("--cell", type=int, default=192, help="pixels of a picture on the sheet")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--alone", action="store_true", help="each kind once, in a random order")
    args = parser.parse_args()
    count = len(KINDS) if args.alone else args.count
    shown = scenes(count, args.seed, alone=args.alone)
    sheet(shown, args.seed, args.columns, args.cell).save(args.out)
    for i, scene in enumerate(shown):
        kinds = ", ".join(stop.kind for stop in scene.stops)
        print(f"{i + 1:3d} {kinds} ({scene.time}, {scene.weather}, {scene.season})")


if __name__ == "__main__":
    main()
