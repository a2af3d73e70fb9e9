"""The recipes of the next postcard model."""

import json
import logging
import os
import sys

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel
from safetensors import safe_open
from torch.nn import functional as F
from transformers import CLIPModel, CLIPTokenizer

from recipes.clip import Reader
from recipes.landscapes import autoencoder, captions, clip, judge, pictures, tokenizer, unet
from recipes.tokenizer import build
from recipes.unet import build as build_unet
from tripkit.clip import model
from tripkit.core.settings import read_data
from tripkit.datasets.captions import proper_names, sent_caption
from tripkit.datasets.landscapes.scene import KINDS, PlacedStop, Scene, random_scene


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
    assert out.pop("cells").shape[:2] == (2, judge.CLASSES)
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


def test_a_cell_is_told_the_share_of_each_kind_in_it():
    scenes = [
        Scene((PlacedStop("harbor", (0, 0, 0)), PlacedStop("mountain", (9, 9, 9)))),
        Scene((PlacedStop("cafe", (0, 0, 0)),)),
    ]
    labels = torch.zeros(2, 128, 128, dtype=torch.long)
    labels[0, :64, :64] = 1
    labels[0, 64:, 96:] = 2
    shares = judge.shares(scenes, labels, 2)
    number = {kind: 1 + KINDS.index(kind) for kind in KINDS}
    assert shares.shape == (2, judge.CLASSES, 2, 2)
    assert torch.equal(shares.sum(1), torch.ones(2, 2, 2))
    assert shares[0, number["harbor"]].tolist() == [[1, 0], [0, 0]]
    assert shares[0, number["mountain"]].tolist() == [[0, 0], [0, 0.5]]
    assert torch.equal(shares[1, 0], torch.ones(2, 2))


# ------------------------------------------------------------ captions, tokenizer


LAKE, CASTLE = PlacedStop("lake", (72, 128, 184)), PlacedStop("castle", (120, 120, 120))
EVENING = Scene((LAKE, CASTLE), time="sunset", weather="rain", season="autumn")


def scenes_of(count, seed=0):
    rng = np.random.default_rng(seed)
    return [random_scene(rng, [(200, 40, 40), (40, 40, 200)]) for _ in range(count)]


def test_the_apps_form_names_the_places_from_far_to_near_and_always_the_time():
    for seed in range(20):
        text = sent_caption(EVENING, "en", np.random.default_rng(seed))
        assert text.index("castle") < text.index("lake") < text.index("at sunset")
        text = sent_caption(EVENING, "ko", np.random.default_rng(seed))
        assert text.index("해 질 녘의") < text.index("성") < text.index("호수")
    assert [stop.kind for stop in EVENING.from_far_to_near()] == ["castle", "lake"]


def test_half_of_the_captions_have_the_apps_form_and_languages_take_turns(monkeypatch):
    monkeypatch.setattr(captions, "NAMES", 0.0)
    scenes = 400 * [EVENING]
    texts = captions.said(scenes, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    sent = {sent_caption(EVENING, lang, rng) for lang in ("en", "ko") for _ in range(100)}
    assert 0.4 < np.mean([text in sent for text in texts]) < 0.6
    assert all(text.isascii() for text in texts[::2])
    assert not any(text.isascii() for text in texts[1::2])


def test_a_share_of_the_captions_is_dropped():
    texts = captions.said(1000 * [EVENING], np.random.default_rng(0), drop=0.1)
    assert 70 < texts.count("") < 130
    assert "" not in captions.said(100 * [EVENING], np.random.default_rng(0))


def test_some_places_have_a_proper_name_and_none_is_of_the_catalogue():
    names = {name for kind in KINDS for lang in ("en", "ko") for name in proper_names(kind, lang)}
    catalogue = str(read_data("trips.toml"))
    assert not [name for name in names if name in catalogue]
    texts = captions.said(scenes_of(300), np.random.default_rng(0))
    assert 30 < sum(any(name in text for name in names) for text in texts) < 200


@pytest.fixture(scope="module")
def words(tmp_path_factory):
    """The folder of a tokenizer of few captions."""
    folder = tmp_path_factory.mktemp("tokenizer")
    build(tokenizer.texts(captions=600)).save_pretrained(folder)
    return folder


def test_captions_fit_the_77_tokens_and_come_back_as_they_were(words):
    coder = CLIPTokenizer.from_pretrained(words)
    texts = captions.said(scenes_of(300, seed=5), np.random.default_rng(0))
    ids = coder(texts).input_ids
    assert max(map(len, ids)) <= coder.model_max_length == 77
    back = [coder.decode(row, skip_special_tokens=True) for row in ids]
    assert [b.replace(" ", "") for b in back] == [t.lower().replace(" ", "") for t in texts]


# -------------------------------------------------------------------------- CLIP


def test_the_readers_tell_the_scene_of_42_kinds():
    target = clip.targets([EVENING])
    kinds = [KINDS[i] for i in target["kinds"][0].nonzero().flatten()]
    assert sorted(kinds) == ["castle", "lake"] and target["colors"].shape == (1, 42, 3)
    lake = (target["colors"][0, KINDS.index("lake")] + 1) * 127.5
    assert lake.tolist() == pytest.approx(LAKE.rgb) and target["classes"].tolist() == [[2, 2, 2]]
    assert Reader(8, 42).loss(torch.zeros(1, 8), target).isfinite()


def test_a_clip_may_see_other_sizes_and_patches(words):
    coder = CLIPTokenizer.from_pretrained(words)
    sizes = {}
    for size, patch in ((64, 8), (128, 16)):
        made = model.build(coder, text=(32, 1), vision=(32, 1), size=size, patch=patch)
        hidden = made.vision_model(torch.zeros(1, 3, size, size)).last_hidden_state
        sizes[size, patch] = hidden.shape[1]
    assert sizes == {(64, 8): 65, (128, 16): 65}
    assert model.build(coder).config.vision_config.image_size == 64


def test_a_caption_that_finds_its_own_picture_is_a_hit():
    class Twins:
        """Scores pictures by the number that captions name."""

        def __call__(self, input_ids, pixel_values):
            scores = -(input_ids[:, :1].float() - pixel_values[:, 0, 0, :1].T).abs()
            return type("Output", (), {"logits_per_text": scores})

    images = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 3, 2, 2)
    found = clip.retrieval(Twins(), torch.tensor([[0], [1], [2], [0]]), images)
    assert found == {"en": 1.0, "ko": 0.5}


def run_recipe(module, monkeypatch, *options):
    """Runs a recipe's ``main`` in this process."""
    words = [str(word) for word in options]
    monkeypatch.setattr(sys, "argv", [module.__file__, *words])
    monkeypatch.setattr(logging.getLogger("tripkit"), "level", logging.INFO)
    module.main()


def step_of(out):
    with safe_open(out / "checkpoint.safetensors", "pt") as file:
        return int(file.metadata()["step"])


@pytest.fixture
def small_clip(monkeypatch):
    monkeypatch.setattr(clip, "TEXT", (32, 1))
    monkeypatch.setattr(clip, "VISION", (32, 1))


def test_the_recipe_of_the_clip_trains_resumes_and_leaves_a_model(
    folder, words, small_clip, tmp_path, monkeypatch
):
    options = ("--pictures", folder, "--tokenizer", words, "--out", tmp_path, "--batch", 4)
    for steps in (3, 5):
        run_recipe(clip, monkeypatch, *options, "--steps", steps)
        assert step_of(tmp_path) == steps
    made = CLIPModel.from_pretrained(tmp_path / "clip")
    assert made.config.vision_config.image_size == 128
    coder = CLIPTokenizer.from_pretrained(tmp_path / "clip")
    assert len(coder) == made.config.text_config.vocab_size
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))["clip"]
    assert set(metrics["retrieval_at_1_of_4"]) == {"en", "ko"} and metrics["steps"] == 5


# ------------------------------------------------------------------------- U-Net


@pytest.fixture(scope="module")
def vae(tmp_path_factory):
    """The run of an untrained autoencoder: its folder, and the autoencoder."""
    run = tmp_path_factory.mktemp("vae")
    torch.manual_seed(0)
    made = autoencoder.build(latent_channels=4, width=8)
    made.save_pretrained(run / "vae")
    return run, made


class Pooling:
    """Encodes a picture as its means over 8 x 8 pixels."""

    config = type("Config", (), {"latent_channels": 3})

    @staticmethod
    def encoder(images):
        return F.avg_pool2d(images, 8)


@pytest.fixture
def weights(tmp_path):
    """The folder of a VAE's weights."""
    (tmp_path / "weights").write_text("weights")
    return tmp_path


def test_pictures_and_their_mirror_images_are_encoded_once(folder, weights, monkeypatch):
    data = pictures.Pictures(folder)
    monkeypatch.setattr(unet, "ENCODED", 3)  # does not divide the eight
    latents = unet.encoded(data, Pooling(), weights)
    assert latents.shape == (2, 8, 3, 16, 16) and latents.dtype == np.float16
    means = F.avg_pool2d(data.take(range(8))[1], 8).half().numpy()
    np.testing.assert_allclose(latents[0], means, atol=2e-3)
    np.testing.assert_allclose(latents[1], means[..., ::-1], atol=2e-3)
    assert np.array_equal(unet.encoded(data, None, weights), latents)  # no need of the VAE


@pytest.mark.parametrize("pictures_then, age", [(8, 9), (9, 0)], ids=["older", "other pictures"])
def test_latents_of_an_older_vae_or_of_other_pictures_are_not_kept(
    pictures_then, age, folder, weights
):
    path, now = weights / unet.LATENTS, (weights / "weights").stat().st_mtime
    np.save(path, np.zeros((2, pictures_then, 3, 16, 16), np.float16))
    os.utime(path, 2 * (now - age,))
    latents = unet.encoded(pictures.Pictures(folder), Pooling(), weights)
    assert latents.shape[1] == 8 and latents.any() and np.load(path).any()


def test_pictures_are_turned_where_their_latents_are():
    images = torch.arange(12.0).view(2, 1, 2, 3)
    turned = unet.mirrored(images, np.array([0, 1]))
    assert torch.equal(turned[0], images[0]) and torch.equal(turned[1], images[1].flip(2))


def test_a_caption_is_read_as_the_pipeline_reads_it(words):
    coder = CLIPTokenizer.from_pretrained(words)
    made = model.build(coder, text=(32, 1), vision=(32, 1))
    read = unet.Conditions(made, coder, torch.device("cpu")).hidden(["a lake", ""])
    assert read.shape == (2, 77, 32) and not read.requires_grad
    assert not torch.allclose(read[0], read[1])
    again = unet.Conditions(made, coder, torch.device("cpu")).hidden(["a lake"])
    torch.testing.assert_close(again[0], read[0])


def aligned_pair(words):
    torch.manual_seed(0)
    coder = CLIPTokenizer.from_pretrained(words)
    made = model.build(coder, text=(32, 1), vision=(32, 2), size=128, patch=16)
    network = build_unet(4, 32, (16, 16, 32))
    return network, made, unet.Alignment(network, made)


def test_alignment_teaches_the_middle_and_leaves_clip_alone(words):
    network, made, alignment = aligned_pair(words)
    images = torch.rand(2, 3, 128, 128) * 2 - 1
    optimizer = torch.optim.Adam([*network.parameters(), *alignment.parameters()], 3e-3)
    latents, hidden = torch.randn(2, 4, 16, 16), torch.randn(2, 77, 32)
    losses = []
    for _ in range(12):
        network(latents, 500, hidden)
        loss = alignment(images)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert 0 <= losses[-1] < 0.7 * losses[0] <= 2
    assert network.conv_in.weight.grad.abs().sum() > 0
    assert all(p.grad is None for p in made.parameters())
    assert {name for name, _ in alignment.named_parameters()} == {"project.weight", "project.bias"}


def test_features_lie_beside_the_patches_of_the_same_place(words):
    network, made, alignment = aligned_pair(words)
    patches = torch.zeros(1, 32, 8, 8)
    patches[0, 0, :2, :2], patches[0, 1, 2:], patches[0, 1, :2, 2:] = 1, 1, 1
    alignment._patches = lambda _images: patches
    with torch.no_grad():
        alignment.project.weight.copy_(torch.eye(32))
        alignment.project.bias.zero_()
    same = F.avg_pool2d(patches, 2)
    alignment.middle.append(same)
    assert alignment(None).item() == pytest.approx(0, abs=1e-6)
    alignment.middle.append(same.flip(3))  # what was at the left is now at the right
    assert alignment(None).item() == pytest.approx(2 / 16, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--align",), ("--optimizer", "adamw")], ids=str)
def test_the_recipe_of_the_unet_trains_resumes_and_leaves_a_model(
    more, folder, words, vae, tmp_path, monkeypatch
):
    made = model.build(
        CLIPTokenizer.from_pretrained(words), text=(32, 1), vision=(32, 2), size=128, patch=16
    )
    made.save_pretrained(tmp_path / "clip")
    CLIPTokenizer.from_pretrained(words).save_pretrained(tmp_path / "clip")
    options = ("--pictures", folder, "--vae", vae[0], "--clip", tmp_path, "--out", tmp_path)
    small = ("--batch", 4, "--channels", 16, 16, 32)
    for steps in (2, 3):
        run_recipe(unet, monkeypatch, *options, *small, *more, "--steps", steps)
        assert step_of(tmp_path) == steps
    network = UNet2DConditionModel.from_pretrained(tmp_path / "unet")
    assert network.config.block_out_channels == [16, 16, 32] and network.config.in_channels == 4
    with safe_open(tmp_path / "checkpoint.safetensors", "pt") as file:
        names = set(file.keys())
    assert any(name.endswith(".momentum_buffer") for name in names) == ("adamw" not in more)
    assert ("alignment.project.weight" in names) == ("--align" in more)
    metrics = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))["unet"]
    assert metrics["steps"] == 3 and metrics["pictures"] == 12
