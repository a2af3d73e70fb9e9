"""A training run: a clock, steps of the optimiser, checkpoints to resume from, a log.

Lessons and recipes train with it alike, on a CPU, on a GPU, or on several processes under
``accelerate launch`` or ``torchrun``.
"""

from __future__ import annotations

import json
import logging
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from accelerate import PartialState
from accelerate.utils import broadcast, gather, reduce
from torch import Tensor
from torch.optim import AdamW, Optimizer

from tripkit.core import settings
from tripkit.core.messages import Phrase
from tripkit.core.settings import check_option
from tripkit.core.weights import few
from tripkit.training import checkpoints
from tripkit.training.muon import MuonWithAdamW, inner_matrices

PRECISIONS = ("bf16", "no")  # as accelerate names them; "no" is fp32
BETAS = (0.9, 0.99)  # 0.99 averages 100 squared gradients: runs have few thousand steps
MAX_GRAD_NORM = 1.0  # a longer gradient is shortened to it, whatever batch it came from
COOL_DOWN = 0.3  # the last share of a run, over which the learning rate falls ...
FINAL_RATE = 0.05  # ... to this share of its highest
LOG_EVERY = 50  # steps
SAVE_EVERY = 120  # seconds
OPTIMIZER = "optimizer."  # what the names of the optimiser's tensors begin with in a checkpoint
ADAM_STATE = ("step", "exp_avg", "exp_avg_sq")
MUON_STATE = ("momentum_buffer",)
OPTIMIZERS = ("adamw", "muon")

logger = logging.getLogger(__name__)


def has_fast_bf16() -> bool:
    """Whether bf16 is faster than fp32 here: a GPU that has it, or a CPU with avx512_bf16."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.backends.cpu.get_cpu_capability() == "AVX512" and _cpu_flag("avx512_bf16"))


def _cpu_flag(flag: str) -> bool:
    info = Path("/proc/cpuinfo")
    return info.exists() and flag in info.read_text(encoding="utf-8")


def default_precision() -> str:
    """What ``TRIPKIT_BF16`` says, else what is fast here: "bf16" or "no".

    Raises:
        RequestError: ``bad_option``, the variable is neither 1 nor 0.
    """
    forced = settings.bf16()
    return "bf16" if (has_fast_bf16() if forced is None else forced) else "no"


def learning_rate_at(progress: float, step: int, warm_up: int) -> float:
    """The share of the highest learning rate: it warms up, stays, and falls at the end.

    Args:
        progress: of the run, 0 to 1, by its clock or its steps.
        step: from 0.
        warm_up: steps.
    """
    # A trapezoid (Hägele et al. 2024, arXiv:2405.18392): unlike a cosine, it does not ask at its
    # start how many steps there will be; a run by the clock does not know.
    warm = min(1.0, (step + 1) / max(1, warm_up))
    cool = min(1.0, max(FINAL_RATE, (1 - progress) / COOL_DOWN))
    return warm * cool


@contextmanager
def delayed_signals() -> Iterator[list[int]]:
    """Holds SIGINT (Ctrl+C) and SIGTERM back until the block ends; the list tells which came.

    A second one acts at once. Python gives signals to the main thread alone: in others nothing is
    held back, nor is a signal that the process ignores, as under ``nohup``.
    """
    received: list[int] = []
    main = threading.current_thread() is threading.main_thread()
    numbers: tuple[int, ...] = (signal.SIGINT, signal.SIGTERM) if main else ()
    handlers = {number: signal.getsignal(number) or signal.SIG_DFL for number in numbers}

    def receive(number, _frame):
        received.append(number)
        signal.signal(number, handlers[number])

    for number, handler in handlers.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, receive)
    try:
        yield received
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for number in received:
            signal.raise_signal(number)


class Run:
    """One training run, which resumes from ``out``/checkpoint.safetensors where there is one.

    ``for progress in run: ...`` goes on until the run is done; its body ends with `update`. Each
    run has a precision of its own, that of what is called under `autocast`.

    The rate warms up, stays flat, and falls to a twentieth over the last 30% of the run's minutes
    (or steps), counted over this run and those it resumes.

    Args:
        modules: by name; all their weights are saved, those that want gradients are trained.
        out: folder of checkpoint and log; None keeps neither.
        steps: stop after so many.
        minutes: stop after so many.
        batch: pictures a step and process.
        learning_rate: of the optimizer, at its highest.
        seed: of the noise and the order of the pictures.
        warm_up: steps.
        weight_decay, betas: of AdamW, the decay of Muon too.
        optimizer: "adamw", or "muon" for the modules' inner matrices and AdamW for the rest.
        precision: "bf16" or "no" (fp32); None takes `default_precision`.
        clock: counts the minutes; ``time.process_time`` counts those of this process alone.

    Attributes:
        step, pictures, losses: how far it is.
        progress: 0 to 1, as the last step began.
        device: where modules and batches are.
        processes: accelerate's state: ``num_processes``, ``is_main_process``.
        rng, generator: NumPy's and torch's randomness of this process.

    Raises:
        RequestError: ``bad_option``, a precision or an optimizer that there is not.
        StorageError: ``training_not_saved``, ``out`` is no folder to write in; ``bad_checkpoint``,
            its checkpoint is damaged or of other modules.
    """

    def __init__(
        self,
        modules: dict[str, torch.nn.Module],
        *,
        out: Path | None = None,
        steps: float = math.inf,
        minutes: float = math.inf,
        batch: int,
        learning_rate: float,
        seed: int = 0,
        warm_up: int = 100,
        weight_decay: float = 0.01,
        betas: tuple[float, float] = BETAS,
        optimizer: str = "adamw",
        precision: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.precision = check_option("precision", precision or default_precision(), PRECISIONS)
        check_option("optimizer", optimizer, OPTIMIZERS)
        # Accelerate's state is one for the process, so it is told of no precision.
        self.processes = PartialState(cpu=not torch.cuda.is_available())
        self.device = self.processes.device
        self.modules = torch.nn.ModuleDict(modules).to(self.device)
        self.out, self.seed, self.batch = out, seed, batch
        self.steps, self.minutes = steps, minutes
        self.learning_rate, self.warm_up = learning_rate, warm_up
        named = self.modules.named_parameters()
        self.parameters = {name: p for name, p in named if p.requires_grad}
        self.matrices = self._inner_matrices() if optimizer == "muon" else set()
        self.optimizer = self._optimizer(lr=learning_rate, weight_decay=weight_decay, betas=betas)
        self.step, self.pictures, self.seconds_before, self.progress = 0, 0, 0.0, 0.0
        self.losses: list[float] = []
        self._resume()
        for tensor in self.modules.state_dict().values():
            broadcast(tensor)  # every process starts from the first one's weights
        # Each process, and each resumed run, draws pictures of its own.
        stream = (seed, self.step, self.processes.process_index)
        self.rng = np.random.default_rng(stream)
        self.generator = torch.Generator(self.device)
        self.generator.manual_seed(int(self.rng.integers(2**31)))
        torch.manual_seed(int(self.rng.integers(2**31)))  # for what takes no generator: dropout
        self.clock, self.saved = clock, time.monotonic()
        self.started = clock()

    def _inner_matrices(self) -> set[str]:
        inner = {weight for module in self.modules.values() for weight in inner_matrices(module)}
        return {name for name, parameter in self.parameters.items() if parameter in inner}

    def _optimizer(self, **options) -> Optimizer:
        if not self.matrices:
            # Fused: one pass over the weights, on a CPU too.
            return AdamW(self.parameters.values(), fused=True, **options)
        named = self.parameters.items()
        matrices = [p for name, p in named if name in self.matrices]
        return MuonWithAdamW(matrices, [p for n, p in named if n not in self.matrices], **options)

    @property
    def seconds(self) -> float:
        """Seconds of training, those of the runs that this one resumes included."""
        return self.seconds_before + self.clock() - self.started

    def autocast(self) -> torch.autocast:
        """Computes in the run's precision what is called under it; losses want ``.float()``."""
        bf16 = self.precision == "bf16"
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=bf16)

    def __iter__(self) -> Iterator[float]:
        """Yields the progress, 0 to 1, before each step, until it is done; then saves.

        Ctrl+C and SIGTERM are held back until the step is done, and the checkpoint saved.

        Raises:
            StorageError: ``training_not_saved``.
        """
        with delayed_signals() as received:
            while self._advance(stopped=bool(received)) < 1:
                yield self.progress
                if time.monotonic() - self.saved > SAVE_EVERY:
                    self.save()
            self.save()

    def _advance(self, stopped: bool) -> float:
        progress = max(self.seconds / (60 * self.minutes), self.step / self.steps, float(stopped))
        # The furthest counts for all processes: otherwise they would end at different steps.
        shared = gather(torch.tensor([progress], dtype=torch.float64, device=self.device))
        self.progress = shared.max().item()
        return self.progress

    def update(self, loss: Tensor) -> None:
        """One optimiser step, now and then with a line of the log."""
        rate = self.learning_rate * learning_rate_at(self.progress, self.step, self.warm_up)
        # Set by hand at each step: the rate follows the clock, which no scheduler counts.
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        loss.backward()
        self._share_gradients()
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), MAX_GRAD_NORM)
        self.optimizer.step()
        self.step += 1
        self.pictures += self.batch * self.processes.num_processes
        self.losses.append(loss.detach().float().item())
        if self.step % LOG_EVERY == 0:
            self.log(loss=round(float(np.mean(self.losses[-LOG_EVERY:])), 5), rate=rate)

    def _share_gradients(self) -> None:
        if self.processes.num_processes > 1:
            for parameter in self.parameters.values():
                if parameter.grad is not None:
                    parameter.grad = reduce(parameter.grad, "mean")

    def log(self, **values) -> None:
        """Add a line to OUT/log.jsonl and to Python's logging.

        Raises:
            StorageError: ``training_not_saved``.
        """
        if self.out and self.processes.is_main_process:
            line = {"step": self.step, "seconds": round(self.seconds, 1), **values}
            log = self.out / "log.jsonl"
            with checkpoints.writing(self.out), log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            logger.info(line)

    def save(self) -> None:
        """Write the checkpoint, whole or not at all.

        Raises:
            StorageError: ``training_not_saved``.
        """
        self.saved = time.monotonic()
        if not (self.out and self.processes.is_main_process):
            return
        tensors = self.modules.state_dict()
        for name, parameter in self.parameters.items():
            for key, value in self.optimizer.state[parameter].items():
                tensors[f"{OPTIMIZER}{name}.{key}"] = value
        tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        counts = {"step": self.step, "pictures": self.pictures, "seconds": self.seconds}
        checkpoints.write(self.out, tensors, counts)

    def _resume(self) -> None:
        if not self.out:
            return
        with checkpoints.writing(self.out):
            self.out.mkdir(parents=True, exist_ok=True)
        if not (checkpoint := checkpoints.read(self.out)):
            return
        tensors, counts = checkpoint
        weights = {name: t for name, t in tensors.items() if not name.startswith(OPTIMIZER)}
        states = {name: self._optimizer_state(name, tensors) for name in self.parameters}
        self._check_shapes(self.out, weights, states)
        self.modules.load_state_dict(weights)
        for name, state in states.items():
            self.optimizer.state[self.parameters[name]] = state
        self.step, self.pictures = int(counts["step"]), int(counts["pictures"])
        self.seconds_before = counts["seconds"]
        logger.info("resumed at step %d, %.0f s", self.step, self.seconds_before)
        if new := [name for name, state in states.items() if not state]:
            logger.warning("trained anew, without moments of the optimizer: %s", few(new))

    def _optimizer_state(self, name: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """By key; empty where the parameter was not trained before."""
        state = MUON_STATE if name in self.matrices else ADAM_STATE
        keys = {key: f"{OPTIMIZER}{name}.{key}" for key in state}
        if not all(full in tensors for full in keys.values()):
            return {}
        return {key: self._moment(name, key, tensors[full]) for key, full in keys.items()}

    def _moment(self, name: str, key: str, saved: Tensor) -> Tensor:
        parameter = self.parameters[name]
        if key == "step" or saved.shape != parameter.shape:
            return saved.to(self.device, torch.float32, copy=True)
        # In the order in memory that the weight has: fused AdamW reads both side by side, whatever
        # their strides say, and a kernel in channels_last order would get another's moments.
        return torch.empty_like(parameter, requires_grad=False).copy_(saved)

    def _check_shapes(self, out: Path, weights: dict[str, Tensor], states: dict[str, dict]) -> None:
        expected = {name: tensor.shape for name, tensor in self.modules.state_dict().items()}
        saved = {name: tensor.shape for name, tensor in weights.items()}
        differ = {n for n in expected.keys() | saved.keys() if expected.get(n) != saved.get(n)}
        for name, state in states.items():
            shape = self.parameters[name].shape
            for key, moment in state.items():
                if moment.shape != (torch.Size() if key == "step" else shape):
                    differ.add(OPTIMIZER + name)
        if differ:  # fused AdamW would write beyond the end of a state that is too short
            reason = Phrase("problem.other_tensors", names=few(differ))
            raise checkpoints.bad(out / checkpoints.FILE, reason)
