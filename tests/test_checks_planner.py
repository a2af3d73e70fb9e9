"""The checks of notebook 09: right answers pass, likely mistakes are named."""

import html
import json

from pydantic import ValidationError

from tripkit.core.errors import PlanError
from tripkit.course.checks import check_cost, check_gate, check_message, check_share
from tripkit.planners.openai import WirePlan
from tripkit.planners.validation import plan_of, read_answer

FACTS = {"request": "a trip", "language": "en", "model": "made up"}


def said(check, mistake, language="en"):
    return check(mistake, language).text


# ---- the four right answers


def gate(answer):
    return read_answer(answer, **FACTS).gate


def message(request, language):
    return json.dumps({"language": language, "request": request})


def cost(tokens_in, tokens_out, service):
    return (
        tokens_in * service.usd_per_million_input + tokens_out * service.usd_per_million_output
    ) / 1_000_000


def share(rows):
    return sum(sum(row or ()) for row in rows) / len(rows) / 3


# ---- exercise 1


def gates(*catches, read=json.loads, shape=WirePlan.model_validate, judge=plan_of):
    """An answer to exercise 1, with some of its parts exchanged."""

    def found(answer):
        try:
            judge(shape(read(answer)), **FACTS)
        except catches as error:
            names = zip(("json", "schema", "plan"), catches, strict=False)
            return next(name for name, kind in names if isinstance(error, kind))
        return "passed"

    return found


GATES = (json.JSONDecodeError, ValidationError, PlanError)


def test_a_gate_of_another_name_is_told():
    assert "'valid'" in said(check_gate, lambda answer: "valid")
    assert "should give 'passed'" in said(
        check_gate, lambda answer: "plan" if gate(answer) == "passed" else gate(answer)
    )
    wrong = said(check_gate, lambda a: "schema" if "//" in a else gate(a))
    assert "'comment' should stop at 'json'" in wrong


# ---- exercise 2


def test_a_dictionary_is_not_a_message():
    assert "yours returns dict" in said(check_message, lambda r, lang: {"request": r})


def test_a_request_that_changes_the_language_is_caught():
    def glued(request, language):
        if json.dumps(request) == f'"{request}"' or "ko" not in request or "{" in request:
            return message(request, language)
        return f'{{"language": "{language}", "request": "{request}"}}'

    assert said(check_message, glued).startswith("This request changed the language")


# ---- exercise 3


def swapped(tokens_in, tokens_out, service):
    paid_in = tokens_in * service.usd_per_million_output
    return (paid_in + tokens_out * service.usd_per_million_input) / 1e6


def test_another_wrong_bill_is_shown_beside_the_right_one():
    assert "it should give" in said(check_cost, lambda i, o, s: cost(i, o, s) + 1)


# ---- exercise 4


def survivors(rows):
    left = [row for row in rows if row is not None]
    return sum(map(sum, left)) / (3 * len(left)) if left else 0.0


def test_a_share_that_is_a_little_off_is_wrong():
    assert said(check_share, lambda rows: share(rows) + 1e-3).startswith("Not yet.")


RIGHT = [(check_gate, gate), (check_message, message), (check_cost, cost), (check_share, share)]

MISTAKES = [
    (check_gate, gates(ValueError), "gate_value_error"),
    (check_gate, gates(*GATES, read=str, shape=WirePlan.model_validate_json), "gate_both"),
    (check_gate, gates(*GATES, judge=lambda wire, **_: wire), "gate_no_plan"),
    (
        check_gate,
        gates(*GATES, shape=lambda data: data, judge=lambda data, **_: data),
        "gate_no_plan",
    ),
    (check_gate, lambda a: {"schema": "passed"}.get(gate(a), gate(a)), "gate_no_schema"),
    (
        check_message,
        lambda r, lang: f'{{"request": "{r}", "language": "{lang}"}}',
        "message_broken",
    ),
    (check_message, lambda r, lang: str({"request": r, "language": lang}), "message_python"),
    (check_message, lambda r, lang: json.dumps(message(r, lang)), "message_twice"),
    (check_message, lambda r, lang: message(html.escape(r), lang), "message_changed"),
    (check_message, lambda r, lang: message(r.replace('"', ""), lang), "message_changed"),
    (check_message, lambda r, lang: message(r, "en"), "message_language"),
    (check_message, lambda r, lang: json.dumps({"request": r}), "message_fields"),
    (check_cost, lambda i, o, s: cost(i, o, s) * 1e6, "cost_million"),
    (check_cost, lambda i, o, s: cost(i, o, s) * 1e3, "cost_thousand"),
    (check_cost, lambda i, o, s: cost(i, o, s) * 100, "cost_cents"),
    (check_cost, lambda i, o, s: round(cost(i, o, s), 2), "cost_rounded"),
    (check_cost, swapped, "cost_swapped"),
    (check_cost, lambda i, o, s: (i + o) * s.usd_per_million_input / 1e6, "cost_one_price"),
    (check_cost, lambda i, o, s: cost(i, 0, s), "cost_only_input"),
    (check_cost, lambda i, o, s: cost(0, o, s), "cost_only_output"),
    (check_share, survivors, "share_survivors"),
    (check_share, lambda rows: sum(any(row or ()) for row in rows) / len(rows), "share_any"),
    (check_share, lambda rows: sum(all(row or [0]) for row in rows) / len(rows), "share_all"),
    (check_share, lambda rows: sum(row is not None for row in rows) / len(rows), "share_valid"),
    (check_share, lambda rows: 100 * share(rows), "share_percent"),
    (check_share, lambda rows: 3 * share(rows), "share_per_request"),
    (check_share, lambda rows: 3 * len(rows) * share(rows), "share_count"),
]
