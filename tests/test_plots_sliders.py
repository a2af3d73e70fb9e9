"""Sliders: every move draws, an error is shown and forgotten, nothing is left open."""

from io import BytesIO

import matplotlib

matplotlib.use("agg")  # no screen here

import matplotlib.pyplot as plt
import torch
from PIL import Image

from tripkit.course.plots import choice, digit_grid, slider, with_sliders


def parts(box):
    *controls, picture, trouble = box.children
    return controls, picture, trouble


def test_each_move_draws_anew_with_the_values_of_all_controls():
    seen = []

    def draw(t, name):
        seen.append((t, name))
        return digit_grid(torch.full((2, 28, 28), t / 1000))

    box = with_sliders(draw, t=slider(0, 999, 300), name=choice("linear", "cosine"))
    (t, name), picture, trouble = parts(box)
    first = bytes(picture.value)
    t.value = 700
    second = bytes(picture.value)
    name.value = "cosine"
    t.value = 300
    assert seen == [(300, "linear"), (700, "linear"), (700, "cosine"), (300, "cosine")]
    assert first.startswith(b"\x89PNG") and first != second and bytes(picture.value) == first
    assert trouble.value == "" and plt.get_fignums() == []
    assert [control.description for control in (t, name)] == ["t", "name"]


def test_an_error_is_shown_escaped_and_the_next_move_works_again():
    def draw(t):
        if t > 5:
            raise ValueError("<b>too much</b>")
        return digit_grid(torch.zeros(1, 28, 28))

    (t,), picture, trouble = parts(with_sliders(draw, t=slider(0, 9, 1)))
    t.value = 8
    assert "ValueError: &lt;b&gt;too much&lt;/b&gt;" in trouble.value
    t.value = 2
    assert trouble.value == "" and Image.open(BytesIO(picture.value)).width > 10


def test_two_boxes_do_not_know_each_other():
    def draw(t):
        return digit_grid(torch.full((1, 28, 28), float(t)))

    one, two = (with_sliders(draw, t=slider(0.0, 1.0, 0.5, step=0.1)) for _ in range(2))
    before = bytes(parts(two)[1].value)
    parts(one)[0][0].value = 1.0
    assert bytes(parts(two)[1].value) == before != bytes(parts(one)[1].value)
