"""What the network is asked for: the noise, the picture, or a mix of the two called v.

All say the same thing about a noisy picture: from any of them the others follow. For flow matching,
``alpha_bar`` has no meaning; its x_t = (1 - sigma) x_0 + sigma epsilon takes ``sigma`` instead.
"""

from __future__ import annotations

from torch import Tensor

from tripkit.core.errors import RequestError

PREDICTION_TYPES = ("epsilon", "v_prediction", "sample")


def target(prediction_type: str, original_samples: Tensor, noise: Tensor, alpha_bar: Tensor):
    """What the network should answer, of the shape of ``noise``.

    epsilon is the noise, sample the picture x_0, and
    v = sqrt(alpha_bar) * epsilon - sqrt(1 - alpha_bar) * x_0
    (Salimans & Ho 2022, arXiv:2202.00512, section 4).

    Raises:
        RequestError: an unknown ``prediction_type``.
    """
    check_prediction_type(prediction_type)
    if prediction_type == "epsilon":
        return noise
    if prediction_type == "sample":
        return original_samples
    # From symbol to name: the paper's x is original_samples, its epsilon noise; its alpha_t is the
    # root of alpha_bar, its sigma_t that of 1 - alpha_bar.
    return alpha_bar**0.5 * noise - (1 - alpha_bar) ** 0.5 * original_samples


def convert_model_output(
    prediction_type: str, model_output: Tensor, sample: Tensor, alpha_bar: Tensor
):
    """The picture and the noise in ``sample``, as an answer of the network tells them.

    ``sample`` is x_t = sqrt(alpha_bar) * x_0 + sqrt(1 - alpha_bar) * epsilon, solved for what the
    network did not say.

    Returns:
        (pred_original_sample, pred_noise), each of the shape of ``sample``.

    Raises:
        RequestError: an unknown ``prediction_type``.
    """
    check_prediction_type(prediction_type)
    # From symbol to name: x_t is sample, and model_output is epsilon, x_0 or v of the docstrings;
    # signal is sqrt(alpha_bar), sigma is sqrt(1 - alpha_bar), both (B, 1, 1, 1) or ().
    signal, sigma = alpha_bar**0.5, (1 - alpha_bar) ** 0.5
    if prediction_type == "epsilon":
        # Near t = T, signal is almost 0: small errors of epsilon become large ones of x_0.
        return (sample - sigma * model_output) / signal, model_output
    if prediction_type == "sample":
        return model_output, (sample - signal * model_output) / sigma
    # signal^2 + sigma^2 = 1: (signal, sigma) is a rotation, and its inverse divides by nothing.
    return signal * sample - sigma * model_output, sigma * sample + signal * model_output


def velocity(original_samples: Tensor, noise: Tensor) -> Tensor:
    """The target of flow matching: noise - x_0, the direction of the straight path.

    Lipman et al. 2023 (arXiv:2210.02747) point from noise to picture; the sign here is diffusers'.
    """
    # From symbol to name: x_0 is original_samples. It is d x_sigma / d sigma of the straight path,
    # the same at every sigma.
    return noise - original_samples


def check_prediction_type(prediction_type: str) -> None:
    """Raises RequestError for a prediction type that does not exist."""
    if prediction_type not in PREDICTION_TYPES:
        raise RequestError(
            "bad_prediction_type", got=prediction_type, allowed=", ".join(PREDICTION_TYPES)
        )
