"""The figures of notebook 07 show all that they are given."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from tripkit.plots.text_to_image import latent_channels, picture_rows, word_maps

IMAGE = np.zeros((8, 8, 3), np.uint8)


@pytest.fixture(autouse=True)
def all_closed():
    yield
    assert not plt.get_fignums()


def test_rows_of_different_lengths_are_shown_with_their_captions():
    figure = picture_rows({"a": [IMAGE] * 3, "b": [IMAGE]}, ["1", "2", "$3"])
    shown = [axis for axis in figure.axes if axis.images]
    assert len(shown) == 4 and figure.axes[2].get_title() == r"\$3"
    assert figure.axes[3].texts[0].get_text() == "b"


def test_all_channels_of_the_latents_share_one_scale():
    figure = latent_channels(IMAGE, np.arange(-8.0, 64).reshape(2, 6, 6))
    assert [axis.images[0].get_clim() for axis in figure.axes[1:]] == 2 * [(-63, 63)]


def test_each_map_begins_at_zero_and_says_its_largest_value():
    mask = np.zeros((8, 8), bool)
    mask[2:5, 2:5] = True
    figure = word_maps(IMAGE, {"sea": np.eye(8) / 4, "sky": np.eye(8)}, {"sea": mask})
    assert figure.axes[1].images[0].get_clim() == (0, 0.25)
    assert figure.axes[1].get_title() == "sea\n(max 0.25)"
    assert figure.axes[1].collections and not figure.axes[2].collections
