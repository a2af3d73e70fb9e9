"""The figure of ratios: closed, and the unit is 1; logarithmic axes that can be read."""

import matplotlib

matplotlib.use("agg")  # no screen here

import matplotlib.pyplot as plt

from tripkit.course.plots import curves
from tripkit.course.plots.sampling import ratios


def test_bars_bear_their_ratio_to_the_unit():
    figure = ratios({"slow": 3000.0, "plain": 2.0, "fast": 0.5}, "plain", x_label="time (ratio)")
    figure.canvas.draw()
    axis = figure.axes[0]
    assert [text.get_text() for text in axis.texts] == ["1,500", "1", "0.25"]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["slow", "plain", "fast"]
    assert axis.get_xlabel() == "time (ratio)" and axis.yaxis_inverted()
    assert plt.get_fignums() == []


def test_short_logarithmic_axes_bear_plain_numbers():
    figure = curves(
        {"a": [0.3, 0.04]}, x=[2, 50], log_x=True, log_y=True, x_label="steps", y_label="distance"
    )
    figure.canvas.draw()
    axis = figure.axes[0]
    shown = [
        [label.get_text() for label in side.get_ticklabels()] for side in (axis.xaxis, axis.yaxis)
    ]
    assert {"2", "5", "10", "20", "50"} <= set(shown[0]) and {"0.05", "0.1", "0.2"} <= set(shown[1])


def test_long_logarithmic_axes_keep_powers_of_ten():
    figure = curves({"a": [1e-6, 1e4]}, log_y=True, x_label="t", y_label="ratio")
    figure.canvas.draw()
    assert any("10^{" in label.get_text() for label in figure.axes[0].get_yticklabels())
