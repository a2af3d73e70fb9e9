"""What the app shows, as HTML: pure functions from data to text, with every string escaped.

Only ``widgets.HTML`` runs markup, so all of it comes from here. Words of users, planners and models
pass ``html.escape``; colours are checked ints, formatted by us, never strings from elsewhere.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from tripkit import settings
from tripkit.choices import Choice
from tripkit.colors import RGB, delta_e, nearest_name, text_color, to_hex
from tripkit.messages import text
from tripkit.services import Service
from tripkit.spending import dollars
from tripkit.trips import Stop, Trip

if TYPE_CHECKING:
    from tripkit.images.postcard import Postcard


def style_block() -> str:
    """Return the app's one ``<style>`` element."""
    css = (settings.package_folder() / "data" / "app.css").read_text(encoding="utf-8")
    return f"<style>{css}</style>"


def heading(title: str, subtitle: str = "", *, level: int = 2) -> str:
    """Return a heading with an optional line of explanation below it."""
    below = f'<p class="tripkit-hint">{escape(subtitle)}</p>' if subtitle else ""
    return f"<h{level}>{escape(title)}</h{level}>{below}"


def hint(words: str) -> str:
    """Return a quiet line of text, or nothing."""
    return f'<p class="tripkit-hint">{escape(words)}</p>' if words else ""


def notice(words: str) -> str:
    """Return a line that should not be overlooked."""
    return f'<p class="tripkit-notice">{escape(words)}</p>' if words else ""


def error_box(title: str, message: str) -> str:
    """Return an error: what happened, and what to do next."""
    return (
        f'<div role="alert"><strong>{escape(title)}</strong><p>{escape(message)}</p></div>'
        if message
        else ""
    )


def status_line(words: str, *, busy: bool) -> str:
    """Return the line that says what the app is doing; screen readers announce its changes."""
    kind = "tripkit-busy" if busy else "tripkit-resting"
    return f'<p class="tripkit-status {kind}" role="status" aria-live="polite">{escape(words)}</p>'


def badge(words: str, kind: str) -> str:
    """Return a small coloured word; ``kind`` is "good", "wait" or "bad", one of ours."""
    return f'<span class="tripkit-badge tripkit-{kind}">{escape(words)}</span>'


# ------------------------------------------------------- colours


def swatch(rgb: RGB, name: str, *, below: str = "", width: str = "") -> str:
    """Return a coloured tile with its name and hex code, in a text colour that can be read.

    Args:
        rgb: three ints, 0 to 255.
        name: the colour's name.
        below: a second line, such as the place.
        width: a CSS ``flex`` value of ours.
    """
    rgb = tuple(int(channel) for channel in rgb)
    code, ink = to_hex(rgb), to_hex(text_color(rgb))
    style = f"background:{code};color:{ink}" + (f";flex:{width}" if width else "")
    label = escape(" ".join(part for part in (below, name, code) if part), quote=True)
    place = f"<b>{escape(below)}</b>" if below else ""
    return (
        f'<li class="tripkit-swatch" style="{style}" aria-label="{label}" title="{label}">'
        f"{place}<span>{escape(name)}</span><code>{code}</code></li>"
    )


def palette(stops: Sequence[Stop]) -> str:
    """Return the swatches of a trip's stops."""
    tiles = (swatch(stop.rgb, stop.color_name, below=stop.place) for stop in stops)
    return f'<ul class="tripkit-palette">{"".join(tiles)}</ul>'


def trip_body(trip: Trip) -> str:
    """Return what stands under a trip's button: its summary and its palette."""
    return f"{hint(trip.summary)}{palette(trip.stops)}"


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
        distances = [float(delta_e(stop.rgb, rgb)) for rgb, _ in found]
        nearest = min(range(len(found)), key=distances.__getitem__)
        rgb = found[nearest][0]
        rows.append(
            f"<tr><td>{_list(swatch(stop.rgb, stop.color_name))}</td>"
            f"<td>{_list(swatch(rgb, nearest_name(rgb, language)))}</td>"
            f'<td class="tripkit-delta">{distances[nearest]:.1f}</td></tr>'
        )
    heads = "".join(
        f"<th>{escape(text(code, language))}</th>" for code in ("app.asked", "app.found")
    )
    table = (
        f'<table class="tripkit-comparison"><thead><tr>{heads}<th>ΔE</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
        if rows
        else ""
    )
    strip = "".join(
        swatch(rgb, f"{share:.0%}", width=f"{max(share, 0.02):.3f} 0 0") for rgb, share in found
    )
    return (
        f"<h3>{escape(text('app.palettes', language))}</h3>{table}"
        f'<ul class="tripkit-strip" aria-label="{escape(text("app.strip", language), quote=True)}">'
        f"{strip}</ul>{hint(text('app.delta_hint', language))}"
    )


def _list(item: str) -> str:
    return f'<ul class="tripkit-palette">{item}</ul>'


# ------------------------------------------------------- models


def paid(usd: float | None, language: str) -> str:
    """Return what a picture has cost: nothing, a sum in dollars, or not known."""
    if usd is None:
        return text("service.price_unknown", language)
    return text("app.cost_paid", language, usd=dollars(usd)) if usd else _free(language)


def price(usd: float | None, language: str) -> str:
    """Return what a picture is going to cost, about."""
    if usd is None:
        return text("service.price_unknown", language)
    return text("service.price", language, usd=dollars(usd)) if usd else _free(language)


def _free(language: str) -> str:
    return text("service.price_free", language)


def choice_state(
    words: str,
    kind: str,
    choice: Choice,
    language: str,
    usd: float | None = None,
    more: str = "",
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
    line = escape(" · ".join(details))
    return f"<div>{badge(words, kind)}<span>{line}</span></div>{hint(more)}"


def price_of(service: Service, usd: float | None, language: str) -> str:
    """Return what a service costs; ``usd`` is a backend's own estimate per picture, or None."""
    if service.service in ("tripkit", "diffusers"):
        return _free(language)
    if service.kind == "image":
        return price(service.usd_per_picture if usd is None else usd, language)
    if service.usd_per_million_input is None or service.usd_per_million_output is None:
        return text("service.price_unknown", language)
    return text(
        "app.price_tokens",
        language,
        input=dollars(service.usd_per_million_input),
        output=dollars(service.usd_per_million_output),
    )


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Return terms and values, as a list of definitions."""
    items = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in pairs)
    return f'<dl class="tripkit-facts">{items}</dl>'


def sent_text(words: str | None, waiting: str) -> str:
    """Return the string that the image model gets, exactly; or why it is not known yet."""
    return f'<pre class="tripkit-sent-text">{escape(words)}</pre>' if words else hint(waiting)


# ------------------------------------------------------- postcards


def data_uri(png: bytes) -> str:
    """Return PNG bytes as a data URI."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def download_link(png: bytes, name: str, words: str) -> str:
    """Return a link that saves ``png`` under an ASCII ``name``; no file server is needed."""
    ascii_name = "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_."))
    return (
        f'<a class="tripkit-download" download="{ascii_name or "postcard.png"}" '
        f'href="{data_uri(png)}">{escape(words)}</a>'
    )


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
    figures = []
    for thumbnail, postcard in reversed(postcards):
        scene = escape(postcard.prompt.scene, quote=True)
        seed = "" if postcard.seed is None else f" · {text('app.seed', language)} {postcard.seed}"
        figures.append(
            f'<figure><img src="{data_uri(thumbnail)}" alt="{scene}" title="{scene}">'
            f"<figcaption>{escape(postcard.prompt.scene)}"
            f"<small>{escape(postcard.model + seed)}</small></figcaption></figure>"
        )
    return f'<div class="tripkit-thumbnails">{"".join(figures)}</div>' if figures else ""
