"""Builds the tokenizer of the next CLIP from its own captions: ``--out FOLDER``.

The form is that of `recipes.tokenizer`: byte-level BPE, a token for each level of a colour. Names
of the trip catalogue are kept out, as they are from the captions.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from recipes.landscapes.captions import said
from recipes.tokenizer import build
from tripkit.colors import COLOR_NAMES
from tripkit.datasets.landscapes.scene import random_scene
from tripkit.kinds import place_words


def texts(seed: int = 0, captions: int = 24_000) -> list[str]:
    """What the merges are learned from: captions, and the lists of words."""
    rng = np.random.default_rng(seed)
    colors = [color.rgb for color in COLOR_NAMES]
    lines = said((random_scene(rng, colors) for _ in range(captions)), rng)
    lines = [" ".join(word for word in line.split() if not word.startswith("#")) for line in lines]
    for words in place_words().values():
        lines += 20 * (words["ko"] + words["en"])
    return lines + 10 * [word for c in COLOR_NAMES for word in (c.en, c.ko, *c.also)]


def main() -> None:
    """The recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the tokenizer")
    options = parser.parse_args()
    tokenizer = build(texts())
    tokenizer.save_pretrained(options.out)
    print(f"{len(tokenizer)} tokens")


if __name__ == "__main__":
    main()
