"""The tables on attention and on precise prompts: what ships, and how it is shown."""

import numpy as np
import pytest

from benchmarks import attention, specificity
from tripkit.core.messages import LANGUAGES, text
from tripkit.course import measured_tables
from tripkit.datasets.scenes import PlacedStop, Scene

SCENE = Scene(
    (PlacedStop("castle", (200, 40, 40)), PlacedStop("lake", (40, 90, 200)),
     PlacedStop("cherry", (250, 180, 200)))
)  # fmt: skip
SOURCES = {"date": "2026-11-22", "machine": "a CPU"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_tables_hold_all_rows_and_say_where_they_come_from(language):
    measured = measured_tables.load_attention()
    table = measured_tables.attention_table(measured, language)
    for word in measured_tables.WORDS:
        assert text(f"attention.{word}", language) in table
    assert measured["date"] in table and measured["command"].startswith("python -m benchmarks.")
    assert sum(measured["shares"].values()) == pytest.approx(1, abs=0.01)

    measured = measured_tables.load_specificity()
    table = measured_tables.specificity_table(measured, language)
    for level in (*measured_tables.LEVELS, "renderer"):
        assert text(f"specificity.{level}", language) in table
        assert set(measured["rows"][level]) == set(measured_tables.SCORES)
    assert list(measured["examples"][language]) == list(measured_tables.LEVELS)
    for name, prompt in measured_tables.example_prompts(measured, language).items():
        assert name in table and prompt in measured["examples"][language].values()


@pytest.mark.parametrize("language", LANGUAGES)
def test_prompts_go_from_vague_to_precise(language):
    prompts = list(specificity.prompts_of(SCENE, language).values())
    assert len(set(prompts)) == 4 and prompts == sorted(prompts, key=len)
    assert "r200" not in prompts[2] and "r200 g40 b40" in prompts[3]


def test_pictures_of_one_seed_have_no_spread_and_the_renderer_draws_what_was_meant():
    from tripkit.datasets.postcards import render

    same = [render(SCENE)] * 3
    found = specificity.scores(same, SCENE)
    assert found["pixel_spread"] == 0 and found["feature_spread"] == pytest.approx(0, abs=1e-4)
    assert found["places"] > 0.6
    noise = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    assert specificity.scores(list(noise), SCENE)["pixel_spread"] > 50


def test_a_summary_is_mean_and_half_an_interval():
    found = attention.summary([(0.5, 1.0), (0.7, 3.0)])
    assert found["maps"] == 2 and found["auc"][0] == 0.6 and found["lift"][0] == 2
    assert found["auc"][1] == pytest.approx(1.96 * 0.1, abs=1e-3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_map_that_is_the_mask_scores_1_and_its_neighbours_map_does_not(language):
    import torch

    from tripkit.datasets.captions import place_words
    from tripkit.datasets.masks import motif_masks

    masks = motif_masks(SCENE)
    kinds = {place_words()[kind][language][0]: kind for kind in masks}

    class Perfect:
        def of(self, word, picture):
            return torch.from_numpy(masks[kinds.get(word, "castle")]).float()

    rows = attention.scores_of(Perfect(), 0, SCENE, language)
    assert {row["auc"] for row in rows if row["word"] == "place"} == {1.0}
    assert all(row["auc"] < 0.5 for row in rows if row["word"] == "other")
