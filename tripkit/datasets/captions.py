"""Says in Korean or English what a scene shows, in many ways; and how a colour is written for the model.

A colour reaches the model as three tokens, one a channel in steps of 8: ``r248 g176 b192``. They follow
the colour's name, replace it, or are missing, so that the model reads names, numbers and both together.
"""

from __future__ import annotations

import tomllib
from functools import cache

import numpy as np

from tripkit.colors import nearest_name, to_hex
from tripkit.datasets.scenes import RGB, PlacedStop, Scene
from tripkit.images.wording import color_code, levels
from tripkit.messages import article, particle
from tripkit.settings import package_folder

TIME_WORDS = {
    "day": {"en": ["in daylight", "by day", "under a blue sky"], "ko": ["낮의", "한낮의", "맑은 낮의"]},
    "morning": {"en": ["in the morning", "at dawn", "at sunrise"], "ko": ["아침의", "새벽의", "해 뜨는"]},
    "sunset": {"en": ["at sunset", "at dusk", "in the evening glow"], "ko": ["해 질 녘의", "노을 지는", "저녁 무렵의"]},
    "night": {"en": ["at night", "under the stars", "by moonlight"], "ko": ["밤의", "별이 빛나는", "한밤의"]},
}  # fmt: skip
WEATHER_WORDS = {
    "clear": {"en": ["on a clear day", "in fine weather"], "ko": ["맑은", "화창한"]},
    "cloudy": {"en": ["on a cloudy day", "under clouds"], "ko": ["흐린", "구름 낀"]},
    "rain": {"en": ["in the rain", "on a rainy day"], "ko": ["비 오는", "비 내리는"]},
    "snow": {"en": ["in the snow", "on a snowy day"], "ko": ["눈 오는", "눈 내리는"]},
}
SEASON_WORDS = {
    "spring": {"en": ["spring"], "ko": ["봄"]},
    "summer": {"en": ["summer"], "ko": ["여름"]},
    "autumn": {"en": ["autumn", "fall"], "ko": ["가을"]},
    "winter": {"en": ["winter"], "ko": ["겨울"]},
}
# Words that say nothing about the picture: the model has to learn to read past them.
QUALITIES = {
    "en": ["quiet", "little", "old", "famous", "hidden", "lively", "wide", "peaceful", "Jeju", "Busan",
           "Gyeongju", "Seoul", "Gangneung", "Kyoto", "Swiss", "Paris", "local"],
    "ko": ["한적한", "작은", "오래된", "유명한", "숨은", "활기찬", "넓은", "평화로운", "제주", "부산", "경주",
           "서울", "강릉", "여의도", "전주", "교토", "동네"],
}  # fmt: skip
THEMES = {
    "en": ["picnic", "trip", "family trip", "day trip", "walk", "getaway", "food tour", "date", "healing trip",
           "adventure", "festival", "city break", "holiday", "history tour", "photo trip", "vacation"],
    "ko": ["소풍", "여행", "가족 여행", "당일치기", "산책", "휴가", "맛집 여행", "데이트", "힐링 여행", "모험",
           "축제", "도시 여행", "나들이", "역사 여행", "사진 여행", "휴식"],
}  # fmt: skip
TAILS = {
    "en": [": together {a} {theme} destination", ": {a} {theme} destination", ", {a} {theme}", " for {a} {theme}",
           " on {a} {theme}"],
    "ko": ["{subject} 어우러진 {theme} 여행지", "{subject} 있는 {theme}", ", {theme} 여행지", " {theme}"],
}


@cache
def place_words() -> dict[str, dict[str, list[str]]]:
    """Kind of place -> language -> words for it."""
    path = package_folder() / "data" / "places.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def caption(scene: Scene, language: str, rng: np.random.Generator) -> str:
    """One sentence on a scene: its places in any order, the rest said or left out."""
    order = rng.permutation(len(scene.stops))
    stops = [_stop_words(scene.stops[i], language, rng) for i in order]
    between = [", ", ", ", " and " if language == "en" else " 그리고 ", "; "]
    text = str(rng.choice(between)).join(stops)
    season = _maybe(0.6, SEASON_WORDS[scene.season][language], rng)
    theme = _maybe(0.7, THEMES[language], rng)
    if season or theme:
        theme = f"{season} {theme}".strip()
        tail = str(rng.choice(TAILS[language]))
        text += tail.format(theme=theme, a=article(theme), subject=particle(text, "이/가"))
    if time := _maybe(0.6, TIME_WORDS[scene.time][language], rng):
        text = f"{text} {time}" if language == "en" else f"{time} {text}"
    if weather := _maybe(0.5 if scene.weather == "clear" else 0.8, WEATHER_WORDS[scene.weather][language], rng):
        text = f"{text}, {weather}" if language == "en" else f"{weather} {text}"
    return text


def prompt_sentence(scene: Scene, language: str) -> str:
    """The sentence that the app would send for a scene: names, codes, plain words, no weather."""
    words = place_words()
    text = ", ".join(
        f"{color_name(s.rgb, language)} {color_code(s.rgb)} {words[s.kind][language][0]}" for s in scene.stops
    )
    theme = f"{SEASON_WORDS[scene.season][language][0]} {THEMES[language][0]}"
    tail = TAILS[language][0]
    return text + tail.format(theme=theme, a=article(theme), subject=particle(text, "이/가"))


def color_name(rgb: RGB, language: str) -> str:
    """The nearest name of a colour, found once for every code."""
    return _name_of_levels(levels(rgb), language)


@cache
def _name_of_levels(rgb: RGB, language: str) -> str:
    return nearest_name(rgb, language)


def _stop_words(stop: PlacedStop, language: str, rng: np.random.Generator) -> str:
    words = place_words()[stop.kind][language]
    place = words[0] if rng.random() < 0.3 else str(rng.choice(words))
    if quality := _maybe(0.15, QUALITIES[language], rng):
        place = f"{quality} {place}"
    name, code = color_name(stop.rgb, language), color_code(stop.rgb)
    color = rng.choice(5, p=[0.6, 0.15, 0.12, 0.08, 0.05])
    return (f"{name} {code} {place}", f"{code} {place}", f"{name} {place}",
            f"{name} {to_hex(stop.rgb)} {place}", place)[color]  # fmt: skip


def _maybe(probability: float, words: list[str], rng: np.random.Generator) -> str:
    return str(rng.choice(words)) if rng.random() < probability else ""
