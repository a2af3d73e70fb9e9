"""What the service answers when it cannot: HTTP status and OpenAI's error JSON.

``{"error": {"message", "type", "param", "code"}}``, as the ``openai`` client reads it.
"""

from __future__ import annotations

import logging
import traceback
from typing import TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from tripkit.core.errors import CancelledError, RequestError, TripkitError
from tripkit.core.text import clean_text, clipped

logger = logging.getLogger(__name__)
TYPES = {401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}


Kind = TypeVar("Kind", bound=BaseModel)


class APIError(Exception):
    """An answer that is an error.

    Args:
        status: of HTTP.
        code: what programs tell it by, such as ``model_not_found``.
        message: what people read, in English, as all of the protocol.
        param: the parameter that is to blame.
        headers: more headers, such as Retry-After.
    """

    def __init__(self, status: int, code: str, message: str, param=None, headers=None):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.param, self.headers = param, headers

    def fields(self) -> dict:
        """The error object."""
        kind = TYPES.get(self.status, "invalid_request_error" if self.status < 500 else "api_error")
        return {"message": self.message, "type": kind, "param": self.param, "code": self.code}

    def response(self) -> JSONResponse:
        """The answer."""
        return JSONResponse({"error": self.fields()}, self.status, self.headers)


def as_api_error(error: BaseException) -> APIError:
    """Any exception as an answer; what nobody foresaw is logged by its kind and frames alone."""
    if isinstance(error, APIError):
        return error
    if isinstance(error, TripkitError):
        status = 400 if isinstance(error, RequestError) else 503
        if isinstance(error, CancelledError):
            status = 499  # nobody listens any more
        return APIError(status, error.code, error.message("en"))
    if isinstance(error, ClientDisconnect):
        return APIError(499, "cancelled", "The client has gone.")
    frames = "".join(traceback.format_tb(error.__traceback__))
    logger.error("unexpected %s\n%s", type(error).__name__, frames)
    return APIError(500, "unexpected", f"The service failed ({type(error).__name__}).")


def install(app: FastAPI) -> None:
    """Answer in OpenAI's form where FastAPI refuses a call by itself; `limits` does the rest."""

    @app.exception_handler(HTTPException)
    async def _refused(request: Request, error: HTTPException):
        code, message = "bad_request", clean_text(str(error.detail))
        if error.status_code in (404, 405):
            call = clipped(f"{request.method} {request.url.path}", 100)
            code, message = "unknown_url", f"No such call: {call}."
        return APIError(error.status_code, code, message, headers=error.headers).response()


def missing(param: str) -> APIError:
    """A parameter that has to be there is not."""
    message = f"Missing required parameter: '{param}'."
    return APIError(400, "missing_required_parameter", message, param)


def validated(kind: type[Kind], fields: dict) -> Kind:
    """The request of that kind that ``fields`` describe.

    Raises:
        APIError: 400, naming the parameter.
    """
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        problem = _of_validation(error.errors(include_url=False, include_input=False)[0])
    raise problem


def _of_validation(first: ErrorDetails) -> APIError:
    """Pydantic's first complaint, in OpenAI's words."""
    param = clean_text(".".join(map(str, first["loc"])))[:100] or None
    if first["type"] == "extra_forbidden":
        return APIError(400, "unknown_parameter", f"Unknown parameter: '{param}'.", param)
    if first["type"] == "missing":
        return missing(param or "body")
    message = f"Invalid value for '{param or 'body'}': {clipped(first['msg'], 200)}."
    return APIError(400, "invalid_value", message, param)
