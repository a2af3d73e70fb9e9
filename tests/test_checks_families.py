"""The checks of notebooks 01 and 02: right answers pass, each likely mistake is named."""

import torch
from torch.nn.functional import binary_cross_entropy_with_logits, softplus

from tripkit.course.checks import (
    check_auc,
    check_bayes,
    check_gan_losses,
    check_iou,
    check_kl,
    check_probabilities,
)
from tripkit.course.segmentation import box_iou
from tripkit.generative.gan import discriminator_loss, generator_loss
from tripkit.generative.vae import kl_divergence


def stable_softmax(logits):
    powers = (logits - logits.max(1, keepdim=True).values).exp()
    return powers / powers.sum(1, keepdim=True)


def naive_softmax(logits):
    return logits.exp() / logits.exp().sum(1, keepdim=True)


def library_iou(box, other):
    return box_iou(torch.tensor([box]), torch.tensor([other]))[0, 0]


def counted_iou(box, other):
    """Pixel by pixel, on a raster."""
    sets = [{(x, y) for x in range(b[0], b[2]) for y in range(b[1], b[3])} for b in (box, other)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def sides(box, other):
    width = min(box[2], other[2]) - max(box[0], other[0])
    return width, min(box[3], other[3]) - max(box[1], other[1])


def area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def shared(box, other):
    return max(0, sides(box, other)[0]) * max(0, sides(box, other)[1])


def unclamped_iou(box, other):
    inner = sides(box, other)[0] * sides(box, other)[1]
    return inner / (area(box) + area(other) - inner)


def hull_iou(box, other):
    hull = [min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2])]
    return shared(box, other) / area([*hull, max(box[3], other[3])])


def posterior(likelihood, prior):
    joint = likelihood * prior
    return joint / joint.sum(1, keepdim=True)


def gan_losses(real, fake):
    return discriminator_loss(real, fake), generator_loss(fake)


def cross_entropies(real, fake):
    bce = binary_cross_entropy_with_logits
    ones, zeros = torch.ones_like(fake), torch.zeros_like(fake)
    return bce(real, ones) + bce(fake, zeros), bce(fake, ones)


def pairs(above, level):
    def count(good, bad):
        points = [above * (b > g) + level * (b == g) for b in bad for g in good]
        return float(sum(points)) / len(points)

    return count


def library_auc(good, bad):
    """By ranks: of all scores in order, where the bad ones stand."""
    scores = torch.cat([good, bad])
    below = (scores[None] < bad[:, None]).double() + 0.5 * (scores[None] == bad[:, None])
    among = len(bad) ** 2 / 2
    return (below.sum() - among) / (len(good) * len(bad))


RIGHT = [
    (check_probabilities, stable_softmax),
    (check_probabilities, lambda logits: logits.softmax(dim=1)),
    (check_iou, library_iou),
    (check_iou, counted_iou),
    (check_bayes, posterior),
    (check_bayes, lambda like, prior: (like.log() + prior.log()).softmax(1)),
    (check_kl, kl_divergence),
    (check_kl, lambda m, v: -0.5 * (1 + v - m * m - v.exp()).sum(-1)),
    (check_gan_losses, gan_losses),
    (check_gan_losses, cross_entropies),
    (check_auc, pairs(1, 0.5)),
    (check_auc, library_auc),
]


MISTAKES = [
    (check_probabilities, lambda z: z.softmax(0), "softmax_axis"),
    (check_probabilities, lambda z: z.exp(), "softmax_no_sum"),
    (check_probabilities, lambda z: z / z.sum(1, keepdim=True), "softmax_no_exp"),
    (check_probabilities, lambda z: z.exp() / z.exp().sum(), "softmax_all"),
    (check_probabilities, torch.sigmoid, "softmax_sigmoid"),
    (check_probabilities, lambda z: z.log_softmax(1), "softmax_log"),
    (check_probabilities, naive_softmax, "softmax_overflow"),
    (check_iou, unclamped_iou, "iou_apart"),
    (
        check_iou,
        lambda a, b: counted_iou(*[(x0, y0, x1 + 1, y1 + 1) for x0, y0, x1, y1 in (a, b)]),
        "iou_plus_one",
    ),
    (check_iou, lambda a, b: shared(a, b) / (area(a) + area(b)), "iou_sum"),
    (check_iou, lambda a, b: 2 * shared(a, b) / (area(a) + area(b)), "iou_dice"),
    (check_iou, lambda a, b: shared(a, b) / area(a), "iou_first"),
    (check_iou, lambda a, b: shared(a, b) / area(b), "iou_second"),
    (check_iou, lambda a, b: shared(a, b) / min(area(a), area(b)), "iou_smaller"),
    (check_iou, lambda a, b: shared(a, b) / max(area(a), area(b)), "iou_larger"),
    (check_iou, hull_iou, "iou_hull"),
    (check_iou, shared, "iou_area"),
    (check_bayes, lambda like, prior: like / like.sum(1, keepdim=True), "bayes_prior"),
    (check_bayes, lambda like, prior: like * prior, "bayes_joint"),
    (check_bayes, lambda like, prior: like * prior / (like * prior).sum(0), "bayes_axis"),
    (check_bayes, lambda like, prior: like * prior / (like * prior).sum(), "bayes_all"),
    (check_bayes, lambda like, p: like * p / like.sum(1, keepdim=True), "bayes_evidence"),
    (check_bayes, lambda like, p: like / (like * p).sum(1, keepdim=True), "bayes_twice"),
    (check_bayes, lambda like, prior: like @ prior, "bayes_only_evidence"),
    (check_kl, lambda m, v: 0.5 * (1 + v - m**2 - v.exp()).sum(1), "kl_sign"),
    (check_kl, lambda m, v: (m**2 + v.exp() - 1 - v).sum(1), "kl_half"),
    (check_kl, lambda m, v: 0.5 * (m**2 + v - 1 - v.log()).sum(1), "kl_variance"),
    (check_kl, lambda m, v: 0.5 * (m**2 + v - 1 - v).sum(1), "kl_no_exp"),
    (check_kl, lambda m, v: 0.5 * (m**2 + v.exp().sqrt() - 1 - v).sum(1), "kl_deviation"),
    (check_kl, lambda m, v: 0.5 * (m**2 + v.exp() ** 2 - 1 - 2 * v).sum(1), "kl_double"),
    (check_kl, lambda m, v: 0.5 * (m + v.exp() - 1 - v).sum(1), "kl_square"),
    (check_kl, lambda m, v: 0.5 * (m**2 + v.exp() - v).sum(1), "kl_one"),
    (check_kl, lambda m, v: 0.5 * (m**2 + v.exp() - 1 + v).sum(1), "kl_plus"),
    (check_kl, lambda m, v: kl_divergence(m, v) / m.shape[1], "kl_mean"),
    (check_kl, lambda m, v: 0.5 * (m**2 + v.exp() - 1 - v).sum(0), "kl_batch"),
    (check_kl, lambda m, v: kl_divergence(m, v).sum(), "kl_total"),
    (check_kl, lambda m, v: kl_divergence(m, v).mean(), "kl_batch_mean"),
    (check_gan_losses, lambda real, fake: gan_losses(real, fake)[::-1], "gan_order"),
    (check_gan_losses, lambda r, f: (discriminator_loss(f, r), generator_loss(f)), "gan_swapped"),
    (
        check_gan_losses,
        lambda r, f: (discriminator_loss(r, f), softplus(f).mean()),
        "gan_labels",
    ),
    (
        check_gan_losses,
        lambda r, f: (discriminator_loss(-r, -f), generator_loss(-f)),
        "gan_all_swapped",
    ),
    (
        check_gan_losses,
        lambda r, f: (discriminator_loss(r, f), (1 - f.sigmoid()).log().mean()),
        "gan_saturating",
    ),
    (check_gan_losses, lambda r, f: (gan_losses(r, f)[0] / 2, gan_losses(r, f)[1]), "gan_half"),
    (check_gan_losses, lambda r, f: (generator_loss(r), generator_loss(f)), "gan_real_only"),
    (check_gan_losses, lambda r, f: (softplus(f).mean(), generator_loss(f)), "gan_fake_only"),
    (check_gan_losses, lambda r, f: [-loss for loss in gan_losses(r, f)], "gan_sign"),
    (check_gan_losses, lambda r, f: (softplus(-r) + softplus(f), softplus(-f)), "gan_mean"),
    (
        check_gan_losses,
        lambda r, f: ((softplus(-r) + softplus(f)).sum(), softplus(-f).sum()),
        "gan_sum",
    ),
    (check_gan_losses, lambda r, f: gan_losses(r, f)[0], "gan_pair"),
    (check_gan_losses, lambda r, f: (*gan_losses(r, f), 0), "gan_pair"),
    (check_auc, lambda good, bad: pairs(1, 0.5)(bad, good), "auc_reversed"),
    (check_auc, pairs(1, 0), "auc_ties_lost"),
    (check_auc, pairs(1, 1), "auc_ties_won"),
    (check_auc, lambda g, b: pairs(1, 0.5)(g, b) * len(g) * len(b), "auc_count"),
    (check_auc, lambda good, bad: bad.mean() - good.mean(), "auc_means"),
    (check_auc, lambda good, bad: (bad > good.max()).float().mean(), "auc_threshold"),
]


def test_a_student_who_changes_the_arguments_changes_no_other_case():
    def careless(logits):
        logits -= logits.max(1, keepdim=True).values
        logits.exp_()
        return logits.div_(logits.sum(1, keepdim=True))

    assert check_probabilities(careless).passed
