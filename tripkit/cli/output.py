"""What the command line prints: trips with their colours, a postcard's facts, errors, progress.

Results go to stdout, errors and progress to stderr. Every console gets what it can show: characters
that it lacks become escapes.
"""

import json
import os
import sys

import typer

from tripkit.colors import RGB, to_hex
from tripkit.core.console import say
from tripkit.core.errors import CancelledError, RequestError, SpendingError
from tripkit.core.messages import text
from tripkit.core.text import clean_text, clipped
from tripkit.images.postcard import Postcard
from tripkit.model_menu import paid
from tripkit.services.spending import DEFAULT_CAP, MAX_CAP, Ledger, dollars
from tripkit.session import TripSession
from tripkit.trips import Trip, TripPlan

YES = ("y", "yes", "ㅛ", "ㅇ", "ㅇㅇ", "네", "예", "응")  # ㅛ is the y of a Korean keyboard


def tell(words: str) -> None:
    """Prints an error, or a remark, as one line on stderr."""
    print(clean_text(words), file=sys.stderr, flush=True)


def agreed(question: str) -> bool:
    """Asks on stderr for a yes from the keyboard; anything else is a no."""
    print(clean_text(question), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in YES


def print_plan(plan: TripPlan) -> None:
    """Prints three trips, and what is to be said about them."""
    for number, trip in enumerate(plan.trips, start=1):
        print()
        print_trip(number, trip)
    print()
    for note in plan.notes:
        print(note.words(plan.language))
    say("app.colors_notice", plan.language)


def print_trip(number: int, trip: Trip) -> None:
    """Prints one trip with its stops and their colours."""
    print(f"{number}. [{trip.style}] {trip.title}")
    if trip.summary:
        print(f"   {trip.summary}")
    for stop in trip.stops:
        print(f"   {_swatch(stop.rgb)}{to_hex(stop.rgb)} {stop.color_name} · {stop.place}")


def _swatch(rgb: RGB) -> str:
    old_windows = os.name == "nt" and "WT_SESSION" not in os.environ
    if old_windows or os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return ""
    return typer.style("   ", bg=rgb) + " "


def print_json(plan: TripPlan) -> None:
    """Prints a plan as JSON, in ASCII where the console asks for it."""
    data = plan.model_dump(mode="json")
    words = json.dumps(data, ensure_ascii=False, indent=2)
    try:
        words.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:  # Python's own escapes would not be JSON
        words = json.dumps(data, indent=2)
    print(words)


def print_postcard(drawn: Postcard, language: str) -> None:
    """Prints what the model got, what it took, and where the file is."""
    seed = text("app.no_seed", language) if drawn.seed is None else drawn.seed
    seconds = text("app.seconds_value", language, seconds=f"{drawn.seconds:.1f}")
    for label, value in (
        (text("app.prompt", language), clean_text(drawn.sent)),
        (text("app.model", language), drawn.model),
        (text("app.seed", language), seed),
        (text("app.seconds", language), seconds),
        (text("app.cost", language), paid(drawn.cost_usd, language)),
        (text("app.file", language), drawn.path),
    ):
        print(f"{label}: {value}")
    if drawn.note:
        print(clean_text(drawn.note))


class ProgressLine:
    """Follows a session in one line of a terminal; silent where nobody watches."""

    def __init__(self):
        self._line = ""

    def __call__(self, session: TripSession) -> None:
        """Shows where the session is; its ``on_change``."""
        if not sys.stderr.isatty():
            return
        line = text(f"state.{session.state}", session.language) if session.busy else ""
        if session.state == "drawing" and (total := session.progress[1]):
            step = session.progress[0]
            line += " " + text("app.step", session.language, step=step, total=total)
        if line != self._line:
            words, end = ("\r" + line, "") if line else ("", "\n")
            print(words, end=end, file=sys.stderr, flush=True)
        self._line = line


def ledger(cap: str | None) -> Ledger:
    """The books of one command.

    Raises:
        RequestError: ``bad_cap``, ``--cap`` is no number of US dollars.
    """
    try:
        return Ledger(DEFAULT_CAP if cap is None else float(cap))
    except ValueError:  # not a number at all; a RequestError of the ledger is one too
        raise RequestError("bad_cap", cap=clipped(cap, 20), limit=f"{MAX_CAP:.0f}") from None


def settle(session: TripSession, yes: bool) -> None:
    """Answers the prices that a session asks about, until it asks no more.

    Each is told on stderr first. ``yes`` (``--yes``) agrees to all of them, up to the cap; else a
    terminal is asked, and where there is none nothing is spent.

    Raises:
        TripkitError: why the session has failed.
        SpendingError: ``cost_not_confirmed``, nobody is there to agree.
        CancelledError: the user said no.
    """
    while (quote := session.quote) is not None:
        language = session.language
        tell(f"{quote.words(language)} {session.ledger.words(language)}")
        if not yes and not sys.stdin.isatty():
            usd = "?" if quote.usd is None else dollars(quote.usd)
            raise SpendingError("cost_not_confirmed", model=quote.model, usd=usd)
        if not yes and not agreed(text("cli.agree", language)):
            raise CancelledError
        session.confirm()
    if session.error is not None:
        raise session.error
