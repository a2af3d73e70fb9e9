"""Checks of notebook 08: masks between two conventions, models that end, what a class pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
from PIL import Image

from tripkit.course.checks.base import (
    Verdict,
    as_number,
    attempt,
    close,
    hints,
    passed,
    same_numbers,
)

TODAY = date(2030, 3, 1)
ENDS = (  # made up, and not in order
    ("late", TODAY + timedelta(61)),
    ("on the last day", TODAY + timedelta(60)),
    ("never", None),
    ("gone", TODAY - timedelta(1)),
    ("soon", TODAY + timedelta(3)),
    ("today", TODAY),
    ("long gone", TODAY - timedelta(900)),
)
TOKENS = {"low": 300, "medium": 1700, "high": 7000}  # made up, too


@hints("check.mask_hint1", "check.mask_hint2", "check.mask_hint3")
def check_edit_mask(function: Callable, language: str = "en") -> Verdict:
    """Exercise 1: our mask (white is drawn anew) as OpenAI wants it (alpha 0 is drawn anew)."""
    masks = [_mask(seed, size) for seed, size in enumerate([(8, 8), (12, 5), (64, 64)])]
    returned, failed = attempt(function, [(mask.copy(),) for mask in masks], language)
    if failed:
        return failed
    if not all(isinstance(image, Image.Image) for image in returned):
        return close("check.mask_type", language, got=type(returned[0]).__name__)
    if any(image.mode != "RGBA" for image in returned):
        return close("check.mask_mode", language, got=returned[0].mode)
    for image, mask in zip(returned, masks, strict=True):
        if image.size != mask.size:
            sizes = {"got": image.size, "wanted": mask.size}
            return close("check.mask_size", language, **sizes)
    alphas = [np.asarray(image.getchannel("A")) for image in returned]
    ours = [np.asarray(mask) for mask in masks]
    pairs = list(zip(alphas, ours, strict=True))
    if all(np.array_equal(alpha, 255 - white) for alpha, white in pairs):
        return passed("check.mask_right", language)
    if all(np.array_equal(alpha, white) for alpha, white in pairs):
        return close("check.mask_inverted", language)
    if all((alpha == 255).all() for alpha in alphas):
        return close("check.mask_opaque", language)
    if all(alpha.max() <= 1 for alpha in alphas):
        return close("check.mask_ones", language)
    return close("check.mask_wrong", language)


@hints("check.ending_hint1", "check.ending_hint2")
def check_ending(function: Callable, language: str = "en") -> Verdict:
    """Exercise 2: the ids of models that end within so many days, soonest first."""
    rows = [SimpleNamespace(id=id, shutdown=end) for id, end in ENDS]
    spans = (60, 3, 0)
    returned, failed = attempt(function, [(list(rows), TODAY, days) for days in spans], language)
    if failed:
        return failed
    if not all(isinstance(ids, list | tuple) for ids in returned):
        return close("check.ending_list", language, got=type(returned[0]).__name__)
    if any(not isinstance(id, str) for ids in returned for id in ids):
        return close("check.ending_ids", language)
    expected = [_ending(days) for days in spans]
    answers = [list(ids) for ids in returned]
    if answers == expected:
        return passed("check.ending_right", language)
    if any({"gone", "long gone"} & set(ids) for ids in answers):
        return close("check.ending_gone", language)
    if "late" in answers[0]:
        return close("check.ending_late", language)
    if "on the last day" not in answers[0]:
        return close("check.ending_last", language)
    if "today" not in answers[0]:
        return close("check.ending_today", language)
    if [sorted(ids) for ids in answers] == [sorted(ids) for ids in expected]:
        return close("check.ending_order", language)
    return close("check.ending_wrong", language, got=", ".join(answers[0])[:80])


@hints("check.class_hint1", "check.class_hint2")
def check_class_cost(function: Callable, language: str = "en") -> Verdict:
    """Exercise 3: what so many pictures of a quality cost, in US dollars."""
    price = {"usd_per_million_image_output": 40.0, "usd_per_million_output": 7.0}
    service = SimpleNamespace(**price, output_tokens=dict(TOKENS))
    cases = [(service, quality, count) for quality in TOKENS for count in (1, 30, 900)]
    returned, failed = attempt(function, cases, language)
    if failed:
        return failed
    numbers = [as_number(each) for each in returned]
    if None in numbers:
        return close("check.class_number", language, got=type(returned[0]).__name__)
    tokens = [TOKENS[quality] * count for _, quality, count in cases]
    expected = [40.0 * each / 1e6 for each in tokens]
    if same_numbers(numbers, expected):
        return passed("check.class_right", language)
    mistakes: dict[str, Sequence[float]] = {
        "check.class_one": [40.0 * TOKENS[quality] / 1e6 for _, quality, _ in cases],
        "check.class_text_price": [7.0 * each / 1e6 for each in tokens],
        "check.class_million": [40.0 * each for each in tokens],
        "check.class_thousand": [40.0 * each / 1e3 for each in tokens],
        "check.class_tokens": tokens,
        "check.class_quality": [40.0 * TOKENS["low"] * count / 1e6 for _, _, count in cases],
    }
    for code, wrong in mistakes.items():
        if same_numbers(numbers, wrong):
            return close(code, language)
    return close("check.class_wrong", language, got=numbers[0], wanted=expected[0])


def _mask(seed: int, size: tuple[int, int]) -> Image.Image:
    """White and black by chance, both of them somewhere."""
    pixels = np.random.default_rng(seed).integers(0, 2, size[::-1], dtype=np.uint8) * 255
    pixels[0, :2] = 0, 255
    return Image.fromarray(pixels)


def _ending(days: int) -> list[str]:
    last = TODAY + timedelta(days)
    rows = [(end, id) for id, end in ENDS if end is not None and TODAY <= end <= last]
    return [id for _, id in sorted(rows)]
