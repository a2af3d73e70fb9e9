"""The vocabulary that planners, prompts and models share: kinds of place, season, time, weather."""

from __future__ import annotations

from functools import cache

from tripkit.core.messages import LANGUAGES
from tripkit.core.settings import read_data

TIMES = ("day", "morning", "sunset", "night")
WEATHERS = ("clear", "cloudy", "rain", "snow")
SEASONS = ("spring", "summer", "autumn", "winter")


@cache
def read_words(name: str) -> dict:
    """The tables of a TOML file in the package's ``data``; read once, not to be changed."""
    return read_data(name)


@cache
def place_words() -> dict[str, dict[str, list[str]]]:
    """Kind of place -> language -> words for it, the plain name first."""
    rows = read_words("places.toml")
    return {kind: {each: row[each] for each in LANGUAGES} for kind, row in rows.items()}


KINDS = tuple(place_words())


def nearest_known(kind: str, known: tuple[str, ...]) -> str:
    """The kind itself where a model knows it, else the one that `places.toml` calls nearest."""
    while kind not in known:
        kind = read_words("places.toml")[kind]["nearest"]
    return kind
