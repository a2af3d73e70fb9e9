"""What the command line prints: trips with their colours, a postcard's facts, errors, progress.

Results go to stdout, errors and progress to stderr. Every console gets what it can show: characters
that it lacks become escapes.
"""

import contextlib
import json
import os
import sys

import typer

from tripkit import launch
from tripkit.app_views import paid
from tripkit.colors import RGB, to_hex
from tripkit.images.postcard import Postcard
from tripkit.messages import text
from tripkit.session import TripSession
from tripkit.settings import clean_text
from tripkit.trips import Trip, TripPlan


def default_language() -> str:
    """The system's language; English on a console that cannot show Hangul."""
    try:
        "한국어".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return "en"
    return launch.system_language()


def make_readable() -> None:
    """Lets our output through on every console: what it cannot show becomes an escape."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # a replaced stream may lack it
            stream.reconfigure(errors="backslashreplace")


def tell(words: str) -> None:
    """Prints an error, or a remark, as one line on stderr."""
    print(clean_text(words), file=sys.stderr, flush=True)


def print_plan(plan: TripPlan) -> None:
    """Prints three trips, and what is to be said about them."""
    for number, trip in enumerate(plan.trips, start=1):
        print()
        print_trip(number, trip)
    print()
    for code in (*plan.notes, "app.colors_notice"):
        launch.say(code, plan.language)


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
