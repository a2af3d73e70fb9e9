"""The renderer's masks: where each motif of a scene is seen."""

import numpy as np
import pytest

from tripkit.datasets.masks import motif_masks
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import KINDS, PlacedStop, Scene

THREE = Scene(
    (PlacedStop("picnic", (250, 250, 250)), PlacedStop("castle", (200, 40, 60)),
     PlacedStop("lighthouse", (40, 60, 200)))
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_motif_has_a_mask_around_its_place(kind):
    mask = motif_masks(Scene((PlacedStop(kind, (200, 60, 90)),)))[kind]
    assert mask.shape == (64, 64) and mask.dtype == bool
    assert 0.01 < mask.mean() < 0.7


def test_masks_do_not_overlap_and_come_from_far_to_near():
    masks = motif_masks(THREE)
    assert list(masks) == ["castle", "lighthouse", "picnic"]
    assert sum(mask.astype(int) for mask in masks.values()).max() == 1


@pytest.mark.parametrize("kind", ["castle", "lighthouse", "picnic"])
def test_another_colour_changes_the_picture_in_the_mask_and_in_its_ground_alone(kind):
    """The ground takes half of the colour; above it, only the motif may change."""
    stops = [PlacedStop(s.kind, (90, 200, 40) if s.kind == kind else s.rgb) for s in THREE.stops]
    rng = [np.random.default_rng(3) for _ in range(3)]
    before, after = render(THREE, rng[0]), render(Scene(tuple(stops)), rng[1])
    changed = (np.asarray(before) != np.asarray(after)).any(axis=2)
    mask = motif_masks(THREE, rng[2])[kind]
    assert not (changed & ~mask)[:35].any()
    assert changed[mask].mean() > 0.2  # snow, rock, lamps and light keep their colours


def test_masks_scale_with_the_picture():
    small, large = motif_masks(THREE), motif_masks(THREE, size=128)
    for kind, mask in small.items():
        assert (large[kind][::2, ::2] == mask).mean() > 0.95
