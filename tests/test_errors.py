"""The errors: a code, two languages, and kinds that fit where they are caught."""

import errno
import pickle

import pytest

from tripkit.core.errors import (
    CancelledError,
    MissingKeyError,
    ModelUnavailableError,
    PlanError,
    RequestError,
    ServiceError,
    StorageError,
    TripkitError,
    disk_problem,
)
from tripkit.core.messages import MESSAGES, Phrase

ALL_KINDS = (
    TripkitError,
    RequestError,
    PlanError,
    ServiceError,
    MissingKeyError,
    ModelUnavailableError,
    StorageError,
)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_carries_its_code_and_details(kind):
    error = kind("bad_seed", seed=-1, limit=9)
    assert (error.code, error.details) == ("bad_seed", {"seed": -1, "limit": 9})
    assert isinstance(error, TripkitError)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_string_of_an_error_is_its_english_message(kind):
    error = kind("bad_seed", seed=-1, limit=9)
    assert str(error) == error.message("en") == error.message()
    assert "-1" in str(error)


def test_an_error_speaks_korean_when_asked():
    error = RequestError("request_too_long", length=2500, limit=2000)
    assert "2500자" in error.message("ko")
    assert "2500" in str(error)


def test_an_error_with_an_unknown_code_cannot_be_made():
    with pytest.raises(KeyError, match="no_such_code"):
        TripkitError("no_such_code")


def test_an_error_without_the_details_of_its_text_cannot_be_made():
    with pytest.raises(KeyError, match="limit"):
        RequestError("request_too_long", length=1)


def test_a_detail_can_be_a_phrase_in_the_language_of_the_reader():
    error = PlanError("bad_plan", problem=Phrase("problem.missing", field="trips[0].title"))
    assert "trips[0].title is missing" in str(error)
    assert "trips[0].title 항목이 빠져" in error.message("ko")


def test_wrong_input_is_also_a_value_error_and_a_failed_disk_an_os_error():
    assert issubclass(RequestError, ValueError) and issubclass(PlanError, ValueError)
    assert issubclass(StorageError, OSError)
    assert issubclass(MissingKeyError, ServiceError)
    assert issubclass(ModelUnavailableError, ServiceError)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "writing is not allowed"),
        (errno.ENOTDIR, "it is not a folder"),
        (errno.ENOENT, "it is not there"),
        (errno.EIO, "EIO"),
        (None, "OSError"),
    ],
)
def test_why_a_file_could_not_be_written_is_said_in_words(number, said):
    error = OSError("full") if number is None else OSError(number, "text of the system")
    assert str(disk_problem(error)) == said


def test_cancelling_needs_no_code():
    with pytest.raises(CancelledError, match="Stopped, as you asked"):
        raise CancelledError()
    assert CancelledError().code == CancelledError("cancelled").code == "cancelled"


@pytest.mark.parametrize("kind", [*ALL_KINDS, CancelledError])
def test_errors_survive_pickling(kind):
    error = kind("bad_seed", seed=-1, limit=9)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert (again.code, again.details, str(again)) == (error.code, error.details, str(error))


def test_details_are_filled_in_once_so_that_braces_of_a_user_stay_text():
    error = RequestError("unknown_planner", name="{known} {0} {x.__class__}", known="catalog")
    assert "{known} {0} {x.__class__}" in str(error)


def test_every_error_says_what_happened_and_what_to_do():
    # What was received (or what happened), what is allowed, what to do: two sentences at least.
    errors = {code: texts for code, texts in MESSAGES.items() if code.startswith("error.")}
    assert [c for c, t in errors.items() if ". " not in t["en"] and ";" not in t["en"]] == []
    ends = ("요.", "니다.", "요?", "}", "요", "”")
    assert [c for c, t in errors.items() if not t["ko"].rstrip().endswith(ends)] == []
