"""The segmenter of the postcards, and colours judged inside the place they belong to."""

import numpy as np
import pytest
import torch
from PIL import Image

from recipes.landscapes import segmenter as recipe
from recipes.landscapes.segmenter import CLASSES, MISSING, Segmenter
from tripkit.datasets.landscapes.scene import KINDS, PlacedStop, Scene

LAKE, CASTLE = (20, 60, 200), (200, 40, 40)


class Painted(torch.nn.Module):
    """Says "lake" of the upper half, "castle" of ``rows`` rows at the bottom."""

    def __init__(self, rows=40):
        super().__init__()
        self.rows = rows

    def forward(self, images):
        logits = torch.zeros(len(images), CLASSES, *images.shape[-2:])
        logits[:, 0] = 1
        logits[:, 1 + KINDS.index("lake"), :64] = 2
        if self.rows:
            logits[:, 1 + KINDS.index("castle"), -self.rows :] = 2
        return logits


@pytest.fixture
def picture():
    array = np.full((128, 128, 3), 90, np.uint8)
    array[:64], array[-40:] = LAKE, CASTLE
    array[:20] = 255  # less than half of the lake: its median does not see it
    return Image.fromarray(array)


def test_a_colour_counts_inside_its_own_place_only(picture):
    right = recipe.color_errors(Painted(), picture, {"lake": LAKE, "castle": CASTLE})
    assert right == pytest.approx([0, 0], abs=1e-6)
    exchanged = recipe.color_errors(Painted(), picture, {"lake": CASTLE, "castle": LAKE})
    assert min(exchanged) > 30  # both colours are on the picture, in the wrong places


def test_a_place_that_is_not_there_counts_forty(picture):
    assert recipe.color_errors(Painted(rows=0), picture, {"castle": CASTLE}) == [MISSING]


def test_a_place_that_nobody_asked_for_hides_nothing(picture):
    class Doubting(Painted):
        def forward(self, images):
            logits = super().forward(images)
            logits[:, 1 + KINDS.index("harbor")] = 3  # most likely everywhere
            return logits

    assert recipe.color_errors(Doubting(), picture, {"lake": LAKE}) == pytest.approx([0], abs=1e-6)


def test_labels_of_stops_become_labels_of_kinds():
    scene = Scene((PlacedStop("castle", CASTLE), PlacedStop("lake", LAKE)))
    labels = torch.tensor([[[0, 1], [2, 2]]])
    lake, castle = (1 + KINDS.index(kind) for kind in ("lake", "castle"))
    assert recipe.classes_of([scene], labels).tolist() == [[[0, castle], [lake, lake]]]


def test_intersection_over_union_is_one_for_equals_and_a_third_for_half_shifted():
    labels = torch.zeros(1, 4, 4, dtype=torch.long)
    labels[0, :, :2] = 5
    both, either = recipe.intersections(labels, labels)
    assert both[5] / either[5] == 1
    both, either = recipe.intersections(labels.roll(1, 2), labels)
    assert both[5] / either[5] == pytest.approx(1 / 3)


@pytest.mark.slow
def test_a_few_steps_teach_it_where_a_place_is():
    torch.manual_seed(0)
    model = Segmenter(widths=(8, 12, 16))
    images = torch.rand(8, 3, 128, 128) * 0.2 - 0.5
    labels = torch.zeros(8, 128, 128, dtype=torch.long)
    for i in range(8):
        y, x = 12 * i, 100 - 12 * i
        images[i, :, y : y + 24, x : x + 24] += 1
        labels[i, y : y + 24, x : x + 24] = 7
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(30):
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    both, either = recipe.intersections(model(images).argmax(1), labels)
    assert both[7] / either[7] > 0.75
