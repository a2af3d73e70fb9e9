"""The benchmark of the journey's pictures goes the app's own way, and counts right."""

import json

import pytest
from doubles import FixedPlanner
from PIL import Image

from benchmarks import journey
from benchmarks.journey import __main__ as command
from tripkit.core.jobs import run_inline
from tripkit.core.messages import LANGUAGES
from tripkit.images.pipeline import PipelineBackend
from tripkit.images.postcard import Postcard
from tripkit.kinds import KINDS
from tripkit.planners.catalog import CatalogPlanner
from tripkit.session import TripSession
from tripkit.trips import Stop, validate_plan


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_apps_postcard_is_the_benchmarks(language, tmp_path):
    backend = PipelineBackend(num_inference_steps=1)
    (shown,) = journey.shown(backend, language, limit=1)
    entries = CatalogPlanner().entries[:3]
    plan = validate_plan(
        {
            "request": "spring",
            "language": language,
            "trips": [entry.told(language) for entry in entries],
            "source": "catalog",
            "model": "catalog",
        }
    )
    session = TripSession(
        FixedPlanner(answer=plan), backend, folder=tmp_path, language=language, run=run_inline
    )
    session.ask("spring")
    session.choose(0)
    session.draw(seed=0)
    assert session.postcard.sent == shown.sent
    card = backend.generate(journey.prompt_of(CatalogPlanner().entries, 0, language), seed=0)
    assert card.image.tobytes() == session.postcard.image.tobytes()


def test_kinds_that_the_model_does_not_know_are_asked_for_as_the_nearest_and_once():
    prompt = journey.prompt_of(CatalogPlanner().entries, 0, "en")
    kinds = ("museum", "skyline", "aquarium", "beach")
    stops = tuple(
        Stop(place=kind, color_name="red", rgb=(40 * number, 0, 0), kind=kind)
        for number, kind in enumerate(kinds)
    )
    prompt = journey.ImagePrompt("", "", stops)
    asked = [(stop.kind, stop.rgb[0]) for stop in journey.asked(prompt).stops]
    assert asked == [("skyline", 0), ("harbor", 80)] and set(kinds) <= set(KINDS)


def test_the_summary_counts_cards_that_lack_a_place():
    cards = [
        journey.Shown(f"trip {n}", own, "", share, 8.0)
        for n, (own, share) in enumerate(((True, 1), (False, 2 / 3), (True, 1), (True, 0)))
    ]
    found = journey.summary(cards)
    assert (found["cards"], found["all_places"], found["places"]) == (4, 0.5, 0.6667)
    # Apart from the trip with a kind that is drawn as the nearest.
    assert (found["own_cards"], found["own_all_places"]) == (3, 0.6667)
    assert found["not_all"] == ["trip 1", "trip 3"]


def test_a_part_of_the_journey_is_printed_and_not_written(monkeypatch, tmp_path, capsys):
    class Painter:
        def generate(self, prompt, *, seed):
            return Postcard(Image.new("RGB", (64, 64)), prompt, "", "x", seed, 0.1, 0.0)

    monkeypatch.setattr(command, "PipelineBackend", Painter)
    monkeypatch.setattr(command, "RESULTS", tmp_path / "journey.json")
    monkeypatch.setattr(command.torch, "set_num_threads", lambda number: None)
    assert command.main(["--limit", "2", "--language", "en"]) == 1  # black pictures show nothing
    assert "| en | 2 |" in capsys.readouterr().out and not list(tmp_path.iterdir())
    monkeypatch.setattr(
        command, "shown", lambda *args, **options: [journey.Shown("a", True, "", 1, 1.0)]
    )
    assert command.main([]) == 0
    written = json.loads((tmp_path / "journey.json").read_text(encoding="utf-8"))
    assert written["ko"]["all_places"] == 1.0 and written["threads"] == 1 and written["date"]
