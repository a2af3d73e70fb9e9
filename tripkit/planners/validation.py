"""Three gates between the text of a language model and a plan: JSON, schema, the plan's laws."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pydantic import ValidationError

from tripkit.core.errors import PlanError
from tripkit.core.messages import Phrase, text
from tripkit.core.settings import read_data
from tripkit.core.text import clean_text
from tripkit.planners.openai import WirePlan
from tripkit.trips import TripPlan, validate_plan

MAX_PROBLEM = 300  # characters

GATES = ("json", "schema", "plan")
PASSED = "passed"


@dataclass(frozen=True)
class Reading:
    """What became of an answer.

    Attributes:
        gate: which of `GATES` stopped it, or `PASSED`.
        problem: why, with no more than a short quotation of the answer; None where it passed.
        plan: the plan; None where it was stopped.
    """

    gate: str
    problem: str | Phrase | None = None
    plan: TripPlan | None = None

    def why(self, language: str = "en") -> str:
        """The problem as a text; empty where it passed. What parsers say is in English."""
        problem = self.problem
        if isinstance(problem, Phrase):
            return text(problem.code, language, **problem.details)
        return problem or ""


def read_answer(
    answer: str, *, request: str, language: str, model: str, source: str = "openai"
) -> Reading:
    """Take an answer through the gates, up to the first that stops it.

    Args:
        answer: the text, as a model wrote it.
        request: what was asked for.
        language: ``"en"`` or ``"ko"``.
        model: what answered.
        source: the planner that asked.
    """
    try:
        data = json.loads(answer)
    except json.JSONDecodeError as error:
        return Reading("json", f"{error.msg} (line {error.lineno}, column {error.colno})")
    except (ValueError, RecursionError) as error:  # a number of 5000 digits, 5000 brackets
        return Reading("json", f"it cannot be parsed ({type(error).__name__})")
    try:
        wire = WirePlan.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the answer"
        return Reading("schema", clean_text(f"{where}: {first['msg']}")[:200])
    try:
        plan = plan_of(wire, request=request, language=language, source=source, model=model)
    except PlanError as error:
        return Reading("plan", error.details["problem"])
    return Reading(PASSED, plan=plan)


def plan_of(
    wire: WirePlan, *, request: str, language: str, model: str, source: str = "openai"
) -> TripPlan:
    """The plan that a wire plan describes. Nothing is mended: a text too long is refused, not cut.

    Raises:
        PlanError: ``bad_plan``.
    """
    trips = wire.model_dump()["trips"]
    for trip in trips:
        for stop in trip["stops"]:
            stop["rgb"] = tuple(stop["rgb"][channel] for channel in "rgb")
    fields = {"request": request, "language": language, "source": source, "model": model}
    return validate_plan({**fields, "trips": trips})


@dataclass(frozen=True)
class MadeUp:
    """An answer that we made up to show how answers go wrong. No service gave it.

    Attributes:
        key: its name.
        text: the answer.
        gate: which gate stops it, or `PASSED`.
        shows: what goes wrong in it, by language.
    """

    key: str
    text: str
    gate: str
    shows: MappingProxyType


@cache
def load_made_up() -> tuple[MadeUp, ...]:
    """The made-up answers of `malformed_answers.toml`, in the order of the gates."""
    data = read_data("malformed_answers.toml")
    return tuple(_made_up(row, data["good"].strip()) for row in data["answers"])


def good_answer() -> str:
    """The made-up answer that passes, from which the others were made."""
    return read_data("malformed_answers.toml")["good"].strip()


def _made_up(row: dict, good: str) -> MadeUp:
    answer = row.get("text", "{good}").replace("{good}", good)
    for find, put in row.get("edits", ()):
        if find not in answer:
            raise ValueError(f"malformed_answers.toml: {row['key']}: {find!r} is not in the answer")
        answer = answer.replace(find, put)
    answer = answer[: int(len(answer) * row.get("keep", 1))]
    return MadeUp(row["key"], answer, row["gate"], MappingProxyType(row["shows"]))


def repair_message(request: str, language: str, problem: str) -> str:
    """The message that asks again: the request once more, and the problem, as data in JSON."""
    fields = {"request": request, "language": language, "problem": problem[:MAX_PROBLEM]}
    return json.dumps(fields, ensure_ascii=False)


def ask_and_repair(
    ask: Callable[[str], str], request: str, *, language: str, model: str, rounds: int = 1
) -> list[Reading]:
    """Ask, and ask again while the answer is no plan and rounds are left.

    Args:
        ask: sends a message, gives the text of the answer; may raise a `TripkitError`.
        request: what the traveller typed.
        language: ``"en"`` or ``"ko"``.
        model: what answers.
        rounds: how often to send a problem back. Every round is a call, and costs one.

    Returns:
        What became of each answer; the last one holds the plan, if there is one.
    """
    message = json.dumps({"request": request, "language": language}, ensure_ascii=False)
    readings = []
    for _ in range(1 + rounds):
        answer = ask(message)
        readings.append(read_answer(answer, request=request, language=language, model=model))
        if readings[-1].plan is not None:
            break
        message = repair_message(request, language, readings[-1].why("en"))
    return readings
