"""What the shipped model says of a place that it never learned: the nearest that it knows."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from tripkit.clip.nearest_places import by_embedding
from tripkit.core.messages import text
from tripkit.core.text import clean_text
from tripkit.images.base import language_of
from tripkit.prompts import ImagePrompt
from tripkit.prompts.compose import without_theme
from tripkit.prompts.known_places import known_and_unknown, nearest_places, place_words
from tripkit.prompts.postcard_words import drawn_otherwise
from tripkit.services.registry import Service

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline


Note = tuple[str, dict[str, Any]]  # a code of `messages.MESSAGES`, and its details
MAX_NAMED = 3  # places in one note


class Drawer(Protocol):
    """What a note needs to know of a `PipelineBackend`."""

    name: str
    model: str
    scheduler: str | None
    lora: str | None
    service: Service | None


def unknown_notes(prompt: ImagePrompt) -> list[Note]:
    """(code, details) of a note for each place that the prompt asks for and no caption names.

    Of a trip as it was planned, `postcard_words.drawn_otherwise` tells. In a scene that a user has
    written, a stop is unknown where nothing in its name is known; of other words, those that
    ``data/near_places.toml`` lists. A free prompt that names nothing known gets the place that the
    shipped CLIP reads in it. Stops that the user has edited away do not count.
    """
    if not prompt.edited:
        return _unknown(drawn_otherwise(prompt), prompt.language)
    scene = clean_text(prompt.scene)
    stops = [stop.place for stop in prompt.stops if stop.place in scene]
    rest = without_theme(scene, prompt.language) if stops else scene
    nearest = {}
    for place in stops:
        rest = rest.replace(place, " ")
        if not known_and_unknown(place)[0]:
            nearest[place] = nearest_places(place, language_of(place))[0]
    known, listed = known_and_unknown(rest) if rest.strip() else (False, [])
    nearest |= dict(listed)
    if nearest:
        return _unknown(nearest.items(), prompt.language)
    if known or stops:
        return []
    kind = by_embedding(scene, language_of(scene))[0]
    return [("note.no_place", {"near": _named(kind, prompt.language)})]


def _unknown(places: Iterable[tuple[str, str]], language: str) -> list[Note]:
    return [
        ("note.unknown_place", {"place": place, "near": _named(kind, language)})
        for place, kind in islice(places, MAX_NAMED)
    ]


def _named(kind: str, language: str) -> str:
    return place_words()[kind][language][0]


def note_of(
    backend: Drawer, pipeline: DiffusionPipeline, sent: str, prompt: ImagePrompt, asked: list[Note]
) -> str:
    """What a reader should know: what was asked for beyond the prompt, words cut, a licence.

    The shipped model also names the places that it never learned; with a LoRA it may have.

    Args:
        backend: who has drawn.
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
