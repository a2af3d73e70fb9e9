"""How text from outside is made safe to show, to send and to store."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from tripkit.core.errors import RequestError

MAX_REQUEST = 2000  # characters, after normalising
_ZERO_WIDTH_JOINER = "\u200d"  # the one format character kept: it holds emoji families together
_LOOKS_BLANK = "\u2800\u3164\uffa0"  # Braille blank and Hangul fillers: letters that show nothing


def clean_text(text: str) -> str:
    """One line of harmless text: NFC, single blanks, nothing that hides or reorders characters.

    Control and format characters (bidi overrides, zero-width marks, tags) and lone surrogates go;
    line breaks, tabs and letters that show nothing become blanks. Markup is left as it is: whoever
    shows the text escapes it.
    """
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if character.isspace() or character in _LOOKS_BLANK:
            kept.append(" ")
        elif category not in ("Cc", "Cf", "Cs") or character == _ZERO_WIDTH_JOINER:
            kept.append(character)
    line = " ".join(unicodedata.normalize("NFC", "".join(kept)).split())
    return line if line.replace(_ZERO_WIDTH_JOINER, "").strip() else ""


def clipped(value: object, limit: int = 40) -> str:
    """What was received, as errors quote it: one clean line of at most ``limit`` characters.

    A longer one ends in "…", and nothing at all is ``''``.
    """
    line = clean_text(str(value))
    return (line if len(line) <= limit else line[: limit - 1] + "…") or "''"


def normalise_request(text: str) -> str:
    """The request as planners and prompts read it (see `clean_text`).

    Raises:
        RequestError: ``empty_request``, nothing readable is left; ``request_too_long``, more than
            `MAX_REQUEST` characters are left.
    """
    request = clean_text(text) if isinstance(text, str) else ""
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
