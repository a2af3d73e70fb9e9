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
# By the ``code`` or ``type`` of an error object; the first line that has one of them counts.
_CODES = {
    "moderation": {
        "moderation_blocked",
        "invalid_prompt",
        "content_filter",
        "content_policy_violation",
        "image_content_policy_violation",
        "bio_policy",
        "misalignment_policy_violation",
    },
    "out_of_money": {
        "insufficient_quota",
        "credit_balance_exhausted",
        "billing_hard_limit_reached",
        "organization_usage_limit_exceeded",
    },
    "rate_limited": {"rate_limit_exceeded"},
    "region": {"unsupported_country_region_territory"},
    "model_not_found": {"model_not_found"},
    "key_rejected": {"invalid_api_key"},
    "overloaded": {"server_error", "internal_server_error", "overloaded", "service_unavailable"},
}
_STATUSES = {
    **dict.fromkeys((400, 409, 413, 415, 422), "bad_request"),
    403: "forbidden",
    408: "timeout",
    429: "rate_limited",
}
# By the name of an exception's class. Reading an answer ourselves raises the HTTP library's,
# waiting for it `deadlines.TooLateError`.
_EXCEPTIONS = {
    **dict.fromkeys(("APITimeoutError", "TimeoutException", "TooLateError"), "timeout"),
    **dict.fromkeys(("APIConnectionError", "TransportError"), "unreachable"),
    "APIResponseValidationError": "bad_answer",
    "LengthFinishReasonError": "truncated",  # raised by the SDK's own `parse`
    "ContentFilterFinishReasonError": "moderation",
    "UnicodeEncodeError": "key_malformed",  # an HTTP header cannot carry the key
}
_CLASSES = {
    **dict.fromkeys(("key_missing", "key_malformed", "key_rejected"), MissingKeyError),
    **dict.fromkeys(("model_not_found", "not_verified"), ModelUnavailableError),
}


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

    def error(self, code: str, kind: str | None = None) -> TripkitError:
        """The error of that code, with every field that its text may name."""
        return _CLASSES.get(code, ServiceError)(
            code,
            service=self.service,
            model=self.model,
            seconds=math.ceil(self.seconds),
            variable=KEY_VARIABLE if code.startswith("key_") else URL_VARIABLE,
            kind=kind,
        )


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

    names = [kind.__name__ for kind in type(error).__mro__]
    code = next((_EXCEPTIONS[name] for name in names if name in _EXCEPTIONS), None)
    if code == "unreachable":
        code = "no_network" if asked.openai else "server_unreachable"
        return asked.error("stream_broken" if streaming else code)
    if code is not None:
        return asked.error(code)
    if isinstance(error, openai.APIStatusError):
        return _from_status(error, asked)
    if isinstance(error, ValidationError):
        # Broken off in the middle, or whole and of another form.
        cut = any("EOF" in str(each.get("ctx")) for each in error.errors(include_url=False))
        return asked.error("truncated" if cut else "bad_answer")
    if isinstance(error, openai.OpenAIError):
        if "credentials" in str(error).lower():  # told when a client is made without a key
            return asked.error("key_missing")
        # An error event within a stream has a code and no status.
        failed = asked.error("service_failed", type(error).__name__)
        return _from_code(_words(error), asked) or failed
    # The SDK checks no field of a 200: a web page or foreign JSON fails wherever it is first used.
    return asked.error("stream_broken" if streaming else "bad_answer")


def _from_status(error: openai.APIStatusError, asked: Asked) -> TripkitError:
    status, message = error.status_code, str(error.message).lower()
    words = _words(error)
    if status == 401:
        return asked.error("key_rejected")
    if status == 403 and "must be verified" in message:
        return asked.error("not_verified")
    if status == 404:
        named = "model_not_found" in words or error.param == "model"
        # Other servers give no code, but say that the model is not found or does not exist.
        if named or ("model" in message and ("not found" in message or "not exist" in message)):
            return _no_model(asked)
        return asked.error("endpoint_missing")
    code = "overloaded" if status >= 500 else _STATUSES.get(status, "service_failed")
    return _from_code(words, asked) or asked.error(code, f"HTTP {status}")


def _from_code(words: set[str], asked: Asked) -> TripkitError | None:
    """By the ``code`` and ``type`` of an error object, wherever it came from."""
    if any(word.endswith("_spend_limit_exceeded") for word in words):
        words = words | _CODES["out_of_money"]
    code = next((code for code, theirs in _CODES.items() if words & theirs), None)
    if code == "model_not_found":
        return _no_model(asked)
    return asked.error(code) if code else None


def _from_answer(answer: object, asked: Asked) -> TripkitError:
    """An HTTP 200 without a result: failed, incomplete, refused or empty."""
    status = getattr(answer, "status", None)
    if status == "failed" or getattr(answer, "type", None) == "error":
        words = _words(getattr(answer, "error", None) or answer)
        kind = "status: failed" if status else "stream error"
        return _from_code(words, asked) or asked.error("service_failed", kind)
    reasons = [getattr(each, "finish_reason", None) for each in _list(answer, "choices")]
    reasons.append(getattr(getattr(answer, "incomplete_details", None), "reason", None))
    if "content_filter" in reasons:
        return asked.error("moderation")
    if status == "incomplete" or "length" in reasons:
        return asked.error("truncated")
    return asked.error("refusal" if _refused(answer) else "bad_answer")


def _refused(answer: object) -> bool:
    parts = [part for item in _list(answer, "output") for part in _list(item, "content")]
    messages = [getattr(choice, "message", None) for choice in _list(answer, "choices")]
    return any(getattr(part, "refusal", None) for part in [*parts, *messages])


def _list(answer: object, name: str) -> list[Any]:
    return getattr(answer, name, None) or []


def _words(error: object) -> set[str]:
    words = (getattr(error, "code", None), getattr(error, "type", None))
    return {word.lower() for word in words if isinstance(word, str)}


def _no_model(asked: Asked) -> TripkitError:
    gone = retired(asked.model) if asked.openai else None
    return gone or asked.error("model_not_found")


def retired(model: str, today: date | None = None) -> ModelUnavailableError | None:
    """The error for one of OpenAI's models that was shut down by ``today``, else None."""
    service = registry.known_service(model)  # None: newer than our list
    if not service or service.service != "openai":
        return None
    if not service.retired_on(today or date.today()):
        return None
    heir = service.replacement or registry.default_service("openai", service.kind).id
    details = {"date": str(service.shutdown), "replacement": heir}
    return ModelUnavailableError("model_retired", model=model, **details)
