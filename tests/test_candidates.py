"""The benchmark of candidates: it starts from the journey's picture, and counts right."""

import json

import pytest

from benchmarks import candidates, journey
from benchmarks.candidates import Choice
from benchmarks.journey.prompts import catalogue
from tripkit.images.choosing import best_first
from tripkit.images.pipeline import PipelineBackend


@pytest.fixture(scope="module")
def backend():
    return PipelineBackend(num_inference_steps=1)


def test_the_first_candidate_is_the_journeys_and_the_chosen_one_the_best(backend, monkeypatch):
    seen = []

    def watched(cards):
        seen.append(cards)
        return best_first(cards)

    monkeypatch.setattr(candidates, "best_first", watched)
    found = list(candidates.choices(backend, "en", limit=2))
    shown = list(journey.shown(backend, catalogue("en"), limit=2))
    for choice, cards, other in zip(found, seen, shown, strict=True):
        assert (choice.key, cards[0].sent) == (other.key, other.sent)
        assert cards[choice.chosen] is best_first(cards)[0]
        places = [journey.judged(choice.key, card).places for card in cards]
        assert choice.right == tuple(share == 1 for share in places)
    assert [[card.seed for card in cards] for cards in seen] == [
        [0, 1000, 2000, 3000],
        [1, 1001, 2001, 3001],
    ]


def test_the_summary_tells_who_gained_who_lost_and_what_any_choice_could_reach():
    rows = ((0, 1, 0, 0), 1), ((1, 0, 0, 0), 2), ((0, 0, 1, 0), 0), ((1, 1, 1, 1), 3)
    found = candidates.summary(
        [
            Choice(f"trip {n}", tuple(map(bool, right)), chosen)
            for n, (right, chosen) in enumerate(rows)
        ]
    )
    assert (found["one"], found["best of four"], found["any"]) == (0.5, 0.5, 1.0)
    assert found["each"] == 7 / 16
    assert (found["gained"], found["lost"]) == (["trip 0"], ["trip 1"])
    assert found["missed"] == ["trip 1", "trip 2"]


def test_costs_are_told_for_one_for_four_and_for_four_at_once(monkeypatch, capsys, backend):
    monkeypatch.setattr(candidates, "PipelineBackend", lambda: backend)
    candidates.main(["--costs", "2", "1"])
    told = json.loads(capsys.readouterr().out)
    assert 0 < told["first preview"] <= told["seconds"] and told["CPU seconds"] > 0
    asked = []

    def fixed(*how):
        asked.append(how)
        return told

    monkeypatch.setattr(candidates, "costs_of_fresh_process", fixed)
    candidates.main(["--limit", "1", "--language", "ko"])
    out = capsys.readouterr().out
    assert asked == [(1, 1), (1, 4), (4, 1)] and "| four at once |" in out
    assert "best of four" in out and "\nko\n" in out and "\nen\n" not in out
