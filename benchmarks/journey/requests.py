"""How well a planner listens: requests as people write them, and what its three trips must be.

    python -m benchmarks.journey.requests benchmarks/journey/tuning_*.toml

A file holds ``[[requests]]`` with ``id`` and ``text``, and what is asked of the answer: ``must``,
``some``, ``must_not``, ``place``, ``refused_place``, ``unknown``, ``season`` (the head of
`tuning_en.toml` says what each means, `words.toml` what each word means). A request is right when
all that is asked of it holds. Words that `words.toml` does not have are not judged, and counted.
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

from tripkit.planners.catalog import CatalogPlanner, Entry
from tripkit.planners.lexicon import find_words
from tripkit.trips import TRIPS, TripPlan

WORDS = Path(__file__).parent / "words.toml"
SEASONS = {"봄": "spring", "여름": "summer", "가을": "autumn", "겨울": "winter", "fall": "autumn"}


@dataclass(frozen=True)
class Verdict:
    """What became of one request.

    Attributes:
        id: its name in the file.
        language: "en" or "ko".
        wrong: what does not hold, in words; empty where the request is right.
        refuses: whether it refuses anything.
        kept: whether nothing refused came.
        claimed: whether something unknown was claimed as understood.
        not_judged: words whose meaning is not known here.
        titles: the trips that came.
    """

    id: str
    language: str
    wrong: tuple[str, ...]
    refuses: bool
    kept: bool
    claimed: bool
    not_judged: tuple[str, ...]
    titles: tuple[str, ...]


def judge(planner: CatalogPlanner, row: dict) -> Verdict:
    """One request's verdict."""
    language = "ko" if re.search("[가-힣]", row["text"]) else "en"
    plan = planner.plan(row["text"], language=language)
    trips = _entries(planner, plan)
    refused = [*_refused(row, trips)]
    unknown = [*_unknown(row, plan, planner, trips)]
    wrong = [*_offered(row, trips), *refused, *_place(planner, row, plan, trips)]
    wrong += [*_season(row, trips), *unknown]
    asked = [word for name in ("must", "some", "must_not") for word in words_of(row, name)]
    return Verdict(
        id=row["id"],
        language=language,
        wrong=tuple(wrong),
        refuses=bool(row.get("must_not") or row.get("refused_place")),
        kept=not refused,
        claimed=bool(unknown),
        not_judged=tuple(word for word in asked if word not in meanings()),
        titles=tuple(trip.title for trip in plan.trips),
    )


def words_of(row: dict, name: str) -> list[str]:
    """A field's words: a list, or one text with commas."""
    value = row.get(name) or []
    parts = value.split(",") if isinstance(value, str) else value
    return [part.strip() for part in parts if part.strip()]


@cache
def meanings() -> dict[str, frozenset[tuple[str, str]]]:
    """What each plain word means: tags of which a trip has one."""
    rows = tomllib.loads(WORDS.read_text(encoding="utf-8"))["words"]
    return {
        word: frozenset(tuple(tag.split(".")) for tag in row["any"])
        for row in rows
        for word in row["words"]
    }


def _offers(trip: Entry, word: str) -> bool:
    return bool(meanings()[word.casefold()] & trip.tags)


def _offered(row: dict, trips: Sequence[Entry]) -> Iterator[str]:
    for name, enough in (("must", all), ("some", any)):
        for word in words_of(row, name):
            if word.casefold() in meanings() and not enough(_offers(t, word) for t in trips):
                yield f"{name} {word}"


def _refused(row: dict, trips: Sequence[Entry]) -> Iterator[str]:
    for word in words_of(row, "must_not"):
        if word.casefold() in meanings() and any(_offers(trip, word) for trip in trips):
            yield f"must not {word}"
    for name in words_of(row, "refused_place"):
        if any(_lies_in(trip, [name]) for trip in trips):
            yield f"not in {name}"


def _place(
    planner: CatalogPlanner, row: dict, plan: TripPlan, trips: Sequence[Entry]
) -> Iterator[str]:
    names = words_of(row, "place")
    there = [trip for trip in trips if _lies_in(trip, names)]
    if not names or len(there) == TRIPS:
        return
    # What can come: nothing refused, nothing for another season, one trip of each style.
    left = [e for e in planner.entries if _lies_in(e, names) and not [*_refused(row, [e])]]
    left = [entry for entry in left if not [*_season(row, [entry])]]
    most = min(len(set().union(*(entry.of("styles") for entry in left))), TRIPS)
    if len(there) < most:
        yield f"place {', '.join(names)}: {len(there)} of {most}"
    elif not plan.notes:
        yield f"place {', '.join(names)}: no note"


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
    """Whether a trip lies in a place, by the planner's gazetteer or by its name in the texts."""
    texts = [trip.row["title"], *(stop["place"] for stop in trip.row["stops"])]
    said = " | ".join(text[language] for text in texts for language in ("en", "ko")).casefold()
    for name in names:
        tags = {tag for word in find_words(name.casefold()) for tag in word.tags}
        regions = {tag for tag in tags if tag[0] == "regions"}
        if regions & trip.tags or (not regions and name.casefold() in said):
            return True
    return False


def _entries(planner: CatalogPlanner, plan: TripPlan) -> list[Entry]:
    by_title = {entry.row["title"][plan.language]: entry for entry in planner.entries}
    return [by_title[trip.title] for trip in plan.trips]


def report(verdicts: Sequence[Verdict]) -> list[str]:
    """The shares of one language, and what failed."""
    refusing = [v for v in verdicts if v.refuses]
    right = sum(not v.wrong for v in verdicts)
    kept = sum(v.kept for v in refusing)
    lines = [
        f"right {right} of {len(verdicts)} ({right / len(verdicts):.0%})",
        f"refusals kept {kept} of {len(refusing)} ({kept / max(1, len(refusing)):.0%})",
        f"unknown claimed as understood or not named {sum(v.claimed for v in verdicts)}",
    ]
    strange = [word for v in verdicts for word in v.not_judged]
    lines.append(f"words not judged {len(strange)}: {', '.join(sorted(set(strange)))}")
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
