"""Words with a slip of one letter, in English and in Hangul: 제쥬도, 벗꽃, moutain."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from tripkit.core.grammar import PARTICLES

LONG = 5  # letters of an English word from which on a slip is looked for
# A Korean word of two syllables is short: only letters that sound or look alike count as a slip.
# They are written in syllables of no other difference.
ALIKE: tuple[str, ...] = (
    "애에",
    "얘애",
    "예에",
    "아야",
    "어여",
    "오요",
    "우유",
    "우으",
    "외왜웨",
    "의이",
)
ALIKE += ("앗앚앛았앋앝", "악앆앜", "압앞", "안앙", "안암")
REST = re.compile(rf"(?:{PARTICLES})?(?:여행|보러|보고|구경|놀이|가고|말고|빼고)?.{{0,2}}")
END = re.compile(rf"(?:{PARTICLES})?")


class Typos:
    """Finds the known word that a token misses by one letter.

    The first letter is taken to be right. What is itself a word of the language is no slip; those
    that come near a known word are given as ``alike``.
    """

    def __init__(self, words: Iterable[str], alike: Iterable[str]):
        self._alike = frozenset(alike)
        self._near: dict[str, list[str]] = defaultdict(list)
        for word in sorted(set(words)):
            if _can_slip(word):
                for shorter in _shortened(_letters(word)):
                    self._near[shorter].append(word)

    def correct(self, token: str) -> tuple[str, int] | None:
        """The word meant, and how many characters of the token are it; None where none is near."""
        for length in _lengths(token):
            written = token[:length]
            if written not in self._alike and (word := self._nearest(written)):
                return word, length
        return None

    def _nearest(self, written: str) -> str | None:
        letters = _letters(written)
        for shorter in _shortened(letters):
            for word in self._near.get(shorter, ()):
                if _one_slip(letters, _letters(word), short=len(word) == 2):
                    return word
        return None


def _can_slip(word: str) -> bool:
    if word.isascii():
        return word.isalpha() and len(word) >= LONG
    return len(word) >= 2 and all("가" <= syllable <= "힣" for syllable in word)


def _lengths(token: str) -> Iterator[int]:
    """How much of a token may be a word: in Korean what is left is a particle or the like."""
    if token.isascii():
        stem = token.removesuffix("'s").replace("'", "")
        if stem == token[: len(stem)] and len(stem) >= LONG:
            yield len(stem)
        if stem.endswith("s") and len(stem) > LONG:
            yield len(stem) - 1
        return
    for length in range(min(len(token), 7), 1, -1):
        if END.fullmatch(token, length) or (length > 2 and REST.fullmatch(token, length)):
            yield length


def _letters(word: str) -> str:
    return word if word.isascii() else unicodedata.normalize("NFD", word)


def _shortened(letters: str) -> set[str]:
    """A word, and the word without one of its letters but the first."""
    return {letters, *(letters[:i] + letters[i + 1 :] for i in range(1, len(letters)))}


def _one_slip(one: str, other: str, *, short: bool) -> bool:
    """Whether two words differ by one letter: another, one more, one less, or two swapped."""
    if one == other or one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return not short
    rest, rest_other = one[start:], other[start:]
    if len(one) == len(other):
        if rest[1:] == rest_other[1:]:
            return not short or _alike(rest[0], rest_other[0])
        swapped = rest[:2] == rest_other[1::-1] and rest[2:] == rest_other[2:]
        return swapped and not short
    longer, less = sorted((rest, rest_other), key=len, reverse=True)
    return longer[1:] == less and not short


def _alike(one: str, other: str) -> bool:
    """Whether two letters of a syllable sound alike, or nearly."""
    return any(one in group and other in group for group in _groups())


@cache
def _groups() -> tuple[str, ...]:
    """The last letters of the syllables of each group of `ALIKE`."""
    return tuple("".join(_letters(syllable)[-1] for syllable in group) for group in ALIKE)
