"""Refuses a picture of numbers that are not finite: saved, it would be a black postcard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from tripkit.core.messages import Phrase
from tripkit.core.weights import broken

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from torch.nn import Module

# What predicts, and what decodes: diffusers calls `vae.decode`, and that the module `decoder`.
PARTS = ("unet", "transformer", "vae.decoder")


@contextmanager
def only_finite(pipeline: DiffusionPipeline, model: str, *, shipped: bool) -> Iterator[None]:
    """Stops what draws inside the block as soon as a part answers NaN or infinity.

    Raises:
        ModelUnavailableError: ``model_broken``, from within the pipeline.
    """

    def check(_module: Module, _arguments: tuple[Any, ...], answer: Any) -> None:
        values = answer if hasattr(answer, "isfinite") else answer[0]
        if not values.isfinite().all():
            raise broken(model, Phrase("problem.picture_not_finite"), shipped=shipped)

    with ExitStack() as hooks:
        for name in PARTS:
            part: Any = pipeline
            for step in name.split("."):
                part = getattr(part, step, None)
            if part is not None:
                hooks.enter_context(part.register_forward_hook(check))
        yield
