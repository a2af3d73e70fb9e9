"""The backend of the GPT image models: what it sends, streams, costs and refuses."""

import base64
import io
import threading

import pytest
from doubles import a_plan
from fake_openai import PARTIAL_COLORS, PICTURE_COLOR, USAGE, picture
from PIL import Image

from tripkit.core.errors import (
    CancelledError,
    MissingKeyError,
    ModelUnavailableError,
    RequestError,
    ServiceError,
)
from tripkit.images import make_backend
from tripkit.images.openai import OpenAIImageBackend, answer
from tripkit.images.openai import backend as images
from tripkit.images.openai.answer import decode_picture
from tripkit.prompts import ImagePrompt, compose_prompt
from tripkit.services import prices, registry

REQUEST = "친구와 봄 소풍을 갈 만한 여행지를 추천해줘."
PROMPT = compose_prompt(REQUEST, a_plan(REQUEST), 0)
DEFAULT = registry.default_service("openai", "image")


def body(server):
    return server.requests[-1]["body"]


def follow(backend, prompt=PROMPT):
    calls = []
    return backend.generate(prompt, on_progress=lambda *call: calls.append(call)), calls


# ---- what is sent


def test_openai_gets_the_full_prompt_and_always_a_model(server, official):
    postcard = OpenAIImageBackend(client=official).generate(PROMPT)
    sent = body(server)
    assert sent["prompt"] == postcard.sent == PROMPT.full
    assert REQUEST in sent["prompt"] and PROMPT.scene in sent["prompt"]
    assert sent["model"] == DEFAULT.id and sent["n"] == 1
    assert (sent["quality"], sent["size"]) == ("low", "1024x1024")
    assert (sent["stream"], sent["partial_images"]) == (True, 2)
    # What DALL-E took and GPT image models refuse.
    assert not {"response_format", "style", "seed", "user"} & set(sent)


def test_other_servers_get_no_quality_and_are_asked_for_the_picture_itself(server, elsewhere):
    OpenAIImageBackend("flux", client=elsewhere).generate(PROMPT)
    assert "quality" not in body(server) and body(server)["response_format"] == "b64_json"


def test_without_partial_images_nothing_is_streamed(server, official):
    postcard, calls = follow(OpenAIImageBackend(partial_images=0, client=official))
    assert not {"stream", "partial_images"} & set(body(server))
    assert [call[:2] for call in calls] == [(0, 1), (1, 1)] and postcard.cost_usd is not None


def test_control_characters_do_not_travel(server, official):
    prompt = ImagePrompt(full="a\x00 park\u202e\n\x1bby  the river\n", scene="a park")
    assert OpenAIImageBackend(client=official).generate(prompt).sent == "a park\nby the river"


def test_a_prompt_beyond_the_limit_is_refused_and_not_cut(server, official):
    prompt = ImagePrompt(full="x" * (images.MAX_PROMPT + 1), scene="x")
    with pytest.raises(RequestError, match="reads at most 32000"):
        OpenAIImageBackend(client=official).generate(prompt)
    assert server.requests == []


def test_an_erased_prompt_is_not_replaced_by_the_scene(server, official):
    with pytest.raises(RequestError, match="prompt is empty"):
        OpenAIImageBackend(client=official).generate(ImagePrompt(full=" ", scene="a park"))
    assert server.requests == []


@pytest.mark.parametrize(
    "options",
    [
        {"quality": "best"},
        {"size": "1024"},
        {"size": "0x1024"},
        {"size": 1024},
        {"partial_images": 4},
        {"partial_images": -1},
        {"partial_images": True},
    ],
)
def test_options_that_no_model_takes_are_refused(options):
    with pytest.raises(RequestError, match="allowed:"):
        OpenAIImageBackend(**options)


def test_an_option_that_a_server_refuses_is_left_out(server, elsewhere):
    OpenAIImageBackend("strict-server", client=elsewhere).generate(PROMPT)
    assert len(server.requests) == 2 and "response_format" not in body(server)
    server.requests.clear()
    postcard, _ = follow(OpenAIImageBackend("refuses-stream", client=elsewhere))
    assert len(server.requests) == 2 and not {"stream", "partial_images"} & set(body(server))
    assert postcard.image.getpixel((0, 0)) == PICTURE_COLOR


# ---- what comes back


def test_partial_pictures_are_the_previews(official):
    postcard, calls = follow(OpenAIImageBackend(client=official))
    assert [call[:2] for call in calls] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    colors = [preview.getpixel((0, 0)) for _, _, preview in calls[1:]]
    assert calls[0][2] is None and colors == [*PARTIAL_COLORS, PICTURE_COLOR]
    assert postcard.image.getpixel((0, 0)) == PICTURE_COLOR


@pytest.mark.parametrize("model", ["no-partials", "no-stream", "jpeg"])
def test_fewer_partial_pictures_or_none_are_normal(official, model):
    postcard, calls = follow(OpenAIImageBackend(model, client=official))
    assert calls[-1][:2] == (3, 3) and postcard.image.mode == "RGB"


def test_a_broken_preview_does_not_cost_the_picture(official):
    postcard, calls = follow(OpenAIImageBackend("bad-partials", client=official))
    assert [preview is None for _, _, preview in calls] == [True, True, True, False]
    assert postcard.image.getpixel((0, 0)) == PICTURE_COLOR


def test_these_models_take_no_seed(server, official):
    assert OpenAIImageBackend(client=official).generate(PROMPT, seed=7).seed is None
    assert "seed" not in body(server)


def test_cancelling_closes_the_stream(server, official):
    backend = OpenAIImageBackend("waits", client=official)
    with pytest.raises(CancelledError, match="Stopped"):
        backend.generate(PROMPT, on_progress=lambda step, total, preview: step < 1)
    assert server.closed_by_client.wait(5)


def test_cancelling_at_once_sends_nothing(server, official):
    with pytest.raises(CancelledError):
        OpenAIImageBackend(client=official).generate(PROMPT, on_progress=lambda *_: False)
    assert server.requests == []


def test_an_error_of_the_listener_is_its_own(official):
    def listener(step, total, preview):
        if step == 1:
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        OpenAIImageBackend(client=official).generate(PROMPT, on_progress=listener)


def test_pictures_are_drawn_one_after_the_other(server, official):
    backend = OpenAIImageBackend(client=official)
    threads = [threading.Thread(target=backend.generate, args=(PROMPT,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(server.requests) == 3


# ---- what it costs


def test_the_cost_is_computed_from_the_usage(official):
    postcard = OpenAIImageBackend(client=official).generate(PROMPT)
    text = USAGE["input_tokens"] * DEFAULT.usd_per_million_input
    image = USAGE["output_tokens"] * DEFAULT.usd_per_million_image_output
    assert postcard.cost_usd == pytest.approx((text + image) / 1e6)


@pytest.mark.parametrize("usage", [None, {}, "much", {"input_tokens": 1}])
def test_a_cost_that_cannot_be_computed_is_not_known(usage):
    assert prices.image_bill(DEFAULT, usage) is None


@pytest.mark.parametrize("model", ["no-usage", "odd-usage", "negative-usage", "unlisted"])
def test_a_model_without_price_or_usage_costs_an_unknown_sum(official, model):
    assert OpenAIImageBackend(model, client=official).generate(PROMPT).cost_usd is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("output_tokens", "many"),
        ("output_tokens", -1),
        ("output_tokens", True),
        ("input_tokens_details", {"image_tokens": None}),
        ("output_tokens_details", {"text_tokens": 5}),  # text output has no price
    ],
)
def test_odd_counts_make_the_cost_unknown(field, value):
    assert prices.image_bill(DEFAULT, {**USAGE, field: value}) is None


def test_other_servers_have_no_price_whatever_they_call_their_model(elsewhere):
    backend = OpenAIImageBackend(DEFAULT.id, client=elsewhere)
    assert backend.cost_per_picture is None and backend.generate(PROMPT).cost_usd is None


def test_the_estimate_holds_the_previews_and_only_the_usual_settings():
    backend = OpenAIImageBackend()
    previews = 2 * 100 * DEFAULT.usd_per_million_image_output / 1e6
    assert backend.cost_per_picture == pytest.approx(DEFAULT.usd_per_picture + previews)
    plain = OpenAIImageBackend(partial_images=0)
    assert plain.cost_per_picture == pytest.approx(DEFAULT.usd_per_picture)
    assert OpenAIImageBackend(quality="high").cost_per_picture is None
    assert OpenAIImageBackend(size="1536x1024").cost_per_picture is None
    assert OpenAIImageBackend("unlisted").cost_per_picture is None


# ---- models, keys, names


def test_warming_up_without_a_key_says_so_and_sends_nothing():
    with pytest.raises(MissingKeyError, match="OPENAI_API_KEY is not set"):
        OpenAIImageBackend().warm_up()


def test_a_retired_model_is_told_before_anything_is_sent(server, official):
    backend = OpenAIImageBackend("dall-e-3", client=official)
    for call in (backend.warm_up, lambda: backend.generate(PROMPT)):
        with pytest.raises(ModelUnavailableError, match=f"Choose {DEFAULT.id} instead"):
            call()
    assert server.requests == []


def test_backends_are_made_by_name():
    assert make_backend("openai").name == f"openai:{DEFAULT.id}"
    backend = make_backend("openai:some-model", quality="high")
    assert (backend.name, backend.model, backend.options.quality) == (
        "openai:some-model",
        "some-model",
        "high",
    )


@pytest.mark.parametrize("name", ["", " ", "dall-e", "\x00", "a/b/c"])
def test_names_of_no_backend_are_refused(name):
    with pytest.raises(RequestError, match="There is no image model named"):
        make_backend(name)


def test_midjourney_has_no_door_for_programs():
    with pytest.raises(ModelUnavailableError, match="no public API"):
        make_backend("Midjourney")


# ---- pictures from outside


def test_transparent_pictures_become_rgb():
    buffer = io.BytesIO()
    Image.new("RGBA", (8, 8), (1, 2, 3, 255)).save(buffer, "PNG")
    decoded = decode_picture(base64.b64encode(buffer.getvalue()).decode("ascii"))
    assert decoded.mode == "RGB" and decoded.getpixel((0, 0)) == (1, 2, 3)


@pytest.mark.parametrize("data", [None, "", 5, "AAAA", b"x", picture(0)[:60], "한글"])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(ServiceError, match="not a usable picture"):
        decode_picture(data)


def test_too_much_base64_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(answer, "MAX_BASE64", 100)
    with pytest.raises(ServiceError, match="not a usable picture"):
        decode_picture(picture(PICTURE_COLOR))


def test_formats_beyond_the_three_are_refused():
    with pytest.raises(ServiceError, match="not a usable picture"):
        decode_picture(picture(PICTURE_COLOR, format="BMP"))
