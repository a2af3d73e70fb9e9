"""Evaluating planners: what counts, that failing never pays, and what notebook 09 says of it."""

import dataclasses
import time

import pytest
from doubles import FixedPlanner, a_plan

from benchmarks import planners as benchmark
from tripkit.core.errors import ServiceError
from tripkit.core.text import normalise_request
from tripkit.course.plots import shares_figure
from tripkit.planners import make_planner
from tripkit.planners.evaluation import (
    LEVELS,
    Answer,
    distinct,
    evaluate,
    load_cases,
    on_topic,
    shares,
)

CASES = load_cases()


def case(key):
    return next(each for each in CASES if each.key == key)


def test_there_are_thirty_requests_ten_of_each_level_in_both_languages():
    assert len({each.key for each in CASES}) == 30
    assert [sum(each.level == level for each in CASES) for level in LEVELS] == [10, 10, 10]
    for each in CASES:
        for language in ("en", "ko"):
            assert normalise_request(each.request[language]) == each.request[language]
            words = [*each.topic[language], *each.avoid.get(language, ())]
            assert words and all(word == word.casefold().strip() for word in words)
            assert not set(each.topic[language]) & set(each.avoid.get(language, ()))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_trip_is_on_topic_by_its_words_alone(language):
    trip = a_plan("?", language).trips[0]  # a spring picnic under cherry blossoms
    assert on_topic(trip, case("spring-picnic"), language)
    assert not on_topic(trip, case("dinosaurs"), language)


def test_english_words_count_from_their_beginning_and_avoided_ones_against():
    trip = a_plan("?", "en").trips[0]
    research = trip.model_copy(update={"theme": "research park", "title": "", "style": ""})
    assert not on_topic(research, case("quiet-sea"), "en")  # no sea in research
    sea = trip.model_copy(update={"title": "A village by the sea"})
    assert on_topic(sea, case("quiet-sea"), "en")
    assert not on_topic(sea, case("not-the-sea"), "en")


def test_trips_of_one_style_or_with_a_shared_place_are_not_distinct():
    plan = a_plan("?", "en")
    assert distinct(plan)
    first, second, third = plan.trips
    alike = second.model_copy(update={"style": first.style.upper()})
    assert not distinct(plan.model_copy(update={"trips": (first, alike, third)}))
    shared = second.model_copy(update={"stops": (first.stops[0], *second.stops[1:])})
    assert not distinct(plan.model_copy(update={"trips": (first, shared, third)}))


class FailsWhereItIsHard:
    """Answers the plain requests as the catalogue does, and no other."""

    name = model = "lazy"

    def __init__(self):
        self.catalog = make_planner("catalog")
        self.plain = {each.request["en"] for each in CASES if each.level == "plain"}

    def plan(self, request, *, language):
        if request in self.plain:
            return self.catalog.plan(request, language=language)
        raise ServiceError("refusal", model=self.model)


def test_failing_at_hard_requests_never_pays():
    lazy = evaluate(FailsWhereItIsHard(), "en")
    assert [answer.problem for answer in lazy].count("refusal") == 20
    found = shares(lazy)
    assert found["valid"] == pytest.approx(1 / 3)
    assert found["on_topic"] < shares(evaluate(make_planner("catalog"), "en"))["on_topic"]


def test_who_answers_everybody_alike_is_as_good_as_chance():
    found = shares(evaluate(FixedPlanner(answer=a_plan("?", "en")), "en"))
    assert found["on_topic"] == pytest.approx(found["by_chance"])
    assert found["valid"] == 1.0


def test_nothing_valid_is_all_zeros_and_no_answers_are_an_error():
    failing = evaluate(FixedPlanner(error=ServiceError("refusal", model="m")), "en")
    assert set(shares(failing).values()) == {0.0}
    with pytest.raises(ValueError, match="no answers"):
        shares([])


def test_a_bug_is_raised_and_not_counted():
    with pytest.raises(ZeroDivisionError):
        evaluate(FixedPlanner(error=ZeroDivisionError()), "en")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_baseline_is_what_notebook_09_says(language):
    answers = evaluate(make_planner("catalog"), language)
    plain, implied, rare = (shares([a for a in answers if a.case.level == x]) for x in LEVELS)
    assert plain["valid"] == implied["valid"] == rare["valid"] == 1.0
    assert plain["on_topic"] > plain["by_chance"] + 0.5
    assert implied["on_topic"] > implied["by_chance"] + 0.1
    assert rare["on_topic"] > rare["by_chance"] + 0.1
    assert max(rare["on_topic"], implied["on_topic"]) < plain["on_topic"]
    assert plain["distinct"] == implied["distinct"] == rare["distinct"] == 1.0


def test_the_benchmark_prints_a_row_for_each_language_and_level(capsys):
    assert benchmark.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "catalog, model catalog"
    assert sum(line.startswith("|") for line in lines) == 2 + 2 * (1 + len(LEVELS))


def test_the_benchmark_makes_no_paid_call_unasked(capsys):
    assert benchmark.main(["openai"]) == 1
    assert "60 calls" in capsys.readouterr().out


def test_the_figure_shows_both_bars_of_each_row():
    rows = {"en plain": {"on_topic": 0.8, "by_chance": 0.1}}
    axes = shares_figure(rows).axes[0]
    assert sorted(round(bar.get_width()) for bar in axes.patches) == [10, 80]
    assert axes.get_xlabel() == "trips on topic (%)"


def test_cases_and_answers_cannot_be_changed():
    answer = evaluate(FixedPlanner(answer=a_plan("?", "en")), "en", CASES[:1])[0]
    for value, field in ((answer, "plan"), (answer.case, "key")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field, None)


def test_the_shares_are_counted_by_hand():
    """Of two requests, one is answered with one trip of three on topic, the other is refused."""
    on, off = case("spring-picnic"), case("dinosaurs")
    plan = a_plan("?", "en")
    hits = [on_topic(trip, on, "en") for trip in plan.trips]
    answers = [
        Answer(on, "en", plan, None, 1.0),
        Answer(off, "en", None, "refusal", 1.0),
    ]
    assert shares(answers) == {
        "valid": 0.5,
        "distinct": 0.5,
        "on_topic": sum(hits) / 6,
        "first_on_topic": hits[0] / 2,
        "by_chance": 0.0,  # the plan has no dinosaurs, and the other request has no plan
    }
    swapped = [dataclasses.replace(a, case=c) for a, c in zip(answers, (off, on), strict=True)]
    assert shares(swapped)["on_topic"] == 0.0
    assert shares(swapped)["by_chance"] == pytest.approx(sum(hits) / 3 / 2)
    assert shares(answers[:1])["by_chance"] == 0.0  # nobody else was asked


def test_the_seconds_of_an_answer_are_those_that_the_planner_took():
    class Slow(FixedPlanner):
        def plan(self, request, *, language):
            time.sleep(0.05)
            return super().plan(request, language=language)

    answer = evaluate(Slow(answer=a_plan("?", "en")), "en", CASES[:1])[0]
    assert 0.05 <= answer.seconds < 5
    assert answer.language == "en" and answer.problem is None
