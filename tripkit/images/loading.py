"""Brings a diffusers pipeline into memory, or says why it cannot: missing, half there, broken."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tripkit.core.errors import ModelUnavailableError, RequestError, ServiceError, TripkitError
from tripkit.core.messages import Phrase
from tripkit.core.settings import cpu_threads, weights_folder
from tripkit.core.text import clipped
from tripkit.core.weights import broken, check_weights, few, incomplete
from tripkit.downloads.local import INDEX, cached_folder, missing_parts

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline, SchedulerMixin
    from torch.nn import Module

SHIPPED = "postcard"
# diffusers' schedulers that read the noise schedule of a Stable Diffusion from its config, and
# need no further package. They differ in how they step from one noise level to the next. Left out:
# DEIS and KDPM2, whose code warns under NumPy 2, and Euler ancestral, whose rounding gives NaN
# where a step leads from nearly pure noise (our schedule with few steps).
SCHEDULERS = (
    "DDIMScheduler",
    "DDPMScheduler",
    "DPMSolverMultistepScheduler",
    "DPMSolverSinglestepScheduler",
    "EulerDiscreteScheduler",
    "HeunDiscreteScheduler",
    "LCMScheduler",
    "PNDMScheduler",
    "UniPCMultistepScheduler",
)


def check_scheduler(name: str | None) -> None:
    """Refuses a scheduler that is not one of ``SCHEDULERS``; None keeps the model's own.

    Raises:
        RequestError: ``unknown_scheduler``.
    """
    if name is not None and name not in SCHEDULERS:
        known = ", ".join(SCHEDULERS)
        raise RequestError("unknown_scheduler", name=clipped(name, 60), known=known)


def load(name: str, scheduler: str | None = None) -> DiffusionPipeline:
    """The pipeline of that name, in fp32, with the scheduler swapped where one is named.

    Raises:
        ModelUnavailableError: ``model_needs_download``, ``model_incomplete``, ``model_broken``.
        ServiceError: ``out_of_memory``.
    """
    # A loading report is no part of a lesson.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    import torch
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    diffusers_logging.set_verbosity_error()
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(cpu_threads())
    shipped = name == SHIPPED
    pipeline = _from_pretrained(name, shipped)
    if scheduler is not None:
        pipeline.scheduler = make_scheduler(scheduler, pipeline.scheduler.config)
    if not shipped and torch.cuda.is_available():
        pipeline.to("cuda")
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def make_scheduler(name: str, config: Mapping[str, Any]) -> SchedulerMixin:
    """The scheduler of that class name with the noise schedule of another one's config."""
    import diffusers

    # PNDM's first steps come in fours (Runge-Kutta); img2img may begin in the midst of them.
    options = {"skip_prk_steps": True} if name == "PNDMScheduler" else {}
    return getattr(diffusers, name).from_config(config, **options)


def _from_pretrained(name: str, shipped: bool) -> DiffusionPipeline:
    import torch
    from diffusers import AutoPipelineForText2Image

    there = weights_folder() / SHIPPED if shipped else Path(name)
    folder = there if shipped or there.is_dir() else cached_folder(name)
    if folder is None:  # gigabytes are never fetched unasked: `downloads` does it, once allowed
        raise ModelUnavailableError("model_needs_download", model=name)
    if parts := missing_parts(folder):
        raise incomplete(name, parts, shipped=shipped)
    options = {"safety_checker": None, "requires_safety_checker": False} if shipped else {}
    how = {"dtype": torch.float32, "use_safetensors": True, "local_files_only": True}
    try:
        options |= how | _modules(name, folder, shipped, how)
        return AutoPipelineForText2Image.from_pretrained(folder, **options)
    except MemoryError as error:
        raise ServiceError("out_of_memory", model=name) from error
    except TripkitError:
        raise
    except Exception as error:  # diffusers raises many kinds for a folder that is not whole
        raise broken(name, type(error).__name__, shipped=shipped) from error


def _modules(name: str, folder: Path, shipped: bool, how: dict[str, Any]) -> dict[str, Module]:
    """The pipeline's networks, each with all its tensors.

    The pipeline itself would not tell: of tensors that a file lacks, transformers makes up random
    ones, and diffusers leaves the place empty until it is drawn with.
    """
    index = folder / INDEX
    modules = {}
    for part, value in json.loads(index.read_bytes()).items() if index.is_file() else ():
        network = _network(*value) if isinstance(value, list) and len(value) == 2 else None
        if network is not None:
            module, report = network.from_pretrained(folder / part, output_loading_info=True, **how)
            _check_tensors(name, module, report, shipped)
            modules[part] = module
    return modules


def _network(library: object, kind: object) -> Any:
    """The class of a network; None for what has no weights, or comes with its own pipeline."""
    from torch.nn import Module

    known = library in ("diffusers", "transformers")
    found = getattr(import_module(str(library)), str(kind), None) if known else None
    return found if isinstance(found, type) and issubclass(found, Module) else None


def _check_tensors(name: str, module: Module, report: Mapping[str, Any], shipped: bool) -> None:
    # Others' files may hold more than is used, as an older library's buffers; ours never do.
    kinds = ("missing_keys", "mismatched_keys", *(["unexpected_keys"] if shipped else []))
    keys = [key for kind in kinds for key in report[kind]]
    if names := [key if isinstance(key, str) else key[0] for key in keys]:
        raise broken(name, Phrase("problem.other_tensors", names=few(names)), shipped=shipped)
    if shipped:  # others' gigabytes are not gone through: what they draw is looked at
        check_weights(module.state_dict(), name, shipped=True)
