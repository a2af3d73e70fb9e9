"""The checks of notebook 08: right answers pass, likely mistakes are named."""

from datetime import timedelta

import numpy as np
import pytest
from PIL import Image, ImageChops

from tripkit.core.messages import LANGUAGES, text
from tripkit.course.checks import check_class_cost, check_edit_mask, check_ending

CHECKS = (check_edit_mask, check_ending, check_class_cost)


def edit_mask(mask):
    image = Image.new("RGBA", mask.size)
    image.putalpha(ImageChops.invert(mask))
    return image


def ending(services, day, days):
    last = day + timedelta(days)
    found = [s for s in services if s.shutdown is not None and day <= s.shutdown <= last]
    return [s.id for s in sorted(found, key=lambda s: s.shutdown)]


def class_cost(service, quality, pictures):
    price = service.usd_per_million_image_output
    return pictures * service.output_tokens[quality] * price / 1e6


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("check", "answer"), list(zip(CHECKS, (edit_mask, ending, class_cost), strict=True))
)
def test_right_answers_pass(check, answer, language):
    verdict = check(answer, language)
    assert verdict.passed, verdict


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stub_is_not_attempted_yet(check, language):
    assert repr(check(lambda *_: None, language)) == text("check.not_attempted", language)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_hints_come_one_by_one(check, language):
    assert len(check.hints) >= 2
    for number in range(len(check.hints) + 1):
        lines = check(lambda *_: "?", language, hint=number).hints
        for code, line in zip(check.hints[:number], lines, strict=False):
            assert text(code, language) in line


@pytest.mark.parametrize("check", CHECKS)
def test_an_exception_is_told_not_raised(check):
    assert "ZeroDivisionError" in check(lambda *_: 1 / 0).text


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("nonsense", [3, "?", [], [3], {}, object(), float("nan"), True])
def test_nonsense_does_not_pass_and_does_not_break_the_check(check, language, nonsense):
    assert not check(lambda *_: nonsense, language).passed


def with_alpha(alpha_of, size=None):
    """An answer to exercise 1 with another alpha channel."""

    def answer(mask):
        image = Image.new("RGBA", size or mask.size)
        image.putalpha(Image.fromarray(alpha_of(np.asarray(mask))).resize(image.size))
        return image

    return answer


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("mistake", "code", "details"),
    [
        (lambda mask: np.asarray(mask), "check.mask_type", {"got": "ndarray"}),
        (ImageChops.invert, "check.mask_mode", {"got": "L"}),
        (
            with_alpha(lambda mask: 255 - mask, (8, 8)),
            "check.mask_size",
            {"got": (8, 8), "wanted": (12, 5)},
        ),
        (with_alpha(lambda mask: mask), "check.mask_inverted", {}),
        (with_alpha(lambda mask: np.full_like(mask, 255)), "check.mask_opaque", {}),
        (with_alpha(lambda mask: (mask == 0).astype(np.uint8)), "check.mask_ones", {}),
        (with_alpha(lambda mask: np.zeros_like(mask) + 9), "check.mask_wrong", {}),
    ],
)
def test_mistakes_with_masks_are_named(mistake, code, details, language):
    assert check_edit_mask(mistake, language).text == text(code, language, **details)


def chosen(fits, key=lambda s: s.shutdown):
    """An answer to exercise 2 with another condition or order."""

    def answer(services, day, days):
        last = day + timedelta(days)
        found = [s for s in services if s.shutdown is not None and fits(s.shutdown, day, last)]
        return [s.id for s in (sorted(found, key=key) if key else found)]

    return answer


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        (chosen(lambda end, _day, last: end <= last), "check.ending_gone"),
        (chosen(lambda end, day, _last: day <= end), "check.ending_late"),
        (chosen(lambda end, day, last: day <= end < last), "check.ending_last"),
        (chosen(lambda end, day, last: day < end <= last), "check.ending_today"),
        (chosen(lambda end, day, last: day <= end <= last, key=None), "check.ending_order"),
        (lambda services, _day, _days: services, "check.ending_ids"),
    ],
)
def test_mistakes_with_dates_are_named(mistake, code, language):
    assert check_ending(mistake, language).text == text(code, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        (lambda s, q, n: class_cost(s, q, 1), "check.class_one"),
        (
            lambda s, q, n: n * s.output_tokens[q] * s.usd_per_million_output / 1e6,
            "check.class_text_price",
        ),
        (lambda s, q, n: class_cost(s, q, n) * 1e6, "check.class_million"),
        (lambda s, q, n: class_cost(s, q, n) * 1e3, "check.class_thousand"),
        (lambda s, q, n: n * s.output_tokens[q], "check.class_tokens"),
        (lambda s, q, n: class_cost(s, "low", n), "check.class_quality"),
    ],
)
def test_mistakes_with_prices_are_named(mistake, code, language):
    assert check_class_cost(mistake, language).text == text(code, language)
