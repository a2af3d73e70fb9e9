"""The measures of the postcard model's quality: what they say of pictures that are known."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from benchmarks.postcard_quality import (
    BARS,
    distances,
    frechet,
    free_wording,
    gradient_energy,
    met,
    named,
    new_scenes,
)
from benchmarks.scores import renders
from recipes.cards import quality_table, resolution_table, settings_table
from tripkit.core.settings import weights_folder
from tripkit.datasets.captions import place_words
from tripkit.datasets.scenes import KINDS, held_out


@pytest.fixture(scope="module")
def scenes():
    return new_scenes(40)


def test_every_other_scene_has_only_pairs_that_training_never_saw(scenes):
    for number, scene in enumerate(scenes):
        assert {held_out(stop.kind, stop.rgb) for stop in scene.stops} == {bool(number % 2)}


def test_sharpness_falls_with_a_blur_and_is_nothing_without_an_edge(scenes):
    sharp = renders(scenes[:8])
    soft = [image.resize((32, 32)).resize((64, 64)) for image in sharp]
    assert gradient_energy(soft) < 0.6 * gradient_energy(sharp)
    assert gradient_energy([Image.new("RGB", (64, 64), "teal")]) == 0


def test_the_frechet_distance_is_nothing_to_itself_and_grows_with_a_fault(scenes):
    images = renders(scenes)
    blank = [Image.new("RGB", (64, 64), "teal")] * 39 + images[:1]
    assert frechet(images, images) == pytest.approx(0, abs=1e-3)
    assert frechet(images, blank) > 2 * frechet(images, renders(new_scenes(40, seed=1)))


def test_a_colour_counts_as_named_up_to_its_jitter():
    assert named((255, 182, 193)) == named((250, 185, 190)) is True
    assert not named((1, 77, 29))


def test_the_colours_of_renders_are_nearer_than_those_of_other_scenes(scenes):
    scenes = scenes[:20]
    images = renders(scenes)
    right, wrong = distances(images, scenes), distances(images[1:] + images[:1], scenes)
    assert set(right) == {"all", "named", "arbitrary", "held_out"}
    assert all(right[key] < 0.6 * wrong[key] for key in right)


def test_a_bar_is_met_between_its_limits():
    good = {key: np.mean([0 if x is None else x for x in bar]) for key, bar in BARS.items()}
    good |= {key: low for key, (low, high) in BARS.items() if high is None}
    assert all(met(good).values())
    assert not met(good | {"gradient_energy": 1.3})["gradient_energy"]
    assert not met(good | {"gradient_energy": 0.7})["gradient_energy"]
    assert not met(good | {"places_en": 0.89})["places_en"]


def test_the_free_sentences_are_a_hundred_and_not_a_template():
    rows = free_wording()
    assert len({text for _, text, _ in rows}) == 100
    assert [language for language, *_ in rows].count("ko") == 50
    assert {stop.kind for *_, scene in rows for stop in scene.stops} == set(KINDS)
    assert not any(re.search(r"r\d+ g\d+|destination|여행지", text) for _, text, _ in rows)
    words = {word for kind in place_words().values() for each in kind.values() for word in each}
    assert not words & {text for _, text, _ in rows}


def test_the_card_shows_what_was_measured_and_forty_pictures():
    folder = weights_folder() / "postcard"
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert quality_table(metrics) in card
    assert settings_table(metrics) in card and "(sheet.png)" in card
    assert resolution_table(metrics) in card
    for setting in ("guidance_scale", "num_inference_steps", "scheduler"):
        assert sum(name.startswith(setting) for name in metrics["settings"]["rows"]) >= 3
    with Image.open(folder / "sheet.png") as sheet:
        assert sheet.size == (2 * 64 * 10, 2 * 64 * 4)
