"""Editing and control: laws that hold for our model and for any other Stable Diffusion."""

import json
import shutil

import numpy as np
import pytest
from doubles import each
from PIL import Image, ImageDraw
from tiny_diffusion import build

from tripkit.clip.tokens import read_ids, word_positions
from tripkit.core.errors import CancelledError, ModelUnavailableError, RequestError
from tripkit.core.settings import weights_folder
from tripkit.images import editing, loading, steering
from tripkit.images.pipeline import PipelineBackend
from tripkit.images.postcard import Postcard
from tripkit.prompts import ImagePrompt

PROMPT = "pink cherry blossoms, white castle"
STEPS = 2


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return str(build(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module", params=["postcard", "tiny"])
def backend(request):
    name = "postcard" if request.param == "postcard" else request.getfixturevalue("tiny")
    return PipelineBackend(name, num_inference_steps=STEPS, guidance_scale=4.5)


@pytest.fixture(scope="module")
def ours():
    return PipelineBackend(num_inference_steps=STEPS)


@pytest.fixture(scope="module")
def picture():
    """A picture that no model drew, of a size that is no multiple of 8."""
    image = Image.effect_noise((66, 58), 40).convert("RGB")
    ImageDraw.Draw(image).rectangle((10, 20, 40, 50), fill=(200, 40, 60))
    return image


@pytest.fixture(scope="module")
def mask(picture):
    result = Image.new("L", picture.size, 0)
    ImageDraw.Draw(result).rectangle((21, 9, 50, 37), fill=255)
    return result


def array(postcard):
    return np.asarray(getattr(postcard, "image", postcard)).astype(int)


def change(postcard, picture):
    return np.abs(array(postcard) - array(picture)).mean()


def watched(draw, *arguments, **options):
    """What the listener was told while something was drawn."""
    calls = []
    draw(*arguments, **options, on_progress=lambda *call: calls.append(call))
    return calls


# ---------------------------------------------------------------- pictures


def test_kept_pixels_come_back_bit_for_bit_and_the_others_are_drawn(backend, picture, mask):
    postcard = backend.edit(PROMPT, picture, mask, seed=1)
    kept = np.asarray(mask) == 0
    assert isinstance(postcard, Postcard) and postcard.image.size == picture.size
    np.testing.assert_array_equal(array(postcard)[kept], array(picture)[kept])
    assert (array(postcard)[~kept] != array(picture)[~kept]).mean() > 0.5
    assert "inside the mask" in postcard.note and postcard.sent == backend.text_for(PROMPT)


def test_an_edit_depends_on_seed_and_picture(backend, picture, mask):
    first, again, other = (backend.edit(PROMPT, picture, mask, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(array(first), array(again))
    assert change(first, other) > 0
    turned = picture.rotate(180)
    white = np.asarray(mask) == 255
    elsewhere = backend.edit(PROMPT, turned, mask, seed=1)
    assert (array(first)[white] != array(elsewhere)[white]).any()  # it looks at what is kept


def test_a_white_mask_draws_what_the_prompt_alone_gives(ours):
    plain = ours.generate(PROMPT, seed=3)
    everything = Image.new("L", plain.image.size, 255)
    again = ours.edit(PROMPT, Image.new("RGB", plain.image.size), everything, seed=3)
    assert change(plain, again) == 0


def test_greys_of_a_mask_count_as_the_nearer_of_black_and_white(picture):
    mask = Image.new("L", picture.size, 127)
    mask.putpixel((3, 4), 128)
    assert editing.check_mask(mask, picture).getbbox() == (3, 4, 4, 5)


def test_a_cell_of_the_latents_is_kept_only_where_all_its_pixels_are(ours):
    import torch

    mask = Image.new("L", (64, 64), 0)
    mask.putpixel((5, 9), 255)  # x, y
    keep = editing.Keep(ours.pipeline, Image.new("RGB", (64, 64)), mask, torch.Generator())
    assert keep.free.sum() == 1 and keep.free[0, 0, 9 // 4, 5 // 4] == 1


def test_strength_0_is_the_picture_and_more_strength_leaves_less_of_it(ours):
    picture = ours.generate(PROMPT, seed=3).image
    changes = []
    for strength in (0, 0.25, 1):
        cards = [ours.vary("blue lake", picture, strength=strength, seed=s) for s in (1, 2)]
        changes.append(np.mean([change(card, picture) for card in cards]))
    assert changes[0] == 0 < changes[1] < changes[2]


def test_a_variation_works_on_every_pipeline_and_keeps_the_size(backend, picture):
    postcard = backend.vary(PROMPT, picture, strength=0.5, seed=1)
    assert postcard.image.size == picture.size and change(postcard, picture) > 0
    assert "50%" in postcard.note
    np.testing.assert_array_equal(
        array(postcard), array(backend.vary(PROMPT, picture, strength=0.5, seed=1))
    )


def test_the_smallest_strength_takes_one_step_and_all_steps_are_told(ours, picture):
    of_four = ours.with_steps(4)
    for strength, expected in ((0.01, 1), (0.5, 2), (1, 4)):
        calls = watched(of_four.vary, PROMPT, picture, strength=strength, seed=1)
        assert [step for step, _, _ in calls] == list(range(1, expected + 1))
        assert {total for _, total, _ in calls} == {expected}


def test_outpainting_leaves_the_old_part_bit_for_bit(backend, picture):
    postcard = backend.outpaint(PROMPT, picture, left=7, right=14, top=3, seed=1)
    assert postcard.image.size == (66 + 21, 58 + 3)
    np.testing.assert_array_equal(array(postcard)[3:, 7 : 7 + 66], array(picture))
    new = array(postcard)[:, 7 + 66 :]
    assert new.std() > 0 and "7 pixels left" in postcard.note


def test_a_postcard_can_be_worked_on_like_a_picture(ours):
    first = ours.generate(PROMPT, seed=3)
    assert ours.vary(PROMPT, first, strength=0, seed=1).image.tobytes() == first.image.tobytes()


def test_an_edit_can_be_watched_and_stopped(backend, picture, mask):
    calls = watched(backend.edit, PROMPT, picture, mask, seed=1)
    assert calls[-1][0] == calls[-1][1] and all(isinstance(c[2], Image.Image) for c in calls)
    with pytest.raises(CancelledError, match="Stopped"):
        backend.edit(PROMPT, picture, mask, on_progress=lambda *_: False)
    with pytest.raises(CancelledError, match="Stopped"):
        backend.vary(PROMPT, picture, on_progress=lambda *_: False)
    assert backend.generate(PROMPT, seed=1).image.width == 64  # usable again


def test_a_unet_that_takes_the_mask_among_its_inputs_edits_too(tmp_path, picture, mask):
    backend = PipelineBackend(str(build(tmp_path, in_channels=9)), num_inference_steps=2)
    postcard = backend.edit(PROMPT, picture, mask, seed=1)
    kept = np.asarray(mask) == 0
    np.testing.assert_array_equal(array(postcard)[kept], array(picture)[kept])
    assert change(postcard, picture) > 0
    for ask in (
        lambda: backend.generate(PROMPT),
        lambda: backend.vary(PROMPT, picture),
        lambda: backend.interpolate(PROMPT, seeds=(1, 2)),
    ):
        with pytest.raises(ModelUnavailableError, match="to fill in a masked part") as caught:
            ask()
        assert "마스크" in caught.value.message("ko")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.resize((64, 64)), "mask is 64 x 64 pixels and the picture 66 x 58"),
        (lambda m: m.convert("RGB"), "of the kind RGB; it must be .* mode L"),
        (lambda m: np.asarray(m), "of the kind ndarray"),
        (lambda m: m.point(lambda _: 0), "black all over"),
    ],
)
def test_a_mask_that_does_not_fit_is_told(ours, picture, mask, change, message):
    with pytest.raises(RequestError, match=message) as caught:
        ours.edit(PROMPT, picture, change(mask))
    assert "마스크" in caught.value.message("ko")


@pytest.mark.parametrize("strength", [-0.1, 1.01, float("nan"), "half", True, None])
def test_a_strength_outside_0_to_1_is_told(ours, picture, strength):
    with pytest.raises(RequestError, match="from 0 .* to 1"):
        ours.vary(PROMPT, picture, strength=strength)


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("photo.png", "Received str in place of a picture"),
        (Image.new("RGB", (8, 64)), "8 x 64 pixels; each side may have 16 to 1024"),
        (Image.new("RGB", (64, 5000)), "64 x 5000 pixels"),
    ],
)
def test_what_is_no_picture_to_work_on_is_told(ours, image, message):
    with pytest.raises(RequestError, match=message):
        ours.vary(PROMPT, image)


@pytest.mark.parametrize(
    ("margins", "message"),
    [
        ({}, "All four margins are 0"),
        ({"right": 67}, r"would be 133 x 58 pixels.* at most 132 x 116"),
        ({"top": -1}, "A margin is -1"),
        ({"left": 2.5}, "A margin is 2.5"),
    ],
)
def test_margins_that_cannot_be_drawn_are_told(ours, picture, margins, message):
    with pytest.raises(RequestError, match=message):
        ours.outpaint(PROMPT, picture, **margins)


@pytest.mark.parametrize("blank", ["", " \n", "\u200b", ImagePrompt("", "")])
def test_an_empty_prompt_is_told_whatever_is_asked_for(ours, picture, mask, blank):
    for ask in (
        lambda: ours.generate(blank),
        lambda: ours.vary(blank, picture),
        lambda: ours.edit(blank, picture, mask),
        lambda: ours.outpaint(blank, picture, right=8),
        lambda: ours.interpolate(blank, seeds=(1, 2)),
    ):
        with pytest.raises(RequestError, match="prompt is empty"):
            ask()


# ---------------------------------------------------------------- words, seeds, schedulers


def test_a_sentence_is_drawn_like_a_prompt_of_it(ours):
    for sentence, language in ((PROMPT, "en"), ("하얀 성", "ko")):
        prompt = ImagePrompt(sentence, sentence, language=language)
        postcard = ours.generate(sentence, seed=1)
        assert postcard.prompt == prompt
        assert change(postcard, ours.generate(prompt, seed=1)) == 0


def test_an_empty_negative_prompt_changes_nothing_and_another_does(backend):
    plain = backend.generate(PROMPT, seed=1)
    assert change(plain, backend.generate(PROMPT, seed=1, negative_prompt=" ")) == 0
    led = backend.generate(PROMPT, seed=1, negative_prompt="red maple forest")
    assert change(plain, led) > 0 and "red maple forest" in led.note


def test_a_negative_prompt_without_guidance_is_told():
    backend = PipelineBackend(num_inference_steps=1, guidance_scale=1.0)
    with pytest.raises(RequestError, match="guidance scale of 1.0: it would do nothing"):
        backend.generate(PROMPT, negative_prompt="castle")


def test_a_weight_of_1_changes_no_pixel_and_another_does(backend):
    plain = backend.generate(PROMPT, seed=1)
    assert change(plain, backend.generate(PROMPT, seed=1, weights={"castle": 1})) == 0
    heavy = backend.generate(PROMPT, seed=1, weights={"castle": 2, "cherry blossoms": 0.5})
    assert change(plain, heavy) > 0
    assert "castle ×2, cherry blossoms ×0.5" in heavy.note


def test_only_the_words_weighted_move_and_0_puts_the_empty_prompt_there(ours):
    import torch

    pipeline = ours.pipeline
    with torch.no_grad():
        hidden, _ = pipeline.encode_prompt(PROMPT, "cpu", 1, False)
        empty, _ = pipeline.encode_prompt("", "cpu", 1, False)
    where = word_positions(pipeline.tokenizer, read_ids(pipeline.tokenizer, PROMPT), "castle")
    moved = steering.weighted_embeds(pipeline, PROMPT, {"castle": 0.0})["prompt_embeds"]
    others = [i for i in range(hidden.shape[1]) if i not in where]
    assert torch.equal(moved[:, others], hidden[:, others])
    torch.testing.assert_close(moved[:, where], empty[:, where])


def test_a_word_that_was_cut_off_is_told(ours):
    text = "blue beach, " * 40 + "castle"
    with pytest.raises(RequestError, match="“castle” is not in the prompt as the model read it"):
        ours.generate(text, weights={"castle": 1.5})


@pytest.mark.parametrize("weight", [4, -3.1, float("nan"), "2", None, True])
def test_a_weight_that_is_none_is_told(ours, weight):
    with pytest.raises(RequestError, match="weight of 'castle'"):
        ours.generate(PROMPT, weights={"castle": weight})


def test_the_ends_of_a_path_are_the_pictures_of_its_seeds(backend):
    calls = []
    path = backend.interpolate(
        PROMPT, seeds=(1, 2), count=3, on_progress=lambda *call: calls.append(call)
    )
    assert [postcard.seed for postcard in path] == [1, None, 2]
    for postcard in (path[0], path[-1]):
        assert change(postcard, backend.generate(PROMPT, seed=postcard.seed)) == 0
    assert change(path[1], path[0]) > 0 < change(path[1], path[2])
    assert "50% of the way from seed 1 to seed 2" in path[1].note
    steps = [step for step, _, _ in calls]
    assert steps == sorted(steps) and steps[-1] == calls[-1][1]


def test_slerp_keeps_the_length_that_a_straight_line_loses():
    import torch

    a, b = (torch.randn(1, 8, 16, 16, generator=torch.Generator().manual_seed(s)) for s in (1, 2))
    for share in (0.25, 0.5, 0.75):
        middle = steering.slerp(a, b, share)
        assert 0.9 < middle.std() < 1.1
    assert (a + b).div(2).std() < 0.8
    assert steering.slerp(a, b, 0) is a and steering.slerp(a, b, 1) is b
    torch.testing.assert_close(steering.slerp(a, a, 0.3), a)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seeds": 3}, "Received 3 as seeds"),
        ({"seeds": (1, 2, 3)}, "as seeds"),
        ({"seeds": (1, -2)}, "The seed is -2"),
        ({"seeds": (1, 2), "count": 1}, "number of pictures is 1; a path has 2 to 25"),
    ],
)
def test_a_path_that_leads_nowhere_is_told(ours, options, message):
    with pytest.raises(RequestError, match=message):
        ours.interpolate(PROMPT, **options)


@pytest.fixture(scope="module")
def of_the_shipped_scheduler():
    return PipelineBackend(num_inference_steps=3).generate(PROMPT, seed=1)


@pytest.mark.parametrize("name", each(4, loading.SCHEDULERS))
def test_every_scheduler_draws_and_edits(
    ours, of_the_shipped_scheduler, picture, mask, name, monkeypatch
):
    shared = _sharing(ours.pipeline, name)
    monkeypatch.setattr("tripkit.images.pipeline.load", lambda _name, _scheduler: shared)
    swapped = PipelineBackend(num_inference_steps=3, scheduler=name)
    postcard = swapped.generate(PROMPT, seed=1)
    assert array(postcard).std() > 1 and name in postcard.note
    if name != type(ours.pipeline.scheduler).__name__:
        assert change(postcard, of_the_shipped_scheduler) > 0
    kept = np.asarray(mask) == 0
    edited = swapped.edit(PROMPT, picture, mask, seed=1)
    np.testing.assert_array_equal(array(edited)[kept], array(picture)[kept])
    assert swapped.vary(PROMPT, picture, seed=1).image.size == picture.size


def _sharing(pipeline, scheduler):
    """The pipeline with another scheduler, its weights shared: loading takes seconds."""
    parts = dict(pipeline.components)
    parts["scheduler"] = loading.make_scheduler(scheduler, pipeline.scheduler.config)
    shared = type(pipeline)(**parts, requires_safety_checker=False)
    shared.set_progress_bar_config(disable=True)
    return shared


def test_a_scheduler_is_swapped_when_the_model_is_loaded(tiny):
    backend = PipelineBackend(tiny, num_inference_steps=2, scheduler="EulerDiscreteScheduler")
    assert type(backend.pipeline.scheduler).__name__ == "EulerDiscreteScheduler"
    assert backend.pipeline.scheduler.config.beta_schedule == "scaled_linear"


@pytest.mark.parametrize("name", ["Euler", "", "FlowMatchEulerDiscreteScheduler", "UNet2DModel"])
def test_an_unknown_scheduler_is_told_before_anything_is_loaded(name):
    with pytest.raises(RequestError, match="no scheduler .* known are DDIMScheduler"):
        PipelineBackend(scheduler=name)


# ---------------------------------------------------------------- models that are not whole


def cut(path):
    path.write_bytes(path.read_bytes()[:-10])


@pytest.mark.parametrize(
    ("harm", "part"),
    [
        (lambda f: shutil.rmtree(f / "vae"), "vae"),
        (lambda f: (f / "unet" / "diffusion_pytorch_model.safetensors").unlink(), "unet"),
        (lambda f: cut(f / "text_encoder" / "model.safetensors"), "text_encoder"),
        (lambda f: (f / "tokenizer" / "tokenizer.json").unlink(), "tokenizer"),
        (lambda f: shutil.rmtree(f / "scheduler"), "scheduler"),
        (lambda f: (f / "unet" / "x.safetensors.index.json").write_text('{"weight_m'), "unet"),
    ],
)
def test_a_half_downloaded_model_is_told_with_what_is_missing(tmp_path, tiny, harm, part):
    folder = tmp_path / "half"
    shutil.copytree(tiny, folder)
    harm(folder)
    with pytest.raises(ModelUnavailableError, match=f"not complete: {part} missing") as caught:
        PipelineBackend(str(folder)).warm_up()
    assert "온전하지 않아요" in caught.value.message("ko")


def test_whole_models_miss_nothing(tiny):
    assert loading.missing_parts(tiny) == []
    assert loading.missing_parts(weights_folder() / "postcard") == []


def test_a_model_of_another_build_can_draw_but_not_be_edited(picture):
    class Other:
        unet = vae = text_encoder = tokenizer = text_encoder_2 = object()

    with pytest.raises(ModelUnavailableError, match="not built like Stable Diffusion 1 or 2"):
        steering.check_stable_diffusion(Other(), "someone/other")


def test_broken_listings_of_parts_are_no_crash(tmp_path):
    for text in ("", "[]", "{", json.dumps({"unet": ["diffusers", None]})):
        (tmp_path / "model_index.json").write_text(text, encoding="utf-8")
        assert loading.missing_parts(tmp_path) == ["model_index.json"]
