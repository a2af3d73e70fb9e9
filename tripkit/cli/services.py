"""The commands on services: ``doctor``, ``services``, ``download``, ``midjourney``."""

import datetime
import sys
import time
from itertools import zip_longest

from tripkit.cli.output import agreed, tell
from tripkit.core.console import say
from tripkit.core.errors import RequestError
from tripkit.core.messages import Phrase, text
from tripkit.core.text import clipped
from tripkit.doctor.examine import examine
from tripkit.doctor.findings import BAD, GOOD, WARN, Finding, worst
from tripkit.images.midjourney import ImagineCommand, midjourney
from tripkit.model_menu import choices, price_of
from tripkit.services.local_servers import load_servers, look

MARKS = {GOOD: "ok", WARN: " !", BAD: " x"}


def read_day(value: str | None) -> datetime.date | None:
    """The day of ``--date``; None where none was given.

    Raises:
        RequestError: ``bad_option``.
    """
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(value.strip())
    except ValueError:
        details = {"value": clipped(value), "known": Phrase("cli.date_allowed")}
        raise RequestError("bad_option", option="--date", **details) from None


def print_findings(language: str, day: datetime.date | None, *, online: bool, every: bool) -> int:
    """Prints the verdict on this computer, then each finding with its remedy.

    Warnings on models that other firms run are one line, unless ``every`` asks for each of them.

    Returns:
        The exit status: 1 where something is bad.
    """
    findings = examine(day, online=online)
    here = [finding for finding in findings if not finding.elsewhere]
    elsewhere = [finding for finding in findings if finding.elsewhere]
    levels = [finding.level for finding in here]
    code = {GOOD: "healthy", WARN: "to_know", BAD: "to_mend"}[worst(here)]
    say(f"doctor.{code}", language, problems=levels.count(BAD), warnings=levels.count(WARN))
    print()
    folded = [] if every else [finding for finding in elsewhere if finding.level != GOOD]
    for finding in (*here, *(each for each in elsewhere if each not in folded)):
        _print_finding(finding, language)
    if folded:
        print(f"{MARKS[WARN]}  {text('doctor.elsewhere', language, count=len(folded))}")
    return 1 if worst(findings) == BAD else 0


def _print_finding(finding: Finding, language: str) -> None:
    what, remedy = finding.say(language)
    print(f"{MARKS[finding.level]}  {what}")
    if remedy:
        print(f"    -> {remedy}")


def print_services(language: str, *, online: bool) -> None:
    """Prints every planner, image model and local server with its state, price and source."""
    for kind, title in (("planner", "services.planners"), ("image", "services.images")):
        print(text(title, language))
        for choice in choices(kind):
            if (service := choice.service) is None:
                continue
            facts = [choice.state(language)[0], price_of(service, None, language)]
            facts += [service.license] if service.license else []
            _print_row(choice.name, " · ".join(facts), f"{service.verified} {service.source}")
        if kind == "image":
            row = midjourney()
            source = f"{row.verified} {row.source}"
            _print_row(row.id, text("service.no_api", language), source, row.note[language])
        print()
    print(text("services.servers", language))
    running = look() if online else None
    for server in load_servers():
        if running is None:
            state = text("server.not_looked", language)
        elif server.name in running:
            state = text("server.running", language, count=len(running[server.name]))
        else:
            state = text("server.silent", language, address=server.base_url)
        use = text("server.use", language, name=server.name)
        source = f"{server.verified} {server.source}"
        _print_row(use, f"{state} · {server.note[language]}", source)
        for name in (running or {}).get(server.name, []):
            print(f"    {server.name}:{name}")


def _print_row(name: str, *lines: str) -> None:
    for head, line in zip_longest([name], lines, fillvalue=""):
        print(f"  {head:48} {line}")


def print_command(command: ImagineCommand, language: str) -> None:
    """Prints Midjourney's command on stdout, and what is to be said about it on stderr."""
    print(command.text)
    for note in command.notes:
        tell(note.say(language))
    tell(midjourney().note[language])


def run_download(name: str, language: str, *, yes: bool) -> int:
    """Tells what a download means, asks, and downloads. Returns the exit status.

    Raises:
        TripkitError: see `downloads.plan_download` and `downloads.download`.
    """
    from tripkit.downloads.plan import check_room, download, plan_download

    plan = plan_download(name)
    for label, value in plan.facts(language):
        print(f"{label}: {value}")
    for warning in plan.warnings(language):
        tell(warning)
    if plan.missing == 0:
        print(text("download.already", language, folder=plan.folder))
        return 0
    check_room(plan)
    if not yes and not _agrees(language):
        return 2
    line = _Line(language)
    try:
        download(plan, line)
    finally:
        line.end()
    print(text("download.done", language, model=plan.name))
    return 0


def _agrees(language: str) -> bool:
    if not sys.stdin.isatty():
        tell(text("download.say_yes", language))
        return False
    if not agreed(text("download.ask", language)):
        tell(text("download.not_allowed", language))
        return False
    return True


class _Line:
    """Progress in one line of a terminal; elsewhere a line per tenth."""

    def __init__(self, language: str):
        self._language, self._last, self._tenth = language, 0.0, 0
        self._live = sys.stderr.isatty()

    def __call__(self, there: int, total: int) -> None:
        percent = 100 * there // max(total, 1)
        waited = time.monotonic() - self._last > 0.2 or there == total
        if not (waited if self._live else percent // 10 > self._tenth):
            return
        self._last, self._tenth = time.monotonic(), percent // 10
        sizes = {"there": f"{there / 1e9:.2f}", "total": f"{total / 1e9:.2f}"}
        words = text("download.progress", self._language, percent=percent, **sizes)
        print(("\r" if self._live else "") + words, end="" if self._live else "\n", file=sys.stderr)

    def end(self) -> None:
        """Ends the line."""
        if self._live and self._last:
            print(file=sys.stderr)
