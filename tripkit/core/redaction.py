"""Keeps a secret, and each part of it, out of logs and out of what a server sends back."""

import logging
import string
import traceback
from collections.abc import Callable
from functools import cache

PART = 12  # characters in a row that give a part of a secret away
LEFT_OUT = "[secret]"
# Keys are ASCII. Lower-casing all of Unicode would change the length of some texts.
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def holds_part(text: str, secret: str) -> bool:
    """Whether a part of the secret stands in the text, in whatever case.

    A secret shorter than `PART` is none: local servers are given words such as "ollama".
    """
    text, secret = text.translate(_LOWER), secret.translate(_LOWER)
    return any(secret[at : at + PART] in text for at in range(len(secret) - PART + 1))


def redacted(text: str, secret: str) -> str:
    """The text with `LEFT_OUT` in the place of each part of the secret."""
    if not holds_part(text, secret):
        return text
    kept, at = [], 0
    folded, secret = text.translate(_LOWER), secret.translate(_LOWER)
    while at < len(text):
        end = at
        while end < len(text) and folded[at : end + 1] in secret:
            end += 1
        kept.append(LEFT_OUT if end - at >= PART else text[at])
        at = end if end - at >= PART else at + 1
    return "".join(kept)


def hide_in_logs(secret: str, *libraries: str) -> None:
    """Leaves the secret out of what these libraries log, at every level.

    A filter of a logger does not see what the loggers below it say: each of them gets one.
    """
    if len(secret) < PART:
        return
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] in libraries:
            logging.getLogger(name).addFilter(_filter(secret))


@cache
def _filter(secret: str) -> Callable[[logging.LogRecord], bool]:
    """One filter for a secret: a logger takes the same one once."""

    def filter(record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            trace = "".join(traceback.format_exception(*record.exc_info))
            record.exc_text, record.exc_info = redacted(trace, secret), None
        record.msg, record.args = redacted(message, secret), ()
        return True

    return filter
