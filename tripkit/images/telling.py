"""What a drawing tells: its progress and previews while it lasts, and a note when it is done."""

from __future__ import annotations

from tripkit.images.base import report
from tripkit.images.unknown import unknown_notes
from tripkit.messages import text

# Above this, decoding a preview takes as long as a step: every fourth is shown.
LARGE_LATENTS = 32 * 32


def follow(on_progress):
    """A callback for a diffusers pipeline that passes each step, and a preview, to the listener.

    Raises:
        CancelledError: from within the pipeline, where the listener returned False.
    """

    def after_step(pipeline, step, timestep, values):
        total, latents = pipeline.num_timesteps, values["latents"]
        show = latents[0, 0].numel() <= LARGE_LATENTS or step % 4 == 3
        preview = decoded(pipeline, latents) if on_progress and show else None
        report(on_progress, step + 1, total, preview)
        return {}

    return after_step


def part(on_progress, index: int, count: int):
    """The listener for picture ``index`` of ``count``, which counts the steps of all of them."""
    if on_progress is None:
        return None
    return lambda step, total, preview: on_progress(index * total + step, count * total, preview)


def decoded(pipeline, latents):
    """The first of the latents as a Pillow picture."""
    import torch

    with torch.no_grad():
        picture = pipeline.vae.decode(
            latents[:1] / pipeline.vae.config.scaling_factor, return_dict=False
        )[0]
    return pipeline.image_processor.postprocess(picture, output_type="pil")[0]


def note(backend, pipeline, sent: str, prompt, asked) -> str:
    """What a reader should know: what was asked for beyond the prompt, words cut, a licence.

    The shipped model also names the places that it never learned; with a LoRA it may have.

    Args:
        backend: the `PipelineBackend`.
        pipeline: its diffusers pipeline.
        sent: the prompt as the model got it.
        prompt: the `ImagePrompt`, whose language is the note's.
        asked: (code, details) of notes to begin with.
    """
    language = prompt.language
    if backend.name == "postcard" and not backend.lora:
        asked = [*asked, *unknown_notes(prompt)]
    notes = [text(code, language, **details) for code, details in asked]
    if backend.scheduler:
        notes.append(text("note.scheduler", language, name=backend.scheduler))
    if backend.lora:
        notes.append(text("note.lora", language, folder=backend.lora))
    tokenizer = getattr(pipeline, "tokenizer", None)
    if tokenizer is not None:
        ids = tokenizer(sent, truncation=False, verbose=False).input_ids
        limit = tokenizer.model_max_length
        if len(ids) > limit:
            cut = tokenizer.decode(ids[limit - 1 : -1], skip_special_tokens=True)
            notes.append(text("note.cut", language, limit=limit, words=cut[:200]))
    license = backend.service.license if backend.service else None
    if backend.name != "postcard" and license:
        notes.append(text("note.license", language, model=backend.model, license=license))
    return " ".join(notes)
