"""The session: its states, cancelling, errors, late results, seeds, saving, choices of model."""

import logging
import re
import threading
import time

import pytest
from doubles import FixedPlanner, PaintingBackend, a_full_disk, a_plan

import tripkit.session as session_module
from tripkit.core.errors import (
    CancelledError,
    MissingKeyError,
    PlanError,
    RequestError,
    ServiceError,
    StorageError,
    TripkitError,
)
from tripkit.core.jobs import run_inline
from tripkit.core.weights import broken
from tripkit.images.base import MAX_SEED, new_seed
from tripkit.images.postcard import read_postcard
from tripkit.prompts import ImagePrompt
from tripkit.session import STATES, TripSession
from tripkit.trips import TripPlan

REQUEST = "친구와 봄 소풍을 갈 만한 여행지를 추천해줘."


@pytest.fixture
def session(tmp_path):
    return TripSession(FixedPlanner(), PaintingBackend(), folder=tmp_path, run=run_inline)


def in_threads(tmp_path, planner=None, backend=None):
    planner, backend = planner or FixedPlanner(), backend or PaintingBackend()
    return TripSession(planner, backend, folder=tmp_path)


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def to_the_choice(session, request=REQUEST):
    session.ask(request)
    wait_until(lambda: not session.busy)
    session.choose(0)
    return session


# ------------------------------------------------------- the way through


def test_a_visit_goes_from_the_request_to_a_saved_postcard(session, tmp_path):
    states = []
    session.on_change = lambda s: states.append(s.state)
    assert session.state == "idle"
    session.ask(REQUEST)
    assert session.state == "choosing"
    prompt = session.choose(0)
    assert prompt.scene.endswith("어우러진 봄 소풍 여행지")
    session.draw(seed=7)
    assert session.state == "done"
    assert session.postcard.seed == 7
    assert session.postcards == [session.postcard]
    assert session.postcard.path.parent == tmp_path
    assert list(dict.fromkeys(states)) == ["planning", "choosing", "drawing", "done"]
    assert set(states) <= set(STATES)


def test_choosing_draws_nothing(session):
    session.ask(REQUEST)
    session.choose(2)
    assert (session.state, session.choice, session.postcard) == ("choosing", 2, None)
    assert session.backend.drawn == []


def test_the_postcard_is_saved_with_its_plan_before_it_is_announced(session):
    saved_when_announced = []
    session.on_change = lambda s: (
        s.state == "done" and saved_when_announced.append(s.postcard.path.is_file())
    )
    to_the_choice(session).draw(seed=1)
    assert saved_when_announced == [True]
    texts = read_postcard(session.postcard.path)
    assert TripPlan.model_validate_json(texts["tripkit:plan"]) == session.plan
    assert texts["tripkit:scene"] == session.prompt.scene


def test_progress_and_previews_are_told(session):
    seen = []
    session.on_change = lambda s: seen.append((s.progress, s.preview is not None))
    to_the_choice(session).draw(seed=1)
    steps = [progress for progress, preview in seen if preview and progress[1] == 4]
    assert [step for step, _ in dict.fromkeys(steps)] == [1, 2, 3, 4]


def test_an_edited_prompt_is_what_is_drawn_and_saved(session):
    to_the_choice(session)
    session.draw(ImagePrompt(full="full words", scene="a quiet lake"), seed=1)
    assert session.backend.drawn == [("a quiet lake", 1)]
    assert read_postcard(session.postcard.path)["tripkit:prompt"] == "full words"


def test_the_language_reaches_the_planner(session):
    session.language = "en"
    session.ask("a picnic")
    assert session.planner.requests == [("a picnic", "en")]
    assert session.plan.language == "en"


def test_without_a_seed_a_new_one_is_taken_and_remembered(session):
    to_the_choice(session)
    session.draw()
    assert 0 <= session.postcard.seed <= MAX_SEED
    assert 0 <= new_seed() < 1_000_000


def test_a_second_request_starts_afresh_but_keeps_the_gallery(session):
    to_the_choice(session).draw(seed=1)
    session.ask("겨울 바다")
    assert (session.state, session.choice, session.prompt) == ("choosing", None, None)
    assert session.postcard is None
    assert len(session.postcards) == 1


# ------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("", "request is empty"),
        (" \t\n\x00\x07", "request is empty"),
        ("가" * 10_000, "10000 characters; at most 2000"),
        (None, "request is empty"),
    ],
    ids=["empty", "control characters", "10,000 characters", "None"],
)
def test_a_bad_request_is_an_error_and_the_session_goes_on(session, request_, message):
    session.ask(request_)
    assert session.state == "error"
    with pytest.raises(RequestError, match=message):
        raise session.error
    assert session.planner.requests == []
    session.ask(REQUEST)
    assert (session.state, session.error) == ("choosing", None)


def two_trips():
    plan = a_plan(REQUEST)
    return TripPlan.model_construct(**{**dict(plan), "trips": plan.trips[:2]})


def loud_rgb():
    data = a_plan(REQUEST).model_dump()
    data["trips"][0]["stops"][0]["rgb"] = (300, 0, 0)
    return data


@pytest.mark.parametrize("answer", [two_trips(), loud_rgb(), {"trips": []}, 5, "plan"])
def test_a_lying_planner_is_found_out(tmp_path, answer):
    session = TripSession(
        FixedPlanner(answer=answer), PaintingBackend(), folder=tmp_path, run=run_inline
    )
    session.ask(REQUEST)
    assert (session.state, session.plan) == ("error", None)
    with pytest.raises(PlanError, match="plan cannot be used"):
        raise session.error


def test_an_error_of_the_planner_keeps_what_was_there(session):
    to_the_choice(session).draw(seed=1)
    before = session.plan, session.postcard
    session.planner = FixedPlanner(error=ServiceError("no_network", service="OpenAI"))
    session.ask("다음 여행")
    assert session.state == "error"
    with pytest.raises(ServiceError, match="cannot be reached"):
        raise session.error
    assert (session.plan, session.postcard) == before
    session.dismiss()
    assert (session.state, session.error) == ("done", None)


def test_an_error_nobody_foresaw_is_told_and_logged_without_its_text(session, caplog):
    session.planner = FixedPlanner(error=KeyError("sk-secret-words"))
    with caplog.at_level(logging.ERROR):
        session.ask(REQUEST)
    assert session.state == "error"
    with pytest.raises(TripkitError, match=r"went wrong inside tripkit \(KeyError\)"):
        raise session.error
    assert "unexpected KeyError" in caplog.text
    assert "sk-secret" not in caplog.text + str(session.error)


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1, 1.5, "7", True])
def test_a_bad_seed_is_an_error(session, seed):
    to_the_choice(session).draw(seed=seed)
    assert session.state == "error"
    with pytest.raises(RequestError, match="whole number from 0"):
        raise session.error


def test_an_emptied_prompt_is_an_error(session):
    to_the_choice(session).draw(ImagePrompt(full="", scene=" "), seed=1)
    assert session.state == "error"
    with pytest.raises(RequestError, match="prompt is empty"):
        raise session.error


def test_on_a_full_disk_the_picture_is_kept_and_can_be_saved_later(session):
    to_the_choice(session)
    with a_full_disk():
        session.draw(seed=1)
    assert session.state == "error"
    with pytest.raises(StorageError, match="could not be saved"):
        raise session.error
    assert session.postcards == []
    assert [picture.seed for picture in session.unsaved] == [1]
    session.save_again()
    assert (session.state, session.unsaved) == ("done", [])
    assert session.postcard.path.is_file()
    assert len(session.backend.drawn) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda session: session.choose(0), "no trips to choose from yet. Ask for a trip first"),
        (lambda session: session.draw(), "Choose one of the three trips first"),
        (lambda session: session.save_again(), "saved already. Draw another one first"),
    ],
    ids=["choose", "draw", "save_again"],
)
def test_steps_out_of_order_say_what_to_do_first(session, call, message):
    with pytest.raises(RequestError, match=message):
        call(session)


def test_the_diagram_of_the_session_names_every_state():
    diagram = session_module.__doc__.partition("::")[2].partition("``ask``")[0]
    assert {state for state in STATES if not re.search(rf"\b{state}\b", diagram)} == set()


@pytest.mark.parametrize("index", [3, -1, None, "1"])
def test_a_choice_that_is_not_there_is_refused(session, index):
    session.ask(REQUEST)
    with pytest.raises(RequestError, match="from 0 to 2"):
        session.choose(index)


def test_an_unknown_language_is_refused(session):
    with pytest.raises(RequestError, match="en, ko"):
        session.language = "fr"


# ------------------------------------------------------- threads


def test_nothing_but_cancel_is_allowed_while_a_job_runs(tmp_path):
    gate = threading.Event()
    session = in_threads(tmp_path, FixedPlanner(gate=gate))
    session.ask(REQUEST)
    assert session.state == "planning"
    for forbidden in (
        lambda: session.ask("x"),
        lambda: session.choose(0),
        lambda: session.save_again(),
        lambda: session.draw(ImagePrompt(full="x", scene="x")),
        lambda: setattr(session, "language", "en"),
        lambda: setattr(session, "planner", FixedPlanner()),
        lambda: setattr(session, "backend", PaintingBackend()),
    ):
        with pytest.raises(RequestError, match="Still at work"):
            forbidden()
    gate.set()
    wait_until(lambda: session.state == "choosing")
    session.close()


def test_a_cancelled_plan_is_dropped_when_it_comes_home(tmp_path):
    gate = threading.Event()
    slow, session = FixedPlanner(gate=gate), in_threads(tmp_path)
    session.planner = slow
    session.ask("첫째")
    wait_until(lambda: slow.requests)
    session.cancel()
    assert (session.state, session.cancelled) == ("idle", True)
    session.planner = FixedPlanner()
    session.ask("둘째")
    wait_until(lambda: session.state == "choosing")
    gate.set()
    session.close()
    assert session.plan.request == "둘째"


def test_cancelling_a_drawing_stops_the_backend_and_saves_nothing(tmp_path):
    gate = threading.Event()
    session = in_threads(tmp_path, backend=PaintingBackend(gate=gate, steps=50))
    to_the_choice(session).draw(seed=1)
    session.cancel()
    assert (session.state, session.cancelled) == ("choosing", True)
    gate.set()
    session.close()
    assert session.backend.drawn == []
    assert list(tmp_path.iterdir()) == []


def test_after_a_cancel_the_next_drawing_works(tmp_path):
    session = in_threads(tmp_path, backend=PaintingBackend(pause=0.01, steps=20))
    to_the_choice(session).draw(seed=1)
    session.cancel()
    session.draw(seed=2)
    wait_until(lambda: session.state == "done")
    session.close()
    assert [seed for _, seed in session.backend.drawn] == [2]


def test_cancelling_from_within_a_preview_works(session):
    session.on_change = lambda s: s.progress[0] == 2 and s.cancel()
    to_the_choice(session).draw(seed=1)
    assert (session.state, session.cancelled) == ("choosing", True)
    assert session.backend.drawn == []


def test_a_cancel_is_heard_while_nothing_new_comes(tmp_path):
    class Waiting(PaintingBackend):
        def generate(self, prompt, *, seed=None, on_progress=None):
            while on_progress(1, 4) is not False:
                time.sleep(0.005)
            raise CancelledError

    session = in_threads(tmp_path, backend=Waiting())
    to_the_choice(session).draw(seed=1)
    wait_until(lambda: session.progress == (1, 4))
    session.cancel()
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "tripkit-worker"])
    assert (session.state, session.cancelled) == ("choosing", True)


def test_a_free_picture_that_comes_after_a_cancel_is_not_saved(session, tmp_path):
    class Deaf(PaintingBackend):
        def generate(self, prompt, *, seed=None, on_progress=None):
            return super().generate(prompt, seed=seed, on_progress=lambda *at: on_progress(*at) * 0)

    session.backend = Deaf()
    session.on_change = lambda s: s.progress[0] == 4 and s.cancel()
    to_the_choice(session).draw(seed=1)
    assert len(session.backend.drawn) == 1
    assert (session.state, session.cancelled, session.postcard) == ("choosing", True, None)
    assert (session.postcards, session.unsaved, list(tmp_path.iterdir())) == ([], [], [])


def test_cancel_and_dismiss_do_nothing_at_rest(session):
    session.cancel()
    session.dismiss()
    assert (session.state, session.cancelled) == ("idle", False)


def test_a_closed_session_tells_nobody(tmp_path):
    session, told = in_threads(tmp_path, backend=PaintingBackend(pause=0.02, steps=50)), []
    to_the_choice(session)
    session.on_change = told.append
    session.draw(seed=1)
    session.close()
    count = len(told)
    time.sleep(0.05)
    assert len(told) == count
    assert not [t for t in threading.enumerate() if t.name == "tripkit-worker"]


# ------------------------------------------------------- models


def test_warming_up_has_states_of_its_own(tmp_path):
    gate = threading.Event()
    backend = PaintingBackend()
    backend.warm_up = lambda: gate.wait(10)
    session = in_threads(tmp_path, backend=backend)
    assert session.model_state == "cold"
    session.warm_up()
    assert (session.model_state, session.state) == ("warming", "idle")
    session.ask(REQUEST)  # the planner does not wait for the model
    wait_until(lambda: session.state == "choosing")
    gate.set()
    wait_until(lambda: session.model_state == "ready")
    session.close()


def test_a_second_warm_up_does_not_start_while_one_runs(tmp_path):
    gate, started = threading.Event(), []
    backend = PaintingBackend()
    backend.warm_up = lambda: started.append(1) or gate.wait(10)
    session = in_threads(tmp_path, backend=backend)
    session.warm_up()
    session.warm_up()
    gate.set()
    wait_until(lambda: session.model_state == "ready")
    session.close()
    assert started == [1]


def test_a_failed_warm_up_is_told_and_can_be_tried_again(session):
    session.backend = PaintingBackend(warm_error=broken("m", "OSError"))
    session.warm_up()
    assert session.model_state == "failed"
    with pytest.raises(ServiceError, match="cannot be used"):
        raise session.model_error
    session.backend.warm_error = None
    session.warm_up()
    assert (session.model_state, session.model_error) == ("ready", None)
    session.warm_up()
    assert session.backend.warmed == 2  # not again once it is ready


def test_a_warm_up_of_a_backend_that_was_left_does_not_count(tmp_path):
    gate = threading.Event()
    slow = PaintingBackend(warm_error=broken("m", "OSError"))
    warm = slow.warm_up
    slow.warm_up = lambda: (gate.wait(10), warm())
    session = in_threads(tmp_path, backend=slow)
    session.warm_up()
    session.backend = PaintingBackend()
    gate.set()
    session.close()
    assert (session.model_state, session.model_error) == ("cold", None)


def test_names_become_objects_when_they_are_needed(session, monkeypatch):
    made = []
    monkeypatch.setattr(
        session_module,
        "make_planner",
        lambda name, **options: made.append((name, options)) or FixedPlanner(),
    )
    monkeypatch.setattr(
        session_module, "make_backend", lambda name: made.append(name) or PaintingBackend()
    )
    session.planner, session.backend = "openai:some-model", "stabilityai/sd-turbo"
    assert made == []
    assert session.text_for(ImagePrompt(full="a", scene="b")) is None
    session.warm_up()
    to_the_choice(session).draw(seed=1)
    assert made == ["stabilityai/sd-turbo", ("openai:some-model", {})]
    assert session.state == "done"
    assert session.text_for(session.prompt) == session.prompt.scene


def test_a_model_that_cannot_be_had_is_an_error_and_nothing_takes_its_place(session, monkeypatch):
    def refuse(name, **options):
        raise MissingKeyError("key_missing", service="OpenAI", variable="OPENAI_API_KEY")

    monkeypatch.setattr(session_module, "make_planner", refuse)
    monkeypatch.setattr(session_module, "make_backend", refuse)
    to_the_choice(session)
    session.backend = "openai"
    session.draw(seed=1)
    assert (session.state, session.backend, session.postcard) == ("error", "openai", None)
    session.planner = "openai"
    session.ask(REQUEST)
    assert (session.state, session.planner) == ("error", "openai")
    with pytest.raises(MissingKeyError, match="OPENAI_API_KEY"):
        raise session.error
