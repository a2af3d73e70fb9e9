"""Checks of the exercises: they test properties, and name the mistake that was probably made."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tripkit.colors import contrast_ratio, delta_e, find_color, to_hex
from tripkit.images.wording import color_code
from tripkit.messages import text

RGBS = ((255, 182, 193), (70, 130, 180), (255, 255, 255), (0, 0, 0), (3, 251, 127), (86, 17, 249))
FOUND = [((120, 170, 90), 0.5), ((240, 240, 235), 0.3), ((200, 60, 50), 0.2)]
ASKED = [(255, 255, 255), (220, 20, 60), (110, 180, 100), (70, 130, 180)]
HOSTILE = "<img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class Verdict:
    """What a check found; a cell that ends in one shows its text."""

    passed: bool
    text: str

    def __repr__(self):
        return self.text


def check_color_code(function: Callable, language: str = "en") -> Verdict:
    """Exercise 1: RGB as the postcard model reads it, ``(255, 182, 193)`` as "r248 g184 b192"."""
    answers, failed = _answers(function, [(rgb,) for rgb in RGBS], language)
    if failed:
        return failed
    if not all(isinstance(answer, str) for answer in answers):
        return _close("check.code_text", language, got=type(answers[0]).__name__)
    wanted = [color_code(rgb) for rgb in RGBS]
    if answers == wanted:
        return Verdict(True, text("check.code_right", language))
    numbers = [[int(digits) for digits in re.findall(r"\d+", answer)] for answer in answers]
    right = [[int(digits) for digits in re.findall(r"\d+", code)] for code in wanted]
    if numbers == right:
        return _close("check.code_form", language, got=answers[0], wanted=wanted[0])
    if numbers == [list(rgb) for rgb in RGBS]:
        return _close("check.code_raw", language)
    if numbers == [[min(248, round(channel / 8) * 8) for channel in rgb] for rgb in RGBS]:
        return _close("check.code_halves", language)
    if any(256 in row for row in numbers):
        return _close("check.code_cap", language)
    if numbers == [[channel // 8 * 8 for channel in rgb] for rgb in RGBS]:
        return _close("check.code_floor", language)
    return _first_wrong(RGBS, answers, wanted, language)


def check_palette_distance(function: Callable, language: str = "en") -> Verdict:
    """Exercise 2: for each colour asked for, the distance to the nearest colour found."""
    answers, failed = _answers(function, [(list(FOUND), list(ASKED))], language)
    if failed:
        return failed
    try:
        answer = np.asarray(answers[0], dtype=float)
    except (TypeError, ValueError):
        return _close("check.distance_list", language, count=len(ASKED))
    found = np.array([rgb for rgb, _share in FOUND])
    distances = delta_e(np.array(ASKED)[:, None], found[None])  # (asked, found)
    if answer.shape == distances.min(1).shape and np.allclose(answer, distances.min(1)):
        return Verdict(True, text("check.distance_right", language))
    in_order = np.diagonal(distances)
    mistakes = {
        "check.distance_mean": distances.mean(1),
        "check.distance_max": distances.max(1),
        "check.distance_order": in_order,
        "check.distance_other_way": distances.min(0),
        "check.distance_rgb": _rgb_distances(found).min(1),
        "check.distance_single": distances.min(),
        "check.distance_average": distances.min(1).mean(),
    }
    for code, wrong in mistakes.items():
        if answer.shape == np.shape(wrong) and np.allclose(answer, wrong):
            return _close(code, language)
    if answer.shape != (len(ASKED),):
        return _close("check.distance_list", language, count=len(ASKED))
    return _first_wrong(ASKED, answer.round(3), distances.min(1).round(3), language)


def check_safe_swatch(function: Callable, language: str = "en") -> Verdict:
    """Exercise 3: a colour's name on its colour, as HTML that runs nothing and can be read."""
    cases = [("cherry", rgb) for rgb in RGBS] + [(HOSTILE, RGBS[0]), ('"><b>', RGBS[0])]
    answers, failed = _answers(function, cases, language)
    if failed:
        return failed
    if not all(isinstance(answer, str) for answer in answers):
        return _close("check.swatch_text", language, got=type(answers[0]).__name__)
    if any(danger in answer for answer in answers[-2:] for danger in ("<img", "<b>")):
        return _close("check.swatch_escape", language)
    for answer, rgb in zip(answers, RGBS, strict=False):
        if "cherry" not in answer:
            return _close("check.swatch_name", language)
        if to_hex(rgb) not in answer.lower():
            return _close("check.swatch_color", language, wanted=to_hex(rgb))
        inks = re.findall(r"(?<![-\w])color\s*:\s*([#\w]+)", answer)
        ink = find_color(inks[-1]) if inks else None
        if ink is None or contrast_ratio(ink, rgb) < 4.5:
            return _close("check.swatch_ink", language, color=to_hex(rgb))
    return Verdict(True, text("check.swatch_right", language))


def _answers(function, cases, language):
    """What the function returns for each case, or the verdict that ends the check."""
    try:
        answers = [function(*case) for case in cases]
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"[:120]
        return None, _close("check.raised", language, problem=problem)
    if all(answer is None or answer is ... for answer in answers):
        return None, Verdict(False, text("check.not_attempted", language))
    if any(answer is None for answer in answers):
        return None, _close("check.sometimes_none", language)
    return answers, None


def _rgb_distances(found):
    return np.linalg.norm(np.array(ASKED)[:, None] - found[None], axis=-1)


def _first_wrong(inputs, answers, wanted, language):
    rows = list(zip(inputs, answers, wanted, strict=True))
    wrong = next((row for row in rows if row[1] != row[2]), rows[0])
    names = ("rgb", "got", "wanted")
    return _close("check.wrong", language, **dict(zip(names, map(str, wrong), strict=True)))


def _close(code, language, **details):
    return Verdict(False, text(code, language, **details))
