"""All that users read, in English and Korean, by code; and the small grammar that the texts need.

The texts stand in ``data/messages/*.toml``, each code once.

Texts are filled with `str.format`: details are named, and both languages use the same names.
Korean speaks politely (해요체) and puts no particle directly after a detail, whose last sound it
cannot know, unless `particle` chose it.
"""

import tomllib
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "ko")


class Phrase:
    """A detail that is itself a text of this catalogue, said in the language of its sentence."""

    def __init__(self, code: str, /, **details: Any) -> None:
        self.code, self.details = code, details

    def say(self, language: str) -> str:
        """The text in that language."""
        return text(self.code, language, **self.details)

    def __str__(self) -> str:
        return self.say("en")

    def __repr__(self) -> str:
        return f"Phrase({self.code!r}, **{self.details!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Phrase) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


def text(code: str, language: str, /, **details: Any) -> str:
    """The text of ``code`` in ``language`` (``"en"`` or ``"ko"``), its fields filled from details.

    Raises:
        KeyError: the code or the language is unknown, or a field of the text is not given.
    """
    for name, value in details.items():
        if isinstance(value, Phrase):
            details[name] = value.say(language)
    return MESSAGES[code][language].format(**details)


def _read() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = {}
    for path in sorted((Path(__file__).parent.parent / "data" / "messages").glob("*.toml")):
        part = tomllib.loads(path.read_text(encoding="utf-8"))
        if twice := texts.keys() & part.keys():
            raise ValueError(f"{path}: these codes stand in another file too: {sorted(twice)}")
        texts |= part
    return texts


MESSAGES = _read()
