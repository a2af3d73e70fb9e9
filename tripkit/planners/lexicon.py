"""The words that the offline planner knows, and where they stand in a request.

The words are data: `words.toml` has them by what they mean, `regions.toml` the places with a name.
No analyser of Korean morphemes is used; `benchmarks/planners.md` has the measurement of one.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any

from tripkit.colors import COLOR_NAMES, from_hex
from tripkit.core.grammar import PARTICLES
from tripkit.kinds import read_words
from tripkit.planners.regions import ALSO_A_WORD, names, regions
from tripkit.planners.typos import Typos

Tag = tuple[str, Any]  # ("seasons", "spring"), ("kinds", "beach"), ("colors", (255, 182, 193))

SKIPPED = "nothing"  # the section of words that are read over
# What a refusal refuses of a word with several meanings: with skiing the slope, not the winter.
SPECIFIC = ("regions", "things", "kinds", "activities", "weather", "styles")
NOT_READ = ("alike", "common", "usual")  # lists in that section for other purposes
ADJECTIVE = re.compile("[가-힣][간란얀만은른]색$")
HEX = re.compile(r"#[0-9a-f]{6}(?![0-9a-z])", re.IGNORECASE)
GOES_ON = r"말고|말구|빼고|대신|보러|보고|구경|여행|싫|좋은|있는|없는|가고|타고"
AFTER_SYLLABLE = re.compile(
    rf"(?:{PARTICLES}|보다는|보다도|보단|이고|인데|이라|처럼|까지|요)?(?:(?!\w)|{GOES_ON})"
)
PARTICLE = re.compile(rf"(?:{PARTICLES})?")
# Behind which a Korean name that is also a word is one.
AS_A_NAME = ("에서", "이나 ", "으로", "로", " 여행", "여행", " 관광", " 쪽", "에 가", " 가고")
GOING = "(?:trip|go|going|travel|fly|weekend)"
OF_A_LONGER_NAME = re.compile(r"\b(?!(?:In|To|At|Near|Around|Visit|From|Is|For|About) )[A-Z]\w* $")
NAME_OF = re.compile(rf"(.+?)(?:{'|'.join(AS_A_NAME)})")
PLURAL = re.compile(r"(?:'?s)?(?![a-z])")
NAME_LETTERS, NAME_SYLLABLES = 8, 4  # of a place, from which on a slip in it is looked for
COUNTED = re.compile(r"\d[가-힣]{1,2}$")  # 1박2일부산
# Requests without blanks: a word may begin behind an ending, in a row of letters as long as this.
GLUED, ENDINGS = 9, frozenset("요고러서에은는을를로한의랑와과도며면야데")


@dataclass(frozen=True)
class Found:
    """A word that was found: where it stands in the request, and what it means."""

    start: int
    end: int
    tags: frozenset[Tag]

    def refused_tags(self) -> set[Tag]:
        """What a refusal of the word refuses: of its meanings the most specific."""
        for dimension in SPECIFIC:
            if specific := {tag for tag in self.tags if tag[0] == dimension}:
                return specific | {tag for tag in self.tags if tag[0] == "limits"}
        concrete = {tag for tag in self.tags if tag[0] != "seasons"}
        return concrete or set(self.tags)

    def sorts(self) -> set[str]:
        """The dimensions of its meanings."""
        return {dimension for dimension, _ in self.tags}


@dataclass(frozen=True)
class Lexicon:
    """Each word without its blanks and what it means; which of them are written with a blank."""

    tags: dict[str, frozenset[Tag]] = field(default_factory=dict)
    spaced: frozenset[str] = frozenset()
    longest: int = 0


def find_words(text: str) -> list[Found]:
    """The words of the lexicon in a text of small letters, each letter used once, longest first."""
    return [found for found in _exact(text) if found.tags]


def is_read(text: str) -> bool:
    """Whether the lexicon has a word of the text, if only to read it over."""
    return next(_exact(text), None) is not None


def without_slips(text: str) -> str:
    """A text of small letters with the words that are one letter off as the lexicon writes them."""
    covered = bytearray(len(text))
    for found in _exact(text):
        covered[found.start : found.end] = b"\1" * (found.end - found.start)
    parts, at = [], 0
    for token in re.finditer(r"[a-z']+|[가-힣]+", text):
        free = not any(covered[token.start() : token.end()])
        if free and (meant := _typos().correct(token.group())):
            word, length = meant
            parts += [text[at : token.start()], word]
            at = token.start() + length
    return "".join([*parts, text[at:]])


def small(request: str) -> str:
    """A request in small letters, as the lexicon has its words, but for names that are also words.

    Bath and Reading are towns where they are capitalised within a sentence, or gone to.
    """
    parts, at = [], 0
    for name in _names_that_are_words().finditer(request):
        start, end = name.span(name.lastgroup or 0)
        if OF_A_LONGER_NAME.search(request[max(0, start - 30) : start]):
            continue
        parts += [request[at:start].casefold(), request[start:end].title()]
        at = end
    return "".join(map(plain, [*parts, request[at:].casefold()])).replace("’", "'")


def plain(text: str) -> str:
    """A text of the same length with the letters of ASCII for those with marks: Türkiye, café."""
    letters = (unicodedata.normalize("NFD", c)[0] if c < "\u0250" else c for c in text)
    return "".join(letters)


@cache
def _names_that_are_words() -> re.Pattern:
    words = (word for region in regions().values() for word in region.words)
    names = "|".join(w.removesuffix(ALSO_A_WORD) for w in words if w.isascii() and w[-1] == "~")
    until = r"(?=\s*(?:$|[.,!?;)]|(?:this|next|in|on|for|over|at) ))"
    return re.compile(
        rf"(?<=[a-z0-9,;&] )(?P<inside>{names})\b(?![ -][A-Z])"
        rf"|\b(?i:(?:in|near|visit|visiting|{GOING} to) (?P<gone>{names})){until}"
        rf"|^(?P<first>{names})(?=(?: in (?!the|a|my)| for a | or [A-Z]|,|\?))"
    )


def _exact(text: str) -> Iterator[Found]:
    lexicon = _lexicon()
    places = [i for i, letter in enumerate(text) if not (letter.isspace() or letter == "-")]
    bare = "".join(text[i] for i in places)
    at, last = 0, 0
    while at < len(bare):
        start = places[at]
        if color := HEX.match(text, start):
            yield Found(start, color.end(), frozenset({("colors", from_hex(color.group()))}))
            at, last = at + len(color.group()), color.end()
            continue
        for length in range(min(lexicon.longest, len(bare) - at), 0, -1):
            word = bare[at : at + length]
            if word in lexicon.tags:
                end = places[at + length - 1] + 1
                if _stands_alone(text, start, end, word, last):
                    yield Found(start, end, lexicon.tags[word])
                    at, last = at + length, end
                    break
        else:
            at += 1


def _stands_alone(text: str, start: int, end: int, word: str, last: int) -> bool:
    """Whether the letters found are the word, and not parts of others.

    ``last`` is where the word before ends: behind it, or its particle, another may begin.
    """
    before = text[start - 1 : start]
    if text[start].isdigit() and before.isdigit():  # 2월 in 12월
        return False
    if text[start].isascii() and text[start].isalpha():  # also before a particle: picnic을
        inside = before == "'" or (before.isascii() and before.isalpha())
        apart = end - start > len(word) and word not in _lexicon().spaced  # to go is not Togo
        return not inside and not apart and PLURAL.match(text, end) is not None
    opens = not before.isalnum() or before.isascii() or COUNTED.search(text[:start][-4:])
    chained = last > 0 and PARTICLE.fullmatch(text, last, start) is not None
    if len(word) == 1:  # 산에 is a mountain; 부산 and 산뜻한 are not
        return (not before.isalnum() or chained) and bool(AFTER_SYLLABLE.match(text, end))
    if not (opens or chained or _glued(text, start)) and not _long(word):
        return False
    apart = end - start > len(word)  # 여자 친구 is 여자친구, but 가 을 is no autumn
    if apart and word not in _lexicon().spaced:  # 경포대 is not in 경포 대신
        return bool(opens) and len(word) > 2 and bool(AFTER_SYLLABLE.match(text, end))
    return True


def _long(word: str) -> bool:
    """Whether a word is known in the middle of others too: 여자친구 is, 파리 in 사파리 is not."""
    return len(word) > 2 and "regions" not in {sort for sort, _ in _lexicon().tags[word]}


def _glued(text: str, start: int) -> bool:
    first = text.rfind(" ", 0, start) + 1
    behind = text.find(" ", start)
    row = (len(text) if behind < 0 else behind) - first
    return row >= GLUED and text[start - 1] in ENDINGS


@cache
def _typos() -> Typos:
    lexicon = _lexicon()
    as_names = {_key(f) for r in regions().values() for w in r.words if "~" in w for f in _forms(w)}
    words = (
        word
        for word, tags in lexicon.tags.items()
        if tags and word not in lexicon.spaced and word not in as_names and _rings(word, tags)
    )
    return Typos(words, chain(*word_lists(SKIPPED, "alike")))


def _rings(word: str, tags: frozenset[Tag]) -> bool:
    """Whether a slip in a word is still told: short names are like many words, but for a few."""
    if any(dimension != "regions" for dimension, _ in tags):
        return True
    least = NAME_LETTERS if word.isascii() else NAME_SYLLABLES
    return len(word) >= least or word in read_words("regions.toml")["much_named"]


@cache
def _lexicon() -> Lexicon:
    tags: dict[str, set[Tag]] = {}
    spaced = set()
    for written, meant in _entries():
        word = _key(written)
        tags.setdefault(word, set()).update(meant)
        if len(word) < len(written.removesuffix(ALSO_A_WORD)):
            spaced.add(word)
    frozen = {word: frozenset(meant) for word, meant in tags.items()}
    return Lexicon(frozen, frozenset(spaced), max(map(len, frozen)))


def _entries() -> Iterator[tuple[str, Iterable[Tag]]]:
    """Each word as written, with what it means."""
    for dimension, values in read_words("words.toml").items():
        for value, languages in values.items():
            if value in NOT_READ:
                continue
            for word in (*languages["en"], *languages["ko"]):
                yield word, [(dimension, value)] * (dimension != SKIPPED)
    for listed in chain(*read_words("things.toml").values()):
        key, *words = names(listed)
        for word in (key, *words):
            yield word, [("things", key)]
    for key, region in regions().items():
        for word in region.words:
            yield from ((form, [("regions", key)]) for form in _forms(word))
    for color in COLOR_NAMES:
        yield color.en, [("colors", color.rgb)]
        # English aliases are left out: snow, honey or rose are seldom meant as colours.
        for word in (color.ko, *(word for word in color.also if not word.isascii())):
            yield word, [("colors", color.rgb)]
            if ADJECTIVE.search(word):  # 빨간 as well as 빨간색; but 모래 is no colour
                yield word.removesuffix("색"), [("colors", color.rgb)]


def _forms(name: str) -> tuple[str, ...]:
    """How a name stands in a request: by itself, or only with what shows that it is one."""
    if not name.endswith(ALSO_A_WORD):
        return (name,)
    bare = name.removesuffix(ALSO_A_WORD)
    return (name,) if name.isascii() else tuple(bare + ending for ending in AS_A_NAME)


def _key(written: str) -> str:
    """A word without its blanks, in small letters unless it is only a name as a name stands."""
    name = written.removesuffix(ALSO_A_WORD)
    return re.sub(r"[\s-]", "", name.casefold() if name == written else name)


def word_lists(section: str, value: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A list of `words.toml` as it stands there, in English and in Korean."""
    languages = read_words("words.toml").get(section, {}).get(value, {"en": (), "ko": ()})
    return tuple(languages["en"]), tuple(languages["ko"])
