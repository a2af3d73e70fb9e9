"""Seeing scenes: pieces of ink, boxes, intersection over union, and a segmenter's shapes."""

import numpy as np
import pytest
import torch

from tripkit.course.segmentation import (
    Detections,
    SceneSegmenter,
    box_iou,
    class_iou,
    detect,
    detected,
    pieces,
    right_boxes,
)
from tripkit.datasets.digit_scenes import Scene


def drawn(*lines):
    return torch.tensor([[character != "." for character in line] for line in lines])


@pytest.fixture
def scene():
    """A 3 in the upper left corner, a 7 below it to the right; each a full square."""
    mask = np.zeros((16, 16), np.int64)
    mask[0:4, 0:4], mask[8:14, 6:12] = 1, 2
    boxes = np.array([[0, 0, 4, 4], [6, 8, 12, 14]])
    return Scene((mask > 0).astype(np.uint8) * 255, boxes, np.array([3, 7]), mask)


def test_pieces_that_touch_at_a_corner_are_one_and_others_are_not():
    numbers = pieces(drawn("##..#", "..#..", ".....", "#...#"))
    assert sorted(numbers.unique().tolist()) == [0, 1, 2, 3, 4]
    assert numbers[0, 0] == numbers[1, 2] != numbers[0, 4]
    assert numbers[3, 0] != numbers[3, 4]


def test_a_winding_piece_is_one_piece():
    spiral = drawn("#######", "......#", "#####.#", "#...#.#", "#.###.#", "#.....#", "#######")
    assert pieces(spiral).max() == 1


@pytest.mark.parametrize(("ink", "count"), [(torch.zeros, 0), (torch.ones, 1)])
def test_a_blank_or_a_full_canvas_has_no_piece_or_one(ink, count):
    assert pieces(ink(5, 5).bool()).max() == count


def test_the_true_map_of_classes_gives_the_true_boxes(scene):
    detections = detect(torch.from_numpy(scene.classes), least=1)
    pairs = zip(detections.boxes.tolist(), detections.labels.tolist(), strict=True)
    boxes = {(tuple(box), label) for box, label in pairs}
    assert boxes == {((0, 0, 4, 4), 3), ((6, 8, 12, 14), 7)}
    assert detected(detections, scene).all() and right_boxes(detections, scene).all()


def test_small_pieces_are_dirt_and_the_class_of_most_pixels_wins(scene):
    classes = torch.from_numpy(scene.classes)
    classes[15, 0] = 5  # one pixel
    classes[8, 6:12] = 2  # a sixth of the 7 is taken for a 1
    assert detect(classes, least=2).labels.sort().values.tolist() == [3, 7]


def test_nothing_is_detected_on_a_blank_canvas(scene):
    nothing = detect(torch.zeros(16, 16, dtype=torch.int64))
    assert nothing.boxes.shape == (0, 4) and nothing.labels.shape == (0,)
    assert not detected(nothing, scene).any() and right_boxes(nothing, scene).shape == (0,)


def test_a_box_of_the_wrong_class_or_the_wrong_place_finds_nothing(scene):
    boxes = torch.tensor([[0, 0, 4, 4], [0, 0, 16, 16]])
    detections = Detections(boxes, torch.tensor([8, 7]))
    assert not detected(detections, scene).any()


def test_intersection_over_union_is_that_of_sets_of_pixels():
    generator = torch.Generator().manual_seed(0)
    low = torch.randint(0, 8, (20, 2), generator=generator)
    boxes = torch.cat([low, low + torch.randint(1, 8, (20, 2), generator=generator)], 1)
    raster = torch.zeros(20, 16, 16, dtype=torch.bool)
    for image, (x0, y0, x1, y1) in zip(raster, boxes.tolist(), strict=True):
        image[y0:y1, x0:x1] = True
    shared = (raster[:, None] & raster[None]).sum((2, 3))
    union = (raster[:, None] | raster[None]).sum((2, 3))
    torch.testing.assert_close(box_iou(boxes, boxes), shared.double() / union)


def test_class_iou_is_one_for_equal_maps_and_nan_for_absent_classes(scene):
    truth = torch.from_numpy(scene.classes)
    same = class_iou(truth, truth)
    assert same[[0, 4, 8]].eq(1).all() and same[[1, 2, 3]].isnan().all()
    nothing = class_iou(torch.zeros_like(truth), truth)
    assert nothing[4] == nothing[8] == 0 and 0 < nothing[0] < 1


def test_a_segmenter_reads_any_size_and_says_a_class_for_each_pixel():
    model = SceneSegmenter((8, 8, 8))
    assert model(torch.zeros(2, 1, 64, 32)).shape == (2, 11, 64, 32)
    classes = model.classes(torch.zeros(1, 1, 24, 24))
    assert classes.shape == (1, 24, 24) and 0 <= classes.min() <= classes.max() <= 10
