"""Says a scene as people write: in whole sentences that often only imply a place.

"I feel like digging toes into warm sand" means a beach without the word. The phrases and the
frames that hold them stand in ``data/free_captions.toml``, whose head explains their marks.
"""

from __future__ import annotations

import re

import numpy as np

from tripkit.colors import to_hex
from tripkit.datasets.captions import color_name, read_words
from tripkit.datasets.scenes import RGB, Scene
from tripkit.images.wording import color_code
from tripkit.messages import article, particle

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
    words = free_words()
    stops = [scene.stops[i] for i in rng.permutation(len(scene.stops))]
    shape = _one(["things", "doings"] + ["mixed"] * (len(stops) > 1), rng)
    cut = {"things": len(stops), "doings": 0}.get(shape)
    if cut is None:
        cut = int(rng.integers(1, len(stops)))
    phrases = [words["phrases"][stop.kind][language] for stop in stops]
    things = [
        _thing(_one(said["things"], rng), stop.rgb, language, rng)
        for said, stop in zip(phrases[:cut], stops[:cut], strict=True)
    ]
    doings = [_one(said["doings"], rng) for said in phrases[cut:]]
    if language == "ko":
        doings = [doing.removesuffix("다") for doing in doings]
    done = _joined("doings", doings, language, rng)
    text = _one(words["frames"][language][shape], rng).format(
        things=_joined("things", things, language, rng),
        doings=done,
        doings_n=_before_n(done),
        when=_when(scene, language, rng),
    )
    if language == "ko":
        return re.sub(r"(\S+)(을/를|이/가|과/와)", lambda m: m[1] + particle(m[1], m[2]), text)
    return text[0].upper() + text[1:] if text[-1] in ".?!" else text


def _thing(phrase: str, rgb: RGB, language: str, rng: np.random.Generator) -> str:
    """The phrase with or without its colour."""
    opening, mark, rest = phrase.partition("|")
    if not mark:
        opening, rest = "", phrase
        if language == "en" and (found := re.match(r"(an?|the) ", phrase)):
            opening, rest = found[0], phrase[found.end() :]
    if rng.random() < 0.5:
        name, code = color_name(rgb, language), color_code(rgb)
        said = (f"{name} {code}", name, code, f"{name} {to_hex(rgb)}")
        color = said[rng.choice(4, p=[0.45, 0.4, 0.08, 0.07])]
        if language == "en":
            opening = re.sub(r"\ban? $", f"{article(color)} ", opening)
        rest = f"{color} {rest}"
    return opening + rest


def _joined(what: str, phrases: list[str], language: str, rng: np.random.Generator) -> str:
    if len(phrases) < 2:
        return "".join(phrases)
    return _one(free_words()["joins"][language][f"{what}{len(phrases)}"], rng).format(*phrases)


def _when(scene: Scene, language: str, rng: np.random.Generator) -> str:
    """Season, weather and time as far as they are said, with the space that joins them on."""
    chances = {"weather": 0.25 if scene.weather == "clear" else 0.6, "season": 0.3, "time": 0.5}
    tables = free_words()["when"]
    said = {
        part: tables[part][getattr(scene, part)][language]
        for part, chance in chances.items()
        if rng.random() < chance
    }
    if not said:
        return ""
    if "time" in said and rng.random() < 0.5:  # on a rainy autumn evening
        words = " ".join(_one(part["word"], rng) for part in said.values())
        return f" on {article(words)} {words}" if language == "en" else f"{words} "
    phrases = [_one(part["phrase"], rng) for part in said.values()]
    if language == "en":
        return "".join(f" {phrase}" for phrase in reversed(phrases))
    return "".join(f"{phrase} " for phrase in phrases)


def _before_n(stem: str) -> str:
    """A Korean verb's stem before an ending in ㄴ, where a final ㄹ falls: 만들- in 만드는."""
    if stem and "가" <= stem[-1] <= "힣" and (ord(stem[-1]) - ord("가")) % 28 == RIEUL:
        return stem[:-1] + chr(ord(stem[-1]) - RIEUL)
    return stem


def _one(choices: list[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]
