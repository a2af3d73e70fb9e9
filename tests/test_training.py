"""The recipes run, resume from their own checkpoint, and go on from the shipped weights."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from transformers import CLIPTokenizer

import recipes
from recipes.assemble import went_on
from recipes.cards import in_order, training_table
from recipes.clip import targets
from recipes.place_classifier import places, recall_at_k, spoil
from recipes.sharpen import Critic, balance, estimated, losses
from recipes.unet import denoising_loss, schedule
from tripkit.core.settings import weights_folder
from tripkit.training.ema import EMA


def recipe(name, out, *options):
    command = [
        sys.executable,
        "-m",
        f"recipes.{name}",
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


@pytest.mark.slow
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
@pytest.mark.parametrize("bf16", ["1", "0"], ids=["bf16", "fp32"])
@pytest.mark.parametrize("name", ["unet", "autoencoder", "clip", "wording", "decoder", "sharpen"])
def test_a_recipe_goes_on_from_the_shipped_weights(name, bf16, tmp_path, monkeypatch):
    monkeypatch.setenv("TRIPKIT_BF16", bf16)
    recipe(name, tmp_path, "--steps", "1", "--batch", "4", "--from-weights")
    assert step_of(tmp_path) == 1


class Oracle:
    """Knows the latents, so that its v is the right one."""

    def __init__(self, latents):
        self.latents, self.alphas_cumprod = latents, schedule().alphas_cumprod

    def __call__(self, noisy, timesteps, hidden):
        alpha_bar = self.alphas_cumprod[timesteps].view(-1, 1, 1, 1)
        noise = (noisy - alpha_bar.sqrt() * self.latents) / (1 - alpha_bar).sqrt()
        v = alpha_bar.sqrt() * noise - (1 - alpha_bar).sqrt() * self.latents
        return type("Output", (), {"sample": v})


def test_a_perfect_v_prediction_has_no_loss():
    oracle = Oracle(torch.randn(8, 4, 4, 4))
    assert denoising_loss(oracle, oracle.latents, None, oracle.alphas_cumprod).max() < 1e-3


def test_a_perfect_v_prediction_gives_the_latents_back():
    oracle = Oracle(torch.randn(8, 4, 4, 4))
    found_latents = estimated(oracle, oracle.latents, None, oracle.alphas_cumprod, 900)
    torch.testing.assert_close(found_latents, oracle.latents, atol=1e-4, rtol=1e-4)


def test_the_weight_of_the_critic_evens_out_the_slopes():
    last = torch.randn(5, requires_grad=True)
    steep, flat = (3 * last).sum(), (0.5 * last).sum()
    assert balance(steep, flat, last).item() == pytest.approx(6)
    assert not balance(steep, flat, last).requires_grad


def test_decoder_and_critic_learn_from_their_own_losses_only():
    class Autoencoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.decoder = torch.nn.ConvTranspose2d(8, 3, 4, 4)

    vae, critic = Autoencoder(), Critic(8)
    latents, images = torch.randn(2, 8, 4, 4), torch.rand(2, 3, 16, 16)
    losses(vae, critic, latents, images).backward()
    of_critic = [p.grad.clone() for p in critic.parameters()]
    assert all(grad.abs().sum() > 0 for grad in of_critic)
    before = critic(vae.decoder(latents), latents).mean()
    with (
        torch.no_grad()
    ):  # a step of the critic's makes it surer that decoded pictures are not real
        for parameter, grad in zip(critic.parameters(), of_critic, strict=True):
            parameter -= 1e-3 * grad
    assert critic(vae.decoder(latents), latents).mean() < before
    assert vae.decoder.weight.grad.abs().sum() > 0
    assert all(p.requires_grad for p in critic.parameters())


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
    np.testing.assert_allclose(recall_at_k(logits, asked), [0.5, 1.0])


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
    first = {**common, "command": "python -m recipes.unet --batch 8"}
    then = {**common, "command": "python -m recipes.unet --from-weights", "before": first}
    assert went_on(then) and not went_on(first)
    assert [record for _, record in in_order({"unet": then})] == [first, then]
    rows = training_table({"unet": then}).splitlines()[2:]
    assert len(rows) == 2 and all("before" not in row for row in rows)


def test_each_recipe_reads_its_arguments_before_it_does_anything():
    # So that --help tells, and writes nothing.
    silent = [
        path.name
        for path in Path(recipes.__file__).parent.rglob("*.py")
        if '__name__ == "__main__"' in (source := path.read_text(encoding="utf-8"))
        and not re.search(r"parse_args\(", source)
    ]
    assert silent == []


def test_the_shipped_tokenizers_are_one_and_that_of_the_text_towers():
    weights = weights_folder()
    files = [weights / name / "tokenizer.json" for name in ("clip", "postcard/tokenizer")]
    assert files[0].read_bytes() == files[1].read_bytes()
    size = len(CLIPTokenizer.from_pretrained(files[1].parent))
    text = json.loads((weights / "postcard/text_encoder/config.json").read_text(encoding="utf-8"))
    assert size == text["vocab_size"]
