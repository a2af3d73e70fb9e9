"""How well a planner listens: requests as people write them, and what its three trips must be.

    python -m benchmarks.journey.requests benchmarks/journey/tuning_*.toml

A file holds ``[[requests]]`` with ``id`` and ``text``, and what is asked of the answer: ``must``,
``some``, ``must_not``, ``place``, ``refused_place``, ``unknown``, ``season`` (the head of
`tuning_en.toml` says what each means, `words.toml` what each word means, and `kept_words.toml` what
those mean that only the kept half has). A word that is a place of the gazetteer and has no row is
judged as `place` is: ``must`` asks for three trips there, ``some`` for one, or for as many as there
can be and a note. A request is right when all that is asked of it holds. Words that no tag can
express are listed with the reason; words that have no row are not judged, and counted.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tripkit.planners.catalog import CatalogPlanner
from tripkit.planners.entries import Entry
from tripkit.planners.lexicon import Tag, find_words
from tripkit.planners.regions import regions
from tripkit.trips import TRIPS, TripPlan

# The second is of the kept half: who tunes the planner does not read it.
WORDS = tuple(Path(__file__).parent / name for name in ("words.toml", "kept_words.toml"))
SEASONS = {"봄": "spring", "여름": "summer", "가을": "autumn", "겨울": "winter", "fall": "autumn"}


LACKING = " (too few trips have it, and a note tells)"


@dataclass(frozen=True)
class Meaning:
    """What a word means: a trip offers it where one of these holds.

    Attributes:
        any: sets of tags; it has all of one set.
        none: tags; it has none of them.
        place: names of places; it lies in one of them.
        text: whole words, one of which its title, theme, summary or places have.
    """

    any: tuple[frozenset[Tag], ...] = ()
    none: frozenset[Tag] = frozenset()
    place: tuple[str, ...] = ()
    text: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What became of one request.

    Attributes:
        id: its name in the file.
        language: "en" or "ko".
        wrong: what does not hold, in words; empty where the request is right. What ends with
            `LACKING` could not hold with this catalogue, and the plan has a note.
        refuses: whether it refuses anything.
        kept: whether nothing refused came.
        claimed: whether something unknown was claimed as understood.
        not_judged: words whose meaning is not known here.
        unjudgeable: words that no tag of the catalogue can express.
        titles: the trips that came.
    """

    id: str
    language: str
    wrong: tuple[str, ...]
    refuses: bool
    kept: bool
    claimed: bool
    not_judged: tuple[str, ...]
    unjudgeable: tuple[str, ...]
    titles: tuple[str, ...]


def judge(planner: CatalogPlanner, row: dict) -> Verdict:
    """One request's verdict."""
    language = "ko" if re.search("[가-힣]", row["text"]) else "en"
    plan = planner.plan(row["text"], language=language)
    trips = _entries(planner, plan)
    refused = [*_refused(row, trips)]
    unknown = [*_unknown(row, plan, planner, trips)]
    wrong = [*_offered(planner, row, plan, trips), *refused]
    if names := words_of(row, "place"):
        wrong += _place(planner, row, plan, trips, f"place {', '.join(names)}", names, TRIPS)
    wrong += [*_season(row, trips), *unknown]
    asked = [word for name in ("must", "some", "must_not") for word in words_of(row, name)]
    strange = [word for word in asked if meaning(word) is None]
    return Verdict(
        id=row["id"],
        language=language,
        wrong=tuple(wrong),
        refuses=bool(row.get("must_not") or row.get("refused_place")),
        kept=not refused,
        claimed=bool(unknown),
        not_judged=tuple(word for word in strange if word.casefold() not in unjudgeable()),
        unjudgeable=tuple(word for word in strange if word.casefold() in unjudgeable()),
        titles=tuple(trip.title for trip in plan.trips),
    )


def words_of(row: dict, name: str) -> list[str]:
    """A field's words: a list, or one text with commas."""
    value = row.get(name) or []
    parts = value.split(",") if isinstance(value, str) else value
    return [part.strip() for part in parts if part.strip()]


def meaning(word: str) -> Meaning | None:
    """What a plain word means, or None; a place of the gazetteer means that a trip lies there."""
    known = meanings().get(word.casefold())
    return Meaning(place=(word,)) if not known and word.casefold() in _places() else known


@cache
def meanings() -> dict[str, Meaning]:
    """What each plain word of the tables means."""
    return {word.casefold(): _meaning(row) for row in _rows("words") for word in row["words"]}


@cache
def unjudgeable() -> dict[str, str]:
    """The words that no tag of the catalogue can express, with the reason."""
    rows = _rows("unjudgeable")
    return {word.casefold(): row["reason"] for row in rows for word in row["words"]}


@cache
def _places() -> frozenset[str]:
    return frozenset(word.casefold() for region in regions().values() for word in region.words)


def _rows(table: str) -> list[dict]:
    texts = (path.read_text(encoding="utf-8") for path in WORDS)
    return [row for text in texts for row in tomllib.loads(text).get(table, [])]


def _meaning(row: dict) -> Meaning:
    return Meaning(
        any=tuple(_tags(text) for text in row.get("any", ())),
        none=frozenset().union(*(_tags(text) for text in row.get("none", ()))),
        place=tuple(row.get("place", ())),
        text=tuple(row.get("text", ())),
    )


def _tags(text: str) -> frozenset[Tag]:
    """``"activities.swim+kinds.lake"``: both tags."""
    return frozenset(tuple(tag.strip().split(".", 1)) for tag in text.split("+"))


def _offers(trip: Entry, word: str) -> bool:
    meant = meaning(word) or Meaning()
    if any(tags <= trip.tags for tags in meant.any) or _lies_in(trip, meant.place):
        return True
    if meant.text and _says(trip, meant.text):
        return True
    return bool(meant.none) and not meant.none & trip.tags


def _says(trip: Entry, words: Sequence[str]) -> bool:
    """Whether a trip's texts have a word: whole in English, anywhere in Korean, which compounds."""
    summary = trip.row["summary"]
    said = " | ".join((trip.text, summary["en"], summary["ko"])).casefold()
    either = "|".join(re.escape(word.casefold()) for word in words)
    return re.search(rf"(?<![a-z])(?:{either})(?![a-z])", said) is not None


def _offered(
    planner: CatalogPlanner, row: dict, plan: TripPlan, trips: Sequence[Entry]
) -> Iterator[str]:
    for name, wanted in (("must", TRIPS), ("some", 1)):
        for word in words_of(row, name):
            meant = meaning(word)
            if meant and meant.place:
                yield from _place(planner, row, plan, trips, f"{name} {word}", [word], wanted)
            elif meant and (count := sum(_offers(trip, word) for trip in trips)) < wanted:
                most = min(sum(_offers(e, word) for e in _possible(planner, row)), wanted)
                told = count == most and plan.notes
                yield f"{name} {word}" + LACKING * bool(told)


def _refused(row: dict, trips: Sequence[Entry]) -> Iterator[str]:
    for word in words_of(row, "must_not"):
        if any(_offers(trip, word) for trip in trips):
            yield f"must not {word}"
    for name in words_of(row, "refused_place"):
        if any(_lies_in(trip, [name]) for trip in trips):
            yield f"not in {name}"


def _possible(planner: CatalogPlanner, row: dict) -> list[Entry]:
    """What can come: the trips with nothing refused, and not for another season."""
    left = [entry for entry in planner.entries if not [*_refused(row, [entry])]]
    return [entry for entry in left if not [*_season(row, [entry])]]


def _place(
    planner: CatalogPlanner,
    row: dict,
    plan: TripPlan,
    trips: Sequence[Entry],
    asked: str,
    names: Sequence[str],
    wanted: int,
) -> Iterator[str]:
    there = [trip for trip in trips if _lies_in(trip, names)]
    if len(there) >= wanted:
        return
    left = [entry for entry in _possible(planner, row) if _lies_in(entry, names)]
    # One trip of each style.
    most = min(len(set().union(*(entry.of("styles") for entry in left))), wanted)
    if len(there) < most:
        yield f"{asked}: {len(there)} of {most}"
    elif not plan.notes:
        yield f"{asked}: no note"


def _season(row: dict, trips: Sequence[Entry]) -> Iterator[str]:
    for name in words_of(row, "season"):
        season = SEASONS.get(name, name)
        if any(trip.of("seasons") and season not in trip.of("seasons") for trip in trips):
            yield f"season {season}"


def _unknown(
    row: dict, plan: TripPlan, planner: CatalogPlanner, trips: Sequence[Entry]
) -> Iterator[str]:
    said = " ".join(note.words(plan.language) for note in plan.notes).casefold()
    for name in words_of(row, "unknown"):
        if any(_holds(entry, name) for entry in planner.entries):  # the catalogue has grown
            if not _holds(trips[0], name):
                yield f"knows {name}, and another trip is first"
        elif plan.understood:
            yield f"claims to understand {name}"
        elif name.casefold() not in said:
            yield f"no note on {name}"


def _holds(trip: Entry, name: str) -> bool:
    """Whether a trip is one to a place, or has a thing, of that name."""
    tags = {tag for word in find_words(name.casefold()) for tag in word.tags}
    return bool({tag for tag in tags if tag[0] in ("regions", "things")} & trip.tags)


def _lies_in(trip: Entry, names: Sequence[str]) -> bool:
    """Whether a trip lies in a place: as the tables say, by the gazetteer, by its name in texts."""
    texts = [trip.row["title"], *(stop["place"] for stop in trip.row["stops"])]
    said = " | ".join(text[language] for text in texts for language in ("en", "ko")).casefold()
    for name in names:
        if name.casefold() in meanings():
            if _offers(trip, name):
                return True
            continue
        tags = {tag for word in find_words(name.casefold()) for tag in word.tags}
        there = {tag for tag in tags if tag[0] == "regions"}
        # Whole words: Nice is not in Venice.
        whole = re.compile(rf"(?<!\w){re.escape(name.casefold())}(?![a-z])")
        if there & trip.tags or (not there and whole.search(said)):
            return True
    return False


def _entries(planner: CatalogPlanner, plan: TripPlan) -> list[Entry]:
    by_title = {entry.row["title"][plan.language]: entry for entry in planner.entries}
    return [by_title[trip.title] for trip in plan.trips]


def report(verdicts: Sequence[Verdict]) -> list[str]:
    """The shares of one language, and what failed."""
    refusing = [v for v in verdicts if v.refuses]
    right = sum(not v.wrong for v in verdicts)
    told = sum(all(wrong.endswith(LACKING) for wrong in v.wrong) for v in verdicts)
    kept = sum(v.kept for v in refusing)
    lines = [
        f"right {right} of {len(verdicts)} ({right / len(verdicts):.0%})",
        f"right, or as far as the catalogue goes, with a note {told} ({told / len(verdicts):.0%})",
        f"refusals kept {kept} of {len(refusing)} ({kept / max(1, len(refusing)):.0%})",
        f"unknown claimed as understood or not named {sum(v.claimed for v in verdicts)}",
    ]
    strange = [word for v in verdicts for word in v.not_judged]
    lines.append(f"words not judged {len(strange)}: {', '.join(sorted(set(strange)))}")
    barred = sorted({word for v in verdicts for word in v.unjudgeable})
    lines.append(f"words unjudgeable {sum(len(v.unjudgeable) for v in verdicts)}:")
    lines += [f"  {word}: {unjudgeable()[word.casefold()]}" for word in barred]
    failed = [verdict for verdict in verdicts if verdict.wrong]
    lines += [f"  {v.id}: {'; '.join(v.wrong)} | {' / '.join(v.titles)}" for v in failed]
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Print the report of each file."""
    parser = argparse.ArgumentParser(description="How well the offline planner listens.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--trips", type=Path, help="another catalogue")
    options = parser.parse_args(arguments)
    planner = CatalogPlanner(options.trips)
    for path in options.files:
        (rows,) = tomllib.loads(path.read_text(encoding="utf-8")).values()  # one table of requests
        print(path.name)
        print("\n".join(report([judge(planner, row) for row in rows])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
