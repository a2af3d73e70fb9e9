"""Which planners and image models a user may choose, with the state and the price of each."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from tripkit.core import settings
from tripkit.core.errors import TripkitError
from tripkit.core.messages import text
from tripkit.services.local_servers import load_servers
from tripkit.services.registry import Service, load_services
from tripkit.services.spending import dollars

OURS = {"catalog": "app.catalog", "postcard": "app.postcard_model"}


@dataclass(frozen=True)
class Choice:
    """One planner or image model.

    Attributes:
        name: what ``TripSession`` takes: "catalog", "openai:<model>", a hub id, ...
        service: its row in ``services.toml``; None for an object that was given to the app.
    """

    name: str
    service: Service | None = None

    def retired(self) -> bool:
        """Whether the service has shut the model down."""
        return self.service is not None and self.service.retired_on(datetime.date.today())

    def label(self, language: str) -> str:
        """Return the name to choose it by."""
        if self.service is None:
            return self.name
        own = OURS.get(self.service.id)
        if own and self.service.service == "tripkit":
            return text(own, language)
        label = f"{self.service.id} ({self.service.service})"
        if self.retired():
            label += f" · {text('service.retired', language, date=self.service.shutdown)}"
        return label

    def state(self, language: str) -> tuple[str, str]:
        """Return (words, kind) for a badge; kind is "good", "wait" or "bad"."""
        service = self.service
        if service is None or service.service == "tripkit":
            return text("service.ready", language), "good"
        if self.retired():
            return text("service.retired", language, date=service.shutdown), "bad"
        if service.service == "openai" and not _key_is_set():
            return text("service.needs_key", language, variable="OPENAI_API_KEY"), "wait"
        if self.needs_download():
            return text("service.needs_download", language), "wait"
        if service.shutdown is not None:
            return text("service.retiring", language, date=service.shutdown), "wait"
        return text("service.alive", language), "good"

    def may_cost(self) -> bool:
        """Whether using it may be billed by a service."""
        return self.service is not None and self.service.service == "openai"

    def needs_download(self) -> bool:
        """Whether the model is one of the hub's and not on this computer yet."""
        if self.service is None or self.service.service != "diffusers":
            return False
        from tripkit.downloads.local import cached_folder, missing_parts

        folder = cached_folder(self.name)
        return folder is None or bool(missing_parts(folder))


def choices(kind: str) -> list[Choice]:
    """Return what can be chosen of ``kind``, "planner" or "image": ours first, retired ones last.

    Services without an API (Midjourney) are not offered.
    """
    prefix = {"tripkit": "", "openai": "openai:", "diffusers": ""}
    order, today = list(prefix), datetime.date.today()
    offered = sorted(
        (each for each in load_services() if each.kind == kind and each.service in prefix),
        key=lambda each: (each.retired_on(today), order.index(each.service), not each.default),
    )
    return [Choice(prefix[service.service] + service.id, service) for service in offered]


def local_choices(kind: str, running: dict[str, list[str]]) -> list[Choice]:
    """Return what the running servers of this computer offer (see `local_servers.look`).

    Which of their models can do what, their lists do not say: all are offered, for pictures those
    of servers that make any.
    """
    able = [s.name for s in load_servers() if kind == "planner" or s.draws != "no"]
    return [Choice(f"{name}:{model}") for name in able for model in running.get(name, [])]


# ------------------------------------------------------- prices in words


def paid(usd: float | None, language: str) -> str:
    """Return what a picture has cost: nothing, a sum in dollars, or not known."""
    return price(usd, language, "app.cost_paid")


def price(usd: float | None, language: str, code: str = "service.price") -> str:
    """Return what a picture is going to cost, about; ``code`` is the text of a known sum."""
    if usd is None:
        return text("service.price_unknown", language)
    return text(code if usd else "service.price_free", language, usd=dollars(usd))


def price_of(service: Service, usd: float | None, language: str) -> str:
    """Return what a service costs; ``usd`` is a backend's own estimate per picture, or None."""
    if service.service in ("tripkit", "diffusers"):
        return price(0.0, language)
    if service.kind == "image":
        return price(service.usd_per_picture if usd is None else usd, language)
    read, written = service.usd_per_million_input, service.usd_per_million_output
    if read is None or written is None:
        return price(None, language)
    return text("app.price_tokens", language, input=dollars(read), output=dollars(written))


def _key_is_set() -> bool:
    try:
        return settings.openai_key() is not None
    except TripkitError:  # malformed: asking with it tells what is wrong
        return False
