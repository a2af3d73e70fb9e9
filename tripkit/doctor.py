"""``tripkit doctor``: looks over this computer and the registry, and names a remedy per finding.

A check returns findings; nothing here prints, and no finding holds a key or any part of one. What
runs where: ``doctor_checks`` looks at this computer, ``doctor_services`` at models and keys.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tripkit.jobs import readable
from tripkit.messages import Phrase, text

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
    """

    level: str
    what: Phrase
    remedy: Phrase | None = None

    def say(self, language: str) -> tuple[str, str]:
        """The finding and its remedy (or "") in words."""
        remedy = "" if self.remedy is None else _said(self.remedy, language)
        return _said(self.what, language), remedy


def good(code: str, /, **details) -> Finding:
    """Nothing to do."""
    return Finding(GOOD, Phrase("doctor." + code, **details))


def warn(code: str, /, **details) -> Finding:
    """Something to know; its remedy has the same code with ``_do`` at the end."""
    return _with_remedy(WARN, code, details)


def bad(code: str, /, **details) -> Finding:
    """Something that will fail; its remedy has the same code with ``_do`` at the end."""
    return _with_remedy(BAD, code, details)


def examine(
    day: datetime.date | None = None,
    *,
    online: bool = True,
    on_finding: Callable[[Finding], None] | None = None,
) -> list[Finding]:
    """All findings, in the order of the checks. A check that fails itself is a finding too.

    Args:
        day: as of when models retire; None means today.
        online: whether a service may be asked, with the key that is set, for its list of models.
            Nothing else uses the network.
        on_finding: called with each finding as it comes.
    """
    from tripkit import doctor_checks, doctor_services

    day = day or datetime.date.today()
    checks = [
        doctor_checks.python,
        doctor_checks.packages,
        doctor_checks.machine,
        doctor_checks.folders,
        doctor_checks.shipped_models,
        doctor_checks.widgets,
        doctor_checks.hangul_fonts,
        doctor_checks.mnist,
        doctor_services.downloaded_models,
        doctor_services.addresses_and_key,
        lambda: doctor_services.registry(day),
        *([doctor_services.served_models] if online else []),
    ]
    findings = []
    for check in checks:
        for finding in _findings(check):
            findings.append(finding)
            if on_finding is not None:
                on_finding(finding)
    return findings


def worst(findings: Iterable[Finding]) -> str:
    """The gravest level among them; "good" where there are none."""
    return max((finding.level for finding in findings), key=LEVELS.index, default=GOOD)


def _findings(check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # a doctor that falls over helps nobody
        return [warn("check_failed", problem=_Error(readable(error)))]


class _Error(Phrase):
    """The message of an error, as a detail of a finding."""

    def __init__(self, error):
        super().__init__("error." + error.code, **error.details)


def _with_remedy(level: str, code: str, details: dict) -> Finding:
    what = Phrase("doctor." + code, **details)
    return Finding(level, what, Phrase(f"doctor.{code}_do", **details))


def _said(phrase: Phrase, language: str) -> str:
    return text(phrase.code, language, **phrase.details)
