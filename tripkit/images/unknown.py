"""What the shipped model says of a place that it never learned: the nearest that it knows."""

from __future__ import annotations

from tripkit.images.base import language_of
from tripkit.near_places import by_embedding, known_and_unknown, nearest_places
from tripkit.prompts import ImagePrompt, without_theme
from tripkit.settings import clean_text
from tripkit.vocabulary import place_words

MAX_NAMED = 3  # places in one note


def unknown_notes(prompt: ImagePrompt) -> list[tuple[str, dict]]:
    """(code, details) of a note for each place that the prompt asks for and no caption names.

    A stop is unknown where nothing in its name is known; of other words, those that
    ``data/near_places.toml`` lists. A free prompt that names nothing known gets the place that the
    shipped CLIP reads in it. Stops that the user has edited away do not count.
    """
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
        return [
            ("note.unknown_place", {"place": place, "near": _named(kind, prompt.language)})
            for place, kind in list(nearest.items())[:MAX_NAMED]
        ]
    if known or stops:
        return []
    kind = by_embedding(scene, language_of(scene))[0]
    return [("note.no_place", {"near": _named(kind, prompt.language)})]


def _named(kind: str, language: str) -> str:
    return place_words()[kind][language][0]
