"""Answers chat completions and responses with the catalogue's plan, in the schema asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from tripkit.core.messages import LANGUAGES
from tripkit.planners.base import Planner
from tripkit.planners.openai import WirePlan
from tripkit.serving import schemas
from tripkit.serving.errors import APIError
from tripkit.serving.wire import Message
from tripkit.trips import TripPlan

# What a client's schema may lack: the words for small models.
FOR_SMALL_MODELS: Any = {
    "trips": {
        "__all__": {"season": True, "time": True, "weather": True, "stops": {"__all__": {"kind"}}}
    }
}


def request_of(messages: Sequence[Message]) -> tuple[str, str]:
    """The request and its language: of the last user message, plain or as `OpenAIPlanner` sends it.

    Raises:
        APIError: 400, no message of a user.
    """
    words = next((m.text() for m in reversed(messages) if m.role == "user"), None)
    if words is None:
        raise APIError(400, "invalid_value", "There is no message with role 'user'.", "messages")
    try:
        data = json.loads(words)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict) and isinstance(data.get("request"), str):
        words, language = data["request"], data.get("language")
        if language in LANGUAGES:
            return words, language
    return words, "ko" if re.search("[가-힣]", words) else "en"


def answer(planner: Planner, messages: Sequence[Message], schema: dict | None) -> tuple[str, dict]:
    """The text that answers a conversation, and metadata on who answered.

    Args:
        planner: whose plan it is.
        messages: the conversation; only its last request counts.
        schema: JSON schema of the answer; None asks for prose.

    Raises:
        APIError: 400 ``invalid_schema``, ``unsupported_schema``: a plan of trips cannot fill it.
        TripkitError: as ``planner.plan``.
    """
    request, language = request_of(messages)
    plan = planner.plan(request, language=language)
    understood = str(plan.understood).lower()
    metadata = {"answered_by": f"tripkit {planner.name}", "understood": understood}
    if schema is None:
        return _prose(plan), metadata
    wire = _wire(plan)
    filled = wire.model_dump()
    where = schemas.misfit(filled, schema)
    if where and not schemas.misfit(plain := wire.model_dump(exclude=FOR_SMALL_MODELS), schema):
        filled, where = plain, None
    if where:
        message = (
            "This service answers from a catalogue of trips, not by a language model: it can fill "
            f"only a schema of trips with stops and colours. At {where} its answer does not fit."
        )
        raise APIError(400, "unsupported_schema", message, "schema")
    return json.dumps(filled, ensure_ascii=False), metadata


def _wire(plan: TripPlan) -> WirePlan:
    """The plan as language models are asked to write it."""
    data = plan.model_dump()
    for trip in data["trips"]:
        for stop in trip["stops"]:
            stop["rgb"] = dict(zip("rgb", stop["rgb"], strict=True))
    return WirePlan.model_validate({"trips": data["trips"]})


def _prose(plan: TripPlan) -> str:
    lines = []
    for number, trip in enumerate(plan.trips, start=1):
        lines.append(f"{number}. {trip.title} ({trip.style}): {trip.summary}".rstrip(": "))
        lines += [f"   - {stop.place}, {stop.color_name} {stop.rgb}" for stop in trip.stops]
    return "\n".join(lines)
