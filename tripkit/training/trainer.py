"""A training run: a clock, steps of the optimiser, checkpoints to resume from, a log.

Lessons and recipes train with it alike, on a CPU, on a GPU, or on several processes under
``accelerate launch`` or ``torchrun``.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from safetensors import safe_open
from safetensors.torch import load_file, save_file


def has_fast_bf16() -> bool:
    """Whether bf16 is faster than fp32 here: a GPU, or a CPU with avx512_bf16."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported()
    return bool(torch.backends.cpu.get_cpu_capability() == "AVX512" and _cpu_flag("avx512_bf16"))


def _cpu_flag(flag: str) -> bool:
    info = Path("/proc/cpuinfo")
    return info.exists() and flag in info.read_text(encoding="utf-8")


class Run:
    """One training run, which resumes from ``out``/checkpoint.safetensors where there is one.

    The rate warms up, stays flat, and falls to a twentieth over the last 30% of the run's minutes
    (or steps), counted over this run and those it resumes.

    Args:
        modules: by name; all their weights are saved, those that want gradients are trained.
        out: folder of checkpoint and log; None keeps neither.
        steps: stop after so many.
        minutes: stop after so many.
        batch: pictures a step and process.
        learning_rate: of AdamW, at its highest.
        seed: of the noise and the order of the pictures.
        warm_up: steps.
        weight_decay: of AdamW.
        precision: "bf16" or "no" (fp32); None takes what is fast here.
        clock: counts the minutes; ``time.process_time`` counts those of this process alone.

    Attributes:
        step, pictures, losses: how far it is.
        prepared: the modules to call, on the right device, wrapped for several processes.
        rng, generator: NumPy's and torch's randomness of this process.
    """

    def __init__(
        self,
        modules: dict[str, torch.nn.Module],
        *,
        out: Path | None = None,
        steps: int = 10**9,
        minutes: float = math.inf,
        batch: int,
        learning_rate: float,
        seed: int = 0,
        warm_up: int = 100,
        weight_decay: float = 0.01,
        precision: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        precision = precision or ("bf16" if has_fast_bf16() else "no")
        self.accelerator = Accelerator(cpu=not torch.cuda.is_available(), mixed_precision=precision)
        self.modules, self.out, self.seed = modules, out, seed
        self.steps, self.minutes, self.batch = steps, minutes, batch
        self.learning_rate, self.warm_up = learning_rate, warm_up
        if out:
            out.mkdir(parents=True, exist_ok=True)
        self.parameters = [p for m in modules.values() for p in m.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(
            self.parameters,
            lr=learning_rate,
            weight_decay=weight_decay,
            betas=(0.9, 0.99),
            fused=True,  # one pass over the weights, on a CPU too
        )
        self.step, self.pictures, self.seconds_before, self.progress = 0, 0, 0.0, 0.0
        self.losses: list[float] = []
        self._resume()
        # Each process, and each resumed run, draws pictures of its own.
        stream = (seed, self.step, self.accelerator.process_index)
        self.rng = np.random.default_rng(stream)
        self.generator = torch.Generator(self.accelerator.device)
        self.generator.manual_seed(int(self.rng.integers(2**31)))
        torch.manual_seed(int(self.rng.integers(2**31)))  # for what takes no generator: dropout
        self.prepared = {name: self._prepare(module) for name, module in modules.items()}
        self.optimizer = self.accelerator.prepare(self.optimizer)
        self.clock, self.saved = clock, time.monotonic()
        self.started = clock()

    def _prepare(self, module: torch.nn.Module) -> torch.nn.Module:
        trained = any(parameter.requires_grad for parameter in module.parameters())
        return self.accelerator.prepare(module) if trained else module.to(self.accelerator.device)

    @property
    def seconds(self) -> float:
        """Seconds of training, those of the runs that this one resumes included."""
        return self.seconds_before + self.clock() - self.started

    def training(self) -> bool:
        """Whether to go on. Sets ``progress``: 0 to 1, by the clock or the steps.

        The first process's clock counts for all: otherwise they would end at different steps.
        """
        progress = max(self.seconds / (60 * self.minutes), self.step / self.steps)
        if self.accelerator.num_processes > 1:
            shared = torch.tensor([progress], device=self.accelerator.device)
            torch.distributed.broadcast(shared, 0)
            progress = shared.item()
        self.progress = progress
        return progress < 1

    def update(self, loss: torch.Tensor) -> None:
        """One optimiser step; logs every 50 and saves every 2 minutes."""
        warm = min(1.0, (self.step + 1) / self.warm_up)
        cool = min(1.0, max(0.05, (1 - self.progress) / 0.3))
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate * warm * cool
        self.optimizer.zero_grad()
        self.accelerator.backward(loss)
        self._share_gradients()
        self.accelerator.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.step += 1
        self.pictures += self.batch * self.accelerator.num_processes
        self.losses.append(loss.detach().float().item())
        if self.step % 50 == 0:
            self.log(loss=round(float(np.mean(self.losses[-50:])), 5), rate=group["lr"])
        if time.monotonic() - self.saved > 120:
            self.save()

    def _share_gradients(self) -> None:
        """Average the gradients over the processes.

        Accelerate does so for a module that is called as a whole; a recipe that calls a part of
        one, or two in turn, would train a different network in each process.
        """
        if self.accelerator.num_processes > 1:
            for parameter in self.parameters:
                if parameter.grad is not None:
                    parameter.grad = self.accelerator.reduce(parameter.grad, "mean")

    def log(self, **values) -> None:
        """Add a line to OUT/log.jsonl and to the console."""
        if self.out and self.accelerator.is_main_process:
            line = {"step": self.step, "seconds": round(self.seconds, 1), **values}
            with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            print(line, flush=True)

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        self.saved = time.monotonic()
        if not (self.out and self.accelerator.is_main_process):
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
        path = self.out and self.out / "checkpoint.safetensors"
        if not (path and path.exists()):
            return
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
