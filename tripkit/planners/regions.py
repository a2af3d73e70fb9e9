"""The places that have a name, as `regions.toml` lists them, and what lies in what."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from tripkit.kinds import SEASONS, read_words

# Marks a name that is also a word: it is one only as a name stands.
ALSO_A_WORD = "~"


@dataclass(frozen=True)
class Region:
    """A place with a name.

    Attributes:
        words: its names, in both languages.
        within: the next larger places that it lies in.
        warm: whether it is warm in winter; None means as what it lies within.
        cool: whether its summer is.
        south: whether its seasons are those of the south: summer in December.
    """

    words: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    warm: bool | None = None
    south: bool = False
    cool: bool = False


@cache
def regions() -> dict[str, Region]:
    """The places of `regions.toml` by their keys; a town's key is its English name."""
    data = read_words("regions.toml")
    known = {
        key: Region(
            (*row["en"], *row["ko"]),
            _tuple(row.get("within")),
            row.get("warm"),
            row.get("south", False),
            row.get("cool", False),
        )
        for key, row in data["regions"].items()
    }
    for region, towns in data["towns"].items():
        for town in towns:
            words = names(town)
            key = words[0].casefold().removesuffix(ALSO_A_WORD)
            old = known.get(key, Region())
            known[key] = Region(words, (*old.within, region), old.warm, old.south, old.cool)
    return known


def names(listed: str) -> tuple[str, ...]:
    """The names in "English/another: Korean/another"."""
    return tuple(word.strip() for part in listed.split(":") for word in part.split("/"))


@cache
def around(region: str) -> tuple[frozenset[str], ...]:
    """A region, then all that it lies within: step by step up to the whole country and abroad."""
    steps, seen = [frozenset({region})], {region}
    while up := {wider for name in steps[-1] for wider in regions()[name].within} - seen:
        steps.append(frozenset(up))
        seen |= up
    return tuple(steps)


def is_warm(region: str) -> bool:
    """Whether a region is warm in winter, by itself or as the nearest around it that says so."""
    for step in around(region):
        if told := [regions()[name].warm for name in step if regions()[name].warm is not None]:
            return any(told)
    return False


def innermost(places: Collection[str]) -> set[str]:
    """Without the places that only say where another is: Jeju for Jeju, Seogwipo."""
    wider = {name for place in places for step in around(place)[1:] for name in step}
    return set(places) - wider


def opposite(season: str) -> str:
    """The season half a year away, which the other half of the earth has now."""
    return SEASONS[(SEASONS.index(season) + 2) % 4]


def _tuple(within: str | list[str] | None) -> tuple[str, ...]:
    return (within,) if isinstance(within, str) else tuple(within or ())
