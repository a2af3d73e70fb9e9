"""The course's figures: closed, so that a cell shows them once, with the words they promise."""

import matplotlib

matplotlib.use("agg")  # no screen here

import matplotlib.pyplot as plt
import numpy as np
import pytest

from tripkit.course.plots import compare_palettes, pictures, swatches

PINK, BLUE, WHITE = (255, 182, 193), (70, 130, 180), (255, 255, 255)


def words(figure):
    texts = [text.get_text() for axis in figure.axes for text in axis.texts]
    return texts + [axis.get_title() for axis in figure.axes if axis.get_title()]


@pytest.mark.parametrize(
    "figure",
    [
        lambda: swatches({"trip 1": [PINK, BLUE, WHITE], "trip 2": [BLUE] * 4}),
        lambda: pictures([np.zeros((4, 4, 3), dtype=np.uint8)] * 3, ["a", "b", "c"]),
        lambda: compare_palettes([PINK, BLUE], [(WHITE, 0.75), (BLUE, 0.25)]),
    ],
)
def test_a_figure_is_returned_closed_and_can_be_drawn(figure):
    figure().canvas.draw()
    assert plt.get_fignums() == []


def test_each_swatch_names_its_colour():
    assert {"trip 1", "#ffb6c1", "#4682b4"} <= set(words(swatches({"trip 1": [PINK, BLUE]})))


def test_a_picture_has_its_caption_and_a_dollar_is_no_formula():
    assert words(pictures([np.zeros((4, 4, 3))], ["$5 and $10"])) == [r"\$5 and \$10"]


def test_a_colour_that_was_found_has_distance_zero():
    shown = words(compare_palettes([BLUE], [(WHITE, 0.75), (BLUE, 0.25)]))
    assert "#4682b4\n$\\Delta E$ 0" in shown and "75%" in shown
