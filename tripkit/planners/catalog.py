"""The planner that needs no network: it picks from tripkit's own trips by what a request says."""

import hashlib
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from tripkit.colors import RGB, delta_e
from tripkit.core.messages import LANGUAGES
from tripkit.core.settings import check_language, package_folder
from tripkit.core.text import clipped, normalise_request
from tripkit.kinds import SEASONS
from tripkit.planners.keywords import Said, Wishes, by_dimension, find_wishes
from tripkit.planners.lexicon import Tag, around, find_words, opposite, regions, small
from tripkit.planners.negation import speaks_against
from tripkit.trips import TRIPS, TripPlan, validate_plan

# What a fulfilled wish counts, by what it is about. A place that is named counts before them all.
WEIGHTS = {
    "kinds": 12.0,
    "things": 12.0,
    "seasons": 8.0,
    "activities": 7.0,
    "company": 5.0,
    "climate": 5.0,
    "budget": 5.0,
    "reach": 5.0,
    "moods": 4.0,
    "time": 3.0,
    "weather": 3.0,
    "colors": 3.0,
    "styles": 3.0,
}
LISTS = ("seasons", "company", "activities", "moods")  # of tags, in a row of the catalogue
SAID = 8.0  # the request holds the trip's theme, "spring picnic"
WORD = 2.0  # for each of the request's words that the trip uses too: "lavender" and not any flowers
NEXT = 0.4  # share of the weight for a second wish of the same sort: "a lake or a river"
ANY = 0.5  # share for a trip that suits every season
ALL_YEAR = 0.5  # a trip that suits every season, where none was named
# A trip for another season or other people, or one too far away.
MISSED = {"seasons": -14.0, "company": -8.0, "reach": -8.0}
OPPOSITE = -8.0  # a dear trip for a small budget, a cheap one for a large
DEAR = -1.0  # a dear trip, where nothing was said of money or distance
SAME_KIND = -1.5  # as a trip picked before
NEW = 12.0  # for each wish that no trip picked before fulfils: a garden, and a lake too
ALIKE = 0.3  # for each season, company, activity and mood that a trip shares with the first pick
UNLIKE_COLOR = 16.0  # CIEDE2000: from here on two colours do not count as alike
RELATED = {"family": {"children", "parents"}, "children": {"family"}, "parents": {"family"}}
ALTERNATIVES = ("seasons", "company")  # of several that are wanted one is enough
TOLD = ("things", "kinds", "activities", "regions")  # what no trip has of these is told
INDOOR = {"museum", "aquarium", "cafe", "hot_spring"}  # kinds; two of them make a trip for the rain
SUITS = {("activities", "accessible"), ("activities", "pets")}  # told where it is not known
COOL = {"waterfall", "aquarium"}  # kinds for a hot day
NAMED = 3  # words in a note
NAMED_THEME = 3  # must-haves that the name of its theme makes up for
MISSED_SEASON = 2  # must-haves that a trip for another season counts as missing
UNASKED = {("activities", "pets")}  # a trip made for a dog, where nobody spoke of one
OUT_OF_SEASON = 2  # steps that a trip for another season counts as farther away
FARTHEST = 9  # steps, for a trip that lies nowhere
NOT_UNDERSTOOD = (
    "plan.not_understood",
    "plan.unknown_place",
    "plan.unknown_thing",
    "plan.unknown_name",
)


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
        return small(" | ".join(_texts(self.row)))

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
        self._offered = frozenset().union(*(entry.tags for entry in self.entries))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.entries)} trips)"

    def plan(self, request: str, *, language: str) -> TripPlan:
        """Three trips for the request, in the language.

        The plan holds three trips also where nothing in the request was understood, or where it
        names what no trip has: then ``understood`` is False, and notes say which words it was.

        Raises:
            RequestError: the request is empty or too long, the language unknown.
        """
        request = normalise_request(request)
        check_language(language)
        wishes = find_wishes(request)
        picks = self.pick(request, wishes)
        notes = self.notes(request, wishes, picks, language)
        return validate_plan(
            {
                "request": request,
                "language": language,
                "trips": [entry.told(language, wishes.of("seasons")) for entry in picks],
                "source": self.name,
                "model": self.model,
                "understood": not any(code in NOT_UNDERSTOOD for code, _ in notes),
                "notes": tuple({"code": code, "details": details} for code, details in notes),
            }
        )

    def pick(self, request: str, wishes: Wishes) -> list[Entry]:
        """Three trips: nothing refused, where it was asked for, with what was asked for, the best.

        What comes first in this row counts more than all that follows. Of trips that miss no more
        than others those of another style come first.
        """
        bare, wishes = _bare(request), self._likened(wishes)
        fixed = {entry.key: rank(entry, bare, wishes) for entry in self.entries}
        lots = {entry.key: _lot(request, entry.key) for entry in self.entries}
        picks: list[Entry] = []

        def order(entry: Entry) -> tuple:
            clean, distance, along, suits, missed, points = fixed[entry.key]
            other_style = not any(entry.row["style"] == pick.row["style"] for pick in picks)
            total = round(points + _variety(entry, picks, wishes), 6)
            suits = suits or bool(picks)  # who cannot walk far gets that first
            return clean, -distance, along, suits, -missed, other_style, total, lots[entry.key]

        while len(picks) < TRIPS:
            picks.append(max((e for e in self.entries if e not in picks), key=order))
        return picks

    def _likened(self, wishes: Wishes) -> Wishes:
        """With the kinds of the places that something is to be like: "like Venice but quiet"."""
        like = [e for e in self.entries if e.tags & wishes.like]
        kinds = {("kinds", kind) for entry in like for kind in entry.of("kinds")}
        return replace(wishes, wanted=wishes.wanted | (kinds - wishes.refused))

    def notes(
        self, request: str, wishes: Wishes, picks: list[Entry], language: str
    ) -> list[tuple[str, dict[str, str]]]:
        """What is to be said of three trips: what they are not, and which words nobody knows."""
        nearest = picks[0].row["title"][language]
        places, things = self._missing(wishes)
        things += wishes.unheard
        notes: list[tuple[str, dict[str, str]]] = []
        if places:
            notes.append(("plan.unknown_place", {"places": _list(places), "nearest": nearest}))
        if things:
            notes.append(("plan.unknown_thing", {"things": _list(things), "nearest": nearest}))
        if wishes.names:
            notes.append(("plan.unknown_name", {"names": _list(wishes.names)}))
        there = [said.word for said in wishes.asked if _is_place(said) and said.word not in places]
        count = sum(_distance(pick, wishes.of("regions")) == 0 for pick in picks)
        if there and count < TRIPS:
            details = {"places": _list(there), "count": str(count)}
            notes.append(("plan.few_there" if count else "plan.none_there", details))
        if strange := [pick for pick in picks if not _suits(pick, wishes)]:
            asked = _list([said.word for said in wishes.asked if said.tags & SUITS])
            trips = _list([pick.row["title"][language] for pick in strange])
            notes.append(("plan.may_not_suit", {"words": asked, "trips": trips}))
        if wishes.numbers:
            notes.append(("plan.not_checked", {"words": _list(wishes.numbers)}))
        if any(has_refused(pick, wishes) for pick in picks):
            words = wishes.rejected or [said.word for said in wishes.asked]
            notes.append(("plan.refused_left", {"words": _list(words)}))
        if (
            not wishes
            and not places
            and not things
            and not wishes.names
            and not any(_said(e, _bare(request)) for e in self.entries)
        ):
            notes.append(("plan.not_understood", {}))
        return notes

    def _missing(self, wishes: Wishes) -> tuple[list[str], list[str]]:
        """Places in which no trip lies, and things that no trip has, as the request calls them."""
        places: list[str] = []
        things: list[str] = []
        for said in wishes.asked:
            for dimension in TOLD:  # the first that the word speaks of decides
                if meant := {tag for tag in said.tags if tag[0] == dimension}:
                    if not meant & self._offered:
                        (places if dimension == "regions" else things).append(said.word)
                    break
        return places, things


def rank(entry: Entry, bare: str, wishes: Wishes) -> tuple[bool, int, bool, bool, int, float]:
    """Of a trip by itself: whether it has nothing refused, how far it is, and what goes on.

    That is whether it has nothing that only goes with what was refused, whether it suits who
    cannot walk far, what it misses, and its points.
    """
    distance = _distance(entry, wishes.of("regions"))
    if wishes.of("regions"):
        distance += OUT_OF_SEASON * _out_of_season(entry, wishes)
    clean = not has_refused(entry, wishes, wishes.refused - wishes.along)
    along = not has_refused(entry, wishes, wishes.along)
    points, misses = score(entry, wishes) + _said(entry, bare), missed(entry, wishes)
    misses -= NAMED_THEME * bool(_said(entry, bare))
    return clean, distance, along, _suits(entry, wishes), misses, points


def _suits(entry: Entry, wishes: Wishes) -> bool:
    """Whether a trip is known to suit who cannot walk far, or has a dog along, if such is asked."""
    return SUITS & wishes.wanted <= entry.tags


def missed(entry: Entry, wishes: Wishes) -> int:
    """How many of the must-haves a trip does not have, and of what it should not have."""
    count = sum(not must & entry.tags for must in wishes.musts)
    count += MISSED_SEASON * _out_of_season(entry, wishes)
    count += bool(wishes.of("company")) and not _suits_company(entry, wishes.of("company"))
    return count + len(entry.tags & (UNASKED | speaks_against(wishes.wanted)) - wishes.wanted)


def score(entry: Entry, wishes: Wishes) -> float:
    """How well a trip fulfils the wishes: what those it does count, less what speaks against it."""
    if not wishes:
        return 0.0
    total = sum(_points(entry, name, wishes.of(name)) for name in WEIGHTS if wishes.of(name))
    if not any(wishes.of(name) for name in ("budget", "reach", "regions")):
        total += DEAR * (("budget", "high") in entry.tags)
    if not wishes.of("seasons") and not entry.of("seasons"):
        total += ALL_YEAR
    return total + WORD * len(wishes.words & entry.words)


def has_refused(entry: Entry, wishes: Wishes, refused: Collection[Tag] | None = None) -> bool:
    """Whether a trip has anything that was refused; of the tags only ``refused``, if given."""
    if any(phrase in entry.text for phrase in wishes.without):
        return True
    return any(_has(entry, tag) for tag in (wishes.refused if refused is None else refused))


def _points(entry: Entry, dimension: str, wanted: frozenset) -> float:
    weight = WEIGHTS[dimension]
    offered = entry.calendar if dimension == "seasons" else entry.of(dimension)
    if dimension == "colors":
        return weight * sum(_likeness(color, offered) for color in wanted)
    if fulfilled := len(wanted & offered):
        one_is_enough = dimension in ALTERNATIVES
        return weight if one_is_enough else weight * (1 + NEXT * (fulfilled - 1))
    if dimension == "budget":
        return OPPOSITE if offered | wanted == {"low", "high"} else 0.0
    if dimension == "company" and _suits_company(entry, wanted):
        return weight / 2
    if dimension in MISSED:
        return MISSED[dimension] if offered else ANY * weight
    return 0.0


def _suits_company(entry: Entry, wanted: frozenset[str]) -> bool:
    """Whether a trip is for one of these people, or for such as they are: a family's children."""
    related = wanted.union(*(RELATED.get(who, ()) for who in wanted))
    return bool(entry.of("company") & related)


def _likeness(color: RGB, offered: frozenset[RGB]) -> float:
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


def _distance(entry: Entry, places: frozenset[str]) -> int:
    """How far a trip is from the places that were asked for: 0 there, 1 in the region around."""
    if not places:
        return 0
    offered = entry.of("regions")
    steps = (
        number for place in places for number, names in enumerate(around(place)) if names & offered
    )
    return min(steps, default=FARTHEST)


def _out_of_season(entry: Entry, wishes: Wishes) -> bool:
    """Whether a trip is only for other seasons than those asked for."""
    wanted, offered = wishes.of("seasons"), entry.calendar
    return bool(wanted and offered) and not wanted & offered


def _said(entry: Entry, bare: str) -> float:
    return SAID * any(name in bare for name in entry.names)


def _bare(text: str) -> str:
    return "".join(text.casefold().split())


def _variety(entry: Entry, picks: list[Entry], wishes: Wishes) -> float:
    """How well a trip goes with those already picked: in the first one's spirit, elsewhere."""
    total = ALIKE * len(entry.spirit & picks[0].spirit) if picks and wishes else 0.0
    if picks:
        total += NEW * len(_wished(entry, wishes).difference(*(pick.tags for pick in picks)))
    for pick in picks:
        total += SAME_KIND * len((entry.of("kinds") & pick.of("kinds")) - wishes.of("kinds"))
    return total


def _wished(entry: Entry, wishes: Wishes) -> set[Tag]:
    musts = set().union(*wishes.musts)
    return {tag for tag in entry.tags & musts if tag[0] not in ("reach", "time")}


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
    tags |= {(name, row[name]) for name in ("time", "weather") if name in row}
    for stop in row["stops"]:
        tags |= {("kinds", stop["kind"]), ("colors", tuple(stop["rgb"]))}
    words = set()
    for word, tag in _words_in(row):
        words.add(word)
        if tag[0] == "things":
            tags.add(tag)
        if tag[0] == "regions":  # Paris: France, which is in Europe, and abroad
            tags |= {("regions", name) for step in around(tag[1]) for name in step}
    tags |= _implied(tags)
    tags |= _turned(tags)
    names = tuple(_bare(row["theme"][language]) for language in LANGUAGES)
    return Entry(row, frozenset(tags), names, frozenset(words))


def _implied(tags: set[Tag]) -> set[Tag]:
    """What follows from a trip's other tags."""
    kinds = {value for name, value in tags if name == "kinds"}
    places = [regions()[value] for name, value in tags if name == "regions"]
    implied = {("reach", "far" if ("regions", "abroad") in tags else "near")}
    if len(kinds & INDOOR) > 1:
        implied.add(("activities", "indoor"))
    if any(place.warm for place in places):
        implied.add(("climate", "warm"))
    if kinds & COOL or ("things", "cave") in tags:
        implied.add(("climate", "cool"))
    return implied


def _turned(tags: set[Tag]) -> set[Tag]:
    """Of a trip south of the equator: its months by the calendar, and the seasons as they are."""
    seasons = {value for name, value in tags if name == "seasons"}
    if not seasons or not any(regions()[value].south for name, value in tags if name == "regions"):
        return set()
    return {("calendar", season) for season in seasons} | {
        ("seasons", opposite(season)) for season in seasons
    }


def _texts(row: dict) -> Iterator[str]:
    for texts in (row["title"], row["theme"], *(stop["place"] for stop in row["stops"])):
        yield from (texts[language] for language in LANGUAGES)


def _words_in(row: dict) -> Iterator[tuple[str, Tag]]:
    """The words in a trip's title, theme and places that the lexicon knows, with what they mean."""
    for text in map(small, _texts(row)):
        for word in find_words(text):
            for tag in word.tags:
                yield text[word.start : word.end], tag


def _is_place(said: Said) -> bool:
    return any(dimension == "regions" for dimension, _ in said.tags)


def _list(words: Sequence[str]) -> str:
    return ", ".join(clipped(word) for word in list(dict.fromkeys(words))[:NAMED])
