"""Several pictures of one prompt at once: each that of its seed, and the best of them first."""

import numpy as np
import pytest
from doubles import a_plan
from tiny_diffusion import build

from tripkit.core.errors import CancelledError, RequestError
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import PlacedStop, Scene
from tripkit.images.base import MAX_SEED, seeds_from
from tripkit.images.choosing import best_first
from tripkit.images.pipeline import PipelineBackend
from tripkit.images.postcard import Postcard
from tripkit.prompts import ImagePrompt, compose_prompt

REQUEST = "A spring picnic with friends"
PROMPT = compose_prompt(REQUEST, a_plan(REQUEST, "en"), 0)
SEEDS = (4, 0, 77, MAX_SEED)
ROUNDING = 2  # of 255 levels: a batch is summed in another order; 1 was seen


@pytest.fixture(scope="module")
def whole():
    """With all its steps, over which rounding grows."""
    return PipelineBackend()


@pytest.fixture(scope="module")
def ours(whole):
    return whole.with_steps(2)


@pytest.fixture(scope="module")
def four(whole):
    return whole.generate_batch(PROMPT, seeds=SEEDS)


def change(one, other):
    """The largest difference of two pictures, in levels."""
    return np.abs(np.asarray(one.image, int) - np.asarray(other.image, int)).max()


def test_each_picture_of_a_batch_is_that_of_its_seed(whole, four):
    alone = [whole.generate(PROMPT, seed=seed) for seed in SEEDS]
    assert max(map(change, four, alone)) <= ROUNDING
    assert min(change(four[0], other) for other in four[1:]) > 50
    assert [card.seed for card in four] == list(SEEDS)
    told = [(card.prompt, card.sent, card.model, card.note, card.cost_usd) for card in four]
    assert told == [(PROMPT, alone[0].sent, "postcard", alone[0].note, 0.0)] * 4


def test_a_picture_does_not_depend_on_its_place_or_its_neighbours(whole, four):
    pair = whole.generate_batch(PROMPT, seeds=[SEEDS[2], SEEDS[0]])
    assert change(pair[0], four[2]) <= ROUNDING and change(pair[1], four[0]) <= ROUNDING


def test_a_batch_of_one_is_the_picture_bit_for_bit(ours):
    (card,) = ours.generate_batch(PROMPT, seeds=(7,))
    assert change(card, ours.generate(PROMPT, seed=7)) == 0


def test_the_seconds_of_a_batch_are_shared_among_its_pictures(ours, monkeypatch):
    clock = iter((10.0, 14.0))
    monkeypatch.setattr("tripkit.images.pipeline.time.perf_counter", lambda: next(clock))
    assert [card.seconds for card in ours.generate_batch(PROMPT, seeds=(1, 2))] == [2.0, 2.0]


def test_every_step_shows_all_pictures_and_the_last_is_what_comes(ours):
    calls = []
    cards = ours.generate_batch(PROMPT, seeds=(1, 2, 3), on_progress=lambda *c: calls.append(c))
    total = ours.parameters["num_inference_steps"]
    assert [call[:2] for call in calls] == [(step + 1, total) for step in range(total)]
    assert [len(previews) for _, _, previews in calls] == [3] * total
    for preview, card in zip(calls[-1][2], cards, strict=True):
        assert preview.tobytes() == card.image.tobytes()


def test_a_listener_that_wants_no_previews_gets_none(ours):
    class Listener:
        previews = False

        def __init__(self):
            self.seen = []

        def __call__(self, step, total, preview):
            self.seen.append(preview)

    draws = (
        lambda listener: ours.generate_batch(PROMPT, seeds=(1, 2), on_progress=listener),
        lambda listener: ours.generate(PROMPT, seed=1, on_progress=listener),
        lambda listener: ours.interpolate(PROMPT, seeds=(1, 2), count=2, on_progress=listener),
    )
    for draw in draws:
        draw(listener := Listener())
        assert listener.seen and not any(listener.seen)


def test_a_batch_can_be_cancelled_and_the_model_draws_again(ours):
    steps = []

    def listener(step, total, previews):
        steps.append(step)
        return step < 2

    with pytest.raises(CancelledError, match="Stopped"):
        ours.generate_batch(PROMPT, seeds=(1, 2), on_progress=listener)
    assert steps == [1, 2] and len(ours.generate_batch(PROMPT, seeds=(1, 2))) == 2


@pytest.mark.parametrize("seeds", [(), [], (1, 2, 3, 4, 5), range(10**9), (1, 2, 1), 3, None, {1}])
def test_no_seeds_too_many_or_the_same_twice_are_refused(ours, seeds):
    with pytest.raises(RequestError, match="have 1 to 4 different seeds") as refused:
        ours.generate_batch(PROMPT, seeds=seeds)
    assert "한꺼번에 그릴 때는 서로 다른 시드를 1개부터 4개까지" in refused.value.message("ko")


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1, "1", 1.0, True, None, [1]])
def test_a_seed_that_is_none_is_refused_wherever_it_stands(ours, seed):
    with pytest.raises(RequestError, match="a seed is a whole number from 0 to 2147483647"):
        ours.generate_batch(PROMPT, seeds=(1, seed))


def test_seeds_in_a_row_begin_where_they_should_and_go_round(ours):
    assert seeds_from(5, 3) == (5, 6, 7)
    assert seeds_from(MAX_SEED - 1, 4) == (MAX_SEED - 1, MAX_SEED, 0, 1)
    assert len(set(seeds_from(None, 4))) == 4 and seeds_from(None, 1) != seeds_from(None, 1)
    with pytest.raises(RequestError, match="The seed is -1"):
        seeds_from(-1, 2)


@pytest.mark.parametrize("scene", ["a red castle by the sea", "바닷가의 붉은 성"])
def test_what_a_user_has_written_is_drawn_in_a_batch(ours, scene):
    options = {"negative_prompt": "night", "weights": {scene.split()[-1]: 1.5}}
    cards = ours.generate_batch(scene, seeds=(1, 2), **options)
    assert cards[0].prompt.scene == scene and "×1.5" in cards[0].note
    for card in cards:
        assert change(card, ours.generate(scene, seed=card.seed, **options)) <= ROUNDING


@pytest.mark.parametrize("scheduler", [None, "DDPMScheduler", "LCMScheduler"])
def test_others_models_and_schedulers_that_add_noise_draw_batches_too(tmp_path, scheduler):
    build(tmp_path)
    backend = PipelineBackend(str(tmp_path), num_inference_steps=3, scheduler=scheduler)
    for card in backend.generate_batch("a lake", seeds=(8, 9, 10)):
        assert change(card, backend.generate("a lake", seed=card.seed)) <= ROUNDING


# ---------------------------------------------------------------- choosing


def cards_of(*kinds, sent):
    """Renders of a place each, all said to be of the same words."""
    scenes = [Scene((PlacedStop(kind, (60, 120, 180)),)) for kind in kinds]
    pictures = [render(scene, np.random.default_rng(5)) for scene in scenes]
    return [
        Postcard(picture, ImagePrompt(kind, sent), sent, "x", seed, 0.1, 0.0)
        for seed, (kind, picture) in enumerate(zip(kinds, pictures, strict=True))
    ]


@pytest.mark.parametrize(
    ("sent", "wanted"), [("a lighthouse", "lighthouse"), ("a castle", "castle"), ("성", "castle")]
)
def test_the_picture_that_shows_what_was_asked_for_comes_first(sent, wanted):
    cards = cards_of("beach", "castle", "lighthouse", "forest", sent=sent)
    ordered = best_first(cards)
    assert ordered[0].prompt.full == wanted
    assert sorted(card.seed for card in ordered) == [0, 1, 2, 3]
    assert best_first(cards[::-1])[0] is ordered[0]


def test_of_equal_pictures_the_earlier_comes_first():
    cards = cards_of("castle", "castle", "castle", sent="a castle")
    assert [card.seed for card in best_first(cards)] == [0, 1, 2]


def test_from_nothing_nothing_can_be_chosen():
    with pytest.raises(RequestError, match="No pictures"):
        best_first([])
