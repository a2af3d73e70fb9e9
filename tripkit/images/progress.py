"""What a drawing tells: its progress, and previews while it lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tripkit.images.base import OnBatchProgress, OnProgress, report

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL import Image
    from torch import Tensor

# What diffusers calls after each step, and takes the changed tensors from.
StepCallback = Callable[["DiffusionPipeline", int, "Tensor", dict[str, Any]], dict[str, Any]]

# Above this, decoding a preview takes as long as a step: every fourth is shown.
LARGE_LATENTS = 32 * 32


def follow(on_progress: OnBatchProgress | None) -> StepCallback:
    """A callback for a diffusers pipeline that passes each step, and previews, to the listener.

    A listener with an attribute ``previews`` that is False gets None: decoding takes a while.

    Raises:
        CancelledError: from within the pipeline, where the listener returned False.
    """
    wanted = on_progress is not None and _wants_previews(on_progress)

    def after_step(
        pipeline: DiffusionPipeline, step: int, timestep: Tensor, values: dict[str, Any]
    ) -> dict[str, Any]:
        total, latents = pipeline.num_timesteps, values["latents"]
        show = latents[0, 0].numel() <= LARGE_LATENTS or step % 4 == 3
        previews = decoded(pipeline, latents) if wanted and show else None
        report(on_progress, step + 1, total, previews)
        return {}

    return after_step


def _wants_previews(on_progress: OnProgress | OnBatchProgress) -> bool:
    return getattr(on_progress, "previews", True)


def of_one(on_progress: OnProgress | None) -> OnBatchProgress | None:
    """The listener to a single picture, as one to a batch of one."""
    if on_progress is None:
        return None

    def listen(step: int, total: int, previews: list[Image.Image] | None) -> bool | None:
        return on_progress(step, total, previews[0] if previews else None)

    listen.previews = _wants_previews(on_progress)  # type: ignore[attr-defined]  # see `follow`
    return listen


def part(on_progress: OnProgress | None, index: int, count: int) -> OnProgress | None:
    """The listener for picture ``index`` of ``count``, which counts the steps of all of them."""
    if on_progress is None:
        return None

    def listen(step: int, total: int, preview: Image.Image | None) -> bool | None:
        return on_progress(index * total + step, count * total, preview)

    listen.previews = _wants_previews(on_progress)  # type: ignore[attr-defined]  # see `follow`
    return listen


def decoded(pipeline: DiffusionPipeline, latents: Tensor) -> list[Image.Image]:
    """The latents as Pillow pictures."""
    import torch

    with torch.no_grad():
        picture = pipeline.vae.decode(
            latents / pipeline.vae.config.scaling_factor, return_dict=False
        )[0]
    return pipeline.image_processor.postprocess(picture, output_type="pil")
