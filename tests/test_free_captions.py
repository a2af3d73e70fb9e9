"""Free sentences on scenes: every place is said, in words of its own, in the right language."""

import re
from functools import cache
from itertools import chain

import numpy as np
import pytest
from transformers import CLIPTokenizer

from tripkit.colors import COLOR_NAMES
from tripkit.core.messages import LANGUAGES
from tripkit.core.settings import package_folder
from tripkit.datasets import scenes
from tripkit.datasets.captions import color_name, place_words, proper_names, sent_caption
from tripkit.datasets.free_captions import free_caption, free_words, worded
from tripkit.datasets.scenes import PlacedStop, Scene, random_scene
from tripkit.kinds import KINDS, read_words
from tripkit.prompts import ImagePrompt
from tripkit.prompts.color_tokens import color_code
from tripkit.prompts.postcard_words import sent_to_postcard
from tripkit.trips import Stop

COLORS = [color.rgb for color in COLOR_NAMES]
HANGUL = re.compile("[가-힣]")
MARKS = re.compile(r"[{}|]|을/를|이/가|과/와|  ")


def phrases(kind: str, language: str) -> list[str]:
    """The phrases of a kind without the marks of their colours."""
    said = free_words()["phrases"][kind][language]
    return [phrase.replace("|", "") for phrase in said["things"] + said["doings"]]


def drawn(language: str, count: int, seed: int = 3) -> list[tuple[Scene, str]]:
    rng = np.random.default_rng(seed)
    scenes = [random_scene(rng, COLORS) for _ in range(count)]
    return [(scene, free_caption(scene, language, rng)) for scene in scenes]


@cache
def pattern(kind: str, language: str) -> re.Pattern:
    """Matches every phrase and word of a kind, with room for a colour of up to six words."""
    color = r"(?:\S+ ){0,6}?"
    said = free_words()["phrases"][kind][language]
    patterns = [re.escape(word) for word in place_words()[kind][language]]
    for thing in said["things"]:
        opening, mark, rest = thing.rpartition("|")
        if not mark and (article := re.match("an? |the ", rest)):
            opening, rest = article[0], rest[article.end() :]
        opening = re.sub(r"\ban? $", "an? ", opening)
        patterns.append(f"{opening}{color}{re.escape(rest)}" if opening else re.escape(rest))
    for doing in said["doings"]:  # of a Korean stem the last syllable may lose its ㄹ
        patterns.append(f"{doing[:-2]}[가-힣]" if language == "ko" else re.escape(doing))
    return re.compile("|".join(patterns), re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_enough_phrases_and_each_language_enough_frames(language):
    assert tuple(free_words()["phrases"]) == KINDS
    for kind in KINDS:
        said = free_words()["phrases"][kind][language]
        assert len(phrases(kind, language)) >= 18 and min(map(len, said.values())) >= 8, kind
        assert not set(phrases(kind, language)) & set(place_words()[kind][language])
    frames = free_words()["frames"][language]
    assert set(frames) == {"things", "doings", "mixed"}
    assert len(set(chain(*frames.values()))) == sum(map(len, frames.values())) >= 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_belongs_to_two_kinds_or_holds_another_kinds_word(language):
    said = [phrase.casefold() for kind in KINDS for phrase in phrases(kind, language)]
    assert len(said) == len(set(said))
    for kind in KINDS:
        others = [w for k in KINDS if k != kind for w in place_words()[k][language] if len(w) > 1]
        edge = r"\b" if language == "en" else ""
        other = re.compile(f"{edge}(?:{'|'.join(map(re.escape, others))}){edge}", re.IGNORECASE)
        assert not [phrase for phrase in phrases(kind, language) if other.search(phrase)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stop_is_said_and_nothing_is_left_to_fill(language):
    for scene, text in drawn(language, 800):
        assert not MARKS.search(text) and text == text.strip(), text
        assert all(pattern(stop.kind, language).search(text) for stop in scene.stops), (scene, text)
        assert bool(HANGUL.search(text)) == (language == "ko")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_one_does_is_worded_as_the_frames_need_it(language):
    for kind in KINDS:
        for doing in free_words()["phrases"][kind][language]["doings"]:
            assert "|" not in doing
            assert (
                doing.endswith("다") if language == "ko" else re.search(r"^(\w+ )?\w+ing\b", doing)
            )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_generator_draws_the_same_sentence_and_another_a_different_one(language):
    assert drawn(language, 20) == drawn(language, 20)
    scene = Scene((PlacedStop("beach", (10, 80, 200)), PlacedStop("cafe", (250, 120, 90))))
    texts = {free_caption(scene, language, np.random.default_rng(seed)) for seed in range(50)}
    assert len(texts) >= 49


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_mostly_distinct_and_short_enough_for_the_text_encoder(language):
    texts = [text for _, text in drawn(language, 2000)]
    assert len(set(texts)) > 0.99 * len(texts)
    tokenizer = CLIPTokenizer.from_pretrained(package_folder() / "weights/postcard/tokenizer")
    lengths = np.array([len(ids) for ids in tokenizer(texts, truncation=False)["input_ids"]])
    assert (lengths <= 77).mean() >= 0.99


@pytest.mark.parametrize("language", LANGUAGES)
def test_about_half_of_the_things_carry_their_colour(language):
    scene = Scene((PlacedStop("balloons", (0, 98, 145)),))
    name, code = color_name(scene.stops[0].rgb, language), color_code(scene.stops[0].rgb)
    rng = np.random.default_rng(0)
    texts = [free_caption(scene, language, rng) for _ in range(1000)]
    colored = [t for t in texts if name in t.lower() or code in t or "#006291" in t]
    assert 0.2 < len(colored) / len(texts) < 0.3  # half of the sentences hold a thing
    assert any(code in t for t in texts) and any(name in t and code not in t for t in colored)


@pytest.mark.parametrize("kind", scenes.KINDS)
def test_english_articles_fit_the_word_after_a_colour(kind):
    stop = PlacedStop(kind, (255, 150, 20))  # "orange" begins with a vowel
    rng = np.random.default_rng(1)
    for _ in range(60):
        text = free_caption(Scene((stop,)), "en", rng)
        assert not re.search(r"\ba orange|\ban (?!orange|[aeiou]|hour|r\d)", text, re.IGNORECASE), (
            text
        )


def test_a_final_rieul_falls_before_an_ending_in_n():
    scene = Scene((PlacedStop("hanok", (128, 0, 32)),))
    rng = np.random.default_rng(2)
    texts = [free_caption(scene, "ko", rng) for _ in range(1500)]
    assert any("한복을 입고 거니는" in t for t in texts) and any("거닐고" in t for t in texts)
    assert not any(re.search("거닐[는느]", t) for t in texts)


def test_training_captions_are_plain_and_free_by_turns():
    rng = np.random.default_rng(0)
    scene = Scene((PlacedStop("beach", (0, 0, 255)),))
    said = [worded(scene, "en", rng) for _ in range(300)]
    free = sum(not any(word in text for word in place_words()["beach"]["en"]) for text in said)
    assert 60 < free < 150  # some free phrases use a plain word too


# ------------------------------------------------------- the form that the app sends


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_caption_in_the_apps_form_is_what_the_app_sends(language):
    scene = Scene((PlacedStop("lake", (70, 130, 180)), PlacedStop("castle", (248, 0, 0))), "night")
    stops = tuple(
        Stop(
            place=each.kind, color_name=color_name(each.rgb, language), rgb=each.rgb, kind=each.kind
        )
        for each in scene.stops
    )
    prompt = ImagePrompt("", "", stops, language, time="night", composed="")
    rng = np.random.default_rng(0)
    said = {sent_caption(scene, language, rng) for _ in range(60)}
    summer = ImagePrompt("", "", stops, language, season="summer", time="night", composed="")
    assert {sent_to_postcard(prompt), sent_to_postcard(summer)} <= said
    assert len(said) == 4  # with and without the season, with and without fine weather


def test_todays_recipes_draw_no_caption_in_the_apps_form_and_tomorrows_can():
    scene = Scene((PlacedStop("beach", (0, 0, 255)),))
    before = [worded(scene, "en", np.random.default_rng(n)) for n in range(40)]
    assert before == [worded(scene, "en", np.random.default_rng(n), sent=0.0) for n in range(40)]
    rng = np.random.default_rng(0)
    said = [worded(scene, "en", rng, sent=1.0, names=1.0) for _ in range(40)]
    assert all(
        any(f"{name} beach" in text for name in proper_names("beach", "en")) for text in said
    )


def test_every_kind_has_proper_names_and_none_is_a_place_of_the_catalogue():
    assert tuple(read_words("place_names.toml")) == KINDS
    trips = str(read_words("trips.toml")).casefold()
    for kind in KINDS:
        for language in LANGUAGES:
            names = proper_names(kind, language)
            assert len(set(names)) >= 2, kind
            assert [name for name in names if name.casefold() in trips] == []
            assert all(bool(HANGUL.search(name)) == (language == "ko") for name in names)
