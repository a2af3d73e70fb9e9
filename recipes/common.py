"""What the recipes share: their options, and the record that ships with the weights.

Every recipe runs as ``python -m recipes.<recipe> --minutes M --out FOLDER`` on CPU, on a
GPU, or on several processes under ``accelerate launch`` or ``torchrun``. It resumes from
FOLDER/checkpoint.safetensors, or with ``--from-weights`` from the shipped model.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import platform
import sys
import time
from datetime import date
from pathlib import Path

import torch

from tripkit.training.trainer import Run

FOLDERS = ("--pictures", "--vae", "--clip", "--tokenizer")  # options that name folders of a user
POSTCARD, CLIP, JUDGE = "postcard", "clip", "place_classifier"  # folders of weights


def arguments(description: str, *, batch: int, learning_rate: float) -> argparse.ArgumentParser:
    """The options that all recipes have; from now on the console shows the log of training."""
    logging.basicConfig(stream=sys.stdout, format="%(message)s")
    logging.getLogger("tripkit").setLevel(logging.INFO)
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoint and log")
    parser.add_argument("--minutes", type=float, default=10, help="stop after so many minutes")
    parser.add_argument("--steps", type=int, default=math.inf, help="stop after so many steps")
    parser.add_argument("--batch", type=int, default=batch, help="pictures a step and process")
    parser.add_argument("--learning-rate", type=float, default=learning_rate)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="0 leaves torch's own choice")
    parser.add_argument("--from-weights", action="store_true", help="start from the shipped model")
    return parser


def start(options: argparse.Namespace, modules: dict[str, torch.nn.Module], **more) -> Run:
    """The run that the options ask for; ``more`` goes to `trainer.Run` as it is.

    With one thread the minutes are the processor's: what else a busy machine does takes nothing
    from the run, nor lets its learning rate fall too early.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    if options.threads == 1 and not torch.cuda.is_available():
        more.setdefault("clock", time.process_time)
    return Run(
        modules,
        out=options.out,
        steps=options.steps,
        minutes=options.minutes,
        batch=options.batch,
        learning_rate=options.learning_rate,
        seed=options.seed,
        **more,
    )


def machine() -> str:
    """The machine in words, without its name."""
    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    cores = torch.get_num_threads()
    capability = torch.backends.cpu.get_cpu_capability()
    return f"{platform.machine()} CPU, {cores} threads, {capability}, torch {torch.__version__}"


def command() -> str:
    """The command of this process, without what differs from user to user."""
    words = sys.argv[1:]
    if "--out" in words:
        place = words.index("--out")
        del words[place : place + 2]
    for place, word in enumerate(words[:-1]):
        if word in FOLDERS:
            words[place + 1] = word.removeprefix("--").upper()
    path = Path(sys.argv[0]).with_suffix("").parts
    inside = path[path.index("recipes") :] if "recipes" in path else ("recipes", path[-1])
    module = ".".join(inside)
    return " ".join(["python -m", module, *[word for word in words if word != "--ship"]])


def record(run: Run, **scores) -> None:
    """Write what this run did to OUT/metrics.json; ``assemble`` ships it with the weights."""
    recipe = Path(sys.argv[0]).stem
    entry = {
        "command": command(),
        "seed": run.seed,
        "steps": run.step,
        "pictures": run.pictures,
        "processes": run.processes.num_processes,
        "seconds": round(run.seconds),
        "machine": machine(),
        "date": date.today().isoformat(),
        **scores,
    }
    add_record(run.out / "metrics.json", {recipe: entry})


def add_record(path: Path, entries: dict) -> None:
    """Add entries to a ``metrics.json``, in place of older ones of the same name."""
    metrics = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    text = json.dumps(metrics | entries, indent=2) + "\n"
    path.write_text(text, encoding="utf-8")
