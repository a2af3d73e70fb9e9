"""Editing with an image service: masks translated, the rest restored, requests as the SDK types."""

import inspect
import io
import typing

import numpy as np
import pytest
from fake_openai import PICTURE_COLOR
from openai.types import image_edit_params, image_generate_params
from PIL import Image
from pydantic import TypeAdapter

from tripkit.core.errors import RequestError
from tripkit.images.openai import OpenAIImageBackend
from tripkit.images.openai.masks import fitted
from tripkit.images.pipeline import PipelineBackend
from tripkit.services import registry

DEFAULT = registry.default_service("openai", "image")


def gradient(width=96, height=64):
    """Each pixel is unlike its neighbours, and yet it soon becomes a PNG of 1024 x 1024."""
    y, x = np.mgrid[:height, :width]
    return Image.fromarray(np.stack([2 * x, 3 * y, x + y], axis=2).astype(np.uint8))


def half(image):
    """White over the left half."""
    mask = Image.new("L", image.size, 0)
    mask.paste(255, (0, 0, image.width // 2, image.height))
    return mask


def opened(file):
    name, data, kind = file
    assert (name.endswith(".png"), kind) == (True, "image/png")
    return Image.open(io.BytesIO(data))


def test_unmasked_pixels_come_back_bit_for_bit_and_the_rest_is_the_service_s(official):
    image = gradient()
    edited = OpenAIImageBackend(client=official).edit("a lake", image, half(image)).image
    before, after = np.asarray(image), np.asarray(edited)
    assert edited.size == image.size
    assert (after[:, 48:] == before[:, 48:]).all()
    assert (after[:, :48] == PICTURE_COLOR).all()


def test_white_in_our_mask_is_alpha_zero_in_theirs(server, official):
    image = gradient()
    OpenAIImageBackend(client=official).edit("a lake", image, half(image))
    sent = server.requests[-1]["body"]
    picture, mask = opened(sent["image"]), opened(sent["mask"])
    assert picture.mode == "RGB" and mask.mode == "RGBA"
    assert picture.size == mask.size == (1024, 1024)
    alpha = np.asarray(mask.getchannel("A"))
    assert set(np.unique(alpha)) == {0, 255}
    # 96 x 64 stands in the middle of 1024 x 1024 as 1024 x 683; what is around it is kept.
    assert (alpha[400:600, :512] == 0).all() and (alpha[400:600, 512:] == 255).all()
    assert (alpha[:160] == 255).all() and (alpha[-160:] == 255).all()


def test_other_servers_get_the_picture_as_it_is_and_no_size(server, elsewhere):
    image = gradient()
    OpenAIImageBackend("postcard", client=elsewhere).edit("a lake", image, half(image))
    sent = server.requests[-1]["body"]
    assert np.array_equal(np.asarray(opened(sent["image"])), np.asarray(image))
    alpha = np.asarray(opened(sent["mask"]).getchannel("A"))
    assert (alpha[:, :48] == 0).all() and (alpha[:, 48:] == 255).all()
    assert not {"size", "quality", "moderation"} & set(sent)


def test_previews_of_an_edit_are_restored_too(official):
    image, seen = gradient(), []
    backend = OpenAIImageBackend(client=official)
    backend.edit("a lake", image, half(image), on_progress=lambda *call: seen.append(call))
    assert [call[:2] for call in seen] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    for _, _, preview in seen[1:]:
        assert (np.asarray(preview)[:, 48:] == np.asarray(image)[:, 48:]).all()


@pytest.mark.parametrize("size", ["auto", "1536x1024", "1024x1536"])
def test_the_picture_is_restored_whatever_size_is_sent(official, size):
    image = gradient(50, 70)
    edited = OpenAIImageBackend(size=size, client=official).edit("a lake", image, half(image))
    assert (np.asarray(edited.image)[:, 25:] == np.asarray(image)[:, 25:]).all()


def test_outpainting_keeps_the_old_picture_in_its_place(server, official):
    image = gradient(64, 64)
    drawn = OpenAIImageBackend(client=official).outpaint("a lake", image, right=32, top=8)
    assert drawn.image.size == (96, 72)
    assert np.array_equal(np.asarray(drawn.image)[8:, :64], np.asarray(image))
    assert (np.asarray(drawn.image)[:, 64:] == PICTURE_COLOR).all()
    assert "32 right" in drawn.note and server.paths() == ["/v1/images/edits"]


@pytest.mark.parametrize("method", ["edit", "outpaint"])
def test_the_signatures_are_those_of_the_pipeline_and_two_more(method):
    ours = inspect.signature(getattr(OpenAIImageBackend, method)).parameters
    theirs = inspect.signature(getattr(PipelineBackend, method)).parameters
    assert list(ours) == [*theirs, "ledger", "keeper"]


def test_an_edit_is_priced_and_noted(official):
    image = gradient()
    card = OpenAIImageBackend(client=official).edit("a lake", image, half(image))
    assert card.cost_usd > 0 and card.seed is None and "50%" in card.note
    assert card.path is not None and card.path.is_file()


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (Image.new("RGB", (96, 64)), "mask"),
        (Image.new("L", (64, 64), 255), "64 x 64"),
        (Image.new("L", (96, 64), 0), "black all over"),
    ],
)
def test_masks_that_say_nothing_are_refused_before_anything_is_sent(
    server, official, mask, message
):
    with pytest.raises(RequestError, match=message):
        OpenAIImageBackend(client=official).edit("a lake", gradient(), mask)
    assert server.requests == []


def test_a_negative_prompt_is_refused_and_not_dropped(server, official):
    with pytest.raises(RequestError, match="takes no negative prompt"):
        OpenAIImageBackend(client=official).generate("a lake", negative_prompt="people")
    assert server.requests == []


def test_the_canvas_holds_the_whole_picture():
    for width, height in ((16, 16), (1024, 17), (17, 1024), (333, 222)):
        edit = fitted(gradient(width, height), Image.new("L", (width, height), 255), (1024, 1024))
        left, top, right, bottom = edit.box
        assert 0 <= left < right <= 1024 and 0 <= top < bottom <= 1024
        assert max(right - left, bottom - top) == 1024
        assert edit.put_back(Image.new("RGB", (1024, 1024), (9, 8, 7))).size == (width, height)


# ---- requests as the SDK's own types want them


@pytest.mark.parametrize("partial_images", [0, 2])
@pytest.mark.parametrize("call", ["generate", "edit"])
def test_requests_fit_the_types_of_the_sdk(server, official, call, partial_images):
    backend = OpenAIImageBackend(client=official, partial_images=partial_images, moderation="low")
    image = gradient()
    backend.generate("a lake") if call == "generate" else backend.edit("a", image, half(image))
    module, stem = (
        (image_generate_params, "ImageGenerateParams")
        if call == "generate"
        else (image_edit_params, "ImageEditParams")
    )
    kind = getattr(module, stem + ("Streaming" if partial_images else "NonStreaming"))
    sent = server.requests[-1]["body"]
    types = typing.get_type_hints(kind)
    assert set(sent) <= set(types)
    for name in set(sent) - {"image", "mask"}:  # `opened` looks at the files
        TypeAdapter(types[name]).validate_python(sent[name], strict=True)
    assert ("moderation" in sent) == (call == "generate")  # edits have no such option


@pytest.mark.parametrize("size", ["1000x1000", "4096x1024", "3840x3840", "512x2048"])
def test_sizes_that_openai_cannot_draw_are_refused_before_they_are_sent(server, official, size):
    with pytest.raises(RequestError, match="size is"):
        OpenAIImageBackend(size=size, client=official).generate("a lake")
    assert server.requests == []


def test_other_servers_draw_other_sizes(server, elsewhere):
    OpenAIImageBackend("postcard", size="100x100", client=elsewhere).generate("a lake")
    assert server.requests[-1]["body"]["size"] == "100x100"
