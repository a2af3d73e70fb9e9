"""``tripkit serve`` as the plain ``openai`` client sees it: each call, each stream, each error."""

import base64
import io
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import openai
import pytest
from openai.types import ImagesResponse, Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.images_response import ImagesResponse as Images
from openai.types.responses import Response
from PIL import Image, ImageDraw
from pydantic import BaseModel, ConfigDict

from tripkit.cli.commands import main
from tripkit.images.openai import OpenAIImageBackend
from tripkit.images.pipeline import PipelineBackend
from tripkit.planners.catalog import CatalogPlanner
from tripkit.planners.openai import INSTRUCTIONS, OpenAIPlanner, WirePlan
from tripkit.prompts import ImagePrompt
from tripkit.serving.run import LocalService

REQUEST = "친구와 봄 소풍을 갈 만한 여행지를 추천해줘."


@pytest.fixture(scope="module")
def backend():
    made = PipelineBackend("postcard", num_inference_steps=4)
    made.warm_up()
    return made


@pytest.fixture(scope="module")
def service(backend):
    with LocalService(backend=backend, waiting=1) as running:
        yield running


@pytest.fixture(scope="module")
def client(service):
    with service.client(max_retries=0, timeout=150) as made:
        yield made


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return ("image.png", buffer.getvalue(), "image/png")


def picture(data):
    return Image.open(io.BytesIO(base64.b64decode(data)))


def strictly(kind, answer):
    """The answer, checked by the SDK's own type, which its client does not do."""
    return kind.model_validate(answer.to_dict(mode="json", warnings=False), strict=True)


# ---- models


def test_it_lists_its_models_and_no_others(client):
    names = [strictly(Model, model).id for model in client.models.list()]
    assert names == ["catalog", "postcard"]
    assert client.models.retrieve("postcard").owned_by == "tripkit"
    with pytest.raises(openai.NotFoundError) as raised:
        client.models.retrieve("dall-e-3")
    assert raised.value.code == "model_not_found"


# ---- plans


def test_chat_fills_the_schema_of_the_planner(client):
    answer = client.chat.completions.parse(
        model="catalog",
        messages=[
            {"role": "system", "content": INSTRUCTIONS.format(language="Korean")},
            {"role": "user", "content": REQUEST},
        ],
        response_format=WirePlan,
    )
    strictly(ChatCompletion, answer)
    assert answer.system_fingerprint == "tripkit-catalogue"
    asked = CatalogPlanner().plan(REQUEST, language="ko")
    titles = [trip.title for trip in answer.choices[0].message.parsed.trips]
    assert titles == [trip.title for trip in asked.trips]


def test_responses_fill_it_too_and_say_that_a_catalogue_answered(client):
    answer = client.responses.parse(
        model="catalog", input=REQUEST, text_format=WirePlan, store=False
    )
    strictly(Response, answer)
    assert len(answer.output_parsed.trips) == 3
    assert answer.metadata == {"answered_by": "tripkit catalog", "understood": "true"}


def test_a_schema_without_the_words_for_small_models_is_filled_too(client):
    class Open(BaseModel):
        model_config = ConfigDict(extra="forbid")

    class Stop(Open):
        place: str
        color_name: str
        rgb: dict[str, int]

    class Trip(Open):
        style: str
        title: str
        summary: str
        theme: str
        stops: list[Stop]

    class Plan(Open):
        trips: list[Trip]

    form = {"name": "Plan", "schema": Plan.model_json_schema()}
    answer = client.chat.completions.create(
        model="catalog",
        messages=[{"role": "user", "content": REQUEST}],
        response_format={"type": "json_schema", "json_schema": form},
    )
    assert len(Plan.model_validate_json(answer.choices[0].message.content).trips) == 3


def test_without_a_schema_it_answers_in_words(client):
    answer = client.responses.create(model="catalog", input="A quiet weekend by the sea")
    assert answer.output_text.startswith("1. ")
    stream = client.chat.completions.create(
        model="catalog", messages=[{"role": "user", "content": REQUEST}], stream=True
    )
    chunks = [strictly(ChatCompletionChunk, chunk) for chunk in stream]
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert "1. " in said and chunks[-1].choices[0].finish_reason == "stop"


def test_a_schema_that_no_trip_fits_is_refused_by_name(client):
    class Poem(BaseModel):
        verses: list[str]

    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.parse(
            model="catalog", messages=[{"role": "user", "content": "sea"}], response_format=Poem
        )
    assert raised.value.code == "unsupported_schema"
    assert "catalogue" in str(raised.value)


def test_our_own_planner_plans_with_it(service):
    plan = OpenAIPlanner("catalog", base_url=service.base_url, api_key=service.token).plan(
        REQUEST, language="ko"
    )
    asked = CatalogPlanner().plan(REQUEST, language="ko")
    assert plan.trips == asked.trips  # with kinds and seasons


@pytest.mark.parametrize(
    ("more", "code", "param"),
    [
        ({"model": "gpt-9"}, "model_not_found", "model"),
        ({"input": ""}, "empty_request", None),
        ({"store": True}, "invalid_value", "store"),
        ({"extra_body": {"magic": 1}}, "unknown_parameter", "magic"),
    ],
)
def test_what_responses_cannot_do_is_refused_with_its_name(client, more, code, param):
    with pytest.raises(openai.APIStatusError) as raised:
        client.responses.create(**{"model": "catalog", "input": "sea", **more})
    assert (raised.value.code, raised.value.param) == (code, param)


# ---- pictures


def test_a_picture_of_the_asked_size_and_format(client):
    answer = client.images.generate(
        model="postcard", prompt="a castle by the sea", size="128x128", n=2, output_format="webp"
    )
    strictly(ImagesResponse, answer)
    strictly(Images, answer)
    drawn = [picture(each.b64_json) for each in answer.data]
    assert [(image.size, image.format) for image in drawn] == [((128, 128), "WEBP")] * 2
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens
    assert answer.usage.output_tokens == 2 * 16 * 16  # the cells of two latents


def test_quality_is_the_number_of_steps(backend):
    assert backend.with_steps(9).parameters["num_inference_steps"] == 9
    assert backend.parameters["num_inference_steps"] == 4
    assert backend.with_steps(9).pipeline is backend.pipeline


def test_a_stream_shows_the_picture_on_its_way(client):
    stream = client.images.generate(
        model="postcard", prompt="a castle", size="64x64", stream=True, partial_images=2
    )
    events = [strictly(type(event), event) for event in stream]
    assert [event.type for event in events] == [
        "image_generation.partial_image",
        "image_generation.partial_image",
        "image_generation.completed",
    ]
    assert [event.partial_image_index for event in events[:2]] == [0, 1]
    assert len({event.b64_json for event in events}) == 3
    assert picture(events[-1].b64_json).size == (64, 64)


def test_our_own_backend_draws_with_it(service):
    seen = []
    backend = OpenAIImageBackend("postcard", base_url=service.base_url, api_key=service.token)
    postcard = backend.generate(
        ImagePrompt(full="a castle", scene="a castle", language="en"),
        on_progress=lambda step, total, preview: seen.append(preview) or True,
    )
    assert postcard.image.size == (1024, 1024)
    assert len([preview for preview in seen if preview is not None]) == 3  # two on the way


@pytest.fixture
def halves():
    """A picture of noise, a mask whose right half is to be drawn anew (alpha 0)."""
    image = Image.effect_noise((128, 128), 80).convert("RGB")
    mask = Image.new("RGBA", (128, 128), (0, 0, 0, 255))
    ImageDraw.Draw(mask).rectangle((64, 0, 127, 127), fill=(0, 0, 0, 0))
    return image, mask


@pytest.mark.parametrize("stream", [False, True])
def test_an_edit_leaves_what_the_mask_keeps(client, halves, stream):
    image, mask = halves
    options = {"stream": True, "partial_images": 1} if stream else {}
    answer = client.images.edit(
        model="postcard",
        prompt="a lighthouse",
        image=png(image),
        mask=png(mask),
        size="128x128",
        **options,
    )
    if stream:
        events = [strictly(type(event), event) for event in answer]
        assert [e.type for e in events] == ["image_edit.partial_image", "image_edit.completed"]
        data = events[-1].b64_json
    else:
        data = strictly(ImagesResponse, answer).data[0].b64_json
    drawn = picture(data).convert("RGB")
    left, right = (0, 0, 64, 128), (64, 0, 128, 128)
    assert drawn.crop(left).tobytes() == image.crop(left).tobytes()
    assert drawn.crop(right).tobytes() != image.crop(right).tobytes()


@pytest.mark.parametrize(
    ("more", "code", "param"),
    [
        ({"model": "dall-e-3"}, "model_not_found", "model"),
        ({"size": "1024x1536"}, "invalid_value", "size"),
        ({"n": 9}, "invalid_value", "n"),
        ({"prompt": ""}, "invalid_value", "prompt"),
        ({"prompt": "\u200b"}, "empty_prompt", None),
        ({"quality": "hd"}, "invalid_value", "quality"),
        ({"response_format": "url"}, "invalid_value", "response_format"),
        ({"background": "transparent"}, "invalid_value", "background"),
        ({"style": "vivid"}, "unknown_parameter", "style"),
        ({"stream": True, "n": 2}, "invalid_value", "n"),
    ],
)
def test_what_it_cannot_draw_is_refused_with_its_name(client, more, code, param):
    with pytest.raises(openai.APIStatusError) as raised:
        client.images.generate(**{"model": "postcard", "prompt": "sea", **more})
    assert (raised.value.code, raised.value.param) == (code, param)


@pytest.mark.parametrize(
    ("image", "mask", "param"),
    [
        (("a.png", b"GIF89a", "image/png"), None, "image"),
        (png(Image.new("RGB", (128, 64))), None, "image"),
        (png(Image.new("RGB", (64, 64))), None, "mask"),
        (png(Image.new("RGB", (64, 64))), png(Image.new("RGBA", (128, 128))), "mask"),
    ],
)
def test_what_it_cannot_edit_is_refused(client, image, mask, param):
    files = {"image": image} | ({"mask": mask} if mask else {})
    with pytest.raises(openai.BadRequestError) as raised:
        client.images.edit(model="postcard", prompt="sea", **files)
    assert (raised.value.code, raised.value.param) == ("invalid_image", param)


# ---- who may call, and how much at once


def test_nobody_comes_in_without_the_token(service):
    with (
        openai.OpenAI(base_url=service.base_url, api_key="guess", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as raised,
    ):
        stranger.models.list()
    assert service.token not in str(raised.value) and "guess" not in str(raised.value)


def test_it_listens_on_this_machine_only_and_under_its_own_names(service, client):
    port = int(service.base_url.split(":")[2].split("/")[0])
    server = service._server.servers[0].sockets[0]
    assert server.getsockname() == ("127.0.0.1", port)
    with pytest.raises(openai.BadRequestError):
        client.models.list(extra_headers={"Host": "evil.example"})


def test_a_body_that_is_too_large_is_not_read(service, client):
    with pytest.raises(openai.APIStatusError) as raised:
        client.responses.create(model="catalog", input="x" * (9 * 2**20))
    assert raised.value.status_code == 413


def test_an_unknown_address_is_an_error_of_the_protocol(client):
    with pytest.raises(openai.NotFoundError) as raised:
        client.embeddings.create(model="postcard", input="sea")
    assert raised.value.code == "unknown_url"


def test_a_full_queue_says_when_to_come_again(service, client, backend, monkeypatch):
    hold = threading.Event()
    drawn = backend.generate("sea", seed=1)

    def slow(self, prompt, **_):
        hold.wait(60)
        return drawn

    monkeypatch.setattr(PipelineBackend, "generate", slow)

    def ask():
        client.images.generate(model="postcard", prompt="sea", size="64x64")

    queue = service.app.state.painter.queue
    threads = [threading.Thread(target=ask) for _ in range(2)]
    try:
        for number, thread in enumerate(threads, start=1):
            thread.start()
            until = time.monotonic() + 30
            while queue.inside < number and time.monotonic() < until:
                time.sleep(0.01)
        # One is drawn, one waits (`waiting=1`): the third is one too many.
        with pytest.raises(openai.RateLimitError) as raised:
            ask()
        assert raised.value.code == "queue_full"
        assert int(raised.value.response.headers["retry-after"]) >= 1
    finally:
        hold.set()
        for thread in threads:
            thread.join()
    assert queue.inside == 0


def test_a_client_that_goes_stops_the_drawing(client, backend, monkeypatch):
    steps, ended = [], threading.Event()

    def long(self, prompt, *, on_progress=None, **_):
        preview = Image.new("RGB", (64, 64))
        for step in range(1, 1000):
            steps.append(step)
            if on_progress(step, 1000, preview) is False:
                ended.set()
                raise AssertionError("cancelled")
            time.sleep(0.02)

    monkeypatch.setattr(PipelineBackend, "generate", long)
    stream = client.images.generate(
        model="postcard", prompt="sea", stream=True, partial_images=3, size="64x64"
    )
    while not steps:
        time.sleep(0.01)
    stream.close()
    assert ended.wait(15), f"still drawing at step {steps[-1]}"


def test_it_stops_and_frees_its_port(backend):
    service = LocalService(backend=backend).start()
    port = int(service.base_url.split(":")[2].split("/")[0])
    service.stop()
    service.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.slow  # a process of its own; test_serving_attacks.py has a quick one
def test_the_command_tells_address_and_token_and_stops_at_ctrl_c():
    process = subprocess.Popen(
        [sys.executable, "-m", "tripkit.cli", "serve", "--language", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = "".join(process.stdout.readline() for _ in range(3))
        base_url = re.search(r"OPENAI_BASE_URL=(\S+)", said)[1]
        token = re.search(r"OPENAI_API_KEY=(\S+)", said)[1]
        with openai.OpenAI(base_url=base_url, api_key=token, max_retries=10) as client:
            assert [model.id for model in client.models.list()] == ["catalog", "postcard"]
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert token not in errors and "Traceback" not in errors


def test_a_taken_port_is_told(capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["serve", "--language", "en", "--port", str(port)]) == 1
    assert f"Port {port} is taken" in capsys.readouterr().err
