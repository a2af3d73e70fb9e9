"""Every failure of a service and every malformed plan as users meet it: in app and console.

One readable message with one next step, in Korean and in English, and nothing of the server's own.
"""

import copy
import os
import re
from functools import cache, partial
from html import unescape

import pytest
from doubles import FixedPlanner, PaintingBackend, a_plan
from fake_openai import FakeOpenAI
from test_openai_errors import ROWS, fail

from tripkit.app.trip_app import TripApp
from tripkit.cli import commands
from tripkit.core import messages
from tripkit.core.errors import TripkitError
from tripkit.core.jobs import run_inline
from tripkit.core.text import clean_text
from tripkit.services import registry
from tripkit.session import TripSession

REQUEST = "A spring picnic with friends"
NEXT_STEP = {
    "en": re.compile(
        r"\b(Add|Ask|Check|Choose|Copy|Correct|Free|Raise|Set|Start|Try|Verify|Wait|Word)\b"
    ),
    "ko": re.compile(r"(주세요|하세요|보세요|시도하거나|기다렸다가)"),
}


@pytest.fixture(scope="module")
def failure():
    with FakeOpenAI() as server:
        yield cache(partial(fail, server))


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    session = TripSession(FixedPlanner(), PaintingBackend(), folder=folder, run=run_inline)
    return TripApp(session, warm_up=False)


@pytest.fixture
def on_the_console(monkeypatch, capsys):
    """Runs a command with these doubles; returns its status and the lines of stderr."""

    def run(planner, backend, language):
        monkeypatch.setattr("tripkit.session.make_planner", lambda name, **options: planner)
        monkeypatch.setattr("tripkit.session.make_backend", lambda name: backend)
        status = commands.main(["postcard", REQUEST, "--language", language])
        return status, capsys.readouterr().err.splitlines()

    return run


def shown_by(app, planner, backend, language):
    """The text of the app's error box after a visit with these doubles."""
    session = app.session
    session.dismiss()
    session.language, session.planner, session.backend = language, planner, backend
    session.ask(REQUEST)
    if session.error is None:
        session.choose(0)
        session.draw(seed=1)
    markup = app.layout.error.value
    assert (
        markup.count('role="alert"') == 1
        and "tripkit-gone" not in app.layout.error_panel._dom_classes
    )
    return unescape(re.search(r"<p>(.*)</p>", markup, re.DOTALL).group(1))


def is_readable(said, language):
    """One paragraph in the right language, with something to do."""
    assert said == clean_text(said) and 20 < len(said) < 420
    assert NEXT_STEP[language].search(said), said
    assert bool(re.search("[가-힣]", said)) == (language == "ko")
    assert said.endswith((".", "”")) and "  " not in said
    for raw in ("Traceback", "Error code", "fake_error", "Key:", "{'", "None", "sk-"):
        assert raw not in said


@pytest.mark.slow
@pytest.mark.parametrize("endpoint", ["responses", "chat", "images"])
def test_every_row_of_the_error_table_is_explained_in_app_and_console(
    failure, app, on_the_console, endpoint
):
    rows = [(model, code) for each, model, code, _ in ROWS if each == endpoint]
    assert len(rows) > 20
    visited = set()
    for model, code in rows:
        error = failure(endpoint, model).error
        assert error.code == code
        for language in messages.LANGUAGES:
            is_readable(error.message(language), language)
        if code in visited:  # both show what the error says: one visit for each kind
            continue
        visited.add(code)
        doubles = (FixedPlanner(error=error), PaintingBackend())
        if endpoint == "images":
            doubles = (FixedPlanner(), PaintingBackend(error=error))
        for language in messages.LANGUAGES:
            said = shown_by(app, *doubles, language)
            assert said == error.message(language)
            status, lines = on_the_console(*doubles, language)
            assert (status, lines) == (1, [said])


@pytest.mark.parametrize("language", messages.LANGUAGES)
@pytest.mark.parametrize(
    ("key", "model", "code"),
    [
        ("", None, "key_missing"),
        ("sk-한글 열쇠", None, "key_malformed"),
        ("sk-two words", None, "key_malformed"),
        ("sk-anything", "retired", "model_retired"),
    ],
)
@pytest.mark.parametrize("kind", ["planner", "image"])
def test_what_fails_before_anything_is_sent_is_explained_too(
    monkeypatch, capsys, tmp_path, kind, key, model, code, language
):
    # As Python reads what is written in UTF-8: in a C locale not by letters.
    monkeypatch.setenv("OPENAI_API_KEY", os.fsdecode(key.encode()))
    name = "openai"
    if model:
        gone = [s for s in registry.load_services() if s.service == "openai" and s.state == model]
        name = f"openai:{gone[0].id}"
    chosen = {"planner": FixedPlanner(), "backend": PaintingBackend()}
    chosen["planner" if kind == "planner" else "backend"] = name
    session = TripSession(**chosen, folder=tmp_path, run=run_inline, language=language)
    app = TripApp(session, warm_up=False)
    session.ask(REQUEST)
    if kind == "image":
        session.choose(0)
        session.draw(seed=1)
    assert session.error.code == code
    said = session.error.message(language)
    is_readable(said, language)
    assert said in unescape(app.layout.error.value)
    option = ["--planner", name] if kind == "planner" else ["--model", name]
    assert commands.main(["postcard", REQUEST, "--language", language, *option]) == 1
    assert capsys.readouterr().err.splitlines() == [said]
    assert "sk-" not in said and "열쇠" not in said


# ---- malformed plans


def changed(path, value):
    plan = a_plan(REQUEST, "en").model_dump(mode="json")
    at = plan
    for step in path[:-1]:
        at = at[step]
    if value is KeyError:
        del at[path[-1]]
    else:
        at[path[-1]] = copy.deepcopy(plan["trips"][0]) if value == "the first" else value
    return plan


STOP = ("trips", 0, "stops", 0)
MALFORMED = {
    "no trips": changed(("trips",), []),
    "no field trips": changed(("trips",), KeyError),
    "trips are words": changed(("trips",), "three"),
    "the same trip twice": changed(("trips", 1), "the first"),
    "a trip is a number": changed(("trips", 0), 7),
    "no title": changed(("trips", 0, "title"), KeyError),
    "an empty title": changed(("trips", 0, "title"), ""),
    "a long title": changed(("trips", 0, "title"), "x" * 10_000),
    "a title of numbers": changed(("trips", 0, "title"), 5),
    "no stops": changed(("trips", 0, "stops"), []),
    "stops are null": changed(("trips", 0, "stops"), None),
    "an empty place": changed((*STOP, "place"), "  "),
    "no colour name": changed((*STOP, "color_name"), KeyError),
    "rgb 300": changed((*STOP, "rgb"), [300, 0, 0]),
    "rgb -1": changed((*STOP, "rgb"), [-1, 0, 0]),
    "rgb of two": changed((*STOP, "rgb"), [1, 2]),
    "rgb as words": changed((*STOP, "rgb"), "red"),
    "rgb of floats": changed((*STOP, "rgb"), [0.5, 0.5, 0.5]),
    "rgb is null": changed((*STOP, "rgb"), None),
    "a field nobody asked for": changed(("trips", 0, "script"), "<script>alert(1)</script>"),
    "no plan at all": {},
    "a list": [],
    "words": "Sure! Here are three trips.",
    "nothing": 0,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_every_malformed_plan_is_explained_in_app_and_console(app, on_the_console, name):
    planner, before = FixedPlanner(answer=MALFORMED[name]), app.session.plan
    for language in messages.LANGUAGES:
        said = shown_by(app, planner, PaintingBackend(), language)
        assert app.session.error.code == "bad_plan" and app.session.plan is before
        is_readable(said, language)
        assert "x" * 100 not in said
        status, lines = on_the_console(planner, PaintingBackend(), language)
        assert (status, lines) == (1, [said])


def test_a_message_of_an_error_with_a_bill_stays_one_message():
    error = TripkitError("stream_broken", service="OpenAI", possibly_billed=True)
    for language in messages.LANGUAGES:
        is_readable(error.message(language), language)
