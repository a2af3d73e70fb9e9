"""Markup on services: their table, what a download means, a command to copy. All of it escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from tripkit import app_views as views
from tripkit.choices import Choice
from tripkit.images.midjourney import ImagineCommand
from tripkit.messages import text
from tripkit.servers import Server
from tripkit.services import Service

HEADS = ("services.name", "services.state", "services.price", "services.license")


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
    no_api = views.badge(text("service.no_api", language), "bad")
    body.append(_row(midjourney.id, no_api, "—", "—", midjourney, language))
    body.append(_title("services.servers", language))
    body += [_server(server, running, language) for server in servers]
    return (
        f'<table class="tripkit-services-table"><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>{views.hint(midjourney.note[language])}"
    )


def _title(code: str, language: str) -> str:
    return f'<tr class="tripkit-kind"><th>{escape(text(code, language))}</th></tr>'


def _choice(choice: Choice, language: str) -> str:
    service = choice.service
    state = views.badge(*choice.state(language))
    if service.shutdown and not choice.retired():  # told beside "needs a key"
        ends = text("service.retiring", language, date=service.shutdown)
        state = state if escape(ends) in state else state + views.badge(ends, "wait")
    price = views.price_of(service, None, language)
    return _row(choice.name, state, price, service.license or "—", service, language)


def _server(server: Server, running, language: str) -> str:
    if running is None:
        state = views.badge(text("server.not_looked", language), "wait")
    elif server.name in running:
        count = len(running[server.name])
        state = views.badge(text("server.running", language, count=count), "good")
    else:
        state = text("server.silent", language, address=server.base_url)
        state = views.badge(state, "wait")
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
    notes = "".join(views.notice(text(n.code, language, **n.details)) for n in command.notes)
    return f'<pre class="tripkit-command">{escape(command.text)}</pre>{notes}'


def download_facts(facts: Sequence[tuple[str, str]], warnings: Sequence[str]) -> str:
    """Return what the user decides upon before a download."""
    return views.facts(facts) + "".join(views.notice(warning) for warning in warnings)
