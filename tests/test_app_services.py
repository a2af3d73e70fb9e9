"""The app's panels on services: every state said, nothing fetched unasked, only text shown."""

import re
import shutil
import threading
from html import unescape

import pytest
from doubles import SERVICE_STATES, FixedPlanner, PaintingBackend, a_plan
from fake_hub import FakeHub
from test_app import Tags, every, markup, shown

import tripkit.session as session_module
from tripkit.app.panels import DownloadPanel, MidjourneyPanel, ServicesPanel
from tripkit.app.trip_app import TripApp
from tripkit.core import machine
from tripkit.core.errors import RequestError
from tripkit.core.jobs import run_in_thread, run_inline
from tripkit.core.messages import LANGUAGES
from tripkit.core.settings import weights_folder
from tripkit.downloads import hub
from tripkit.downloads.job import DownloadJob
from tripkit.downloads.local import cached_folder
from tripkit.services.registry import default_service, load_services
from tripkit.session import TripSession

NAME = default_service("diffusers", "image").id
ATTACK = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'&"


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    monkeypatch.setenv("TRIPKIT_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(machine, "device", lambda: "cpu")
    monkeypatch.setattr(machine, "device_memory_gb", lambda: None)
    monkeypatch.setattr(session_module, "make_backend", lambda name: PaintingBackend())


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub") / "model"
    shutil.copytree(weights_folder() / "postcard", folder)
    return folder


@pytest.fixture
def server(model, monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr(hub.time, "sleep", lambda seconds: None)
    with FakeHub(model, NAME) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def an_app(tmp_path, language="en", plan=None, run=run_inline):
    planner, backend = FixedPlanner(answer=plan), PaintingBackend()
    session = TripSession(planner, backend, folder=tmp_path, run=run_inline, language=language)
    return TripApp(session, run=run)


def panel(app, kind):
    return next(each for each in app.panels if isinstance(each, kind))


def words(widget) -> str:
    return unescape(re.sub(r"<[^>]*>", " ", widget.value))


# ------------------------------------------------------- downloads


def test_a_model_is_looked_at_then_agreed_to_then_downloaded(tmp_path, server):
    app = an_app(tmp_path)
    download = panel(app, DownloadPanel)
    assert not shown(download.root)
    app.layout.model.value = NAME
    assert shown(download.root) and shown(download.check) and not shown(download.yes)
    assert server.asked == []  # choosing asks nobody
    download.check.click()
    assert shown(download.yes) and "Stability AI Community License" in words(download.facts)
    assert "Mbit/s" in words(download.facts) and cached_folder(NAME) is None
    assert re.search(r"Yes, download 0\.0 GB", download.yes.description)  # the small stand-in
    download.yes.click()
    assert download.job.state == "done" and cached_folder(NAME) is not None
    assert not shown(download.root) and app.session.model_state == "ready"
    assert "needs a download" not in app.layout.model_state.value


def test_the_yes_for_one_model_is_not_the_yes_for_another(tmp_path, server):
    app = an_app(tmp_path)
    download = panel(app, DownloadPanel)
    app.layout.model.value = NAME
    download.check.click()
    other = next(s.id for s in load_services() if s.service == "diffusers" and s.id != NAME)
    app.layout.model.value = other
    assert not shown(download.yes) and shown(download.check)
    download.yes.click()  # a click that was on its way
    assert download.job.state == "asking" and cached_folder(NAME) is None


def test_a_hub_out_of_reach_is_said_beside_the_button_and_can_be_tried_again(tmp_path, server):
    server.status = 500
    app = an_app(tmp_path, "ko")
    download = panel(app, DownloadPanel)
    app.layout.model.value = NAME
    download.check.click()
    assert "파일 목록을 받지 못했어요" in words(download.error) and shown(download.check)
    server.status = 200
    download.check.click()
    assert download.error.value == "" and shown(download.yes)


def test_a_download_can_be_stopped_and_goes_on_later(server, monkeypatch):
    monkeypatch.setattr("tripkit.downloads.job.TELL_SECONDS", 0.0)
    job = DownloadJob(run_inline)
    job.check(NAME)

    def stop(job):
        if job.state == "downloading" and job.there > 2_000_000:
            job.cancel()

    job.on_change = stop
    job.start()
    assert (job.state, job.cancelled, job.plan) == ("idle", True, None)
    job.on_change = None
    job.check(NAME)
    assert job.plan.there > 2_000_000
    job.start()
    assert job.state == "done" and job.there == job.total


def test_the_job_starts_nothing_that_was_not_looked_at():
    with pytest.raises(RequestError, match="Check its size and licence first"):
        DownloadJob(run_inline).start()


def test_a_download_in_the_background_leaves_the_app_free(tmp_path, server):
    app = an_app(tmp_path, run=run_in_thread)
    download = panel(app, DownloadPanel)
    app.layout.model.value = NAME
    download.check.click()
    for _ in range(500):
        if download.job.state == "asking":
            break
        threading.Event().wait(0.02)
    app.layout.model.value = "painting"
    app.layout.request.value = "spring"
    app.layout.ask.click()
    assert app.session.state == "choosing"


# ------------------------------------------------------- Midjourney


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_of_the_chosen_trip_shows_and_follows_the_prompt(tmp_path, language):
    app = an_app(tmp_path, language)
    shows = panel(app, MidjourneyPanel)
    assert not shown(shows.root)
    app.layout.request.value = "spring"
    app.layout.ask.click()
    app.layout.trip_buttons[1].click()
    assert shown(shows.root)
    place = app.session.plan.trips[1].stops[0].place
    assert place.split()[0] in words(shows.command) and "--ar 3:2 --v" in words(shows.command)
    shows.ratio.value, shows.no.value, shows.raw.value = "1:1", "text", True
    assert re.search(r"--ar 1:1 --v \S+ --no text --raw", words(shows.command))
    app.layout.scene.value = "a blue boat"
    assert "/imagine prompt: a blue boat --ar 1:1" in words(shows.command)
    app.layout.scene.value = " "
    assert "--ar" not in words(shows.command)


def test_a_plan_of_markup_and_parameters_is_shown_as_text(tmp_path):
    plan = a_plan("spring", "en").model_dump()
    for number, trip in enumerate(plan["trips"]):
        trip["theme"] = "x --v 1"
        for index, stop in enumerate(trip["stops"]):
            stop["place"] = f"{ATTACK[:40]} --ar 9:1 {number}{index}"
    app = an_app(tmp_path, plan=plan)
    app.layout.request.value = ATTACK
    app.layout.ask.click()
    app.layout.trip_buttons[0].click()
    command = panel(app, MidjourneyPanel).command
    assert Tags(command.value).tags == {"pre"}
    assert words(command).count("--ar") == words(command).count("--v") == 1


# ------------------------------------------------------- the list


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_service_of_the_registry_is_listed_with_state_day_and_source(tmp_path, language):
    services = panel(an_app(tmp_path, language), ServicesPanel)
    services.fold.click()
    table = services.table
    for service in load_services():
        if service.kind in ("planner", "image"):
            assert service.id in words(table) and str(service.verified) in words(table)
            assert service.source in table.value
            if service.shutdown:
                assert str(service.shutdown) in words(table)
    assert all(state in words(table) for state in SERVICE_STATES[language])


def test_the_list_is_folded_until_asked_for(tmp_path):
    services = panel(an_app(tmp_path, "en"), ServicesPanel)

    def hidden():
        return "tripkit-gone" in services.inside._dom_classes

    assert hidden() and services.fold.description == "Show the list"
    assert services.table.value == ""  # each change of the app would write it anew
    services.fold.click()
    assert services.table.value
    assert not hidden() and services.fold.description == "Hide the list"
    services.fold.click()
    assert hidden()


def test_servers_are_looked_for_when_asked_and_can_then_be_chosen(tmp_path, monkeypatch):
    app = an_app(tmp_path)
    services = panel(app, ServicesPanel)
    services.fold.click()
    assert words(services.table).count("not looked for") == 4
    found = {"ollama": ["llama", ATTACK], "localai": ["sd"]}
    monkeypatch.setattr("tripkit.app.panels.look", lambda: found)
    services.look.click()
    services.look.click()  # twice adds nothing twice
    assert "running (2 models)" in words(services.table)
    assert "not running at http://127.0.0.1:1234/v1" in words(services.table)
    planners = [value for _, value in app.layout.planner.options]
    models = [value for _, value in app.layout.model.options]
    assert planners.count("ollama:llama") == 1 and "localai:sd" in models
    app.layout.planner.value = "ollama:llama"
    assert app.session.planner == "ollama:llama"
    assert "script" not in Tags(markup(app)).tags


def test_the_panels_bring_no_scripts_and_only_links_to_sources(tmp_path):
    app = an_app(tmp_path)
    panel(app, ServicesPanel).fold.click()
    tags = Tags(markup(app))
    assert not tags.tags & {"script", "iframe", "object", "form", "input", "style"}
    assert {a for a in tags.attributes if a.startswith("on")} == set()
    links = set(re.findall(r'<a href="([^"]*)"', markup(app)))
    assert links and all(link.startswith("https://") for link in links)
    assert len([w for w in every(app.widget) if "tripkit-all-services" in w._dom_classes]) == 1
