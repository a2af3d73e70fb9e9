"""The benchmark of the journey's pictures goes the app's own way, and counts right."""

import json
from pathlib import Path

import pytest
from doubles import FixedPlanner
from PIL import Image

from benchmarks import journey
from benchmarks.journey import __main__ as command
from benchmarks.journey import prompts
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
    key, prompt = next(prompts.catalogue(language))
    (shown,) = journey.shown(backend, [(key, prompt)])
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
    card = backend.generate(prompt, seed=0)
    assert card.image.tobytes() == session.postcard.image.tobytes()


def test_kinds_that_the_model_does_not_know_are_asked_for_as_the_nearest_and_once():
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
    assert command.main(["names"]) == 0
    both = json.loads((tmp_path / "journey.json").read_text(encoding="utf-8"))
    assert list(both) == ["catalogue", "names"]
    written = both["catalogue"]
    assert written["ko"]["all_places"] == 1.0 and written["threads"] == 1 and written["date"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_names_of_the_unknown_trips_stand_in_no_file_of_ours(language):
    folder = Path(prompts.__file__).resolve().parents[2] / "tripkit" / "data"
    ours = " ".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.toml")).casefold()
    stops = [stop for _, prompt in prompts.names(language) for stop in prompt.stops]
    assert len(stops) == 120 and {stop.kind for stop in stops} == set(KINDS)
    assert not [stop.place for stop in stops if stop.place.casefold() in ours]


def test_every_request_brings_three_prompts():
    keys = [key for key, _ in prompts.requests("ko", ["tuning"])]
    assert len(keys) == len(set(keys)) == 150
