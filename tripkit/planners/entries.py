"""The trips of the catalogue, and all that can be asked of each."""

import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from tripkit.core.messages import LANGUAGES
from tripkit.kinds import SEASONS
from tripkit.planners.keywords import by_dimension
from tripkit.planners.lexicon import Tag, find_words, small
from tripkit.planners.regions import around, innermost, is_warm, opposite, regions

LISTS = ("seasons", "company", "activities", "moods")  # of tags, in a row of the catalogue
INDOOR = {"museum", "aquarium", "cafe", "hot_spring"}  # kinds; two of them make a trip for the rain
COOL = {"waterfall", "aquarium", "mountain"}  # kinds for a hot day
# Regions of a short flight from Korea; all others abroad are far.
SHORT = {"japan", "taiwan", "china", "hong_kong", "mongolia", "vietnam", "philippines", "guam"}


# Things that come with drinks.
SERVE = {("things", thing) for thing in ("nightclub", "brewery", "distillery", "sake")}


@dataclass(frozen=True)
class Entry:
    """One trip of the catalogue.

    Attributes:
        row: its texts in both languages, as `trips.toml` has them.
        tags: all that can be asked of it.
        names: its themes, in both languages, without blanks.
        words: the lexicon's words in its title, theme and places.
    """

    row: dict
    tags: frozenset[Tag]
    names: tuple[str, ...]
    words: frozenset[str]

    @property
    def key(self) -> str:
        """Its name in the catalogue, the same in both languages."""
        return self.row["key"]

    def of(self, dimension: str) -> frozenset[Any]:
        """The values of one dimension: ``of("kinds")`` may be ``{"cherry", "river", "picnic"}``."""
        return self._values.get(dimension, frozenset())

    @cached_property
    def _values(self) -> dict[str, frozenset[Any]]:
        return by_dimension(self.tags)

    @cached_property
    def calendar(self) -> frozenset[str]:
        """Its seasons by the months of the north: December is winter, in Sydney too."""
        return self.of("calendar") or self.of("seasons")

    @cached_property
    def text(self) -> str:
        """Its title, theme and places in both languages, in small letters."""
        return small(" | ".join(texts(self.row)))

    @cached_property
    def spirit(self) -> frozenset[Tag]:
        """Its season, company, activities and moods."""
        return frozenset(tag for tag in self.tags if tag[0] in LISTS)

    def told(self, language: str, seasons: Collection[str] = ()) -> dict:
        """The trip in one language, as `trips.Trip` takes it; ``seasons`` were asked for."""
        texts = {name: self.row[name][language] for name in ("style", "title", "summary", "theme")}
        stops = [
            {
                "place": stop["place"][language],
                "color_name": stop["color"][language],
                "rgb": tuple(stop["rgb"]),
                "kind": stop["kind"],
            }
            for stop in self.row["stops"]
        ]
        when = {name: self.row.get(name) for name in ("time", "weather")}
        return {**texts, "stops": stops, "season": self._season(seasons), **when}

    def _season(self, asked: Collection[str]) -> str | None:
        """The season to show: one that was asked for and suits the trip, else its only one.

        It is that of the place: summer, for December in Sydney.
        """
        suits = self.row["seasons"]
        fitting = [each for each in suits or SEASONS if each in asked] or suits
        if len(fitting) != 1:
            return None
        return opposite(fitting[0]) if self.of("calendar") else fitting[0]


@cache
def load(path: Path) -> tuple[Entry, ...]:
    """The trips of a file in the form of `trips.toml`."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["trips"]
    return tuple(_entry(row) for row in rows)


def _entry(row: dict) -> Entry:
    tags = {(name, value) for name in LISTS for value in row[name]}
    tags |= {("budget", row["budget"]), ("styles", row["style"]["en"])}
    tags |= {(name, row[name]) for name in ("time", "weather") if name in row}
    for stop in row["stops"]:
        tags |= {("kinds", stop["kind"]), ("colors", tuple(stop["rgb"]))}
    words = set()
    for word, tag in _words_in(texts(row)):
        words.add(word)
        if tag[0] == "things":
            tags.add(tag)
        if tag[0] == "regions":  # Paris: France, which is in Europe, and abroad
            tags |= {("regions", name) for step in around(tag[1]) for name in step}
    summary = (row["summary"][language] for language in LANGUAGES)
    tags |= {tag for _, tag in _words_in(summary) if tag[0] == "things"}
    tags |= _implied(tags)
    tags |= _turned(tags)
    names = tuple(without_blanks(row["theme"][language]) for language in LANGUAGES)
    return Entry(row, frozenset(tags), names, frozenset(words))


def _implied(tags: set[Tag]) -> set[Tag]:
    """What follows from a trip's other tags."""
    kinds = {value for name, value in tags if name == "kinds"}
    places = {value for name, value in tags if name == "regions"}
    implied = {("reach", "far" if "abroad" in places else "near")}
    implied.add(("reach", "long" if "abroad" in places and not places & SHORT else "short"))
    if len(kinds & INDOOR) > 1:
        implied.add(("activities", "indoor"))
    warm = any(map(is_warm, innermost(places)))
    if warm:
        implied.add(("climate", "warm"))
    if any(regions()[name].cool for name in places):
        implied |= {("climate", "cool"), ("climate", "chill")}
    elif not warm and kinds & COOL or ("things", "cave") in tags:
        implied.add(("climate", "cool"))
    if ("kinds", "vineyard") in tags or tags & SERVE:
        implied.add(("things", "alcohol"))
    return implied


def _turned(tags: set[Tag]) -> set[Tag]:
    """Of a trip south of the equator: its months by the calendar, and the seasons as they are."""
    seasons = {value for name, value in tags if name == "seasons"}
    if not seasons or not any(regions()[value].south for name, value in tags if name == "regions"):
        return set()
    return {("calendar", season) for season in seasons} | {
        ("seasons", opposite(season)) for season in seasons
    }


def texts(row: dict) -> Iterator[str]:
    """A trip's title, theme and places, in both languages."""
    for texts in (row["title"], row["theme"], *(stop["place"] for stop in row["stops"])):
        yield from (texts[language] for language in LANGUAGES)


def _words_in(said: Iterable[str]) -> Iterator[tuple[str, Tag]]:
    """The words in a trip's texts that the lexicon knows, with what they mean."""
    for text in map(small, said):
        for word in find_words(text):
            for tag in word.tags:
                yield text[word.start : word.end], tag


def without_blanks(text: str) -> str:
    """In small letters and without blanks, which many leave out."""
    return "".join(text.casefold().split())
