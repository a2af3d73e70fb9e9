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
    returned, failed = attempt(lambda *case: function(*_copied(case)), cases, language)
    if failed:
        return failed
    expected = [right(*case) for case in cases]
    answers = []
    for given in returned:
        answer = as_tensor(given)
        if answer is None:
            return close("check.tensor_kind", language, got=type(given).__name__)
        answers.append(answer)
    if _all_same(answers, expected):
        return passed(praise, language)
    for code, mistake in mistakes.items():
        if _all_same(answers, [mistake(*case) for case in cases]):
            return close(code, language)
    return _unknown(answers, expected, language)


def as_tensor(answer) -> Tensor | None:
    """The answer as a float tensor, without gradients; None if it is no real number."""
    try:
        tensor = torch.as_tensor(answer).detach().cpu()
    except (TypeError, ValueError, RuntimeError):
        return None
    return None if tensor.is_complex() else tensor.double()


def _copied(case: tuple) -> list:
    return [part.clone() if isinstance(part, Tensor) else part for part in case]


def _all_same(answers: Sequence[Tensor], expected: Sequence) -> bool:
    return all(_same(a, _expected(w)) for a, w in zip(answers, expected, strict=True))


def _expected(answer: object) -> Tensor:
    """Our own answer as a float tensor."""
    return torch.as_tensor(answer).detach().cpu().double()


def _same(answer: Tensor, expected: Tensor) -> bool:
    return answer.shape == expected.shape and torch.allclose(answer, expected, rtol=1e-3, atol=1e-5)


def _unknown(answers: Sequence[Tensor], expected: Sequence, language: str) -> Verdict:
    """The verdict on an answer that is wrong in a way that nobody foresaw."""
    for answer, right in zip(answers, map(_expected, expected), strict=True):
        if answer.shape != right.shape:
            shapes = {"got": list(answer.shape), "wanted": list(right.shape)}
            return close("check.tensor_shape", language, **shapes)
        if not answer.isfinite().all():
            return close("check.tensor_nan", language)
        if not _same(answer, right):
            worst = (answer - right).abs().flatten().argmax()
            got, expected = (f"{each.flatten()[worst]:.4f}" for each in (answer, right))
            return close("check.tensor_other", language, got=got, wanted=expected)
    raise AssertionError("unreachable: some answer differs")
