"""The models that tripkit knows, with state, dates and prices, from `services.toml`."""

import datetime
from collections.abc import Mapping
from dataclasses import field
from functools import cache
from types import MappingProxyType
from typing import Annotated, TypeVar

from pydantic import AfterValidator, TypeAdapter
from pydantic.dataclasses import dataclass

from tripkit.core.errors import ModelUnavailableError
from tripkit.core.settings import read_data
from tripkit.core.text import clipped

Value = TypeVar("Value")
ReadOnly = Annotated[Mapping[str, Value], AfterValidator(MappingProxyType)]


def _empty() -> Mapping:
    return MappingProxyType({})


@dataclass(frozen=True)
class Hardware:
    """What a model asks of the computer that it is downloaded to.

    Attributes:
        download_gb: gigabytes (10^9 bytes) of files.
        memory_gb: gigabytes of memory that drawing takes, in fp32.
        core_seconds: seconds of one CPU core for a picture with the registry's parameters; None
            where it was not measured.
    """

    download_gb: float
    memory_gb: float
    core_seconds: float | None = None


@dataclass(frozen=True)
class Service:
    """One model of one service. A price that is None is not known; 0.0 is free.

    Attributes:
        id: what the service calls the model.
        service: ``"tripkit"``, ``"openai"``, ``"diffusers"``, ``"transformers"`` or
            ``"midjourney"``.
        kind: ``"planner"``, ``"image"`` or ``"clip"``.
        state: ``"alive"``, ``"retiring"`` or ``"retired"``, as of ``verified``. Today's truth is
            `retired_on`.
        default: whether it is the one to take where its service is chosen without a model.
        api: whether programs may use it at all.
        released, shutdown: days, where known and announced.
        replacement: the id to take instead of a model that stops.
        usd_per_million_input, usd_per_million_output: text tokens.
        usd_per_million_image_input, usd_per_million_image_output: image tokens.
        output_tokens: image tokens of one picture of the size in ``parameters``, by quality.
        usd_per_picture: about what one picture costs with these parameters.
        license: of a model that is downloaded or shipped.
        parameters: the settings that tripkit uses it with.
        accepts: the parameters that may be sent to it.
        hardware: what a model asks that is downloaded; None for others.
        note: what is to be known besides, by language (``"en"``, ``"ko"``); empty for most.
        verified: the day on which all this was compared with ``source``.
    """

    id: str
    service: str
    kind: str
    state: str
    verified: datetime.date
    source: str
    default: bool = False
    api: bool = True
    released: datetime.date | None = None
    shutdown: datetime.date | None = None
    replacement: str | None = None
    usd_per_million_input: float | None = None
    usd_per_million_output: float | None = None
    usd_per_million_image_input: float | None = None
    usd_per_million_image_output: float | None = None
    usd_per_picture: float | None = None
    license: str | None = None
    output_tokens: ReadOnly[int] = field(default_factory=_empty, hash=False)
    parameters: ReadOnly[str | int | float] = field(default_factory=_empty, hash=False)
    accepts: tuple[str, ...] = ()
    hardware: Hardware | None = None
    note: ReadOnly[str] = field(default_factory=_empty, hash=False)

    def retired_on(self, day: datetime.date) -> bool:
        """Whether the model no longer answers on ``day``."""
        return self.shutdown is not None and day >= self.shutdown


@cache
def load_services() -> tuple[Service, ...]:
    """All models, in the order of `services.toml`."""
    return TypeAdapter(tuple[Service, ...]).validate_python(read_data("services.toml")["service"])


def retiring_within(days: int, day: datetime.date) -> list[Service]:
    """The models that stop answering on ``day`` or within ``days`` after it, soonest first."""
    last = day + datetime.timedelta(days=days)
    ending = [(s.shutdown, s) for s in load_services() if s.shutdown and day <= s.shutdown <= last]
    return [service for _, service in sorted(ending, key=lambda each: each[0])]


def known_service(id: str) -> Service | None:
    """The model of that id; None for one that is not listed."""
    return next((service for service in load_services() if service.id == id), None)


def find_service(id: str) -> Service:
    """The model of that id.

    Raises:
        ModelUnavailableError: ``unknown_model``; the text names the models that are known.
    """
    if service := known_service(id):
        return service
    offered = (s for s in load_services() if s.kind in ("planner", "image"))
    known = ", ".join(s.id for s in offered if s.api and s.state == "alive")
    raise ModelUnavailableError("unknown_model", id=clipped(id, 80), known=known)


def default_service(service: str, kind: str) -> Service:
    """The model to take where ``service`` is chosen without naming one.

    Raises:
        ModelUnavailableError: ``unknown_model``, the service has no default of that kind.
    """
    for candidate in load_services():
        if candidate.default and (candidate.service, candidate.kind) == (service, kind):
            return candidate
    pairs = [f"{s.service} ({s.kind})" for s in load_services() if s.default]
    id = clipped(f"{service} ({kind})", 80)
    raise ModelUnavailableError("unknown_model", id=id, known=", ".join(pairs))
