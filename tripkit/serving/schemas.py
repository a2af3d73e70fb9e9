"""The JSON schemas that an answer may be asked to follow: OpenAI's published subset, no patterns.

Whoever sends a schema must not make us work without end, nor fetch anything: see
developers.openai.com/api/docs/guides/structured-outputs.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Annotated, Any, Literal, TypeAlias

import jsonschema
from jsonschema import Draft202012Validator
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    ValidationError,
)
from pydantic_core import ErrorDetails
from referencing import Registry
from referencing.exceptions import Unresolvable

from tripkit.core.text import clipped
from tripkit.serving.errors import APIError
from tripkit.serving.limits import check_size

VALUES = 5_000  # OpenAI's bound of properties
LETTERS = 100_000  # of all of a schema; a complaint repeats the words that were allowed
NAME = 100  # characters of a key; a complaint repeats all keys that lead to it
STEPS = 10_000  # keywords and names looked at for one answer; a plan in its own schema: a tenth
SECONDS = 1.0  # of work for one answer; a plan in its own schema: a hundredth
ONE_BY_ONE = threading.Lock()  # else many checks at one time would slow every other answer
Kind = Literal["string", "number", "integer", "boolean", "object", "array", "null"]
UNSET: Any = None  # of a keyword that is not given: null itself is refused
# "5" is no number and "yes" no truth, where pydantic would read them as such.
Length = Annotated[int, Field(ge=0, strict=True)]
Number: TypeAlias = StrictInt | StrictFloat
Factor = Annotated[float, Field(gt=0, strict=True)]


class Schema(BaseModel):
    """The keywords that are taken. A reference stays inside, and points to a schema."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    ref: str = Field(default=UNSET, alias="$ref", pattern=r"^#(/(\$defs|definitions)/[\w.-]+)?$")
    defs: dict[str, Schema] = Field(default=UNSET, alias="$defs")
    definitions: dict[str, Schema] = UNSET
    type: Kind | list[Kind] = UNSET
    properties: dict[str, Schema] = UNSET
    required: list[str] = UNSET
    additionalProperties: StrictBool | Schema = UNSET
    items: Schema = UNSET
    anyOf: list[Schema] = UNSET
    enum: list[Any] = UNSET
    const: Any = None
    minItems: Length = UNSET
    maxItems: Length = UNSET
    minLength: Length = UNSET
    maxLength: Length = UNSET
    minimum: Number = UNSET
    maximum: Number = UNSET
    exclusiveMinimum: Number = UNSET
    exclusiveMaximum: Number = UNSET
    multipleOf: Factor = UNSET
    # These say nothing that an answer could break.
    title: Any = None
    description: Any = None
    default: Any = None
    examples: Any = None
    format: Any = None


class _TooLong(Exception):
    """A check takes more than `STEPS`, or `SECONDS`."""


def misfit(data, schema: dict) -> str | None:
    """Where ``data`` does not follow the schema, as a path such as ``$.trips[0]``; None if it does.

    Raises:
        APIError: 400 ``invalid_schema``, naming the keyword.
    """
    check_size(schema, values=VALUES, code="invalid_schema")
    if len(json.dumps(schema, ensure_ascii=False)) > LETTERS:
        raise _invalid(f"it has more than {LETTERS:,} characters")
    if _longest_key(schema) > NAME:
        raise _invalid(f"a key has more than {NAME} characters")
    # Below the root jsonschema would follow "$schema" to another dialect: it is not taken there.
    plain = {key: value for key, value in schema.items() if key != "$schema"}
    try:
        Schema.model_validate(plain)
    except ValidationError as error:
        problem = _invalid(_complaint(error.errors(include_url=False, include_input=False)[0]))
        raise problem from None
    try:
        with ONE_BY_ONE:
            complaint = next(_validator(plain).iter_errors(data), None)
    except Unresolvable:
        raise _invalid("a '$ref' points nowhere") from None
    except (_TooLong, RecursionError):
        raise _invalid("its '$ref' and 'anyOf' take too long to follow") from None
    return complaint and complaint.json_path[:100]


def _validator(schema: dict) -> Draft202012Validator:
    """A validator that fetches nothing and ends: references can double the work at each level."""
    steps, until = 0, time.thread_time() + SECONDS

    def counted(check):
        def step(validator, value, *rest):
            nonlocal steps
            steps += 1 + len(value) if isinstance(value, list | dict) else 1
            if steps > STEPS or time.thread_time() > until:
                raise _TooLong
            return check(validator, value, *rest)

        return step

    known = {**Draft202012Validator.VALIDATORS, "anyOf": _any_of}
    checks = {name: counted(check) for name, check in known.items()}
    kind = jsonschema.validators.extend(Draft202012Validator, checks)
    return kind(schema, registry=Registry())


def _any_of(validator, schemas: list, instance, schema):
    """As jsonschema's own, which keeps every complaint of every choice."""
    if all(next(validator.descend(instance, each), None) for each in schemas):
        yield jsonschema.ValidationError("fits none of the choices")


def _longest_key(value) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    keys = map(len, value) if isinstance(value, dict) else ()
    return max([*keys, *map(_longest_key, inner)], default=0)


def _complaint(first: ErrorDetails) -> str:
    where = clipped(".".join(map(str, first["loc"])), 100)
    if first["type"] == "extra_forbidden":
        keyword = clipped(first["loc"][-1])
        return f"the keyword '{keyword}' is not taken (at '{where}')"
    return f"at '{where}': {clipped(first['msg'], 200)}"


def _invalid(what: str) -> APIError:
    return APIError(400, "invalid_schema", f"The schema cannot be used: {what}.", "schema")
