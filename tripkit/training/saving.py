"""How small models of digits are kept: weights in fp16 safetensors beside their config.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypeVar

from safetensors.torch import load_file, save_file
from torch import nn

from tripkit.core.settings import weights_folder

Model = TypeVar("Model", bound=nn.Module)


def save_model(model: nn.Module, folder: Path) -> None:
    """Write ``model.safetensors`` and ``config.json`` (``model.config``: what its class takes)."""
    folder.mkdir(parents=True, exist_ok=True)
    # Half the bytes to ship; fp16 has finer steps than bf16, and small nets' weights are in range.
    tensors = {
        name: (value.half() if value.is_floating_point() else value).detach().cpu().contiguous()
        for name, value in model.state_dict().items()
    }
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    text = json.dumps(model.config, indent=2) + "\n"
    (folder / "config.json").write_text(text, encoding="utf-8")


def load_model(kind: type[Model], folder: str | Path) -> Model:
    """The model of class ``kind`` in ``folder``, in fp32, in eval mode, without gradients.

    Args:
        kind: called with what ``config.json`` holds.
        folder: where `save_model` wrote; a bare name is one of the shipped models.
    """
    folder = weights_folder() / folder  # an absolute path stays itself
    model = kind(**json.loads((folder / "config.json").read_text(encoding="utf-8")))
    # Back in fp32: on a CPU, fp16 is the slower one.
    state = load_file(folder / "model.safetensors")
    model.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
    return model.eval().requires_grad_(False)
