"""All that goes wrong with an OpenAI-compatible server, as one `TripkitError` each.

Raw text of a server never reaches a message: a 401 repeats a part of the key. Server texts are
only looked at to tell one trouble from another. The error that is returned is to be raised
*outside* the ``except`` block, so that no traceback chains the SDK's own error to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from tripkit.core.errors import MissingKeyError, ModelUnavailableError, ServiceError, TripkitError
from tripkit.services import registry

if TYPE_CHECKING:
    import openai

KEY_VARIABLE = "OPENAI_API_KEY"
URL_VARIABLE = "OPENAI_BASE_URL"
_MODERATION = {
    "moderation_blocked",
    "invalid_prompt",
    "content_filter",
    "content_policy_violation",
    "image_content_policy_violation",
    "bio_policy",
    "misalignment_policy_violation",
}
_MONEY = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "billing_hard_limit_reached",
    "organization_usage_limit_exceeded",
}
_OVERLOAD = {"server_error", "internal_server_error", "overloaded", "service_unavailable"}
_REGION = "unsupported_country_region_territory"


@dataclass(frozen=True)
class Asked:
    """Who was asked for what: the fields of the messages.

    Attributes:
        service: ``"OpenAI"``, or host and port of another server.
        model: the model's name.
        seconds: how long we wait for an answer.
        openai: whether it is OpenAI's own service.
    """

    service: str
    model: str
    seconds: float = 60
    openai: bool = True


def explain(problem: object, asked: Asked, *, streaming: bool = False) -> TripkitError:
    """What went wrong, for the user.

    Args:
        problem: the exception that a call raised, or an answer that holds no result (a
            ``Response``, a ``ChatCompletion``, an event of type ``error``).
        asked: who was asked for what.
        streaming: whether a part of the answer had come already.
    """
    if isinstance(problem, TripkitError):
        return problem
    if isinstance(problem, Exception):
        return _from_exception(problem, asked, streaming)
    return _from_answer(problem, asked)


def billed(problem: TripkitError, error: Exception | None, paid: bool) -> TripkitError:
    """The problem of a call that was sent, with what it means for the bill.

    A refusal (HTTP 4xx) and a connection that was never made cost nothing: ``refused``. After
    anything else the service may have worked and charged: ``possibly_billed``. Whether a text that
    moderation stopped is charged is not documented, so it counts as possible.
    """
    status = getattr(error, "status_code", None)
    refused = isinstance(status, int) and 400 <= status < 500 and status != 408
    refused = refused and problem.code != "moderation"
    cause = error if error is None or error.__cause__ is None else error.__cause__
    names = {kind.__name__ for kind in type(cause).__mro__}
    if refused or names & {"ConnectError", "ConnectTimeout", "ProxyError", "UnsupportedProtocol"}:
        problem.details["refused"] = True
    elif paid:
        problem.details["possibly_billed"] = True
    return problem


def _from_exception(error: Exception, asked: Asked, streaming: bool) -> TripkitError:
    import openai
    from pydantic import ValidationError

    # Reading a response ourselves raises the HTTP library's errors, which share these names.
    names = {kind.__name__ for kind in type(error).__mro__}
    if isinstance(error, openai.APITimeoutError) or "TimeoutException" in names:
        return ServiceError("timeout", service=asked.service, seconds=math.ceil(asked.seconds))
    if isinstance(error, openai.APIConnectionError) or "TransportError" in names:
        if streaming:
            return ServiceError("stream_broken", service=asked.service)
        return _unreachable(asked)
    if isinstance(error, openai.APIResponseValidationError):
        return ServiceError("bad_answer", model=asked.model)
    if isinstance(error, openai.APIStatusError):
        return _from_status(error, asked)
    if isinstance(error, openai.APIError):  # an error event within a stream: no status
        return _from_code(_words(error), asked) or _failed(error, asked)
    if isinstance(error, openai.LengthFinishReasonError):  # raised by the SDK's own `parse`
        return ServiceError("truncated", model=asked.model)
    if isinstance(error, openai.ContentFilterFinishReasonError):
        return ServiceError("moderation", service=asked.service)
    if isinstance(error, ValidationError):
        # Broken off in the middle, or whole and of another form.
        cut = any("EOF" in str(each.get("ctx")) for each in error.errors(include_url=False))
        return ServiceError("truncated" if cut else "bad_answer", model=asked.model)
    if isinstance(error, UnicodeEncodeError):  # an HTTP header cannot carry the key
        return MissingKeyError("key_malformed", variable=KEY_VARIABLE)
    if isinstance(error, openai.OpenAIError):
        if "credentials" in str(error).lower():  # told when a client is made without a key
            return MissingKeyError("key_missing", service=asked.service, variable=KEY_VARIABLE)
        return _failed(error, asked)
    if streaming:
        return ServiceError("stream_broken", service=asked.service)
    # The SDK checks no field of a 200: a web page or foreign JSON fails wherever it is first used.
    return ServiceError("bad_answer", model=asked.model)


def _from_status(error: openai.APIStatusError, asked: Asked) -> TripkitError:
    status, said = error.status_code, str(error.message).lower()
    words = _words(error)
    if status == 401:
        return MissingKeyError("key_rejected", service=asked.service, variable=KEY_VARIABLE)
    if status == 403 and "must be verified" in said:
        return ModelUnavailableError("not_verified", service=asked.service, model=asked.model)
    if status == 404:
        named = "model_not_found" in words or error.param == "model"
        # Other servers give no code, but say that the model is not found or does not exist.
        if named or ("model" in said and ("not found" in said or "not exist" in said)):
            return _no_model(asked)
        return ServiceError("endpoint_missing", variable=URL_VARIABLE)
    if known := _from_code(words, asked):
        return known
    if status == 403:
        return ServiceError("forbidden", service=asked.service, model=asked.model)
    if status == 429:
        return ServiceError("rate_limited", service=asked.service)
    if status in (400, 409, 413, 415, 422):
        return ServiceError("bad_request", service=asked.service, model=asked.model)
    if status == 408:
        return ServiceError("timeout", service=asked.service, seconds=math.ceil(asked.seconds))
    if status >= 500:
        return ServiceError("overloaded", service=asked.service)
    return ServiceError("service_failed", service=asked.service, kind=f"HTTP {status}")


def _from_code(words: set[str], asked: Asked) -> TripkitError | None:
    """By the ``code`` and ``type`` of an error object, wherever it came from."""
    if words & _MODERATION:
        return ServiceError("moderation", service=asked.service)
    if words & _MONEY or any(word.endswith("_spend_limit_exceeded") for word in words):
        return ServiceError("out_of_money", service=asked.service)
    if "rate_limit_exceeded" in words:
        return ServiceError("rate_limited", service=asked.service)
    if _REGION in words:
        return ServiceError("region", service=asked.service)
    if "model_not_found" in words:
        return _no_model(asked)
    if "invalid_api_key" in words:
        return MissingKeyError("key_rejected", service=asked.service, variable=KEY_VARIABLE)
    if words & _OVERLOAD:
        return ServiceError("overloaded", service=asked.service)
    return None


def _from_answer(answer: object, asked: Asked) -> TripkitError:
    """An HTTP 200 without a result: failed, incomplete, refused or empty."""
    status = getattr(answer, "status", None)
    if status == "failed" or getattr(answer, "type", None) == "error":
        words = _words(getattr(answer, "error", None) or answer)
        return _from_code(words, asked) or ServiceError(
            "service_failed",
            service=asked.service,
            kind="status: failed" if status else "stream error",
        )
    if status == "incomplete":
        reason = getattr(getattr(answer, "incomplete_details", None), "reason", None)
        if reason == "content_filter":
            return ServiceError("moderation", service=asked.service)
        return ServiceError("truncated", model=asked.model)
    reasons = {getattr(each, "finish_reason", None) for each in _choices(answer)}
    if "content_filter" in reasons:
        return ServiceError("moderation", service=asked.service)
    if "length" in reasons:
        return ServiceError("truncated", model=asked.model)
    if _refused(answer):
        return ServiceError("refusal", model=asked.model)
    return ServiceError("bad_answer", model=asked.model)


def _refused(answer: object) -> bool:
    parts = [
        part
        for item in getattr(answer, "output", None) or []
        for part in getattr(item, "content", None) or []
    ]
    messages = [getattr(choice, "message", None) for choice in _choices(answer)]
    return any(getattr(part, "refusal", None) for part in [*parts, *messages])


def _choices(answer: object) -> list[Any]:
    return getattr(answer, "choices", None) or []


def _words(error: object) -> set[str]:
    found = (getattr(error, "code", None), getattr(error, "type", None))
    return {word.lower() for word in found if isinstance(word, str)}


def _no_model(asked: Asked) -> TripkitError:
    gone = retired(asked.model) if asked.openai else None
    return gone or ModelUnavailableError(
        "model_not_found", service=asked.service, model=asked.model
    )


def retired(model: str, today: date | None = None) -> ModelUnavailableError | None:
    """The error for one of OpenAI's models that was shut down by ``today``, else None."""
    try:
        service = registry.find_service(model)
    except ModelUnavailableError:
        return None  # newer than our list
    if service.service != "openai" or not service.retired_on(today or date.today()):
        return None
    replacement = service.replacement or registry.default_service("openai", service.kind).id
    return ModelUnavailableError(
        "model_retired", model=model, date=str(service.shutdown), replacement=replacement
    )


def _unreachable(asked: Asked) -> TripkitError:
    if asked.openai:
        return ServiceError("no_network", service=asked.service)
    return ServiceError("server_unreachable", service=asked.service, variable=URL_VARIABLE)


def _failed(error: Exception, asked: Asked) -> TripkitError:
    return ServiceError("service_failed", service=asked.service, kind=type(error).__name__)
