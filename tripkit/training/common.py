"""What the recipes share: a run with checkpoints, a log, and the record that ships with it.

Every recipe runs as ``python -m tripkit.training.<recipe> --minutes M --out FOLDER`` on CPU, on a
GPU, or on several processes under ``accelerate launch`` or ``torchrun``. It resumes from
FOLDER/checkpoint.safetensors, or with ``--from-weights`` from the shipped model.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from safetensors.torch import load_file, save_file

POSTCARD, CLIP, JUDGE = "postcard", "clip", "place_classifier"  # folders of weights


def arguments(description: str, *, batch: int, learning_rate: float) -> argparse.ArgumentParser:
    """The options that all recipes have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoint and log")
    parser.add_argument("--minutes", type=float, default=10, help="stop after so many minutes")
    parser.add_argument("--steps", type=int, default=10**9, help="stop after so many steps")
    parser.add_argument("--batch", type=int, default=batch, help="pictures a step and process")
    parser.add_argument("--learning-rate", type=float, default=learning_rate)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="0 leaves torch's own choice")
    parser.add_argument("--from-weights", action="store_true", help="start from the shipped model")
    return parser


def has_fast_bf16() -> bool:
    """Whether bf16 is faster than fp32 here: a GPU, or a CPU with avx512_bf16."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    return bool(torch.backends.cpu.get_cpu_capability() == "AVX512" and _cpu_flag("avx512_bf16"))


def _cpu_flag(flag: str) -> bool:
    info = Path("/proc/cpuinfo")
    return info.exists() and flag in info.read_text(encoding="utf-8")


class Run:
    """One training run: a clock, checkpoints of everything that must survive, and a log.

    The rate warms up over 100 steps, stays flat, and falls to a twentieth over the last 30% of the
    run's minutes (or steps), counted over this run and those it resumes.
    """

    def __init__(
        self, options: argparse.Namespace, modules: dict[str, torch.nn.Module], weight_decay=0.01
    ):
        if options.threads:
            torch.set_num_threads(options.threads)
        precision = "bf16" if has_fast_bf16() else "no"
        self.accelerator = Accelerator(cpu=not torch.cuda.is_available(), mixed_precision=precision)
        self.options, self.modules, self.out = options, modules, options.out
        self.out.mkdir(parents=True, exist_ok=True)
        self.parameters = [p for m in modules.values() for p in m.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            self.parameters, lr=options.learning_rate, weight_decay=weight_decay, betas=(0.9, 0.99)
        )
        self.step, self.pictures, self.seconds_before, self.progress = 0, 0, 0.0, 0.0
        self.losses: list[float] = []
        self._resume()
        # Each process, and each resumed run, draws pictures of its own.
        stream = (options.seed, self.step, self.accelerator.process_index)
        self.rng = np.random.default_rng(stream)
        torch.manual_seed(int(self.rng.integers(2**31)))
        self.prepared = {n: self.accelerator.prepare(m) for n, m in modules.items()}
        self.optimizer = self.accelerator.prepare(self.optimizer)
        self.started = self.saved = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds of training, those of the runs that this one resumes included."""
        return self.seconds_before + time.monotonic() - self.started

    def training(self) -> bool:
        """Whether to go on. Sets ``progress``: 0 to 1, by the clock or the steps.

        The first process's clock counts for all: otherwise they would end at different steps.
        """
        progress = max(self.seconds / (60 * self.options.minutes), self.step / self.options.steps)
        if self.accelerator.num_processes > 1:
            shared = torch.tensor([progress], device=self.accelerator.device)
            torch.distributed.broadcast(shared, 0)
            progress = shared.item()
        self.progress = progress
        return progress < 1

    def update(self, loss: torch.Tensor) -> None:
        """One optimiser step; logs every 50 and saves every 2 minutes."""
        warm = min(1.0, (self.step + 1) / 100)
        cool = min(1.0, max(0.05, (1 - self.progress) / 0.3))
        for group in self.optimizer.param_groups:
            group["lr"] = self.options.learning_rate * warm * cool
        self.optimizer.zero_grad()
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.step += 1
        self.pictures += self.options.batch * self.accelerator.num_processes
        self.losses.append(loss.detach().float().item())
        if self.step % 50 == 0:
            self.log(loss=round(float(np.mean(self.losses[-50:])), 5), rate=group["lr"])
        if time.monotonic() - self.saved > 120:
            self.save()

    def log(self, **values) -> None:
        """Add a line to OUT/log.jsonl and to the console."""
        if self.accelerator.is_main_process:
            line = {"step": self.step, "seconds": round(self.seconds, 1), **values}
            with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(line, flush=True)

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        self.saved = time.monotonic()
        if not self.accelerator.is_main_process:
            return
        tensors = {
            f"{name}.{key}": value.detach().cpu().contiguous()
            for name, module in self.modules.items()
            for key, value in module.state_dict().items()
        }
        for i, parameter in enumerate(self.parameters):
            state = self.optimizer.state.get(parameter, {})
            for key in ("exp_avg", "exp_avg_sq"):
                if key in state:
                    tensors[f"optimizer.{i}.{key}"] = state[key].cpu().contiguous()
        counts = {"step": self.step, "pictures": self.pictures, "seconds": self.seconds}
        metadata = {name: str(value) for name, value in counts.items()}
        part = self.out / "checkpoint.part"
        save_file(tensors, part, metadata)
        part.replace(self.out / "checkpoint.safetensors")

    def _resume(self) -> None:
        path = self.out / "checkpoint.safetensors"
        if not path.exists():
            return
        from safetensors import safe_open

        with safe_open(path, "pt") as file:
            metadata = file.metadata()
        tensors = load_file(path)
        self.step, self.pictures = int(metadata["step"]), int(metadata["pictures"])
        self.seconds_before = float(metadata["seconds"])
        for name, module in self.modules.items():
            own = {k[len(name) + 1 :]: v for k, v in tensors.items() if k.startswith(name + ".")}
            module.load_state_dict(own)
        for i, parameter in enumerate(self.parameters):
            if f"optimizer.{i}.exp_avg" in tensors:
                self.optimizer.state[parameter] = {
                    "step": torch.tensor(float(self.step)),
                    "exp_avg": tensors[f"optimizer.{i}.exp_avg"],
                    "exp_avg_sq": tensors[f"optimizer.{i}.exp_avg_sq"],
                }
        print(f"resumed at step {self.step}, {self.seconds_before:.0f} s", flush=True)


class Average:
    """An exponential moving average of a module's weights (EMA), with a warm-up of its decay."""

    def __init__(self, module: torch.nn.Module, decay: float):
        self.module, self.decay, self.updates = module, decay, 0
        self.shadow = {k: v.detach().clone() for k, v in module.state_dict().items()}

    @torch.no_grad()
    def update(self) -> None:
        """Move the average a little towards the module's weights."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for key, value in self.module.state_dict().items():
            self.shadow[key].lerp_(value.to(self.shadow[key].dtype), 1 - decay)


def pixels(images) -> torch.Tensor:
    """Pictures as a (B, 3, H, W) tensor in -1..1, in channels_last order (faster on a CPU)."""
    array = np.stack([np.asarray(image) for image in images])
    tensor = torch.from_numpy(array).permute(0, 3, 1, 2).float() / 127.5 - 1
    return tensor.contiguous(memory_format=torch.channels_last)


def machine() -> str:
    """The machine in words, without its name."""
    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    cores = torch.get_num_threads()
    capability = torch.backends.cpu.get_cpu_capability()
    return f"{platform.machine()} CPU, {cores} threads, {capability}, torch {torch.__version__}"


def record(run: Run, **scores) -> None:
    """Write what this run did to OUT/metrics.json; ``assemble`` ships it with the weights."""
    recipe = Path(sys.argv[0]).stem
    entry = {
        "command": f"python -m tripkit.training.{recipe} --minutes {run.options.minutes:g} "
        f"--batch {run.options.batch} --seed {run.options.seed}",
        "seed": run.options.seed,
        "steps": run.step,
        "pictures": run.pictures,
        "processes": run.accelerator.num_processes,
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
