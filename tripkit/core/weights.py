"""What is said of a model whose weights are not what they should be, and how it is mended."""

from collections.abc import Iterable, Mapping
from typing import Any

from tripkit.core.errors import ModelUnavailableError
from tripkit.core.messages import Phrase


def broken(model: str, kind: Phrase | str, *, shipped: bool = False) -> ModelUnavailableError:
    """The error of a model that is damaged; one that comes with tripkit is restored otherwise."""
    remedy = Phrase("remedy.shipped" if shipped else "remedy.install")
    return ModelUnavailableError("model_broken", model=model, kind=kind, remedy=remedy)


def incomplete(model: str, parts: Iterable[str], *, shipped: bool = False) -> ModelUnavailableError:
    """The error of a model whose parts are not all there."""
    remedy = Phrase("remedy.shipped" if shipped else "remedy.download")
    return ModelUnavailableError(
        "model_incomplete", model=model, parts=", ".join(parts), remedy=remedy
    )


def not_finite(tensors: Mapping[str, Any]) -> list[str]:
    """The names of tensors that hold NaN or infinity."""
    return [name for name, t in tensors.items() if t.is_floating_point() and not t.isfinite().all()]


def check_weights(tensors: Mapping[str, Any], model: str, *, shipped: bool = False) -> None:
    """Refuses weights that hold NaN or infinity: what they draw would be no picture.

    Raises:
        ModelUnavailableError: ``model_broken``, with the tensors' names.
    """
    if names := not_finite(tensors):
        raise broken(model, Phrase("problem.not_finite", names=few(names)), shipped=shipped)


def checked_result(values: Any, network: object) -> Any:
    """What a network of digits has drawn, where it is finite.

    Raises:
        ModelUnavailableError: ``model_broken``.
    """
    if not values.isfinite().all():
        raise ModelUnavailableError(
            "model_broken",
            model=type(network).__name__,
            kind=Phrase("problem.picture_not_finite"),
            remedy=Phrase("remedy.train"),
        )
    return values


def few(names: Iterable[str], count: int = 3) -> str:
    """The first names in the order of the alphabet, for an error."""
    names = sorted(names)
    return ", ".join(names[:count]) + (" ..." if len(names) > count else "")
