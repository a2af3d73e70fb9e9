"""The places that the postcard model knows and that come nearest to one that it does not know.

Measured by ``python -m benchmarks.nearest_places`` on 44 places in each language that the model
never saw (chance is 9%): the letters of its words name a sensible one for 23% in English and 18% in
Korean, the shipped CLIP's embeddings for 11% and 27%. A CLIP that never saw a word cannot place it.
So a list written by hand, ``data/near_places.toml``, comes first, and letters help with the rest.
"""

from __future__ import annotations

import re
from functools import cache

from tripkit.datasets.captions import near_words, place_words
from tripkit.datasets.scenes import KINDS
from tripkit.errors import RequestError
from tripkit.settings import clean_text


def nearest_places(text: str, language: str, count: int = 1) -> list[str]:
    """The ``count`` kinds of place that come nearest to a text, the nearest first.

    Words of the model's own places within the text decide, then those of the list, then letters.

    Args:
        text: a place, perhaps one that the model never saw.
        language: "en" or "ko".
        count: how many kinds.

    Raises:
        RequestError: ``clip_empty_text``.
    """
    line = _line(text)
    own, near = place_words(), near_words()

    def rank(kind: str) -> tuple:
        return (
            _longest_within(line, own[kind][language], language),
            _longest_within(line, near[kind][language], language),
            _likeness(line, own[kind][language]),
        )

    return sorted(KINDS, key=rank, reverse=True)[:count]


def by_letters(text: str, language: str) -> list[str]:
    """All kinds, those first with a word that shares most pairs of letters with the text (Dice)."""
    line, own = _line(text), place_words()
    return sorted(KINDS, key=lambda kind: _likeness(line, own[kind][language]), reverse=True)


def by_embedding(text: str, language: str) -> list[str]:
    """All kinds, those first whose words the shipped CLIP embeds nearest to the text."""
    import torch

    from tripkit.clip import similarity

    encoder, words = _embedded(language)
    cosines = similarity(encoder.embed_texts(_line(text)), torch.stack(list(words.values())))[0]
    return [KINDS[i] for i in cosines.argsort(descending=True).tolist()]


@cache
def _embedded(language: str):
    """The shipped encoder, and the mean embedding of each kind's words."""
    from tripkit.clip import CLIPEncoder

    encoder, known = CLIPEncoder(), place_words()
    return encoder, {kind: encoder.embed_texts(known[kind][language]).mean(0) for kind in KINDS}


def _line(text: str) -> str:
    line = clean_text(text) if isinstance(text, str) else ""
    if not line:
        raise RequestError("clip_empty_text", number=1)
    return _plain(line) or line  # of "?" nothing would be left


def _plain(line: str) -> str:
    """Small letters and digits, words parted by single blanks."""
    return " ".join(re.findall(r"\w+", line.lower()))


def _longest_within(line: str, words: list[str], language: str) -> int:
    """Letters of the longest word that the line holds; 0 where it holds none.

    English words, and Korean ones of one syllable, must stand alone: 섬 is not in 섬유.
    """

    def within(word: str) -> bool:
        alone = language == "en" or len(word) == 1
        return f" {word} " in f" {line} " if alone else word in line

    return max((len(word) for word in map(_plain, words) if within(word)), default=0)


def _likeness(line: str, words: list[str]) -> float:
    asked = _letter_pairs(line)
    shares = []
    for word in words:
        pairs = _letter_pairs(_plain(word))
        shares.append(2 * len(asked & pairs) / (len(asked) + len(pairs)))
    return max(shares)


def _letter_pairs(line: str) -> set[str]:
    padded = f" {line} "
    return {padded[i : i + 2] for i in range(len(padded) - 1)}
