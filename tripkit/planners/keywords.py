"""What a request wishes for, found by the words of `words.toml`: no model, no guess."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tripkit.planners.lexicon import (
    NAME_OF,
    PARTICLE,
    Found,
    Tag,
    find_words,
    is_read,
    plain,
    small,
    without_slips,
)
from tripkit.planners.names import unknown_names, unknown_things
from tripkit.planners.negation import (
    PLACES,
    also_refused,
    alternatives,
    asked_instead,
    is_origin,
    likened,
    mild,
    refusals,
    refused_phrases,
    ruled_out,
)
from tripkit.planners.quantities import amounts, find_quantities, ruled_out_by
from tripkit.planners.regions import around, innermost, opposite, regions

HANGUL = re.compile("[가-힣]+")
STEMS = "없많있싫같않"  # behind these an ending follows, and no particle: 계단 없는

# A wish for one of these is a must-have, and one for the others a taste; so is each wish for one
# of the activities that another does not make up for.
MUSTS = {"things", "kinds", "time", "climate", "reach"}
HARD_TASTES = {
    ("moods", "quiet"),
    ("budget", "low"),
    ("styles", "adventure"),
    ("styles", "food"),
    ("weather", "snow"),
}
HARD = {
    "accessible",
    "art",
    "baby",
    "boat",
    "camping",
    "cycling",
    "festival",
    "food",
    "hike",
    "history",
    "indoor",
    "island",
    "pets",
    "picnic",
    "shopping",
    "ski",
    "swim",
    "train",
}
# A season by its name, and not by a month or a feast: south of the equator it is the one there.
SEASON_NAMES = re.compile(
    r"(?:mid|한|초|늦|올)?-?(?:spring|summer|autumn|fall|winter|봄|여름|가을|겨울).*"
)

# A capital lies within no region: what is near it.
NEAR_HOME = {frozenset({"seoul"}): frozenset({"near_seoul", "gangwon"})}

# What nobody refuses who speaks of it: "no stairs" and "bad knees" say the same.
LIMITS = {("activities", "accessible"), ("limits", "heights"), ("limits", "steep")}
# What no trip is without: who is tired of it wants something else instead, and not none of it.
EVERYWHERE = {("activities", "photo"), ("activities", "walk"), ("reach", "long")}


@dataclass(frozen=True)
class Said:
    """A word of a request, as written, and what it means."""

    word: str
    tags: frozenset[Tag]


@dataclass(frozen=True)
class Wishes:
    """What a request asks for.

    Attributes:
        wanted: the tags it asks for.
        refused: the tags it refuses.
        along: of the refused those that only go with others: with the beach its lighthouse.
        words: the words in which it asks, in small letters.
        asked: the same words as written, each with what it means.
        rejected: the words that it refuses, as written.
        musts: of each word that asks for a must-have what it means: one of these is enough.
        like: the places that something is to be like.
        without: words that it refuses and the lexicon does not have, in small letters.
        home: the regions around the place from which a short trip starts.
        numbers: money and days, as written: no trip has a price or a length.
        names: names of places, as written, that nothing here knows.
        unheard: what it wants to see, do or eat, as written, that nothing here knows.
    """

    wanted: frozenset[Tag] = frozenset()
    refused: frozenset[Tag] = frozenset()
    words: frozenset[str] = frozenset()
    asked: tuple[Said, ...] = field(default=(), compare=False)
    rejected: tuple[str, ...] = field(default=(), compare=False)
    musts: tuple[frozenset[Tag], ...] = ()
    like: frozenset[Tag] = frozenset()
    along: frozenset[Tag] = frozenset()
    without: tuple[str, ...] = ()
    home: frozenset[str] = frozenset()
    numbers: tuple[str, ...] = field(default=(), compare=False)
    names: tuple[str, ...] = field(default=(), compare=False)
    unheard: tuple[str, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return bool(self.wanted or self.refused or self.like)

    def of(self, dimension: str) -> frozenset[Any]:
        """The wanted values of one dimension: ``of("seasons")`` may be ``{"spring"}``."""
        return self._values.get(dimension, frozenset())

    @cached_property
    def _values(self) -> dict[str, frozenset[Any]]:
        return by_dimension(self.wanted)


def find_wishes(request: str) -> Wishes:
    """The wishes in a request (normalised; in English, in Korean or both)."""
    text = without_slips(small(request))
    every = find_words(text)
    found = [word for word in every if not is_origin(text, word)]
    models = likened(text, found)
    taken, rejected = _sides(text, [word for word in found if models.get(word) != "like"], models)
    numbers = find_quantities(text)
    wanted = {tag for word in (*taken, *numbers) for tag in word.tags}
    if told := {tag for word in taken if word.sorts() == {"seasons"} for tag in word.tags}:
        wanted = {tag for tag in wanted if tag[0] != "seasons"} | told
    wanted |= _local_seasons(text, taken)
    refused = {tag for word in rejected for tag in word.refused_tags()}
    wanted |= asked_instead(refused) - refused
    along = also_refused(refused) | ruled_out(wanted) | ruled_out_by(text)
    refused -= EVERYWHERE
    # What a refusal only takes along gives way to what was asked for in so many words.
    along -= wanted | refused
    refused |= along
    kept = _innermost(wanted - refused)
    return Wishes(
        wanted=frozenset(kept),
        refused=frozenset(refused),
        along=frozenset(along),
        words=frozenset(text[word.start : word.end] for word in taken),
        asked=tuple(Said(_as_written(request, text, word), word.tags) for word in taken),
        rejected=tuple(_as_written(request, text, word) for word in rejected),
        musts=_musts(text, taken, refused | {tag for tag in wanted - kept if tag[0] == "reach"}),
        like=frozenset(tag for word in models for tag in word.tags if tag[0] == "regions"),
        without=refused_phrases(text, found),
        home=_around_home([word for word in every if word not in found], wanted),
        numbers=amounts(small(request)),
        names=(names := unknown_names(request, _known)),
        unheard=tuple(w for w in unknown_things(request, _known) if w not in names),
    )


def _around_home(origins: list[Found], wanted: set[Tag]) -> frozenset[str]:
    """The regions around where one comes from, for who wants to be back soon."""
    if ("reach", "near") not in wanted or any(tag[0] == "regions" for tag in wanted):
        return frozenset()
    places = {value for word in origins for name, value in word.tags if name == "regions"}
    wider = {name for place in places for step in around(place)[:2] for name in step}
    return frozenset(wider - {"korea"}) | NEAR_HOME.get(frozenset(places), frozenset())


def _musts(text: str, taken: list[Found], refused: set[Tag]) -> tuple[frozenset[Tag], ...]:
    """What each word, or row of words with "or" between them, must be answered with."""
    musts: list[set[Tag]] = []
    for i, word in enumerate(taken):
        tags = {tag for tag in word.tags - refused if _is_must(tag)}
        if not tags:
            continue
        alike = i and musts and {name for name, _ in musts[-1]} & {name for name, _ in tags}
        if alike and alternatives(text, taken[i - 1], word):
            musts[-1] |= tags
        else:
            musts.append(tags)
    return tuple(dict.fromkeys(map(frozenset, musts)))


def _is_must(tag: Tag) -> bool:
    dimension, value = tag
    if dimension in MUSTS or tag in HARD_TASTES:
        return True
    return dimension == "activities" and value in HARD


def _local_seasons(text: str, taken: list[Found]) -> set[Tag]:
    """For a place in the south the season half a year from one that is named: a Sydney summer."""
    places = {value for word in taken for name, value in word.tags if name == "regions"}
    wider = {name for place in places for step in around(place) for name in step}
    if not any(regions()[name].south for name in wider):
        return set()
    named = [w for w in taken if SEASON_NAMES.fullmatch(text, w.start, w.end)]
    return {(n, opposite(v)) for word in named for n, v in word.tags if n == "seasons"}


def by_dimension(tags: Iterable[Tag]) -> dict[str, frozenset[Any]]:
    """The values of tags by their dimension: ``{"seasons": {"spring"}}``."""
    values: dict[str, set[Any]] = {}
    for dimension, value in tags:
        values.setdefault(dimension, set()).add(value)
    return {dimension: frozenset(found) for dimension, found in values.items()}


def _sides(
    text: str, found: list[Found], models: dict[Found, str]
) -> tuple[list[Found], list[Found]]:
    """The words that the text asks for, and those that it refuses; ``models`` by `likened`.

    What it only does not refuse counts as asked for where it asks for no other place.
    """
    verdicts = zip(found, refusals(text, found), mild(text, found), strict=True)
    judged = [
        (word, (no or word in models) and not word.tags & LIMITS, lukewarm)
        for word, no, lukewarm in verdicts
    ]
    rejected = [word for word, no, _ in judged if no]
    clear = [word for word, no, lukewarm in judged if not (no or lukewarm)]
    if any(word.sorts() & PLACES for word in clear):
        return clear, rejected
    return [word for word, no, _ in judged if not no], rejected


def _as_written(request: str, text: str, word: Found) -> str:
    """A word in the letters of the request; of a Korean stem the whole word: 다리가 아프세요."""
    end = word.end
    if "가" <= text[end - 1] <= "힣" and not (word.sorts() & {"regions", "kinds"}):
        rest = HANGUL.match(text, end)
        whole = rest and (text[end - 1] in STEMS or not PARTICLE.fullmatch(rest[0]))
        end = rest.end() if rest and whole else end
    written, read = request[word.start : end], text[word.start : end]
    # Where slips were mended, letters stand elsewhere than in the request.
    said = written if plain(written.casefold()) == read.casefold() else read
    is_name = "regions" in word.sorts() and not said.isascii()
    return name[1] if is_name and (name := NAME_OF.fullmatch(said)) else said


def _known(name: str) -> bool:
    return is_read(without_slips(small(f"to {name}"))) or bool(find_quantities(small(name)))


def _innermost(wanted: set[Tag]) -> set[Tag]:
    """Without the places that only say where another is, 제주 for 제주 서귀포.

    Where a place abroad has a name it says how far it is: a weekend in Paris is no trip at home.
    """
    places = {value for dimension, value in wanted if dimension == "regions"}
    inner = innermost(places)
    wider = {name for place in inner for step in around(place) for name in step}
    if "abroad" in wider and inner != {"abroad"}:
        wanted = {tag for tag in wanted if tag[0] != "reach"}
    return {tag for tag in wanted if tag[0] != "regions" or tag[1] in inner}
