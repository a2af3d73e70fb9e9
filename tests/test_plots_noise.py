"""Figures of the diffusion notebooks: curves, histograms, the U-Net's diagram."""

import matplotlib

matplotlib.use("agg")  # no screen here

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from tripkit.course.plots import curves, histograms, unet_diagram
from tripkit.course.plots.unet import unet_parts
from tripkit.diffusion.unet import DigitUNet


def test_each_line_may_have_x_values_of_its_own():
    figure = curves(
        {"a": [1, 2], "b": [3, 4]}, x={"a": [0, 5], "b": [2, 7]}, x_label="", y_label=""
    )
    one, two = figure.axes[0].lines
    assert list(one.get_xdata()) == [0, 5] and list(two.get_xdata()) == [2, 7]


def test_the_y_axis_begins_where_it_is_told_to():
    figure = curves({"a": [3, 5]}, x_label="", y_label="", y_from=0)
    assert figure.axes[0].get_ylim()[0] == 0
    assert curves({"a": [3, 5]}, x_label="", y_label="").axes[0].get_ylim()[0] > 2


def test_a_histogram_shows_shares_of_each_group_on_one_axis():
    groups = {"few": np.arange(4.0), "many": torch.zeros(100)}
    figure = histograms(groups, x_label="brightness", bins=4)
    figure.canvas.draw()
    heights = [patch.get_xy()[:, 1].max() for patch in figure.axes[0].patches]
    assert heights == pytest.approx([0.25, 1.0]) and plt.get_fignums() == []


def test_the_parts_of_the_unet_hold_all_its_weights_and_run_through_three_sizes():
    unet = DigitUNet((8, 16))
    parts = unet_parts(unet)
    assert sum(part.parameters for part in parts) == sum(p.numel() for p in unet.parameters())
    sizes = [part.shape[1] for part in parts if len(part.shape) == 3]
    assert sizes == [14, 14, 7, 7, 7, 7, 14, 14]
    assert not any(module._forward_hooks for module in unet.modules())


def test_the_diagram_names_each_part_and_can_be_drawn():
    figure = unet_diagram(DigitUNet((8, 16)))
    figure.canvas.draw()
    said = "\n".join(text.get_text() for text in figure.axes[0].texts)
    for name in (
        "noisy digit",
        "conv_in",
        "middle 2",
        "up",
        "conv_out",
        "answer",
        "time (32 numbers)",
    ):
        assert name in said
    assert plt.get_fignums() == []
