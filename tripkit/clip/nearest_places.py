"""The known place that a whole sentence comes nearest to, by the shipped CLIP."""

from __future__ import annotations

from functools import cache

from tripkit.clip.encoder import CLIPEncoder, similarity
from tripkit.prompts.known_places import _line, place_words, shipped_kinds


def by_embedding(text: str, language: str) -> list[str]:
    """All kinds, those first whose words the shipped CLIP embeds nearest to the text."""
    import torch

    encoder, words = _embedded(language)
    embeds = encoder.embed_texts(_line(text), warn=False)  # notes tell what was not read
    cosines = similarity(embeds, torch.stack(list(words.values())))[0]  # (kinds,)
    kinds = shipped_kinds()
    return [kinds[i] for i in cosines.argsort(descending=True).tolist()]


@cache
def _embedded(language: str):
    """The shipped encoder, and the mean embedding of each kind's words."""
    encoder, words = CLIPEncoder(), place_words()
    kinds = shipped_kinds()
    return encoder, {kind: encoder.embed_texts(words[kind][language]).mean(0) for kind in kinds}
