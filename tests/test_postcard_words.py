"""Words for people, kinds for models: what each backend is sent of the same plan."""

import dataclasses
import json

import pytest
import tiny_diffusion
from doubles import a_plan

from tripkit.core.messages import LANGUAGES
from tripkit.images.notes import unknown_notes
from tripkit.images.openai.backend import OpenAIImageBackend
from tripkit.images.pipeline import PipelineBackend
from tripkit.images.postcard import Postcard, read_postcard
from tripkit.kinds import KINDS, SEASONS, TIMES, WEATHERS
from tripkit.planners.catalog import CatalogPlanner
from tripkit.prompts import ImagePrompt, compose_prompt
from tripkit.prompts.color_tokens import color_code, with_codes
from tripkit.prompts.known_places import place_words, shipped_kinds
from tripkit.prompts.postcard_words import sent_to_postcard, worded
from tripkit.trips import Stop, TripPlan, validate_plan

NAMED = {
    "en": ("Nakameguro cherry blossom road", "Meguro river", "Ebisu coffee shop"),
    "ko": ("나카메구로 벚꽃길", "메구로 강변", "에비스 커피숍"),
}
COLORS = {"en": ("light pink", "steel blue", "white"), "ko": ("연분홍", "청색", "흰색")}
RGB = ((255, 182, 193), (70, 130, 180), (255, 255, 255))


def plan_of(language: str, kinds=("cherry", "river", "cafe"), names=NAMED, **when) -> TripPlan:
    """A plan whose first trip goes to these places."""
    plan = a_plan("spring", language)
    parts = zip(names[language], COLORS[language], RGB, kinds, strict=True)
    stops = tuple(Stop(place=p, color_name=c, rgb=rgb, kind=k) for p, c, rgb, k in parts)
    first = plan.trips[0].model_copy(update={"stops": stops, **when})
    return plan.model_copy(update={"trips": (first, *plan.trips[1:])})


def prompt_of(language: str, **changes) -> ImagePrompt:
    return compose_prompt("spring", plan_of(language, **changes), 0)


# ------------------------------------------------------- what each backend is sent


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_model_is_sent_kinds_and_codes_and_no_name_nor_theme(language):
    prompt = prompt_of(language)
    sent = PipelineBackend().text_for(prompt)
    for kind, color, rgb in zip(("cherry", "river", "cafe"), COLORS[language], RGB, strict=True):
        assert f"{color} {color_code(rgb)} {place_words()[kind][language][0]}" in sent
    assert not any(name in sent for name in NAMED[language])
    assert prompt.stops[0].place in prompt.scene and "together" not in sent and "여행지" not in sent


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_models_are_sent_the_names_with_season_time_and_weather(language, tmp_path):
    prompt = prompt_of(language, season="winter", time="night", weather="snow")
    foreign = PipelineBackend(str(tiny_diffusion.build(tmp_path)))
    assert foreign.text_for(prompt) == prompt.scene
    full = OpenAIImageBackend(base_url="http://127.0.0.1:9/v1", api_key="x").text_for(prompt)
    words = {"en": "in winter, at night, in the snow", "ko": "눈 오는 겨울 밤의"}[language]
    for text in (prompt.scene, full):
        assert words in text and all(name in text for name in NAMED[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_season_that_the_theme_names_is_not_said_twice(language):
    word = {"en": "in spring", "ko": "봄 낮의"}[language]
    assert word not in prompt_of(language, season="spring").scene  # "a spring picnic"
    assert word in sent_to_postcard(prompt_of(language, season="spring"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_time_and_weather_stand_where_the_model_reads_them(language):
    stops = [("lake", "blue", (0, 0, 248))]
    for time in TIMES:
        for weather in WEATHERS:
            text = worded(stops, language, season="summer", time=time, weather=weather)
            bare = worded(stops, language)
            assert text.startswith(bare) if language == "en" else text.endswith(bare)
    texts = {worded(stops, language, season=s, time=t) for s in SEASONS for t in TIMES}
    assert len(texts) == len(SEASONS) * len(TIMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trip_without_a_time_is_drawn_by_day_and_one_at_night_by_night(language):
    day, night = {"en": ("in daylight", "at night"), "ko": ("낮의", "밤의")}[language]
    sent, dark = (sent_to_postcard(prompt_of(language, time=time)) for time in (None, "night"))
    assert day in sent and night in dark and day not in dark and night not in sent


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_are_named_from_far_to_near_and_no_more_than_three(language):
    names = {each: (*NAMED[each], "x") for each in LANGUAGES}
    plan = plan_of(language, kinds=("picnic", "lake", "mountain"))
    stops = plan.trips[0].stops
    more = stops[0].model_copy(update={"place": names[language][3], "kind": "castle"})
    trip = plan.trips[0].model_copy(update={"stops": (*stops, more)})
    plan = plan.model_copy(update={"trips": (trip, *plan.trips[1:])})
    sent = sent_to_postcard(compose_prompt("spring", plan, 0))
    words = [place_words()[k][language][0] for k in ("mountain", "lake", "picnic")]
    assert sent.count(" r") == 3 and sorted(words, key=sent.index) == words


def test_a_colour_that_captions_never_name_gets_the_nearest_name():
    plan = plan_of("en")
    stops = [plan.trips[0].stops[0].model_copy(update={"color_name": "shy unicorn"})]
    prompt = dataclasses.replace(prompt_of("en"), stops=tuple(stops))
    assert sent_to_postcard(prompt) == "light pink r248 g184 b192 cherry blossom park in daylight"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_somebody_wrote_is_sent_as_before(language):
    prompt = prompt_of(language, time="night")
    edited = dataclasses.replace(prompt, scene=prompt.scene + "!")
    assert sent_to_postcard(edited) == with_codes(edited)
    assert NAMED[language][0] in sent_to_postcard(edited)


# ------------------------------------------------------- plans without kinds, kinds not known


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plan_without_kinds_is_read_by_its_words(language):
    with_kinds = sent_to_postcard(prompt_of(language))
    assert sent_to_postcard(prompt_of(language, kinds=(None, None, None))) == with_kinds


def test_a_place_that_nothing_tells_is_sent_by_its_name_and_told():
    names = {"en": ("Xanadu", *NAMED["en"][1:])}
    prompt = prompt_of("en", names=names, kinds=(None, "river", "cafe"))
    assert "light pink r248 g184 b192 Xanadu" in sent_to_postcard(prompt)
    assert [details["place"] for _, details in unknown_notes(prompt)] == ["Xanadu"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kind_that_the_model_does_not_know_is_drawn_as_the_nearest_and_told(language):
    prompt = prompt_of(language, kinds=("museum", "river", "aquarium"))
    near = [place_words()[kind][language][0] for kind in ("skyline", "harbor")]
    assert all(f" {word}" in sent_to_postcard(prompt) for word in near)
    told = [(details["place"], details["near"]) for _, details in unknown_notes(prompt)]
    assert told == [(NAMED[language][0], near[0]), (NAMED[language][2], near[1])]
    assert unknown_notes(prompt_of(language)) == []  # names of kinds it knows: nothing to say


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_the_vocabulary_is_sent_in_a_word_that_the_model_knows(language):
    known = {place_words()[kind][language][0] for kind in shipped_kinds()}
    for kind in KINDS:
        stop = prompt_of(language).stops[0].model_copy(update={"kind": kind})
        prompt = dataclasses.replace(prompt_of(language), stops=(stop,))
        word = sent_to_postcard(prompt).partition(f"{color_code(stop.rgb)} ")[2]
        assert word.removesuffix(" in daylight") in known, kind


def test_the_postcard_says_what_was_drawn_instead():
    note = PipelineBackend(num_inference_steps=2).generate(
        prompt_of("en", kinds=("museum", "river", "cafe")), seed=1
    )
    assert 'never learned to draw "Nakameguro cherry blossom road"' in note.note


# ------------------------------------------------------- what was saved before


def test_a_postcard_from_before_there_were_kinds_loads(tmp_path):
    plan = CatalogPlanner().plan("봄 소풍", language="ko")
    old = json.loads(plan.model_dump_json())
    for trip in old["trips"]:
        for field in ("season", "time", "weather"):
            del trip[field]
        for stop in trip["stops"]:
            del stop["kind"]

    class Old:
        def model_dump_json(self):
            return json.dumps(old)

    prompt = compose_prompt("봄", plan, 0)
    image = PipelineBackend(num_inference_steps=1).generate("호수", seed=1).image
    card = Postcard(image, prompt, "", "postcard", 1, 0.1, 0.0).save(tmp_path, plan=Old())
    kept = validate_plan(json.loads(read_postcard(card.path)["tripkit:plan"]))
    assert kept.trips[0].season is None and kept.trips[0].stops[0].kind is None
    assert [t.title for t in kept.trips] == [t.title for t in plan.trips]
    again, before = sent_to_postcard(compose_prompt("봄", kept, 0)), sent_to_postcard(prompt)
    assert before == f"봄 {again}"  # the kinds are read in the names, the season is not known
