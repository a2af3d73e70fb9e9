"""The checks of notebook 08: right answers pass, likely mistakes are named."""

from datetime import timedelta

import numpy as np
from PIL import Image, ImageChops

from tripkit.core.messages import text
from tripkit.course.checks import check_class_cost, check_edit_mask, check_ending


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


def with_alpha(alpha_of, size=None):
    """An answer to exercise 1 with another alpha channel."""

    def answer(mask):
        image = Image.new("RGBA", size or mask.size)
        image.putalpha(Image.fromarray(alpha_of(np.asarray(mask))).resize(image.size))
        return image

    return answer


def chosen(fits, key=lambda s: s.shutdown):
    """An answer to exercise 2 with another condition or order."""

    def answer(services, day, days):
        last = day + timedelta(days)
        found = [s for s in services if s.shutdown is not None and fits(s.shutdown, day, last)]
        return [s.id for s in (sorted(found, key=key) if key else found)]

    return answer


RIGHT = [(check_edit_mask, edit_mask), (check_ending, ending), (check_class_cost, class_cost)]

MISTAKES = [
    (check_edit_mask, lambda mask: np.asarray(mask), "mask_type"),
    (check_edit_mask, ImageChops.invert, "mask_mode"),
    (check_edit_mask, with_alpha(lambda mask: 255 - mask, (8, 8)), "mask_size"),
    (check_edit_mask, with_alpha(lambda mask: mask), "mask_inverted"),
    (check_edit_mask, with_alpha(lambda mask: np.full_like(mask, 255)), "mask_opaque"),
    (check_edit_mask, with_alpha(lambda mask: (mask == 0).astype(np.uint8)), "mask_ones"),
    (check_edit_mask, with_alpha(lambda mask: np.zeros_like(mask) + 9), "mask_wrong"),
    (check_ending, chosen(lambda end, _day, last: end <= last), "ending_gone"),
    (check_ending, chosen(lambda end, day, last: day <= end), "ending_late"),
    (check_ending, chosen(lambda end, day, last: day <= end < last), "ending_last"),
    (check_ending, chosen(lambda end, day, last: day < end <= last), "ending_today"),
    (check_ending, chosen(lambda end, day, last: day <= end <= last, key=None), "ending_order"),
    (check_ending, lambda services, _day, _days: services, "ending_ids"),
    (check_class_cost, lambda s, q, n: class_cost(s, q, 1), "class_one"),
    (
        check_class_cost,
        lambda s, q, n: n * s.output_tokens[q] * s.usd_per_million_output / 1e6,
        "class_text_price",
    ),
    (check_class_cost, lambda s, q, n: class_cost(s, q, n) * 1e6, "class_million"),
    (check_class_cost, lambda s, q, n: class_cost(s, q, n) * 1e3, "class_thousand"),
    (check_class_cost, lambda s, q, n: n * s.output_tokens[q], "class_tokens"),
    (check_class_cost, lambda s, q, n: class_cost(s, "low", n), "class_quality"),
]


def test_what_was_returned_is_told_beside_what_was_asked_for():
    def told(mistake):
        return check_edit_mask(mistake).text

    assert told(np.asarray) == text("check.mask_type", "en", got="ndarray")
    assert told(ImageChops.invert) == text("check.mask_mode", "en", got="L")
    small = told(with_alpha(lambda mask: 255 - mask, (8, 8)))
    assert small == text("check.mask_size", "en", got=(8, 8), wanted=(12, 5))
