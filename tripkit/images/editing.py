"""Draws from a picture instead of from noise alone: variations, masks, a larger canvas.

A mask is a Pillow picture of mode ``"L"`` (or ``"1"``) and of the picture's own size: white (255)
is drawn anew, black (0) is kept, and a grey counts as the nearer of the two. Kept pixels come back
bit for bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from tripkit.core.errors import RequestError
from tripkit.core.text import clipped
from tripkit.images.steering import default, needs_mask

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from torch import Generator, Tensor

    from tripkit.images.postcard import Postcard
    from tripkit.images.progress import StepCallback

SMALLEST, LARGEST = 16, 1024  # pixels a side of a picture to work on
GRID = 8  # diffusers' pipelines draw pictures whose sides are multiples of this


def check_picture(image: Postcard | Image.Image) -> Image.Image:
    """The picture in mode RGB; a postcard is its picture.

    Raises:
        RequestError: ``not_a_picture``, ``picture_size``.
    """
    picture = getattr(image, "image", image)
    if not isinstance(picture, Image.Image):
        raise RequestError("not_a_picture", kind=type(picture).__name__)
    size = picture.size
    if min(size) < SMALLEST or max(size) > LARGEST:
        raise RequestError("picture_size", size=_by(size), smallest=SMALLEST, largest=LARGEST)
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def check_mask(mask: Image.Image, image: Image.Image) -> Image.Image:
    """The mask in black and white, mode L.

    Raises:
        RequestError: ``mask_mode``, ``mask_size``, ``mask_empty``.
    """
    if not isinstance(mask, Image.Image) or mask.mode not in ("L", "1"):
        received = mask.mode if isinstance(mask, Image.Image) else type(mask).__name__
        raise RequestError("mask_mode", mode=received)
    if mask.size != image.size:
        raise RequestError("mask_size", mask=_by(mask.size), picture=_by(image.size))
    mask = mask.convert("L").point([0] * 128 + [255] * 128)
    if mask.getbbox() is None:
        raise RequestError("mask_empty")
    return mask


def check_strength(strength: float) -> float:
    """The strength as a float.

    Raises:
        RequestError: ``bad_strength``, anything but a number from 0 to 1.
    """
    real = isinstance(strength, (int, float)) and not isinstance(strength, bool)
    if not real or not 0 <= strength <= 1:
        raise RequestError("bad_strength", strength=clipped(strength, 20))
    return float(strength)


def enlarged_canvas(
    image: Image.Image, left: int, right: int, top: int, bottom: int
) -> tuple[Image.Image, Image.Image]:
    """The picture on a larger canvas, its border pixels drawn out, and the mask of what is new.

    Raises:
        RequestError: ``bad_margin``, ``outpaint_nothing``, ``outpaint_too_much``: at most twice as
            wide and twice as high, so that the picture still says what to go on with.
    """
    margins = (left, right, top, bottom)
    for margin in margins:
        if isinstance(margin, bool) or not isinstance(margin, int) or margin < 0:
            raise RequestError("bad_margin", margin=clipped(margin, 20))
    if not any(margins):
        raise RequestError("outpaint_nothing")
    width, height = image.width + left + right, image.height + top + bottom
    most = min(2 * image.width, LARGEST), min(2 * image.height, LARGEST)
    if width > most[0] or height > most[1]:
        raise RequestError(
            "outpaint_too_much", size=_by((width, height)), most=_by(most), picture=_by(image.size)
        )
    sides = ((top, bottom), (left, right))
    canvas = Image.fromarray(np.pad(np.asarray(image), (*sides, (0, 0)), mode="edge"))
    kept = np.zeros((image.height, image.width), np.uint8)
    mask = Image.fromarray(np.pad(kept, sides, constant_values=255))
    return canvas, mask


def vary(
    pipeline: DiffusionPipeline,
    image: Image.Image,
    strength: float,
    generator: Generator,
    call: dict[str, Any],
) -> Image.Image:
    """Noise on the picture, then the last part of the steps (SDEdit, arXiv:2108.01073).

    ``strength`` times the steps are taken, at least one: that much of the way to pure noise. The
    work is diffusers' own image-to-image pipeline on the parts that are already loaded.
    """
    from diffusers import AutoPipelineForImage2Image

    other = AutoPipelineForImage2Image.from_pipe(pipeline)
    other.set_progress_bar_config(disable=True)
    steps = call.get("num_inference_steps") or default(other, "num_inference_steps")
    taken = max(1, int(steps * strength + 1e-6))
    # diffusers rounds steps * strength down: half a step more keeps it clear of a float's error.
    share = min(1.0, (taken + 0.5) / steps)
    call = {**call, "num_inference_steps": steps, "strength": share}
    drawn = other(image=padded(image), generator=generator, **call).images[0]
    return drawn.crop((0, 0, *image.size))


def redraw(
    image: Image.Image,
    mask: Image.Image,
    pipeline: DiffusionPipeline,
    generator: Generator,
    call: dict[str, Any],
) -> Image.Image:
    """Draws what is white in the mask, from pure noise; the rest comes back bit for bit.

    After each step the kept part is put back as the picture with that step's noise (blended latent
    diffusion, Avrahami et al. 2022, arXiv:2206.02779), which works with every U-Net and scheduler.
    A U-Net that was trained with the mask among its inputs goes through diffusers' pipeline for it.
    """
    grid = padded(image)
    area = Image.new("L", grid.size, 255)  # beyond the picture's edge there is nothing to keep
    area.paste(mask, (0, 0))
    size = {"height": grid.height, "width": grid.width}
    if needs_mask(pipeline):
        from diffusers import AutoPipelineForInpainting

        other = AutoPipelineForInpainting.from_pipe(pipeline)
        other.set_progress_bar_config(disable=True)
        call = {**call, **size, "strength": 1.0, "generator": generator}
        drawn = other(image=grid, mask_image=area, **call).images[0]
    else:
        keep = Keep(pipeline, grid, area, generator)
        follow = call["callback_on_step_end"]
        call = {**call, **size, "callback_on_step_end": keep.after(follow)}
        drawn = pipeline(latents=keep.noise, generator=generator, **call).images[0]
    return Image.composite(drawn.crop((0, 0, *image.size)), image, mask)


class Keep:
    """Holds the kept part of a picture in place while the rest is drawn.

    A cell of the latents is kept where all its pixels are: a mask of one pixel frees one cell.
    """

    def __init__(
        self,
        pipeline: DiffusionPipeline,
        image: Image.Image,
        mask: Image.Image,
        generator: Generator,
    ):
        import torch

        device, dtype = pipeline._execution_device, pipeline.unet.dtype
        pixels = pipeline.image_processor.preprocess(image).to(device, dtype)
        with torch.no_grad():
            encoded = pipeline.vae.encode(pixels)
        known = encoded.latents if hasattr(encoded, "latents") else encoded.latent_dist.mode()
        self.known = known * pipeline.vae.config.scaling_factor
        self.noise = torch.randn(self.known.shape, generator=generator, dtype=dtype).to(device)
        white = torch.from_numpy(np.asarray(mask).copy()).to(device, dtype)[None, None] / 255
        cell = image.height // self.known.shape[-2]
        self.free = torch.nn.functional.max_pool2d(white, cell)  # (1, 1, h, w), 1 is drawn anew

    def after(self, follow: StepCallback) -> StepCallback:
        """A callback for the pipeline: puts the kept part back, then calls ``follow``."""
        import torch

        def after_step(
            pipeline: DiffusionPipeline, step: int, timestep: Tensor, values: dict[str, Any]
        ) -> dict[str, Any]:
            timesteps = pipeline.scheduler.timesteps
            known = self.known
            if step + 1 < len(timesteps):
                next_timestep = timesteps[step + 1].reshape(1)
                known = pipeline.scheduler.add_noise(known, self.noise, next_timestep)
            latents = torch.where(self.free > 0, values["latents"], known)
            follow(pipeline, step, timestep, {**values, "latents": latents})
            return {"latents": latents}

        return after_step


def padded(image: Image.Image) -> Image.Image:
    """The picture, its last row and column repeated until both sides are multiples of 8."""
    more = (-image.height % GRID, -image.width % GRID)
    if not any(more):
        return image
    return Image.fromarray(np.pad(np.asarray(image), ((0, more[0]), (0, more[1]), (0, 0)), "edge"))


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
