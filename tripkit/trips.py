"""The plan: three trips, each with coloured stops, checked whoever wrote them."""

import reprlib
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from tripkit.core import messages
from tripkit.core.errors import PlanError
from tripkit.core.text import MAX_REQUEST, clean_text
from tripkit.kinds import KINDS, SEASONS, TIMES, WEATHERS

TRIPS = 3  # exactly
MIN_STOPS, MAX_STOPS = 3, 6


def _clean(value: object) -> object:
    # Before the length is checked, so that a place of zero-width marks counts as empty.
    return clean_text(value) if isinstance(value, str) else value


def _one_of(allowed: tuple[str, ...]) -> BeforeValidator:
    def known(value: object) -> object:
        if value is not None and value not in allowed:
            words = {"allowed": allowed}
            raise PydanticCustomError("not_one_of", "not a word of the vocabulary", words)
        return value

    return BeforeValidator(known)


def _length(most: int, least: int = 1) -> Any:
    return Field(strict=True, min_length=least, max_length=most)


# Behind the length, which would count as that of a sequence after a validator.
_CLEANED = BeforeValidator(_clean)
Channel = Annotated[int, Field(strict=True, ge=0, le=255)]
Kind = Annotated[str | None, _one_of(KINDS)]
Season = Annotated[str | None, _one_of(SEASONS)]
Time = Annotated[str | None, _one_of(TIMES)]
Weather = Annotated[str | None, _one_of(WEATHERS)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Stop(_Frozen):
    """One place of a trip and its colour. ``rgb`` is sRGB, three ints of 0 to 255.

    The place is told to people, and may be a proper name; ``kind`` is told to small models, one of
    `kinds.KINDS` or None.
    """

    place: Annotated[str, _length(60), _CLEANED]
    color_name: Annotated[str, _length(40), _CLEANED]
    rgb: tuple[Channel, Channel, Channel]
    kind: Kind = None


class Trip(_Frozen):
    """One suggestion: a style, a title, and three to six stops that add up to a theme.

    Season, time of day and weather are words of `kinds`, or None where the plan leaves them open.
    """

    style: Annotated[str, _length(60), _CLEANED]
    title: Annotated[str, _length(120), _CLEANED]
    summary: Annotated[str, _length(500, least=0), _CLEANED] = ""
    theme: Annotated[str, _length(80), _CLEANED]
    stops: Annotated[tuple[Stop, ...], Field(min_length=MIN_STOPS, max_length=MAX_STOPS)]
    season: Season = None
    time: Time = None
    weather: Weather = None

    @model_validator(mode="after")
    def _stops_differ(self) -> Self:
        if len(_places(self)) < len(self.stops):
            raise PydanticCustomError("same_stops", "two stops are the same place")
        return self


class Details(dict):
    """The words that fill a message, by name: a dict that cannot be changed, and so be hashed."""

    def _no(self, *_: Any, **__: Any) -> Any:
        raise TypeError("the details of a note cannot be changed")

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _no

    def __hash__(self) -> int:  # type: ignore[override]  # a dict has none
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple:  # copies and pickles fill a dict item by item otherwise
        return Details, (dict(self),)


class Note(_Frozen):
    """Something to say about a plan: the code of a message, and the words that fill it."""

    code: Annotated[str, _length(80)]
    details: Annotated[
        dict[str, Annotated[str, _length(200), _CLEANED]],
        Field(max_length=4),
        AfterValidator(Details),
    ] = Details()

    @model_validator(mode="before")
    @classmethod
    def _from_code(cls, value: Any) -> Any:
        return {"code": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _can_be_said(self) -> Self:
        try:
            for language in messages.LANGUAGES:
                self.words(language)
        except (KeyError, IndexError):
            raise PydanticCustomError("unknown_note", "a note is a message code") from None
        return self

    def words(self, language: str) -> str:
        """The note in a language."""
        return messages.text(self.code, language, **self.details)


class TripPlan(_Frozen):
    """What a planner answers: the request, and exactly three trips that differ from each other.

    ``source`` is the planner, ``model`` what it used; ``understood`` is False where the planner
    found nothing in the request to go by; ``notes`` are messages to show.
    """

    request: Annotated[str, _length(MAX_REQUEST), _CLEANED]
    language: Literal["en", "ko"]
    trips: Annotated[tuple[Trip, ...], Field(min_length=TRIPS, max_length=TRIPS)]
    source: Annotated[str, _length(60), _CLEANED]
    model: Annotated[str, _length(200), _CLEANED]
    understood: Annotated[bool, Field(strict=True)] = True
    notes: Annotated[tuple[Note, ...], Field(max_length=8)] = ()

    @model_validator(mode="after")
    def _trips_differ(self) -> Self:
        names = {(trip.style.casefold(), trip.title.casefold()) for trip in self.trips}
        routes = {_places(trip) for trip in self.trips}
        if min(len(names), len(routes)) < TRIPS:
            raise PydanticCustomError("same_trips", "two trips are the same")
        return self


def _places(trip: Trip) -> frozenset[str]:
    return frozenset(stop.place.casefold() for stop in trip.stops)


def validate_plan(data: dict) -> TripPlan:
    """The plan that ``data`` describes, with its strings cleaned (see `text.clean_text`).

    Raises:
        PlanError: ``bad_plan``, whose detail ``problem`` is one sentence that names the field.
    """
    try:
        return TripPlan.model_validate(data)
    except ValidationError as error:
        problem = _problem(error.errors(include_url=False)[0])
    # Outside the except block: the chained error would repeat the whole input in tracebacks.
    raise PlanError("bad_plan", problem=problem)


def _problem(error: ErrorDetails) -> messages.Phrase:
    kind, field = error["type"], _path(error["loc"])
    if kind in ("extra_forbidden", "same_stops", "same_trips", "unknown_note"):
        return messages.Phrase("problem." + kind, field=field)
    if kind == "missing" and not isinstance(error["loc"][-1], int):
        return messages.Phrase("problem.missing", field=field)
    if kind == "not_one_of":
        got, allowed = _short(error["input"]), ", ".join(error["ctx"]["allowed"])
        return messages.Phrase("problem.not_one_of", field=field, got=got, allowed=allowed)
    if "rgb" in error["loc"]:  # also where a channel is missing or one too many
        return messages.Phrase("problem.rgb", field=field, got=_short(error["input"]))
    if kind in ("too_short", "too_long"):
        count, wanted = error["ctx"]["actual_length"], _wanted(field)
        return messages.Phrase("problem.count", field=field, count=count, wanted=wanted)
    if kind == "string_too_long":
        limit = error["ctx"]["max_length"]
        return messages.Phrase("problem.string_too_long", field=field, limit=limit)
    if kind == "string_too_short":
        return messages.Phrase("problem.string_empty", field=field)
    return messages.Phrase("problem.other", field=field, got=_short(error["input"]))


def _wanted(field: str) -> str:
    if field == "trips":
        return str(TRIPS)
    return f"{MIN_STOPS}-{MAX_STOPS}" if field.endswith("stops") else "0-8"


def _path(location: tuple) -> str:
    """``("trips", 0, "stops")`` as a Python reader writes it: ``trips[0].stops``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else "." + clean_text(str(part))[:40]
    return path.lstrip(".") or "plan"


def _short(value: object) -> str:
    if value is None:
        return "null"  # as JSON writes it
    try:
        return clean_text(reprlib.repr(value))[:80]
    except ValueError:  # an int of more digits than Python agrees to print
        return type(value).__name__
