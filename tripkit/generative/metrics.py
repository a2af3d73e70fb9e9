"""How good generated digits are: digit-FID, precision and recall, and what a classifier reads.

All rest on the 128 features of one small classifier (`generative.classifier`), so values compare
only with values from the same classifier, at the same number of pictures.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
from torch import Tensor

from tripkit.core.errors import RequestError
from tripkit.core.settings import package_folder
from tripkit.generative.classifier import load_classifier

BATCH = 500  # pictures that the classifier reads at a time


def _checked(images: Tensor) -> Tensor:
    if not (
        isinstance(images, Tensor)
        and images.is_floating_point()
        and images.ndim == 4
        and images.shape[1:] == (1, 28, 28)
        and len(images)
    ):
        kind = getattr(images, "dtype", type(images).__name__)
        got = f"{kind} {tuple(getattr(images, 'shape', ()))}"
        raise RequestError("bad_digits", got=got)
    low, high = images.min().item(), images.max().item()
    # Some rounding is forgiven; values of 0 to 255, say, are not. NaN fails too.
    if not (low >= -1.001 and high <= 1.001):
        raise RequestError("bad_digits", got=f"values of {low:.3g} to {high:.3g}")
    return images


@torch.no_grad()
def features(images: Tensor) -> Tensor:
    """The classifier's features of pictures: (N, 1, 28, 28) in -1..1 to (N, 128).

    Raises:
        RequestError: ``bad_digits``, the shape, the type or the values are others.
    """
    model = load_classifier()
    return torch.cat([model.features(part) for part in _checked(images).float().split(BATCH)])


@torch.no_grad()
def classify(images: Tensor) -> Tensor:
    """The digits that the classifier reads: (N,) of 0 to 9.

    Raises:
        RequestError: ``bad_digits``, see `features`.
    """
    return load_classifier().head(features(images)).argmax(1)


def moments(rows: Tensor | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (D,) and covariance (D, D) of N rows of D numbers, in float64.

    The covariance divides by N - 1; N is at least 2.
    """
    # In float64: an eigenvalue near 0 that is wrong by e has a root that is wrong by sqrt(e).
    rows = np.asarray(rows, dtype=np.float64)
    return rows.mean(axis=0), np.cov(rows, rowvar=False)


def frechet_distance(mean_a, cov_a, mean_b, cov_b) -> float:
    """The squared Fréchet distance of two Gaussians (Heusel et al. 2017, arXiv:1706.08500, eq. 6).

    |mean_a - mean_b|^2 + tr(cov_a + cov_b - 2 (cov_a cov_b)^(1/2)); Dowson & Landau 1982.
    Means are (D,), covariances (D, D), symmetric and positive semi-definite. The product's root is
    taken as that of cov_a^(1/2) cov_b cov_a^(1/2), which has the same trace and is symmetric: its
    eigenvalues are real, and rounding cannot make them complex.
    """
    # From symbol to name: the paper's m, C are mean_a, cov_a, its m_w, C_w are mean_b, cov_b.
    cov_a, cov_b = np.asarray(cov_a, np.float64), np.asarray(cov_b, np.float64)
    difference = np.asarray(mean_a, np.float64) - np.asarray(mean_b, np.float64)
    values, vectors = np.linalg.eigh(cov_a)  # (D,), and (D, D) in columns
    # An eigenvalue that is 0 may come out a little below it: no root without the clip.
    root_a = (vectors * np.sqrt(values.clip(0))) @ vectors.T  # (D, D)
    product_eigenvalues = np.linalg.eigvalsh(root_a @ cov_b @ root_a).clip(0)  # (D,)
    distance = difference @ difference + np.trace(cov_a) + np.trace(cov_b)
    return max(0.0, float(distance - 2 * np.sqrt(product_eigenvalues).sum()))


@cache
def digit_statistics() -> tuple[np.ndarray, np.ndarray]:
    """Mean (128,) and covariance (128, 128) of the features of the 10,000 MNIST test images.

    They ship with tripkit, so that `digit_fid` needs no download. They are made by
    ``python -m recipes.digit_classifier --statistics``.
    """
    with np.load(package_folder() / "data" / "digit_statistics.npz") as file:
        return file["mean"], file["covariance"]


def digit_fid(images: Tensor) -> float:
    """The digit-FID: `frechet_distance` of the pictures' features to the test images' (0 is best).

    Fewer pictures give larger values, however good they are: compare at one N, and with the
    floors, which are what as many real training images get. The card of the classifier
    (``weights/digit_classifier/README.md``) lists them.

    Args:
        images: (N, 1, 28, 28) in -1..1, N at least 2 (1,000 or more to mean something).

    Raises:
        RequestError: ``bad_digits``, see `features`.
    """
    return frechet_distance(*moments(features(images)), *digit_statistics())


def precision_recall(
    generated_features: Tensor, real_features: Tensor, k: int = 3
) -> tuple[float, float]:
    """Improved precision and recall (Kynkäänniemi et al. 2019, arXiv:1904.06991, eq. 1 and 2).

    Precision is the share of generated pictures that lie among the real ones: nearer to some real
    picture than its k-th nearest real neighbour is. Recall is the share of real pictures that lie
    among the generated ones. Low precision is bad pictures, low recall is missing variety. Both
    depend on the numbers of pictures: take as many of each.

    Args:
        generated_features: (N, D).
        real_features: (M, D).
        k: neighbours that span a picture's ball; fewer than N and M.

    Raises:
        RequestError: ``too_few_pictures``, for this k.
    """
    # From symbol to name: the paper's Phi_g is generated_features, its Phi_r real_features.
    few = min(len(generated_features), len(real_features))
    if not 1 <= k < few:
        raise RequestError("too_few_pictures", got=few, k=k)
    precision = _covered(generated_features, real_features, k)
    return precision, _covered(real_features, generated_features, k)


def _distances(rows: Tensor, others: Tensor) -> Tensor:
    # Exact, so that a copy is at distance 0: the faster way through a product of matrices rounds.
    return torch.cdist(rows, others, compute_mode="donot_use_mm_for_euclid_dist")


def _covered(rows: Tensor, others: Tensor, k: int) -> float:
    """The share of rows inside any ball of the others, each as wide as its k-th neighbour is far.

    The (k + 1)-th smallest distance, since the smallest is that to itself.
    """
    # From symbol to name: phi is a row, Phi others, |phi' - NN_k(phi', Phi)| its entry of radii.
    # In parts, since all distances at once are N * M numbers.
    parts = others.split(BATCH)
    radii = [_distances(part, others).kthvalue(k + 1, dim=1).values for part in parts]
    radii = torch.cat(radii)  # (M,)
    covered = [(_distances(part, others) <= radii).any(dim=1) for part in rows.split(BATCH)]
    return torch.cat(covered).float().mean().item()


def class_histogram(images: Tensor) -> np.ndarray:
    """The shares of the pictures that are read as each digit: (10,), together 1.

    Raises:
        RequestError: ``bad_digits``, see `features`.
    """
    return np.bincount(classify(images).numpy(), minlength=10) / len(images)


def read_as_asked(images: Tensor, labels: Tensor) -> float:
    """The share of pictures that are read as the digit that was asked for.

    Args:
        images: (N, 1, 28, 28) in -1..1.
        labels: (N,) of 0 to 9.

    Raises:
        RequestError: ``bad_digits``, see `features`.
    """
    return (classify(images) == labels).float().mean().item()


def auc(good: Tensor, bad: Tensor) -> float:
    """The area under the ROC curve: how well a score tells the bad from the good.

    It is the chance that a random bad one scores above a random good one, a tie counting half
    (Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747): 1/2 is guessing, 1 is perfect.
    Computed by ranks, as the Mann-Whitney U statistic.

    Args:
        good: (N,) scores, N at least 1.
        bad: (M,) scores, which should be higher, M at least 1.
    """
    scores = torch.cat([torch.as_tensor(good), torch.as_tensor(bad)]).double()
    _, group, sizes = scores.unique(return_inverse=True, return_counts=True)
    last = sizes.cumsum(0).double()  # the rank of each group's last score, from 1 on
    ranks = (last - (sizes - 1) / 2)[group]  # equal scores share the mean of their ranks
    # U: the bad ones' ranks, less those that they have among themselves.
    wins = ranks[len(good) :].sum() - len(bad) * (len(bad) + 1) / 2
    return (wins / (len(good) * len(bad))).item()
