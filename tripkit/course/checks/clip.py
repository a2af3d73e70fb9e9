"""Checks of notebook 06: cosines, the contrastive loss, zero-shot probabilities."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from tripkit.clip import contrastive_loss, similarity, unit
from tripkit.course.checks.base import Verdict, hints
from tripkit.course.checks.tensors import judge


@hints("check.cosine_hint1", "check.cosine_hint2", "check.cosine_hint3")
def check_similarity(function: Callable, language: str = "en") -> Verdict:
    """Notebook 06: ``f(image_embeds, text_embeds)``, the (N, M) cosines of (N, D) and (M, D)."""
    mistakes = {
        "check.cosine_plain": lambda a, b: a @ b.T,
        "check.cosine_one_side": lambda a, b: unit(a) @ b.T,
        "check.cosine_other_side": lambda a, b: a @ unit(b).T,
        "check.cosine_axis": lambda a, b: (a / a.norm(dim=0)) @ (b / b.norm(dim=0)).T,
        "check.cosine_whole": lambda a, b: (a / a.norm()) @ (b / b.norm()).T,
        "check.cosine_squared": lambda a, b: _squared(a) @ _squared(b).T,
        "check.cosine_transposed": lambda a, b: similarity(b, a),
        "check.cosine_distance": lambda a, b: 1 - similarity(a, b),
    }
    cases = [(_tensor(n, 6, 2 * n), _tensor(m, 6, 2 * n + 1)) for n, m in ((3, 4), (5, 2), (4, 3))]
    return judge(function, cases, similarity, mistakes, language, "check.cosine_right")


@hints("check.contrast_hint1", "check.contrast_hint2", "check.contrast_hint3")
def check_contrastive_loss(function: Callable, language: str = "en") -> Verdict:
    """Notebook 06: ``f(image_embeds, text_embeds, logit_scale)``, the symmetric loss, one number.

    The embeddings are (N, D) of length 1, pair by pair.
    """
    mistakes = {
        "check.contrast_pictures": lambda a, b, s: _rows(s * a @ b.T),
        "check.contrast_texts": lambda a, b, s: _rows(s * b @ a.T),
        "check.contrast_no_scale": lambda a, b, s: contrastive_loss(a @ b.T),
        "check.contrast_divided": lambda a, b, s: contrastive_loss(a @ b.T / s),
        "check.contrast_exp": lambda a, b, s: contrastive_loss(a @ b.T * torch.exp(s)),
        "check.contrast_first": lambda a, b, s: _both(s * a @ b.T, lambda i: 0 * i),
        "check.contrast_backwards": lambda a, b, s: _both(s * a @ b.T, lambda i: i.flip(0)),
        "check.contrast_shifted": lambda a, b, s: _both(s * a @ b.T, lambda i: i.roll(-1)),
        "check.contrast_sum": lambda a, b, s: 2 * contrastive_loss(s * a @ b.T),
        "check.contrast_batch_sum": lambda a, b, s: len(a) * contrastive_loss(s * a @ b.T),
        "check.contrast_twice": lambda a, b, s: 2 * len(a) * contrastive_loss(s * a @ b.T),
        "check.contrast_positives": lambda a, b, s: -s * (a * b).sum(1).mean(),
        "check.contrast_sign": lambda a, b, s: -contrastive_loss(s * a @ b.T),
    }
    cases = [
        (unit(_tensor(n, 8, n)), unit(_tensor(n, 8, n + 50)), torch.tensor(scale))
        for n, scale in ((3, 5.0), (4, 10.0), (6, 2.0))
    ]

    def right(a: Tensor, b: Tensor, s: Tensor) -> Tensor:
        return contrastive_loss(s * a @ b.T)

    return judge(function, cases, right, mistakes, language, "check.contrast_right")


@hints("check.zero_shot_hint1", "check.zero_shot_hint2", "check.zero_shot_hint3")
def check_zero_shot(function: Callable, language: str = "en") -> Verdict:
    """Notebook 06: ``f(image_embeds, text_embeds, logit_scale)``, (N, M) probabilities.

    The embeddings are (N, D) and (M, D) of length 1.
    """

    def right(a: Tensor, b: Tensor, s: Tensor) -> Tensor:
        return (s * a @ b.T).softmax(dim=1)

    mistakes = {
        "check.zero_shot_axis": lambda a, b, s: (s * a @ b.T).softmax(dim=0),
        "check.zero_shot_no_scale": lambda a, b, s: (a @ b.T).softmax(dim=1),
        "check.zero_shot_both": lambda a, b, s: (a @ b.T).softmax(dim=0),
        "check.zero_shot_all": lambda a, b, s: (s * a @ b.T).flatten().softmax(0).view(len(a), -1),
        "check.zero_shot_logits": lambda a, b, s: s * a @ b.T,
        "check.zero_shot_cosines": lambda a, b, s: a @ b.T,
        "check.zero_shot_sigmoid": lambda a, b, s: (s * a @ b.T).sigmoid(),
        "check.zero_shot_log": lambda a, b, s: (s * a @ b.T).log_softmax(dim=1),
        "check.zero_shot_argmax": lambda a, b, s: (a @ b.T).argmax(dim=1),
        "check.zero_shot_divided": lambda a, b, s: (a @ b.T / s).softmax(dim=1),
        "check.zero_shot_transposed": lambda a, b, s: right(b, a, s),
    }
    cases = [
        (unit(_tensor(n, 8, n)), unit(_tensor(m, 8, n + 50)), torch.tensor(scale))
        for n, m, scale in ((3, 4, 5.0), (5, 2, 10.0), (2, 6, 3.0))
    ]
    return judge(function, cases, right, mistakes, language, "check.zero_shot_right")


def _rows(logits: Tensor, labels: Callable = lambda i: i) -> Tensor:
    """One direction of the loss: each row must find the column that its label names."""
    return cross_entropy(logits, labels(torch.arange(len(logits))))


def _both(logits: Tensor, labels: Callable) -> Tensor:
    return (_rows(logits, labels) + _rows(logits.T, labels)) / 2


def _squared(embeds: Tensor) -> Tensor:
    return embeds / embeds.square().sum(dim=1, keepdim=True)


def _tensor(rows: int, columns: int, seed: int) -> Tensor:
    """(rows, columns) of normal numbers."""
    return torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))
