"""Laws of the measures: distances of known Gaussians, precision and recall of known sets."""

import json
import math

import numpy as np
import pytest
import torch

from tripkit.core.errors import RequestError
from tripkit.core.settings import weights_folder
from tripkit.generative import metrics
from tripkit.generative.classifier import NAME
from tripkit.generative.metrics import frechet_distance, moments, precision_recall


@pytest.fixture(scope="module")
def gaussians():
    rng = np.random.default_rng(0)
    factors = rng.normal(size=(2, 6, 6))
    return rng.normal(size=6), factors[0] @ factors[0].T, rng.normal(size=6), factors[1]


def rows(count, seed=0, width=8):
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))


def pictures(count, seed=0):
    values = torch.rand(count, 1, 28, 28, generator=torch.Generator().manual_seed(seed))
    return values * 2 - 1


def test_the_distance_of_a_gaussian_to_itself_is_zero(gaussians):
    mean, covariance = gaussians[:2]
    assert frechet_distance(mean, covariance, mean, covariance) == pytest.approx(0, abs=1e-9)


def test_with_equal_covariances_only_the_means_count(gaussians):
    mean, covariance, other = gaussians[:3]
    expected = np.square(mean - other).sum()
    assert frechet_distance(mean, covariance, other, covariance) == pytest.approx(expected)


def test_in_one_dimension_the_distance_is_that_of_means_and_deviations():
    got = frechet_distance([1.0], [[4.0]], [3.0], [[25.0]])
    assert got == pytest.approx((1 - 3) ** 2 + (2 - 5) ** 2)


def test_for_covariances_that_commute_the_distance_is_that_of_their_roots():
    first, second = np.array([1.0, 4.0, 9.0]), np.array([16.0, 1.0, 0.0])
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    got = frechet_distance(
        np.zeros(3), turn * first @ turn.T, np.zeros(3), (turn * second) @ turn.T
    )
    assert got == pytest.approx(np.square(np.sqrt(first) - np.sqrt(second)).sum())


def test_the_distance_is_symmetric_and_turns_with_the_space(gaussians):
    mean, covariance, other, factor = gaussians
    second = factor @ factor.T
    forward = frechet_distance(mean, covariance, other, second)
    assert frechet_distance(other, second, mean, covariance) == pytest.approx(forward)
    turn = np.linalg.qr(factor)[0]
    turned = (turn @ mean, turn @ covariance @ turn.T, turn @ other, turn @ second @ turn.T)
    assert frechet_distance(*turned) == pytest.approx(forward)
    assert forward > 0


def test_a_covariance_without_full_rank_has_a_distance():
    few = moments(rows(3))  # rank 2 of 8
    many = moments(rows(500, seed=1))
    assert math.isfinite(frechet_distance(*few, *many))
    assert frechet_distance(*few, *few) == pytest.approx(0, abs=1e-6)


def test_moments_divide_by_one_less_than_the_number():
    mean, covariance = moments(np.array([[0.0, 0.0], [2.0, 4.0]]))
    np.testing.assert_allclose(mean, [1, 2])
    np.testing.assert_allclose(covariance, [[2, 4], [4, 8]])


def test_the_distance_of_a_sample_to_its_own_gaussian_falls_with_its_size():
    truth = np.zeros(8), np.eye(8)
    small, large = (frechet_distance(*moments(rows(count)), *truth) for count in (50, 5000))
    assert large < small / 10


def test_identical_sets_have_full_precision_and_recall():
    assert precision_recall(rows(50), rows(50)) == (1.0, 1.0)


def test_far_sets_have_neither():
    assert precision_recall(rows(50), rows(50) + 100) == (0.0, 0.0)


def test_precision_and_recall_change_places_with_the_sets():
    generated, real = rows(80) * 0.5, rows(60, seed=1)
    precision, recall = precision_recall(generated, real)
    assert precision_recall(real, generated) == (recall, precision)
    assert precision > recall


def test_precision_and_recall_do_not_depend_on_the_order():
    generated, real = rows(40), rows(40, seed=1)
    order = torch.randperm(40, generator=torch.Generator().manual_seed(2))
    before = precision_recall(generated, real)
    assert precision_recall(generated[order], real[order.flip(0)]) == before


def test_copies_of_a_few_real_pictures_lose_recall_but_not_precision():
    real = rows(200)
    precision, recall = precision_recall(real[:5].repeat(40, 1), real)
    assert precision == 1
    assert recall < 0.1


def test_noise_beside_the_real_pictures_loses_precision_but_not_recall():
    real = rows(100)
    precision, recall = precision_recall(torch.cat([real, rows(100, seed=1) + 50]), real)
    assert precision == 0.5
    assert recall == 1


def test_more_neighbours_never_lower_precision_or_recall():
    generated, real = rows(60), rows(60, seed=1) * 1.5
    values = [precision_recall(generated, real, k) for k in (1, 3, 5)]
    assert [sorted(each) for each in zip(*values, strict=True)] == [
        list(each) for each in zip(*values, strict=True)
    ]


def test_a_ball_is_as_wide_as_its_kth_neighbour_is_far():
    real = torch.tensor([[0.0], [1.0], [3.0], [10.0]])  # with k = 1: radii of 1, 1, 2 and 7
    inside = torch.tensor([[-1.0], [5.0], [17.0]])
    outside = torch.tensor([[-1.1], [17.1]])
    assert precision_recall(inside, real, 1)[0] == 1
    assert precision_recall(outside, real, 1)[0] == 0


def test_the_parts_of_a_large_set_are_read_as_one(monkeypatch):
    generated, real = rows(40), rows(40, seed=1)
    expected = precision_recall(generated, real)
    monkeypatch.setattr(metrics, "BATCH", 7)
    assert precision_recall(generated, real) == expected


@pytest.mark.parametrize(("count", "k"), [(3, 3), (10, 0)])
def test_precision_and_recall_need_more_pictures_than_neighbours(count, k):
    with pytest.raises(RequestError, match=f"Got {count} pictures and k = {k}"):
        precision_recall(rows(count), rows(20), k)


def test_features_do_not_depend_on_the_batch(monkeypatch):
    images = pictures(9)
    together = metrics.features(images)
    monkeypatch.setattr(metrics, "BATCH", 4)
    torch.testing.assert_close(metrics.features(images), together)
    assert together.shape == (9, 128)
    assert not together.requires_grad


def test_the_digit_fid_does_not_depend_on_the_order():
    images = pictures(40)
    assert metrics.digit_fid(images) == pytest.approx(metrics.digit_fid(images.flip(0)))


def test_the_shipped_statistics_are_those_of_a_covariance():
    mean, covariance = metrics.digit_statistics()
    assert mean.shape == (128,) and covariance.shape == (128, 128)
    np.testing.assert_allclose(covariance, covariance.T, rtol=1e-5)
    assert np.linalg.eigvalsh(covariance.astype(np.float64)).min() > -1e-3
    assert (mean >= 0).all()  # the features end in a ReLU


def test_noise_and_empty_pages_are_far_above_the_floor_of_real_digits():
    record = json.loads((weights_folder() / NAME / "metrics.json").read_text(encoding="utf-8"))
    floor = record["digit_statistics"]["floors"]["256"]["mean"]
    assert metrics.digit_fid(pictures(256)) > 50 * floor
    assert metrics.digit_fid(torch.full((256, 1, 28, 28), -1.0)) > 50 * floor


def test_the_histogram_counts_what_is_read_and_read_as_asked_compares():
    images = pictures(30)
    seen = metrics.classify(images)
    histogram = metrics.class_histogram(images)
    assert histogram.shape == (10,) and histogram.sum() == pytest.approx(1)
    assert histogram[int(seen[0])] > 0
    assert metrics.read_as_asked(images, seen) == 1
    assert metrics.read_as_asked(images, (seen + 1) % 10) == 0


@pytest.mark.parametrize(
    ("images", "got"),
    [
        (np.zeros((2, 28, 28), np.uint8), r"uint8 \(2, 28, 28\)"),
        (torch.zeros(2, 28, 28), r"\(2, 28, 28\)"),
        (torch.zeros(2, 1, 28, 28, dtype=torch.uint8), "uint8"),
        (torch.zeros(0, 1, 28, 28), r"\(0, 1, 28, 28\)"),
        (torch.full((2, 1, 28, 28), 255.0), "values of 255 to 255"),
        (torch.full((2, 1, 28, 28), math.nan), "values of nan"),
        ("digits", "str"),
    ],
)
def test_pictures_of_another_shape_type_or_range_are_refused(images, got):
    with pytest.raises(RequestError, match=f"Got .*{got}.*; pictures of digits are float tensors"):
        metrics.features(images)


def test_auc_is_the_share_of_pairs_in_order_with_ties_half():
    generator = torch.Generator().manual_seed(0)
    good = torch.randint(0, 6, (30,), generator=generator).float()
    bad = torch.randint(2, 9, (20,), generator=generator).float()
    pairs = (bad[:, None] > good).double() + 0.5 * (bad[:, None] == good)
    assert metrics.auc(good, bad) == pytest.approx(pairs.mean().item())
    assert metrics.auc(bad, good) == pytest.approx(1 - pairs.mean().item())


def test_auc_knows_guessing_perfection_and_any_scale():
    scores = torch.randn(50, generator=torch.Generator().manual_seed(1))
    assert metrics.auc(scores, scores) == pytest.approx(0.5)
    assert metrics.auc(scores, scores + 100) == 1
    shifted = scores + 0.7
    assert metrics.auc(scores.exp(), shifted.exp()) == pytest.approx(metrics.auc(scores, shifted))
