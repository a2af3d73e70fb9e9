"""The figures of notebook 07 show all that they are given."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from tripkit.course.plots.base import PALETTE
from tripkit.course.plots.text_to_image import latent_channels, picture_rows, word_maps

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


def test_pictures_of_few_colours_stay_as_they_are():
    sea = np.full((8, 8, 3), (10, 90, 200), np.uint8)
    figure = picture_rows({"bytes": [IMAGE, sea], "floats": [sea / 255]})
    shown = [axis.images[0].get_array() for axis in figure.axes if axis.images]
    for found, image in zip(shown, (IMAGE, sea, sea), strict=True):
        np.testing.assert_array_equal(found, image)


def test_pictures_of_many_colours_share_one_palette_and_look_the_same():
    ramp = np.linspace(0, 1, 64)
    image = np.stack([*np.meshgrid(ramp, ramp), np.full((64, 64), 0.5)], axis=2)
    figure = picture_rows({"a": [image, 1 - image]})
    shown = np.concatenate([axis.images[0].get_array() for axis in figure.axes])
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) <= PALETTE
    error = np.abs(shown - 255 * np.concatenate([image, 1 - image]))
    assert error.mean() < 5 and error.max() < 40


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
