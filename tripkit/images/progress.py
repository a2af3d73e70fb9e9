"""What a drawing tells: its progress, and previews while it lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tripkit.images.base import OnProgress, report

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL import Image
    from torch import Tensor

# What diffusers calls after each step, and takes the changed tensors from.
StepCallback = Callable[["DiffusionPipeline", int, "Tensor", dict[str, Any]], dict[str, Any]]

# Above this, decoding a preview takes as long as a step: every fourth is shown.
LARGE_LATENTS = 32 * 32


def follow(on_progress: OnProgress | None) -> StepCallback:
    """A callback for a diffusers pipeline that passes each step, and a preview, to the listener.

    A listener with an attribute ``previews`` that is False gets None: decoding takes a while.

    Raises:
        CancelledError: from within the pipeline, where the listener returned False.
    """
    wanted = on_progress is not None and getattr(on_progress, "previews", True)

    def after_step(
        pipeline: DiffusionPipeline, step: int, timestep: Tensor, values: dict[str, Any]
    ) -> dict[str, Any]:
        total, latents = pipeline.num_timesteps, values["latents"]
        show = latents[0, 0].numel() <= LARGE_LATENTS or step % 4 == 3
        preview = decoded(pipeline, latents) if wanted and show else None
        report(on_progress, step + 1, total, preview)
        return {}

    return after_step


def part(on_progress: OnProgress | None, index: int, count: int) -> OnProgress | None:
    """The listener for picture ``index`` of ``count``, which counts the steps of all of them."""
    if on_progress is None:
        return None
    return lambda step, total, preview: on_progress(index * total + step, count * total, preview)


def decoded(pipeline: DiffusionPipeline, latents: Tensor) -> Image.Image:
    """The first of the latents as a Pillow picture."""
    import torch

    with torch.no_grad():
        picture = pipeline.vae.decode(
            latents[:1] / pipeline.vae.config.scaling_factor, return_dict=False
        )[0]
    return pipeline.image_processor.postprocess(picture, output_type="pil")[0]
