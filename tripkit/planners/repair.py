"""One round of repair: an answer that is no plan goes back with what is wrong with it.

Only answers are repaired. A refusal, an answer cut off, a failed call is an error that ``ask``
raises, and asking again would nag, cost or fail again. And nothing is guessed: a channel of 300 is
asked for anew, never taken for 255.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from tripkit.planners.gates import Reading, read_answer

MAX_PROBLEM = 300  # characters


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
