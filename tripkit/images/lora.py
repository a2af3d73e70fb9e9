"""LoRA adapters: small matrices beside the layers of a U-Net (Hu et al. 2021, arXiv:2106.09685).

An adapter is a folder with ``pytorch_lora_weights.safetensors``, as diffusers and
`recipes.lora` write it. It fits the models that it was trained on, and no others: before
anything is put into a model, each matrix is compared with the layer that it belongs to.
"""

from __future__ import annotations

import importlib.util
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tripkit.core.errors import ModelUnavailableError
from tripkit.core.messages import Phrase

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from torch import Tensor
    from torch.nn import Module

FILE = "pytorch_lora_weights.safetensors"
_NAMES = ("first", "second")  # of adapters: a new one is in the model before the old one goes
_KEY = re.compile(r"(?P<layer>.+)\.lora(?:_A|\.down|(?P<up>_B|\.up))\.weight")  # of a matrix


def check_peft() -> None:
    """Refuses to go on where peft, the extra ``lora``, is not installed.

    Raises:
        ModelUnavailableError: ``lora_needs_peft``.
    """
    if importlib.util.find_spec("peft") is None:
        raise ModelUnavailableError("lora_needs_peft")


def load_lora(pipeline: DiffusionPipeline, folder: str | Path, model: str) -> None:
    """Puts the adapter of a folder into the pipeline, in place of any that is there.

    Raises:
        ModelUnavailableError: ``lora_needs_peft``, ``lora_not_found``, ``lora_incompatible``; the
            pipeline is then as it was.
    """
    check_peft()
    path = Path(folder)
    if not (path / FILE).is_file():
        raise ModelUnavailableError("lora_not_found", folder=str(folder), file=FILE)
    options = {"weight_name": FILE, "use_safetensors": True, "local_files_only": True}
    try:
        # Other programs' names of the layers become diffusers' here.
        state = pipeline.lora_state_dict(str(path), **options)[0]
    except Exception as error:  # safetensors, OSError, ValueError: whatever is wrong with the file
        raise _refusal(folder, model, Phrase("problem.lora_unreadable")) from error
    if problem := misfit(pipeline, state):
        raise _refusal(folder, model, problem)
    before = _adapters(pipeline)
    name = next(name for name in _NAMES if name not in before)
    try:
        with _two_at_once():
            pipeline.load_lora_weights(str(path), adapter_name=name, **options)
    except Exception as error:  # peft and diffusers raise many kinds
        _take_out(pipeline, _adapters(pipeline) - before)
        problem = Phrase("problem.lora_refused", kind=type(error).__name__)
        raise _refusal(folder, model, problem) from error
    _take_out(pipeline, before)


@contextmanager
def _two_at_once() -> Iterator[None]:
    """For a moment two adapters are in the model: peft warns of it, and transformers reports."""
    from transformers.utils import logging

    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Already found a `peft_config`", UserWarning)
            yield
    finally:
        logging.set_verbosity(level)


def _adapters(pipeline: DiffusionPipeline) -> set[str]:
    """The names of the adapters that are in the U-Net or the text encoder."""
    parts = (pipeline.unet, pipeline.text_encoder)
    return {name for part in parts for name in getattr(part, "peft_config", None) or {}}


def _take_out(pipeline: DiffusionPipeline, names: set[str]) -> None:
    """Removes these adapters; with the last of them the layers are the plain ones again."""
    if names and names == _adapters(pipeline):
        pipeline.unload_lora_weights()
    elif names:
        pipeline.set_adapters(sorted(_adapters(pipeline) - names))
        pipeline.delete_adapters(sorted(names))


def misfit(pipeline: DiffusionPipeline, state: dict[str, Tensor]) -> Phrase | None:
    """Why an adapter's matrices do not belong to the layers of this pipeline, or None if they do.

    The down matrix has as many inputs as its layer, the up matrix as many outputs: the second axis
    of the one, the first of the other.
    """
    known = 0
    for key, matrix in state.items():
        if not (part := _KEY.fullmatch(key)):
            continue
        known += 1
        name, axis = part["layer"], 0 if part["up"] else 1
        layer = _find(pipeline, name)
        if layer is None:
            return Phrase("problem.lora_no_layer", layer=name[:120])
        layer = getattr(layer, "base_layer", layer)  # an adapter that is in the model wraps it
        expected = layer.weight.shape[axis]
        received = matrix.shape[axis] if matrix.ndim > 1 else 0
        if received != expected:
            return Phrase(
                "problem.lora_width", layer=name[:120], received=received, expected=expected
            )
    return None if known else Phrase("problem.lora_no_matrices")


def _find(pipeline: DiffusionPipeline, name: str) -> Module | None:
    """The layer of that name in the U-Net or the text encoder, or None."""
    part, _, path = name.partition(".")
    if part not in ("unet", "text_encoder"):
        return None
    # transformers 5 has dropped a level that adapters for the text encoder may still name.
    for known in (path, path.removeprefix("text_model.")):
        try:
            layer = getattr(pipeline, part).get_submodule(known)
        except AttributeError:
            continue
        if hasattr(layer, "weight"):
            return layer
    return None


def _refusal(folder: str | Path, model: str, problem: Phrase) -> ModelUnavailableError:
    return ModelUnavailableError(
        "lora_incompatible", folder=str(folder), model=model, problem=problem
    )
