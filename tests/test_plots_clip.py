"""The figures of notebook 06: they show all that they are given, and lists escape it."""

import numpy as np
from PIL import Image

from tripkit.course.plots.clip import embedding_map, matrix, numbered, picture_rows


def texts_of(figure):
    return [text.get_text() for axis in figure.axes for text in axis.texts]


def test_a_matrix_shows_each_number_and_each_picture():
    images = [Image.new("RGB", (8, 8), color) for color in ("red", "green")]
    figure = matrix(np.array([[0.25, 0.5, -0.1], [1.0, 0.0, 0.33]]), images, label="cosine")
    assert texts_of(figure) == [".25", ".50", "-.10", "1.00", ".00", ".33"]
    assert len(figure.axes[0].images) == 3
    assert texts_of(matrix(np.array([[0.25]]), label="share", percent=True)) == ["25"]


def test_matrices_with_the_same_limits_share_their_colours():
    figures = [
        matrix(np.full((2, 2), value), label="cosine", limits=(-1, 1)) for value in (0.1, 0.9)
    ]
    pictures = [figure.axes[0].images[0] for figure in figures]
    assert [picture.get_clim() for picture in pictures] == [(-1, 1)] * 2
    assert texts_of(figures[0])[0] == ".10"
    free = matrix(np.array([[0.1, 0.2]]), label="cosine").axes[0].images[0]
    assert free.get_clim() == (0.1, 0.2)


def test_a_map_numbers_the_points_of_each_group():
    groups = {"one": np.eye(3, 2), "two": np.ones((3, 2))}
    figure = embedding_map(groups, joined=True)
    assert texts_of(figure) == ["1", "2", "3"] * 2
    assert len(figure.axes[0].lines) == 3


def test_rows_of_pictures_bear_their_names():
    images = [np.zeros((4, 4, 3), np.uint8)] * 3
    figure = picture_rows({"first": images, "second": images[:2]}, ["a", "b", "c $1"])
    assert texts_of(figure) == ["first", "second"]
    assert sum(len(axis.images) for axis in figure.axes) == 5


def test_a_list_escapes_what_it_shows():
    found = numbered(["<b>", "성"], ["castle", "&"]).data
    assert found == "<ol><li>&lt;b&gt; · castle</li><li>성 · &amp;</li></ol>"
