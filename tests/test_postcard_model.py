"""The shipped model: its formats, the text tower it claims, how well it follows prompts."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from tripkit.core.settings import weights_folder
from tripkit.images.pipeline import PipelineBackend
from tripkit.prompts import ImagePrompt

POSTCARD, CLIP = weights_folder() / "postcard", weights_folder() / "clip"


@pytest.fixture(scope="module")
def backend():
    return PipelineBackend()


def test_the_weights_are_safetensors_of_at_most_30_megabytes():
    files = [path for folder in (POSTCARD, CLIP) for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".safetensors", ".json", ".jsonl", ".md", ".png"}
    assert sum(path.stat().st_size for path in files if path.suffix == ".safetensors") <= 30e6


@pytest.mark.slow
def test_diffusers_and_transformers_load_the_folders_without_our_code():
    code = (
        "import sys; from transformers import CLIPModel\n"
        "from diffusers import StableDiffusionPipeline\n"
        f"pipe = StableDiffusionPipeline.from_pretrained({str(POSTCARD)!r})\n"
        f"clip = CLIPModel.from_pretrained({str(CLIP)!r})\n"
        "print(type(pipe.unet).__name__, type(pipe.vae).__name__, 'tripkit' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.stdout.split() == ["UNet2DConditionModel", "AutoencoderTiny", "False"], done.stderr


def test_the_text_encoder_is_the_text_tower_of_the_shipped_clip(backend):
    from transformers import CLIPModel

    tower = CLIPModel.from_pretrained(CLIP, dtype=torch.float32).text_model.state_dict()
    encoder = backend.pipeline.text_encoder.state_dict()
    assert encoder.keys() == tower.keys()
    for name, tensor in encoder.items():
        torch.testing.assert_close(tensor, tower[name], rtol=0, atol=0)


@pytest.mark.slow
def test_nothing_between_prompt_and_picture_imports_the_renderer():
    code = (
        "import sys; from tripkit.images import make_backend\n"
        "from tripkit.prompts.compose import ImagePrompt\n"
        "card = make_backend('postcard').generate(ImagePrompt('sea', 'blue beach'), seed=1)\n"
        "assert card.image.size == (64, 64), card.image.size\n"
        "heads = ('tripkit.datasets', 'recipes')\n"
        "print([name for name in sys.modules if name.startswith(heads)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_the_same_seed_gives_the_same_pixels_and_another_seed_others(backend):
    prompt = ImagePrompt("", "연분홍 r248 g184 b192 벚꽃 공원", language="ko")
    first, again, other = (np.asarray(backend.generate(prompt, seed=s).image) for s in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_a_sentence_longer_than_the_tokens_says_what_was_not_read(backend):
    prompt = ImagePrompt("", "blue beach, " * 28 + "castle", language="en")
    assert "castle" in backend.generate(prompt, seed=1).note


@pytest.mark.filterwarnings("ignore::UserWarning")  # the hub's client on the missing network
def test_a_model_that_is_not_there_is_named(tmp_path):
    from tripkit.core.errors import ModelUnavailableError

    with pytest.raises(ModelUnavailableError, match=r"nobody/no-model is not on this computer"):
        PipelineBackend("nobody/no-model").warm_up()
    with pytest.raises(ModelUnavailableError, match="cannot be used"):
        PipelineBackend(str(tmp_path)).warm_up()


@pytest.fixture(scope="module")
def scores():
    from benchmarks.postcard_model import table

    return table(40)


@pytest.mark.slow
def test_asked_places_are_found(scores):
    assert scores["model"]["places"] >= 0.85 * scores["renderer"]["places"], scores


@pytest.mark.slow
def test_asked_colours_are_met(scores):
    assert scores["model"]["delta_e"] <= 1.3 * scores["renderer"]["delta_e"], scores


@pytest.mark.slow
def test_asked_colours_are_met_better_than_others(scores):
    assert scores["model"]["delta_e"] < 0.65 * scores["shuffled"]["delta_e"], scores


@pytest.mark.slow
def test_with_shuffled_prompts_places_and_colours_fall_to_the_floor(scores):
    assert scores["shuffled"]["places"] < 0.3, scores
    assert scores["shuffled"]["delta_e"] > 1.8 * scores["renderer"]["delta_e"], scores


def recorded():
    return json.loads((POSTCARD / "metrics.json").read_text(encoding="utf-8"))["benchmark"]


def test_the_recorded_benchmark_meets_the_bar_of_places():
    rows = recorded()
    assert rows["prompts"] == 120
    assert rows["model"]["places"] >= 0.85 * rows["renderer"]["places"]


def test_the_recorded_benchmark_meets_the_bar_of_colours():
    rows = recorded()
    assert rows["model"]["delta_e"] <= 1.3 * rows["renderer"]["delta_e"]
