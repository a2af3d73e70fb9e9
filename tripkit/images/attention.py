"""Which word drew which pixel: the cross-attention of a diffusers U-Net, recorded while it draws.

Each cross-attention layer asks, at each place of the picture, how much to listen to each token of
the prompt. The answers are weights that sum to 1 over the tokens. Averaged over layers, heads and
steps they are one map a token (Tang et al. 2022, "What the DAAM", arXiv:2210.04885; there the
weights are summed, and drawn for whole words).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from tripkit.errors import RequestError

# What may follow a Korean noun in the same word: 산책로 is also found in 산책로가.
_PARTICLES = re.compile(
    "이|가|은|는|을|를|의|에|에서|에게|로|으로|과|와|도|만|랑|이랑|하고|까지|부터|처럼|보다"
)
_SHOWN = 30  # pieces of the prompt that an error lists


@contextmanager
def attention_maps(pipeline, prompt: str | None = None) -> Iterator[AttentionMaps]:
    """Records the cross-attention of what is drawn inside the block, and changes nothing in it.

    ``with attention_maps(pipe) as maps: pipe("a castle by the sea")``, then ``maps.of("castle")``.
    For `PipelineBackend`, pass ``backend.pipeline`` and call any of the backend's methods. Record
    one call a block. Where pictures are drawn with guidance, the half with the prompt is recorded.

    Args:
        pipeline: any diffusers pipeline with a ``unet``, a ``tokenizer`` and a ``text_encoder``.
        prompt: the text, where its embeddings were made before the block. Else it is the first
            text that is encoded inside.
    """
    unet, encoder = pipeline.unet, pipeline.text_encoder
    ids = None if prompt is None else _encoded(pipeline.tokenizer, prompt)
    maps = AttentionMaps(pipeline.tokenizer, getattr(pipeline, "vae_scale_factor", 8), ids)
    before = unet.attn_processors
    hooks = [
        unet.register_forward_pre_hook(maps._begin_step, with_kwargs=True),
        encoder.register_forward_pre_hook(maps._read_text, with_kwargs=True),
    ]
    try:
        unet.set_attn_processor(
            {
                name: _Recorder(processor, maps) if "attn2" in name else processor
                for name, processor in before.items()
            }
        )
        yield maps
    finally:
        for hook in hooks:
            hook.remove()
        unet.set_attn_processor(before)


class AttentionMaps:
    """What `attention_maps` has recorded. ``H`` and ``W`` below are those of the picture."""

    def __init__(self, tokenizer, scale: int, ids: Tensor | None = None):
        self._tokenizer, self._scale, self._ids = tokenizer, scale, ids
        self._sums: dict[tuple[int, int], Tensor] = {}  # by the layers' grid: (B, T, h, w)
        self._counts: dict[tuple[int, int], int] = {}
        self._grid, self._guided = (0, 0), False  # of the latents

    def pieces(self, picture: int = 0) -> list[str]:
        """The prompt's tokens as text, without markers and padding.

        Raises:
            RequestError: ``nothing_recorded``.
        """
        return [piece.text.decode("utf-8", "replace") for piece in self._pieces(picture)]

    def weights(self, picture: int = 0) -> Tensor:
        """All maps of a picture: (T, H, W), which sum to 1 over the T tokens at each pixel.

        The start marker (token 0) and the padding are among them, and often get the most.

        Raises:
            RequestError: ``nothing_recorded``.
        """
        if not self._sums:
            raise RequestError("nothing_recorded")
        size = tuple(self._scale * side for side in self._grid)
        grown = [
            F.interpolate(each[picture : picture + 1], size, mode="bilinear")[0]
            for each in self._sums.values()
        ]
        return sum(grown) / sum(self._counts.values())

    def of(self, word: str, picture: int = 0) -> Tensor:
        """The map of a word, or of several in a row: (H, W) in 0..1, its share of the attention.

        Summed over its tokens, and over all places where the prompt says it.

        Raises:
            RequestError: ``word_without_map``, ``nothing_recorded``.
        """
        return self.weights(picture)[self.tokens_of(word, picture)].sum(0)

    def tokens_of(self, word: str, picture: int = 0) -> list[int]:
        """The places in the prompt of a word's tokens, counted from the start marker, which is 0.

        A Korean noun is also found with a particle behind it: 산책로 in 산책로가.

        Raises:
            RequestError: ``word_without_map``, ``nothing_recorded``.
        """
        pieces = self._pieces(picture)
        owners = [piece for piece in pieces for _ in piece.text]
        offsets = [index for piece in pieces for index in range(len(piece.text))]
        text = b"".join(piece.text for piece in pieces)
        asked = _plain(word)
        found = set()
        for match in re.finditer(re.escape(asked), text) if asked else ():
            first, end = match.span()
            if owners[first].starts_word and offsets[first] == 0 and _is_over(text, owners, end):
                found |= {owner.place for owner in owners[first:end]}
        if not found:
            known = ", ".join(self.pieces(picture)[:_SHOWN])
            raise RequestError("word_without_map", word=word[:60], known=known)
        return sorted(found)

    def _pieces(self, picture: int) -> list[_Piece]:
        if self._ids is None or not self._sums:
            raise RequestError("nothing_recorded")
        pictures = len(next(iter(self._sums.values())))
        row = self._ids[picture * len(self._ids) // pictures]  # several pictures may share a text
        return _pieces_of(self._tokenizer, row.tolist())

    # Called by the hooks and the processors.

    def _read_text(self, _encoder, args: tuple, options: dict) -> None:
        if self._ids is None:
            ids = args[0] if args else options["input_ids"]
            self._ids = ids.detach().cpu()

    def _begin_step(self, _unet, args: tuple, options: dict) -> None:
        sample = args[0] if args else options["sample"]
        self._grid = tuple(sample.shape[-2:])
        # With guidance, diffusers asks about the same latents twice: without the prompt, then with.
        half = len(sample) // 2
        twice = len(sample) % 2 == 0 and torch.equal(sample[:half], sample[half:])
        self._guided = twice and (self._ids is None or half % len(self._ids) == 0)

    def _add(self, weights: Tensor) -> None:
        """Takes one layer's (B, heads, places, T)."""
        if self._guided:
            weights = weights[len(weights) // 2 :]
        grid = self._grid
        while grid[0] * grid[1] > weights.shape[2]:  # each level of the U-Net halves it
            grid = tuple((side + 1) // 2 for side in grid)
        maps = weights.mean(1).transpose(1, 2).unflatten(2, grid).float().cpu()
        self._sums[grid] = self._sums.get(grid, 0) + maps
        self._counts[grid] = self._counts.get(grid, 0) + 1


class _Recorder:
    """Notes the weights, and lets the layer's own processor do the work."""

    def __init__(self, processor, maps: AttentionMaps):
        self.processor, self.maps = processor, maps

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, *args, **options):
        if encoder_hidden_states is not None:
            self._note(attn, hidden_states, encoder_hidden_states)
        return self.processor(attn, hidden_states, encoder_hidden_states, *args, **options)

    @torch.no_grad()
    def _note(self, attn, hidden_states: Tensor, text: Tensor) -> None:
        if attn.norm_cross:
            text = attn.norm_encoder_hidden_states(text)
        query = attn.head_to_batch_dim(attn.to_q(hidden_states))
        key = attn.head_to_batch_dim(attn.to_k(text))
        weights = attn.get_attention_scores(query, key)  # (B * heads, places, T)
        self.maps._add(weights.unflatten(0, (-1, attn.heads)))


# ------------------------------------------------------- words and tokens


class _Piece(NamedTuple):
    """One token: its place in the prompt, its UTF-8 bytes, whether it begins or ends a word."""

    place: int
    text: bytes
    starts_word: bool
    ends_word: bool


def _encoded(tokenizer, prompt: str) -> Tensor:
    options = {"truncation": True, "max_length": tokenizer.model_max_length}
    return torch.tensor([tokenizer(prompt, **options).input_ids])


def _pieces_of(tokenizer, ids: list[int]) -> list[_Piece]:
    special, added = set(tokenizer.all_special_ids), set(tokenizer.get_added_vocab().values())
    pieces, fresh = [], True
    for place, (id, token) in enumerate(
        zip(ids, tokenizer.convert_ids_to_tokens(ids), strict=True)
    ):
        if id not in special:
            alone = id in added  # a token of its own, such as r248
            ends = alone or token.endswith("</w>")
            pieces.append(_Piece(place, _bytes(token.removesuffix("</w>")), fresh or alone, ends))
            fresh = ends
    return pieces


def _is_over(text: bytes, owners: list[_Piece], end: int) -> bool:
    """Whether a word is over at ``end``, or only a Korean particle follows in the same word."""
    start = end
    while not (owners[end - 1].ends_word and (end == len(text) or owners[end] != owners[end - 1])):
        end += 1
    return start == end or bool(_PARTICLES.fullmatch(text[start:end].decode("utf-8", "replace")))


def _plain(word: str) -> bytes:
    """As the tokenizers of CLIP read it: lower case, composed, here without blanks."""
    return "".join(unicodedata.normalize("NFC", word).lower().split()).encode("utf-8", "replace")


def _bytes(token: str) -> bytes:
    """The bytes that a token of a byte-level vocabulary stands for.

    Printable bytes stand for themselves; the others are numbered on from 256 (Radford et al. 2019).
    """
    return bytes(_BYTES[char] for char in token if char in _BYTES)


_PRINTABLE = [*range(33, 127), *range(161, 173), *range(174, 256)]
_OTHERS = [byte for byte in range(256) if byte not in _PRINTABLE]
_BYTES = {chr(byte): byte for byte in _PRINTABLE}
_BYTES |= {chr(256 + number): byte for number, byte in enumerate(_OTHERS)}
