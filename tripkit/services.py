"""The models that tripkit knows, with state, dates and prices, from `services.toml`."""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from tripkit.errors import ModelUnavailableError
from tripkit.settings import clean_text, package_folder


@dataclass(frozen=True)
class Service:
    """One model of one service. A price that is None is not known; 0.0 is free.

    Attributes:
        id: what the service calls the model.
        service: ``"tripkit"``, ``"openai"``, ``"diffusers"`` or ``"midjourney"``.
        kind: ``"planner"`` or ``"image"``.
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
    output_tokens: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )
    parameters: Mapping[str, str | int | float] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )

    def retired_on(self, day: datetime.date) -> bool:
        """Whether the model no longer answers on ``day``."""
        return self.shutdown is not None and day >= self.shutdown


@cache
def load_services() -> tuple[Service, ...]:
    """All models, in the order of `services.toml`."""
    path = package_folder() / "services.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["service"]
    return tuple(_service(row) for row in rows)


def _service(row: dict) -> Service:
    tables = ("parameters", "output_tokens")
    return Service(**{**row, **{name: MappingProxyType(row.get(name, {})) for name in tables}})


def find_service(id: str) -> Service:
    """The model of that id.

    Raises:
        ModelUnavailableError: ``unknown_model``; the text names the models that are known.
    """
    for service in load_services():
        if service.id == id:
            return service
    known = ", ".join(s.id for s in load_services() if s.api and s.state == "alive")
    raise ModelUnavailableError("unknown_model", id=clean_text(str(id))[:80] or "''", known=known)


def default_service(service: str, kind: str) -> Service:
    """The model to take where ``service`` is chosen without naming one.

    Raises:
        ModelUnavailableError: ``unknown_model``, the service has no default of that kind.
    """
    for candidate in load_services():
        if candidate.default and (candidate.service, candidate.kind) == (service, kind):
            return candidate
    pairs = [f"{s.service} ({s.kind})" for s in load_services() if s.default]
    asked = clean_text(f"{service} ({kind})")[:80]
    raise ModelUnavailableError("unknown_model", id=asked, known=", ".join(pairs))
