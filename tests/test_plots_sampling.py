"""The figure of ratios: closed, and the unit is 1."""

import matplotlib

matplotlib.use("agg")  # no screen here

import matplotlib.pyplot as plt

from tripkit.plots.sampling import ratios


def test_bars_bear_their_ratio_to_the_unit():
    figure = ratios({"slow": 3000.0, "plain": 2.0, "fast": 0.5}, "plain", x_label="time (ratio)")
    figure.canvas.draw()
    axis = figure.axes[0]
    assert [text.get_text() for text in axis.texts] == ["1,500", "1", "0.25"]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["slow", "plain", "fast"]
    assert axis.get_xlabel() == "time (ratio)" and axis.yaxis_inverted()
    assert plt.get_fignums() == []
