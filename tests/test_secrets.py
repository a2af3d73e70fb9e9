"""With a marked key in the environment, no ten characters of it in a row are left anywhere.

The fake server repeats the whole key in each of its errors, and in pictures' metadata.
"""

import base64
import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fake_openai import ERRORS, FakeOpenAI, picture, sdk
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tripkit.app.trip_app import TripApp
from tripkit.cli import commands
from tripkit.core.errors import ServiceError
from tripkit.core.jobs import run_inline
from tripkit.images.openai import OpenAIImageBackend
from tripkit.planners.openai import OpenAIPlanner
from tripkit.session import TripSession

SECRET = "Qx7Vb3Nm9Kw2Rt6Yp1Zc8Jd4Hf5Lg0SaEuTiOqWe"
KEY = "sk-proj-" + SECRET
REQUEST = "A spring picnic with friends"
ROOT = Path(__file__).resolve().parent.parent
PLANNERS = (*ERRORS, "html", "drops", "refuses", "cut", "rgb-300", "some-model")
MODELS = (*ERRORS, "html", "drops", "stream-drops", "stream-moderated", "stream-server-error")
MODELS = (*MODELS, "stream-garbage", "not-a-picture", "some-model")


def leaks(words) -> list[str]:
    """The pieces of the key, ten characters each, that stand in the text or the bytes."""
    if isinstance(words, bytes):
        words = words.decode("latin-1")
    pieces = (SECRET[at : at + 10] for at in range(len(SECRET) - 9))
    return [piece for piece in pieces if piece in words]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder where everything is written, the log of everything included."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRIPKIT_POSTCARDS", str(tmp_path / "postcards"))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    root, level = logging.getLogger(), logging.getLogger().level
    handler = logging.FileHandler(tmp_path / "everything.log", encoding="utf-8")
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield tmp_path
    root.removeHandler(handler)
    root.setLevel(level)
    handler.close()


@pytest.fixture
def server():
    with FakeOpenAI() as running:
        yield running


def every(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from every(child)


def on_the_screen(app) -> str:
    """All that the browser gets: the state of every widget, pictures as bytes."""
    states = [widget.get_state() for widget in every(app.widget)]
    pictures = [state.pop("value").decode("latin-1") for state in states if _is_picture(state)]
    return json.dumps(states, default=repr) + "".join(pictures)


def _is_picture(state) -> bool:
    return isinstance(state.get("value"), bytes)


def files_of(folder) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.slow
def test_a_full_run_of_the_app_leaves_no_part_of_the_key(here, server, capfd):
    seen = []
    with sdk(server, KEY, max_retries=0) as client:
        planner, backend = OpenAIPlanner(client=client), OpenAIImageBackend(client=client)
        planner.max_retries = 0
        session = TripSession(planner, backend, run=run_inline, language="en")
        session.ledger.cap_usd = 100
        app = TripApp(session, warm_up=False)
        look = session.on_change
        session.on_change = lambda changed: (look(changed), seen.append(on_the_screen(app)))
        for model in PLANNERS:
            planner.model = model
            session.ask(REQUEST)
            if session.quote:
                session.confirm()
            seen.append(repr(vars(session)) + repr(session.error) + repr(planner))
        for model in MODELS:
            backend.model = model
            session.choose(0)
            session.draw(seed=1)
            if session.quote:
                session.confirm()
            seen.append(repr(vars(session)) + repr(session.error) + repr(backend))
    assert session.postcard is not None and len(session.ledger.calls) > 30
    assert {request["key"] for request in server.requests} == {KEY}
    assert not [found for screen in seen if (found := leaks(screen))]
    out = capfd.readouterr()
    assert not leaks(out.out) and not leaks(out.err)
    files = files_of(here)
    kinds = {path.suffix for path in files}
    assert {".png", ".log"} <= kinds and any("partial" in path.name for path in files)
    assert "HTTP" in (here / "everything.log").read_text(encoding="utf-8")
    assert not [path.name for path in files if leaks(path.read_bytes())]


@pytest.mark.slow
def test_a_full_run_of_the_console_leaves_no_part_of_the_key(here, server, monkeypatch, capfd):
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setattr(OpenAIPlanner, "max_retries", 0)
    for number, model in enumerate(PLANNERS):
        commands.main(["plan", REQUEST, "--planner", f"openai:{model}", "--yes"])
        commands.main(
            ["plan", REQUEST, "--planner", f"openai:{model}", "--json", "--cap", str(number)]
        )
    for model in MODELS:
        commands.main(["postcard", REQUEST, "--model", f"openai:{model}", "--yes", "--cap", "1"])
    assert {request["key"] for request in server.requests} == {KEY}
    out = capfd.readouterr()
    assert "#ffb6c1" in out.out and len(out.err.splitlines()) > 30
    assert not leaks(out.out) and not leaks(out.err)
    files = files_of(here)
    assert any(path.suffix == ".png" for path in files)
    assert not [path.name for path in files if leaks(path.read_bytes())]


@pytest.mark.process
@pytest.mark.parametrize("model", ["bad-key", "some-model"])
def test_a_process_with_every_log_switched_on_says_no_part_of_the_key(here, server, model):
    environment = {**os.environ, "OPENAI_BASE_URL": server.base_url, "OPENAI_LOG": "debug"}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-X", "dev", "-m", "tripkit.cli", "plan", REQUEST]
    done = subprocess.run(
        [*command, "--planner", f"openai:{model}"], capture_output=True, env=environment, cwd=here
    )
    assert server.requests and server.requests[0]["key"] == KEY
    assert done.returncode == (0 if model == "some-model" else 1)
    assert not leaks(done.stdout) and not leaks(done.stderr)


def test_a_key_in_the_metadata_of_a_picture_is_not_saved(here, server, monkeypatch):
    info, buffer = PngInfo(), io.BytesIO()
    info.add_text("comment", KEY)
    with Image.open(io.BytesIO(base64.b64decode(picture((1, 2, 3))))) as image:
        image.save(buffer, "PNG", pnginfo=info)
    assert leaks(buffer.getvalue())
    marked = base64.b64encode(buffer.getvalue()).decode("ascii")
    monkeypatch.setattr("fake_openai.picture", lambda *_args, **_options: marked)
    with sdk(server, KEY) as client:
        OpenAIImageBackend("some-model", client=client).generate("a lake")
        with pytest.raises(ServiceError):
            OpenAIImageBackend("stream-drops", client=client).generate("a lake")
    paths = list((here / "postcards").glob("*.png"))
    assert len(paths) == 2 and not [path for path in paths if leaks(path.read_bytes())]


def test_a_malformed_key_is_not_repeated(here, monkeypatch, capfd):
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY[:20]} {KEY[20:]}" + os.fsdecode("\u00e9".encode()))
    assert commands.main(["plan", REQUEST, "--planner", "openai"]) == 1
    out = capfd.readouterr()
    assert out.err and not leaks(out.out + out.err)


def test_the_search_finds_what_it_looks_for():
    assert leaks(f"...{SECRET[5:15]}...") and leaks(SECRET.encode("ascii"))
    assert not leaks(SECRET[5:14])
