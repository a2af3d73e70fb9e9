"""How well a trip of the catalogue fits what was asked for."""

from collections.abc import Collection
from typing import Any

from tripkit.colors import RGB, delta_e
from tripkit.planners.entries import Entry
from tripkit.planners.keywords import Wishes
from tripkit.planners.lexicon import Tag
from tripkit.planners.negation import speaks_against
from tripkit.planners.regions import around

# What a fulfilled wish counts, by what it is about. A place that is named counts before them all.
WEIGHTS = {
    "kinds": 12.0,
    "things": 12.0,
    "seasons": 8.0,
    "activities": 7.0,
    "company": 5.0,
    "climate": 5.0,
    "budget": 5.0,
    "reach": 5.0,
    "moods": 4.0,
    "time": 3.0,
    "weather": 3.0,
    "colors": 3.0,
    "styles": 3.0,
}
SAID = 8.0  # the request holds the trip's theme, "spring picnic"
WORD = 2.0  # for each of the request's words that the trip uses too: "lavender" and not any flowers
NEXT = 0.4  # share of the weight for a second wish of the same sort: "a lake or a river"
ANY = 0.5  # share for a trip that suits every season
ALL_YEAR = 0.5  # a trip that suits every season, where none was named
# A trip for another season or other people, or one too far away.
MISSED = {"seasons": -14.0, "company": -8.0, "reach": -8.0}
OPPOSITE = -8.0  # a dear trip for a small budget, a cheap one for a large
HOME = 8.0  # a trip around the place from which a day trip starts
DEAR = -1.0  # a dear trip, where nothing was said of money or distance
SAME_KIND = -1.5  # as a trip picked before
NEW = 12.0  # for each wish that no trip picked before fulfils: a garden, and a lake too
ALIKE = 0.3  # for each season, company, activity and mood that a trip shares with the first pick
UNLIKE_COLOR = 16.0  # CIEDE2000: from here on two colours do not count as alike
RELATED = {"family": {"children", "parents"}, "children": {"family"}, "parents": {"family"}}
ALTERNATIVES = ("seasons", "company")  # of several that are wanted one is enough
SUITS = {("activities", "accessible"), ("activities", "pets")}  # told where it is not known
TASTES = {"moods", "budget", "styles"}
EATING = {("activities", "food"), ("activities", "shopping")}
MISSED_TASTE = -9.0
UNSUITED = 1  # must-haves that a trip counts as missing for who cannot walk far, or has a dog
AWAY = 1  # and one that is not around the place from which a day trip starts
NAMED_THEME = 3  # must-haves that the name of its theme makes up for
MISSED_SEASON = 2  # must-haves that a trip for another season counts as missing
UNASKED = {("activities", "pets")}  # a trip made for a dog, where nobody spoke of one
OUT_OF_SEASON = 2  # steps that a trip for another season counts as farther away
# What no trip is without: who is tired of it wants something else instead, and not none of it.
EVERYWHERE = {("activities", "photo"), ("activities", "walk"), ("reach", "long")}
FARTHEST = 4  # steps, for a trip that lies nowhere


def rank(entry: Entry, bare: str, wishes: Wishes) -> tuple[bool, int, bool, int]:
    """Of a trip by itself: whether it has nothing refused, how far it is, and what goes on.

    That is whether it has nothing that only goes with what was refused, and what it misses.
    """
    steps = distance(entry, wishes.of("regions"))
    if wishes.of("regions"):
        steps += OUT_OF_SEASON * _out_of_season(entry, wishes)
    clean = not has_refused(entry, wishes, wishes.refused - wishes.along)
    along = not has_refused(entry, wishes, wishes.along)
    misses = missed(entry, wishes) - NAMED_THEME * bool(named(entry, bare))
    return clean, steps, along, misses


def suits(entry: Entry, wishes: Wishes) -> bool:
    """Whether a trip is known to suit who cannot walk far, or has a dog along, if such is asked."""
    return SUITS & wishes.wanted <= entry.tags


def missed(entry: Entry, wishes: Wishes) -> int:
    """How many of the must-haves a trip does not have, and of what it should not have."""
    count = sum(not (must & entry.tags or _is_taste(must)) for must in wishes.musts)
    count += UNSUITED * (not suits(entry, wishes))
    count += MISSED_SEASON * _out_of_season(entry, wishes)
    count += AWAY * (bool(wishes.home) and not wishes.home & entry.of("regions"))
    count += bool(wishes.of("company")) and not _suits_company(entry, wishes.of("company"))
    return count + len(entry.tags & (UNASKED | speaks_against(wishes.wanted)) - wishes.wanted)


def _is_taste(must: frozenset[Tag]) -> bool:
    """Whether a must-have is what a trip is like, for which no other style is passed over."""
    return all(name in TASTES or (name, value) in EATING for name, value in must)


def score(entry: Entry, wishes: Wishes) -> float:
    """How well a trip fulfils the wishes: what those it does count, less what speaks against it."""
    if not wishes:
        return 0.0
    total = sum(_points(entry, name, wishes.of(name)) for name in WEIGHTS if wishes.of(name))
    if not any(wishes.of(name) for name in ("budget", "reach", "regions")):
        total += DEAR * (("budget", "high") in entry.tags)
    if not wishes.of("seasons") and not entry.of("seasons"):
        total += ALL_YEAR
    tastes = [must for must in wishes.musts if _is_taste(must)]
    total += MISSED_TASTE * sum(not must & entry.tags for must in tastes)
    total += HOME * bool(wishes.home & entry.of("regions"))
    return total + WORD * len(wishes.words & entry.words)


def has_refused(entry: Entry, wishes: Wishes, refused: Collection[Tag] | None = None) -> bool:
    """Whether a trip has anything that was refused; of the tags only ``refused``, if given."""
    if any(phrase in entry.text for phrase in wishes.without):
        return True
    tags = set(wishes.refused if refused is None else refused) - EVERYWHERE
    return any(_has(entry, tag) for tag in tags)


def _points(entry: Entry, dimension: str, wanted: frozenset) -> float:
    weight = WEIGHTS[dimension]
    offered: frozenset[Any] = entry.calendar if dimension == "seasons" else entry.of(dimension)
    if dimension == "colors":
        return weight * sum(_likeness(color, offered) for color in wanted)
    if fulfilled := len(wanted & offered):
        one_is_enough = dimension in ALTERNATIVES
        return weight if one_is_enough else weight * (1 + NEXT * (fulfilled - 1))
    if dimension == "budget":
        return OPPOSITE if offered | wanted == {"low", "high"} else 0.0
    if dimension == "company" and _suits_company(entry, wanted):
        return weight / 2
    if dimension in MISSED:
        return MISSED[dimension] if offered else ANY * weight
    return 0.0


def _suits_company(entry: Entry, wanted: frozenset[str]) -> bool:
    """Whether a trip is for one of these people, or for such as they are: a family's children."""
    related = wanted.union(*(RELATED.get(who, ()) for who in wanted))
    return bool(entry.of("company") & related)


def _likeness(color: RGB, offered: frozenset[RGB]) -> float:
    """1 where a trip has just this colour, down to 0 where it has none like it."""
    return max(0.0, 1 - float(delta_e(color, sorted(offered)).min()) / UNLIKE_COLOR)


def _has(entry: Entry, tag: Tag) -> bool:
    """Whether a trip has what was refused."""
    dimension, value = tag
    if dimension == "colors":
        return _likeness(value, entry.of("colors")) > 0.5
    if dimension in ("seasons", "company", "budget"):  # only where it is all there is
        return entry.of(dimension) == {value}
    return tag in entry.tags


def distance(entry: Entry, places: frozenset[str]) -> int:
    """How far a trip is from the places that were asked for: 0 there, 1 in the region around."""
    if not places:
        return 0
    offered = entry.of("regions")
    steps = (
        number for place in places for number, names in enumerate(around(place)) if names & offered
    )
    return min(steps, default=FARTHEST)


def _out_of_season(entry: Entry, wishes: Wishes) -> bool:
    """Whether a trip is only for other seasons than those asked for."""
    wanted, offered = wishes.of("seasons"), entry.calendar
    return bool(wanted and offered) and not wanted & offered


def named(entry: Entry, bare: str) -> float:
    """What it counts that a request, without its blanks, holds the trip's theme."""
    return SAID * any(name in bare for name in entry.names)


def variety(entry: Entry, picks: list[Entry], wishes: Wishes) -> float:
    """How well a trip goes with those already picked: in the first one's spirit, elsewhere."""
    total = ALIKE * len(entry.spirit & picks[0].spirit) if picks and wishes else 0.0
    if picks:
        total += NEW * len(_wished(entry, wishes).difference(*(pick.tags for pick in picks)))
    for pick in picks:
        total += SAME_KIND * len((entry.of("kinds") & pick.of("kinds")) - wishes.of("kinds"))
    return total


def _wished(entry: Entry, wishes: Wishes) -> set[Tag]:
    musts = set().union(*wishes.musts)
    return {tag for tag in entry.tags & musts if tag[0] not in ("reach", "time")}
