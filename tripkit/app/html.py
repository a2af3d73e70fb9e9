"""What the app shows, as HTML: pure functions from data to text, with every string escaped.

Only ``widgets.HTML`` runs markup, so all of it comes from here. Words of users, planners and models
pass ``html.escape``; colours are checked ints, formatted by us, never strings from elsewhere.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from tripkit.colors import RGB, delta_e, nearest_name, text_color, to_hex
from tripkit.core import settings
from tripkit.core.messages import text
from tripkit.images.midjourney import ImagineCommand
from tripkit.model_menu import Choice
from tripkit.services.local_servers import Server
from tripkit.services.prices import paid, price_of
from tripkit.services.registry import Service
from tripkit.trips import Stop, Trip

if TYPE_CHECKING:
    from tripkit.images.postcard import Postcard

HEADS = ("services.name", "services.state", "services.price", "services.license")


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


def services_table(
    planners: Sequence[Choice],
    models: Sequence[Choice],
    midjourney: Service,
    servers: Sequence[Server],
    running: Mapping[str, Sequence[str]] | None,
    language: str,
) -> str:
    """Return every service with its state, price, licence, and the day and source of its row.

    Args:
        planners: what plans; ``models`` what draws.
        models: see ``planners``.
        midjourney: the row of the service without an API.
        servers: those of this computer; ``running`` their models by name, None if nobody looked.
        running: see ``servers``.
        language: "ko" or "en".
    """
    heads = "".join(f"<th>{escape(text(code, language))}</th>" for code in HEADS)
    heads += f"<th>{escape(text('services.verified', language))}</th>"
    body = [_title("services.planners", language)]
    body += [_choice(choice, language) for choice in planners if choice.service]
    body.append(_title("services.images", language))
    body += [_choice(choice, language) for choice in models if choice.service]
    no_api = badge(text("service.no_api", language), "bad")
    body.append(_row(midjourney.id, no_api, "—", "—", midjourney, language))
    body.append(_title("services.servers", language))
    body += [_server(server, running, language) for server in servers]
    return (
        f'<table class="tripkit-services-table"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>{hint(midjourney.note[language])}"
    )


def _title(code: str, language: str) -> str:
    return f'<tr class="tripkit-kind"><th>{escape(text(code, language))}</th></tr>'


def _choice(choice: Choice, language: str) -> str:
    service = choice.service
    state = badge(*choice.state(language))
    if service.shutdown and not choice.retired():  # told beside "needs a key"
        ends = text("service.retiring", language, date=service.shutdown)
        state = state if escape(ends) in state else state + badge(ends, "wait")
    price = price_of(service, None, language)
    return _row(choice.name, state, price, service.license or "—", service, language)


def _server(server: Server, running, language: str) -> str:
    if running is None:
        state = badge(text("server.not_looked", language), "wait")
    elif server.name in running:
        count = len(running[server.name])
        state = badge(text("server.running", language, count=count), "good")
    else:
        state = text("server.silent", language, address=server.base_url)
        state = badge(state, "wait")
    name = text("server.use", language, name=server.name)
    return _row(name, state, server.note[language], "—", server, language)


def _row(name: str, state: str, price: str, licence: str, row, language: str) -> str:
    """A row of the table; ``state`` is a badge of ours, the rest text."""
    source, day = escape(row.source, quote=True), escape(str(row.verified))
    where = escape(text("services.source", language))
    told = f'<a href="{source}">{where}</a>' if row.source.startswith("https://") else source
    cells = (f"<code>{escape(name)}</code>", state, escape(price), escape(licence), f"{day} {told}")
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def command_box(command: ImagineCommand, language: str) -> str:
    """Return Midjourney's command, which one click selects, and what is to be said about it."""
    notes = "".join(notice(text(n.code, language, **n.details)) for n in command.notes)
    return f'<pre class="tripkit-command">{escape(command.text)}</pre>{notes}'


def download_facts(rows: Sequence[tuple[str, str]], warnings: Sequence[str]) -> str:
    """Return what the user decides upon before a download."""
    return facts(rows) + "".join(notice(warning) for warning in warnings)
