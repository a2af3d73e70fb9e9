"""Draws with a diffusers pipeline on this computer: the shipped model, or another by its name."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tripkit.core.errors import ServiceError
from tripkit.core.text import clean_text
from tripkit.images import editing, lora, progress, steering
from tripkit.images.base import (
    OnBatchProgress,
    OnProgress,
    as_prompt,
    check_prompt,
    check_seeds,
    report,
    seeds_from,
)
from tripkit.images.finite import only_finite
from tripkit.images.loading import SHIPPED, check_scheduler, load
from tripkit.images.notes import Note, note_of
from tripkit.images.postcard import Postcard
from tripkit.prompts import ImagePrompt
from tripkit.prompts.postcard_words import sent_to_postcard
from tripkit.services.registry import Service, load_services

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL import Image
    from torch import Generator

Call = dict[str, Any]  # the arguments of a diffusers pipeline's call
Draw = Callable[["DiffusionPipeline", "Generator", Call], "Image.Image"]
DrawBatch = Callable[["DiffusionPipeline", "list[Generator]", Call], "list[Image.Image]"]
Check = Callable[["DiffusionPipeline", str], None]  # of the pipeline, and the model's name


@dataclass(frozen=True)
class _Request:
    """What the postcards of one batch are drawn from.

    Attributes:
        prompt: what to draw.
        draw: makes the pictures with the pipeline, a generator of each seed, and the pipeline's
            arguments.
        notes: what each postcard says of how it was made.
        seeds: see `PipelineBackend.generate_batch`, as for the rest.
    """

    prompt: ImagePrompt | str
    draw: DrawBatch
    notes: tuple[Note, ...]
    seeds: Sequence[int]
    on_progress: OnBatchProgress | None = None
    negative_prompt: str = ""

    @classmethod
    def of_one(
        cls,
        prompt: ImagePrompt | str,
        draw: Draw,
        note: Note,
        seed: int | None,
        on_progress: OnProgress | None,
        negative_prompt: str = "",
    ) -> _Request:
        """The request for a single postcard; without a seed it takes a new one."""

        def draw_all(
            pipeline: DiffusionPipeline, generators: list[Generator], call: Call
        ) -> list[Image.Image]:
            return [draw(pipeline, generator, call) for generator in generators]

        seeds, listener = seeds_from(seed, 1), progress.of_one(on_progress)
        return cls(prompt, draw_all, (note,), seeds, listener, negative_prompt)


class PipelineBackend:
    """A ``diffusers`` text-to-image pipeline, loaded when it is first needed.

    A prompt is an `ImagePrompt` or a sentence. `generate` works with every pipeline; what works on
    a picture, on words or with adapters needs a Stable Diffusion (1 or 2, or one built like them).

    Args:
        name: ``"postcard"``, the shipped model; else a folder in diffusers' format, or a hub id
            such as ``stabilityai/sd-turbo``, which is downloaded once by ``huggingface_hub``.
        num_inference_steps: None takes the registry's value for the model.
        guidance_scale: likewise; 1 is the prompt's own prediction, without guidance.
        scheduler: one of `loading.SCHEDULERS`, diffusers' class names; None keeps the model's own.

    Raises:
        RequestError: ``unknown_scheduler``.
    """

    cost_per_picture = 0.0

    def __init__(
        self,
        name: str = SHIPPED,
        *,
        num_inference_steps: int | None = None,
        guidance_scale: float | None = None,
        scheduler: str | None = None,
    ):
        check_scheduler(scheduler)
        self.name = self.model = name
        self.scheduler = scheduler
        self.service = _registered(name)
        chosen = {"num_inference_steps": num_inference_steps, "guidance_scale": guidance_scale}
        known = self.service.parameters if self.service else {}
        self.parameters = {k: known.get(k) if v is None else v for k, v in chosen.items()}
        self.parameters = {k: v for k, v in self.parameters.items() if v is not None}
        self.lora: str | None = None  # the folder of the adapter that is in the model
        self._pipeline: DiffusionPipeline | None = None
        self._lock = threading.Lock()  # a pipeline holds state in its scheduler: one call at a time

    def text_for(self, prompt: ImagePrompt | str) -> str:
        """The scene; for the shipped model its own wording (`postcard_words.sent_to_postcard`)."""
        prompt = as_prompt(prompt)
        return sent_to_postcard(prompt) if self.name == SHIPPED else clean_text(prompt.scene)

    @property
    def pipeline(self) -> DiffusionPipeline:
        """The diffusers pipeline.

        Raises:
            ModelUnavailableError: it is not here and cannot be downloaded, or cannot be loaded.
        """
        with self._lock:
            return self._loaded()

    def with_steps(self, num_inference_steps: int) -> PipelineBackend:
        """The same loaded model, one picture at a time with this one, in so many steps."""
        other = copy.copy(self)
        other.parameters = {**self.parameters, "num_inference_steps": num_inference_steps}
        return other

    def warm_up(self) -> None:
        """Loads the model and takes one step, after which a picture takes its usual time."""
        with self._lock:
            pipeline = self._loaded()
            if self.name == SHIPPED:
                pipeline("", num_inference_steps=1, output_type="latent")

    def generate(
        self,
        prompt: ImagePrompt | str,
        *,
        seed: int | None = None,
        on_progress: OnProgress | None = None,
        negative_prompt: str = "",
        weights: Mapping[str, float] | None = None,
    ) -> Postcard:
        """Draws the prompt's scene. Same seed, same machine: same pixels.

        Args:
            prompt: what to draw.
            seed: 0 to ``base.MAX_SEED``; None draws a new one.
            on_progress: called as ``(step, total, preview)``; returning False cancels.
            negative_prompt: what guidance leads away from, in place of the empty prompt.
            weights: word of the prompt -> weight, see `steering.weighted_embeds`; 1 changes
                nothing.

        Raises:
            RequestError: ``empty_prompt``, ``bad_seed``, ``negative_without_guidance``,
                ``bad_weight``, ``word_not_in_prompt``.
            CancelledError: ``on_progress`` returned False.
            ModelUnavailableError: see `pipeline`; ``model_needs_mask``, one that can only `edit`.
                ``model_broken``, what it draws is not finite.
            ServiceError: ``out_of_memory``.
        """
        (postcard,) = self.generate_batch(
            prompt,
            seeds=seeds_from(seed, 1),
            on_progress=progress.of_one(on_progress),
            negative_prompt=negative_prompt,
            weights=weights,
        )
        return postcard

    def generate_batch(
        self,
        prompt: ImagePrompt | str,
        *,
        seeds: Sequence[int],
        on_progress: OnBatchProgress | None = None,
        negative_prompt: str = "",
        weights: Mapping[str, float] | None = None,
    ) -> list[Postcard]:
        """Draws the prompt's scene once for each seed, all in one batch.

        The pictures are those that `generate` draws with these seeds, but for rounding: sums over a
        batch are taken in another order, at most 2 of 255 levels for the shipped model.

        Args:
            prompt: what to draw.
            seeds: 1 to ``base.MAX_BATCH``, each another.
            on_progress: called as ``(step, total, previews)``, one preview for each seed;
                returning False cancels, and there is no picture.
            negative_prompt: as for `generate`.
            weights: as for `generate`.

        Raises:
            RequestError: as `generate`, and ``bad_batch_seeds``.
            CancelledError, ModelUnavailableError, ServiceError: as `generate`.
        """
        checked = steering.check_weights(weights)

        def draw(
            pipeline: DiffusionPipeline, generators: list[Generator], call: Call
        ) -> list[Image.Image]:
            if checked:
                call = steering.weighted(pipeline, call, checked)
            count = len(generators)
            return pipeline(generator=generators, num_images_per_prompt=count, **call).images

        words = ", ".join(f"{word} ×{weight:g}" for word, weight in checked.items())
        notes = (("note.weights", {"weights": words}),) if checked else ()
        checks = [steering.check_draws_alone]
        checks += [steering.check_stable_diffusion] if checked else []
        request = _Request(prompt, draw, notes, seeds, on_progress, negative_prompt)
        return self._draw(request, *checks)

    def vary(
        self,
        prompt: ImagePrompt | str,
        image: Image.Image | Postcard,
        *,
        strength: float = 0.6,
        seed: int | None = None,
        on_progress: OnProgress | None = None,
        negative_prompt: str = "",
    ) -> Postcard:
        """Draws a picture anew from a noisy version of itself (img2img, `editing.vary`).

        Strength 0 is the picture as it is, 1 keeps next to nothing of it. The result has its size.

        Raises:
            RequestError: as `generate`, and ``bad_strength``, ``not_a_picture``, ``picture_size``.
        """
        picture, strength = editing.check_picture(image), editing.check_strength(strength)

        def draw(pipeline: DiffusionPipeline, generator: Generator, call: Call) -> Image.Image:
            if strength == 0:
                report(on_progress, 1, 1, picture)
                return picture.copy()
            return editing.vary(pipeline, picture, strength, generator, call)

        note = ("note.varied", {"percent": round(100 * strength)})
        request = _Request.of_one(prompt, draw, note, seed, on_progress, negative_prompt)
        return self._draw(request, steering.check_stable_diffusion, steering.check_draws_alone)[0]

    def edit(
        self,
        prompt: ImagePrompt | str,
        image: Image.Image | Postcard,
        mask: Image.Image,
        *,
        seed: int | None = None,
        on_progress: OnProgress | None = None,
        negative_prompt: str = "",
    ) -> Postcard:
        """Draws the white part of the mask anew (inpainting); the black part stays bit for bit.

        Args:
            prompt: the whole picture as it should be.
            image: a Pillow picture or a `Postcard`.
            mask: a Pillow picture of mode L and of the picture's size: white (255) is drawn anew,
                black (0) is kept.
            seed: as for `generate`.
            on_progress: as for `generate`.
            negative_prompt: as for `generate`.

        Raises:
            RequestError: as `generate`, and ``not_a_picture``, ``picture_size``, ``mask_mode``,
                ``mask_size``, ``mask_empty``.
        """
        picture = editing.check_picture(image)
        mask = editing.check_mask(mask, picture)
        percent = 100 * mask.histogram()[255] / (mask.width * mask.height)
        draw = partial(editing.redraw, picture, mask)
        note = ("note.edited", {"percent": max(1, round(percent))})
        request = _Request.of_one(prompt, draw, note, seed, on_progress, negative_prompt)
        return self._draw(request, steering.check_stable_diffusion)[0]

    def outpaint(
        self,
        prompt: ImagePrompt | str,
        image: Image.Image | Postcard,
        *,
        left: int = 0,
        right: int = 0,
        top: int = 0,
        bottom: int = 0,
        seed: int | None = None,
        on_progress: OnProgress | None = None,
        negative_prompt: str = "",
    ) -> Postcard:
        """Goes on with a picture beyond its edges, by so many pixels; the old part stays.

        The postcard model may draw a place again, where it always stands on a canvas.

        Raises:
            RequestError: as `edit`, and ``bad_margin``, ``outpaint_nothing``,
                ``outpaint_too_much`` (more than twice as wide or high).
        """
        picture = editing.check_picture(image)
        margins = {"left": left, "right": right, "top": top, "bottom": bottom}
        draw = partial(editing.redraw, *editing.enlarged_canvas(picture, **margins))
        note = ("note.outpainted", margins)
        request = _Request.of_one(prompt, draw, note, seed, on_progress, negative_prompt)
        return self._draw(request, steering.check_stable_diffusion)[0]

    def interpolate(
        self,
        prompt: ImagePrompt | str,
        *,
        seeds: Sequence[int],
        count: int = 5,
        on_progress: OnProgress | None = None,
    ) -> list[Postcard]:
        """Pictures on the way from one seed's starting noise to another's (`steering.slerp`).

        The first and the last are those that `generate` draws with these seeds; those between have
        no seed. Where the scheduler adds noise, each takes it from the nearer seed.

        Raises:
            RequestError: as `generate`, and ``bad_seeds``, ``bad_count`` (2 to 25 pictures).
        """
        start, end = steering.check_path(seeds, count)
        postcards = []
        for index in range(count):
            share = index / (count - 1)
            near = end if round(share) else start
            way = {"start": start, "end": end, "percent": round(100 * share)}
            draw = partial(_draw_between, (start, end), share)
            listener = progress.part(on_progress, index, count)
            request = _Request.of_one(prompt, draw, ("note.interpolated", way), near, listener)
            (postcard,) = self._draw(
                request, steering.check_stable_diffusion, steering.check_draws_alone
            )
            postcards.append(postcard if share in (0, 1) else replace(postcard, seed=None))
        return postcards

    def load_lora(self, folder: str | Path) -> None:
        """Puts a LoRA adapter (arXiv:2106.09685) into the model, in place of an earlier one.

        Raises:
            ModelUnavailableError: see `lora.load_lora`, and ``not_stable_diffusion``.
        """
        with self._lock:
            steering.check_stable_diffusion(self._loaded(), self.model)
            lora.load_lora(self._loaded(), folder, self.model)
            self.lora = str(folder)

    def unload_lora(self) -> None:
        """Takes the adapter out again: the model draws bit for bit as before. Safe without one."""
        with self._lock:
            if self.lora is not None:
                self._loaded().unload_lora_weights()
            self.lora = None

    def _draw(self, request: _Request, *checks: Check) -> list[Postcard]:
        """A postcard for each seed, by a model that passes the checks."""
        check_prompt(request.prompt)
        prompt = as_prompt(request.prompt)
        sent = self.text_for(prompt)
        check_prompt(sent)
        negative = self.text_for(clean_text(request.negative_prompt or ""))
        seeds = check_seeds(request.seeds)
        with self._lock:
            pipeline = self._loaded()
            import torch

            steering.check_negative(pipeline, negative, self.parameters)
            for check in checks:
                check(pipeline, self.model)
            call = {
                "prompt": sent,
                **({"negative_prompt": negative} if negative else {}),
                "callback_on_step_end": progress.follow(request.on_progress),
                "callback_on_step_end_tensor_inputs": ["latents"],
                **self.parameters,
            }
            started = time.perf_counter()
            try:
                with only_finite(pipeline, self.model, shipped=self.name == SHIPPED):
                    images = request.draw(pipeline, [*map(_generator, seeds)], call)
            except (MemoryError, torch.OutOfMemoryError) as error:
                raise ServiceError("out_of_memory", model=self.model) from error
            seconds = (time.perf_counter() - started) / len(images)
            notes = list(request.notes)
            if negative:
                notes.append(("note.negative", {"words": negative}))
            note = note_of(self, pipeline, sent, prompt, notes)
        facts = (seconds, self.cost_per_picture, note)
        return [
            Postcard(image, prompt, sent, self.model, seed, *facts)
            for image, seed in zip(images, seeds, strict=True)
        ]

    def _loaded(self) -> DiffusionPipeline:
        if self._pipeline is None:
            self._pipeline = load(self.name, self.scheduler)
        return self._pipeline


def _registered(name: str) -> Service | None:
    return next((s for s in load_services() if s.id == name and s.kind == "image"), None)


def _generator(seed: int) -> Generator:
    import torch

    return torch.Generator("cpu").manual_seed(seed)


def _draw_between(
    seeds: tuple[int, int], share: float, pipeline: DiffusionPipeline, _: Generator, call: Call
) -> Image.Image:
    """The picture from the noise between two seeds'; the nearer one's generator goes on."""
    generators = [_generator(seed) for seed in seeds]
    first, last = (steering.starting_noise(pipeline, each) for each in generators)
    latents = steering.slerp(first, last, share)
    return pipeline(latents=latents, generator=generators[round(share)], **call).images[0]
