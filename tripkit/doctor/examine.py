"""``tripkit doctor``: looks over this computer and the registry, and names a remedy per finding.

A check returns findings; nothing here prints, and no finding holds a key or any part of one. What
runs where: ``computer`` looks at this computer, ``models`` at models and keys.
"""

import datetime
from collections.abc import Callable, Iterable

from tripkit.core.jobs import readable
from tripkit.doctor.findings import Finding, warn, words_of


def examine(day: datetime.date | None = None, *, online: bool = True) -> list[Finding]:
    """All findings, in the order of the checks. A check that fails itself is a finding too.

    Args:
        day: as of when models retire; None means today.
        online: whether a service may be asked, with the key that is set, for its list of models.
            Nothing else uses the network.
    """
    from tripkit.doctor import computer, models

    day = day or datetime.date.today()
    checks = [
        computer.python,
        computer.packages,
        computer.machine,
        computer.variables,
        computer.folders,
        computer.shipped_models,
        computer.widgets,
        computer.hangul_fonts,
        computer.mnist,
        models.downloaded_models,
        models.addresses_and_key,
        lambda: models.registry(day),
        *([models.served_models] if online else []),
    ]
    return [finding for check in checks for finding in _findings(check)]


def _findings(check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # a doctor that falls over helps nobody
        return [warn("check_failed", problem=words_of(readable(error)))]
