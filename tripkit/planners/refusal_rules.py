"""The expressions that refuse, compare and tell where one comes from, compiled from their data."""

import re
from dataclasses import dataclass
from functools import cache

from tripkit.core.grammar import PARTICLES
from tripkit.kinds import read_words
from tripkit.planners.lexicon import Tag

ARTICLE = r"(?:the|a|an|any|no|more|to|in|of|going to|or|nor)?\s*"


@dataclass(frozen=True)
class Rules:
    """The expressions of `refusals.toml`, compiled.

    Attributes:
        negators: English words of which one refuses what follows, and two do not.
        neutral: phrases that hold a negator and refuse nothing.
        mild: in front of what is only not refused.
        behind: an English refusal behind its word.
        versus: between two English words, of which the second is refused.
        prefers: in front of the first of two, of which "to" refuses the second.
        breaks: where an English clause ends.
        all_but: anywhere but, everything but.
        origin_before, origin_behind: beside a place from which one comes.
        like_before, like_behind: beside a place that something is to be like.
        than: in front of what something is to be more, or less, than.
        yet: behind a place that something is to be like, and yet not: "like Venice but quiet".
        sight: behind the name of a place, a refused word that nobody knows: 도쿄 디즈니 말고.
        unknown: refused words, each as ``word``, known or not.
        every: behind several words, of which all are refused: 등산 박물관 다 빼고.
        korean: behind a word: ``mild``, ``keep``, ``refuse`` and ``stop``; the first decides.
        people: the only refusals of company.
    """

    negators: re.Pattern
    neutral: re.Pattern
    mild: re.Pattern
    behind: re.Pattern
    versus: re.Pattern
    prefers: re.Pattern
    breaks: re.Pattern
    all_but: re.Pattern
    origin_before: re.Pattern
    origin_behind: re.Pattern
    like_before: re.Pattern
    like_behind: re.Pattern
    than: re.Pattern
    yet: re.Pattern
    sight: re.Pattern
    unknown: re.Pattern
    every: re.Pattern
    korean: re.Pattern
    people: re.Pattern


@cache
def compiled_rules() -> Rules:
    """The expressions, once."""
    english, korean = read_words("refusals.toml")["en"], read_words("refusals.toml")["ko"]
    grouped = "|".join(
        f"(?P<{name}>{'|'.join(korean[name])})" for name in ("mild", "keep", "refuse")
    )
    particle = rf"(?:{PARTICLES})?\s?"
    return Rules(
        negators=re.compile(rf"\b(?:{'|'.join(english['negators'])})(?![a-z'])|n't\b"),
        neutral=re.compile(rf"(?<![a-z])(?:{'|'.join(english['neutral'])})(?![a-z])"),
        mild=re.compile(english["mild"]),
        behind=re.compile(
            rf"(?:'?s)?\s*(?:trips?|places?|holidays?|itself|there)?\s*(?:{'|'.join(english['behind'])})"
        ),
        versus=re.compile(rf"(?:'?s)?\s*,?\s*(?:{'|'.join(english['versus'])})\s+{ARTICLE}"),
        prefers=re.compile(english["prefers"]),
        breaks=re.compile(english["breaks"]),
        all_but=re.compile(english["all_but"]),
        origin_before=re.compile(read_words("refusals.toml")["origin"]["before"]),
        origin_behind=re.compile(read_words("refusals.toml")["origin"]["behind"]),
        **{
            name: re.compile(expression)
            for name, expression in _expressions_of_comparison().items()
        },
        korean=re.compile(f"{grouped}|(?P<stop>{korean['stops']})"),
        people=re.compile(rf"(?:들)?{particle}(?:{'|'.join(korean['company'])})"),
    )


def _expressions_of_comparison() -> dict[str, str]:
    return read_words("refusals.toml")["compared"]


@cache
def links(name: str) -> dict[Tag, tuple[Tag, ...]]:
    """Tags of `refusals.toml` and what each leads to."""
    return {
        _tag(tag): tuple(map(_tag, [others] if isinstance(others, str) else others))
        for tag, others in read_words("refusals.toml")[name].items()
    }


def _tag(written: str) -> Tag:
    dimension, _, value = written.partition(".")
    return dimension, value
