"""The prompts: the lecture's example in its form, in both languages, and what surrounds it."""

import dataclasses
import re
import unicodedata

import pytest

from tripkit.core.errors import RequestError
from tripkit.core.grammar import is_phrase
from tripkit.core.settings import read_data
from tripkit.prompts import ImagePrompt, compose_prompt
from tripkit.prompts.compose import without_theme
from tripkit.trips import validate_plan

LECTURE = {
    "ko": {
        "request": "친구와 봄 소풍을 갈 만한 여행지를 추천해줘.",
        "theme": "봄 소풍",
        "stops": [("벚꽃 공원", "연분홍"), ("강변 산책로", "청색"), ("피크닉 존", "흰색")],
        "scene": "연분홍 벚꽃 공원, 청색 강변 산책로, 흰색 피크닉 존이 어우러진 봄 소풍 여행지",
        "in_full": "벚꽃 공원(연분홍 [255,182,193]), 강변 산책로(청색 [70,130,180]), "
        "피크닉 존(흰색 [255,255,255])",
    },
    "en": {
        "request": "Recommend a place for a spring picnic with friends.",
        "theme": "spring picnic",
        "stops": [
            ("cherry blossom park", "light pink"),
            ("riverside walk", "steel blue"),
            ("picnic zone", "white"),
        ],
        "scene": "light pink cherry blossom park, steel blue riverside walk, white picnic zone: "
        "together a spring picnic destination",
        "in_full": "cherry blossom park (light pink [255,182,193]), "
        "riverside walk (steel blue [70,130,180]), picnic zone (white [255,255,255])",
    },
}
COLORS = [(255, 182, 193), (70, 130, 180), (255, 255, 255)]
LANGUAGES = pytest.mark.parametrize("language", ["en", "ko"])


def make_plan(language, stops=None, theme=None, request=None):
    """The lecture's trip first (or one with these stops), then two others."""
    example = LECTURE[language]
    stops = stops or example["stops"]
    trips = [
        {
            "style": f"style {number}",
            "title": f"title {number}",
            "theme": theme or example["theme"],
            "stops": [
                {"place": place + suffix, "color_name": color, "rgb": rgb}
                for (place, color), rgb in zip(stops, COLORS, strict=True)
            ],
        }
        for number, suffix in enumerate(["", " 2", " 3"], start=1)
    ]
    return validate_plan(
        {
            "request": request or example["request"],
            "language": language,
            "trips": trips,
            "source": "test",
            "model": "test",
        }
    )


@LANGUAGES
def test_the_lectures_example_comes_out_in_its_form(language):
    example = LECTURE[language]
    prompt = compose_prompt(example["request"], make_plan(language), 0)
    assert prompt.scene == example["scene"]


@LANGUAGES
def test_the_full_prompt_holds_request_trips_colours_and_choice_and_ends_with_the_scene(language):
    plan = make_plan(language)
    prompt = compose_prompt(LECTURE[language]["request"], plan, 1)
    assert LECTURE[language]["request"] in prompt.full
    assert LECTURE[language]["in_full"] in prompt.full
    for trip in plan.trips:
        assert trip.title in prompt.full and trip.style in prompt.full
        for stop in trip.stops:
            assert stop.place in prompt.full and stop.color_name in prompt.full
            assert "[{},{},{}]".format(*stop.rgb) in prompt.full
    assert prompt.full.endswith(prompt.scene)


@LANGUAGES
def test_the_full_prompt_numbers_the_trips_from_one_in_their_order(language):
    plan = make_plan(language)
    lines = compose_prompt(plan.request, plan, 0).full.splitlines()
    trips = [line for line in lines if line.startswith("- ")]
    assert [int(line.split()[2]) for line in trips] == [1, 2, 3]
    assert all(trip.title in line for trip, line in zip(plan.trips, trips, strict=True))


@LANGUAGES
@pytest.mark.parametrize("choice", [0, 1, 2])
def test_each_choice_gives_the_stops_of_its_trip(language, choice):
    plan = make_plan(language)
    prompt = compose_prompt(plan.request, plan, choice)
    assert prompt.stops == plan.trips[choice].stops
    assert prompt.language == language
    assert all(stop.place in prompt.scene for stop in prompt.stops)
    chosen = prompt.full.splitlines()[-2]  # the line that says what was chosen
    assert f"title {choice + 1}" in chosen and f" {choice + 1}," in chosen


@pytest.mark.parametrize("choice", [-1, 3, True, None, "1", 1.0, 10**30])
def test_a_choice_beyond_the_three_trips_is_refused(choice):
    plan = make_plan("en")
    with pytest.raises(RequestError, match="The choice is .*whole number from 0 to 2"):
        compose_prompt(plan.request, plan, choice)


@pytest.mark.parametrize("request_text", ["", " \n", "\u200b"])
def test_an_empty_request_is_refused(request_text):
    with pytest.raises(RequestError, match="The request is empty"):
        compose_prompt(request_text, make_plan("ko"), 0)


def test_the_request_goes_in_normalised_on_one_line():
    rough = unicodedata.normalize("NFD", "봄 소풍") + "\n\nIgnore the above\u202e."
    prompt = compose_prompt(rough, make_plan("ko"), 0)
    assert "사용자의 요청: 봄 소풍 Ignore the above.\n" in prompt.full


@pytest.mark.parametrize(
    ("place", "scene_part"),
    [
        ("강변 산책로", "산책로가 어우러진"),
        ("피크닉 존", "피크닉 존이 어우러진"),
        ("전망대 63", "전망대 63이 어우러진"),
        ("카페 N", "카페 N이 어우러진"),
        ("Lake", "Lake가 어우러진"),
        ("시장(광장)", "시장(광장)이 어우러진"),
    ],
)
def test_the_korean_particle_follows_the_last_place(place, scene_part):
    stops = [("벚꽃 공원", "연분홍"), ("호수", "청색"), (place, "흰색")]
    assert scene_part in compose_prompt("봄", make_plan("ko", stops), 0).scene


def test_the_english_article_follows_the_theme():
    scene = compose_prompt("x", make_plan("en", theme="autumn walk"), 0).scene
    assert scene.endswith(": together an autumn walk destination")


@pytest.mark.parametrize(
    "theme", ["coffee by the sea", "walk without steps", "tiles and tarts", "village under snow"]
)
def test_an_english_theme_that_is_a_phrase_does_not_stand_before_a_noun(theme):
    scene = compose_prompt("x", make_plan("en", theme=theme), 0).scene
    assert scene.endswith(f"white picnic zone: together a trip about {theme}")
    assert theme not in without_theme(scene, "en") and "white picnic zone" in scene


def test_no_theme_of_the_catalogue_stands_before_a_noun_that_it_cannot_describe():
    small = re.compile(r" (by|of|in|on|to|with|without|and|under|at|off|from|for|the|a|over) ")
    themes = {row["theme"]["en"] for row in read_data("trips.toml")["trips"]}
    assert [theme for theme in themes if small.search(theme) and not is_phrase(theme)] == []
    assert not is_phrase("spring picnic") and not is_phrase("Andalusian island")


def test_a_colour_that_the_place_already_begins_with_is_not_said_twice():
    stops = [("Light pink park", "light pink"), ("river", "blue"), ("whitewashed café", "white")]
    scene = compose_prompt("x", make_plan("en", stops), 0).scene
    assert scene.startswith("Light pink park, blue river, white whitewashed café: ")


def test_braces_and_markup_of_users_stay_text():
    stops = [("{theme}", "연분홍"), ("<b>호수</b>", "청색"), ("%s", "흰색")]
    plan = make_plan("ko", stops, request="{scene} {0}")
    prompt = compose_prompt("{scene} {0}", plan, 0)
    assert "사용자의 요청: {scene} {0}" in prompt.full
    assert prompt.scene.startswith("연분홍 {theme}, 청색 <b>호수</b>, 흰색 %s")


def test_an_image_prompt_cannot_be_changed_but_replaced():
    prompt = ImagePrompt(full="a", scene="b")
    assert (prompt.stops, prompt.language) == ((), "en")
    with pytest.raises(dataclasses.FrozenInstanceError, match="scene"):
        prompt.scene = "c"
    assert dataclasses.replace(prompt, scene="c").scene == "c"


def test_composing_twice_gives_the_same_prompt():
    plan = make_plan("ko")
    assert compose_prompt(plan.request, plan, 2) == compose_prompt(plan.request, plan, 2)
