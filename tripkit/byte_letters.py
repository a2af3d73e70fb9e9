"""The letters in which byte-level BPE, CLIP's too, writes bytes (Radford et al. 2019)."""

from __future__ import annotations

from functools import cache


def bytes_of(token: str) -> bytes:
    """The UTF-8 bytes that a token stands for, without the ``</w>`` that ends a word.

    Characters that no byte has, as in tokens added by name, count as themselves.
    """
    known = _bytes_of_letters()
    letters = token.removesuffix("</w>")
    return b"".join(
        bytes([known[char]]) if char in known else char.encode("utf-8", "replace")
        for char in letters
    )


@cache
def _bytes_of_letters() -> dict[str, int]:
    """Printable bytes stand for themselves; the others are numbered on from 256."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = (byte for byte in range(256) if byte not in plain)
    return {chr(byte): byte for byte in plain} | {chr(256 + i): b for i, b in enumerate(hidden)}
