"""The judge of requests as people write them: what each field asks, and that it can fail."""

import tomllib
from pathlib import Path

import pytest

from benchmarks.journey import requests as journey
from tripkit.planners.catalog import CatalogPlanner

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
        ({"place": "Iceland"}, "place Iceland: 0 of 2"),
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
