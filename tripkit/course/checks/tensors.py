"""Judging answers that are tensors: right, like a known mistake, or neither."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from tripkit.course.checks.base import Verdict, attempt, close, passed


def judge(
    function: Callable,
    cases: Sequence[tuple],
    right: Callable,
    mistakes: Mapping[str, Callable],
    language: str,
    praise: str,
) -> Verdict:
    """Compares a student's function with the right one and with likely mistakes.

    Each case goes to all of them; a student's answer counts as a mistake when it equals that
    mistake's answer in every case. Cases are copied, so that none can change them.

    Args:
        function: the student's.
        cases: arguments; tensors of random numbers tell most mistakes apart.
        right: what it should do.
        mistakes: functions by the code of the message that names them.
        language: "en" or "ko".
        praise: the code of the message for a right answer.
    """
    found, failed = attempt(lambda *case: function(*_copied(case)), cases, language)
    if failed:
        return failed
    wanted = [right(*case) for case in cases]
    answers = []
    for given in found:
        answer = as_tensor(given)
        if answer is None:
            return close("check.tensor_kind", language, got=type(given).__name__)
        answers.append(answer)
    if _all_same(answers, wanted):
        return passed(praise, language)
    for code, mistake in mistakes.items():
        if _all_same(answers, [mistake(*case) for case in cases]):
            return close(code, language)
    return _unknown(answers, wanted, language)


def as_tensor(answer) -> Tensor | None:
    """The answer as a float tensor, without gradients; None if it is no real number."""
    try:
        tensor = torch.as_tensor(answer).detach().cpu()
    except (TypeError, ValueError, RuntimeError):
        return None
    return None if tensor.is_complex() else tensor.double()


def _copied(case: tuple) -> list:
    return [part.clone() if isinstance(part, Tensor) else part for part in case]


def _all_same(answers: Sequence[Tensor], wanted: Sequence) -> bool:
    return all(_same(a, _wanted(w)) for a, w in zip(answers, wanted, strict=True))


def _wanted(answer: object) -> Tensor:
    """Our own answer as a float tensor."""
    return torch.as_tensor(answer).detach().cpu().double()


def _same(answer: Tensor, wanted: Tensor) -> bool:
    return answer.shape == wanted.shape and torch.allclose(answer, wanted, rtol=1e-3, atol=1e-5)


def _unknown(answers: Sequence[Tensor], wanted: Sequence, language: str) -> Verdict:
    """The verdict on an answer that is wrong in a way that nobody foresaw."""
    for answer, right in zip(answers, map(_wanted, wanted), strict=True):
        if answer.shape != right.shape:
            shapes = {"got": list(answer.shape), "wanted": list(right.shape)}
            return close("check.tensor_shape", language, **shapes)
        if not answer.isfinite().all():
            return close("check.tensor_nan", language)
        if not _same(answer, right):
            worst = (answer - right).abs().flatten().argmax()
            got, wanted = (f"{each.flatten()[worst]:.4f}" for each in (answer, right))
            return close("check.tensor_other", language, got=got, wanted=wanted)
    raise AssertionError("unreachable: some answer differs")
