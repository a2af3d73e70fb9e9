"""Faults of a service, times scaled down: nothing hangs, nothing is lost, nothing is sent twice."""

import threading
import time
from contextlib import nullcontext

import pytest
from doubles import FixedPlanner, a_full_disk, a_plan
from fake_openai import PARTIAL_COLORS, PICTURE_COLOR, FakeOpenAI, sdk
from PIL import Image

from tripkit.app.trip_app import TripApp
from tripkit.core import messages
from tripkit.core.errors import ServiceError
from tripkit.images.openai import OpenAIImageBackend, answer
from tripkit.images.openai import backend as images
from tripkit.images.openai.options import MOST_PIXELS
from tripkit.images.postcard import read_postcard
from tripkit.planners.openai import OpenAIPlanner
from tripkit.prompts import compose_prompt
from tripkit.services import deadlines, openai_client, registry
from tripkit.services.deadlines import TooLateError, arriving, within
from tripkit.session import TripSession

REQUEST = "친구와 봄 소풍을 갈 만한 여행지를 추천해줘."
PROMPT = compose_prompt(REQUEST, a_plan(REQUEST), 0)
GOOD = registry.default_service("openai", "image").id
TIMEOUT = 0.8  # seconds, in place of minutes
GRACE = 5.0  # what a busy machine may take on top
MEGABYTE = 2**20

# scenario of the fake server -> code of the error, pictures that came before it
FAULTS = {
    "drops": ("no_network", 0),
    "stream-drops": ("stream_broken", 1),
    "stream-ends": ("stream_broken", 2),
    "stream-garbage": ("stream_broken", 2),
    "stream-server-error": ("service_failed", 2),
    "stream-stalls": ("timeout", 1),
    "plain-stalls": ("timeout", 0),
    "slow": ("timeout", 0),
    "trickle": ("timeout", 0),
    "trickle-head": ("timeout", 0),
    "huge": ("answer_too_large", 0),
    "huge-announced": ("answer_too_large", 0),
    "huge-stream": ("answer_too_large", 0),
    "not-a-picture": ("bad_picture", 2),
    "cut-picture": ("bad_picture", 2),
    "bomb": ("bad_picture", 2),
    "html": ("bad_answer", 0),
}


def waiting(model):
    """The scenario as a parameter: of those that a second of waiting ends, one is quick enough."""
    slow = FAULTS[model][0] == "timeout" and model != "stream-stalls"
    return pytest.param(model, marks=[pytest.mark.slow] if slow else [])


@pytest.fixture
def server():
    with FakeOpenAI() as running:
        yield running


@pytest.fixture
def client(server):
    with sdk(server) as made:
        yield made


@pytest.fixture(autouse=True)
def small_answers(monkeypatch):
    """A megabyte a picture: a gigabyte is as much too large as it is for 48."""
    monkeypatch.setattr(answer, "MAX_BASE64", MEGABYTE)
    monkeypatch.setattr(images, "ANSWER_LIMIT", 5 * MEGABYTE)


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def an_app(client, model, tmp_path, timeout=TIMEOUT):
    backend = OpenAIImageBackend(model, client=client)
    backend.timeout = timeout
    session = TripSession(FixedPlanner(), backend, folder=tmp_path, language="en")
    app = TripApp(session, warm_up=False)
    session.ask(REQUEST)
    wait_until(lambda: session.state == "choosing")
    return app


def press_and_agree(app, index=0):
    """Presses a trip and says yes to its price; returns how long the call took."""
    app.layout.trip_buttons[index].click()
    wait_until(lambda: not app.session.busy)
    assert app.session.state == "confirming"
    started = time.monotonic()
    app.layout.confirm.click()
    wait_until(lambda: not app.session.busy)
    return time.monotonic() - started


def partials(folder):
    return sorted(folder.glob("*-partial-*.png"))


@pytest.mark.parametrize("model", [waiting(model) for model in FAULTS])
def test_after_every_fault_the_app_tells_keeps_and_goes_on(server, client, tmp_path, model):
    code, came = FAULTS[model]
    quick = code != "timeout"
    app = an_app(client, model, tmp_path, timeout=20 if quick else TIMEOUT)
    session = app.session
    took = press_and_agree(app)
    # It is told, in time and once.
    assert took < GRACE + (0 if quick else TIMEOUT)
    assert (session.state, session.error.code) == ("error", code)
    for language in messages.LANGUAGES:
        said = session.error.message(language)
        assert said.endswith(messages.text("spending.possibly_billed", language))
    assert len(server.requests) == 1
    # What came is on disk, says what it is, and is shown; what it may have cost is in the books.
    assert len(partials(tmp_path)) == came
    for path, color in zip(partials(tmp_path), PARTIAL_COLORS, strict=False):
        kept = read_postcard(path)
        assert (kept["tripkit:state"], kept["tripkit:billed"]) == ("partial", "possibly billed")
        assert Image.open(path).getpixel((0, 0)) == color
    assert (session.partial is not None) == bool(came)
    if came:  # a worker writes it on the screen, a moment after the state
        wait_until(lambda: partials(tmp_path)[-1].name in app.layout.facts.value)
        assert "unfinished picture" in app.layout.facts.value
    assert session.ledger.calls[0].state == "possibly"
    # And the app is as good as new.
    session.backend.model, session.backend.timeout = GOOD, 20
    press_and_agree(app, 1)
    assert session.state == "done" and session.postcard.path.is_file()
    assert len(server.requests) == 2 and len(partials(tmp_path)) == came
    session.close()


@pytest.mark.parametrize("model", ["huge", "huge-announced", "huge-stream", "huge-error"])
def test_of_a_gigabyte_hardly_anything_is_read(server, monkeypatch, model):
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    backend = OpenAIImageBackend(model)
    with pytest.raises(ServiceError, match="sent more than [2-5] MB"):
        backend.generate(PROMPT)
    wait_until(lambda: server.flooded < 2**30)
    assert server.flooded < 32 * MEGABYTE and len(server.requests) == 1


@pytest.mark.parametrize("model", ["huge", "huge-announced", "huge-error"])
def test_a_planner_does_not_read_a_gigabyte_either(server, monkeypatch, model):
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    with pytest.raises(ServiceError) as caught:
        OpenAIPlanner(model).plan(REQUEST, language="ko")
    assert caught.value.code == "answer_too_large"
    assert server.flooded < 32 * MEGABYTE


def test_compressed_answers_are_not_asked_for(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    OpenAIPlanner("some-model").plan(REQUEST, language="ko")
    OpenAIImageBackend("some-model").generate(PROMPT)
    asked = [request["headers"].get("accept-encoding") for request in server.requests]
    asked += [request["headers"].get("Accept-Encoding") for request in server.requests]
    assert set(asked) - {None} == {"identity"}


@pytest.mark.slow
@pytest.mark.parametrize("model", ["trickle", "trickle-head", "slow"])
def test_a_planner_keeps_its_time_in_all(server, client, model):
    planner = OpenAIPlanner(model, client=client)
    planner.timeout = TIMEOUT
    started = time.monotonic()
    with pytest.raises(ServiceError) as caught:
        planner.plan(REQUEST, language="ko")
    assert caught.value.code == "timeout"
    assert time.monotonic() - started < (TIMEOUT + 1) * 2 + GRACE
    assert planner.ledger.calls[0].state == "possibly"


def test_a_cancelled_wait_ends_soon_and_the_next_picture_needs_no_patience(
    server, client, tmp_path, monkeypatch
):
    monkeypatch.setattr(deadlines, "TICK", 0.1)
    app = an_app(client, "stream-stalls", tmp_path, timeout=60)
    session = app.session
    app.layout.trip_buttons[0].click()
    wait_until(lambda: session.state == "confirming")
    app.layout.confirm.click()
    wait_until(lambda: session.preview is not None)
    app.layout.cancel.click()
    assert session.state == "choosing"
    session.backend.model = GOOD
    took = press_and_agree(app, 1)
    assert session.state == "done" and took < GRACE
    assert len(partials(tmp_path)) == 1  # it was paid for, perhaps: it stays
    assert [call.state for call in session.ledger.calls] == ["possibly", "billed"]
    session.close()


def test_each_preview_is_on_disk_before_it_is_shown(client, tmp_path):
    app = an_app(client, GOOD, tmp_path)
    session, counts = app.session, []
    render = session.on_change

    def look(changed):
        if changed.state == "drawing" and changed.preview is not None:
            kept = [Image.open(path).getpixel((0, 0)) for path in tmp_path.glob("*.png")]
            counts.append(changed.preview.getpixel((0, 0)) in kept)
        render(changed)

    session.on_change = look
    session.backend.timeout = 20
    press_and_agree(app)
    assert len(counts) >= 3 and all(counts)
    # The whole picture takes the place of its previews.
    (path,) = tmp_path.glob("*.png")
    assert path == session.postcard.path and partials(tmp_path) == []
    assert "tripkit:state" not in read_postcard(path)
    session.close()


def test_on_a_full_disk_a_paid_picture_is_kept_and_saved_later(server, client, tmp_path):
    app = an_app(client, GOOD, tmp_path, timeout=20)
    session = app.session
    with a_full_disk():
        press_and_agree(app)
    assert (session.state, session.error.code) == ("error", "cannot_save")
    (unsaved,) = session.unsaved
    assert unsaved.image.getpixel((0, 0)) == PICTURE_COLOR
    app.layout.save_again.click()
    wait_until(lambda: session.state == "done")
    assert session.postcard.path.is_file() and len(server.requests) == 1
    assert [call.state for call in session.ledger.calls] == ["billed"]
    session.close()


def test_on_a_full_disk_a_broken_stream_loses_nothing_either(server, client, tmp_path):
    app = an_app(client, "stream-drops", tmp_path, timeout=20)
    session = app.session
    with a_full_disk():
        press_and_agree(app)
    assert session.error.code == "stream_broken" and partials(tmp_path) == []
    assert [picture.partial for picture in session.unsaved] == [True]
    app.layout.save_again.click()
    wait_until(lambda: not session.busy)
    assert session.state == "choosing" and session.unsaved == []
    assert [session.partial.path] == partials(tmp_path)
    assert len(server.requests) == 1
    session.close()


def test_a_picture_that_comes_after_a_cancel_is_not_lost(client, tmp_path):
    backend = OpenAIImageBackend(GOOD, client=client)
    session = TripSession(FixedPlanner(), backend, folder=tmp_path)
    session.ask(REQUEST)
    wait_until(lambda: session.state == "choosing")
    session.choose(0)
    generate = backend.generate

    def late(*args, on_progress, **options):
        postcard = generate(*args, on_progress=None, **options)
        session.cancel()
        return postcard

    backend.generate = late
    session.draw(seed=1)
    wait_until(lambda: session.state == "confirming")
    session.confirm()
    wait_until(lambda: session.postcards)
    assert (session.state, session.cancelled, session.postcard) == ("choosing", True, None)
    assert list(tmp_path.glob("*.png")) == [session.postcards[0].path]
    session.close()


def test_threads_that_read_answers_end(server, client):
    for model in ("stream-stalls", "trickle", "huge-stream", GOOD):
        backend = OpenAIImageBackend(model, client=client)
        backend.timeout = TIMEOUT if model != GOOD else 20
        with nullcontext() if model == GOOD else pytest.raises(ServiceError):
            backend.generate(PROMPT)
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "tripkit-reader"])


# ---- the machinery


def test_what_arrives_is_passed_on_in_order_with_its_error():
    stopped = []

    def work():
        yield from (1, 2)
        raise KeyError("mine")

    seen = []
    with pytest.raises(KeyError, match="mine"):
        for item in arriving(work, 5, lambda: stopped.append(True)):
            seen.append(item)
    assert (seen, stopped) == ([1, 2], [True])


def test_whoever_waits_leaves_when_the_time_is_up():
    gate = threading.Event()
    started = time.monotonic()
    with pytest.raises(TooLateError):
        within(0.2, lambda: gate.wait(30))
    assert time.monotonic() - started < 5
    gate.set()
    assert within(5, lambda: "done") == "done"


def test_the_limits_of_answers_hold_the_largest_pictures():
    assert openai_client.TEXT_LIMIT >= MEGABYTE
    # Four pictures of the largest size that OpenAI draws, as PNG, nearly uncompressed.
    assert 48 * MEGABYTE > MOST_PIXELS * 3 * 4 / 3
