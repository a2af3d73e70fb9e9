"""Who draws: the image backends by name. Each is imported when it is first asked for."""

from pathlib import Path

from tripkit.core.errors import ModelUnavailableError, RequestError
from tripkit.core.text import clipped
from tripkit.services.local_servers import find_server, load_servers, model_named

KNOWN = ("postcard", "openai", "openai:<model>", *(f"{s.name}:<model>" for s in load_servers()))


def make_backend(name: str = "postcard", **options):
    """The image backend of that name.

    Args:
        name: ``"postcard"``, the shipped model; ``"openai"`` or ``"openai:<model>"``;
            ``"localai:<model>"`` or another of the registry's local servers; or any diffusers
            text-to-image model by its folder or its hub id, as ``stabilityai/sd-turbo``.
        **options: passed to the backend.

    Raises:
        RequestError: ``unknown_backend``; ``model_not_named``, a local server without a model.
        ModelUnavailableError: ``model_without_api``, a service that programs cannot use;
            ``no_pictures_there``, a local server that only writes.
    """
    name = str(name).strip()
    service, _, model = name.partition(":")
    if service == "openai":
        from tripkit.images.openai import OpenAIImageBackend

        return OpenAIImageBackend(model or None, **options)
    if server := find_server(service):
        model = model_named(server, model or options.pop("model", None))
        if server.draws == "no":
            raise ModelUnavailableError("no_pictures_there", server=server.label)
        from tripkit.images.openai import OpenAIImageBackend

        backend = OpenAIImageBackend(model, **{"base_url": server.base_url, **options})
        backend.name = f"{server.name}:{backend.model}"
        return backend
    if name.casefold() == "midjourney":
        raise ModelUnavailableError("model_without_api", service="Midjourney")
    if name == "postcard" or name.count("/") == 1 or (name and Path(name).is_dir()):
        from tripkit.images.pipeline import PipelineBackend

        return PipelineBackend(name, **options)
    raise RequestError("unknown_backend", name=clipped(name, 80), known=", ".join(KNOWN))
