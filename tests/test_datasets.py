"""Scenes, the renderer and the captions: what the shipped model is trained on."""

import re

import numpy as np
import pytest

from tripkit.colors import COLOR_NAMES, delta_e, image_palette, palette_distance
from tripkit.datasets.captions import caption, place_words, prompt_sentence
from tripkit.datasets.postcards import SIZE, render
from tripkit.datasets.scenes import (
    KINDS,
    TIMES,
    WEATHERS,
    PlacedStop,
    Scene,
    held_out,
    random_scene,
)
from tripkit.prompts.color_tokens import color_code

COLORS = [color.rgb for color in COLOR_NAMES]
HANGUL = re.compile("[가-힣]")


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_there_are_at_least_24_kinds_of_place_with_words_in_both_languages():
    assert len(set(KINDS)) == len(KINDS) >= 24
    words = place_words()
    assert set(words) >= set(KINDS)
    for kind in words:
        assert len(words[kind]["en"]) >= 5 and len(words[kind]["ko"]) >= 5
        assert all(HANGUL.search(word) for word in words[kind]["ko"])


def test_no_word_names_two_kinds_of_place():
    words = [
        word.casefold()
        for kind in place_words().values()
        for lang in kind.values()
        for word in lang
    ]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_shows_its_colour_at_every_time_and_in_every_weather(kind):
    rgb = (40, 160, 200)
    for time in TIMES:
        for weather in WEATHERS:
            image = render(Scene((PlacedStop(kind, rgb),), time, weather))
            assert image.size == (SIZE, SIZE) and image.mode == "RGB"
            pixels = np.asarray(image).reshape(-1, 3)
            assert (delta_e(pixels, rgb) < 3).mean() > 0.02


def test_a_scene_without_jitter_is_drawn_the_same_each_time(rng):
    scene = random_scene(rng, COLORS)
    assert render(scene).tobytes() == render(scene).tobytes()


def test_the_order_of_the_stops_changes_the_caption_but_not_the_picture():
    stops = (PlacedStop("picnic", (255, 255, 255)), PlacedStop("mountain", (70, 90, 140)))
    assert render(Scene(stops)).tobytes() == render(Scene(stops[::-1])).tobytes()


def test_the_asked_colours_are_among_the_six_of_the_picture(rng):
    distances = []
    for _ in range(40):
        scene = random_scene(rng, COLORS)
        palette = image_palette(render(scene, rng))
        distances += palette_distance(palette, [stop.rgb for stop in scene.stops])
    assert np.mean(distances) < 10


def test_about_a_tenth_of_the_pairs_is_held_out_and_never_drawn_for_training(rng):
    stops = [stop for _ in range(500) for stop in random_scene(rng, COLORS).stops]
    assert not any(held_out(stop.kind, stop.rgb) for stop in stops)
    pairs = [held_out(kind, tuple(rng.integers(0, 256, 3))) for kind in KINDS for _ in range(100)]
    assert 0.05 < np.mean(pairs) < 0.2
    new = random_scene(rng, COLORS, new_pairs=True)
    assert all(held_out(stop.kind, stop.rgb) for stop in new.stops)


@pytest.mark.parametrize(
    "stops", [(), ("lake", "lake"), ("lake", "river", "cafe", "camp"), ("moon",)]
)
def test_a_scene_refuses_no_stop_the_same_twice_four_and_unknown(stops):
    with pytest.raises(ValueError, match="got|unknown"):
        Scene(tuple(PlacedStop(kind, (0, 0, 0)) for kind in stops))


@pytest.mark.parametrize("language", ["en", "ko"])
def test_captions_name_each_place_in_their_language_and_half_have_codes(language, rng):
    coded = 0
    for _ in range(200):
        scene = random_scene(rng, COLORS)
        sentence = caption(scene, language, rng)
        assert bool(HANGUL.search(sentence)) == (language == "ko")
        for stop in scene.stops:
            assert any(word in sentence for word in place_words()[stop.kind][language]), sentence
        coded += any(color_code(stop.rgb) in sentence for stop in scene.stops)
    assert coded > 100


def test_the_prompt_sentence_has_the_form_that_the_app_sends():
    scene = Scene(
        (PlacedStop("cherry", (255, 182, 193)), PlacedStop("river", (70, 130, 180))),
        season="spring",
    )
    assert prompt_sentence(scene, "ko").startswith(
        "연분홍 r248 g184 b192 벚꽃 공원, 청색 r72 g128 b184 강변 산책로"
    )
    assert prompt_sentence(scene, "en").endswith(": together a spring picnic destination")
