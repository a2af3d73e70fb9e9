"""What the command line prints: trips with their colours, a postcard's facts, errors.

Results go to stdout, errors to stderr. Every console gets what it can show: characters
that it lacks become escapes.
"""

import json
import os
import sys

import typer

from tripkit.colors import RGB, to_hex
from tripkit.core.console import say
from tripkit.core.messages import text
from tripkit.core.text import clean_text
from tripkit.images.postcard import Postcard
from tripkit.model_menu import paid
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
