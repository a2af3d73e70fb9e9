"""Who plans: the planners by name. Each is imported when it is first asked for."""

from tripkit.errors import RequestError

KNOWN = ("catalog", "openai")


def make_planner(name: str = "catalog", **options):
    """The planner of that name.

    Args:
        name: ``"catalog"``, tripkit's own trips, offline; ``"openai"`` or ``"openai:<model>"``, a
            language model.
        **options: passed to the planner.

    Raises:
        RequestError: ``unknown_planner``.
    """
    name = str(name).strip()
    service, _, model = name.partition(":")
    if name == "catalog":
        from tripkit.planners.catalog import CatalogPlanner

        return CatalogPlanner(**options)
    if service == "openai":
        from tripkit.planners.openai import OpenAIPlanner

        return OpenAIPlanner(**{**({"model": model} if model else {}), **options})
    raise RequestError("unknown_planner", name=name[:80] or "''", known=", ".join(KNOWN))
