"""How small models of digits are kept: weights in fp16 safetensors beside their config.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from tripkit.core.errors import ModelUnavailableError, disk_problem
from tripkit.core.messages import Phrase
from tripkit.core.settings import weights_folder
from tripkit.core.weights import broken, check_weights, few
from tripkit.training import checkpoints

CONFIG, WEIGHTS = "config.json", "model.safetensors"
Model = TypeVar("Model", bound=nn.Module)
Read = TypeVar("Read")


def save_model(model: nn.Module, folder: Path) -> None:
    """Write ``model.safetensors`` and ``config.json`` (``model.config``: what its class takes).

    Raises:
        StorageError: ``training_not_saved``.
    """
    # Half the bytes to ship; fp16 has finer steps than bf16, and small nets' weights are in range.
    tensors = {
        name: (value.half() if value.is_floating_point() else value).detach().cpu().contiguous()
        for name, value in model.state_dict().items()
    }
    text = json.dumps(model.config, indent=2) + "\n"
    with checkpoints.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / WEIGHTS).write_bytes(save(tensors, {"format": "pt"}))
        (folder / CONFIG).write_text(text, encoding="utf-8")


def load_model(kind: type[Model], folder: str | Path) -> Model:
    """The model of class ``kind`` in ``folder``, in fp32, in eval mode, without gradients.

    Args:
        kind: called with what ``config.json`` holds.
        folder: where `save_model` wrote; a bare name is one of the shipped models.

    Raises:
        ModelUnavailableError: ``model_broken``, a file is missing, damaged, of another model, or
            holds NaN; with the file and how it is mended.
    """
    folder = weights_folder() / folder  # an absolute path stays itself
    model = _read(folder / CONFIG, lambda path: kind(**json.loads(path.read_bytes())))
    state = _read(folder / WEIGHTS, load_file)
    _check(model, state, folder)
    # Back in fp32: on a CPU, fp16 is the slower one.
    model.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    return model.eval().requires_grad_(False)


def _read(path: Path, read: Callable[[Path], Read]) -> Read:
    try:
        return read(path)
    except OSError as error:
        raise _broken(path, disk_problem(error)) from error
    # Broken JSON, a config that is no dictionary, or of another class; a file that was cut short.
    except (ValueError, TypeError, RuntimeError, RecursionError, SafetensorError) as error:
        raise _broken(path, Phrase("problem.damaged")) from error


def _check(model: nn.Module, state: dict[str, Tensor], folder: Path) -> None:
    expected = {name: tensor.shape for name, tensor in model.state_dict().items()}
    saved = {name: tensor.shape for name, tensor in state.items()}
    if differ := {n for n in expected.keys() | saved.keys() if expected.get(n) != saved.get(n)}:
        raise _broken(folder / WEIGHTS, Phrase("problem.other_tensors", names=few(differ)))
    check_weights(state, folder.name, shipped=folder.parent == weights_folder())


def _broken(path: Path, reason: Phrase | str) -> ModelUnavailableError:
    shipped = path.parent.parent == weights_folder()
    reason = Phrase("problem.at", place=str(path), reason=reason)
    return broken(path.parent.name, reason, shipped=shipped)
