"""Who plans: the planners by name. Each is imported when it is first asked for."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from tripkit.core.errors import RequestError
from tripkit.core.text import clipped
from tripkit.services.local_servers import Server, find_server, load_servers, model_named

if TYPE_CHECKING:
    from tripkit.planners.base import Planner

# Where the class of each name stands. A new planner is a line here (CONTRIBUTING.md tells the
# rest); ``name:<model>`` is a line of its own, for classes that take a ``model``.
PLANNERS = {
    "catalog": "tripkit.planners.catalog:CatalogPlanner",
    "openai": "tripkit.planners.openai:OpenAIPlanner",
    "openai:<model>": "tripkit.planners.openai:OpenAIPlanner",
}


def make_planner(name: str = "catalog", **options: Any) -> Planner:
    """The planner of that name.

    Args:
        name: ``"catalog"``, tripkit's own trips, offline; ``"openai"`` or ``"openai:<model>"``, a
            language model; ``"ollama:<model>"`` or another of the registry's local servers.
        **options: passed to the planner.

    Raises:
        RequestError: ``unknown_planner``; ``model_not_named``, a local server without a model.
    """
    name = str(name).strip()
    service, colon, model = name.partition(":")
    if server := find_server(service):
        return _on_server(server, model, options)
    home = PLANNERS.get(f"{service}:<model>" if colon else service)
    if home is None:
        known = (*PLANNERS, *(f"{server.name}:<model>" for server in load_servers()))
        raise RequestError("unknown_planner", name=clipped(name, 80), known=", ".join(known))
    return resolve_name(home)(**{**({"model": model} if model else {}), **options})


def _on_server(server: Server, model: str, options: dict[str, Any]) -> Planner:
    """A planner that asks a program of this computer."""
    from tripkit.planners.openai import OpenAIPlanner

    model = model_named(server, model or options.pop("model", None))
    planner = OpenAIPlanner(model, **{"base_url": server.base_url, **options})
    planner.name = server.name
    return planner
