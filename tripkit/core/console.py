"""What every console gets: its language, and characters that it can show."""

import contextlib
import io
import locale
import os
import sys
from collections.abc import Sequence
from itertools import pairwise, takewhile

from tripkit.core import messages


def system_language() -> str:
    """The language of this system's user where we speak it; Korean where the system names none.

    LC_ALL, LC_MESSAGES and LANG decide; where none is set (as on Windows), the system's locale.
    """
    names = [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    name = next((name for name in names if name), None) or locale.getlocale()[0] or ""
    name = name.lower()
    if name.startswith("ko") or name.split(".")[0] in ("", "c", "posix"):
        return "ko"
    return "en"


def say(code: str, language: str, **details: object) -> None:
    """Prints a text at once; a console that lacks a character gets an escape in its place."""
    line = messages.text(code, language, **details)
    encoding = sys.stdout.encoding or "ascii"
    print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)


def default_language() -> str:
    """The system's language; English on a console that cannot show Hangul."""
    try:
        "한국어".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return "en"
    return system_language()


def language_said(arguments: Sequence[str]) -> str | None:
    """The language that a command line asks for, else that of ``TRIPKIT_LANGUAGE``.

    It is read before the options are: ``--help`` ends the reading wherever it stands.
    """
    language = os.environ.get("TRIPKIT_LANGUAGE", "").strip()
    for word, following in pairwise([*takewhile("--".__ne__, arguments), ""]):
        name, sign, value = word.partition("=")
        if name == "--language":
            language = value if sign else following
    return language or None


def make_readable() -> None:
    """Lets our output through on every console: what it cannot show becomes an escape."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # a replaced stream may lack it
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
