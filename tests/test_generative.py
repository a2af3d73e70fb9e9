"""The models that diffusion is compared with: what they give, and the formulas of their losses."""

import json

import pytest
import torch

from recipes.common import command
from recipes.digit_classifier import jitter
from recipes.digits import SHIPPED, balanced_labels, batches, ship
from tripkit.core.settings import weights_folder
from tripkit.generative.classifier import DigitClassifier, load_classifier
from tripkit.training.saving import load_model, save_model


def test_a_saved_model_comes_back_in_half_precision_steps(tmp_path):
    model = DigitClassifier(channels=(8, 8, 8), num_features=16)
    save_model(model, tmp_path)
    back = load_model(DigitClassifier, tmp_path)
    assert back.config == model.config
    assert not back.training and not any(p.requires_grad for p in back.parameters())
    for name, value in model.state_dict().items():
        rounded = value.half().float() if value.is_floating_point() else value
        torch.testing.assert_close(back.state_dict()[name], rounded, rtol=0, atol=0)


def test_the_shipped_classifier_has_features_and_logits():
    model = load_classifier()
    images = torch.rand(3, 1, 28, 28) * 2 - 1
    features = model.features(images)
    assert features.shape == (3, 128) and (features >= 0).all()
    torch.testing.assert_close(model(images), model.head(features))
    assert load_classifier() is model


def test_no_jitter_leaves_the_pictures_alone():
    images = torch.rand(4, 1, 28, 28) * 2 - 1
    same = jitter(images, degrees=0, scale=0, pixels=0)
    torch.testing.assert_close(same, images, rtol=0, atol=1e-5)


def test_jitter_moves_by_whole_pixels_and_fills_with_background():
    torch.manual_seed(0)
    images = torch.full((64, 1, 28, 28), -1.0)
    images[:, :, 13:15, 13:15] = 1
    moved = jitter(images, degrees=0, scale=0, pixels=3)
    ink = (moved + 1).sum((1, 2, 3))
    torch.testing.assert_close(ink, torch.full((64,), 8.0), rtol=0, atol=1e-3)
    places = (moved + 1).sum((1, 2)) @ torch.arange(28.0) / 8
    assert 10.5 <= places.min() < 12 < 15 < places.max() <= 16.5
    assert moved.min() >= -1.0001


def test_an_epoch_of_batches_holds_each_digit_once():
    import numpy as np

    images, labels = torch.arange(10.0).view(10, 1, 1, 1), torch.arange(10)
    draw = batches(images, labels, 5, np.random.default_rng(0))
    first, second = next(draw), next(draw)
    assert sorted(torch.cat([first[1], second[1]]).tolist()) == list(range(10))
    assert (first[0].flatten() == first[1]).all()
    assert next(draw)[1].tolist() != first[1].tolist()


def test_the_recorded_command_leaves_out_what_differs_from_user_to_user(monkeypatch):
    words = ["somewhere/digit_vae.py", "--out", "runs/vae", "--minutes", "10", "--ship"]
    monkeypatch.setattr("sys.argv", words)
    assert command() == "python -m recipes.digit_vae --minutes 10"
    words = ["recipes/landscapes/clip.py", "--pictures", "runs/pics", "--tokenizer", "mine"]
    monkeypatch.setattr("sys.argv", words)
    known = "python -m recipes.landscapes.clip --pictures PICTURES --tokenizer TOKENIZER"
    assert command() == known


def test_shipping_copies_model_and_record_and_thins_the_log(tmp_path, monkeypatch):
    run = tmp_path / "run"
    run.mkdir()
    for name in SHIPPED:
        (run / name).write_text(name, encoding="utf-8")
    lines = [f'{{"step": {step}}}' for step in (50, 100, 250, 300, 500, 550)]
    (run / "log.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setattr("recipes.digits.weights_folder", lambda: tmp_path / "weights")
    folder = ship(run, "vae")
    assert (folder / "model.safetensors").read_text(encoding="utf-8") == "model.safetensors"
    kept = (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()
    assert kept == [lines[2], lines[4], lines[5]]


def test_classes_are_asked_for_equally_often():
    assert balanced_labels(25).bincount().tolist() == [3] * 5 + [2] * 5


@pytest.mark.parametrize("name", ["digit_classifier", "vae", "gan"])
def test_every_shipped_model_has_a_card_with_its_record(name):
    folder = weights_folder() / name
    record = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    entry = next(entry for entry in record.values() if "steps" in entry)
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert f"- steps: {entry['steps']}" in card and f"`{entry['command']}`" in card
    assert "$" not in card
    assert (folder / "model.safetensors").stat().st_size < 4_000_000
