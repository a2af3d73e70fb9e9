"""The encoder's laws, its errors, and what the shipped CLIP knows."""

import shutil
import unicodedata
import warnings

import numpy as np
import pytest
import torch
from PIL import Image

from tripkit.clip import CLIPEncoder, contrastive_loss, similarity, unit, zero_shot
from tripkit.clip.encoder import postcard_processor
from tripkit.core.errors import ModelUnavailableError, RequestError
from tripkit.core.messages import LANGUAGES, text
from tripkit.core.settings import weights_folder
from tripkit.datasets.captions import plain_caption
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import PlacedStop, Scene

SCENES = [
    Scene((PlacedStop("castle", (230, 60, 60)),), time="night"),
    Scene((PlacedStop("windmill", (250, 220, 80)), PlacedStop("tea_field", (60, 170, 90)))),
    Scene((PlacedStop("lighthouse", (240, 240, 240)),), time="sunset"),
    Scene((PlacedStop("cherry", (248, 184, 192)), PlacedStop("lake", (70, 130, 200)))),
    Scene((PlacedStop("desert", (230, 180, 90)), PlacedStop("camp", (200, 60, 160)))),
    Scene((PlacedStop("ferris_wheel", (120, 60, 200)),), time="night"),
]


@pytest.fixture(scope="module")
def encoder():
    return CLIPEncoder()


@pytest.fixture(scope="module")
def pictures():
    return [render(scene) for scene in SCENES]


def test_embeddings_have_length_one_and_do_not_depend_on_their_company(encoder, pictures):
    captions = [plain_caption(scene, "en") for scene in SCENES]
    for embed, things in ((encoder.embed_texts, captions), (encoder.embed_images, pictures)):
        together = embed(things)
        assert together.shape == (6, 128) and together.dtype == torch.float32
        torch.testing.assert_close(together.norm(dim=1), torch.ones(6))
        torch.testing.assert_close(embed(things[2])[0], together[2], atol=1e-5, rtol=0)


def test_similarity_is_symmetric_and_knows_nothing_of_length():
    a, b = torch.randn(3, 5), torch.randn(4, 5)
    torch.testing.assert_close(similarity(a, b), similarity(b, a).T)
    torch.testing.assert_close(similarity(7 * a, b / 3), similarity(a, b))
    torch.testing.assert_close(similarity(a, a).diagonal(), torch.ones(3))


def test_zero_shot_rows_are_probabilities_and_the_logits_are_those_of_transformers(
    encoder, pictures
):
    captions = [plain_caption(scene, "ko") for scene in SCENES[:4]]
    shares = zero_shot(encoder, pictures, captions)
    assert shares.shape == (6, 4) and shares.min() >= 0
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(6))
    tokens = encoder.tokenizer(captions, padding=True, return_tensors="pt")
    seen = postcard_processor()(pictures, return_tensors="pt")
    with torch.no_grad():
        theirs = encoder.model(**tokens, **seen).logits_per_image
    cosines = similarity(encoder.embed_images(pictures), encoder.embed_texts(captions))
    torch.testing.assert_close(encoder.logit_scale * cosines, theirs, atol=1e-4, rtol=1e-5)
    torch.testing.assert_close(shares, theirs.softmax(dim=1), atol=1e-4, rtol=0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_clip_finds_the_caption_of_each_picture(encoder, pictures, language):
    captions = [plain_caption(scene, language) for scene in SCENES]
    assert zero_shot(encoder, pictures, captions).argmax(dim=1).tolist() == list(range(6))


def test_hangul_in_pieces_means_the_same(encoder):
    whole = "벚꽃 공원, 파란 호수"
    torch.testing.assert_close(
        encoder.embed_texts(unicodedata.normalize("NFD", whole)), encoder.embed_texts(whole)
    )


def test_pictures_may_have_any_size_and_mode(encoder, pictures):
    other = pictures[0].resize((256, 256), Image.Resampling.NEAREST).convert("RGBA")
    small, large = encoder.embed_images([pictures[0], other])
    assert similarity(small[None], large[None]).item() > 0.9


def test_tokens_are_readable_and_the_end_of_a_long_text_is_named(encoder):
    pieces = encoder.tokens("castle at night 화성시 🚀")
    assert pieces[:3] == ["castle", "at", "night"]
    assert any(piece.startswith("<") and piece.endswith(">") for piece in pieces)
    assert encoder.unread("castle at night") == ""
    long = "castle " * 75 + "windmill"
    assert encoder.limit == 77 and encoder.unread(long) == "windmill"
    with pytest.warns(UserWarning, match="did not read the end: windmill"):
        cut = encoder.embed_texts(long)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        torch.testing.assert_close(cut, encoder.embed_texts("castle " * 75))


@pytest.mark.parametrize(
    ("method", "given", "code"),
    [
        ("embed_texts", [], "clip_no_texts"),
        ("embed_texts", ["castle", " \n"], "clip_empty_text"),
        ("embed_texts", ["castle", None], "clip_empty_text"),
        ("embed_images", [], "clip_no_images"),
        ("embed_images", [np.zeros((64, 64, 3), np.uint8)], "clip_not_an_image"),
        ("embed_images", ["castle.png"], "clip_not_an_image"),
    ],
)
def test_nothing_or_the_wrong_thing_gets_a_clear_error(encoder, method, given, code):
    with pytest.raises(RequestError) as caught:
        getattr(encoder, method)(given)
    assert caught.value.code == code
    for language in LANGUAGES:
        assert text(f"error.{code}", language, **caught.value.details)


@pytest.mark.parametrize(
    "missing", ["config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"]
)
def test_a_folder_that_is_not_whole_is_called_broken(tmp_path, missing):
    shutil.copytree(weights_folder() / "clip", tmp_path / "clip")
    (tmp_path / "clip" / missing).unlink()
    with pytest.raises(ModelUnavailableError) as caught:
        CLIPEncoder(str(tmp_path / "clip")).embed_texts("castle")
    assert caught.value.code == "model_broken"


def test_weights_that_lack_a_part_or_are_cut_short_are_called_broken(tmp_path):
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "clip"
    shutil.copytree(weights_folder() / "clip", folder)
    file = folder / "model.safetensors"
    tensors = load_file(file)
    tensors.pop("text_projection.weight")
    save_file(tensors, file, {"format": "pt"})
    with pytest.raises(ModelUnavailableError, match="MissingWeights"):
        _ = CLIPEncoder(str(folder)).model
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ModelUnavailableError) as caught:
        _ = CLIPEncoder(str(folder)).model
    assert caught.value.code == "model_broken"


def test_a_model_that_cannot_be_had_says_so():
    with pytest.raises(ModelUnavailableError) as caught:
        _ = CLIPEncoder("nobody/no-such-clip").model
    assert caught.value.code == "model_not_downloaded"


def test_a_copy_of_the_shipped_folder_is_the_shipped_model(encoder):
    copy = CLIPEncoder(str(weights_folder() / "clip"))
    torch.testing.assert_close(copy.embed_texts("성"), encoder.embed_texts("성"))
    assert copy.logit_scale == encoder.logit_scale > 1


# ------------------------------------------------------- the contrastive loss


def test_the_loss_is_the_formula():
    a, b, scale = unit(torch.randn(5, 8)), unit(torch.randn(5, 8)), 7.0
    exps = (scale * a @ b.T).exp()
    rows = -(exps.diagonal() / exps.sum(dim=1)).log().mean()
    columns = -(exps.diagonal() / exps.sum(dim=0)).log().mean()
    torch.testing.assert_close(contrastive_loss(scale * a @ b.T), (rows + columns) / 2)


def test_the_loss_of_guessing_is_log_n_and_that_of_knowing_is_none():
    torch.testing.assert_close(contrastive_loss(torch.zeros(8, 8)), torch.tensor(8.0).log())
    assert contrastive_loss(100 * torch.eye(8)) < 1e-6


def test_the_loss_is_that_of_transformers(encoder, pictures):
    captions = [plain_caption(scene, "en") for scene in SCENES]
    tokens = encoder.tokenizer(captions, padding=True, return_tensors="pt")
    seen = postcard_processor()(pictures, return_tensors="pt")
    with torch.no_grad():
        theirs = encoder.model(**tokens, **seen, return_loss=True)
    torch.testing.assert_close(contrastive_loss(theirs.logits_per_image), theirs.loss)
