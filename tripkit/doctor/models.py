"""What ``tripkit doctor`` knows of models: the registry, the key's shape, what is served."""

import datetime
import re
from collections.abc import Iterator
from itertools import islice

from tripkit.core import settings
from tripkit.core.errors import TripkitError
from tripkit.core.text import clean_text
from tripkit.doctor.findings import DAYS_AHEAD, Finding, bad, good, of_others, warn, words_of
from tripkit.services import openai_errors
from tripkit.services.openai_client import OpenAIConnection
from tripkit.services.registry import load_services, retiring_within

STALE_DAYS = 120  # after this a row of the registry should be looked up again
ANSWER_SECONDS = 15.0
MOST_MODELS = 5000  # of a server's list: more are not read
_KEY = re.compile(r"sk-[A-Za-z0-9_-]{20,}", re.ASCII)


@of_others
def registry(day: datetime.date) -> Iterator[Finding]:
    """Each model that retires within ``DAYS_AHEAD`` days of ``day``, and rows that have grown old.

    A model whose last day has come although its row does not say "retired" is named too.
    """
    ending = retiring_within(DAYS_AHEAD, day)
    for service in ending:
        left = ((service.shutdown or day) - day).days
        details = {"id": service.id, "date": service.shutdown, "replacement": service.replacement}
        if left > 0:
            yield warn("retiring", **details, days=left)
        else:
            yield warn("retired_since", **details)
    for service in load_services():
        if service.state != "retired" and service.shutdown and service.shutdown < day:
            details = {"id": service.id, "replacement": service.replacement}
            yield warn("retired_since", **details, date=service.shutdown)
    read = [s.verified for s in load_services() if s.service != "tripkit" and s.state != "retired"]
    oldest = min(read)
    if (day - oldest).days > STALE_DAYS:
        yield warn("registry_old", date=oldest, days=(day - oldest).days)
    elif not ending:
        yield good("registry", count=len(load_services()), date=oldest, days=DAYS_AHEAD)


def addresses_and_key() -> Iterator[Finding]:
    """Whether key and address have the shape they need. No part of either is repeated."""
    try:
        openai = settings.is_openai(settings.openai_base_url())
    except TripkitError:
        yield bad("bad_address", variable=openai_errors.URL_VARIABLE)
        return
    if not openai:
        yield good("other_server", variable=openai_errors.URL_VARIABLE)
    try:
        key = settings.openai_key()
    except TripkitError:
        yield bad("key_malformed", variable=openai_errors.KEY_VARIABLE)
        return
    if key is None:
        yield good("key_absent", variable=openai_errors.KEY_VARIABLE)
    elif openai and not _KEY.fullmatch(key):
        yield warn("key_shape", variable=openai_errors.KEY_VARIABLE)
    else:
        yield good("key", variable=openai_errors.KEY_VARIABLE)


def downloaded_models() -> Iterator[Finding]:
    """The models that were downloaded: whole, or left half there by a download that broke off."""
    from tripkit.downloads.local import cached_folder, missing_parts

    whole = []
    for service in load_services():
        folder = cached_folder(service.id) if service.service == "diffusers" else None
        if folder is None:
            continue
        if parts := missing_parts(folder):
            yield warn("model_incomplete", id=service.id, parts=", ".join(parts))
        else:
            whole.append(service.id)
    if whole:
        yield good("models", names=", ".join(whole))


def served_models(connection: OpenAIConnection | None = None) -> Iterator[Finding]:
    """With a key: what ``GET /v1/models`` says of the registry's models, `shutdown_date` above all.

    Asked is whoever ``OPENAI_BASE_URL`` names. Without a key nobody is asked.
    """
    connection = connection or OpenAIConnection()
    try:
        if connection.openai and connection._client is None and settings.openai_key() is None:
            return
        served = _served(connection)
    except TripkitError as error:
        yield warn("not_asked", service=_host(connection), problem=words_of(error))
        return
    if connection.openai:
        yield from compare(served)
    else:
        yield good("served_elsewhere", service=connection.service, count=len(served))


@of_others
def compare(served: dict[str, datetime.date | None]) -> Iterator[Finding]:
    """How the registry differs from a list of models with their last days."""
    rows = [s for s in load_services() if s.service == "openai" and s.state != "retired"]
    agree = 0
    for service in rows:
        if service.id not in served:
            yield warn("not_offered", id=service.id)
            continue
        if (theirs := served[service.id]) == service.shutdown:
            agree += 1
        else:
            days = {"said": _day(theirs), "ours": _day(service.shutdown)}
            yield warn("dates_differ", id=service.id, **days)
    for service in load_services():
        if (service.service, service.state) == ("openai", "retired") and service.id in served:
            yield warn("still_offered", id=service.id, ours=service.shutdown)
    yield good("served", agree=agree, count=len(rows))


def _served(connection: OpenAIConnection) -> dict[str, datetime.date | None]:
    """Ids and last days, from the server's list. What it says is text from outside."""
    client = connection.client(ANSWER_SECONDS, max_retries=0)
    try:
        models = islice(client.models.list(), MOST_MODELS)
        return {clean_text(str(m.id), 100): _read_day(m.shutdown_date) for m in models}
    except Exception as error:  # told outside, where no traceback chains the SDK's error to it
        problem = openai_errors.explain(error, connection.asked("", ANSWER_SECONDS))
    raise problem


def _read_day(value) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):  # nothing, or 2026-02-31
        return None


def _day(day: datetime.date | None) -> str:
    return "—" if day is None else str(day)


def _host(connection: OpenAIConnection) -> str:
    try:
        return connection.service
    except TripkitError:  # the address itself is what is wrong
        return openai_errors.URL_VARIABLE
