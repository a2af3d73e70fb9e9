"""Scenes: boxes around their ink, nothing on top of anything else, the same for the same seed."""

import numpy as np
import pytest
import torch

from tripkit.core.errors import RequestError
from tripkit.datasets.digit_scenes import GAP, INK, digit_canvas, scene_set, scene_tensors
from tripkit.datasets.mnist import Digits


@pytest.fixture(scope="module")
def digits():
    """200 blobs of all shapes, with a fringe that is fainter than ink."""
    rng = np.random.default_rng(0)
    images = np.zeros((200, 28, 28), np.uint8)
    for image in images:
        height, width = rng.integers(6, 19, 2)
        y, x = rng.integers(1, 27 - height), rng.integers(1, 27 - width)
        image[y : y + height, x : x + width] = rng.integers(0, 256, (height, width))
        image[y - 1, x : x + width] = INK - 1
    return Digits(images, rng.integers(0, 10, 200), "offline")


SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_box_is_tight_around_the_mask_of_its_digit(digits, seed):
    scene = digit_canvas(digits, 5, seed=seed)
    for number, (x0, y0, x1, y1) in enumerate(scene.boxes, start=1):
        rows, columns = np.nonzero(scene.mask == number)
        assert (columns.min(), rows.min()) == (x0, y0)
        assert (columns.max() + 1, rows.max() + 1) == (x1, y1)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_box_overlaps_or_touches_another(digits, seed):
    boxes = digit_canvas(digits, 6, seed=seed).boxes
    for index, (x0, y0, x1, y1) in enumerate(boxes):
        for a0, b0, a1, b1 in boxes[index + 1 :]:
            apart = max(a0 - x1, x0 - a1, b0 - y1, y0 - b1)
            assert apart >= GAP


@pytest.mark.parametrize("seed", SEEDS)
def test_the_mask_is_the_ink_and_nothing_lies_outside_the_boxes(digits, seed):
    scene = digit_canvas(digits, 5, seed=seed)
    assert np.array_equal(scene.mask > 0, scene.image >= INK)
    outside = np.ones_like(scene.image, bool)
    for x0, y0, x1, y1 in scene.boxes:
        outside[y0:y1, x0:x1] = False
    assert not scene.image[outside].any()


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_box_holds_is_a_digit_of_its_label(digits, seed):
    scene = digit_canvas(digits, 5, seed=seed)
    for (x0, y0, x1, y1), label in zip(scene.boxes, scene.labels, strict=True):
        cut = scene.image[y0:y1, x0:x1]
        windows = np.lib.stride_tricks.sliding_window_view(digits.images, cut.shape, (1, 2))
        found = (windows == cut).all((-1, -2)).any((1, 2))
        assert label in digits.labels[found]


@pytest.mark.parametrize("size", [28, 40, 64, 100])
def test_a_scene_has_the_types_and_sizes_of_its_description(digits, size):
    scene = digit_canvas(digits, 2 if size > 28 else 1, size=size)
    assert scene.image.shape == scene.mask.shape == scene.classes.shape == (size, size)
    assert scene.image.dtype == np.uint8
    assert scene.mask.dtype == scene.boxes.dtype == scene.labels.dtype == np.int64
    assert scene.boxes.shape == (len(scene.labels), 4)
    assert scene.boxes.min() >= 0 and scene.boxes.max() <= size
    assert set(np.unique(scene.mask)) == set(range(len(scene.labels) + 1))


def test_classes_give_each_pixel_of_ink_one_more_than_its_label(digits):
    scene = digit_canvas(digits, 5)
    assert not scene.classes[scene.mask == 0].any()
    for number, label in enumerate(scene.labels, start=1):
        assert set(scene.classes[scene.mask == number]) == {label + 1}


def same(one, other):
    names = ("image", "boxes", "labels", "mask")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def test_the_same_seed_gives_the_same_scene_and_another_seed_another(digits):
    assert same(digit_canvas(digits, 4, seed=7), digit_canvas(digits, 4, seed=7))
    assert not same(digit_canvas(digits, 4, seed=7), digit_canvas(digits, 4, seed=8))


def test_a_smaller_set_of_scenes_is_the_beginning_of_a_larger_one(digits):
    larger = scene_set(digits, 9, seed=2)
    assert len(larger) == 9
    assert all(map(same, scene_set(digits, 4, seed=2), larger[:4]))
    assert not same(larger[0], larger[1]) and not same(larger[0], scene_set(digits, 1, seed=3)[0])


def test_a_set_has_from_least_to_most_digits_a_scene(digits):
    counts = {len(scene.labels) for scene in scene_set(digits, 60, least=2, most=4, size=70)}
    assert counts == {2, 3, 4}


def test_digits_come_to_every_corner_of_the_canvas(digits):
    boxes = np.concatenate([scene.boxes for scene in scene_set(digits, 60, most=1, size=32)])
    assert boxes[:, :2].min(0).tolist() == [0, 0] and boxes[:, 2:].max(0).tolist() == [32, 32]


def test_making_scenes_leaves_the_digits_as_they_are(digits):
    before = digits.images.copy()
    for scene in scene_set(digits, 3):
        scene.image[:] = 9
    assert np.array_equal(digits.images, before)


def test_tensors_hold_images_as_models_take_them_and_the_class_of_each_pixel(digits):
    scenes = scene_set(digits, 3)
    images, classes = scene_tensors(scenes)
    assert images.shape == (3, 1, 64, 64) and images.dtype == torch.float32
    assert classes.shape == (3, 64, 64) and classes.dtype == torch.int64
    assert images.min() == -1 and images.max() <= 1 and classes.min() >= 0 and classes.max() <= 10
    assert np.array_equal(classes[1].numpy(), scenes[1].classes)
    assert np.allclose((images[2, 0].numpy() + 1) * 127.5, scenes[2].image, atol=1e-3)


def test_more_digits_than_fit_are_refused(digits):
    with pytest.raises(RequestError, match="40 digits do not fit on a canvas of 64 x 64 pixels"):
        digit_canvas(digits, 40)
    with pytest.raises(RequestError, match="1 digits do not fit on a canvas of 4 x 4"):
        digit_canvas(digits, 1, size=4)


@pytest.mark.parametrize("count", [0, -1, 201])
def test_a_count_of_none_or_more_than_there_are_is_refused(digits, count):
    with pytest.raises(RequestError, match=f"The option count is {count}; allowed: 1–200"):
        digit_canvas(digits, count)


def test_blank_pictures_are_passed_over(digits):
    images = np.zeros((6, 28, 28), np.uint8)
    images[0] = digits.images[0]
    mostly_blank = Digits(images, np.arange(6), "offline")
    assert digit_canvas(mostly_blank, 1).labels.tolist() == [0]
    with pytest.raises(RequestError, match="do not fit"):
        digit_canvas(Digits(images[1:], np.arange(5), "offline"), 1)
