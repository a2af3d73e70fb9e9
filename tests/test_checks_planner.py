"""The checks of notebook 09: right answers pass, likely mistakes are named."""

import html
import json

import pytest
from pydantic import ValidationError

from tripkit.core.errors import PlanError
from tripkit.core.messages import LANGUAGES, text
from tripkit.course.checks import check_cost, check_gate, check_message, check_share
from tripkit.planners.openai import WirePlan
from tripkit.planners.validation import plan_of, read_answer

CHECKS = (check_gate, check_message, check_cost, check_share)
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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("check", "answer"), list(zip(CHECKS, (gate, message, cost, share), strict=True))
)
def test_right_answers_pass(check, answer, language):
    verdict = check(answer, language)
    assert verdict.passed, verdict


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stub_is_not_attempted_yet(check, language):
    assert repr(check(lambda *_: None, language)) == text("check.not_attempted", language)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_hints_come_one_by_one(check, language):
    assert len(check.hints) >= 2
    for number in range(len(check.hints) + 1):
        lines = check(lambda *_: "?", language, hint=number).hints
        for code, line in zip(check.hints[:number], lines, strict=False):
            assert text(code, language) in line


@pytest.mark.parametrize("check", CHECKS)
def test_an_exception_is_told_not_raised(check):
    assert "ZeroDivisionError" in check(lambda *_: 1 / 0).text


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("nonsense", [3, "?", [], {}, object(), float("nan"), True, "{}", "[1]"])
def test_nonsense_does_not_pass_and_does_not_break_the_check(check, language, nonsense):
    assert not check(lambda *_: nonsense, language).passed


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


RIGHT = (json.JSONDecodeError, ValidationError, PlanError)


@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        (gates(ValueError), "check.gate_value_error"),
        (
            gates(*RIGHT, read=str, shape=WirePlan.model_validate_json),
            "check.gate_both",
        ),
        (gates(*RIGHT, judge=lambda wire, **_: wire), "check.gate_no_plan"),
        (
            gates(*RIGHT, shape=lambda data: data, judge=lambda data, **_: data),
            "check.gate_no_plan",
        ),
        (
            lambda answer: {"schema": "passed"}.get(gate(answer), gate(answer)),
            "check.gate_no_schema",
        ),
    ],
)
def test_likely_mistakes_with_the_gates_are_named(mistake, code):
    assert said(check_gate, mistake) == text(code, "en")


def test_a_gate_of_another_name_is_told():
    assert "'valid'" in said(check_gate, lambda answer: "valid")
    assert "should give 'passed'" in said(
        check_gate, lambda answer: "plan" if gate(answer) == "passed" else gate(answer)
    )
    wrong = said(check_gate, lambda a: "schema" if "//" in a else gate(a))
    assert "'comment' should stop at 'json'" in wrong


# ---- exercise 2


@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        (lambda r, lang: f'{{"request": "{r}", "language": "{lang}"}}', "check.message_broken"),
        (lambda r, lang: str({"request": r, "language": lang}), "check.message_python"),
        (lambda r, lang: json.dumps(message(r, lang)), "check.message_twice"),
        (lambda r, lang: message(html.escape(r), lang), "check.message_changed"),
        (lambda r, lang: message(r.replace('"', ""), lang), "check.message_changed"),
        (lambda r, lang: message(r, "en"), "check.message_language"),
        (lambda r, lang: json.dumps({"request": r}), "check.message_fields"),
    ],
)
def test_likely_mistakes_with_the_message_are_named(mistake, code):
    start = text(code, "en", request="\0", got="\0").partition("\0")[0]
    assert said(check_message, mistake).startswith(start)


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


@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        (lambda i, o, s: cost(i, o, s) * 1e6, "check.cost_million"),
        (lambda i, o, s: cost(i, o, s) * 1e3, "check.cost_thousand"),
        (lambda i, o, s: cost(i, o, s) * 100, "check.cost_cents"),
        (lambda i, o, s: round(cost(i, o, s), 2), "check.cost_rounded"),
        (swapped, "check.cost_swapped"),
        (lambda i, o, s: (i + o) * s.usd_per_million_input / 1e6, "check.cost_one_price"),
        (lambda i, o, s: cost(i, 0, s), "check.cost_only_input"),
        (lambda i, o, s: cost(0, o, s), "check.cost_only_output"),
    ],
)
def test_likely_mistakes_with_the_bill_are_named(mistake, code):
    assert said(check_cost, mistake) == text(code, "en")


def test_another_wrong_bill_is_shown_beside_the_right_one():
    assert "it should give" in said(check_cost, lambda i, o, s: cost(i, o, s) + 1)


# ---- exercise 4


def survivors(rows):
    left = [row for row in rows if row is not None]
    return sum(map(sum, left)) / (3 * len(left)) if left else 0.0


@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        (survivors, "check.share_survivors"),
        (lambda rows: sum(any(row or ()) for row in rows) / len(rows), "check.share_any"),
        (lambda rows: sum(all(row or [0]) for row in rows) / len(rows), "check.share_all"),
        (lambda rows: sum(row is not None for row in rows) / len(rows), "check.share_valid"),
        (lambda rows: 100 * share(rows), "check.share_percent"),
        (lambda rows: 3 * share(rows), "check.share_per_request"),
        (lambda rows: 3 * len(rows) * share(rows), "check.share_count"),
    ],
)
def test_likely_mistakes_with_the_share_are_named(mistake, code):
    assert said(check_share, mistake) == text(code, "en")


def test_a_share_that_is_a_little_off_is_wrong():
    assert said(check_share, lambda rows: share(rows) + 1e-3).startswith("Not yet.")
