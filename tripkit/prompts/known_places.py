"""The places that the postcard model knows and that come nearest to one that it does not know.

``python -m benchmarks.nearest_places`` measures ways to find them, on names that no caption holds.
The letters of a name and the shipped CLIP's embeddings both find a sensible place for fewer than
half of them: who never saw a word cannot place it. So a list written by hand comes first,
``data/near_places.toml``, and letters help with the rest. A whole sentence, which always has words
that it did see, CLIP places well.
"""

from __future__ import annotations

import json
import re
from functools import cache

from tripkit.core.errors import RequestError
from tripkit.core.grammar import PARTICLES
from tripkit.core.messages import LANGUAGES
from tripkit.core.settings import weights_folder
from tripkit.core.text import clean_text
from tripkit.kinds import KINDS, nearest_known, place_words, read_words


@cache
def shipped_kinds() -> tuple[str, ...]:
    """The kinds that the shipped postcard model draws, in the order of the scenes."""
    path = weights_folder() / "postcard" / "kinds.json"
    return tuple(json.loads(path.read_text(encoding="utf-8")))


def near_words() -> dict[str, dict[str, list[str]]]:
    """Kind of place -> language -> words for places that are no kind of their own, but like it."""
    return read_words("near_places.toml")


def phrases(kind: str, language: str) -> list[str]:
    """What free captions say of a kind of place, a ``|`` where a colour may stand."""
    said = read_words("free_captions.toml")["phrases"][kind][language]
    return said["things"] + said["doings"]


def kind_in(text: str, language: str) -> str | None:
    """The kind whose word stands in a place's name, the longest of them; None where none does."""
    line = _plain(clean_text(text))
    for table in (place_words(), near_words()):
        found = {kind: _longest_within(line, table[kind][language], language) for kind in table}
        longest = max(found, key=lambda kind: found[kind])
        if found[longest]:
            return longest
    return None


def nearest_places(text: str, language: str, count: int = 1) -> list[str]:
    """The ``count`` kinds of place that come nearest to a text, the nearest first.

    Words of the model's own places within the text decide, then those of the list and of kinds that
    it does not know, then letters.

    Args:
        text: a place, perhaps one that the model never saw.
        language: "en" or "ko".
        count: how many kinds.

    Raises:
        RequestError: ``clip_empty_text``.
    """
    line, own = _line(text), place_words()

    def rank(kind: str) -> tuple:
        return (
            _longest_within(line, own[kind][language], language),
            _longest_within(line, _words_near(kind, language), language),
            _likeness(line, own[kind][language]),
        )

    return sorted(shipped_kinds(), key=rank, reverse=True)[:count]


def by_letters(text: str, language: str) -> list[str]:
    """All kinds, those first with a word that shares most pairs of letters with the text (Dice)."""
    line, own = _line(text), place_words()
    kinds = shipped_kinds()
    return sorted(kinds, key=lambda kind: _likeness(line, own[kind][language]), reverse=True)


@cache
def _words_near(kind: str, language: str) -> list[str]:
    """Words for what the model draws as this kind for want of a nearer one."""
    known, near = shipped_kinds(), near_words()
    words: list[str] = []
    for other in KINDS:
        if nearest_known(other, known) == kind:
            words += near.get(other, {}).get(language, [])
            words += place_words()[other][language] if other != kind else []
    return words


def known_and_unknown(text: str) -> tuple[bool, list[tuple[str, str]]]:
    """Whether a text names a place that captions name; and words for places that no caption names.

    Captions are those of the shipped model. The latter are words of kinds that it does not know and
    of the list, each with the kind that comes nearest: of "a beach below a volcano" the volcano.
    Where nothing known is named, words count that captions use for something else, as the canyons
    of a city. Both languages are looked for.
    """
    line, known = _line(text), False
    unknown: list[tuple[str, str]] = []
    elsewhere: list[tuple[str, str]] = []
    for word, language, kind in _vocabulary():
        pattern = _pattern(word, language)
        line, times = pattern.subn("|", line)
        if not times:
            continue
        if kind is None or kind in (users := _users(word, language)):
            known = True
        else:
            (elsewhere if users else unknown).append((word, kind))
    return known, unknown if known else unknown + elsewhere


@cache
def _vocabulary() -> list[tuple[str, str, str | None]]:
    """(word, language, None or the kind that is drawn instead), the longest words first.

    So that the village of a hanok village is not found again.
    """
    known = shipped_kinds()
    rows = [(words, None if kind in known else kind) for kind, words in place_words().items()]
    rows += [(words, kind) for kind, words in near_words().items()]
    words = [
        (_plain(word), language, kind and nearest_known(kind, known))
        for languages, kind in rows
        for language in LANGUAGES
        for word in languages[language]
    ]
    return sorted(words, key=lambda entry: -len(entry[0]))


@cache
def _users(word: str, language: str) -> list[str]:
    """The kinds whose captions hold a word."""
    pattern = _pattern(word, language)
    return [kind for kind in shipped_kinds() if pattern.search(_said_of(kind, language))]


@cache
def _said_of(kind: str, language: str) -> str:
    """All words of the captions for one kind, plain and free."""
    said = place_words()[kind][language] + phrases(kind, language)
    return _plain(" . ".join(said).replace("|", ""))


def _line(text: str) -> str:
    line = clean_text(text) if isinstance(text, str) else ""
    if not line:
        raise RequestError("clip_empty_text", number=1)
    return _plain(line) or line  # of "?" nothing would be left


def _plain(line: str) -> str:
    """Small letters and digits, words parted by single blanks."""
    return " ".join(re.findall(r"\w+", line.lower()))


def _longest_within(line: str, words: list[str], language: str) -> int:
    """Letters of the longest word that the line holds; 0 where it holds none."""
    within = (word for word in map(_plain, words) if _pattern(word, language).search(line))
    return max(map(len, within), default=0)


@cache
def _pattern(word: str, language: str) -> re.Pattern:
    """Where a word stands in a line.

    English words stand alone or in the plural. Korean ones begin a word or end it, but for its
    particle: 화산 in 화산섬, 타워 in 서울타워에. Of one syllable, they end a name: 산 in
    설악산, but not in 부산; and 섬 is not in 섬유.
    """
    word = re.escape(word)
    if language == "en":
        return re.compile(rf"\b{word}(?:e?s)?\b")
    ended = rf"{word}(?:{PARTICLES})?(?!\w)"
    alone = rf"(?:\b|(?<=\w\w)){ended}"
    return re.compile(alone if len(word) == 1 else rf"\b{word}|{ended}")


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
