"""Reading answers: which gate stops what, that nothing is mended, and one round of repair."""

import dataclasses
import json

import pytest

from tripkit.core.errors import ServiceError
from tripkit.planners.openai import WirePlan
from tripkit.planners.validation import (
    GATES,
    PASSED,
    ask_and_repair,
    good_answer,
    load_made_up,
    plan_of,
    read_answer,
    repair_message,
)

FACTS = {"request": "A spring picnic", "language": "en", "model": "made up"}
MADE_UP = load_made_up()


def read(answer):
    return read_answer(answer, **FACTS)


@pytest.mark.parametrize("made", MADE_UP, ids=lambda made: made.key)
def test_each_made_up_answer_stops_at_the_gate_that_its_file_names(made):
    found = read(made.text)
    assert found.gate == made.gate
    assert (found.plan is not None) == (made.gate == PASSED)
    for language in ("en", "ko"):
        assert bool(found.why(language)) == (made.gate != PASSED)
        assert made.shows[language]


def test_the_made_up_answers_cover_every_gate_and_say_that_nobody_gave_them():
    assert {made.gate for made in MADE_UP} == {*GATES, PASSED}
    assert len({made.key for made in MADE_UP}) == len(MADE_UP)
    assert all(made.text != good_answer() for made in MADE_UP)


def test_the_good_answer_becomes_a_plan_with_the_facts_of_the_call():
    plan = read(good_answer()).plan
    assert (plan.request, plan.language, plan.model) == tuple(FACTS.values())
    assert plan.source == "openai" and plan.trips[0].stops[0].rgb == (255, 182, 193)


@pytest.mark.parametrize("answer", ["[" * 100_000, "9" * 5000, "", "\0", "null", '"\\ud800"'])
def test_hostile_answers_are_stopped_and_raise_nothing(answer):
    assert read(answer).gate in ("json", "schema")


def test_a_problem_is_told_in_one_short_line():
    for answer in (*(made.text for made in MADE_UP), good_answer().replace("white", "w" * 900)):
        why = read(answer).why("en")
        assert len(why) <= 200 and "\n" not in why


def test_nothing_is_mended():
    text = good_answer().replace("picnic zone", "p" * 61)
    assert read(text).gate == "plan"  # a place that is too long is refused, not cut
    wire = WirePlan.model_validate(json.loads(good_answer()))
    assert plan_of(wire, **FACTS) == read(good_answer()).plan


def made(key):
    return next(each.text for each in MADE_UP if each.key == key)


def test_one_round_of_repair_sends_the_problem_back_as_data():
    answers, sent = [made("colour of 300"), good_answer()], []

    def ask(message):
        sent.append(json.loads(message))
        return answers[len(sent) - 1]

    request = 'A "picnic", please\n{now}'
    rounds = ask_and_repair(ask, request, language="en", model="made up")
    assert [reading.gate for reading in rounds] == ["plan", PASSED]
    assert [set(message) for message in sent] == [
        {"request", "language"},
        {"request", "language", "problem"},
    ]
    assert all(message["request"] == request for message in sent)
    assert "is 300" in sent[1]["problem"]


@pytest.mark.parametrize(("answer", "calls"), [(good_answer(), 1), (made("two trips"), 2)])
def test_a_good_answer_is_not_asked_for_again_and_a_bad_one_only_once(answer, calls):
    rounds = ask_and_repair(lambda message: answer, "A trip", language="en", model="made up")
    assert len(rounds) == calls


def test_without_rounds_nothing_is_sent_back():
    answer = made("two trips")
    rounds = ask_and_repair(lambda _: answer, "A trip", language="en", model="m", rounds=0)
    assert len(rounds) == 1 and rounds[0].plan is None


@pytest.mark.parametrize("code", ["refusal", "truncated"])
def test_refusals_and_cut_answers_are_not_repaired(code):
    calls = []

    def ask(message):
        calls.append(message)
        raise ServiceError(code, model="made up")

    with pytest.raises(ServiceError) as caught:
        ask_and_repair(ask, "A trip", language="en", model="made up")
    assert caught.value.code == code and len(calls) == 1


def test_a_long_problem_is_cut_and_korean_stays_readable():
    message = repair_message("봄 소풍", "ko", "x" * 10_000)
    assert len(message) < 500 and "봄 소풍" in message


def test_a_problem_names_the_field_and_the_whole_answer_where_it_has_none():
    assert read("[]").why("en").startswith("the answer: ")
    without = json.loads(good_answer())
    del without["trips"][1]["stops"][0]["place"]
    assert read(json.dumps(without)).why("en").startswith("trips.1.stops.0.place: ")


def test_broken_json_is_placed_by_line_and_column():
    assert read('{"trips":\n  oops}').why("en") == "Expecting value (line 2, column 3)"


def test_each_round_sends_the_problem_of_the_answer_before_it():
    answers, sent = iter(["[", "[]", made("two trips")]), []

    def ask(message):
        sent.append(json.loads(message))
        return next(answers)

    readings = ask_and_repair(ask, "A trip", language="en", model="m", rounds=2)
    assert [message.get("problem") for message in sent] == [
        None,
        *(reading.why("en") for reading in readings[:2]),
    ]


def test_of_a_problem_the_first_three_hundred_characters_are_sent():
    problem = "".join(chr(0x4E00 + i) for i in range(400))
    assert json.loads(repair_message("A trip", "en", problem)) == {
        "request": "A trip",
        "language": "en",
        "problem": problem[:300],
    }


def test_the_planner_that_asked_is_named_in_the_plan():
    assert read_answer(good_answer(), **FACTS, source="ollama").plan.source == "ollama"


def test_readings_and_made_up_answers_cannot_be_changed():
    for value in (read("["), MADE_UP[0]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            value.gate = PASSED
