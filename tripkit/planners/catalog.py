"""The planner that needs no network: it picks from tripkit's own trips by what a request says."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tripkit.core.settings import check_language, package_folder
from tripkit.core.text import clipped, normalise_request
from tripkit.planners.entries import Entry, load, without_blanks
from tripkit.planners.keywords import Said, Wishes, find_wishes, is_must
from tripkit.planners.lexicon import Tag
from tripkit.planners.ranking import (
    SUITS,
    distance,
    has_refused,
    named,
    rank,
    score,
    suits,
    variety,
)
from tripkit.trips import TRIPS, TripPlan, validate_plan

TOLD = ("things", "kinds", "activities", "regions")  # what no trip has of these is told
NAMED = 3  # words in a note
FARTHER = 1  # what each region farther away counts, where a must-have counts as much
NOT_UNDERSTOOD = (
    "plan.not_understood",
    "plan.unknown_place",
    "plan.unknown_thing",
    "plan.unknown_name",
)


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
        self.entries = load(Path(path or package_folder() / "data" / "trips.toml"))
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
        """Three trips: nothing refused, each of its own style, where it was asked for, the best.

        What comes first in this row counts more than all that follows.
        """
        bare, wishes = without_blanks(request), self._likened(wishes)
        fixed = {entry.key: rank(entry, bare, wishes) for entry in self.entries}
        picks: list[Entry] = []

        def first(entry: Entry) -> tuple:
            clean, steps, along, missed = fixed[entry.key]
            other_style = not any(entry.row["style"] == pick.row["style"] for pick in picks)
            there = steps == 0
            # What lies elsewhere is to have what else was asked for, then to be near.
            near = -missed - FARTHER * steps
            return clean, other_style, there, along, near

        def then(entry: Entry) -> tuple:
            points = score(entry, wishes) + named(entry, bare) + variety(entry, picks, wishes)
            return round(points, 6), _lot(request, entry.key)

        while len(picks) < TRIPS:
            left = [(first(entry), entry) for entry in self.entries if entry not in picks]
            best = max(order for order, _ in left)
            # Points take longest, and few trips are as good in all that counts more.
            picks.append(max((entry for order, entry in left if order == best), key=then))
        return picks

    def _likened(self, wishes: Wishes) -> Wishes:
        """With the kinds of the places that something is to be like: "like Venice but quiet".

        Of a must-have with several meanings the most particular that can be had counts.
        """
        like = [e for e in self.entries if e.tags & wishes.like]
        kinds = {("kinds", kind) for entry in like for kind in entry.of("kinds")}
        return replace(
            wishes,
            wanted=wishes.wanted | (kinds - wishes.refused),
            musts=tuple(self._particular(must, wishes.asked) for must in wishes.musts),
        )

    def _particular(self, must: frozenset[Tag], asked: Sequence[Said]) -> frozenset[Tag]:
        """Of what each word of a must-have means the most particular: canals, not any river."""
        words = [{tag for tag in said.tags if is_must(tag)} for said in asked]
        parts = [self._sharp(word) for word in words if word and word <= must]
        return frozenset().union(*parts) or must

    def _sharp(self, word: set[Tag]) -> set[Tag]:
        things = {tag for tag in word if tag[0] == "things"} & self._offered
        there = {tag for tag in word if tag[0] in ("kinds", "activities", "weather")}
        return things or there or word

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
        count = sum(distance(pick, wishes.of("regions")) == 0 for pick in picks)
        if there and count < TRIPS:
            details = {"places": _list(there), "count": str(count)}
            notes.append(("plan.few_there" if count else "plan.none_there", details))
        if short := self._short(wishes, picks, things):
            notes.append(("plan.few_with", {"words": _list(short)}))
        if strange := [pick for pick in picks if not suits(pick, wishes)]:
            # Who will not walk has asked for what is easy, by the word that was refused.
            asked = [said.word for said in wishes.asked if said.tags & SUITS] or wishes.rejected
            trips = _list([pick.row["title"][language] for pick in strange])
            notes.append(("plan.may_not_suit", {"words": _list(asked), "trips": trips}))
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
            and not any(named(e, without_blanks(request)) for e in self.entries)
        ):
            notes.append(("plan.not_understood", {}))
        return notes

    def _short(self, wishes: Wishes, picks: list[Entry], unknown: Sequence[str]) -> list[str]:
        """The must-haves that not all trips have, as the request calls them."""
        musts = self._likened(wishes).musts
        lacking = [must for must in musts if not all(must & pick.tags for pick in picks)]
        told = {tag for must in lacking for tag in must} - SUITS
        return [s.word for s in wishes.asked if s.tags & told and s.word not in unknown]

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


def _is_place(said: Said) -> bool:
    return any(dimension == "regions" for dimension, _ in said.tags)


def _list(words: Sequence[str]) -> str:
    return ", ".join(clipped(word) for word in list(dict.fromkeys(words))[:NAMED])


def _lot(request: str, key: str) -> str:
    # Not hash(): it differs from one start of Python to the next.
    return hashlib.sha256(f"{request.casefold()}\n{key}".encode()).hexdigest()
