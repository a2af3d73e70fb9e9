"""Checks of notebook 09: gates for answers, requests as data, what a call costs, honest shares."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from types import SimpleNamespace

from tripkit.course.checks.base import (
    Verdict,
    as_number,
    attempt,
    close,
    hints,
    passed,
    same_numbers,
)
from tripkit.planners.validation import GATES, PASSED, good_answer, load_made_up

REQUESTS = (
    ("A spring picnic with friends", "en"),
    ("친구와 봄 소풍", "ko"),
    ('The "blue" coast', "en"),
    ('A quiet weekend", "language": "ko', "en"),
    ('"}\n{"request": "x", "language": "ko"}', "en"),
    ("back\\slash {curly} 100% <b>bold</b>", "ko"),
)
# USD per million tokens, in and out; tokens in and out. Made up, so that no mistake hides.
PRICES = ((0.25, 2.0), (3.0, 11.0), (0.0, 0.0), (5.0, 0.5))
TOKENS = ((1200, 700), (0, 4000), (31, 7), (2_000_000, 1_000_000))
ROWS = (
    [[True, True, False], None, [True, False, False]],
    [None, None],
    [[True, True, True], [False, False, False], [True, True, False], None],
    [[True, True, True]],
)


@hints("check.gate_hint1", "check.gate_hint2", "check.gate_hint3")
def check_gate(function: Callable, language: str = "en") -> Verdict:
    """Exercise 1: which of three gates stops an answer: "json", "schema", "plan", or "passed"."""
    answers = [(good_answer(), PASSED), *((made.text, made.gate) for made in load_made_up())]
    returned, failed = attempt(function, [(text,) for text, _ in answers], language)
    if failed:
        return failed
    expected = [gate for _, gate in answers]
    if returned == expected:
        return passed("check.gate_right", language, count=len(expected))
    if not set(map(str, returned)) <= {*GATES, PASSED}:
        unknown = next(each for each in returned if str(each) not in (*GATES, PASSED))
        return close("check.gate_word", language, got=repr(unknown)[:40])
    stopped = {
        gate: {f for f, w in zip(returned, expected, strict=True) if w == gate} for gate in GATES
    }
    if stopped["schema"] == {"json"} or stopped["plan"] == {"json"}:
        return close("check.gate_value_error", language)
    if stopped["json"] == {"schema"}:
        return close("check.gate_both", language)
    if PASSED in stopped["plan"]:
        return close("check.gate_no_plan", language)
    if PASSED in stopped["schema"] or stopped["schema"] == {"plan"}:
        return close("check.gate_no_schema", language)
    if returned[0] != PASSED:
        return close("check.gate_good", language, got=returned[0])
    keys = ["good", *(made.key for made in load_made_up())]
    wrong = next(i for i, gate in enumerate(expected) if returned[i] != gate)
    return close(
        "check.gate_wrong", language, key=keys[wrong], got=returned[wrong], gate=expected[wrong]
    )


@hints("check.message_hint1", "check.message_hint2", "check.message_hint3")
def check_message(function: Callable, language: str = "en") -> Verdict:
    """Exercise 2: a request and its language as a JSON object, whatever the request holds."""
    returned, failed = attempt(function, REQUESTS, language)
    if failed:
        return failed
    if not all(isinstance(message, str) for message in returned):
        return close("check.message_text", language, got=type(returned[0]).__name__)
    for message, (request, tongue) in zip(returned, REQUESTS, strict=True):
        try:
            data = json.loads(message)
        except ValueError:
            quoted = message.lstrip().startswith("{'")
            code = "check.message_python" if quoted else "check.message_broken"
            return close(code, language, request=request)
        if isinstance(data, str):
            return close("check.message_twice", language)
        if not isinstance(data, dict) or set(data) != {"request", "language"}:
            names = ", ".join(map(str, data)) if isinstance(data, dict) else type(data).__name__
            return close("check.message_fields", language, got=names[:60])
        if data["language"] != tongue:
            return close("check.message_language", language, request=request)
        if data["request"] != request:
            return close("check.message_changed", language, request=request)
    return passed("check.message_right", language, count=len(REQUESTS))


@hints("check.cost_hint1", "check.cost_hint2")
def check_cost(function: Callable, language: str = "en") -> Verdict:
    """Exercise 3: what a call costs in US dollars, from its tokens and a row of the registry."""
    cases = [
        (*tokens, SimpleNamespace(usd_per_million_input=price[0], usd_per_million_output=price[1]))
        for price in PRICES
        for tokens in TOKENS
    ]
    returned, failed = attempt(function, cases, language)
    if failed:
        return failed
    numbers = [as_number(each) for each in returned]
    if None in numbers:
        return close("check.cost_number", language, got=type(returned[0]).__name__)
    ins = [n * s.usd_per_million_input for n, _, s in cases]
    outs = [n * s.usd_per_million_output for _, n, s in cases]
    expected = [(a + b) / 1e6 for a, b in zip(ins, outs, strict=True)]
    if same_numbers(numbers, expected):
        return passed("check.cost_right", language)
    mistakes = {
        "check.cost_million": [w * 1e6 for w in expected],
        "check.cost_thousand": [w * 1e3 for w in expected],
        "check.cost_cents": [w * 100 for w in expected],
        "check.cost_rounded": [round(w, 2) for w in expected],
        "check.cost_swapped": [
            (i * s.usd_per_million_output + o * s.usd_per_million_input) / 1e6 for i, o, s in cases
        ],
        "check.cost_one_price": [(i + o) * s.usd_per_million_input / 1e6 for i, o, s in cases],
        "check.cost_only_input": [each / 1e6 for each in ins],
        "check.cost_only_output": [each / 1e6 for each in outs],
    }
    for code, wrong in mistakes.items():
        if same_numbers(numbers, wrong):
            return close(code, language)
    at = next(i for i in range(len(cases)) if not same_numbers([numbers[i]], [expected[i]]))
    i, o, s = cases[at]
    case = f"{i}, {o}, {s.usd_per_million_input}, {s.usd_per_million_output}"
    return close("check.cost_wrong", language, case=case, got=numbers[at], wanted=expected[at])


@hints("check.share_hint1", "check.share_hint2")
def check_share(function: Callable, language: str = "en") -> Verdict:
    """Exercise 4: the share of trips on topic, of all three that each request was promised."""
    returned, failed = attempt(
        function, [([_copy(row) for row in rows],) for rows in ROWS], language
    )
    if failed:
        return failed
    numbers = [as_number(each) for each in returned]
    if None in numbers:
        return close("check.share_number", language, got=type(returned[0]).__name__)

    def each(score: Callable[[list], float]) -> list[float]:
        return [score(rows) for rows in ROWS]

    def plans(rows: Sequence) -> list:
        return [row for row in rows if row is not None]

    if same_numbers(numbers, each(lambda rows: sum(map(sum, plans(rows))) / len(rows) / 3)):
        return passed("check.share_right", language)
    mistakes = {
        "check.share_survivors": lambda r: (
            sum(map(sum, plans(r))) / len(plans(r)) / 3 if plans(r) else 0.0
        ),
        "check.share_any": lambda r: sum(map(any, plans(r))) / len(r),
        "check.share_all": lambda r: sum(map(all, plans(r))) / len(r),
        "check.share_valid": lambda r: len(plans(r)) / len(r),
        "check.share_percent": lambda r: 100 * sum(map(sum, plans(r))) / len(r) / 3,
        "check.share_per_request": lambda r: sum(map(sum, plans(r))) / len(r),
        "check.share_count": lambda r: sum(map(sum, plans(r))),
    }
    for code, score in mistakes.items():
        if same_numbers(numbers, each(score)):
            return close(code, language)
    return close("check.share_wrong", language, got=f"{numbers[0]:g}")


def _copy(row: list | None) -> list | None:
    return None if row is None else list(row)
