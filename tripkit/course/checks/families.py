"""Checks of notebooks 01 and 02: probabilities, boxes, Bayes' rule; losses of VAE and GAN, AUC."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import softplus

from tripkit.course.checks.base import Verdict, attempt, close, hints
from tripkit.course.checks.tensors import as_tensor, judge

# ------------------------------------------------------- notebook 01, seeing and imagining


@hints("check.softmax_hint1", "check.softmax_hint2", "check.softmax_hint3")
def check_probabilities(function: Callable, language: str = "en") -> Verdict:
    """Notebook 01: ``f(logits)``, p(y|x) of each picture: (B, K) to (B, K)."""
    mistakes = {
        "check.softmax_axis": lambda logits: logits.softmax(0),
        "check.softmax_no_sum": lambda logits: logits.exp(),
        "check.softmax_no_exp": lambda logits: logits / logits.sum(1, keepdim=True),
        "check.softmax_all": lambda logits: logits.exp() / logits.exp().sum(),
        "check.softmax_sigmoid": lambda logits: logits.sigmoid(),
        "check.softmax_log": lambda logits: logits.log_softmax(1),
    }
    cases = [(2 * _normal(5, 10, seed=seed),) for seed in range(2)]
    right = ("check.softmax_right", lambda logits: logits.softmax(1))
    verdict = judge(function, cases, right[1], mistakes, language, right[0])
    if not verdict.passed:
        return verdict
    large = [(1000 * _normal(5, 10, seed=3),)]
    if judge(function, large, right[1], {}, language, right[0]).passed:
        return verdict
    return close("check.softmax_overflow", language)


@hints("check.iou_hint1", "check.iou_hint2", "check.iou_hint3")
def check_iou(function: Callable, language: str = "en") -> Verdict:
    """Notebook 01: ``f(box, other)``, intersection over union of boxes (x0, y0, x1, y1)."""
    mistakes = {
        "check.iou_apart": _overlap(lambda i, a, b, hull: i / (a + b - i), least=-100),
        "check.iou_plus_one": _overlap(lambda i, a, b, hull: i / (a + b - i), edge=1),
        "check.iou_sum": _overlap(lambda i, a, b, hull: i / (a + b)),
        "check.iou_dice": _overlap(lambda i, a, b, hull: 2 * i / (a + b)),
        "check.iou_first": _overlap(lambda i, a, b, hull: i / a),
        "check.iou_second": _overlap(lambda i, a, b, hull: i / b),
        "check.iou_smaller": _overlap(lambda i, a, b, hull: i / min(a, b)),
        "check.iou_larger": _overlap(lambda i, a, b, hull: i / max(a, b)),
        "check.iou_hull": _overlap(lambda i, a, b, hull: i / hull),
        "check.iou_area": _overlap(lambda i, a, b, hull: i),
    }
    cases = [
        ((0, 0, 10, 10), (5, 2, 12, 20)),
        ((3, 4, 8, 12), (3, 4, 8, 12)),
        ((0, 0, 20, 20), (5, 5, 10, 15)),
        ((0, 0, 4, 4), (6, 7, 9, 9)),  # apart in both directions: two negative sides
        ((0, 0, 4, 4), (6, 0, 9, 4)),
        ((10, 10, 20, 12), (18, 5, 30, 30)),
    ]
    right = _overlap(lambda i, a, b, hull: i / (a + b - i))
    return judge(function, cases, right, mistakes, language, "check.iou_right")


def _overlap(join: Callable, *, least: float = 0, edge: int = 0) -> Callable:
    """A measure of two boxes from their intersection, their areas, and the area around both."""

    def area(x0, y0, x1, y1):
        return max(least, x1 - x0 + edge) * max(least, y1 - y0 + edge)

    def measured(box, other):
        inner = [max(box[0], other[0]), max(box[1], other[1])]
        inner += [min(box[2], other[2]), min(box[3], other[3])]
        outer = [min(box[0], other[0]), min(box[1], other[1])]
        outer += [max(box[2], other[2]), max(box[3], other[3])]
        return float(join(area(*inner), area(*box), area(*other), area(*outer)))

    return measured


@hints("check.bayes_hint1", "check.bayes_hint2", "check.bayes_hint3")
def check_bayes(function: Callable, language: str = "en") -> Verdict:
    """Notebook 01: ``f(likelihood, prior)``, p(y|x) from p(x|y), (N, K), and p(y), (K,)."""
    mistakes = {
        "check.bayes_prior": lambda like, prior: like / like.sum(1, keepdim=True),
        "check.bayes_joint": lambda like, prior: like * prior,
        "check.bayes_axis": lambda like, prior: like * prior / (like * prior).sum(0),
        "check.bayes_all": lambda like, prior: like * prior / (like * prior).sum(),
        "check.bayes_evidence": lambda like, prior: like * prior / like.sum(1, keepdim=True),
        "check.bayes_twice": lambda like, prior: like / (like * prior).sum(1, keepdim=True),
        "check.bayes_only_evidence": lambda like, prior: (like * prior).sum(1),
    }
    cases = [
        (_normal(6, size, seed=size).exp(), _normal(size, seed=9).softmax(0)) for size in (3, 5)
    ]
    return judge(
        function,
        cases,
        lambda like, prior: like * prior / (like * prior).sum(1, keepdim=True),
        mistakes,
        language,
        "check.bayes_right",
    )


# ------------------------------------------------------- notebook 02, VAE, GAN, diffusion


@hints("check.kl_hint1", "check.kl_hint2", "check.kl_hint3")
def check_kl(function: Callable, language: str = "en") -> Verdict:
    """Notebook 02: ``f(mean, logvar)``, KL(N(mean, exp(logvar)) || N(0, 1)) of each picture."""
    mistakes = {
        "check.kl_sign": _kl(scale=-0.5),
        "check.kl_half": _kl(scale=1),
        "check.kl_variance": _kl(variance=lambda logvar: logvar, log=torch.log),
        "check.kl_no_exp": _kl(variance=lambda logvar: logvar),
        "check.kl_deviation": _kl(variance=lambda logvar: (0.5 * logvar).exp()),
        "check.kl_double": _kl(variance=lambda logvar: (2 * logvar).exp(), log=lambda v: 2 * v),
        "check.kl_square": _kl(power=1),
        "check.kl_one": _kl(one=0),
        "check.kl_plus": _kl(log=lambda logvar: -logvar),
        "check.kl_mean": _kl(join=lambda each: each.mean(1)),
        "check.kl_batch": _kl(join=lambda each: each.sum(0)),
        "check.kl_total": _kl(join=lambda each: each.sum()),
        "check.kl_batch_mean": _kl(join=lambda each: each.sum(1).mean()),
    }
    # All variances above 1, so that their logarithm may be taken for them without a NaN.
    cases = [(_normal(4, 4, seed=s), 0.2 + _normal(4, 4, seed=s + 9).abs()) for s in range(2)]
    return judge(function, cases, _kl(), mistakes, language, "check.kl_right")


def _kl(
    scale: float = 0.5,
    *,
    power: int = 2,
    one: int = 1,
    variance: Callable = torch.exp,
    log: Callable = lambda logvar: logvar,
    join: Callable = lambda each: each.sum(1),
) -> Callable:
    """The divergence (Kingma & Welling 2014, appendix B), or a mistake in it."""
    return lambda mean, logvar: join(scale * (mean**power + variance(logvar) - one - log(logvar)))


@hints("check.gan_hint1", "check.gan_hint2", "check.gan_hint3")
def check_gan_losses(function: Callable, language: str = "en") -> Verdict:
    """Notebook 02: ``f(real_logits, fake_logits)``, the losses of discriminator and generator."""
    mistakes = {
        "check.gan_order": lambda real, fake: _gan()(real, fake).flip(0),
        "check.gan_swapped": _gan(d_real=softplus, d_fake=_minus),
        "check.gan_labels": _gan(g=softplus),
        "check.gan_all_swapped": _gan(d_real=softplus, d_fake=_minus, g=softplus),
        "check.gan_saturating": _gan(g=lambda fake: -softplus(fake)),
        "check.gan_half": lambda real, fake: _gan()(real, fake) * torch.tensor([0.5, 1]),
        "check.gan_real_only": _gan(d_fake=torch.zeros_like),
        "check.gan_fake_only": _gan(d_real=torch.zeros_like),
        "check.gan_sign": lambda real, fake: -_gan()(real, fake),
        "check.gan_mean": _gan(join=lambda each: each),
        "check.gan_sum": _gan(join=torch.sum),
    }
    cases = [(2 * _normal(6, seed=s) + 1, 2 * _normal(6, seed=s + 5) - 1) for s in range(3)]
    answers, failed = attempt(function, cases, language)
    if failed:
        return failed
    if any(_stacked(answer) is None for answer in answers):
        return close("check.gan_pair", language)
    return judge(
        lambda *case: _stacked(function(*case)),
        cases,
        _gan(),
        mistakes,
        language,
        "check.gan_right",
    )


def _minus(logits: Tensor) -> Tensor:
    return softplus(-logits)


def _gan(
    d_real: Callable = _minus,
    d_fake: Callable = softplus,
    g: Callable = _minus,
    join: Callable = torch.mean,
) -> Callable:
    """Both losses (Goodfellow et al. 2014) as one tensor, or a mistake in them.

    -log D is softplus(-logit), and -log(1 - D) is softplus(logit).
    """
    return lambda real, fake: torch.stack([join(d_real(real)) + join(d_fake(fake)), join(g(fake))])


def _stacked(answer) -> Tensor | None:
    """Two losses as one tensor; None if it is no pair of equal shapes."""
    try:
        first, second = map(as_tensor, answer)
        return torch.stack([first, second])
    except (TypeError, ValueError, RuntimeError):
        return None


@hints("check.auc_hint1", "check.auc_hint2", "check.auc_hint3")
def check_auc(function: Callable, language: str = "en") -> Verdict:
    """Notebook 02: ``f(good, bad)``, the chance that a bad one scores above a good one."""

    def share(above: float, level: float, below: float) -> Callable:
        def counted(good: Tensor, bad: Tensor) -> Tensor:
            more, less = bad[:, None] > good, bad[:, None] < good
            return (above * more + below * less + level * ~(more | less)).double().mean()

        return counted

    mistakes = {
        "check.auc_reversed": share(0, 0.5, 1),
        "check.auc_ties_lost": share(1, 0, 0),
        "check.auc_ties_won": share(1, 1, 0),
        "check.auc_count": lambda good, bad: share(1, 0.5, 0)(good, bad) * len(good) * len(bad),
        "check.auc_means": lambda good, bad: bad.mean() - good.mean(),
        "check.auc_threshold": lambda good, bad: (bad > good.max()).double().mean(),
    }
    # Rounded, so that some scores are equal.
    cases = [(_normal(7, seed=s).round(), _normal(5, seed=s + 4).round() + 0.5 * s) for s in (0, 2)]
    return judge(function, cases, share(1, 0.5, 0), mistakes, language, "check.auc_right")


# ------------------------------------------------------- random cases


def _normal(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
