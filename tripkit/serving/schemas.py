"""The JSON schemas that an answer may be asked to follow: OpenAI's published subset, no patterns.

Whoever sends a schema must not make us work without end, nor fetch anything: see
developers.openai.com/api/docs/guides/structured-outputs.
"""

from __future__ import annotations

import threading
from typing import Annotated, Any, Literal

import jsonschema
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from referencing import Registry
from referencing.exceptions import Unresolvable

from tripkit.core.text import clipped
from tripkit.serving.errors import APIError
from tripkit.serving.limits import check_size

VALUES = 5_000  # OpenAI's bound of properties
STEPS = 10_000  # keywords and names looked at for one answer; a plan in its own schema: a tenth
ONE_BY_ONE = threading.Lock()  # else many checks at one time would slow every other answer
Kind = Literal["string", "number", "integer", "boolean", "object", "array", "null"]
UNSET: Any = None  # of a keyword that is not given: null itself is refused
Length = Annotated[int, Field(ge=0)]


class Schema(BaseModel):
    """The keywords that are taken. A reference stays inside, and points to a schema."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    ref: str = Field(default=UNSET, alias="$ref", pattern=r"^#(/(\$defs|definitions)/[\w.-]+)?$")
    defs: dict[str, Schema] = Field(default=UNSET, alias="$defs")
    definitions: dict[str, Schema] = UNSET
    type: Kind | list[Kind] = UNSET
    properties: dict[str, Schema] = UNSET
    required: list[str] = UNSET
    additionalProperties: bool | Schema = UNSET
    items: Schema = UNSET
    anyOf: list[Schema] = UNSET
    enum: list[Any] = UNSET
    const: Any = None
    minItems: Length = UNSET
    maxItems: Length = UNSET
    minLength: Length = UNSET
    maxLength: Length = UNSET
    minimum: int | float = UNSET
    maximum: int | float = UNSET
    exclusiveMinimum: int | float = UNSET
    exclusiveMaximum: int | float = UNSET
    multipleOf: Annotated[float, Field(gt=0)] = UNSET
    # These say nothing that an answer could break.
    title: Any = None
    description: Any = None
    default: Any = None
    examples: Any = None
    format: Any = None


class _TooLong(Exception):
    """A check takes more than `STEPS`."""


def misfit(data, schema: dict) -> str | None:
    """Where ``data`` does not follow the schema, as a path such as ``$.trips[0]``; None if it does.

    Raises:
        APIError: 400 ``invalid_schema``, naming the keyword.
    """
    check_size(schema, values=VALUES, code="invalid_schema")
    # Below the root jsonschema would follow "$schema" to another dialect: it is not taken there.
    plain = {key: value for key, value in schema.items() if key != "$schema"}
    try:
        Schema.model_validate(plain)
    except ValidationError as error:
        problem = _invalid(_complaint(error.errors(include_url=False, include_input=False)[0]))
        raise problem from None
    try:
        with ONE_BY_ONE:
            complaint = best_match(_validator(plain).iter_errors(data))
    except Unresolvable:
        raise _invalid("a '$ref' points nowhere") from None
    except (_TooLong, RecursionError):
        raise _invalid("its '$ref' and 'anyOf' take too long to follow") from None
    return complaint and complaint.json_path[:100]


def _validator(schema: dict) -> Draft202012Validator:
    """A validator that fetches nothing and ends: references can double the work at each level."""
    steps = 0

    def counted(check):
        def step(validator, value, *rest):
            nonlocal steps
            steps += 1 + len(value) if isinstance(value, list | dict) else 1
            if steps > STEPS:
                raise _TooLong
            return check(validator, value, *rest)

        return step

    checks = {name: counted(check) for name, check in Draft202012Validator.VALIDATORS.items()}
    kind = jsonschema.validators.extend(Draft202012Validator, checks)
    return kind(schema, registry=Registry())


def _complaint(first: ErrorDetails) -> str:
    where = clipped(".".join(map(str, first["loc"])), 100)
    if first["type"] == "extra_forbidden":
        keyword = clipped(first["loc"][-1])
        return f"the keyword '{keyword}' is not taken (at '{where}')"
    return f"at '{where}': {clipped(first['msg'], 200)}"


def _invalid(what: str) -> APIError:
    return APIError(400, "invalid_schema", f"The schema cannot be used: {what}.", "schema")
