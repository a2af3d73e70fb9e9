"""Every way in which an OpenAI-compatible server fails, over real HTTP, and that no key leaks."""

import io
import logging
import socket
import traceback
from datetime import date
from functools import cache, partial
from types import SimpleNamespace

import openai
import pytest
from doubles import a_plan
from fake_openai import ERRORS, FakeOpenAI, sdk

from tripkit.core import messages
from tripkit.core.errors import MissingKeyError, ModelUnavailableError, PlanError, ServiceError
from tripkit.images.openai import OpenAIImageBackend
from tripkit.planners.openai import OpenAIPlanner
from tripkit.prompts import compose_prompt
from tripkit.services import registry
from tripkit.services.openai_errors import Asked, explain, retired

SECRET = "Zq7Xw9Lm3Rt5Vb8Nc1KdZp4Hs6Jf0Gy2QaEuTiOo"
KEY = "sk-proj-" + SECRET
REQUEST = "A spring picnic with friends"
PROMPT = compose_prompt(REQUEST, a_plan(REQUEST, "en"), 0)

# scenario of every endpoint -> code and kind; `ERRORS` says what the server answers
EVERYWHERE = {
    "bad-key": ("key_rejected", MissingKeyError),
    "not-verified": ("not_verified", ModelUnavailableError),
    "region": ("region", ServiceError),
    "forbidden": ("forbidden", ServiceError),
    "model-unknown": ("model_not_found", ModelUnavailableError),
    "ollama-unknown": ("model_not_found", ModelUnavailableError),
    "no-endpoint": ("endpoint_missing", ServiceError),
    "moderated": ("moderation", ServiceError),
    "invalid-prompt": ("moderation", ServiceError),
    "bad-request": ("bad_request", ServiceError),
    "rate-limited": ("rate_limited", ServiceError),
    "no-quota": ("out_of_money", ServiceError),
    "no-credit": ("out_of_money", ServiceError),
    "spend-limit": ("out_of_money", ServiceError),
    "usage-limit": ("out_of_money", ServiceError),
    "overloaded": ("overloaded", ServiceError),
    "teapot": ("service_failed", ServiceError),
    "html": ("bad_answer", ServiceError),
    "no-json": ("bad_answer", ServiceError),
    "slow": ("timeout", ServiceError),
}
BOTH_TEXT = {
    "refuses": ("refusal", ServiceError),
    "cut": ("truncated", ServiceError),
    "incomplete": ("truncated", ServiceError),
    "filtered": ("moderation", ServiceError),
    "chatty": ("bad_answer", ServiceError),
    "other-form": ("bad_answer", ServiceError),
    "empty": ("bad_answer", ServiceError),
    "two-trips": ("bad_plan", PlanError),
    "rgb-300": ("bad_plan", PlanError),
    "same-trips": ("bad_plan", PlanError),
}
RESPONSES = {
    "failed:server_error": ("overloaded", ServiceError),
    "failed:rate_limit_exceeded": ("rate_limited", ServiceError),
    "failed:invalid_prompt": ("moderation", ServiceError),
    "failed:something_new": ("service_failed", ServiceError),
}
CHAT = {"no-choices": ("bad_answer", ServiceError)}
IMAGES = {
    "stream-moderated": ("moderation", ServiceError),
    "stream-error-event": ("rate_limited", ServiceError),
    "stream-server-error": ("service_failed", ServiceError),
    "stream-drops": ("stream_broken", ServiceError),
    "stream-ends": ("stream_broken", ServiceError),
    "stream-garbage": ("stream_broken", ServiceError),
    "stream-stalls": ("timeout", ServiceError),
    "plain-drops": ("stream_broken", ServiceError),
    "plain-stalls": ("timeout", ServiceError),
    "not-a-picture": ("bad_picture", ServiceError),
    "bad-base64": ("bad_picture", ServiceError),
    "cut-picture": ("bad_picture", ServiceError),
    "large-picture": ("bad_picture", ServiceError),
    "bomb": ("bad_picture", ServiceError),
    "link": ("bad_picture", ServiceError),
    "no-data": ("bad_picture", ServiceError),
}
ROWS = [
    (endpoint, model, *expected)
    for endpoint, table in (
        ("responses", EVERYWHERE | BOTH_TEXT | RESPONSES | {"drops": ("no_network", ServiceError)}),
        ("chat", EVERYWHERE | BOTH_TEXT | CHAT | {"drops": ("server_unreachable", ServiceError)}),
        ("images", EVERYWHERE | IMAGES | {"drops": ("no_network", ServiceError)}),
    )
    for model, expected in table.items()
]
ASKED = Asked("OpenAI", "some-model", 60)


@pytest.fixture(scope="module")
def server():
    with FakeOpenAI() as running:
        yield running


@pytest.fixture(scope="module")
def failure(server):
    """The failure of a call, remembered: several tests look at the same ones."""
    return cache(partial(fail, server))


def fail(server, endpoint, model):
    """What one failed call leaves: who asked, the error, the requests, and the log."""
    server.requests.clear()
    log = io.StringIO()
    handler, root = logging.StreamHandler(log), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        asker, error = ask(server, endpoint, model)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return SimpleNamespace(
        asker=asker, error=error, requests=[*server.requests], log=log.getvalue()
    )


def ask(server, endpoint, model):
    with sdk(server, KEY, official=endpoint != "chat") as client:
        if endpoint == "images":
            asker = OpenAIImageBackend(model, client=client)
            call = lambda: asker.generate(PROMPT)  # noqa: E731
        else:
            asker = OpenAIPlanner(model, client=client)
            call = lambda: asker.plan(REQUEST, language="en")  # noqa: E731
        asker.timeout = 0.3 if model.endswith(("slow", "stalls")) else 20  # a busy machine is slow
        with pytest.raises((ServiceError, PlanError)) as caught:
            call()
    return asker, caught.value


def shown(error):
    """All that a user, a log or a notebook might show of an error."""
    yield from (str(error), repr(error), repr(error.args), repr(error.details))
    yield from (error.message(language) for language in messages.LANGUAGES)
    yield "".join(traceback.format_exception(error))
    yield "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def leaks(text):
    """Whether ten characters in a row of the key, after its prefix, stand in the text."""
    return any(SECRET[at : at + 10] in text for at in range(len(SECRET) - 9))


def test_the_tables_cover_every_error_of_the_fake_server():
    assert set(ERRORS) <= set(EVERYWHERE)


@pytest.mark.parametrize(("endpoint", "model", "code", "kind"), ROWS)
def test_every_failure_becomes_one_readable_error(failure, endpoint, model, code, kind):
    error = failure(endpoint, model).error
    assert (error.code, type(error)) == (code, kind)
    for language in messages.LANGUAGES:
        said = error.message(language)
        assert "fake_error" not in said and "Key:" not in said and "{" not in said


@pytest.mark.parametrize(("endpoint", "model", "code", "kind"), ROWS)
def test_no_part_of_the_key_is_ever_shown(failure, endpoint, model, code, kind):
    failed = failure(endpoint, model)
    asker, error = failed.asker, failed.error
    assert failed.requests[0]["key"] == KEY  # it was sent, and the server repeated it
    assert "HTTP" in failed.log
    for text in (*shown(error), repr(asker), repr(vars(asker)), failed.log):
        assert not leaks(text)
    assert error.__cause__ is None and error.__context__ is None


def test_the_leak_detector_finds_a_leak():
    assert leaks(f"Incorrect API key provided: sk-proj-{SECRET[3:13]}***")
    assert not leaks(f"Incorrect API key provided: sk-proj-{SECRET[3:12]}***")


def test_no_part_of_the_key_is_saved_with_a_picture(server, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    server.requests.clear()
    plan = OpenAIPlanner("some-model").plan(REQUEST, language="en")
    saved = OpenAIImageBackend("some-model").generate(PROMPT).save(tmp_path, plan=plan)
    assert {request["key"] for request in server.requests} == {KEY}
    assert not leaks(saved.path.read_bytes().decode("latin-1"))
    assert not leaks(repr(saved)) and not leaks(plan.model_dump_json())


@pytest.mark.parametrize("model", [*EVERYWHERE, *IMAGES, "drops"])
def test_a_picture_is_never_asked_for_twice(failure, model):
    assert len(failure("images", model).requests) == 1


@pytest.mark.parametrize(
    ("model", "requests"),
    [("rate-limited", 2), ("overloaded", 2), ("slow", 2), ("drops", 2), ("no-quota", 1)],
)
def test_text_is_asked_for_once_more_where_that_may_help(failure, model, requests):
    assert len(failure("responses", model).requests) == requests


@pytest.mark.parametrize("model", ["bad-key", "not-verified", "region", "moderated", "bad-request"])
def test_text_is_not_asked_for_again_where_that_cannot_help(failure, model):
    assert len(failure("responses", model).requests) == 1


def test_without_a_network_openai_cannot_be_reached():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    nobody = SimpleNamespace(port=port, base_url=f"http://127.0.0.1:{port}/v1", requests=[])
    assert fail(nobody, "images", "any").error.code == "no_network"
    error = fail(nobody, "chat", "any").error
    assert error.code == "server_unreachable" and f"127.0.0.1:{port}" in str(error)


def test_the_message_on_a_timeout_says_how_long_we_waited(failure):
    assert "1 seconds" in str(failure("images", "slow").error)


def test_errors_outside_http_are_explained_too():
    with pytest.raises(openai.OpenAIError) as no_key:
        openai.OpenAI()
    assert explain(no_key.value, ASKED).code == "key_missing"
    assert explain(openai.OpenAIError("anything"), ASKED).code == "service_failed"
    with pytest.raises(UnicodeEncodeError) as odd_key:
        "키".encode("ascii")
    assert explain(odd_key.value, ASKED).code == "key_malformed"
    assert explain(KeyError("output"), ASKED).code == "bad_answer"
    assert explain(KeyError("output"), ASKED, streaming=True).code == "stream_broken"


def test_what_the_sdks_own_parse_raises_is_explained_too():
    asked = Asked("OpenAI", "made-up")
    made_up = SimpleNamespace(usage=None)
    cut = explain(openai.LengthFinishReasonError(completion=made_up), asked)
    assert (cut.code, cut.details["model"]) == ("truncated", "made-up")
    assert explain(openai.ContentFilterFinishReasonError(), asked).code == "moderation"


def test_our_own_errors_pass_unchanged():
    ours = ServiceError("moderation", service="OpenAI")
    assert explain(ours, ASKED) is ours


def test_a_retired_model_is_told_with_its_date_and_successor():
    image = registry.default_service("openai", "image")
    gone = next(s for s in registry.load_services() if s.id.startswith("dall-e-3"))
    error = retired(gone.id)
    assert error.code == "model_retired" and type(error) is ModelUnavailableError
    assert str(gone.shutdown) in str(error) and image.id in str(error)


def test_a_model_retires_on_its_day_and_not_before():
    leaving = next(s for s in registry.load_services() if s.state == "retiring")
    assert retired(leaving.id, leaving.shutdown).code == "model_retired"
    assert retired(leaving.id, date(2020, 1, 1)) is None


@pytest.mark.parametrize("model", ["catalog", "never-heard-of", ""])
def test_only_models_of_openai_retire(model):
    assert retired(model, date(2099, 1, 1)) is None
