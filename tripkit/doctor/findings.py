"""What the doctor finds: a level, a sentence, a remedy."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import wraps

from tripkit.core.errors import TripkitError
from tripkit.core.messages import Phrase

GOOD, WARN, BAD = "good", "warn", "bad"
LEVELS = (GOOD, WARN, BAD)
DAYS_AHEAD = 60  # how early a model's end is told


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        level: "good", "warn" (works, with something to know) or "bad" (something will fail).
        what: the finding, as a text of `messages`.
        remedy: what to do about it; None where nothing is to be done.
        elsewhere: whether it is about a model that another firm runs, and not about this computer.
    """

    level: str
    what: Phrase
    remedy: Phrase | None = None
    elsewhere: bool = False

    def say(self, language: str) -> tuple[str, str]:
        """The finding and its remedy (or "") in words."""
        return self.what.say(language), self.remedy.say(language) if self.remedy else ""


def good(code: str, /, **details) -> Finding:
    """Nothing to do."""
    return Finding(GOOD, Phrase("doctor." + code, **details))


def warn(code: str, /, **details) -> Finding:
    """Something to know; its remedy has the same code with ``_do`` at the end."""
    return _with_remedy(WARN, code, details)


def bad(code: str, /, **details) -> Finding:
    """Something that will fail; its remedy has the same code with ``_do`` at the end."""
    return _with_remedy(BAD, code, details)


def worst(findings: Iterable[Finding]) -> str:
    """The gravest level among them; "good" where there are none."""
    return max((finding.level for finding in findings), key=LEVELS.index, default=GOOD)


def words_of(error: TripkitError) -> Phrase:
    """The message of an error, as a detail of a finding."""
    return Phrase("error." + error.code, **error.details)


def of_others(check: Callable[..., Iterator[Finding]]) -> Callable[..., Iterator[Finding]]:
    """Marks all findings of a check as ``elsewhere``."""

    @wraps(check)
    def marked(*arguments) -> Iterator[Finding]:
        return (replace(finding, elsewhere=True) for finding in check(*arguments))

    return marked


def _with_remedy(level: str, code: str, details: dict) -> Finding:
    what = Phrase("doctor." + code, **details)
    return Finding(level, what, Phrase(f"doctor.{code}_do", **details))
