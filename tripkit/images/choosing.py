"""Chooses among pictures of one prompt: those first that show most of what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from tripkit.clip.encoder import CLIPEncoder
from tripkit.images.postcard import Postcard

shipped_encoder = cache(CLIPEncoder)  # loading takes longer than choosing


def best_first(postcards: Sequence[Postcard], encoder: CLIPEncoder | None = None) -> list[Postcard]:
    """The postcards by how well they show what was asked for, the best first.

    This is CLIP reranking (Ramesh et al. 2021, arXiv:2102.12092, section 2.6): the score is the
    cosine of the picture's embedding and that of the words that the model got, so it works for
    prompts that a user has written and for every model. The place classifier is not asked: it
    judges the model, and a judge that has chosen what it judges finds everything well
    (``python -m benchmarks.candidates`` has it judge what this chooses).

    Args:
        postcards: of one prompt. Of two with the same score the earlier comes first.
        encoder: who scores; None takes the shipped CLIP, which has learned our places.

    Raises:
        RequestError: ``clip_no_images``, nothing to choose from.
    """
    encoder = encoder or shipped_encoder()
    pictures = encoder.embed_images([postcard.image for postcard in postcards])
    words = encoder.embed_texts([postcard.sent for postcard in postcards], warn=False)
    scores = (pictures * words).sum(dim=1).tolist()  # rows of length 1: their cosines
    order = sorted(range(len(scores)), key=lambda index: -scores[index])
    return [postcards[index] for index in order]
