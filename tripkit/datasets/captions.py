"""Says in Korean or English what a scene shows, in many ways.

A colour reaches the model as three tokens, one a channel in steps of 8: ``r248 g176 b192``. They
follow the colour's name, replace it, or are missing, so that the model reads names, numbers and
both together.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from tripkit.colors import nearest_name, to_hex
from tripkit.core.grammar import article, particle
from tripkit.datasets.scenes import RGB, PlacedStop, Scene
from tripkit.prompts.color_tokens import color_code, levels
from tripkit.prompts.known_places import place_words, read_words
from tripkit.prompts.postcard_words import worded as wording


def _words() -> dict[str, dict]:
    return read_words("captions.toml")


def caption(scene: Scene, language: str, rng: np.random.Generator) -> str:
    """One sentence on a scene: its places in any order, the rest said or left out."""
    order = rng.permutation(len(scene.stops))
    stops = [_stop_words(scene.stops[i], language, rng) for i in order]
    between = [", ", ", ", " and " if language == "en" else " 그리고 ", "; "]
    text = str(rng.choice(between)).join(stops)
    season = _maybe(0.6, _words()["season"][scene.season][language], rng)
    theme = _maybe(0.7, _words()["theme"][language], rng)
    if season or theme:
        theme = f"{season} {theme}".strip()
        tail = str(rng.choice(_words()["tail"][language]))
        text += tail.format(theme=theme, a=article(theme), subject=particle(text, "이/가"))
    if time := _maybe(0.6, _words()["time"][scene.time][language], rng):
        text = f"{text} {time}" if language == "en" else f"{time} {text}"
    if weather := _maybe(
        0.5 if scene.weather == "clear" else 0.8, _words()["weather"][scene.weather][language], rng
    ):
        text = f"{text}, {weather}" if language == "en" else f"{weather} {text}"
    return text


def prompt_sentence(
    scene: Scene, language: str, *, places: int | None = None, colors: bool = True
) -> str:
    """The sentence that the app would send for a scene: names, codes, plain words, no weather.

    Args:
        scene: what is meant.
        language: "en" or "ko".
        places: how many stops are named, from the first on; None names all, 0 the theme alone.
        colors: False leaves the colours out.
    """
    words = place_words()
    named = scene.stops if places is None else scene.stops[:places]
    text = ", ".join(
        f"{color_name(s.rgb, language)} {color_code(s.rgb)} {words[s.kind][language][0]}"
        if colors
        else words[s.kind][language][0]
        for s in named
    )
    theme = f"{_words()['season'][scene.season][language][0]} {_words()['theme'][language][0]}"
    if not named:
        return f"{article(theme)} {theme} destination" if language == "en" else f"{theme} 여행지"
    tail = _words()["tail"][language][0]
    return text + tail.format(theme=theme, a=article(theme), subject=particle(text, "이/가"))


def sent_caption(
    scene: Scene, language: str, rng: np.random.Generator, *, names: float = 0.0
) -> str:
    """A scene in the words that the app sends (`postcard_words.worded`), from far to near.

    The time of day is always said, the season and the weather now and then, as plans have them.

    Args:
        scene: what is meant.
        language: "en" or "ko".
        rng: decides what is said.
        names: the share of places with a proper name before their word, "Ueno cherry blossom park",
            so that a model learns to read past it. Names of the trip catalogue are held out.
    """
    stops = []
    for stop in scene.from_far_to_near():
        word = place_words()[stop.kind][language][0]
        name = _maybe(names, proper_names(stop.kind, language), rng)
        stops.append((f"{name} {word}".strip(), color_name(stop.rgb, language), stop.rgb))
    season = _maybe(0.7, [scene.season], rng) or None
    weather = _maybe(0.3 if scene.weather == "clear" else 0.8, [scene.weather], rng) or None
    return wording(stops, language, season=season, time=scene.time, weather=weather)


def proper_names(kind: str, language: str) -> list[str]:
    """Names of real places of a kind, none of them a place of the trip catalogue."""
    return read_words("place_names.toml")[kind][language]


def plain_caption(scene: Scene, language: str) -> str:
    """The places with their colours, and the time of day, always in the plainest words.

    ``"light pink cherry blossom park, steel blue lake at night"``
    """
    words = place_words()
    text = ", ".join(
        f"{color_name(stop.rgb, language)} {words[stop.kind][language][0]}" for stop in scene.stops
    )
    time = _words()["time"][scene.time][language][0]
    return f"{text} {time}" if language == "en" else f"{time} {text}"


def color_name(rgb: RGB, language: str) -> str:
    """The nearest name of a colour, found once for every code."""
    return _name_of_levels(levels(rgb), language)


@cache
def _name_of_levels(rgb: RGB, language: str) -> str:
    return nearest_name(rgb, language)


def _stop_words(stop: PlacedStop, language: str, rng: np.random.Generator) -> str:
    words = place_words()[stop.kind][language]
    place = words[0] if rng.random() < 0.3 else str(rng.choice(words))
    if quality := _maybe(0.15, _words()["quality"][language], rng):
        place = f"{quality} {place}"
    name, code = color_name(stop.rgb, language), color_code(stop.rgb)
    color = rng.choice(5, p=[0.6, 0.15, 0.12, 0.08, 0.05])
    return (f"{name} {code} {place}", f"{code} {place}", f"{name} {place}",
            f"{name} {to_hex(stop.rgb)} {place}", place)[color]  # fmt: skip


def _maybe(probability: float, words: list[str], rng: np.random.Generator) -> str:
    return str(rng.choice(words)) if rng.random() < probability else ""
