"""Samples the offline set, 10,000 digits, from the shipped DDPM: ``data/digits.npz``.

``python -m recipes.offline_digits``: a new DDPM means a new offline set. Every class is
drawn equally often; no digit is picked or left out, so a label is what was asked for, and a few
digits look like another class. A minute on two cores.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch

from tripkit.datasets.mnist import OFFLINE
from tripkit.diffusion.sampling import generate, shipped_sampler
from tripkit.diffusion.unet import load_ddpm

COUNT, PART, SEED = 10_000, 250, 0


def draw(count: int = COUNT, seed: int = SEED) -> tuple[np.ndarray, np.ndarray]:
    """Pictures, (count, 28, 28) uint8, and labels, (count,) uint8, in mixed order."""
    labels = torch.from_numpy(np.random.default_rng(seed).permutation(np.arange(count) % 10))
    generator = torch.Generator().manual_seed(seed)
    sampler, guidance_scale = shipped_sampler()
    parts = [
        generate(load_ddpm(), part, sampler, guidance_scale=guidance_scale, generator=generator)
        for part in labels.split(PART)
    ]
    images = torch.cat(parts)[:, 0].add(1).mul(127.5).round().byte()
    return images.numpy(), labels.numpy().astype(np.uint8)


def main() -> None:
    """Write the file."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    images, labels = draw()
    # Background of nearly zero is written as zero: it cannot be seen, and halves the file.
    images = np.where(images < 4, 0, images)
    np.savez_compressed(OFFLINE, images=images, labels=labels)
    print(f"{len(labels)} digits, {OFFLINE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
