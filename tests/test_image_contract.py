"""What every image backend keeps to, whoever draws.

`ALL_BACKENDS` are context managers that yield a backend; add one for each new kind.
"""

import functools
import threading
from contextlib import contextmanager

import pytest
from doubles import a_plan
from fake_openai import FakeOpenAI, sdk
from PIL import Image

from tripkit.core.errors import CancelledError, RequestError
from tripkit.images.base import BatchImageBackend, check_batch_backend
from tripkit.images.openai import OpenAIImageBackend
from tripkit.images.pipeline import PipelineBackend
from tripkit.images.postcard import Postcard, read_postcard
from tripkit.prompts import ImagePrompt, compose_prompt

REQUEST = {
    "en": "A spring picnic with friends",
    "ko": "친구와 봄 소풍을 갈 만한 여행지를 추천해줘.",
}


@contextmanager
def openai_backend():
    with FakeOpenAI() as server, sdk(server) as client:
        yield OpenAIImageBackend(client=client)


@contextmanager
def openai_compatible_backend():
    with FakeOpenAI() as server, sdk(server, official=False) as client:
        yield OpenAIImageBackend("some-model", client=client)


@contextmanager
def plain_backend():
    with FakeOpenAI() as server, sdk(server, official=False) as client:
        yield OpenAIImageBackend("no-stream", client=client)


@functools.cache  # loading takes longer than drawing
def shipped():
    return PipelineBackend(num_inference_steps=4)


@contextmanager
def postcard_model():
    yield shipped()


ALL_BACKENDS = [openai_backend, openai_compatible_backend, plain_backend, postcard_model]


@pytest.fixture(params=ALL_BACKENDS, ids=lambda make: make.__name__)
def backend(request):
    with request.param() as made:
        yield made


@pytest.fixture(params=["en", "ko"])
def prompt(request):
    language = request.param
    plan = a_plan(REQUEST[language], language)
    return compose_prompt(REQUEST[language], plan, 0)


@pytest.mark.parametrize("blank", ["", " \n\t", "\u200b\u2060", "\x00\x1b"])
def test_every_backend_rejects_an_empty_prompt(backend, blank):
    calls = []
    with pytest.raises(RequestError, match="prompt is empty"):
        prompt = ImagePrompt(full=blank, scene=blank)
        backend.generate(prompt, on_progress=lambda *call: calls.append(call))
    assert calls == []


def test_every_backend_says_its_name_model_and_cost(backend):
    assert backend.name and backend.model
    assert backend.cost_per_picture is None or backend.cost_per_picture >= 0


def test_every_backend_warms_up_twice_without_harm(backend, prompt):
    backend.warm_up()
    backend.warm_up()
    assert backend.generate(prompt, seed=1).image.width > 0


def test_every_postcard_carries_what_it_was_made_of(backend, prompt):
    postcard = backend.generate(prompt, seed=3)
    assert isinstance(postcard, Postcard) and postcard.prompt == prompt
    assert postcard.model == backend.model and postcard.seed in (3, None)
    assert postcard.sent == backend.text_for(prompt)
    paid = bool(getattr(backend, "ledger", None) and backend.ledger.calls)
    assert postcard.seconds > 0
    assert (postcard.path is not None) == paid  # what was paid for is on disk at once
    assert postcard.cost_usd is None or postcard.cost_usd >= 0
    assert postcard.image.mode == "RGB" and min(postcard.image.size) >= 64


def test_every_postcard_can_be_saved_and_read_back(backend, prompt, tmp_path):
    saved = backend.generate(prompt, seed=3).save(tmp_path)
    texts = read_postcard(saved.path)
    assert texts["tripkit:prompt"] == prompt.full and texts["tripkit:sent"] == saved.sent
    assert texts["tripkit:model"] == backend.model


def test_every_backend_tells_its_progress_up_to_the_end(backend, prompt):
    calls = []
    backend.generate(prompt, seed=0, on_progress=lambda *call: calls.append(call))  # returns None
    steps = [step for step, _, _ in calls]
    totals = {total for _, total, _ in calls}
    assert len(totals) == 1 and steps == sorted(steps) and steps[-1] == totals.pop()
    previews = [preview for _, _, preview in calls if preview is not None]
    assert previews and all(isinstance(preview, Image.Image) for preview in previews)


@pytest.mark.parametrize("last", [1, 2])
def test_every_backend_stops_when_the_listener_returns_false(backend, prompt, last):
    calls = []

    def listener(step, total, preview):
        calls.append(step)
        return len(calls) < last

    with pytest.raises(CancelledError, match="Stopped"):
        backend.generate(prompt, seed=0, on_progress=listener)
    assert len(calls) == last
    assert backend.generate(prompt, seed=0).image.width > 0  # usable again


def test_every_backend_draws_batches_or_says_that_it_cannot(backend, prompt):
    assert isinstance(backend, BatchImageBackend) == isinstance(backend, PipelineBackend)
    if not isinstance(backend, BatchImageBackend):
        with pytest.raises(RequestError, match=f"{backend.model} draws one picture at a time"):
            check_batch_backend(backend)
        return
    cards = check_batch_backend(backend).generate_batch(prompt, seeds=(5, 3))
    assert [card.seed for card in cards] == [5, 3]
    assert {card.sent for card in cards} == {backend.text_for(prompt)}


def test_every_backend_draws_one_picture_at_a_time(backend, prompt):
    order = []

    def draw(name):
        backend.generate(prompt, seed=0, on_progress=lambda *_: order.append(name))

    threads = [threading.Thread(target=draw, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert "".join(order) in (
        "a" * order.count("a") + "b" * order.count("b"),
        "b" * order.count("b") + "a" * order.count("a"),
    )


def test_every_backend_survives_hostile_and_endless_text(backend):
    text = "<script>alert(1)</script> 🌸\x00\u202e" + "벚꽃 공원 " * 2000
    try:
        postcard = backend.generate(ImagePrompt(full=text, scene=text), seed=0)
    except RequestError as error:
        assert error.code == "prompt_too_long"
    else:
        assert postcard.image.width > 0
