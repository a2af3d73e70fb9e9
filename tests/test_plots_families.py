"""The figures of notebook 02: a bar for each value, a dot for each seed."""

import matplotlib

matplotlib.use("agg")  # no screen here

import matplotlib.pyplot as plt
import pytest

from tripkit.course.families import FAMILIES, load_families, values
from tripkit.course.plots.families import bars, seed_dots


def test_each_model_has_a_bar_of_its_value_for_each_kind():
    groups = {"VAE": {"a": 0.1, "b": 0.4}, "GAN": {"b": 0.2, "a": 0.3}}
    figure = bars(groups, y_label="share", x_label="kind", line=0.25)
    figure.canvas.draw()
    axis = figure.axes[0]
    found = {
        each.get_label(): [bar.get_height() for bar in each.patches] for each in axis.containers
    }
    assert found == {"VAE": [0.1, 0.4], "GAN": [0.3, 0.2]}
    lefts = sorted(bar.get_x() for each in axis.containers for bar in each.patches)
    assert all(b - a >= 0.399 for a, b in zip(lefts, lefts[1:], strict=False))  # none over another
    assert [label.get_text() for label in axis.get_xticklabels()] == ["a", "b"]
    assert axis.lines[0].get_ydata()[0] == 0.25 and plt.get_fignums() == []


def test_without_a_line_there_is_none():
    assert not bars({"VAE": {"a": 1}}, y_label="").axes[0].lines


def test_each_seed_is_a_dot_in_the_row_of_its_family():
    rows = load_families()
    figure = seed_dots(
        rows, {"recall": "recall", "digit_fid": "FID"}, ["V", "G", "D"], log=["digit_fid"]
    )
    first, second = figure.axes
    for line, (family, dots) in enumerate(zip(FAMILIES, first.collections, strict=True)):
        offsets = dots.get_offsets()
        assert offsets[:, 0].tolist() == pytest.approx(values(rows, family, "recall"))
        assert set(offsets[:, 1].tolist()) == {line}
    assert [label.get_text() for label in first.get_yticklabels()] == ["V", "G", "D"]
    assert first.get_xscale() == "linear" and first.yaxis_inverted()
    assert first.lines[0].get_xdata()[0] == rows["real"]["recall"]
    assert second.get_xlabel() == "FID" and second.get_xscale() == "log"
    assert plt.get_fignums() == []
