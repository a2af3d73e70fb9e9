"""The checks of the exercises: right answers pass, likely mistakes are named."""

from html import escape

import numpy as np
import pytest

from tripkit.colors import delta_e, palette_distance, text_color, to_hex
from tripkit.core.messages import LANGUAGES, text
from tripkit.course.checks import check_color_code, check_palette_distance, check_safe_swatch
from tripkit.prompts.color_tokens import color_code

CHECKS = (check_color_code, check_palette_distance, check_safe_swatch)


def coded(level):
    return lambda rgb: "r{} g{} b{}".format(*map(level, rgb))


def swatch(name, rgb, ink=None, clean=escape):
    style = f"background:{to_hex(rgb)};color:{ink or to_hex(text_color(rgb))}"
    return f'<div style="{style}">{clean(name)}</div>'


def each(function):
    """For each colour asked for, ``function`` of its distances to the colours found."""
    return lambda found, asked: [
        function([float(delta_e(rgb, other)) for other, _ in found]) for rgb in asked
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_right_answers_pass(language):
    assert check_color_code(color_code, language).passed
    assert check_color_code(coded(lambda c: min(248, int(c / 8 + 0.5) * 8)), language).passed
    assert check_palette_distance(palette_distance, language).passed
    assert check_palette_distance(each(min), language).passed
    assert check_safe_swatch(swatch, language).passed


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stub_is_not_attempted_yet(check, language):
    verdict = check(lambda *_: None, language)
    assert not verdict.passed
    assert repr(verdict) == text("check.not_attempted", language)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_hints_come_one_by_one_where_they_are_asked_for(check, language):
    count = len(check.hints)
    assert count >= 2
    for number in range(count + 2):
        lines = check(lambda *_: None, language, hint=number).hints
        assert len(lines) == min(number, count)
        for code, line in zip(check.hints, lines, strict=False):
            assert text(code, language) in line


@pytest.mark.parametrize("check", CHECKS)
def test_a_wrong_answer_says_how_to_ask_for_the_next_hint(check):
    wrong = "?"
    assert "Add hint=1" in repr(check(lambda *_: wrong))
    assert "Hint 1 of 2" in repr(check(lambda *_: wrong, hint=1))
    assert "Add hint=2" in repr(check(lambda *_: wrong, hint=1))
    assert "Add hint" not in repr(check(lambda *_: wrong, hint=2))


def test_a_right_answer_and_a_wrong_number_of_hints_show_none():
    assert check_color_code(color_code, hint=2).hints == ()
    assert check_color_code(lambda rgb: None, hint=-1).hints == ()


@pytest.mark.parametrize("check", CHECKS)
def test_an_exception_is_told_not_raised(check):
    verdict = check(lambda *_: 1 / 0)
    assert not verdict.passed
    assert "ZeroDivisionError: division by zero" in verdict.text


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("nonsense", [3, "?", [], {}, object(), float("nan")])
def test_nonsense_does_not_pass_and_does_not_break_the_check(check, nonsense):
    assert not check(lambda *_: nonsense).passed


@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        (coded(lambda c: c), "check.code_raw"),
        (coded(lambda c: c // 8 * 8), "check.code_floor"),
        (coded(lambda c: (c + 4) // 8 * 8), "check.code_cap"),
        (coded(lambda c: min(248, round(c / 8) * 8)), "check.code_halves"),
    ],
)
def test_likely_mistakes_with_the_code_of_a_colour_are_named(mistake, code):
    assert check_color_code(mistake).text == text(code, "en")


def test_the_right_numbers_in_another_form_are_shown_beside_the_right_form():
    verdict = check_color_code(lambda rgb: color_code(rgb).replace(" ", ","))
    assert "r248,g184,b192 should read r248 g184 b192" in verdict.text


@pytest.mark.parametrize(
    ("mistake", "code"),
    [
        (each(max), "check.distance_max"),
        (each(np.mean), "check.distance_mean"),
        (lambda f, a: float(np.mean(each(min)(f, a))), "check.distance_average"),
        (lambda f, a: min(each(min)(f, a)), "check.distance_single"),
        (
            lambda f, a: [float(delta_e(x, y)) for x, (y, _) in zip(a, f, strict=False)],
            "check.distance_order",
        ),
        (
            lambda f, a: [min(float(delta_e(x, y)) for x in a) for y, _ in f],
            "check.distance_other_way",
        ),
        (
            lambda f, a: [min(np.linalg.norm(np.subtract(x, y)) for y, _ in f) for x in a],
            "check.distance_rgb",
        ),
    ],
)
def test_likely_mistakes_with_the_distance_to_a_palette_are_named(mistake, code):
    assert check_palette_distance(mistake).text == text(code, "en")


def test_a_distance_that_is_a_little_off_is_wrong():
    verdict = check_palette_distance(lambda f, a: [d + 1e-3 for d in palette_distance(f, a)])
    assert verdict.text.startswith("Not yet. For (255, 255, 255)")


def test_likely_mistakes_with_a_swatch_are_named():
    def told(function):
        return check_safe_swatch(function).text

    assert told(lambda n, c: swatch(n, c, clean=str)) == text("check.swatch_escape", "en")
    assert "cannot be read well" in told(lambda n, c: swatch(n, c, ink="#000000"))
    assert "cannot be read well" in told(lambda n, c: f"<i title='{to_hex(c)}'>{escape(n)}</i>")
    assert told(lambda n, c: to_hex(c)) == text("check.swatch_name", "en")
    assert "The background should be #ffb6c1" in told(lambda n, c: escape(n))
