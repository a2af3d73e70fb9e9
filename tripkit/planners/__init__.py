"""Who plans: the planners by name. Each is imported when it is first asked for."""

from tripkit.core.errors import RequestError
from tripkit.core.text import clipped
from tripkit.services.local_servers import find_server, load_servers, model_named

KNOWN = ("catalog", "openai", *(f"{server.name}:<model>" for server in load_servers()))


def make_planner(name: str = "catalog", **options):
    """The planner of that name.

    Args:
        name: ``"catalog"``, tripkit's own trips, offline; ``"openai"`` or ``"openai:<model>"``, a
            language model; ``"ollama:<model>"`` or another of the registry's local servers.
        **options: passed to the planner.

    Raises:
        RequestError: ``unknown_planner``; ``model_not_named``, a local server without a model.
    """
    name = str(name).strip()
    service, _, model = name.partition(":")
    if name == "catalog":
        from tripkit.planners.catalog import CatalogPlanner

        return CatalogPlanner(**options)
    if service == "openai":
        from tripkit.planners.openai import OpenAIPlanner

        return OpenAIPlanner(**{**({"model": model} if model else {}), **options})
    if server := find_server(service):
        from tripkit.planners.openai import OpenAIPlanner

        model = model_named(server, model or options.pop("model", None))
        planner = OpenAIPlanner(model, **{"base_url": server.base_url, **options})
        planner.name = server.name
        return planner
    raise RequestError("unknown_planner", name=clipped(name, 80), known=", ".join(KNOWN))
