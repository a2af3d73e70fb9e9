"""Prints how VAE, GAN and DDPM compare: ``python -m benchmarks.families --seconds 120 --seeds 3``.

Each trains on real MNIST for as many CPU seconds on one thread, as given in its trainer, from as
many seeds, and again on noisy pictures. What it draws is judged by the digit classifier, beside as
many test digits. Rows are kept in ``tripkit/data/families.json``, which notebook 02 shows, with
date and machine, so that an interrupted run goes on where it stopped; rows of other settings are
made anew.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from recipes.common import machine
from recipes.digits import balanced_labels, judge
from tripkit.course.families import RESULTS, claims_table, families_table
from tripkit.course.uses import clean
from tripkit.datasets.mnist import load_digits
from tripkit.diffusion.samplers import DDIM
from tripkit.diffusion.sampling import generate
from tripkit.diffusion.schedule import cosine_schedule
from tripkit.diffusion.training import Trainer
from tripkit.diffusion.unet import DigitUNet
from tripkit.generative.gan import Discriminator, Generator
from tripkit.generative.metrics import class_histogram, classify
from tripkit.generative.training import GANTrainer, VAETrainer
from tripkit.generative.vae import DigitVAE

NOISES = (0.25, 0.5)  # standard deviations of what is added to pictures in -1..1
STEPS, SCALE = 20, 1.5  # of DDIM: its steps, its guidance
BATCH = 250


@dataclass(frozen=True)
class Family:
    """A way to train a generative model, to draw with it and, where it can, to clean a picture."""

    train: Callable[..., tuple[nn.Module, object]]  # (images, labels, **run) -> network, trainer
    draw: Callable[[nn.Module, int, Tensor | None, torch.Generator], Tensor]
    clean: Callable[[nn.Module, Tensor, float], Tensor] | None


def vae(images: Tensor, labels: Tensor, **run):
    network = DigitVAE()
    return network, VAETrainer(network, images, labels, **run)


def gan(images: Tensor, labels: Tensor, **run):
    network = Generator()
    return network, GANTrainer(network, Discriminator(), images, labels, **run)


def ddpm(images: Tensor, labels: Tensor, **run):
    network = DigitUNet()
    return network, Trainer(network, images, labels, learning_rate=4e-3, **run)


def sampled(network: nn.Module, count: int, labels: Tensor | None, generator) -> Tensor:
    return network.sample(count, labels, generator)


def diffused(network: nn.Module, count: int, labels: Tensor | None, generator) -> Tensor:
    sampler = DDIM(cosine_schedule(), STEPS)
    return generate(
        network, labels, sampler, count=count, guidance_scale=SCALE, generator=generator
    )


def rebuilt(network: nn.Module, noisy: Tensor, noise: float) -> Tensor:
    """Through the latent and back; the noise is not told, and may leave the range."""
    return network.reconstruct(noisy.clamp(-1, 1))


def denoised(network: nn.Module, noisy: Tensor, noise: float) -> Tensor:
    """The reverse process, from where the pictures are as noisy as these, without a class."""
    return clean(network, noisy, noise, num_inference_steps=100)


FAMILIES = {
    "vae": Family(vae, sampled, rebuilt),
    "gan": Family(gan, sampled, None),  # it has no way from a picture to its latent
    "ddpm": Family(ddpm, diffused, denoised),
}


def draw(family: Family, network: nn.Module, count: int, labels: Tensor | None) -> Tensor:
    """(count, 1, 28, 28) digits, from one seed."""
    generator = torch.Generator().manual_seed(0)
    parts = []
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        part = None if labels is None else labels[start : start + size]
        parts.append(family.draw(network, size, part, generator).clamp(-1, 1))
    return torch.cat(parts)


def oscillation(losses: list[float], parts: int = 20) -> float:
    """How much the loss swings late in the training, as a share of its size.

    The second half is cut into parts; it is the deviation of their means from a straight line.
    """
    late = np.array(losses[len(losses) // 2 :])
    means = [part.mean() for part in np.array_split(late, min(parts, len(late)))]
    steps = np.arange(len(means))
    line = np.polyval(np.polyfit(steps, means, 1), steps)
    return float(np.std(means - line) / np.abs(late).mean())


def evenness(histogram: np.ndarray) -> float:
    """The histogram's entropy, as a share of the most that it can be: 1 is all classes alike."""
    shares = histogram[histogram > 0]
    return float(-(shares * np.log(shares)).sum() / np.log(len(histogram)))


def cleaning(family: Family, network: nn.Module, count: int) -> dict:
    """Noisy test digits, cleaned: the squared error, and the share that is read rightly."""
    images, labels = load_digits("test", "mnist").take(count).tensors()
    row = {}
    for noise in NOISES:
        generator = torch.Generator().manual_seed(0)
        noisy = images + noise * torch.randn(images.shape, generator=generator)
        clean = family.clean(network, noisy, noise) if family.clean else noisy.clamp(-1, 1)
        row[f"{noise:g}"] = {
            "squared_error": round((clean - images).square().mean().item(), 4),
            "read_rightly": round((classify(clean) == labels).float().mean().item(), 4),
        }
    return row


def train(family: Family, seed: int, seconds: float, noise: float) -> tuple[nn.Module, dict]:
    """One training; the averaged network and what it cost."""
    torch.manual_seed(seed)
    images, labels = load_digits("train", "mnist").tensors()
    if noise:
        images = (images + noise * torch.randn_like(images)).clamp(-1, 1)
    network, trainer = family.train(
        images, labels, minutes=seconds / 60, seed=seed, clock=time.process_time
    )
    for _ in trainer:
        pass
    losses = getattr(trainer, "g_losses", trainer.run.losses)
    return trainer.ema.model, {
        "cpu_seconds": round(trainer.run.seconds, 1),
        "steps": trainer.run.step,
        "pictures": trainer.run.pictures,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "loss_oscillation": round(oscillation(losses), 4),
    }


def row(name: str, seed: int, seconds: float, noise: float, count: int) -> dict:
    """Train a family from one seed, and judge it."""
    family = FAMILIES[name]
    network, found = train(family, seed, seconds, noise)
    began = time.process_time()
    images = draw(family, network, count, balanced_labels(count))
    found["cpu_seconds_per_digit"] = (time.process_time() - began) / count
    found |= judge(images, balanced_labels(count))
    unasked = class_histogram(draw(family, network, count, None))
    found["classes_unasked"] = int((unasked >= 0.01).sum())
    found["evenness_unasked"] = round(evenness(unasked), 4)
    if family.clean and not noise:
        found["cleaning"] = cleaning(family, network, min(count, 500))
    return found


def real(count: int) -> dict:
    """What real training digits score, and noisy test digits as they are: what to compare with."""
    images, labels = load_digits("train", "mnist").take(count).tensors()
    return judge(images, labels) | {"cleaning": cleaning(FAMILIES["gan"], None, min(count, 500))}


def wanted(seeds: int, noisy_seeds: int) -> list[tuple[str, int, float]]:
    """The rows of the table: family, seed, noise in the training pictures."""
    rows = [(name, seed, 0.0) for seed in range(seeds) for name in FAMILIES]
    return rows + [
        (name, seed, noise) for noise in NOISES for seed in range(noisy_seeds) for name in FAMILIES
    ]


def measure(options: argparse.Namespace) -> dict:
    """Make the rows that are missing, each kept as soon as it is there; all rows."""
    settings = {"seconds": options.seconds, "count": options.count}
    tasks = {"real": lambda: real(options.count)}
    for name, seed, noise in wanted(options.seeds, options.noisy_seeds):
        key = f"{name} seed {seed}" + (f" noise {noise:g}" if noise else "")
        tasks[key] = lambda t=(name, seed, noise): row(*t[:2], options.seconds, t[2], options.count)
    for key, make in tasks.items():
        rows = load(options.out)
        if options.again or key not in rows or rows[key]["settings"] != settings:
            made = make() | {"settings": settings, "machine": machine()}
            rows = load(options.out) | {key: made | {"date": date.today().isoformat()}}
            options.out.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
            print(key, json.dumps(rows[key]), flush=True)
    return {key: load(options.out)[key] for key in tasks}


def load(path: Path) -> dict:
    """The rows measured so far."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120, help="CPU seconds of each training")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--noisy-seeds", type=int, default=1, help="seeds of the noisy trainings")
    parser.add_argument("--count", type=int, default=1000, help="digits that are judged")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--again", action="store_true", help="measure rows that are there, too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = measure(options)
    print(families_table(rows), claims_table(rows), sep="\n\n")


if __name__ == "__main__":
    main()
