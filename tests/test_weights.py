"""Models that are not whole: each is told by its tensors, and none of them draws a picture."""

import json
import math
import shutil

import pytest
import tiny_diffusion
import torch
from safetensors.torch import load_file, save_file

from tripkit.clip.encoder import CLIPEncoder
from tripkit.core.errors import ModelUnavailableError
from tripkit.core.jobs import run_inline
from tripkit.core.settings import weights_folder
from tripkit.diffusion.sampling import generate, inpaint, shipped_sampler
from tripkit.diffusion.unet import DigitUNet, load_ddpm
from tripkit.generative.classifier import DigitClassifier, load_classifier
from tripkit.generative.gan import Generator, load_gan
from tripkit.generative.vae import DigitVAE, load_vae
from tripkit.images import loading
from tripkit.images.pipeline import PipelineBackend
from tripkit.session import TripSession
from tripkit.training import saving

UNET = "unet/diffusion_pytorch_model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"
TEXT = "text_encoder/model.safetensors"
DIGITS = {
    "ddpm": load_ddpm,
    "vae": load_vae,
    "gan": load_gan,
    "digit_classifier": load_classifier,
}
RESTORE = "restore it with git checkout -- tripkit/weights, or install tripkit again"


def change(file, how):
    """Rewrites a file of tensors; ``how`` changes them in place, or returns others."""
    tensors = {name: tensor.clone() for name, tensor in load_file(file).items()}
    tensors = how(tensors) or tensors
    save_file(tensors, file, {"format": "pt"})


def all_nan(tensors):
    return {n: t * math.nan if t.is_floating_point() else t for n, t in tensors.items()}


def without_one(tensors):
    tensors.pop(max(tensors))


def with_one_more(tensors):
    tensors["surplus.weight"] = torch.zeros(1)


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A copy of the shipped models, which is taken for them."""
    shutil.copytree(weights_folder(), tmp_path / "weights")
    for module in (loading, saving):
        monkeypatch.setattr(module, "weights_folder", lambda: tmp_path / "weights")
    return tmp_path / "weights"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return tiny_diffusion.build(tmp_path_factory.mktemp("tiny"))


@pytest.mark.parametrize("file", [UNET, VAE, TEXT])
@pytest.mark.parametrize("harm", [all_nan, without_one, with_one_more])
def test_the_postcard_model_with_wrong_tensors_is_refused_and_can_be_restored(shipped, file, harm):
    change(shipped / "postcard" / file, harm)
    with pytest.raises(ModelUnavailableError, match=RESTORE) as caught:
        PipelineBackend().warm_up()
    assert caught.value.code == "model_broken"
    assert "Download" not in str(caught.value) and "내려받" not in caught.value.message("ko")


def test_a_part_of_the_postcard_model_that_is_gone_can_be_restored(shipped):
    (shipped / "postcard" / UNET).unlink()
    with pytest.raises(ModelUnavailableError, match=f"unet missing.*{RESTORE}") as caught:
        PipelineBackend().warm_up()
    assert caught.value.code == "model_incomplete"


@pytest.mark.parametrize("file", [UNET, VAE, TEXT])
def test_a_model_that_draws_nan_saves_no_postcard(tiny, tmp_path, file):
    folder = tmp_path / "tiny"
    shutil.copytree(tiny, folder)
    change(folder / file, all_nan)
    session = TripSession(
        None,
        PipelineBackend(str(folder), num_inference_steps=2),
        run=run_inline,
        folder=tmp_path / "postcards",
        language="en",
    )
    session.ask("a spring picnic")
    session.choose(0)
    session.draw(seed=1)
    assert (session.state, session.error.code) == ("error", "model_broken")
    assert "NaN" in str(session.error) and session.postcard is None
    assert not (tmp_path / "postcards").exists()


@pytest.mark.parametrize("file", [UNET, VAE, TEXT])
def test_a_tensor_that_a_model_lacks_is_not_made_up(tiny, tmp_path, file):
    folder = tmp_path / "tiny"
    shutil.copytree(tiny, folder)
    change(folder / file, without_one)
    lost = max(load_file(tiny / file))
    with pytest.raises(ModelUnavailableError, match=lost.removeprefix("text_model.")) as caught:
        PipelineBackend(str(folder)).warm_up()
    assert caught.value.code == "model_broken" and "git" not in str(caught.value)


def test_a_clip_with_nan_is_refused(tmp_path):
    shutil.copytree(weights_folder() / "clip", tmp_path / "clip")
    change(tmp_path / "clip" / "model.safetensors", all_nan)
    with pytest.raises(ModelUnavailableError, match="NaN or infinity") as caught:
        CLIPEncoder(str(tmp_path / "clip")).embed_texts("castle")
    assert caught.value.code == "model_broken"


# ------------------------------------------------------- models of digits


def cut(folder):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-9])


HARMS = {
    "no JSON": lambda folder: (folder / "config.json").write_text("{", encoding="utf-8"),
    "null": lambda folder: (folder / "config.json").write_text("null", encoding="utf-8"),
    "of another": lambda folder: (folder / "config.json").write_text('{"x": 1}', encoding="utf-8"),
    "no UTF-8": lambda folder: (folder / "config.json").write_bytes(b"\xff"),
    "no config": lambda folder: (folder / "config.json").unlink(),
    "no weights": lambda folder: (folder / "model.safetensors").unlink(),
    "cut": cut,
    "one less": lambda folder: change(folder / "model.safetensors", without_one),
    "one more": lambda folder: change(folder / "model.safetensors", with_one_more),
    "NaN": lambda folder: change(folder / "model.safetensors", all_nan),
}


@pytest.mark.parametrize("name", DIGITS)
@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_model_of_digits_is_told_with_its_file_and_the_remedy(name, harm, tmp_path):
    folder = tmp_path / name
    shutil.copytree(weights_folder() / name, folder)
    HARMS[harm](folder)
    with pytest.raises(ModelUnavailableError, match="Install or download it again") as caught:
        DIGITS[name](folder)
    assert caught.value.code == "model_broken"
    assert str(folder) in str(caught.value) or harm == "NaN"


def test_a_damaged_shipped_model_of_digits_can_be_restored(shipped):
    (shipped / "vae" / "config.json").unlink()
    with pytest.raises(ModelUnavailableError, match=f"config.json.*{RESTORE}"):
        load_vae()


def test_a_model_whose_config_has_other_widths_is_refused_by_its_tensors(tmp_path):
    shutil.copytree(weights_folder() / "vae", tmp_path / "vae")
    text = json.dumps({"latent_dim": 8, "channels": [32, 64]})
    (tmp_path / "vae" / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelUnavailableError, match="another shape: decoder"):
        load_vae(tmp_path / "vae")


def spoilt(model):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(math.nan)
    return model


@pytest.mark.parametrize(
    "draw",
    [
        lambda: generate(spoilt(DigitUNet((8, 8))), torch.tensor([7]), shipped_sampler()[0]),
        lambda: inpaint(
            spoilt(DigitUNet((8, 8))),
            None,
            shipped_sampler()[0],
            torch.zeros(1, 1, 28, 28),
            torch.ones(28, 28),
        ),
        lambda: spoilt(DigitVAE(8, (8, 8))).sample(2),
        lambda: spoilt(DigitVAE(8, (8, 8))).reconstruct(torch.zeros(1, 1, 28, 28)),
        lambda: spoilt(Generator(8, (8, 8))).sample(2),
    ],
    ids=["generate", "inpaint", "VAE", "reconstruct", "GAN"],
)
def test_digits_that_are_not_finite_are_no_digits(draw):
    with pytest.raises(ModelUnavailableError, match="smaller learning rate") as caught:
        draw()
    assert caught.value.code == "model_broken"


def test_a_model_that_cannot_be_saved_says_so(tmp_path):
    from tripkit.core.errors import StorageError

    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="could not be saved"):
        saving.save_model(DigitClassifier((8, 8, 8), 16), tmp_path / "file")
