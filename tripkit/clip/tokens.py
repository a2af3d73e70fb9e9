"""Which tokens of a prompt a word became: what weights, and the maps of attention, ask for.

CLIP's tokenizers cut a word into pieces of their vocabulary (byte-level BPE, Radford et al. 2019).
The pieces themselves are searched here, not the text: only what the model has read is found.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from tripkit.core.errors import RequestError
from tripkit.core.text import clean_text, clipped

# What may follow a Korean noun in the same word: 산책로 is also found in 산책로가, 성 in 성에는.
_PARTICLE = "이|가|은|는|을|를|의|에|에서|에게|로|으로|과|와|도|만|랑|이랑|하고|까지|부터|처럼|보다"
_PARTICLES = re.compile(f"(?:{_PARTICLE}){{1,2}}")
_SHOWN = 300  # characters of the prompt that an error quotes


class Piece(NamedTuple):
    """One token: its place in the prompt, its UTF-8 bytes, whether it begins or ends a word."""

    place: int
    text: bytes
    starts_word: bool
    ends_word: bool


def read_ids(tokenizer, prompt: str) -> list[int]:
    """The ids that the text encoder gets, cut at the model's limit, without padding."""
    options = {"truncation": True, "max_length": tokenizer.model_max_length}
    return list(tokenizer(prompt, **options).input_ids)


def pieces_of(tokenizer, ids: list[int]) -> list[Piece]:
    """The tokens that are text: no start marker, no end, no padding. Places count all of them."""
    special, added = set(tokenizer.all_special_ids), set(tokenizer.get_added_vocab().values())
    pieces, fresh = [], True
    names = tokenizer.convert_ids_to_tokens(ids)
    for place, (id, name) in enumerate(zip(ids, names, strict=True)):
        if id not in special:
            alone = id in added  # a token of its own, such as r248
            ends = alone or name.endswith("</w>")
            pieces.append(Piece(place, bytes_of(name), fresh or alone, ends))
            fresh = ends
    return pieces


def word_positions(tokenizer, ids: list[int], word: str) -> list[int]:
    """The places of a word's tokens, or of several words in a row; the start marker's place is 0.

    A word of several tokens, and one that is said more than once, gives all of them. Case and
    blanks do not count. A Korean noun is also found with particles behind it, which then count
    where they share a token with it.

    Args:
        tokenizer: a CLIP tokenizer.
        ids: of the prompt, see `read_ids`.
        word: as it stands in the prompt.

    Raises:
        RequestError: ``word_not_in_prompt``, also where the model's limit has cut it off.
    """
    pieces = pieces_of(tokenizer, ids)
    # For each byte of the joined text: the token that it is of, and its place in that token.
    owners = [piece for piece in pieces for _ in piece.text]
    offsets = [index for piece in pieces for index in range(len(piece.text))]
    text = b"".join(piece.text for piece in pieces)
    pattern = _plain(word)
    positions = set()
    # A match counts where it begins with a token that begins a word: 성 is not found in 완성.
    for match in re.finditer(re.escape(pattern), text) if pattern else ():
        first, end = match.span()
        if owners[first].starts_word and offsets[first] == 0 and _is_over(text, owners, end):
            positions |= {owner.place for owner in owners[first:end]}
    if not positions:
        read = _readable(pieces)[:_SHOWN]
        raise RequestError("word_not_in_prompt", word=clipped(word, 60), read=read)
    return sorted(positions)


def _readable(pieces: list[Piece]) -> str:
    """The text again; a tokenizer's own `decode` sets no blanks around added tokens."""
    text = b"".join(piece.text + b" " * piece.ends_word for piece in pieces)
    return text.decode("utf-8", "replace").replace(" ,", ",").strip()


def _is_over(text: bytes, owners: list[Piece], end: int) -> bool:
    """Whether a word is over at ``end``, or only Korean particles follow in the same word."""
    start = end
    while not (owners[end - 1].ends_word and (end == len(text) or owners[end] != owners[end - 1])):
        end += 1
    return start == end or bool(_PARTICLES.fullmatch(text[start:end].decode("utf-8", "replace")))


def _plain(word: str) -> bytes:
    """As the tokenizers of CLIP read it: lower case, composed, here without blanks."""
    return "".join(clean_text(word).lower().split()).encode("utf-8", "replace")


def bytes_of(token: str) -> bytes:
    """The UTF-8 bytes that a token stands for, without the ``</w>`` that ends a word.

    Characters that no byte has, as in tokens added by name, count as themselves.
    """
    bytes_of_letters = _bytes_of_letters()
    letters = token.removesuffix("</w>")
    return b"".join(
        bytes([bytes_of_letters[char]])
        if char in bytes_of_letters
        else char.encode("utf-8", "replace")
        for char in letters
    )


@cache
def _bytes_of_letters() -> dict[str, int]:
    """Printable bytes stand for themselves; the others are numbered on from 256."""
    # The table of GPT-2 (Radford et al. 2019, bytes_to_unicode), whose vocabularies CLIP's follow.
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = (byte for byte in range(256) if byte not in plain)
    return {chr(byte): byte for byte in plain} | {chr(256 + i): b for i, b in enumerate(hidden)}
