"""The small grammar that the texts need: Korean particles, English articles."""

import re

PARTICLES = (
    "에서는|에서|에는|에도|에|으로|로|을|를|이나|이랑|이|가|은|는|과|와|도|만|의|나|랑|하고|보다"
)
_SMALL_WORDS = (
    "about|above|across|after|along|among|and|around|as|at|before|behind|below|beneath|beside|"
    "between|beyond|by|down|during|for|from|in|inside|into|near|of|off|on|or|out|over|past|"
    "through|to|toward|towards|under|up|with|within|without"
)


def particle(word: str, pair: str) -> str:
    """The one of ``pair`` (``"이/가"``, ``"은/는"``, ``"을/를"``) that follows ``word`` in Korean.

    The first is for a final consonant. Hangul tells it by its code point, digits as they are read
    (``3`` is 삼), Latin letters roughly as Korean writes their sounds (``park`` is 파크). A closing
    ``(...)`` and punctuation are looked through; after anything else both are given: ``이(가)``.
    """
    with_consonant, without = pair.split("/")
    ending = re.sub(r"\s*\([^()]*\)\W*$", "", word)
    ending = re.sub(r"[\W_]+$", "", ending)[-3:]
    last = ending[-1:]
    if "가" <= last <= "힣":
        closed = (ord(last) - ord("가")) % 28 > 0
    elif last.isascii() and last.isdigit():
        closed = last in "013678"
    elif last.isascii() and last.isalpha():
        closed = _closed_latin(ending)
    else:
        return f"{with_consonant}({without})"
    return with_consonant if closed else without


def _closed_latin(ending: str) -> bool:
    if ending[-2:].isupper() or len(ending) == 1:  # spelled out: KTX, SNS, B
        return ending[-1] in "LMNRlmnr"
    # Stops close a syllable only after one vowel: "book" 북, but "park" 파크, "lake" 레이크.
    return re.search(r"([lmn]|ng|[aeiou]ck|[aeiou][bckpt])$", ending.lower()) is not None


def is_phrase(words: str) -> bool:
    """Whether English ``words`` are tied by a small word: "coffee by the sea".

    Such words do not stand before a noun as others do: a spring picnic destination.
    """
    return re.search(rf"\w (?:{_SMALL_WORDS}) \w", words.lower()) is not None


def article(words: str) -> str:
    """``"a"`` or ``"an"``, whichever goes before ``words`` in English."""
    vowel = re.match(r"[aeiou]|hour|honest|heir|8|1[18]\b", words.lower())
    consonant = re.match(r"uni|use|usual|eu|one\b|once\b", words.lower())
    return "an" if vowel and not consonant else "a"
