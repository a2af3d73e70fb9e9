"""What the app shows, as HTML: functions from data to text. The markup is `data/templates`.

Only ``widgets.HTML`` runs markup, so all of it comes from there. Jinja escapes every word of users,
planners and models; colours are checked ints, formatted by us, never strings from elsewhere.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tripkit.colors import RGB, delta_e, nearest_name, text_color, to_hex
from tripkit.core import settings
from tripkit.core.messages import text
from tripkit.images.postcard import Postcard
from tripkit.model_menu import Choice, paid, price_of
from tripkit.trips import Stop, Trip


@cache
def templates(name: str):
    """Return the macros of one file of templates, which escape whatever they are given."""
    folder = settings.package_folder() / "data" / "templates"
    loader = FileSystemLoader(folder, encoding="utf-8")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.globals |= {"text": text, "to_hex": to_hex, "text_color": text_color}
    return environment.get_template(name).module


def markup(file: str, name: str, *arguments) -> str:
    """Return what one macro of a file of templates makes of its arguments."""
    return str(getattr(templates(file), name)(*arguments))


_html = partial(markup, "views.html")


def style_block() -> str:
    """Return the app's one ``<style>`` element."""
    css = (settings.package_folder() / "data" / "app.css").read_text(encoding="utf-8")
    return f"<style>{css}</style>"


def heading(title: str, subtitle: str = "", *, level: int = 2) -> str:
    """Return a heading with an optional line of explanation below it."""
    return _html("heading", title, subtitle, level)


def hint(words: str) -> str:
    """Return a quiet line of text, or nothing."""
    return _html("hint", words)


def notice(words: str) -> str:
    """Return a line that should not be overlooked."""
    return _html("notice", words)


def error_box(title: str, message: str) -> str:
    """Return an error: what happened, and what to do next."""
    return _html("error_box", title, message)


def status_line(words: str, *, busy: bool) -> str:
    """Return the line that says what the app is doing; screen readers announce its changes."""
    return _html("status_line", words, "tripkit-busy" if busy else "tripkit-resting")


# ------------------------------------------------------- colours


@dataclass(frozen=True)
class Tile:
    """A coloured tile with its name and hex code, in a text colour that can be read.

    Attributes:
        rgb: three ints, 0 to 255.
        name: the colour's name.
        below: a second line, such as the place.
        width: a CSS ``flex`` value of ours.
    """

    rgb: RGB
    name: str
    below: str = ""
    width: str = ""


def palette(stops: Sequence[Stop]) -> str:
    """Return the tiles of a trip's stops."""
    return _html("palette", [Tile(stop.rgb, stop.color_name, stop.place) for stop in stops])


def trip_body(trip: Trip) -> str:
    """Return what stands under a trip's button: its summary and its palette."""
    return hint(trip.summary) + palette(trip.stops)


def palette_comparison(
    stops: Sequence[Stop], found: Sequence[tuple[RGB, float]], language: str
) -> str:
    """Return the palette asked for beside the palette found, with its distances.

    Each asked colour stands beside the nearest of the found ones, with their CIEDE2000 Delta-E.
    """
    if not found:
        return ""
    rows = []
    for stop in stops:
        distances = [(float(delta_e(stop.rgb, rgb)), rgb) for rgb, _ in found]
        distance, rgb = min(distances, key=lambda each: each[0])
        nearest = Tile(rgb, nearest_name(rgb, language))
        rows.append((Tile(stop.rgb, stop.color_name), nearest, f"{distance:.1f}"))
    strip = [Tile(rgb, f"{share:.0%}", width=f"{max(share, 0.02):.3f} 0 0") for rgb, share in found]
    return _html("palette_comparison", rows, strip, language)


# ------------------------------------------------------- models


def choice_state(
    words: str, kind: str, choice: Choice, language: str, usd: float | None = None, more: str = ""
) -> str:
    """Return what is to be known about a planner or an image model before using it.

    Args:
        words: its state.
        kind: the badge's colour: "good", "wait" or "bad".
        choice: which one it is.
        language: "ko" or "en".
        usd: the backend's own estimate per picture, where it is loaded.
        more: a sentence of explanation.
    """
    service = choice.service
    details = []
    if service is not None:
        details.append(price_of(service, usd, language))
        if service.license:
            details.append(text("app.license", language, license=service.license))
    return _html("choice_state", words, kind, " · ".join(details), more)


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Return terms and values, as a list of definitions."""
    return _html("facts", pairs)


def sent_text(words: str | None, waiting: str) -> str:
    """Return the string that the image model gets, exactly; or why it is not known yet."""
    return _html("sent_text", words, waiting)


# ------------------------------------------------------- postcards


def data_uri(png: bytes) -> str:
    """Return PNG bytes as a data URI."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def download_link(png: bytes, name: str, words: str) -> str:
    """Return a link that saves ``png`` under an ASCII ``name``; no file server is needed."""
    ascii_name = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_."))
    return _html("download_link", ascii_name or "postcard.png", data_uri(png), words)


def postcard_facts(postcard: Postcard, language: str) -> str:
    """Return the postcard's model, seed, seconds, cost and file."""
    unknown = text("app.no_seed", language)
    rows = [
        ("app.model", postcard.model),
        ("app.seed", unknown if postcard.seed is None else str(postcard.seed)),
        ("app.seconds", text("app.seconds_value", language, seconds=f"{postcard.seconds:.1f}")),
        ("app.cost", paid(postcard.cost_usd, language)),
        ("app.file", postcard.path.name if postcard.path else text("app.not_saved", language)),
    ]
    return facts([(text(code, language), value) for code, value in rows]) + notice(postcard.note)


def gallery(postcards: Sequence[tuple[bytes, Postcard]], language: str) -> str:
    """Return the visit's postcards, latest first; each comes with the bytes of its thumbnail."""
    figures = [(data_uri(thumbnail), postcard) for thumbnail, postcard in reversed(postcards)]
    return _html("gallery", figures, language)
