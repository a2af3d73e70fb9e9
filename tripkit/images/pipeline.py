"""Draws with a diffusers pipeline on this computer: the shipped model, or another by its name."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from tripkit.errors import ModelUnavailableError, ServiceError, TripkitError
from tripkit.images.base import check_prompt, check_seed, new_seed, report
from tripkit.images.postcard import Postcard
from tripkit.images.wording import with_codes
from tripkit.messages import text
from tripkit.prompts import ImagePrompt
from tripkit.services import Service, load_services
from tripkit.settings import clean_text, cpu_threads, weights_folder

SHIPPED = "postcard"
LARGE_LATENTS = (
    32 * 32
)  # above this, decoding a preview takes as long as a step: every fourth is shown


class PipelineBackend:
    """A ``diffusers`` text-to-image pipeline, loaded when it is first needed.

    Args:
        name: ``"postcard"``, the shipped model; else a folder in diffusers' format, or a hub id
            such as ``stabilityai/sd-turbo``, which is downloaded once by ``huggingface_hub``.
        num_inference_steps: None takes the registry's value for the model.
        guidance_scale: likewise; 1 is the prompt's own prediction, without guidance.
    """

    cost_per_picture = 0.0

    def __init__(
        self,
        name: str = SHIPPED,
        *,
        num_inference_steps: int | None = None,
        guidance_scale: float | None = None,
    ):
        self.name = self.model = name
        self.service = _registered(name)
        chosen = {"num_inference_steps": num_inference_steps, "guidance_scale": guidance_scale}
        known = self.service.parameters if self.service else {}
        self.parameters = {k: known.get(k) if v is None else v for k, v in chosen.items()}
        self.parameters = {k: v for k, v in self.parameters.items() if v is not None}
        self._pipeline = None
        self._lock = threading.Lock()  # a pipeline holds state in its scheduler: one call at a time

    def text_for(self, prompt: ImagePrompt) -> str:
        """The scene; for the shipped model with the codes of its colours (`wording.with_codes`)."""
        return with_codes(prompt) if self.name == SHIPPED else clean_text(prompt.scene)

    @property
    def pipeline(self):
        """The diffusers pipeline.

        Raises:
            ModelUnavailableError: it is not here and cannot be downloaded, or cannot be loaded.
        """
        with self._lock:
            return self._loaded()

    def warm_up(self) -> None:
        """Loads the model and takes one step, after which a picture takes its usual time."""
        with self._lock:
            pipeline = self._loaded()
            if self.name == SHIPPED:
                pipeline("", num_inference_steps=1, output_type="latent")

    def generate(
        self, prompt: ImagePrompt, *, seed: int | None = None, on_progress=None
    ) -> Postcard:
        """Draws the prompt's scene. Same seed, same machine: same pixels.

        Raises:
            RequestError: ``empty_prompt``, ``bad_seed``.
            CancelledError: ``on_progress`` returned False.
            ModelUnavailableError: see `pipeline`; ``ServiceError`` when memory does not suffice.
        """
        check_prompt(prompt)
        sent = self.text_for(prompt)
        check_prompt(sent)
        seed = new_seed() if seed is None else seed
        check_seed(seed)
        with self._lock:
            pipeline = self._loaded()
            import torch

            started = time.perf_counter()
            try:
                image = pipeline(
                    sent,
                    generator=torch.Generator("cpu").manual_seed(seed),
                    callback_on_step_end=self._follow(on_progress),
                    callback_on_step_end_tensor_inputs=["latents"],
                    **self.parameters,
                ).images[0]
            except TripkitError:
                raise
            except (MemoryError, torch.OutOfMemoryError) as error:
                raise ServiceError("out_of_memory", model=self.model) from error
        seconds = time.perf_counter() - started
        note = self._note(sent, prompt.language)
        return Postcard(image, prompt, sent, self.model, seed, seconds, self.cost_per_picture, note)

    def _follow(self, on_progress):
        def after_step(pipeline, step, timestep, values):
            total, latents = pipeline.num_timesteps, values["latents"]
            show = latents[0, 0].numel() <= LARGE_LATENTS or step % 4 == 3
            preview = _decoded(pipeline, latents) if on_progress and show else None
            report(on_progress, step + 1, total, preview)
            return {}

        return after_step

    def _note(self, sent: str, language: str) -> str:
        """What a reader should know: words that were cut, a licence to read."""
        notes = []
        tokenizer = getattr(self._pipeline, "tokenizer", None)
        if tokenizer is not None:
            ids = tokenizer(sent, truncation=False, verbose=False).input_ids
            if len(ids) > tokenizer.model_max_length:
                cut = tokenizer.decode(
                    ids[tokenizer.model_max_length - 1 : -1], skip_special_tokens=True
                )
                notes.append(
                    text("note.cut", language, limit=tokenizer.model_max_length, words=cut[:200])
                )
        if self.name != SHIPPED and self.service and self.service.license:
            notes.append(
                text("note.license", language, model=self.model, license=self.service.license)
            )
        return " ".join(notes)

    def _loaded(self):
        if self._pipeline is None:
            self._pipeline = _load(self.name)
        return self._pipeline


def _registered(name: str) -> Service | None:
    return next((s for s in load_services() if s.id == name and s.kind == "image"), None)


def _load(name: str):
    # A loading report is no part of a lesson.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    import torch
    from diffusers import AutoPipelineForText2Image
    from diffusers.utils import logging as diffusers_logging
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    from transformers.utils import logging as transformers_logging

    diffusers_logging.set_verbosity_error()
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(cpu_threads())
    shipped = name == SHIPPED
    source = weights_folder() / SHIPPED if shipped else name
    options = {"safety_checker": None, "requires_safety_checker": False} if shipped else {}
    local = shipped or Path(name).is_dir()
    try:
        pipeline = AutoPipelineForText2Image.from_pretrained(
            source, dtype=torch.float32, use_safetensors=True, local_files_only=local, **options
        )
    except MemoryError as error:
        raise ServiceError("out_of_memory", model=name) from error
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError) as error:
        raise ModelUnavailableError("model_not_downloaded", model=name) from error
    except Exception as error:  # diffusers raises many kinds for a folder that is not whole
        if not local and isinstance(error, OSError):
            raise ModelUnavailableError("model_not_downloaded", model=name) from error
        raise ModelUnavailableError(
            "model_broken", model=name, kind=type(error).__name__
        ) from error
    if not shipped and torch.cuda.is_available():
        pipeline.to("cuda")
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _decoded(pipeline, latents):
    import torch

    with torch.no_grad():
        decoded = pipeline.vae.decode(
            latents[:1] / pipeline.vae.config.scaling_factor, return_dict=False
        )[0]
    return pipeline.image_processor.postprocess(decoded, output_type="pil")[0]
