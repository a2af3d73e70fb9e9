"""Checks of notebook 10: colours as text, distances of palettes, safe swatches."""

import re
from collections.abc import Callable

import numpy as np

from tripkit.colors import contrast_ratio, delta_e, find_color, to_hex
from tripkit.course.checks.base import Verdict, attempt, close, hints, passed
from tripkit.prompts.color_tokens import color_code

RGBS = ((255, 182, 193), (70, 130, 180), (255, 255, 255), (0, 0, 0), (3, 251, 127), (86, 17, 249))
EXTRACTED = [((120, 170, 90), 0.5), ((240, 240, 235), 0.3), ((200, 60, 50), 0.2)]
TARGET = [(255, 255, 255), (220, 20, 60), (110, 180, 100), (70, 130, 180)]
HOSTILE = "<img src=x onerror=alert(1)>"


@hints("check.code_hint1", "check.code_hint2")
def check_color_code(function: Callable, language: str = "en") -> Verdict:
    """Exercise 1: RGB as the postcard model reads it, ``(255, 182, 193)`` as "r248 g184 b192"."""
    answers, failed = attempt(function, [(rgb,) for rgb in RGBS], language)
    if failed:
        return failed
    if not all(isinstance(answer, str) for answer in answers):
        return close("check.code_text", language, got=type(answers[0]).__name__)
    expected = [color_code(rgb) for rgb in RGBS]
    if answers == expected:
        return passed("check.code_right", language)
    numbers = [[int(digits) for digits in re.findall(r"\d+", answer)] for answer in answers]
    right = [[int(digits) for digits in re.findall(r"\d+", code)] for code in expected]
    if numbers == right:
        return close("check.code_form", language, got=answers[0], wanted=expected[0])
    if numbers == [list(rgb) for rgb in RGBS]:
        return close("check.code_raw", language)
    if numbers == [[min(248, round(channel / 8) * 8) for channel in rgb] for rgb in RGBS]:
        return close("check.code_halves", language)
    if any(256 in row for row in numbers):
        return close("check.code_cap", language)
    if numbers == [[channel // 8 * 8 for channel in rgb] for rgb in RGBS]:
        return close("check.code_floor", language)
    return _first_wrong(RGBS, answers, expected, language)


@hints("check.distance_hint1", "check.distance_hint2")
def check_palette_distance(function: Callable, language: str = "en") -> Verdict:
    """Exercise 2: for each colour asked for, the distance to the nearest colour found."""
    answers, failed = attempt(function, [(list(EXTRACTED), list(TARGET))], language)
    if failed:
        return failed
    try:
        answer = np.asarray(answers[0], dtype=float)
    except (TypeError, ValueError):
        return close("check.distance_list", language, count=len(TARGET))
    palette = np.array([rgb for rgb, _share in EXTRACTED])
    distances = delta_e(np.array(TARGET)[:, None], palette[None])  # (target, extracted)
    if answer.shape == distances.min(1).shape and np.allclose(answer, distances.min(1)):
        return passed("check.distance_right", language)
    in_order = np.diagonal(distances)
    mistakes = {
        "check.distance_mean": distances.mean(1),
        "check.distance_max": distances.max(1),
        "check.distance_order": in_order,
        "check.distance_other_way": distances.min(0),
        "check.distance_rgb": _rgb_distances(palette).min(1),
        "check.distance_single": distances.min(),
        "check.distance_average": distances.min(1).mean(),
    }
    for code, wrong in mistakes.items():
        if answer.shape == np.shape(wrong) and np.allclose(answer, wrong):
            return close(code, language)
    if answer.shape != (len(TARGET),):
        return close("check.distance_list", language, count=len(TARGET))
    return _first_wrong(TARGET, answer.round(3), distances.min(1).round(3), language)


@hints("check.swatch_hint1", "check.swatch_hint2")
def check_safe_swatch(function: Callable, language: str = "en") -> Verdict:
    """Exercise 3: a colour's name on its colour, as HTML that runs nothing and can be read."""
    cases = [("cherry", rgb) for rgb in RGBS] + [(HOSTILE, RGBS[0]), ('"><b>', RGBS[0])]
    answers, failed = attempt(function, cases, language)
    if failed:
        return failed
    if not all(isinstance(answer, str) for answer in answers):
        return close("check.swatch_text", language, got=type(answers[0]).__name__)
    if any(danger in answer for answer in answers[-2:] for danger in ("<img", "<b>")):
        return close("check.swatch_escape", language)
    for answer, rgb in zip(answers, RGBS, strict=False):
        if "cherry" not in answer:
            return close("check.swatch_name", language)
        if to_hex(rgb) not in answer.lower():
            return close("check.swatch_color", language, wanted=to_hex(rgb))
        inks = re.findall(r"(?<![-\w])color\s*:\s*([#\w]+)", answer)
        ink = find_color(inks[-1]) if inks else None
        if ink is None or contrast_ratio(ink, rgb) < 4.5:
            return close("check.swatch_ink", language, color=to_hex(rgb))
    return passed("check.swatch_right", language)


def _rgb_distances(palette):
    return np.linalg.norm(np.array(TARGET)[:, None] - palette[None], axis=-1)


def _first_wrong(inputs, answers, expected, language):
    rows = list(zip(inputs, answers, expected, strict=True))
    wrong = next((row for row in rows if row[1] != row[2]), rows[0])
    names = ("rgb", "got", "wanted")
    return close("check.wrong", language, **dict(zip(names, map(str, wrong), strict=True)))
