"""The laws of the landscapes: every kind is seen, in its colour, and no two pictures are alike."""

import numpy as np
import pytest

from tripkit.colors import COLOR_NAMES, delta_e
from tripkit.datasets.landscapes.composition import compose
from tripkit.datasets.landscapes.motifs import MOTIFS
from tripkit.datasets.landscapes.render import render, render_with_masks
from tripkit.datasets.landscapes.scene import (
    KINDS,
    SEASONS,
    TIMES,
    WEATHERS,
    PlacedStop,
    Scene,
    held_out,
    random_scene,
)

COLORS = [color.rgb for color in COLOR_NAMES]


def rng(seed=0):
    return np.random.default_rng(seed)


def alone(kind, rgb, time="day"):
    time = "night" if kind == "northern_lights" else time
    return Scene((PlacedStop(kind, rgb),), time)


def many(count):
    draws = rng(7)
    return [random_scene(draws, COLORS) for _ in range(count)]


@pytest.fixture(scope="module")
def drawn():
    return [(scene, *render_with_masks(scene, rng(i))) for i, scene in enumerate(many(160))]


def test_each_of_the_42_kinds_has_a_motif():
    assert len(KINDS) == len(set(KINDS)) == 42
    assert set(MOTIFS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_alone_is_large_and_in_its_colour(kind):
    for seed, rgb in enumerate(((206, 72, 70), (30, 34, 40), (244, 240, 232), (60, 120, 190))):
        scene = alone(kind, rgb, TIMES[seed])
        picture, (mask,) = render_with_masks(scene, rng(seed))
        assert mask.mean() > 0.06
        shown = np.median(np.asarray(picture)[mask], axis=0)
        assert delta_e(shown, rgb) < 7, (rgb, shown)


def test_every_stop_of_a_random_scene_is_plainly_seen(drawn):
    shares = [mask.mean() for _, _, masks in drawn for mask in masks]
    assert np.percentile(shares, 1) > 0.033
    assert np.median(shares) > 0.055
    assert min(shares) > 0.015


def test_most_stops_of_a_random_scene_show_the_asked_colour(drawn):
    off = [
        float(delta_e(np.median(np.asarray(picture)[mask], axis=0), stop.rgb))
        for scene, picture, masks in drawn
        for stop, mask in zip(scene.stops, masks, strict=True)
    ]
    assert np.percentile(off, 95) < 6


def test_masks_are_of_the_picture_and_never_overlap(drawn):
    for i, (scene, picture, masks) in enumerate(drawn[:40]):
        assert np.array_equal(picture, render(scene, rng(i)))
        assert len(masks) == len(scene.stops)
        assert all(m.shape == (128, 128) and m.dtype == bool for m in masks)
        assert np.sum(masks, axis=0).max() == 1


def test_a_mask_is_where_the_picture_changes_with_the_colour():
    one, other = (Scene((PlacedStop("castle", c), PlacedStop("lake", (60, 120, 190)))) for c in
                  ((206, 72, 70), (206, 172, 70)))  # fmt: skip
    (a, masks), b = render_with_masks(one, rng(3)), render(other, rng(3))
    changed = (np.asarray(a) != np.asarray(b)).any(axis=-1)
    assert changed[masks[0]].mean() > 0.99
    assert not changed[masks[1]].any()


def test_boxes_hide_little_of_each_other():
    worst = []
    for i, scene in enumerate(many(150)):
        motifs = [MOTIFS[stop.kind] for stop in scene.stops]
        layout = compose([stop.kind for stop in scene.stops], rng(i))
        boxes = sorted((p.box(m) for p, m in zip(layout.places, motifs, strict=True)),
                       key=lambda box: box[3])  # fmt: skip
        for j, back in enumerate(boxes):
            for front in boxes[j + 1 :]:
                width = max(0, min(back[2], front[2]) - max(back[0], front[0]))
                height = max(0, min(back[3], front[3]) - max(back[1], front[1]))
                area = (back[2] - back[0]) * (back[3] - back[1])
                worst.append(width * height / area)
    assert np.mean(np.array(worst) > 0.25) < 0.02


def test_a_seed_gives_one_picture_and_two_seeds_give_two_pictures():
    distances = []
    for i, scene in enumerate(many(40)):
        first, again, other = (
            np.asarray(render(scene, rng(seed)), float) for seed in (i, i, i + 1000)
        )
        assert np.array_equal(first, again)
        distances.append(np.abs(first - other).mean())
    assert np.median(distances) > 20
    assert min(distances) > 6


def test_times_of_day_are_told_apart_by_the_sky():
    skies = {
        time: np.mean(
            [np.asarray(render(alone("lake", (90, 150, 90), time), rng(i)))[:30] for i in range(6)],
            axis=(0, 1, 2),
        )
        for time in TIMES
    }
    for a in TIMES:
        for b in TIMES:
            assert a == b or delta_e(skies[a], skies[b]) > 8, (a, b)


def test_land_is_darkest_at_night():
    land = {
        time: np.asarray(render(alone("balloons", (200, 60, 60), time), rng(1)))[100:].mean()
        for time in TIMES
    }
    assert land["night"] < 0.75 * min(land[time] for time in TIMES if time != "night"), land


@pytest.mark.parametrize("size", [64, 128, 256])
def test_the_size_is_free(size):
    picture, (mask,) = render_with_masks(alone("castle", (206, 72, 70)), rng(), size)
    assert picture.size == (size, size)
    assert picture.mode == "RGB"
    assert mask.shape == (size, size)


def test_two_sizes_show_the_same_layout():
    scene = alone("castle", (206, 72, 70))
    small, large = (np.asarray(render(scene, rng(), s).resize((64, 64)), float) for s in (64, 128))
    assert np.abs(small - large).mean() < 6


def test_every_kind_is_drawn_equally_often():
    draws = rng(1)
    counts = dict.fromkeys(KINDS, 0)
    for _ in range(4000):
        for stop in random_scene(draws, COLORS).stops:
            counts[stop.kind] += 1
    assert max(counts.values()) < 1.5 * min(counts.values())


def test_pairs_are_held_out_from_training():
    draws = rng(2)
    for _ in range(100):
        assert not any(held_out(s.kind, s.rgb) for s in random_scene(draws, COLORS).stops)
        new = random_scene(draws, COLORS, new_pairs=True)
        assert all(held_out(s.kind, s.rgb) for s in new.stops)


def test_scenes_that_cannot_be_drawn_are_refused():
    red = PlacedStop("castle", (206, 72, 70))
    lights = PlacedStop("northern_lights", (90, 220, 150))
    for wrong in (
        lambda: Scene(()),
        lambda: Scene((red, red)),
        lambda: Scene((PlacedStop("moon", (0, 0, 0)),)),
        lambda: Scene((red,), time="noon"),
        lambda: Scene((lights,), time="day"),
        lambda: Scene((lights,), time="night", weather="rain"),
    ):
        with pytest.raises(ValueError):
            wrong()
    assert Scene((lights,), "night").time == "night"


@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.parametrize("weather", WEATHERS)
def test_seasons_and_weathers_change_the_land(season, weather):
    stop = PlacedStop("lake", (60, 120, 190))
    other = "winter" if season != "winter" else "summer"
    here, there = (
        np.asarray(render(Scene((stop,), "day", weather, s), rng(4)), float)[100:]
        for s in (season, other)
    )
    if weather != "snow":  # under snow all seasons are white
        assert np.abs(here - there).mean() > 8
    clear = np.asarray(render(Scene((stop,), "day", "clear", season), rng(4)), float)[:40]
    sky = np.asarray(render(Scene((stop,), "day", weather, season), rng(4)), float)[:40]
    assert weather == "clear" or np.abs(clear - sky).mean() > 8
