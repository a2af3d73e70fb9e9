"""What a request wishes for, found by the words of `words.toml`: no model, no guess."""

from dataclasses import dataclass, field

from tripkit.planners.lexicon import Tag, around, find_words
from tripkit.planners.names import unknown_names
from tripkit.planners.negation import also_refused, asked_instead, refusals, ruled_out
from tripkit.planners.quantities import find_quantities, ruled_out_by


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
        words: the words in which it asks, in small letters.
        asked: the same words as written, each with what it means.
        rejected: the words that it refuses, as written.
        names: names of places, as written, that nothing here knows.
    """

    wanted: frozenset[Tag] = frozenset()
    refused: frozenset[Tag] = frozenset()
    words: frozenset[str] = frozenset()
    asked: tuple[Said, ...] = field(default=(), compare=False)
    rejected: tuple[str, ...] = field(default=(), compare=False)
    names: tuple[str, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return bool(self.wanted or self.refused)

    def of(self, dimension: str) -> set:
        """The wanted values of one dimension: ``of("seasons")`` may be ``{"spring"}``."""
        return {value for name, value in self.wanted if name == dimension}


def find_wishes(request: str) -> Wishes:
    """The wishes in a request (normalised; in English, in Korean or both)."""
    text = small(request)
    found = find_words(text)
    no = refusals(text, found)
    taken = [word for word, refused in zip(found, no, strict=True) if not refused]
    rejected = [word for word, refused in zip(found, no, strict=True) if refused]
    numbers = find_quantities(text)
    wanted = {tag for word in (*taken, *numbers) for tag in word.tags}
    refused = {tag for word in rejected for tag in word.refused_tags()}
    wanted |= asked_instead(refused) - refused
    # What a refusal only takes along gives way to what was asked for in so many words.
    along = also_refused(refused) | ruled_out(wanted) | ruled_out_by(text)
    refused |= along - wanted
    as_written = request if len(request) == len(text) else text
    return Wishes(
        wanted=frozenset(_innermost(wanted - refused)),
        refused=frozenset(refused),
        words=frozenset(text[word.start : word.end] for word in taken),
        asked=tuple(Said(as_written[word.start : word.end], word.tags) for word in taken),
        rejected=tuple(as_written[word.start : word.end] for word in rejected),
        names=unknown_names(request, _known),
    )


def small(request: str) -> str:
    """A request in small letters, as the lexicon has its words."""
    return request.replace("’", "'").casefold()


def _known(name: str) -> bool:
    return bool(find_words(small(name)))


def _innermost(wanted: set[Tag]) -> set[Tag]:
    """Without the places that only say where another is: 제주 for 제주 서귀포."""
    places = {value for dimension, value in wanted if dimension == "regions"}
    wider = {name for place in places for step in around(place)[1:] for name in step}
    return {tag for tag in wanted if tag[0] != "regions" or tag[1] not in wider}


