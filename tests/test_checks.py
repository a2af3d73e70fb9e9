"""The checks of the exercises: right answers pass, likely mistakes are named."""

from html import escape

import numpy as np

from tripkit.colors import delta_e, palette_distance, text_color, to_hex
from tripkit.course.checks import check_color_code, check_palette_distance, check_safe_swatch
from tripkit.prompts.color_tokens import color_code


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


def test_a_right_answer_and_a_wrong_number_of_hints_show_none():
    assert check_color_code(color_code, hint=2).hints == ()
    assert check_color_code(lambda rgb: None, hint=-1).hints == ()


def test_the_right_numbers_in_another_form_are_shown_beside_the_right_form():
    verdict = check_color_code(lambda rgb: color_code(rgb).replace(" ", ","))
    assert "r248,g184,b192 should read r248 g184 b192" in verdict.text


def test_a_distance_that_is_a_little_off_is_wrong():
    verdict = check_palette_distance(lambda f, a: [d + 1e-3 for d in palette_distance(f, a)])
    assert verdict.text.startswith("Not yet. For (255, 255, 255)")


RIGHT = [
    (check_color_code, color_code),
    (check_color_code, coded(lambda c: min(248, int(c / 8 + 0.5) * 8))),
    (check_palette_distance, palette_distance),
    (check_palette_distance, each(min)),
    (check_safe_swatch, swatch),
]

MISTAKES = [
    (check_color_code, coded(lambda c: c), "code_raw"),
    (check_color_code, coded(lambda c: c // 8 * 8), "code_floor"),
    (check_color_code, coded(lambda c: (c + 4) // 8 * 8), "code_cap"),
    (check_color_code, coded(lambda c: min(248, round(c / 8) * 8)), "code_halves"),
    (check_palette_distance, each(max), "distance_max"),
    (check_palette_distance, each(np.mean), "distance_mean"),
    (check_palette_distance, lambda f, a: float(np.mean(each(min)(f, a))), "distance_average"),
    (check_palette_distance, lambda f, a: min(each(min)(f, a)), "distance_single"),
    (
        check_palette_distance,
        lambda f, a: [float(delta_e(x, y)) for x, (y, _) in zip(a, f, strict=False)],
        "distance_order",
    ),
    (
        check_palette_distance,
        lambda f, a: [min(float(delta_e(x, y)) for x in a) for y, _ in f],
        "distance_other_way",
    ),
    (
        check_palette_distance,
        lambda f, a: [min(np.linalg.norm(np.subtract(x, y)) for y, _ in f) for x in a],
        "distance_rgb",
    ),
    (check_safe_swatch, lambda n, c: swatch(n, c, clean=str), "swatch_escape"),
    (check_safe_swatch, lambda n, c: to_hex(c), "swatch_name"),
    (check_safe_swatch, lambda n, c: swatch(n, c, ink="#000000"), "swatch_ink"),
    (check_safe_swatch, lambda n, c: f"<i title='{to_hex(c)}'>{escape(n)}</i>", "swatch_ink"),
    (check_safe_swatch, lambda n, c: escape(n), "swatch_color"),
]
