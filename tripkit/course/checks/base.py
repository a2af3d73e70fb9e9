"""What all exercise checks share: a verdict, hints in stages, the ways to fail before being judged.

A check is written as ``check(function, language) -> Verdict`` and decorated with `hints`; students
then call ``check(function, language, hint=1)`` for the first hint, ``hint=2`` for two, and so on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps

from tripkit.core.messages import Phrase, text


@dataclass(frozen=True)
class Verdict:
    """What a check found; a cell that ends in one shows its text, and the hints below it.

    Attributes:
        passed: whether the answer is right.
        text: why, or what was probably mistaken.
        attempted: whether there was an answer at all.
        hints: the lines below, the more concrete the further down.
    """

    passed: bool
    text: str
    attempted: bool = True
    hints: tuple[str, ...] = ()

    def __repr__(self):
        return "\n".join([self.text, *self.hints])


def hints(*codes: str) -> Callable:
    """Gives a check the keyword ``hint``: how many of these hints to show, from the first on.

    Hints go from where to look to what to write. A right answer shows none. Where an answer is
    wrong and a hint is left, the last line says how to ask for it.

    Args:
        codes: of the texts in `messages`, at least two.
    """

    def decorate(check: Callable[[Callable, str], Verdict]) -> Callable[..., Verdict]:
        @wraps(check)
        def checked(function: Callable, language: str = "en", *, hint: int = 0) -> Verdict:
            verdict = check(function, language)
            return verdict if verdict.passed else _with_hints(verdict, codes, hint, language)

        checked.hints = codes  # type: ignore[attr-defined]  # for tests: how many there are
        return checked

    return decorate


def _with_hints(verdict: Verdict, codes: Sequence[str], hint: int, language: str) -> Verdict:
    shown = [
        text("check.hint", language, number=number, count=len(codes), hint=Phrase(code))
        for number, code in enumerate(codes[: max(0, hint)], start=1)
    ]
    if verdict.attempted and len(shown) < len(codes):
        shown.append(text("check.next_hint", language, number=len(shown) + 1))
    return replace(verdict, hints=tuple(shown))


def attempt(
    function: Callable, cases: Sequence[tuple], language: str
) -> tuple[list, Verdict | None]:
    """What the function returns for each case, and the verdict where it ends the check.

    It ends where the function raises, or returns None: "not attempted" if it always does.
    """
    try:
        returned = [function(*case) for case in cases]
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"[:120]
        return [], close("check.raised", language, problem=problem)
    if all(answer is None or answer is ... for answer in returned):
        return [], Verdict(False, text("check.not_attempted", language), attempted=False)
    if any(answer is None for answer in returned):
        return [], close("check.sometimes_none", language)
    return returned, None


def close(code: str, language: str, **details) -> Verdict:
    """A verdict that names the likely mistake, by the code of its message."""
    return Verdict(False, text(code, language, **details))


def passed(code: str, language: str, **details) -> Verdict:
    """A verdict that says why it is right."""
    return Verdict(True, text(code, language, **details))


def as_number(value) -> float | None:
    """The finite number that an answer is; None for anything else, True among it."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def same_numbers(numbers: Sequence[float | None], expected: Sequence[float]) -> bool:
    """Whether two rows of numbers agree, but for rounding; None is no number."""
    pairs = zip(numbers, expected, strict=True)
    return all(a is not None and math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-12) for a, b in pairs)
