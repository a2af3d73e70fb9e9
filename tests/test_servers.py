"""Servers on this computer: found by looking, used by name, told apart from what is not there."""

import dataclasses

import pytest
from doubles import SERVICE_STATES
from fake_openai import FakeOpenAI

from tripkit.cli import commands
from tripkit.core.errors import ModelUnavailableError, RequestError
from tripkit.core.machine import free_port
from tripkit.images import make_backend
from tripkit.model_menu import local_choices
from tripkit.planners import make_planner
from tripkit.prompts import ImagePrompt
from tripkit.services import local_servers
from tripkit.services.local_servers import find_server, load_servers, look
from tripkit.session import TripSession

NAMES = [server.name for server in load_servers()]


@pytest.fixture(scope="module")
def fake():
    with FakeOpenAI() as running:
        yield running


@pytest.fixture
def here(fake, monkeypatch):
    """Every server of the registry where the fake one listens, but for vLLM, which is silent."""
    moved = tuple(
        dataclasses.replace(
            server,
            base_url=fake.base_url
            if server.name != "vllm"
            else f"http://127.0.0.1:{free_port()}/v1",
        )
        for server in load_servers()
    )
    monkeypatch.setattr(local_servers, "load_servers", lambda: moved)
    return moved


def test_looking_finds_the_running_servers_and_their_models(here):
    found = look()
    assert set(found) == set(NAMES) - {"vllm"}
    assert found["ollama"] == ["gpt-6-luna", "o3"]  # what the fake one lists


def test_a_proxy_of_the_environment_is_not_asked_for_this_computer(here, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    assert "ollama" in look()


def test_something_else_that_listens_is_not_a_server(fake, monkeypatch):
    odd = dataclasses.replace(find_server("ollama"), base_url=f"{fake.root}/elsewhere")
    assert local_servers.models_of(odd) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_planner_of_each_server_asks_it_and_no_key_goes_there(here, fake, monkeypatch, name):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-somebody-0123456789")
    planner = make_planner(f"{name}:good")
    assert (planner.name, planner.model) == (name, "good")
    if name != "vllm":
        plan = planner.plan("spring", language="en")
        assert (plan.source, plan.model) == (name, "good")
        assert fake.requests[-1]["path"] == "/v1/chat/completions"
        assert "secret" not in str(fake.requests[-1])


def test_a_picture_comes_from_a_server_that_makes_pictures(here):
    backend = make_backend("localai:good")
    assert backend.name == "localai:good" and backend.cost_per_picture is None
    card = backend.generate(ImagePrompt(full="a lake", scene="a lake"))
    assert card.image.size and card.model == "good" and card.cost_usd is None


def test_a_model_name_may_hold_a_colon(here):
    assert make_planner("ollama:llama3:8b").model == "llama3:8b"
    session = TripSession("ollama:llama3:8b")
    assert session._ready_planner().model == "llama3:8b"


def test_a_server_without_pictures_says_so():
    with pytest.raises(ModelUnavailableError, match="LM Studio makes no pictures") as caught:
        make_backend("lmstudio:some-model")
    assert "플래너로 쓰고" in caught.value.message("ko")


@pytest.mark.parametrize("make", [make_planner, make_backend])
def test_a_server_without_a_model_asks_for_one(make):
    with pytest.raises(RequestError, match="ollama:<model>"):
        make("ollama")


def test_what_running_servers_offer_can_be_chosen():
    found = {"ollama": ["a"], "lmstudio": ["b"], "no-such": ["c"]}
    assert [c.name for c in local_choices("planner", found)] == ["ollama:a", "lmstudio:b"]
    assert [c.name for c in local_choices("image", found)] == ["ollama:a"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_command_lists_everything_with_its_state(here, monkeypatch, capsys, language):
    monkeypatch.setattr("tripkit.cli.services.load_servers", lambda: here)
    assert commands.main(["services", "--language", language]) == 0
    out = capsys.readouterr().out
    assert all(state in out for state in SERVICE_STATES[language])
    assert ("running (2 models)" if language == "en" else "켜져 있음(모델 2개)") in out
    assert "ollama:gpt-6-luna" in out and "https://docs.midjourney.com/" in out


def test_offline_no_server_is_looked_for(monkeypatch, capsys):
    monkeypatch.setattr("tripkit.cli.services.look", lambda: 1 / 0)
    assert commands.main(["services", "--offline", "--language", "en"]) == 0
    assert "not looked for" in capsys.readouterr().out
