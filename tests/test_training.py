"""The recipes run, resume from their own checkpoint, and go on from the shipped weights."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors import safe_open

from tripkit.diffusion.ema import EMA
from tripkit.training.assemble import went_on
from tripkit.training.cards import in_order, training_table
from tripkit.training.clip import targets
from tripkit.training.place_classifier import found, places, spoil
from tripkit.training.unet import denoising_loss, schedule


def recipe(name, out, *options):
    command = [
        sys.executable,
        "-m",
        f"tripkit.training.{name}",
        "--out",
        str(out),
        "--threads",
        "1",
    ]
    done = subprocess.run(
        [*command, "--threads", "1", *options],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def step_of(out):
    with safe_open(out / "checkpoint.safetensors", "pt") as file:
        return int(file.metadata()["step"])


def test_a_recipe_resumes_from_its_checkpoint_and_records_what_it_did(tmp_path):
    recipe("place_classifier", tmp_path, "--steps", "2", "--batch", "10")
    assert step_of(tmp_path) == 2
    assert "resumed at step 2" in recipe(
        "place_classifier", tmp_path, "--steps", "4", "--batch", "10"
    )
    assert step_of(tmp_path) == 4
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    record = metrics["place_classifier"]
    assert (
        record["steps"] == 4
        and record["pictures"] == 40
        and record["command"]
        and record["machine"]
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["unet", "autoencoder", "clip", "wording", "decoder"])
def test_a_recipe_goes_on_from_the_shipped_weights(name, tmp_path):
    recipe(name, tmp_path, "--steps", "1", "--batch", "4", "--from-weights")
    assert step_of(tmp_path) == 1


def test_a_perfect_v_prediction_has_no_loss():
    alphas_cumprod = schedule().alphas_cumprod
    latents = torch.randn(8, 4, 4, 4)

    class Oracle:
        def __call__(self, noisy, timesteps, hidden):
            alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
            noise = (noisy - alpha_bar.sqrt() * latents) / (1 - alpha_bar).sqrt()
            v = alpha_bar.sqrt() * noise - (1 - alpha_bar).sqrt() * latents
            return type("Output", (), {"sample": v})

    assert denoising_loss(Oracle(), latents, None, alphas_cumprod).max() < 1e-3


def test_the_average_follows_its_module():
    layer = torch.nn.Linear(1, 1, bias=False)
    average = EMA(layer, 0.9)
    before = average.model.weight.item()
    with torch.no_grad():
        layer.weight += 1
    for _ in range(200):
        average.update()
    assert average.model.weight.item() == pytest.approx(before + 1, abs=1e-3)


def test_places_found_counts_the_asked_among_the_likeliest():
    asked = torch.tensor([[1.0, 0, 1, 0], [0, 1, 0, 0]])
    logits = torch.tensor([[5.0, 4, 1, 0], [0, 9, 1, 2]])
    np.testing.assert_allclose(found(logits, asked), [0.5, 1.0])


def test_what_is_unreadable_has_no_places():
    images, labels = spoil(torch.rand(20, 3, 64, 64), torch.ones(20, 28))
    assert labels[-2:].sum() == 0 and labels[:-2].min() == 1
    assert images[-1].std() < 0.2


def test_the_readers_targets_hold_each_place_and_its_colour():
    from tripkit.datasets.scenes import KINDS, PlacedStop, Scene

    scene = Scene((PlacedStop("lake", (0, 255, 0)),), time="night")
    told, row = targets([scene]), KINDS.index("lake")
    assert told["kinds"].sum() == 1 and places([scene])[0, row] == 1
    assert told["colors"][0, row].tolist() == [-1, 1, -1]


def test_a_card_tells_of_each_training_that_went_before():
    common = {"steps": 1, "pictures": 2, "seconds": 3, "seed": 0, "machine": "m", "date": "d"}
    first = {**common, "command": "python -m tripkit.training.unet --batch 8"}
    then = {**common, "command": "python -m tripkit.training.unet --from-weights", "before": first}
    assert went_on(then) and not went_on(first)
    assert [record for _, record in in_order({"unet": then})] == [first, then]
    rows = training_table({"unet": then}).splitlines()[2:]
    assert len(rows) == 2 and all("before" not in row for row in rows)
