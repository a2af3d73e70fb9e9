"""How text from outside is made safe to show, to send and to store."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from tripkit.core.errors import RequestError

MAX_REQUEST = 2000  # characters, after normalising
MOST_MARKS = 8  # accents and vowel signs on one letter; more is no writing, and slow to normalise
READ = 16  # characters looked at for each one that is wanted: decomposed letters, marks, blanks
_ZERO_WIDTH_JOINER = "\u200d"  # the one format character kept: it holds emoji families together
_LOOKS_BLANK = "\u2800\u3164\uffa0"  # Braille blank and Hangul fillers: letters that show nothing


def clean_text(text: str, limit: int | None = None) -> str:
    """One line of harmless text: NFC, single blanks, nothing that hides or reorders characters.

    Control and format characters (bidi overrides, zero-width marks, tags) and lone surrogates go,
    and so do all but `MOST_MARKS` marks in a row; line breaks, tabs and letters that show nothing
    become blanks. Markup is left as it is: whoever shows the text escapes it.

    Args:
        text: of any length; the work grows with it, and no faster.
        limit: characters that come back at most; a longer text is cut, and ends in "…".
    """
    read = text if limit is None else text[: limit * READ]
    # Normalising puts marks in order, in a time that is the square of how many are in a row.
    line = " ".join(_kept(unicodedata.normalize("NFC", _kept(read))).split())
    line = line if line.replace(_ZERO_WIDTH_JOINER, "").strip() else ""
    if limit is None or (len(line) <= limit and len(read) == len(text)):
        return line
    return line[: limit - 1].rstrip() + "…"


def _kept(text: str) -> str:
    """What of a text may be shown."""
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if character.isspace() or character in _LOOKS_BLANK:
            character = " "
        elif category in ("Cc", "Cf", "Cs") and character != _ZERO_WIDTH_JOINER:
            continue
        if category.startswith("M"):
            marks += 1
        elif character != _ZERO_WIDTH_JOINER:
            marks = 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def clipped(value: object, limit: int = 40) -> str:
    """What was received, as errors quote it: one clean line of at most ``limit`` characters.

    A longer one ends in "…", and nothing at all is ``''``.
    """
    try:
        return clean_text(str(value), limit) or "''"
    except ValueError:  # an int of more digits than Python agrees to print
        return type(value).__name__


def normalise_request(text: str) -> str:
    """The request as planners and prompts read it (see `clean_text`).

    Raises:
        RequestError: ``empty_request``, nothing readable is left; ``request_too_long``, more than
            `MAX_REQUEST` characters are left, or there were `READ` times as many.
    """
    text = text if isinstance(text, str) else ""
    if len(text) > MAX_REQUEST * READ:
        raise RequestError("request_too_long", length=len(text), limit=MAX_REQUEST)
    request = clean_text(text)
    if not request:
        raise RequestError("empty_request")
    if len(request) > MAX_REQUEST:
        raise RequestError("request_too_long", length=len(request), limit=MAX_REQUEST)
    return request


def markdown_table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = False
) -> str:
    """A Markdown table; with ``numbers`` all columns but the first are aligned on the right."""
    head = "".join(f" {name} |" if name else " |" for name in heads)
    rule = "|---" + ("|---:" if numbers else "|---") * (len(heads) - 1)
    return "\n".join([f"|{head}", f"{rule}|", *(f"| {' | '.join(row)} |" for row in rows)])


def language_of(text: str) -> str:
    """``"ko"`` for a text with Hangul in it, else ``"en"``."""
    return "ko" if re.search("[가-힣]", text) else "en"
