"""The errors of tripkit: each carries a code, whose sentences stand in `data/messages`."""

import errno
import tempfile
from functools import partial
from typing import Any

from tripkit.core import messages

_DISK_PROBLEMS = {
    **dict.fromkeys(("ENOSPC", "EDQUOT"), "problem.disk_full"),
    "EFBIG": "problem.file_limit",
    **dict.fromkeys(("EACCES", "EPERM", "EROFS"), "problem.no_permission"),
    **dict.fromkeys(("ENOTDIR", "EEXIST"), "problem.not_a_folder"),
    "ENAMETOOLONG": "problem.name_too_long",
    "ENOENT": "problem.no_such_file",
}
_NOTHING_WRITTEN = ("ENOSPC", "EDQUOT", "EFBIG", "EROFS")


class TripkitError(Exception):
    """Something that tripkit can explain to its user, in both languages.

    Args:
        code: the part after ``error.`` of a code in `messages.MESSAGES`.
        **details: the fields of that text. Never a key, and never raw text of a server, which may
            hold one. A value may be a `messages.Phrase`, which is said in the reader's language.

    ``str(error)`` is the English message. It ends with a remark where the detail
    ``possibly_billed`` is true.

    Raises:
        KeyError: the code is unknown, or a field of its text is not among the details.
    """

    def __init__(self, code: str, /, **details: Any) -> None:
        self.code = code
        self.details = details
        super().__init__(self.message("en"))

    def message(self, language: str = "en") -> str:
        """The sentence in ``language``: what was received, what is allowed, what to do next."""
        words = messages.text("error." + self.code, language, **self.details)
        if self.possibly_billed:
            words += " " + messages.text("spending.possibly_billed", language)
        return words

    @property
    def possibly_billed(self) -> bool:
        """Whether a service may have charged for the call that failed."""
        return bool(self.details.get("possibly_billed"))

    def __str__(self) -> str:
        return self.message("en")

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are rebuilt from their args; ours are a code and details.
        return partial(type(self), self.code, **self.details), ()


class RequestError(TripkitError, ValueError):
    """What the user asked for cannot be used: an empty request, a bad seed, an unknown name."""


class PlanError(TripkitError, ValueError):
    """A plan that breaks the contract of three distinct trips with coloured stops."""


class ServiceError(TripkitError):
    """Something outside tripkit answered wrongly, or not at all."""


class MissingKeyError(ServiceError):
    """A service needs a key that is not set, not usable, or not accepted."""


class ModelUnavailableError(ServiceError):
    """A model is unknown, retired, not downloaded or cannot be loaded."""


class SpendingError(TripkitError):
    """A paid call that the cap of the visit, or the user, does not allow. Nothing was sent."""


class CancelledError(TripkitError):
    """The user stopped the work. ``CancelledError()`` has the code ``cancelled``."""

    def __init__(self, code: str = "cancelled", /, **details: Any) -> None:
        super().__init__(code, **details)


class StorageError(TripkitError, OSError):
    """A file cannot be written or read: the disk is full, the folder is not writable."""


def disk_problem(error: OSError) -> messages.Phrase | str:
    """Why a file could not be written or read, for the ``reason`` of a `StorageError`."""
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return messages.Phrase(_DISK_PROBLEMS[name]) if name in _DISK_PROBLEMS else name


def write_problem(error: OSError) -> messages.Phrase | str | None:
    """Why nothing can be written, where that is what the system's error tells; else None."""
    if errno.errorcode.get(error.errno or 0) in _NOTHING_WRITTEN:
        return disk_problem(error)
    if error.errno == errno.ENOENT and error.filename is None:  # as `tempfile` says it
        try:
            tempfile.gettempdir()
        except FileNotFoundError:
            return messages.Phrase("problem.no_temporary_folder")
    return None
