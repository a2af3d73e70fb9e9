"""The training of notebook 06: repeatable, from guessing on, with captions in both languages."""

import math

import numpy as np
import pytest
import torch

from tripkit.core.messages import LANGUAGES
from tripkit.course.clip_lesson import BATCH, ClassTrainer, postcards, shared
from tripkit.datasets.captions import place_words, plain_caption
from tripkit.datasets.scenes import PlacedStop, Scene


def test_a_plain_caption_names_colours_places_and_the_time():
    scene = Scene((PlacedStop("castle", (255, 0, 0)), PlacedStop("lake", (0, 0, 255))), "night")
    assert plain_caption(scene, "en") == "red castle, blue lake at night"
    korean = plain_caption(scene, "ko")
    assert all(place_words()[kind]["ko"][0] in korean for kind in ("castle", "lake"))


def test_postcards_are_the_same_again_and_others_with_another_seed():
    scenes, images = postcards(3, seed=1)
    again, same = postcards(3, seed=1)
    assert scenes == again and postcards(3, seed=2)[0] != scenes
    for one, other in zip(images, same, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_pairs_share_the_time_of_day_or_a_place_but_not_both():
    castle, lake = PlacedStop("castle", (255, 0, 0)), PlacedStop("lake", (0, 0, 255))
    scenes = [
        Scene((castle,), "night"),
        Scene((lake,), "night"),
        Scene((castle, lake), "day"),
        Scene((castle, lake), "night"),
    ]
    found = {name: mask.nonzero().tolist() for name, mask in shared(scenes).items()}
    assert found["time"] == [[0, 1], [1, 0]]
    assert found["place"] == [[0, 2], [1, 2], [2, 0], [2, 1], [2, 3], [3, 2]]


@pytest.fixture(scope="module")
def trainer():
    return ClassTrainer(steps=4, count=BATCH + 8)


def test_training_starts_near_guessing_repeats_itself_and_leaves_an_encoder(trainer):
    found = list(trainer)
    assert [step for step, _ in found] == [1, 2, 3, 4]
    assert found[0][1] == pytest.approx(math.log(BATCH), rel=0.3)
    again = [loss for _, loss in ClassTrainer(steps=4, count=BATCH + 8)]
    assert again == pytest.approx([loss for _, loss in found], rel=1e-3)
    embeds = trainer.encoder.embed_texts(
        [plain_caption(postcards(1)[0][0], each) for each in LANGUAGES]
    )
    torch.testing.assert_close(embeds.norm(dim=1), torch.ones(2))
