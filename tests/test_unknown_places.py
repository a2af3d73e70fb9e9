"""A place that the shipped model never learned: the postcard says so and names the nearest."""

import re
from html import unescape

import ipywidgets as widgets
import pytest
import tiny_diffusion
from doubles import FixedPlanner, a_plan

from tripkit.app.trip_app import TripApp
from tripkit.core.jobs import run_inline
from tripkit.core.messages import LANGUAGES, text
from tripkit.images import notes as unknown
from tripkit.images.notes import unknown_notes
from tripkit.images.pipeline import PipelineBackend
from tripkit.prompts import ImagePrompt, compose_prompt
from tripkit.prompts.compose import scene_of, without_theme
from tripkit.prompts.known_places import (
    known_and_unknown,
    place_words,
    read_words,
    shipped_kinds,
)
from tripkit.session import TripSession
from tripkit.trips import Stop, Trip, TripPlan

REQUEST = {"en": "A journey to the fire mountains", "ko": "불을 뿜는 산으로 가고 싶어요"}
VOLCANO = {
    "en": Stop(place="smoking volcano", color_name="scarlet", rgb=(220, 20, 60)),
    "ko": Stop(place="연기 나는 화산", color_name="다홍색", rgb=(220, 20, 60)),
}
MOUNTAIN = {"en": "mountain", "ko": "산"}


def plan_with(stop: Stop, language: str) -> TripPlan:
    plan = a_plan(REQUEST[language], language)
    first = plan.trips[0].model_copy(update={"stops": (stop, *plan.trips[0].stops[1:])})
    return plan.model_copy(update={"trips": (first, *plan.trips[1:])})


def notes(scene: str, language: str = "en", stops=()) -> list[tuple]:
    """(code, place or None, nearest) of each note."""
    found = unknown_notes(ImagePrompt(full=scene, scene=scene, stops=stops, language=language))
    return [(code, details.get("place"), details["near"]) for code, details in found]


# ------------------------------------------------------- what is unknown


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_trip_of_the_catalogue_has_an_unknown_place(language):
    trips = read_words("trips.toml")["trips"]
    assert len(trips) > 60
    for trip in trips:
        stops = tuple(
            Stop(place=stop["place"][language], color_name=stop["color"][language], rgb=stop["rgb"])
            for stop in trip["stops"]
        )
        words = {key: trip[key][language] for key in ("style", "title", "summary", "theme")}
        scene = scene_of(Trip(stops=stops, **words), language)
        undrawn = {
            stop["place"][language] for stop in trip["stops"] if stop["kind"] not in shipped_kinds()
        }
        assert {place for _, place, _ in notes(scene, language, stops)} <= undrawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_model_is_known(language):
    for kind in shipped_kinds():
        for word in place_words()[kind][language]:
            assert known_and_unknown(word) == (True, []), word


@pytest.mark.parametrize(
    "scene, found",
    [
        ("a volcano behind the beach", [("volcano", "mountain")]),
        ("A glacier, a pyramid!", [("pyramid", "castle"), ("glacier", "ski slope")]),
        ("hanok village", []),  # no village
        ("two lighthouses", []),
        ("an oasis in the sand", []),  # free captions hold it, for the desert
        ("a revolving restaurant", [("restaurant", "cafe")]),  # they hold it for a tower only
        ("a revolving restaurant in a tower", []),
        ("밤의 화산과 등대", [("화산", "mountain")]),
        ("설악산에 가고 싶어", []),  # read by its last syllable
        ("부산에 있는 빙하", [("빙하", "ski slope")]),  # 부산 is no mountain
    ],
)
def test_listed_words_of_a_free_prompt_are_named_with_the_nearest_place(scene, found):
    expected = [("note.unknown_place", place, near) for place, near in found]
    assert notes(scene) == expected


def test_a_prompt_that_names_no_place_gets_the_one_that_clip_reads_in_it(monkeypatch):
    asked = []
    monkeypatch.setattr(unknown, "by_embedding", lambda *line: asked.append(line) or ["lake"])
    assert notes("fish are jumping") == [("note.no_place", None, "lake")]
    assert notes("물고기가 뛰어요", "ko") == [("note.no_place", None, "호수")]
    assert asked == [("fish are jumping", "en"), ("물고기가 뛰어요", "ko")]
    assert notes("fish are jumping in the lake") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_stops_count_until_they_are_edited_away_and_the_theme_never_does(language):
    plan, stop = plan_with(VOLCANO[language], language), VOLCANO[language]
    prompt = compose_prompt(REQUEST[language], plan, 0)
    expected = ("note.unknown_place", stop.place, MOUNTAIN[language])
    assert notes(prompt.scene, language, prompt.stops) == [expected]
    edited = prompt.scene.replace(stop.place, place_words()["lake"][language][0])
    assert notes(edited, language, prompt.stops) == []
    added = prompt.scene.replace(stop.place, {"en": "volcano", "ko": "화산"}[language])
    assert [near for _, _, near in notes(added, language, prompt.stops)] == [MOUNTAIN[language]]
    themed = plan.trips[1].model_copy(update={"theme": {"en": "volcano", "ko": "화산"}[language]})
    scene = scene_of(themed, language)
    assert notes(scene, language, themed.stops) == [] and themed.theme in scene
    assert themed.theme not in without_theme(scene, language)
    assert all(stop.place in without_theme(scene, language) for stop in themed.stops)


def test_at_most_three_places_are_named():
    assert len(notes("a volcano, a glacier, a pyramid, a cathedral and an igloo")) == 3


# ------------------------------------------------------- who says so


@pytest.fixture(scope="module")
def shipped():
    return PipelineBackend(num_inference_steps=2)


@pytest.fixture(scope="module")
def another(tmp_path_factory):
    folder = tiny_diffusion.build(tmp_path_factory.mktemp("model"))
    return PipelineBackend(str(folder), num_inference_steps=2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_app_says_so_on_the_postcard(shipped, tmp_path, language):
    planner = FixedPlanner(answer=plan_with(VOLCANO[language], language))
    session = TripSession(planner, shipped, folder=tmp_path, language=language, run=run_inline)
    app = TripApp(session)
    app.layout.request.value = REQUEST[language]
    app.layout.ask.click()
    app.layout.trip_buttons[0].click()
    assert session.state == "done", session.error
    place, near = VOLCANO[language].place, MOUNTAIN[language]
    note = text("note.unknown_place", language, place=place, near=near)
    assert session.postcard.note == note
    assert note in shown(app.layout.facts)
    app.layout.trip_buttons[1].click()  # the lecture's places: nothing to say
    assert session.postcard.note == "" and place not in shown(app.layout.facts)


def shown(widget: widgets.HTML) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", widget.value))


def test_a_free_prompt_is_answered_in_its_language(shipped):
    assert "volcano" in shipped.generate("a volcano and a beach", seed=1).note
    assert shipped.generate("화산과 해변", seed=1).note.endswith("가장 가까운 곳: 산.")
    read = shipped.generate("xyzzy", seed=1).note  # the real encoder, on a word of no language
    assert any(read.endswith(f": {words['en'][0]}.") for words in place_words().values())


def test_edits_say_so_too(shipped):
    picture = shipped.generate("blue lake", seed=1)
    assert picture.note == ""
    assert "glacier" in shipped.vary("a glacier and a lake", picture.image, seed=1).note


def test_other_models_and_taught_ones_say_nothing(another, shipped, monkeypatch):
    assert another.generate("a volcano", seed=1).note == ""
    monkeypatch.setattr(shipped, "lora", "volcano-lora")
    said = shipped.generate("a volcano", seed=1).note
    assert "volcano-lora" in said and "never learned" not in said
