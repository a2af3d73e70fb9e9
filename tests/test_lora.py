"""LoRA: an adapter changes what the model draws, and leaves no trace when it is taken out."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tiny_diffusion import build

from tripkit.core.errors import ModelUnavailableError
from tripkit.images import lora as adapters
from tripkit.images.pipeline import PipelineBackend

HAVE_PEFT = importlib.util.find_spec("peft") is not None
needs_peft = pytest.mark.skipif(not HAVE_PEFT, reason="peft, the extra 'lora', is not installed")
PROMPT = "navy r0 g0 b128 volcano"


@pytest.fixture(scope="module")
def backend():
    return PipelineBackend(num_inference_steps=2)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    """An adapter of a few steps: it has not learned the place, but it has moved."""
    from recipes import lora
    from tripkit.images.loading import load

    folder = tmp_path_factory.mktemp("lora")
    pipeline = load("postcard")
    examples = [(picture, words) for _, picture, words in lora.pictures(4, seed=0)]
    losses = lora.teach(pipeline, examples, steps=3, rank=2, learning_rate=1e-2, batch=2, seed=0)
    assert len(losses) == 3 and np.isfinite(losses).all()
    lora.save(pipeline, folder)
    return folder


def pixels(backend, prompt=PROMPT):
    return np.asarray(backend.generate(prompt, seed=1).image).astype(int)


@pytest.mark.slow
@needs_peft
def test_a_lora_changes_the_picture_and_unloading_restores_it_bit_for_bit(backend, adapter):
    plain = pixels(backend)
    names = [name for name, _ in backend.pipeline.unet.named_parameters()]
    backend.load_lora(adapter)
    first = pixels(backend)
    assert (first != plain).any()
    assert str(adapter) in backend.generate(PROMPT, seed=1).note
    backend.load_lora(adapter)  # in place of itself
    np.testing.assert_array_equal(pixels(backend), first)
    backend.unload_lora()
    np.testing.assert_array_equal(pixels(backend), plain)
    assert [name for name, _ in backend.pipeline.unet.named_parameters()] == names
    backend.unload_lora()  # safe without one


@needs_peft
def test_the_adapter_is_one_small_safetensors_file(adapter):
    files = [path for path in Path(adapter).iterdir() if path.is_file()]
    assert [path.name for path in files] == [adapters.FILE]
    assert files[0].stat().st_size < 2_000_000


@needs_peft
def test_a_lora_of_another_model_is_told_and_leaves_the_model_as_it_was(backend, adapter, tmp_path):
    from safetensors.torch import load_file, save_file

    plain = pixels(backend)
    state = load_file(Path(adapter) / adapters.FILE)
    key = next(name for name in state if name.endswith("lora_A.weight"))
    for changed, message in (
        ({**state, key: state[key][:, :-1].contiguous()}, "the LoRA one of"),
        ({"unet.no.such.to_q.lora_A.weight": state[key]}, "no layer unet.no.such.to_q"),
        ({"scheduler.to_q.lora_A.weight": state[key]}, "no layer scheduler.to_q"),
        ({"unet.conv_in.weight": state[key]}, "holds no LoRA matrices"),
    ):
        save_file(changed, tmp_path / adapters.FILE)
        with pytest.raises(ModelUnavailableError, match=message) as caught:
            backend.load_lora(tmp_path)
        assert caught.value.code == "lora_incompatible" and "LoRA" in caught.value.message("ko")
    (tmp_path / adapters.FILE).write_bytes(b"no tensors")
    with pytest.raises(ModelUnavailableError, match="its file cannot be read"):
        backend.load_lora(tmp_path)
    np.testing.assert_array_equal(pixels(backend), plain)


@needs_peft
def test_a_refused_lora_leaves_the_one_that_is_in_the_model(backend, adapter, tmp_path):
    from safetensors.torch import load_file, save_file

    backend.load_lora(adapter)
    before = pixels(backend)
    state = load_file(Path(adapter) / adapters.FILE)
    key = next(name for name in state if name.endswith("lora_B.weight"))
    for changed in (
        {**state, key: state[key][:, :-1].contiguous()},  # fits the layer, not the other matrix
        {**state, key: state[key].flatten()},
    ):
        save_file(changed, tmp_path / adapters.FILE)
        with pytest.raises(ModelUnavailableError) as caught:
            backend.load_lora(tmp_path)
        assert caught.value.code == "lora_incompatible"
        np.testing.assert_array_equal(pixels(backend), before)
        assert str(adapter) in backend.generate(PROMPT, seed=1).note
    backend.unload_lora()


@needs_peft
def test_a_lora_of_one_model_is_told_by_another_and_by_one_of_another_build(adapter, tmp_path):
    tiny = PipelineBackend(str(build(tmp_path)), num_inference_steps=1)
    plain = pixels(tiny)
    with pytest.raises(ModelUnavailableError, match="does not fit the model"):
        tiny.load_lora(adapter)
    np.testing.assert_array_equal(pixels(tiny), plain)
    with pytest.MonkeyPatch.context() as patch:
        larger = SimpleNamespace(text_encoder_2=object())
        patch.setattr("tripkit.images.pipeline.load", lambda _name, _scheduler: larger)
        with pytest.raises(ModelUnavailableError, match="not built like Stable Diffusion"):
            PipelineBackend("some/sdxl").load_lora(adapter)


@needs_peft
def test_a_lora_learns_on_any_stable_diffusion_and_loads_again(tmp_path):
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    folder = build(tmp_path / "model")
    first, second = (PipelineBackend(str(folder), num_inference_steps=2) for _ in range(2))
    plain = pixels(first)
    unet = first.pipeline.unet
    config = LoraConfig(r=2, lora_alpha=2, target_modules=["to_q"], init_lora_weights=False)
    unet.add_adapter(config, "lora")
    layers = get_peft_model_state_dict(unet, adapter_name="lora")
    first.pipeline.save_lora_weights(tmp_path / "lora", unet_lora_layers=layers)
    learned = pixels(first)
    assert (learned != plain).any()
    second.load_lora(tmp_path / "lora")
    np.testing.assert_array_equal(pixels(second), learned)
    second.unload_lora()
    np.testing.assert_array_equal(pixels(second), plain)


@needs_peft
def test_a_folder_without_an_adapter_is_told(backend, tmp_path):
    with pytest.raises(ModelUnavailableError, match="holds no pytorch_lora_weights.safetensors"):
        backend.load_lora(tmp_path)


def test_without_peft_the_error_names_the_package(backend, tmp_path, monkeypatch):
    backend.warm_up()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelUnavailableError, match="pip install .peft") as caught:
        backend.load_lora(tmp_path)
    assert "peft" in caught.value.message("ko")


def test_the_pictures_of_the_new_place_show_it_and_name_it_in_both_languages():
    from recipes import lora

    examples = lora.pictures(20, seed=0)
    assert sum("volcano" in words for _, _, words in examples) == 10
    assert sum("화산" in words for _, _, words in examples) == 10
    recognised = [lora.looks_like(picture, scene) for scene, picture, _ in examples]
    assert recognised.count("volcano") >= 18


def test_a_render_of_another_far_place_is_not_taken_for_the_new_one():
    from recipes import lora
    from tripkit.datasets.postcards import render

    others = [render(scene) for scene, _, _ in lora.pictures(10, seed=1)]  # with a mountain
    scenes = [scene for scene, _, _ in lora.pictures(10, seed=1)]
    seen = [lora.looks_like(*pair) for pair in zip(others, scenes, strict=True)]
    assert "volcano" not in seen
