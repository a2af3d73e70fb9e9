"""The recipes of the next postcard model, as far as they are written."""

import numpy as np
import pytest
import torch

from recipes.landscapes import autoencoder, judge, pictures
from tripkit.datasets.landscapes.scene import KINDS, PlacedStop, Scene


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two shards of four pictures."""
    folder = tmp_path_factory.mktemp("pictures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "SHARD", 4)
        for number in range(2):
            pictures.write_shard(folder, number, seed=3)
        yield folder


def test_pictures_come_back_as_they_were_drawn(folder):
    data = pictures.Pictures(folder, kept=2)
    assert (len(data.scenes), data.size, list(data.test)) == (8, 6, [6, 7])
    scenes, images = data.take([5])
    again, labels = pictures.draw(data.scenes[4:8], np.random.default_rng(0))
    assert again.shape == (4, 128, 128, 3) and labels.max() == max(
        len(scene.stops) for scene in data.scenes[4:8]
    )
    assert images.shape == (1, 3, 128, 128) and images.abs().max() <= 1
    masks = data.masks([5])
    assert masks.shape == (1, 128, 128) and masks.max() == len(scenes[0].stops)


def test_a_shard_that_is_there_is_not_drawn_again_and_each_has_a_seed_of_its_own(folder):
    first, second = (np.load(folder / f"000{i}.images.npy") for i in range(2))
    assert (first != second).any()
    before = (folder / "0000.images.npy").stat().st_mtime_ns
    pictures.write_shard(folder, 0, seed=3)
    assert (folder / "0000.images.npy").stat().st_mtime_ns == before


def test_training_never_draws_the_pictures_that_are_kept_for_tests(folder):
    data = pictures.Pictures(folder, kept=7)
    scenes, _ = data.draw(20, np.random.default_rng(0))
    assert all(scene == data.scenes[0] for scene in scenes)


def test_latents_are_an_eighth_and_crops_lie_on_their_grid():
    vae = autoencoder.build(latent_channels=4, width=8)
    images = torch.rand(2, 3, 128, 128) * 2 - 1
    assert vae.encoder(images).shape == (2, 4, 16, 16)
    assert vae.decoder(vae.encoder(images)).shape == images.shape
    ramp = torch.arange(128.0).expand(1, 3, 128, 128)
    cut = autoencoder.crops(ramp, 64, np.random.default_rng(1))
    assert cut.shape == (1, 3, 64, 64) and cut[0, 0, 0, 0] % 8 == 0


def test_a_few_steps_lower_the_loss_of_the_autoencoder(folder):
    torch.manual_seed(0)
    vae = autoencoder.build(latent_channels=4, width=8)
    _, images = pictures.Pictures(folder, kept=0).take(range(8))
    optimizer = torch.optim.Adam(vae.parameters(), 3e-3)
    losses = []
    for _ in range(12):
        loss = autoencoder.loss_of(vae, images)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]
    assert torch.isfinite(autoencoder.loss_of(vae, images, halved=True))


@pytest.mark.parametrize("architecture", judge.ARCHITECTURES)
def test_both_judges_answer_in_the_same_form(architecture):
    out = judge.Judge(architecture).eval()(torch.zeros(2, 3, 128, 128))
    assert {name: tuple(part.shape) for name, part in out.items()} == {
        "kinds": (2, len(KINDS)), "time": (2, 4), "weather": (2, 4), "season": (2, 4)
    }  # fmt: skip


def test_a_card_counts_where_every_asked_place_is_on_it():
    asked = judge.places(
        [Scene((PlacedStop("lake", (0, 0, 0)), PlacedStop("castle", (9, 9, 9))))], KINDS
    )
    logits = torch.where(asked > 0, 3.0, -3.0)
    assert judge.all_found(logits, asked).tolist() == [True]
    logits[0, KINDS.index("lake")] = -3.0
    assert judge.all_found(logits, asked).tolist() == [False]
    extra = torch.full_like(logits, 3.0)  # more places than were asked for do no harm
    assert judge.all_found(extra, asked).tolist() == [True]


def test_blots_are_nothing():
    images, labels = torch.rand(20, 3, 128, 128), torch.ones(20, len(KINDS))
    spoiled, left = judge.spoil(images, labels, noise=judge.NOISE, blot=judge.BLOT)
    assert (left.sum(1) == 0).sum() == 2 and (left[:18] == 1).all()
    assert spoiled[18:].std() < images[18:].std()
