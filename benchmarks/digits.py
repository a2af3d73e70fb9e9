"""Prints what the digits cost and how good they are: ``python -m benchmarks.digits [rows]``.

Each row trains or samples on real MNIST, and is kept in ``digits.json`` with date and machine, so
that an interrupted run goes on where it stopped; ``--again`` makes rows anew. Rows:

    floor    real training digits against the test set: what no model can be below
    lesson   notebook 04's training, from nothing: two threads, a fixed number of steps
    ours, ours-unconditional            ten minutes of training on one core, with labels and without
    ours-plain                          the same without labels and without groups of any kind: the
                                        average after its first minute guides the finished one
    diffusers, diffusers-unconditional  the same budget for diffusers' docs-style recipe
    shipped  the shipped DDPM: 10,000 digits, and the seconds of 64

Unconditional means here, as with Li et al. (arXiv:2312.03701), that nobody's labels are used,
neither in training nor in sampling. Ours learns which of 50 groups a digit is in, which k-means
found in the pixels within the ten minutes (Hu et al. 2023, arXiv:2210.06462), and draws the groups
as often as they occur. ``ours-plain`` says what it is without them.

Training budgets of one core are CPU seconds of a process with one thread: what else runs on the
machine does not count. Run the rows of seconds on a quiet machine.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import time
from datetime import date
from pathlib import Path

import torch

from benchmarks.kmeans_labels import cluster
from benchmarks.peers import DocsRecipe
from recipes.common import add_record, machine
from tripkit.core.settings import weights_folder
from tripkit.course.ddpm_lesson import train_in_class
from tripkit.datasets.mnist import load_digits
from tripkit.diffusion.guidance import Autoguided
from tripkit.diffusion.samplers import DDIM, DPMSolver2M
from tripkit.diffusion.sampling import SHIPPED_GUIDANCE, Guidance, generate
from tripkit.diffusion.schedule import cosine_schedule
from tripkit.diffusion.training import Trainer
from tripkit.diffusion.unet import NAME, DigitUNet, load_ddpm
from tripkit.generative.metrics import digit_fid, features, precision_recall, read_as_asked

RESULTS = Path(__file__).with_name("digits.json")
MINUTES = 10
COUNT = 1000
PEER_COUNT = 250  # digits that the docs' recipe is judged by: it takes most of a second for each
# The guidance scales that each model is judged at, one for each step of DPM-Solver++(2M).
LESSON = (2.0,) * 8
OURS = SHIPPED = SHIPPED_GUIDANCE
CLUSTERS = 50
# Without groups: random steps, led away from what the training was like after a tenth of it.
STEPS, WEAKER_AT, AUTOGUIDANCE = 50, 0.1, 3.0


def classes(count: int) -> torch.Tensor:
    """Labels, each class as often as any other: (count,)."""
    return torch.arange(count) % 10


def sample(unet, labels, count: int, scales: Guidance, seed: int = 0, sampler=None):
    """(count, 1, 28, 28) digits of one of our models, a step for each guidance scale.

    The sampler is DPM-Solver++(2M) unless another one is given.
    """
    sampler = sampler or DPMSolver2M(cosine_schedule(), len(scales))
    generator = torch.Generator().manual_seed(seed)
    parts = []
    for start in range(0, count, 250):
        part = labels[start : start + 250] if labels is not None else None
        size = min(250, count - start)
        parts.append(
            generate(unet, part, sampler, count=size, guidance_scale=scales, generator=generator)
        )
    return torch.cat(parts)


def judged(images: torch.Tensor, labels: torch.Tensor | None) -> dict:
    """Digit-FID, precision, recall against as many test digits, and the share read as asked."""
    real = load_digits("test", "mnist").take(min(len(images), 1000)).tensors()[0]
    few = images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:1000]]
    precision, recall = precision_recall(features(few), features(real))
    row = {"count": len(images), "digit_fid": round(digit_fid(images), 3)}
    row |= {"precision": round(precision, 3), "recall": round(recall, 3)}
    return row if labels is None else row | {"as_asked": round(read_as_asked(images, labels), 4)}


def floor() -> dict:
    """The digit-FID of real training digits, by how many there are."""
    train = load_digits("train", "mnist")
    return {f"{n}": round(digit_fid(train.take(n).tensors()[0]), 3) for n in (256, 1000, 10_000)}


def lesson() -> dict:
    """Notebook 04's training on two threads."""
    torch.set_num_threads(2)
    images, labels = load_digits("train", "mnist").tensors()
    wall, cpu = time.monotonic(), time.process_time()
    trainer = train_in_class(images, labels)
    for _ in trainer:
        pass
    row = {"seconds": time.monotonic() - wall, "cpu_seconds": time.process_time() - cpu}
    asked = classes(COUNT)
    return {
        **{key: round(value, 1) for key, value in row.items()},
        "steps": trainer.run.step,
        "pictures": trainer.run.pictures,
        "setting": LESSON,
        **judged(sample(trainer.ema.model, asked, COUNT, LESSON), asked),
    }


def ours(classes_from: str) -> dict:
    """Our recipe, ten CPU minutes of one core; classes from "labels", "clusters" or "nothing"."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    images, labels = load_digits("train", "mnist").tensors()
    started = time.process_time()
    if classes_from == "clusters":
        labels = cluster(images, CLUSTERS)
    spent = (time.process_time() - started) / 60
    trainer = Trainer(
        DigitUNet(num_classes=CLUSTERS) if classes_from == "clusters" else DigitUNet(),
        images,
        None if classes_from == "nothing" else labels,
        minutes=MINUTES - spent,
        learning_rate=4e-3,
        clock=time.process_time,
    )
    weaker = None
    for _ in trainer:
        if weaker is None and trainer.run.progress >= WEAKER_AT:
            weaker = copy.deepcopy(trainer.ema.model)
    unet, setting, sampler = trainer.ema.model, OURS, None
    if classes_from == "nothing":
        unet, setting = Autoguided(unet, weaker, AUTOGUIDANCE), (1.0,) * STEPS
        sampler = DDIM(cosine_schedule(), STEPS, eta=1.0)
    asked = {
        "labels": classes(COUNT),
        "clusters": labels[torch.randperm(len(labels))[:COUNT]],  # each as often as it occurs
        "nothing": None,
    }[classes_from]
    started = time.process_time()
    images = sample(unet, asked, COUNT, setting, sampler=sampler)
    seconds = (time.process_time() - started) / COUNT
    if classes_from == "nothing":
        setting = {"sampler": "DDIM, eta 1", "steps": STEPS, "autoguidance": AUTOGUIDANCE}
        setting["weaker_at"] = WEAKER_AT
    row = {"steps": trainer.run.step, "pictures": trainer.run.pictures, "setting": setting}
    few = round(digit_fid(images[:PEER_COUNT]), 3)
    return row | {
        "seconds_per_digit": seconds,
        f"digit_fid_{PEER_COUNT}": few,
        **judged(images, asked if classes_from == "labels" else None),
    }


def diffusers(conditional: bool = True) -> dict:
    """Diffusers' docs-style recipe, the same budget."""
    torch.set_num_threads(1)
    recipe = DocsRecipe(conditional)
    recipe.train(*load_digits("train", "mnist").tensors(), minutes=MINUTES)
    asked = classes(PEER_COUNT) if conditional else None
    started = time.process_time()
    images = recipe.sample(asked, PEER_COUNT, "ddim", 50)
    ddim = (time.process_time() - started) / PEER_COUNT
    started = time.process_time()
    recipe.sample(classes(4) if conditional else None, 4, "ddpm", 1000)
    ddpm = (time.process_time() - started) / 4
    row = {"steps": recipe.steps, "pictures": recipe.steps * recipe.batch, "setting": "DDIM-50"}
    row |= {"seconds_per_digit": ddim, "seconds_per_digit_ddpm_1000": ddpm}
    return row | judged(images, asked)


def shipped() -> dict:
    """The shipped DDPM: 10,000 digits against the test set, and the seconds of 64."""
    torch.set_num_threads(2)
    unet, asked = load_ddpm(), classes(10_000)
    row = judged(sample(unet, asked, 10_000, SHIPPED), asked)
    seconds = []
    for seed in range(6):
        started = time.perf_counter()
        sample(unet, classes(64), 64, SHIPPED, seed)
        seconds.append(time.perf_counter() - started)
    median = statistics.median(seconds[1:])  # the first one warms up
    row = {"guidance_scales": SHIPPED, "seconds_of_64": round(median, 3), **row}
    add_record(weights_folder() / NAME / "metrics.json", {"benchmark": row})
    return row


ROWS = {
    "floor": floor,
    "lesson": lesson,
    "ours": lambda: ours("labels"),
    "ours-unconditional": lambda: ours("clusters"),
    "ours-plain": lambda: ours("nothing"),
    "diffusers": diffusers,
    "diffusers-unconditional": lambda: diffusers(conditional=False),
    "shipped": shipped,
}


def load() -> dict:
    """The rows measured so far."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def measure(names: list[str], again: bool = False) -> None:
    """Make the rows that are missing, or all named ones, and keep each as soon as it is there."""
    for name in names:
        if again or name not in load():
            row = ROWS[name]() | {"date": date.today().isoformat(), "machine": machine()}
            rows = load() | {name: row}  # read anew: another process may have added a row
            text = json.dumps({key: rows[key] for key in ROWS if key in rows}, indent=2)
            RESULTS.write_text(text + "\n", encoding="utf-8")
        print(name, json.dumps(load()[name]), flush=True)


def bars(rows: dict) -> dict[str, tuple[float | None, float, bool]]:
    """Each bar: what was measured (None: a row is missing), the limit, and whether it is met."""
    few = f"digit_fid_{PEER_COUNT}"  # as many digits as the recipe was judged by
    slow = "seconds_per_digit_ddpm_1000"
    below = {
        "lesson: digit-FID in floors": (("lesson", "digit_fid", "floor", "1000"), 8),
        "ours / diffusers, digit-FID": (("ours", few, "diffusers", "digit_fid"), 1 / 5),
        "unconditional: ours / diffusers": (
            ("ours-unconditional", few, "diffusers-unconditional", "digit_fid"),
            1 / 3,
        ),
        "unconditional: digit-FID in floors": (
            ("ours-unconditional", "digit_fid", "floor", "1000"),
            10,
        ),
        "seconds a digit, of DDPM-1000": (
            ("ours", "seconds_per_digit", "diffusers", slow),
            1 / 50,
        ),
        "the same, unconditional": (
            ("ours-unconditional", "seconds_per_digit", "diffusers-unconditional", slow),
            1 / 50,
        ),
        "shipped: digit-FID in floors": (("shipped", "digit_fid", "floor", "10000"), 3),
        "shipped: seconds of 64 digits": (("shipped", "seconds_of_64"), 0.5),
    }
    above = {
        "lesson: read as asked": (("lesson", "as_asked"), 0.95),
        "lesson: recall": (("lesson", "recall"), 0.5),
    }
    found = {}
    for name, (parts, limit) in (below | above).items():
        value = _ratio(rows, *parts)
        met = value is not None and (value <= limit if name in below else value >= limit)
        found[name] = (value, limit, met)
    return found


def _ratio(rows: dict, row: str, key: str, other: str = "", other_key: str = "") -> float | None:
    """One figure, or its ratio to another; None where a row is missing."""
    if row not in rows or (other and other not in rows):
        return None
    return rows[row][key] / (rows[other][other_key] if other else 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], default=[])
    parser.add_argument("--again", action="store_true", help="measure rows that are there, too")
    options = parser.parse_args()
    measure(options.rows or list(ROWS), options.again)
    for name, (value, limit, met) in bars(load()).items():
        seen = "not measured" if value is None else f"{value:.3f}"
        print(f"{name:38} {seen:>12}  limit {limit:6.3f}  {'met' if met else 'MISSED'}")
    plain = _ratio(load(), "ours-plain", "digit_fid", "floor", "1000")
    if plain is not None:
        print(f"{'without groups: digit-FID in floors':38} {plain:12.3f}  no limit of its own")


if __name__ == "__main__":
    main()
