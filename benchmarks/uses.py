"""Prints what the shipped VAE and DDPM are good for beside drawing: ``python -m benchmarks.uses``.

On real MNIST test digits: noise cleaned off, a damaged place drawn anew, defects found. Seeds are
of the noise and of the damage. The table is kept in ``tripkit/data/uses.json``, which notebook 02
shows.
"""

from __future__ import annotations

import argparse
import json
from datetime import date

import torch
from torch import Tensor

from recipes.common import machine
from tripkit.course.corruptions import DEFECTS, damage
from tripkit.course.uses import (
    RESULTS,
    clean,
    diffusion_defect_score,
    fill_in,
    uses_table,
    vae_defect_score,
)
from tripkit.datasets.mnist import load_digits
from tripkit.diffusion.samplers import DDIM
from tripkit.diffusion.sampling import inpaint
from tripkit.diffusion.schedule import cosine_schedule
from tripkit.diffusion.unet import load_ddpm
from tripkit.generative.metrics import auc, classify
from tripkit.generative.vae import load_vae

STRENGTHS = (0.5, 1.0)
STEPS = 20  # of DDIM, to fill in


def cleaned(images: Tensor, labels: Tensor, seed: int) -> dict[str, dict[str, float]]:
    """The share read rightly, for each strength of noise."""
    rows = {}
    for strength in STRENGTHS:
        generator = torch.Generator().manual_seed(seed)
        noisy = images + strength * torch.randn(images.shape, generator=generator)
        results = {
            "untouched": noisy.clamp(-1, 1),
            "vae": load_vae().reconstruct(noisy.clamp(-1, 1)),
            "ddpm": clean(load_ddpm(), noisy, strength),
        }
        rows[f"clean {strength:g}"] = {key: share(each, labels) for key, each in results.items()}
    return rows


def filled(images: Tensor, labels: Tensor, seed: int) -> dict[str, dict[str, float]]:
    """The squared error where the damage was, and the share read rightly, for each damage."""
    rows, sampler = {}, DDIM(cosine_schedule(), STEPS)
    for kind in DEFECTS:
        damaged = damage(images, kind, seed)
        generator = torch.Generator().manual_seed(seed)
        spoiled, masks = damaged.images, damaged.masks
        results = {
            "untouched": spoiled,
            "vae": fill_in(load_vae(), spoiled, masks),
            "ddpm": inpaint(load_ddpm(), None, sampler, spoiled, masks, generator=generator),
        }
        for key, each in results.items():
            error = ((each - images).square() * masks).sum() / masks.sum()
            rows.setdefault(f"fill error {kind}", {})[key] = error.item()
            rows.setdefault(f"fill read {kind}", {})[key] = share(each, labels)
    return rows


def defects(good: Tensor, bad: Tensor, seed: int) -> dict[str, dict[str, float]]:
    """The AUC of the defect scores, for each defect: good digits against other, damaged ones."""
    scores = {
        "vae": lambda images: vae_defect_score(load_vae(), images),
        "ddpm": lambda images: diffusion_defect_score(load_ddpm(), images),
    }
    known = {key: score(good) for key, score in scores.items()}
    rows = {}
    for kind in DEFECTS:
        spoiled = damage(bad, kind, seed).images
        rows[f"auc {kind}"] = {key: auc(known[key], scores[key](spoiled)) for key in scores}
    return rows


def share(images: Tensor, labels: Tensor) -> float:
    """Of the pictures, how many are read rightly."""
    return (classify(images) == labels).float().mean().item()


def measure(count: int, seeds: int) -> dict[str, dict[str, list[float]]]:
    """All rows: for each method, a value for each seed."""
    images, labels = load_digits("test", "mnist").take(2 * count).tensors()
    rows: dict[str, dict[str, list[float]]] = {}
    for seed in range(seeds):
        made = cleaned(images[:count], labels[:count], seed)
        made |= filled(images[:count], labels[:count], seed)
        made |= defects(images[:count], images[count:], seed)
        for key, row in made.items():
            for method, value in row.items():
                values = rows.setdefault(key, {}).setdefault(method, [])
                values.append(round(value, 4))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=500, help="digits of each kind")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    table = {
        "command": f"python -m benchmarks.uses --count {options.count} --seeds {options.seeds}",
        "count": options.count,
        "seeds": options.seeds,
        "date": date.today().isoformat(),
        "machine": machine(),
        "rows": measure(options.count, options.seeds),
    }
    RESULTS.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")
    print(uses_table(table))


if __name__ == "__main__":
    main()
