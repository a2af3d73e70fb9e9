"""Which word drew which pixel: the cross-attention of a diffusers U-Net, recorded while it draws.

Each cross-attention layer asks, at each place of the picture, how much to listen to each token of
the prompt. The answers are weights that sum to 1 over the tokens. Averaged over layers, heads and
steps they are one map a token (Tang et al. 2022, "What the DAAM", arXiv:2210.04885; there the
weights are summed, and drawn for whole words).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional as F

from tripkit.clip.tokens import pieces_of, read_ids, word_positions
from tripkit.core.errors import RequestError

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from diffusers.models.attention_processor import Attention
    from torch.nn import Module
    from transformers import PreTrainedTokenizerBase


@contextmanager
def attention_maps(
    pipeline: DiffusionPipeline, prompt: str | None = None
) -> Iterator[AttentionMaps]:
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
    ids = None if prompt is None else torch.tensor([read_ids(pipeline.tokenizer, prompt)])
    maps = AttentionMaps(pipeline.tokenizer, getattr(pipeline, "vae_scale_factor", 8), ids)
    before = unet.attn_processors
    recorders = {
        name: _Recorder(processor, maps) if "attn2" in name else processor
        for name, processor in before.items()
    }
    steps = unet.register_forward_pre_hook(maps._begin_step, with_kwargs=True)
    texts = encoder.register_forward_pre_hook(maps._read_text, with_kwargs=True)
    with steps, texts:  # which remove themselves at the end
        try:
            unet.set_attn_processor(recorders)
            yield maps
        finally:
            unet.set_attn_processor(before)


class AttentionMaps:
    """What `attention_maps` has recorded. ``H`` and ``W`` below are those of the picture."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, scale: int, ids: Tensor | None = None):
        self._tokenizer, self._scale, self._ids = tokenizer, scale, ids
        self._sums: dict[tuple[int, int], Tensor] = {}  # by the layers' grid: (B, T, h, w)
        self._counts: dict[tuple[int, int], int] = {}
        self._grid, self._guided = (0, 0), False  # of the latents

    def pieces(self, picture: int = 0) -> list[str]:
        """The prompt's tokens as text, without markers and padding.

        Raises:
            RequestError: ``nothing_recorded``.
        """
        pieces = pieces_of(self._tokenizer, self._read(picture))
        return [piece.text.decode("utf-8", "replace") for piece in pieces]

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
            RequestError: ``word_not_in_prompt``, ``nothing_recorded``.
        """
        return self.weights(picture)[self.tokens_of(word, picture)].sum(0)

    def tokens_of(self, word: str, picture: int = 0) -> list[int]:
        """The places in the prompt of a word's tokens, counted from the start marker, which is 0.

        See `tokens.word_positions`.

        Raises:
            RequestError: ``word_not_in_prompt``, ``nothing_recorded``.
        """
        return word_positions(self._tokenizer, self._read(picture), word)

    def _read(self, picture: int) -> list[int]:
        if self._ids is None or not self._sums:
            raise RequestError("nothing_recorded")
        pictures = len(next(iter(self._sums.values())))
        # Several pictures may share a text.
        return self._ids[picture * len(self._ids) // pictures].tolist()

    # Called by the hooks and the processors.

    def _read_text(self, _encoder: Module, args: tuple[Any, ...], options: dict[str, Any]) -> None:
        if self._ids is None:
            ids = args[0] if args else options["input_ids"]
            self._ids = ids.detach().cpu()

    def _begin_step(self, _unet: Module, args: tuple[Any, ...], options: dict[str, Any]) -> None:
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
            grid = ((grid[0] + 1) // 2, (grid[1] + 1) // 2)
        maps = weights.mean(1).transpose(1, 2).unflatten(2, grid).float().cpu()
        self._sums[grid] = self._sums.get(grid, 0) + maps
        self._counts[grid] = self._counts.get(grid, 0) + 1


class _Recorder:
    """Notes the weights, and lets the layer's own processor do the work."""

    def __init__(self, processor: Callable[..., Tensor], maps: AttentionMaps):
        self.processor, self.maps = processor, maps

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        *args: Any,
        **options: Any,
    ) -> Tensor:
        if encoder_hidden_states is not None:
            self._note(attn, hidden_states, encoder_hidden_states)
        return self.processor(attn, hidden_states, encoder_hidden_states, *args, **options)

    @torch.no_grad()
    def _note(self, attn: Attention, hidden_states: Tensor, text: Tensor) -> None:
        if attn.norm_cross:
            text = attn.norm_encoder_hidden_states(text)
        query = attn.head_to_batch_dim(attn.to_q(hidden_states))
        key = attn.head_to_batch_dim(attn.to_k(text))
        weights = attn.get_attention_scores(query, key)  # (B * heads, places, T)
        self.maps._add(weights.unflatten(0, (-1, attn.heads)))
