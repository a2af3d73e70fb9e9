"""The three families' table and the verdicts on the lecture's claims: by rule, from any rows."""

import pytest

from tripkit.core.messages import LANGUAGES
from tripkit.course.families import (
    DID_NOT_HOLD,
    HELD,
    NOT_SHOWN,
    claims,
    claims_table,
    families_table,
    load_families,
    order,
    spread,
    values,
    verdict,
)

NOISES = ("0.25", "0.5")


def rows(seeds=3, **families):
    """Rows whose measures rise a little from seed to seed; ``families`` sets what differs."""
    table = {"real": {"digit_fid": 0.2, "cleaning": {n: {"read_rightly": 0.5} for n in NOISES}}}
    for name in ("vae", "gan", "ddpm"):
        usual = {"digit_fid": 3.0, "precision": 0.6, "recall": 0.6, "cleaning": 0.6}
        usual |= families.get(name, {})
        failing = usual.pop("failing", 1)
        for seed in range(seeds):
            row = {key: value + 0.001 * seed for key, value in usual.items()}
            row["digit_fid"] *= failing if seed == 1 else 1
            share = row.pop("cleaning")
            if name != "gan":
                row["cleaning"] = {noise: {"read_rightly": share} for noise in NOISES}
            more = {"settings": {"seconds": 60.0, "count": 1000}, "date": "d", "machine": "m"}
            table[f"{name} seed {seed}"] = row | more
    return table


def verdicts(table):
    return {claim.name: claim.verdict for claim in claims(table)}


def test_all_must_be_above_all_and_three_seeds_are_needed():
    assert order([4, 5, 6], [1, 2, 3]) == 1
    assert order([1, 2, 3], [4, 5, 6]) == -1
    assert order([1, 2, 4], [3, 5, 6]) == order([1, 2, 3], [3, 4, 5]) == 0
    assert order([4, 5], [1, 2, 3]) == order([], []) == 0


def test_a_verdict_is_against_for_or_open():
    assert verdict([1, 1]) == HELD
    assert verdict([1, -1]) == verdict([0, -1]) == DID_NOT_HOLD
    assert verdict([1, 0]) == verdict([]) == NOT_SHOWN


def test_where_nothing_differs_no_family_is_better_and_all_are_stable():
    found = verdicts(rows())
    assert {found[name] for name in ("vae_stable", "ddpm_stable")} == {HELD}
    assert found.pop("gan_unstable") == DID_NOT_HOLD
    others = {name: v for name, v in found.items() if not name.endswith("stable")}
    assert set(others.values()) == {NOT_SHOWN}


def test_the_lecture_is_borne_out_where_the_numbers_are_as_it_says():
    table = rows(
        vae={"digit_fid": 9.0, "precision": 0.3, "cleaning": 0.9},
        gan={"digit_fid": 1.0, "precision": 0.9, "recall": 0.2, "failing": 3},
        ddpm={"digit_fid": 1.0, "precision": 0.9, "recall": 0.8},
    )
    assert set(verdicts(table).values()) == {HELD}


def test_the_lecture_is_contradicted_where_the_numbers_say_the_opposite():
    table = rows(
        vae={"digit_fid": 0.5, "precision": 0.9, "recall": 0.7, "failing": 3, "cleaning": 0.1},
        gan={"digit_fid": 5.0, "precision": 0.5, "recall": 0.9},
        ddpm={"digit_fid": 9.0, "precision": 0.3, "recall": 0.2, "failing": 3},
    )
    assert set(verdicts(table).values()) == {DID_NOT_HOLD}


def test_better_in_one_half_of_quality_shows_nothing():
    table = rows(gan={"digit_fid": 1.0, "precision": 0.3})
    assert verdicts(table)["gan_quality"] == NOT_SHOWN


def test_two_seeds_show_nothing():
    found = verdicts(rows(seeds=2, vae={"digit_fid": 90.0, "precision": 0.1, "failing": 9}))
    assert set(found.values()) == {NOT_SHOWN}


def test_values_of_noisy_trainings_stand_apart():
    table = rows() | {"vae seed 0 noise 0.25": {"digit_fid": 7.0}}
    assert values(table, "vae", "digit_fid") == [3.0, 3.001, 3.002]
    assert values(table, "vae", "digit_fid@0.25") == [7.0]
    assert values(table, "vae", "cleaning@0.5") == [0.6, 0.601, 0.602]
    assert values(table, "gan", "cleaning@0.5") == values(table, "vae", "nothing") == []


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [([], ""), ([2.0], "2.00"), ([2.0, 2.0], "2.00"), ([1.0, 2.0], "1.50 ± 0.71")],
)
def test_mean_and_spread(numbers, shown):
    assert spread(numbers) == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_table_has_all_families_three_seeds_and_a_verdict_for_each_claim(language):
    shipped = load_families()
    lines = families_table(shipped, language).splitlines()
    assert "digit-FID" in "".join(lines) and {line.count("|") for line in lines[:-2]} == {6}
    assert all(len(values(shipped, name, "digit_fid")) >= 3 for name in ("vae", "gan", "ddpm"))
    lines = claims_table(shipped, language).splitlines()
    assert len(lines) == 2 + len(claims(shipped)) and {line.count("|") for line in lines} == {5}
