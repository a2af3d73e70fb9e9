"""Says a scene as people write: in whole sentences that often only imply a place.

"I feel like digging toes into warm sand" means a beach without the word. The phrases and the
frames that hold them stand in ``data/free_captions.toml``, whose head explains their marks.
"""

from __future__ import annotations

import re

import numpy as np

from tripkit.colors import to_hex
from tripkit.core.grammar import article, particle
from tripkit.datasets.captions import (
    caption,
    color_name,
    place_words,
    read_words,
    sent_caption,
)
from tripkit.datasets.scenes import PlacedStop, Scene
from tripkit.prompts.color_tokens import color_code

# Letters that a sentence should not pass, since the text encoder reads 77 tokens: a rare Hangul
# syllable can take two or three. A longer one is drawn again; after the last try it stays.
LONGEST = {"en": 135, "ko": 44}
LETTER = {"en": re.compile("[A-Za-z]"), "ko": re.compile("[가-힣]")}
TRIES = 12
FREE = 0.4  # of the captions in training
RIEUL = 8  # the final consonant ㄹ, as Unicode counts the finals of a syllable


def free_words() -> dict[str, dict]:
    """The file's tables: frames, joins, when and phrases."""
    return read_words("free_captions.toml")


def free_caption(scene: Scene, language: str, rng: np.random.Generator) -> str:
    """One sentence, question or list on a scene, worded freely.

    Every stop is said, in random order, by a thing or by what one does there. Half of the things
    carry their colour; the season, the weather and the time of day are said now and then.

    Args:
        scene: what is meant.
        language: "en" or "ko".
        rng: decides all that is drawn.
    """
    drawn = ""
    for _ in range(TRIES):
        drawn = _draw(scene, language, rng)
        if len(LETTER[language].findall(drawn)) <= LONGEST[language]:
            break
    return drawn


def worded(
    scene: Scene,
    language: str,
    rng: np.random.Generator,
    *,
    sent: float = 0.0,
    names: float = 0.3,
) -> str:
    """A caption for training: three in five plain, as `captions.caption`, two free.

    Args:
        scene: what is meant.
        language: "en" or "ko".
        rng: decides all that is drawn.
        sent: the share of captions in the form that the app sends (`captions.sent_caption`).
        names: of these, the share of places with a proper name.
    """
    if sent and rng.random() < sent:
        return sent_caption(scene, language, rng, names=names)
    say = free_caption if rng.random() < FREE else caption
    return say(scene, language, rng)


def _draw(scene: Scene, language: str, rng: np.random.Generator) -> str:
    words = free_words()
    stops = [scene.stops[i] for i in rng.permutation(len(scene.stops))]
    shape = _one(["things", "doings"] + ["mixed"] * (len(stops) > 1), rng)
    cut = {"things": len(stops), "doings": 0}.get(shape)
    if cut is None:
        cut = int(rng.integers(1, len(stops)))
    phrases = words["phrases"]
    things = [_thing(stop, language, rng) for stop in stops[:cut]]
    doings = [_one(phrases[stop.kind][language]["doings"], rng) for stop in stops[cut:]]
    if language == "ko":
        doings = [doing.removesuffix("다") for doing in doings]
    # Where things and doings meet, the frame relates them, and a plain "and" is enough within each.
    joins = 1 if shape == "mixed" else None
    done = _joined("doings", doings, words["joins"][language], joins, rng)
    text = _one(words["frames"][language][shape], rng).format(
        things=_joined("things", things, words["joins"][language], joins, rng),
        doings=done,
        doings_n=_before_n(done),
        when=_when(scene, language, rng),
    )
    if language == "ko":
        return re.sub(r"(\S+)(을/를|이/가|과/와)", lambda m: m[1] + particle(m[1], m[2]), text)
    return text[0].upper() + text[1:] if text[-1] in ".?!" else text


def _thing(stop: PlacedStop, language: str, rng: np.random.Generator) -> str:
    """A thing, or now and then the place's own word, with or without the stop's colour."""
    if rng.random() < 0.25:
        word = _one(place_words()[stop.kind][language], rng)
        phrase = f"the |{word}" if language == "en" else word
    else:
        phrase = _one(free_words()["phrases"][stop.kind][language]["things"], rng)
    opening, mark, rest = phrase.partition("|")
    if not mark:
        opening, rest = "", phrase
        if language == "en" and (found := re.match(r"(an?|the) ", phrase)):
            opening, rest = found[0], phrase[found.end() :]
    if rng.random() < 0.5:
        name, code = color_name(stop.rgb, language), color_code(stop.rgb)
        said = (f"{name} {code}", name, code, f"{name} {to_hex(stop.rgb)}")
        color = said[rng.choice(4, p=[0.45, 0.4, 0.08, 0.07])]
        if language == "en":
            opening = re.sub(r"\ban? $", f"{article(color)} ", opening)
        rest = f"{color} {rest}"
    return opening + rest


def _joined(
    what: str, phrases: list[str], joins: dict, first: int | None, rng: np.random.Generator
) -> str:
    """The phrases in one; ``first`` counts the joins, from the plainest on, that may be drawn."""
    if len(phrases) < 2:
        return "".join(phrases)
    return _one(joins[f"{what}{len(phrases)}"][:first], rng).format(*phrases)


def _when(scene: Scene, language: str, rng: np.random.Generator) -> str:
    """Season, weather and time as far as they are said, with the space that joins them on."""
    chances = {"weather": 0.25 if scene.weather == "clear" else 0.6, "season": 0.3, "time": 0.5}
    tables = free_words()["when"]
    said = {
        part: tables[part][getattr(scene, part)][language]
        for part, chance in chances.items()
        if rng.random() < chance
    }
    if "time" in said and len(said) > 1 and rng.random() < 0.7:  # on a rainy autumn evening
        words = " ".join(_one(part["word"], rng) for part in said.values())
        return f" on {article(words)} {words}" if language == "en" else f"{words} "
    order = ("time", "season", "weather") if language == "en" else ("season", "time", "weather")
    phrases = [_one(said[part]["phrase"], rng) for part in order if part in said][:2]
    if language == "en":
        return "".join(f" {phrase}" for phrase in phrases)
    return "".join(f"{phrase} " for phrase in phrases)


def _before_n(stem: str) -> str:
    """A Korean verb's stem before an ending in ㄴ, where a final ㄹ falls: 만들- in 만드는."""
    if stem and "가" <= stem[-1] <= "힣" and (ord(stem[-1]) - ord("가")) % 28 == RIEUL:
        return stem[:-1] + chr(ord(stem[-1]) - RIEUL)
    return stem


def _one(choices: list[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
