"""How a trip is worded for the postcard model: by kinds and colours, not by proper names.

Names are for people: "Nakameguro cherry blossom road" says little to a model that learned 28 kinds
of place. It is sent the plain word of each stop's kind, the colour by name and code, and the
season, the time of day and the weather. `worded` is the one definition of that form; captions for
training use it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tripkit.colors import RGB, find_color, nearest_name
from tripkit.core.text import language_of
from tripkit.kinds import nearest_known, place_words
from tripkit.prompts.color_tokens import MAX_STOPS, color_code, with_codes
from tripkit.prompts.compose import ImagePrompt
from tripkit.prompts.known_places import kind_in, known_and_unknown, nearest_places, shipped_kinds
from tripkit.prompts.when import with_when
from tripkit.trips import Stop


def worded(
    stops: Iterable[tuple[str, str, RGB]],
    language: str,
    *,
    season: str | None = None,
    time: str | None = None,
    weather: str | None = None,
) -> str:
    """The sentence of a scene, each stop given as its place's word, colour's name and RGB.

    ``"light pink r248 g184 b192 cherry blossom park, steel blue r72 g128 b184 lake in spring"``
    """
    places = ", ".join(f"{color} {color_code(rgb)} {place}" for place, color, rgb in stops)
    return with_when(places, language, season=season, time=time, weather=weather)


def sent_to_postcard(prompt: ImagePrompt) -> str:
    """What the shipped model is sent for a prompt: the plan in its words, or what a user edited.

    Where the plan names no time of day it is day: left open, the model likes to paint a dusk.
    """
    if prompt.edited:
        return with_codes(prompt)
    language = prompt.language
    far_to_near = sorted(prompt.stops[:MAX_STOPS], key=_nearness)
    stops = [(_word(stop, language), _color(stop, language), stop.rgb) for stop in far_to_near]
    when = {"season": prompt.season, "time": prompt.time or "day", "weather": prompt.weather}
    return worded(stops, language, **when)


def drawn_otherwise(prompt: ImagePrompt) -> Iterator[tuple[str, str]]:
    """Each stop that the model cannot draw as it is, with the kind that comes nearest."""
    for stop in prompt.stops[:MAX_STOPS]:
        if stop.kind is None:
            unknown = not known_and_unknown(stop.place)[0]
        else:
            unknown = stop.kind not in shipped_kinds()
        if unknown:
            kind = _drawn_kind(stop) or nearest_places(stop.place, language_of(stop.place))[0]
            yield stop.place, kind


def _drawn_kind(stop: Stop) -> str | None:
    """The kind that the model draws for a stop; None where nothing tells what the place is."""
    kind = stop.kind or kind_in(stop.place, language_of(stop.place))
    return kind and nearest_known(kind, shipped_kinds())


def _nearness(stop: Stop) -> int:
    """Where the stop stands in the picture: the model finds more places from far to near."""
    kinds, kind = shipped_kinds(), _drawn_kind(stop)
    return kinds.index(kind) if kind else len(kinds)


def _word(stop: Stop, language: str) -> str:
    kind = _drawn_kind(stop)
    return place_words()[kind][language][0] if kind else stop.place


def _color(stop: Stop, language: str) -> str:
    """The stop's own name of the colour where captions could have it, else the nearest such."""
    known = find_color(stop.color_name) is not None
    return stop.color_name if known else nearest_name(stop.rgb, language)
