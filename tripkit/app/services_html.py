"""Markup on services: their table, what a download means, a command to copy. All of it escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from tripkit.app.html import markup
from tripkit.core.messages import text
from tripkit.images.midjourney import ImagineCommand
from tripkit.model_menu import Choice, price_of
from tripkit.services.local_servers import Server
from tripkit.services.registry import Service

# Name, badges (words and kind), price, licence, and the entry with its source and its day.
Row = tuple[str, list[tuple[str, str]], str, str, Service | Server]
_html = partial(markup, "services.html")


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
    no_api = [(text("service.no_api", language), "bad")]
    groups = [
        (text("services.planners", language), _choices(planners, language)),
        (text("services.images", language), _choices(models, language)),
        ("", [(midjourney.id, no_api, "—", "—", midjourney)]),
        (text("services.servers", language), [_server(s, running, language) for s in servers]),
    ]
    return _html("table", groups, midjourney.note[language], language)


def _choices(choices: Sequence[Choice], language: str) -> list[Row]:
    return [_choice(each, each.service, language) for each in choices if each.service]


def _choice(choice: Choice, service: Service, language: str) -> Row:
    badges = [choice.state(language)]
    if service.shutdown and not choice.retired():  # told beside "needs a key"
        ends = (text("service.retiring", language, date=service.shutdown), "wait")
        badges += [ends] if ends not in badges else []
    price = price_of(service, None, language)
    return choice.name, badges, price, service.license or "—", service


def _server(server: Server, running, language: str) -> Row:
    if running is None:
        badge = (text("server.not_looked", language), "wait")
    elif server.name in running:
        count = len(running[server.name])
        badge = (text("server.running", language, count=count), "good")
    else:
        badge = (text("server.silent", language, address=server.base_url), "wait")
    name = text("server.use", language, name=server.name)
    return name, [badge], server.note[language], "—", server


def command_box(command: ImagineCommand, language: str) -> str:
    """Return Midjourney's command, which one click selects, and what is to be said about it."""
    return _html("command_box", command, language)


def download_facts(facts: Sequence[tuple[str, str]], warnings: Sequence[str]) -> str:
    """Return what the user decides upon before a download."""
    return _html("download_facts", facts, warnings)
