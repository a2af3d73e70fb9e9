"""Who draws: the image backends by name. Each is imported when it is first asked for."""

from __future__ import annotations

from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from tripkit.core.errors import ModelUnavailableError, RequestError
from tripkit.core.text import clipped
from tripkit.services.local_servers import Server, find_server, load_servers, model_named

if TYPE_CHECKING:
    from tripkit.images.base import ImageBackend

# Where the class of each name stands. A new backend is a line here (CONTRIBUTING.md tells the
# rest); ``name:<model>`` is a line of its own, for classes that take a ``model``. A folder or a
# hub id is a diffusers model and needs no line.
BACKENDS = {
    "postcard": "tripkit.images.pipeline:PipelineBackend",
    "openai": "tripkit.images.openai:OpenAIImageBackend",
    "openai:<model>": "tripkit.images.openai:OpenAIImageBackend",
}


def make_backend(name: str = "postcard", **options: Any) -> ImageBackend:
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
    service, colon, model = name.partition(":")
    if server := find_server(service):
        return _on_server(server, model, options)
    if home := BACKENDS.get(f"{service}:<model>" if colon else service):
        return resolve_name(home)(**{**({"model": model} if model else {}), **options})
    if name.casefold() == "midjourney":
        raise ModelUnavailableError("model_without_api", service="Midjourney")
    if name.count("/") == 1 or (name and Path(name).is_dir()):
        return resolve_name(BACKENDS["postcard"])(name, **options)
    known = (*BACKENDS, *(f"{server.name}:<model>" for server in load_servers()))
    raise RequestError("unknown_backend", name=clipped(name, 80), known=", ".join(known))


def _on_server(server: Server, model: str, options: dict[str, Any]) -> ImageBackend:
    """A backend that asks a program of this computer for its pictures."""
    from tripkit.images.openai import OpenAIImageBackend

    model = model_named(server, model or options.pop("model", None))
    if server.draws == "no":
        raise ModelUnavailableError("no_pictures_there", server=server.label)
    backend = OpenAIImageBackend(model, **{"base_url": server.base_url, **options})
    backend.name = f"{server.name}:{backend.model}"
    return backend
