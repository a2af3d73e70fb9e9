"""What all exercise checks share: a verdict, and the ways to fail before being judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tripkit.messages import text


@dataclass(frozen=True)
class Verdict:
    """What a check found; a cell that ends in one shows its text."""

    passed: bool
    text: str

    def __repr__(self):
        return self.text


def attempt(
    function: Callable, cases: Sequence[tuple], language: str
) -> tuple[list, Verdict | None]:
    """What the function returns for each case, and the verdict where it ends the check.

    It ends where the function raises, or returns None: "not attempted" if it always does.
    """
    try:
        found = [function(*case) for case in cases]
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"[:120]
        return [], close("check.raised", language, problem=problem)
    if all(answer is None or answer is ... for answer in found):
        return [], Verdict(False, text("check.not_attempted", language))
    if any(answer is None for answer in found):
        return [], close("check.sometimes_none", language)
    return found, None


def close(code: str, language: str, **details) -> Verdict:
    """A verdict that names the likely mistake, by the code of its message."""
    return Verdict(False, text(code, language, **details))


def passed(code: str, language: str, **details) -> Verdict:
    """A verdict that says why it is right."""
    return Verdict(True, text(code, language, **details))
