"""The words for places in both languages, from ``data/*.toml``: no renderer, no captions."""

from __future__ import annotations

import tomllib
from functools import cache

from tripkit.settings import package_folder


def place_words() -> dict[str, dict[str, list[str]]]:
    """Kind of place -> language -> words for it."""
    return read_words("places.toml")


def near_words() -> dict[str, dict[str, list[str]]]:
    """Kind of place -> language -> words for places that are not drawn, but are like it."""
    return read_words("near_places.toml")


def phrases(kind: str, language: str) -> list[str]:
    """What free captions say of a kind of place, a ``|`` where a colour may stand."""
    said = read_words("free_captions.toml")["phrases"][kind][language]
    return said["things"] + said["doings"]


@cache
def read_words(name: str) -> dict:
    """The tables of a TOML file in the package's ``data``; read once, not to be changed."""
    path = package_folder() / "data" / name
    return tomllib.loads(path.read_text(encoding="utf-8"))
