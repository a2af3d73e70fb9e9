"""What a request wishes for, found by the words of `words.toml`: no model, no guess."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tripkit.colors import COLOR_NAMES, from_hex
from tripkit.core.grammar import PARTICLES
from tripkit.core.settings import package_folder

Tag = tuple[str, Any]  # ("seasons", "spring"), ("kinds", "beach"), ("colors", (255, 182, 193))

SKIPPED = "nothing"  # the section of words that are read over
# Between a word and its refusal, and the refusal itself: 바다 말고, 등산은 빼고, 바다는 싫어요.
REFUSED_AFTER = re.compile(
    rf"\s*(?:쪽|곳|여행|같은 (?:곳|데))?(?:{PARTICLES})?\s*"
    r"(?:말고|빼고|빼 ?줘|제외|싫|없는|없이|아닌|안 가|별로|질렸|피하|피해)"
)
REFUSED_BEFORE = re.compile(
    r"\b(?:no|not|without|except|avoid|avoiding|skip|hates?|dislikes?|don't|do not|doesn't|never|"
    r"nor|instead of|not a fan of|rather than|other than|anything but|tired of|sick of)"
    r"(?: (?:want|wants|like|likes|care|need|go|going|be|to|for|in|at|on|the|a|an|any|more|too|"
    r"really|another|visit|visiting|see|seeing))*\s*$",
    re.IGNORECASE,
)
# Words listed with the first share a refusal: 바다나 산 말고, no beach or mountains. After the
# others only words of one sort do: 바다와 산 말고, but not the friends of 친구와 바다 말고.
LISTED = re.compile(r"(?:'?s)?\s*(?:이나|나|거나|or|nor)\s*(?:the|a|any|no)?\s*", re.IGNORECASE)
JOINED = re.compile(
    r"(?:'?s)?\s*(?:이랑|랑|과|와|하고|도|,|그리고|and)?\s*(?:the|a|any|no)?\s*", re.IGNORECASE
)
HEX = re.compile(r"#[0-9a-f]{6}(?![0-9a-z])", re.IGNORECASE)
AFTER_SYLLABLE = re.compile(rf"(?:{PARTICLES})?(?!\w)")
PLURAL = re.compile(r"(?:'?s)?(?![a-z])")


@dataclass(frozen=True)
class Wishes:
    """What a request asks for.

    Attributes:
        wanted: the tags it asks for.
        refused: the tags it refuses.
        words: the words in which it asks, as written.
    """

    wanted: frozenset[Tag] = frozenset()
    refused: frozenset[Tag] = frozenset()
    words: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.refused)

    def of(self, dimension: str) -> set[Any]:
        """The wanted values of one dimension: ``of("seasons")`` may be ``{"spring"}``."""
        return {value for name, value in self.wanted if name == dimension}


@dataclass(frozen=True)
class Found:
    """A word that was found: where it stands in the request, and what it means."""

    start: int
    end: int
    tags: frozenset[Tag]

    def refused_tags(self) -> set[Tag]:
        """What a refusal of the word refuses: with skiing the sport, but not the winter."""
        concrete = {tag for tag in self.tags if tag[0] != "seasons"}
        return concrete or set(self.tags)


def find_wishes(request: str) -> Wishes:
    """The wishes in a request (normalised; in English, in Korean or both)."""
    text = request.replace("’", "'").casefold()
    found = list(find_words(text))
    wanted: set[Tag] = set()
    refused: set[Tag] = set()
    words: set[str] = set()
    for word, no in zip(found, _refusals(text, found), strict=True):
        if no:
            refused |= word.refused_tags()
        else:
            wanted |= word.tags
            words.add(text[word.start : word.end])
    return Wishes(frozenset(wanted - refused), frozenset(refused), frozenset(words))


def regions() -> dict[str, dict]:
    """The regions of `words.toml`: their words, and the region that each lies ``within``."""
    return _sections()["regions"]


def _refusals(text: str, found: list[Found]) -> list[bool]:
    """For each word whether the request refuses it."""
    before = [bool(REFUSED_BEFORE.search(text[max(0, w.start - 80) : w.start])) for w in found]
    after = [bool(REFUSED_AFTER.match(text, word.end)) for word in found]
    joined = [
        _share_refusal(text, first, second) for first, second in zip(found, found[1:], strict=False)
    ]
    for i, together in enumerate(joined):  # English refuses first, and the refusal goes on
        before[i + 1] |= before[i] and together
    for i, together in reversed(list(enumerate(joined))):  # Korean last, and it goes back
        after[i] |= after[i + 1] and together
    return [b or a for b, a in zip(before, after, strict=True)]


def _share_refusal(text: str, first: Found, second: Found) -> bool:
    if LISTED.fullmatch(text, first.end, second.start):
        return True
    alike = {sort for sort, _ in first.tags} & {sort for sort, _ in second.tags}
    return bool(alike) and JOINED.fullmatch(text, first.end, second.start) is not None


def find_words(text: str) -> Iterator[Found]:
    """The words of the lexicon in a text of small letters, each letter used once, longest first."""
    words, longest = _lexicon()
    places = [
        i for i, character in enumerate(text) if not (character.isspace() or character == "-")
    ]
    bare = "".join(text[i] for i in places)
    at = 0
    while at < len(bare):
        start = places[at]
        if color := HEX.match(text, start):
            yield Found(start, color.end(), frozenset({("colors", from_hex(color.group()))}))
            at += len(color.group())
            continue
        for length in range(min(longest, len(bare) - at), 0, -1):
            word = words.get(bare[at : at + length])
            end = places[at + length - 1] + 1
            if word is not None and _stands_alone(text, start, end, length, word):
                if word:
                    yield Found(start, end, word)
                at += length
                break
        else:
            at += 1


def _stands_alone(text: str, start: int, end: int, length: int, tags: frozenset[Tag]) -> bool:
    """Whether the letters found are the word, and not parts of others."""
    before = text[start - 1 : start]
    if text[start].isdigit() and before.isdigit():  # 2월 in 12월
        return False
    if text[start].isascii() and text[start].isalpha():  # also before a particle: picnic을
        return not (before.isascii() and before.isalpha()) and PLURAL.match(text, end) is not None
    opens = not before.isalnum()
    if any(dimension == "regions" for dimension, _ in tags) and not opens:  # 파리 in 사파리
        return False
    if length == 1:  # 산에 is a mountain; 부산 and 산뜻한 are not
        return opens and AFTER_SYLLABLE.match(text, end) is not None
    apart = end - start > length  # 여자 친구 is 여자친구, but 가 을 is no autumn
    return not apart or (opens and length > 2)


@cache
def _lexicon() -> tuple[dict[str, frozenset[Tag]], int]:
    """Each word without its blanks and what it means, and the length of the longest."""
    words: dict[str, set[Tag]] = {}

    def add(word: str, *tags: Tag) -> None:
        words.setdefault(re.sub(r"[\s-]", "", word.casefold()), set()).update(tags)

    for dimension, values in _sections().items():
        for value, languages in values.items():
            for word in (*languages["en"], *languages["ko"]):
                add(word, *[(dimension, value)] * (dimension != SKIPPED))
    for color in COLOR_NAMES:
        add(color.en, ("colors", color.rgb))
        # English aliases are left out: snow, honey or rose are seldom meant as colours.
        for word in (color.ko, *(word for word in color.also if not word.isascii())):
            add(word, ("colors", color.rgb))
    return {word: frozenset(tags) for word, tags in words.items()}, max(map(len, words))


@cache
def _sections() -> dict[str, dict]:
    path = package_folder() / "data" / "words.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
