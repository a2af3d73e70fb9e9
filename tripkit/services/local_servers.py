"""Servers on this computer that speak OpenAI's protocol: where each listens, and what it serves.

A planner or an image model of one is named ``ollama:<model>``. A server elsewhere, or at another
port, is named by ``OPENAI_BASE_URL`` and ``openai:<model>``.
"""

import datetime
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.request import ProxyHandler, build_opener

from tripkit.core.errors import RequestError
from tripkit.core.settings import read_data
from tripkit.core.text import clean_text
from tripkit.services.deadlines import within

LOOK_SECONDS = 1.0  # a server of this computer answers at once, or is not there
MOST_MODELS = 200
MAX_NAME = 100  # characters of a model's name
_MOST_BYTES = 2**20
# Straight to this computer: a proxy that the environment names is not asked for it.
_straight = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class Server:
    """A program that serves models at an address of this computer.

    Attributes:
        name: how tripkit calls it: ``"ollama"``.
        label: its name as its makers write it.
        base_url: the address that its documentation gives.
        draws: ``"yes"``, ``"experimental"``, ``"extension"`` or ``"no"``, pictures.
        note: what it can do, by language.
        verified: the day on which ``source`` was read.
        source: its documentation.
    """

    name: str
    label: str
    base_url: str
    draws: str
    note: Mapping[str, str]
    verified: datetime.date
    source: str


@cache
def load_servers() -> tuple[Server, ...]:
    """All servers, in the order of `services.toml`."""
    return tuple(Server(**row) for row in read_data("services.toml")["server"])


def find_server(name: str) -> Server | None:
    """The server of that name; None where there is none."""
    return next((server for server in load_servers() if server.name == name), None)


def model_named(server: Server, model: str | None) -> str:
    """The model's name, cleaned.

    Raises:
        RequestError: ``model_not_named``, none is given.
    """
    if name := clean_text(model or ""):
        return name
    raise RequestError("model_not_named", server=server.name)


def models_of(server: Server) -> list[str] | None:
    """The models that the server lists; None where nothing answers as such a server does."""
    try:
        return within(LOOK_SECONDS, lambda: _listed(server))
    except Exception:  # not there, or something else listens there: both mean "not this server"
        return None


def _listed(server: Server) -> list[str]:
    with _straight.open(f"{server.base_url}/models", timeout=LOOK_SECONDS) as answer:
        data = json.loads(answer.read(_MOST_BYTES))["data"]
    names = [clean_text(str(row["id"])[:MAX_NAME]) for row in data[:MOST_MODELS]]
    return [name for name in names if name]


def look() -> dict[str, list[str]]:
    """The models of each server that is running, by its name. Takes about a second at most."""
    servers = load_servers()
    lists: dict[str, list[str] | None] = {}

    def ask(server: Server) -> None:
        lists[server.name] = models_of(server)

    # Daemons: Ctrl+C ends the program, and not when the slowest of them has ended.
    askers = [threading.Thread(target=ask, args=(each,), daemon=True) for each in servers]
    for asker in askers:
        asker.start()
    for asker in askers:
        while asker.is_alive():
            asker.join(0.1)  # Windows hears Ctrl+C only between two waits
    return {s.name: names for s in servers if (names := lists.get(s.name)) is not None}
