"""What every exercise check keeps: what is right passes, what is wrong is named, nothing breaks it.

Each topic's file has its right answers and its likely mistakes; here they meet the same laws.
"""

import math
import re
import string

import pytest
import test_checks
import test_checks_clip
import test_checks_families
import test_checks_noise
import test_checks_planner
import test_checks_sampling
import test_checks_services
import test_checks_text_to_image
import torch
from PIL import Image

from tripkit.core.messages import LANGUAGES, MESSAGES, text
from tripkit.course import checks

TENSORS = (
    test_checks_clip,
    test_checks_families,
    test_checks_noise,
    test_checks_sampling,
    test_checks_text_to_image,
)
TOPICS = (*TENSORS, test_checks, test_checks_planner, test_checks_services)
CHECKS = [getattr(checks, name) for name in checks.__all__ if name.startswith("check_")]
EACH = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
NONSENSE = (
    *(3, -1, math.nan, math.inf, 1j, True, object(), b"", int),
    *("", "?", "{}", "[1]", [], {}, [3], [1, "a"], (1, 2), (1, "?"), (None, 2)),
    *(torch.ones(2, 7), torch.zeros(0), (torch.ones(2), torch.ones(3)), Image.new("L", (3, 3))),
)


PAIRS = (checks.check_gan_losses, checks.check_latent_ends)  # two tensors are asked for
OF_ONE_TENSOR = [
    check
    for check in CHECKS
    if check not in PAIRS and any(check is case[0] for topic in TENSORS for case in topic.RIGHT)
]


def of_topics(topics, kind, check):
    """What the topics' files have of this check: its right answers, or its mistakes."""
    return [case[1:] for topic in topics for case in getattr(topic, kind) if case[0] is check]


def says(code, language):
    """A pattern of the message's text with anything in its fields."""
    parts = [part for part, *_ in string.Formatter().parse(MESSAGES[code][language])]
    return re.compile(".+".join(map(re.escape, parts)) + ".*", re.DOTALL)


@EACH
def test_every_check_has_right_answers_and_mistakes_that_it_names(check):
    assert of_topics(TOPICS, "RIGHT", check) and len(of_topics(TOPICS, "MISTAKES", check)) > 3


@EACH
def test_right_answers_pass_and_show_no_hints(check):
    for (answer,) in of_topics(TOPICS, "RIGHT", check):
        for language in LANGUAGES:
            verdict = check(answer, language, hint=3)
            assert verdict.passed and verdict.hints == (), verdict


@EACH
def test_likely_mistakes_are_named(check):
    for mistake, code in of_topics(TOPICS, "MISTAKES", check):
        for language in LANGUAGES:
            verdict = check(mistake, language)
            assert not verdict.passed
            assert says(f"check.{code}", language).fullmatch(verdict.text), (code, verdict)


@EACH
def test_a_stub_is_not_attempted_yet(check):
    for stub in (lambda *_: None, lambda *_: ...):
        for language in LANGUAGES:
            verdict = check(stub, language)
            assert not verdict.passed
            assert repr(verdict) == text("check.not_attempted", language)


@EACH
def test_hints_come_one_by_one_and_the_last_line_says_how_to_ask_for_the_next(check):
    count = len(check.hints)
    assert count >= 2
    for language in LANGUAGES:
        for number in range(-1, count + 2):
            shown = min(max(number, 0), count)
            lines = check(lambda *_: "?", language, hint=number).hints
            for code, line in zip(check.hints[:shown], lines, strict=False):
                assert text(code, language) in line
            more = [text("check.next_hint", language, number=shown + 1)]
            assert list(lines[shown:]) == (more if shown < count else [])


@EACH
def test_an_exception_is_told_not_raised(check):
    for language in LANGUAGES:
        assert "ZeroDivisionError: division by zero" in check(lambda *_: 1 / 0, language).text
        assert "takes 0 positional" in check(lambda: None, language).text


@EACH
def test_nonsense_does_not_pass_and_does_not_break_the_check(check):
    for nonsense in NONSENSE:
        for language in LANGUAGES:
            verdict = check(lambda *_, nonsense=nonsense: nonsense, language)
            assert not verdict.passed and verdict.attempted and verdict.text


def off(answer):
    """The answer, a little off."""
    if isinstance(answer, (list, tuple)) and not all(isinstance(part, float) for part in answer):
        return type(answer)(map(off, answer))
    if isinstance(answer, str):
        return answer.replace("e", "f").replace("8", "9")
    if isinstance(answer, Image.Image):
        return answer.rotate(180)
    return torch.as_tensor(answer) * 1.01 + 0.001


@EACH
def test_an_answer_that_is_a_little_off_is_wrong(check):
    for (answer,) in of_topics(TOPICS, "RIGHT", check):
        verdict = check(lambda *case, answer=answer: off(answer(*case)))
        assert not verdict.passed and verdict.attempted, verdict


@EACH
def test_an_answer_may_change_what_it_was_given(check):
    def careless(*case):
        result = answer(*case)
        result = result.clone() if isinstance(result, torch.Tensor) else result
        for part in case:
            if isinstance(part, torch.Tensor):
                part.zero_()
        return result

    for (right,) in of_topics(TOPICS, "RIGHT", check):
        answer = right
        assert check(careless).passed


@pytest.mark.parametrize("check", OF_ONE_TENSOR, ids=lambda check: check.__name__)
def test_wrong_shapes_and_values_that_are_not_finite_are_named(check):
    for (answer,) in of_topics(TENSORS, "RIGHT", check):
        seven = check(lambda *case, a=answer: torch.as_tensor(a(*case)).flatten()[:1].repeat(7))
        assert seven.text.startswith("The shape is [7]; it should be [")
        endless = check(lambda *case, a=answer: torch.as_tensor(a(*case)) / 0)
        assert endless.text == text("check.tensor_nan", "en")
        verdict = check(lambda *case, a=answer: torch.as_tensor(a(*case)) * 1.01 + 0.001)
        assert verdict.text.startswith("Not yet. Where it is furthest off")
