"""The planner that needs no network: it picks from tripkit's own trips by what a request says."""

import hashlib
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tripkit.colors import RGB, delta_e
from tripkit.core.messages import LANGUAGES
from tripkit.core.settings import check_language, package_folder
from tripkit.core.text import normalise_request
from tripkit.kinds import SEASONS
from tripkit.planners.keywords import Tag, Wishes, find_wishes, find_words, regions
from tripkit.trips import TRIPS, TripPlan, validate_plan

# What a fulfilled wish counts, by what it is about. A region counts more than a new style: who asks
# for Jeju wants Jeju.
WEIGHTS = {
    "regions": 24.0,
    "kinds": 6.0,
    "seasons": 4.0,
    "company": 3.0,
    "budget": 3.0,
    "reach": 3.0,
    "colors": 3.0,
    "activities": 2.5,
    "styles": 2.0,
    "moods": 2.0,
}
LISTS = ("seasons", "company", "activities", "moods")  # of tags, in a row of the catalogue
SAID = 8.0  # the request holds the trip's theme, "spring picnic", or its town
WORD = 1.5  # for each of the request's words that the trip uses too: "lavender" and not any flowers
NEXT = 0.3  # share of the weight for a second wish of the same sort: "a lake or a river"
ANY = 0.4  # share for a trip that suits every season
ALL_YEAR = 0.5  # a trip that suits every season, where none was named
NEARBY = 0.3  # share for a trip not in Busan, but in the region around it
# A trip for another season or other people, or one too far away.
MISSED = {"seasons": -3.0, "company": -1.5, "reach": -3.0}
OPPOSITE = -4.0  # a dear trip for a small budget, a cheap one for a large
DEAR = -1.0  # a dear trip, where nothing was said of money or distance
REFUSED = -40.0
SAME_STYLE, SAME_KIND = -12.0, -1.5  # as a trip picked before
ALIKE = 0.3  # for each season, company, activity and mood that a trip shares with the first pick
UNLIKE_COLOR = 16.0  # CIEDE2000: from here on two colours do not count as alike
RELATED = {"family": {"children", "parents"}, "children": {"family"}, "parents": {"family"}}


@dataclass(frozen=True)
class Entry:
    """One trip of the catalogue.

    Attributes:
        row: its texts in both languages, as `trips.toml` has them.
        tags: all that can be asked of it.
        names: its themes and its regions' words, in both languages, without blanks.
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

    def of(self, dimension: str) -> set[Any]:
        """The values of one dimension: ``of("kinds")`` may be ``{"cherry", "river", "picnic"}``."""
        return {value for name, value in self.tags if name == dimension}

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
        """The season to show: one that was asked for and suits the trip, else its only one."""
        suits = self.row["seasons"]
        fitting = [each for each in suits or SEASONS if each in asked] or suits
        return fitting[0] if len(fitting) == 1 else None


class CatalogPlanner:
    """Picks three trips from a catalogue: the ones that fulfil most wishes and differ in style.

    The same request gives the same trips, in either language. Where several fit equally well, a
    hash of the request decides, so that different requests see different trips.

    Args:
        path: a catalogue in the form of `trips.toml`; None means tripkit's own.
    """

    name = "catalog"
    model = "catalog"

    def __init__(self, path: Path | str | None = None):
        self.entries = _load(Path(path or package_folder() / "data" / "trips.toml"))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.entries)} trips)"

    def plan(self, request: str, *, language: str) -> TripPlan:
        """Three trips for the request, in the language.

        Where nothing in the request was understood, the plan says so (``understood`` is False, and
        a note tells how to ask) and holds three trips all the same.

        Raises:
            RequestError: the request is empty or too long, the language unknown.
        """
        request = normalise_request(request)
        check_language(language)
        wishes = find_wishes(request)
        understood = bool(wishes) or any(_said(entry, request) for entry in self.entries)
        picks = self.pick(request, wishes)
        return validate_plan(
            {
                "request": request,
                "language": language,
                "trips": [entry.told(language, wishes.of("seasons")) for entry in picks],
                "source": self.name,
                "model": self.model,
                "understood": understood,
                "notes": () if understood else ("plan.not_understood",),
            }
        )

    def pick(self, request: str, wishes: Wishes) -> list[Entry]:
        """The best trip for the wishes, then the best that differ from those already picked."""
        scores = {entry.key: score(entry, wishes) + _said(entry, request) for entry in self.entries}
        picks: list[Entry] = []
        while len(picks) < TRIPS:
            rest = [entry for entry in self.entries if entry not in picks]
            best = max(
                rest,
                key=lambda entry: (
                    round(scores[entry.key] + _variety(entry, picks, wishes), 6),
                    _lot(request, entry.key),
                ),
            )
            picks.append(best)
        return picks


def score(entry: Entry, wishes: Wishes) -> float:
    """How well a trip fulfils the wishes: what those it does count, less what speaks against it."""
    if not wishes:
        return 0.0
    total = sum(_points(entry, name, wishes.of(name)) for name in WEIGHTS if wishes.of(name))
    if not any(wishes.of(name) for name in ("budget", "reach", "regions")):
        total += DEAR * (("budget", "high") in entry.tags)
    if not wishes.of("seasons") and not entry.of("seasons"):
        total += ALL_YEAR
    total += WORD * len(wishes.words & entry.words)
    return total + REFUSED * any(_has(entry, tag) for tag in wishes.refused)


def _points(entry: Entry, dimension: str, wanted: set) -> float:
    weight, offered = WEIGHTS[dimension], entry.of(dimension)
    if dimension == "colors":
        return weight * sum(_likeness(color, offered) for color in wanted)
    if fulfilled := len(wanted & offered):
        alternatives = dimension in ("seasons", "company", "regions")  # one of them is enough
        return weight if alternatives else weight * (1 + NEXT * (fulfilled - 1))
    if dimension == "budget":
        return OPPOSITE if offered | wanted == {"low", "high"} else 0.0
    if dimension == "company" and offered & set().union(*(RELATED.get(w, ()) for w in wanted)):
        return weight / 2
    if dimension == "regions":
        around = {regions()[region].get("within") for region in wanted}
        return NEARBY * weight if around & offered else 0.0
    if dimension in MISSED:
        return MISSED[dimension] if offered else ANY * weight
    return 0.0


def _likeness(color: RGB, offered: set[RGB]) -> float:
    """1 where a trip has just this colour, down to 0 where it has none like it."""
    return max(0.0, 1 - float(delta_e(color, sorted(offered)).min()) / UNLIKE_COLOR)


def _has(entry: Entry, tag: Tag) -> bool:
    """Whether a trip has what was refused."""
    dimension, value = tag
    if dimension == "colors":
        return _likeness(value, entry.of("colors")) > 0.5
    if dimension in ("seasons", "company", "budget"):  # only where it is all there is
        return entry.of(dimension) == {value}
    return tag in entry.tags


def _said(entry: Entry, request: str) -> float:
    bare = _bare(request)
    return SAID * any(name in bare for name in entry.names)


def _bare(text: str) -> str:
    return "".join(text.casefold().split())


def _variety(entry: Entry, picks: list[Entry], wishes: Wishes) -> float:
    """How well a trip goes with those already picked: in the first one's spirit, elsewhere."""
    total = ALIKE * len(_spirit(entry) & _spirit(picks[0])) if picks and wishes else 0.0
    for pick in picks:
        total += SAME_STYLE * (entry.of("styles") == pick.of("styles"))
        total += SAME_KIND * len((entry.of("kinds") & pick.of("kinds")) - wishes.of("kinds"))
    return total


def _spirit(entry: Entry) -> set[Tag]:
    return {tag for tag in entry.tags if tag[0] in LISTS}


def _lot(request: str, key: str) -> str:
    # Not hash(): it differs from one start of Python to the next.
    return hashlib.sha256(f"{request.casefold()}\n{key}".encode()).hexdigest()


@cache
def _load(path: Path) -> tuple[Entry, ...]:
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["trips"]
    return tuple(_entry(row) for row in rows)


def _entry(row: dict) -> Entry:
    tags = {(name, value) for name in LISTS for value in row[name]}
    tags |= {("budget", row["budget"]), ("styles", row["style"]["en"])}
    for stop in row["stops"]:
        tags |= {("kinds", stop["kind"]), ("colors", tuple(stop["rgb"]))}
    names = [_bare(row["theme"][language]) for language in LANGUAGES]
    words = set()
    for word, tag in _words_in(row):
        words.add(word)
        dimension, region = tag
        if dimension == "regions":
            names.append(_bare(word))
        while dimension == "regions" and region:  # Paris: France, which is in Europe, and abroad
            tags.add(("regions", region))
            region = regions()[region].get("within")
    tags.add(("reach", "far" if ("regions", "abroad") in tags else "near"))
    return Entry(row, frozenset(tags), tuple(names), frozenset(words))


def _words_in(row: dict) -> Iterator[tuple[str, Tag]]:
    """The words in a trip's title, theme and places that the lexicon knows, with what they mean."""
    for texts in (row["title"], row["theme"], *(stop["place"] for stop in row["stops"])):
        for language in LANGUAGES:
            text = texts[language].casefold()
            for word in find_words(text):
                for tag in word.tags:
                    yield text[word.start : word.end], tag
