"""How good a planner is: thirty requests in two languages, what it answers, and three shares.

Valid: the answer is a plan. Distinct: its trips have three styles and share no place. On topic: its
trips use a word of a list that was written beforehand (see `data/planner_requests.toml`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import field
from functools import cache
from itertools import permutations

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from tripkit.core.errors import TripkitError
from tripkit.core.settings import read_data
from tripkit.planners.base import Planner
from tripkit.services.registry import ReadOnly
from tripkit.trips import TRIPS, Trip, TripPlan

LEVELS = ("plain", "implied", "rare")


@dataclass(frozen=True)
class Case:
    """One request to judge planners by, its texts by language.

    Attributes:
        key: its name.
        level: one of `LEVELS`, how hard it is for a planner that looks words up.
        request: what the traveller types.
        topic: words of which a trip on topic uses one.
        avoid: words of which it uses none.
    """

    key: str
    level: str
    request: ReadOnly[str]
    topic: ReadOnly[tuple[str, ...]]
    avoid: ReadOnly[tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What a planner answered to a case.

    Attributes:
        case: the case.
        language: ``"en"`` or ``"ko"``.
        plan: the plan; None where there was none.
        problem: the code of the `TripkitError` that came instead; None where there was a plan.
        seconds: how long it took.
    """

    case: Case
    language: str
    plan: TripPlan | None
    problem: str | None
    seconds: float


@cache
def load_cases() -> tuple[Case, ...]:
    """The thirty requests of `planner_requests.toml`."""
    rows = read_data("planner_requests.toml")["requests"]
    return TypeAdapter(tuple[Case, ...]).validate_python(rows)


def evaluate(
    planner: Planner, language: str, cases: Iterable[Case] | None = None
) -> tuple[Answer, ...]:
    """Ask a planner every request in one language.

    A request that fails with a `TripkitError` counts as not valid; any other error is raised, for
    it is a bug. With a planner that costs money this is one paid call a request.
    """
    chosen = load_cases() if cases is None else cases
    return tuple(_ask(planner, case, language) for case in chosen)


def _ask(planner: Planner, case: Case, language: str) -> Answer:
    plan, problem, start = None, None, time.perf_counter()
    try:
        plan = planner.plan(case.request[language], language=language)
    except TripkitError as error:
        problem = error.code
    return Answer(case, language, plan, problem, time.perf_counter() - start)


def words_of(trip: Trip) -> str:
    """All that a trip says, in small letters: style, title, summary, theme, places."""
    parts = [trip.style, trip.title, trip.summary, trip.theme, *(stop.place for stop in trip.stops)]
    return " | ".join(parts).casefold()


def on_topic(trip: Trip, case: Case, language: str) -> bool:
    """Whether a trip uses a word of the case's topic, and none that it avoids.

    A word counts at the beginning of a word in English (``"blossom"`` in "blossoms"), anywhere in
    Korean, which joins words.
    """
    spoken = words_of(trip)

    def uses(words: Sequence[str]) -> bool:
        opening = r"\b" if language == "en" else ""
        return any(re.search(opening + re.escape(word), spoken) for word in words)

    return uses(case.topic[language]) and not uses(case.avoid.get(language, ()))


def distinct(plan: TripPlan) -> bool:
    """Whether the trips have three styles and no two of them share a place."""
    styles = {trip.style.casefold() for trip in plan.trips}
    places = [{stop.place.casefold() for stop in trip.stops} for trip in plan.trips]
    return len(styles) == TRIPS and sum(map(len, places)) == len(set().union(*places))


def shares(answers: Sequence[Answer]) -> dict[str, float]:
    """The shares of a planner, 0 to 1; of all requests, so that a failure counts as nothing.

    ``valid`` and ``distinct`` are shares of plans, ``on_topic`` of the three trips that each
    request was promised, ``first_on_topic`` of first trips. ``by_chance`` is what ``on_topic``
    would be if each plan had been given to each of the other requests: who answers everybody
    alike gets no more.
    """
    if not answers:
        raise ValueError("there are no answers to judge")
    plans = [answer.plan for answer in answers]
    hits = [_hits(answer.plan, answer) for answer in answers]
    pairs = [sum(_hits(one.plan, other)) / TRIPS for one, other in permutations(answers, 2)]
    count = len(answers)
    return {
        "valid": sum(plan is not None for plan in plans) / count,
        "distinct": sum(plan is not None and distinct(plan) for plan in plans) / count,
        "on_topic": sum(map(sum, hits)) / count / TRIPS,
        "first_on_topic": sum(bool(each and each[0]) for each in hits) / count,
        "by_chance": sum(pairs) / len(pairs) if pairs else 0.0,
    }


def _hits(plan: TripPlan | None, asked: Answer) -> list[bool]:
    """For each trip of a plan whether it suits the request of another answer, or of its own."""
    trips = plan.trips if plan is not None else ()
    return [on_topic(trip, asked.case, asked.language) for trip in trips]
