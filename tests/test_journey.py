"""The judge of requests as people write them: what each field asks, and that it can fail."""

import tomllib
from itertools import chain
from pathlib import Path

import pytest

from benchmarks.journey import requests as journey
from tripkit.kinds import read_words
from tripkit.planners.catalog import CatalogPlanner
from tripkit.planners.regions import names, regions

FOLDER = Path(journey.__file__).parent


@pytest.fixture(scope="module")
def planner():
    return CatalogPlanner()


def rows(language):
    path = FOLDER / f"tuning_{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["requests"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_planner_hears_the_requests_it_was_tuned_with(planner, language):
    verdicts = [journey.judge(planner, row) for row in rows(language)]
    assert len(verdicts) == 50
    assert sum(not verdict.wrong for verdict in verdicts) >= 43
    assert all(verdict.kept for verdict in verdicts if verdict.refuses)
    assert not any(verdict.claimed or verdict.not_judged for verdict in verdicts)


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"must": ["beach"]}, ""),
        ({"must": "beach, castle"}, "must castle"),
        ({"some": ["castle"]}, "some castle"),
        ({"must_not": ["beach"]}, "must not beach"),
        ({"place": "Iceland"}, "place Iceland: 0 of 3"),
        ({"must": ["Iceland"]}, "must Iceland: 0 of 3"),
        ({"some": ["Iceland"]}, "some Iceland: 0 of 1"),
        ({"unknown": "Xanadu"}, "claims to understand Xanadu"),
    ],
)
def test_each_field_can_fail(planner, asked, wrong):
    verdict = journey.judge(planner, {"id": "x", "text": "a beach", **asked})
    assert "; ".join(verdict.wrong) == wrong


def test_a_word_without_a_meaning_is_counted_and_not_passed(planner):
    verdict = journey.judge(planner, {"id": "x", "text": "a beach", "must": ["zeppelin"]})
    assert verdict.not_judged == ("zeppelin",)
    assert "words not judged 1: zeppelin" in journey.report([verdict])


def test_a_place_among_the_words_is_judged_as_a_place(planner):
    row = {"id": "x", "text": "Iceland", "must": ["Iceland"], "must_not": ["ICELAND"]}
    verdict = journey.judge(planner, {**row, "some": ["아이슬란드"]})
    assert verdict.wrong == ("must not ICELAND",)
    assert not verdict.not_judged


def test_a_name_that_the_gazetteer_lacks_is_a_whole_word_of_the_texts(planner):
    (trip,) = (entry for entry in planner.entries if entry.key == "venice-by-water")
    assert journey._lies_in(trip, ["Rialto"])
    assert not journey._lies_in(trip, ["Alto"])


def test_a_word_that_no_tag_can_express_is_told_apart_with_its_reason(planner, monkeypatch):
    monkeypatch.setattr(journey, "unjudgeable", lambda: {"zeppelin": "no tag is of airships"})
    verdict = journey.judge(planner, {"id": "x", "text": "a beach", "must": ["Zeppelin"]})
    assert (verdict.not_judged, verdict.unjudgeable) == ((), ("Zeppelin",))
    assert "  Zeppelin: no tag is of airships" in journey.report([verdict])


@pytest.mark.parametrize(
    ("row", "offered"),
    [
        ({"any": ["kinds.castle", "kinds.bridge"]}, True),
        ({"any": ["kinds.bridge + regions.italy"]}, True),
        ({"any": ["kinds.castle+regions.italy"]}, False),
        ({"none": ["kinds.castle"]}, True),
        ({"none": ["kinds.castle", "kinds.bridge"]}, False),
        ({"place": ["Rome", "Venice"]}, True),
        ({"place": ["Rome"]}, False),
        ({"text": ["paintings"]}, True),  # the summary's
        ({"text": ["산마르코"]}, True),
        ({"text": ["rial", "painting"]}, False),
        ({"text": ["zeppelin"], "any": ["kinds.bridge"]}, True),
    ],
)
def test_a_meaning_is_tags_together_tags_absent_or_a_place(planner, monkeypatch, row, offered):
    (trip,) = (entry for entry in planner.entries if entry.key == "venice-by-water")
    monkeypatch.setattr(journey, "meanings", lambda: {"x": journey._meaning(row)})
    assert journey._offers(trip, "X") is offered


def test_every_tag_of_the_tables_is_one_of_the_vocabulary(planner):
    known = {tag for entry in planner.entries for tag in entry.tags}
    known |= {
        (name, value) for name, values in read_words("words.toml").items() for value in values
    }
    known |= {("regions", name) for name in regions()}
    known |= {("things", names(row)[0]) for row in chain(*read_words("things.toml").values())}
    for meant in journey.meanings().values():
        assert meant.none.union(*meant.any) <= known


def test_every_word_stands_in_one_row_of_the_tables():
    rows = [*journey._rows("words"), *journey._rows("unjudgeable")]
    words = [word.casefold() for row in rows for word in row["words"]]
    doubled = len(words) - len(set(words))  # a number: whoever tunes may read a failure
    assert doubled == 0


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*_??.toml")), ids=lambda path: path.stem)
def test_every_word_of_every_request_is_judged_or_said_to_be_beyond_the_tags(path):
    (rows,) = tomllib.loads(path.read_text(encoding="utf-8")).values()
    fields = ("must", "some", "must_not")
    asked = {(row["id"], word) for row in rows for f in fields for word in journey.words_of(row, f)}
    strange = [row for row, word in asked if journey.meaning(word) is None]
    assert len(strange) == sum(word.casefold() in journey.unjudgeable() for _, word in asked)
