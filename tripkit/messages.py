"""All that users read, in English and Korean, by code; and the small grammar that the texts need.

The texts stand in ``data/messages/*.toml``, each code once.

Texts are filled with `str.format`: details are named, and both languages use the same names.
Korean speaks politely (해요체) and puts no particle directly after a detail, whose last sound it
cannot know, unless `particle` chose it.
"""

import re
import tomllib
from pathlib import Path

LANGUAGES = ("en", "ko")


class Phrase:
    """A detail that is itself a text of this catalogue, said in the language of its sentence."""

    def __init__(self, code: str, /, **details):
        self.code, self.details = code, details

    def __str__(self):
        return text(self.code, "en", **self.details)

    def __repr__(self):
        return f"Phrase({self.code!r}, **{self.details!r})"

    def __eq__(self, other):
        return isinstance(other, Phrase) and repr(self) == repr(other)

    def __hash__(self):
        return hash(repr(self))


def text(code: str, language: str, /, **details) -> str:
    """The text of ``code`` in ``language`` (``"en"`` or ``"ko"``), its fields filled from details.

    Raises:
        KeyError: the code or the language is unknown, or a field of the text is not given.
    """
    said = {
        name: text(value.code, language, **value.details) if isinstance(value, Phrase) else value
        for name, value in details.items()
    }
    return MESSAGES[code][language].format(**said)


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


def article(words: str) -> str:
    """``"a"`` or ``"an"``, whichever goes before ``words`` in English."""
    vowel = re.match(r"[aeiou]|hour|honest|heir|8|1[18]\b", words.lower())
    consonant = re.match(r"uni|use|usual|eu|one\b|once\b", words.lower())
    return "an" if vowel and not consonant else "a"


def _read() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    for path in sorted((Path(__file__).parent / "data" / "messages").glob("*.toml")):
        part = tomllib.loads(path.read_text(encoding="utf-8"))
        if twice := texts.keys() & part.keys():
            raise ValueError(f"{path}: these codes stand in another file too: {sorted(twice)}")
        texts |= part
    return texts


MESSAGES = _read()
