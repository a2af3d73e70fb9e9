"""The checks of notebook 06: right answers pass, each likely mistake is named."""

import torch
from torch.nn.functional import cosine_similarity, cross_entropy, normalize

from tripkit.clip import contrastive_loss, similarity, unit
from tripkit.course.checks import check_contrastive_loss, check_similarity, check_zero_shot


def cosines(a, b):
    return (a / a.norm(dim=1, keepdim=True)) @ (b / b.norm(dim=1, keepdim=True)).T


def loss(a, b, scale):
    logits = scale * a @ b.T
    labels = torch.arange(len(a))
    return (cross_entropy(logits, labels) + cross_entropy(logits.T, labels)) / 2


def loss_by_hand(a, b, scale):
    logits = scale * a @ b.T
    pairs = logits.diagonal()
    return (logits.logsumexp(0) / 2 + logits.logsumexp(1) / 2 - pairs).mean()


def shares(a, b, scale):
    return (scale * a @ b.T).softmax(dim=1)


RIGHT = [
    (check_similarity, cosines),
    (check_similarity, similarity),
    (check_similarity, lambda a, b: cosine_similarity(a[:, None], b[None], dim=-1)),
    (check_similarity, lambda a, b: normalize(a) @ normalize(b).T),
    (check_contrastive_loss, loss),
    (check_contrastive_loss, loss_by_hand),
    (check_contrastive_loss, lambda a, b, s: contrastive_loss(s * b @ a.T)),
    (check_zero_shot, shares),
    (check_zero_shot, lambda a, b, s: shares(b, a, s).T * 0 + shares(a, b, s)),
]


def row_loss(logits, labels):
    return cross_entropy(logits, labels)


def labelled(labels):
    """The loss with other labels than the diagonal."""

    def answer(a, b, scale):
        logits, chosen = scale * a @ b.T, labels(len(a))
        return (cross_entropy(logits, chosen) + cross_entropy(logits.T, chosen)) / 2

    return answer


MISTAKES = [
    (check_similarity, lambda a, b: a @ b.T, "cosine_plain"),
    (check_similarity, lambda a, b: normalize(a) @ b.T, "cosine_one_side"),
    (check_similarity, lambda a, b: a @ normalize(b).T, "cosine_other_side"),
    (check_similarity, lambda a, b: normalize(a, dim=0) @ normalize(b, dim=0).T, "cosine_axis"),
    (check_similarity, lambda a, b: a @ b.T / (a.norm() * b.norm()), "cosine_whole"),
    (
        check_similarity,
        lambda a, b: a @ b.T / (a.square().sum(1)[:, None] * b.square().sum(1)),
        "cosine_squared",
    ),
    (check_similarity, lambda a, b: cosines(b, a), "cosine_transposed"),
    (check_similarity, lambda a, b: 1 - cosines(a, b), "cosine_distance"),
    (
        check_contrastive_loss,
        lambda a, b, s: row_loss(s * a @ b.T, torch.arange(len(a))),
        "contrast_pictures",
    ),
    (
        check_contrastive_loss,
        lambda a, b, s: row_loss(s * b @ a.T, torch.arange(len(a))),
        "contrast_texts",
    ),
    (check_contrastive_loss, lambda a, b, s: loss(a, b, 1.0), "contrast_no_scale"),
    (check_contrastive_loss, lambda a, b, s: loss(a, b, 1 / s), "contrast_divided"),
    (check_contrastive_loss, lambda a, b, s: loss(a, b, s.exp()), "contrast_exp"),
    (
        check_contrastive_loss,
        labelled(lambda n: torch.zeros(n, dtype=torch.long)),
        "contrast_first",
    ),
    (check_contrastive_loss, labelled(lambda n: torch.arange(n).flip(0)), "contrast_backwards"),
    (check_contrastive_loss, labelled(lambda n: (torch.arange(n) + 1) % n), "contrast_shifted"),
    (check_contrastive_loss, lambda a, b, s: 2 * loss(a, b, s), "contrast_sum"),
    (check_contrastive_loss, lambda a, b, s: len(a) * loss(a, b, s), "contrast_batch_sum"),
    (check_contrastive_loss, lambda a, b, s: 2 * len(a) * loss(a, b, s), "contrast_twice"),
    (
        check_contrastive_loss,
        lambda a, b, s: -(s * a @ b.T).diagonal().mean(),
        "contrast_positives",
    ),
    (check_contrastive_loss, lambda a, b, s: -loss(a, b, s), "contrast_sign"),
    (check_zero_shot, lambda a, b, s: (s * a @ b.T).softmax(dim=0), "zero_shot_axis"),
    (check_zero_shot, lambda a, b, s: shares(a, b, 1), "zero_shot_no_scale"),
    (check_zero_shot, lambda a, b, s: (a @ b.T).softmax(dim=0), "zero_shot_both"),
    (
        check_zero_shot,
        lambda a, b, s: (s * a @ b.T).exp() / (s * a @ b.T).exp().sum(),
        "zero_shot_all",
    ),
    (check_zero_shot, lambda a, b, s: s * a @ b.T, "zero_shot_logits"),
    (check_zero_shot, lambda a, b, s: a @ b.T, "zero_shot_cosines"),
    (check_zero_shot, lambda a, b, s: (s * a @ b.T).sigmoid(), "zero_shot_sigmoid"),
    (check_zero_shot, lambda a, b, s: shares(a, b, s).log(), "zero_shot_log"),
    (check_zero_shot, lambda a, b, s: (a @ b.T).argmax(dim=1), "zero_shot_argmax"),
    (check_zero_shot, lambda a, b, s: shares(a, b, 1 / s), "zero_shot_divided"),
    (check_zero_shot, lambda a, b, s: shares(b, a, s), "zero_shot_transposed"),
]


def test_embeddings_of_the_exercises_have_length_one():
    ones = []
    check_contrastive_loss(lambda a, b, s: ones.append((a.norm(dim=1), b.norm(dim=1))))
    assert all(
        torch.allclose(lengths, torch.ones(len(lengths))) for pair in ones for lengths in pair
    )
    torch.testing.assert_close(unit(torch.tensor([[3.0, 4.0]])), torch.tensor([[0.6, 0.8]]))
