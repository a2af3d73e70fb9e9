"""Downloads of large models: told before, asked for, resumed, checked; from a fake hub."""

import io
import json
import shutil
import sys

import pytest
from fake_hub import FakeHub

from tripkit.cli import commands
from tripkit.core import machine
from tripkit.core.errors import (
    CancelledError,
    ModelUnavailableError,
    RequestError,
    ServiceError,
    StorageError,
)
from tripkit.core.settings import weights_folder
from tripkit.downloads import hub
from tripkit.downloads import plan as downloads
from tripkit.downloads.local import cached_folder, missing_parts
from tripkit.downloads.plan import download, needed_files, plan_download
from tripkit.model_menu import Choice
from tripkit.services.registry import default_service

NAME = default_service("diffusers", "image").id


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The shipped model, as a folder of the hub: with other precisions and formats beside it."""
    folder = tmp_path_factory.mktemp("hub") / "model"
    shutil.copytree(weights_folder() / "postcard", folder)
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    assert "unet" in index
    for name in ("unet/diffusion_pytorch_model.fp16.safetensors", "unet/old.bin", "all.ckpt"):
        (folder / name).write_bytes(b"\0" * 300_000)
    return folder


@pytest.fixture
def server(model, monkeypatch, tmp_path):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("TRIPKIT_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(hub.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(machine, "device", lambda: "cpu")
    monkeypatch.setattr(machine, "device_memory_gb", lambda: None)
    with FakeHub(model, NAME) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def test_a_plan_tells_everything_before_any_file_is_fetched(server):
    plan = plan_download(NAME)
    assert plan.size == plan.missing > 10_000_000 and plan.there == 0
    assert plan.license == default_service("diffusers", "image").license
    assert {path for path, _ in server.asked} == {
        f"/api/models/{NAME}",
        f"/{NAME}/resolve/{plan.listing.commit}/model_index.json",
    }
    for language in ("en", "ko"):
        facts = dict(plan.facts(language))
        assert len(facts) == 10 and all(facts.values())
        assert plan.license in facts.values() and any("GB" in value for value in facts.values())
    assert not plan.folder.exists()


def test_only_what_the_pipeline_loads_is_fetched(server):
    names = {file.path for file in plan_download(NAME).files}
    assert "unet/diffusion_pytorch_model.safetensors" in names and "model_index.json" in names
    assert not [n for n in names if n.endswith((".bin", ".ckpt", ".png", ".md")) or "fp16" in n]


def test_what_was_downloaded_is_the_model_and_draws(server, monkeypatch):
    from tripkit.images import make_backend
    from tripkit.images.pipeline import PipelineBackend

    told = []
    folder = download(plan_download(NAME), lambda there, total: told.append((there, total)))
    assert missing_parts(folder) == [] and cached_folder(NAME) == folder
    assert told == sorted(told) and told[-1][0] == told[-1][1] == plan_download(NAME).size
    assert not list(folder.rglob("*.part"))
    assert not Choice(NAME, default_service("diffusers", "image")).needs_download()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    backend = make_backend(NAME)
    backend.parameters = {"num_inference_steps": 1, "guidance_scale": 1.0}
    assert isinstance(backend, PipelineBackend)
    assert backend.generate("a red boat", seed=1).image.size == (64, 64)


def test_a_download_that_broke_off_goes_on_where_it_stopped(server):
    plan = plan_download(NAME)
    largest = max(plan.files, key=lambda file: file.size)
    stop_at = plan.size - largest.size + 1_000_000

    def until(there, total):
        return there < stop_at

    with pytest.raises(CancelledError, match="What has come is kept"):
        download(plan, until)
    again = plan_download(NAME)
    assert stop_at <= again.there < again.size and again.missing == again.size - again.there
    server.sent = 0
    server.asked.clear()
    folder = download(again)
    assert server.sent == again.missing  # not a byte twice
    ranges = [asked for path, asked in server.asked if asked]
    assert len(ranges) == 1 and ranges[0].startswith("bytes=")
    assert missing_parts(folder) == []


def test_a_connection_that_breaks_again_and_again_still_ends_in_a_whole_model(server):
    server.cut_after = 3_000_000  # each answer brings something: it is never given up
    assert missing_parts(download(plan_download(NAME))) == []


def test_a_server_without_ranges_sends_all_of_a_file_again(server):
    with pytest.raises(CancelledError):
        download(plan_download(NAME), lambda there, total: there < 1_000_000)
    server.ranges = False
    assert missing_parts(download(plan_download(NAME))) == []


def test_a_connection_that_brings_nothing_is_given_up_and_what_has_come_is_kept(server):
    plan = plan_download(NAME)
    server.cut_after = 0
    with pytest.raises(ServiceError, match="broke off at .*it goes on from there") as caught:
        download(plan)
    assert caught.value.code == "download_broken" and "이어서" in caught.value.message("ko")


def test_a_file_with_other_bytes_is_never_kept(server):
    server.damage = "text_encoder/model.safetensors"
    with pytest.raises(ServiceError, match="its checksum is wrong"):
        download(plan_download(NAME))
    folder = downloads.downloads_folder(NAME)
    assert not (folder / server.damage).exists() and not list(folder.rglob(".*.part"))
    assert "text_encoder" in missing_parts(folder)


def test_a_small_file_that_was_changed_here_is_fetched_again(server):
    folder = download(plan_download(NAME))
    path = folder / "scheduler" / "scheduler_config.json"
    path.write_bytes(b"x" * path.stat().st_size)
    plan = plan_download(NAME)
    assert plan.missing == path.stat().st_size
    download(plan)
    assert json.loads(path.read_text(encoding="utf-8"))


def test_a_disk_without_room_is_told_before_anything_is_fetched(server, monkeypatch):
    monkeypatch.setattr(machine, "free_gb", lambda folder: 0.5)
    plan = plan_download(NAME)
    with pytest.raises(StorageError, match=r"needs 1\.\d GB .* 0\.5 GB are free.*TRIPKIT_DATA"):
        download(plan)
    assert not plan.folder.exists()


def test_a_disk_that_fills_up_keeps_what_has_come(server, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(hub.os, "fsync", full)
    with pytest.raises(StorageError, match="the disk is full"):
        download(plan_download(NAME))


def test_little_memory_is_a_warning_in_both_languages(server, monkeypatch):
    monkeypatch.setattr(machine, "memory_gb", lambda: 3.0)
    plan = plan_download(NAME)
    assert not plan.fits_memory
    assert "8 GB" in plan.warnings("en")[0] and "메모리" in plan.warnings("ko")[0]


def test_a_model_that_is_not_listed_says_what_its_page_says(server, monkeypatch):
    server.name, server.license = "someone/else", "<b>odd\u202e</b>"
    plan = plan_download("someone/else")
    assert plan.service is None and plan.picture_seconds is None
    assert "<b>odd</b>" in dict(plan.facts("en")).values()  # one line of text; screens escape it
    server.license = None
    assert "licence" in plan_download("someone/else").warnings("en")[-1]


@pytest.mark.parametrize(
    "path",
    [
        "../evil.json",
        "unet/../../evil.json",
        "/etc/x.json",
        "unet/a/b.json",
        "C:\\x.json",
        "a\n.json",
    ],
)
def test_names_that_would_lead_elsewhere_are_not_files(server, path):
    server.extra = [{"rfilename": path, "size": 3, "blobId": "0" * 40}]
    assert path not in {file.path for file in hub.list_files(NAME).files}


@pytest.mark.parametrize("name", ["", "sd", "a/b/c", "../..", "a b/c", "a/b?x=1", "벚/꽃", "-/x"])
def test_what_is_no_hub_id_is_refused(name):
    with pytest.raises(RequestError, match="not the id of a model on the hub"):
        plan_download(name)


def test_a_model_without_safetensors_is_refused(server, model):
    listing = hub.list_files(NAME)
    kept = tuple(f for f in listing.files if not f.path.startswith("unet/diffusion"))
    parts = hub.read_index(listing)
    assert needed_files(hub.Listing(NAME, listing.commit, kept), parts) == ()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"status": 401}, "hub_not_found"),
        ({"status": 404}, "hub_not_found"),
        ({"status": 500}, "hub_unreachable"),
        ({"cut_after": 10}, "hub_unreachable"),
        ({"listing": b"<html>Sign in to the Wi-Fi</html>"}, "hub_unreachable"),
        ({"listing": b'{"sha": "x", "siblings": []}'}, "hub_unreachable"),
        ({"listing": b'{"sha": "' + b"0" * 40 + b'", "siblings": []}'}, "not_a_pipeline"),
    ],
)
def test_what_the_hub_does_wrong_is_one_message(server, fault, code):
    for name, value in fault.items():
        setattr(server, name, value)
    with pytest.raises((ServiceError, ModelUnavailableError)) as caught:
        plan_download(NAME)
    assert caught.value.code == code
    assert all(caught.value.message(language) for language in ("en", "ko"))


def test_offline_means_offline(server, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ServiceError, match="HF_HUB_OFFLINE forbids"):
        plan_download(NAME)
    assert server.asked == []


def test_a_hub_elsewhere_must_speak_https(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://example.com")
    with pytest.raises(RequestError, match="HF_ENDPOINT is not an address"):
        hub.endpoint()


def test_nothing_is_downloaded_by_drawing():
    from tripkit.images import make_backend

    with pytest.raises(ModelUnavailableError, match=f"tripkit download {NAME}"):
        make_backend(NAME).warm_up()


# ------------------------------------------------------- the command


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("네\n", 0), ("n\n", 2), ("", 2)])
def test_the_command_asks_and_takes_only_a_yes(server, monkeypatch, capsys, answer, status):
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    assert commands.main(["download", NAME, "--language", "en"]) == status
    said = capsys.readouterr()
    assert "Licence: Stability AI Community License" in said.out and "[y/N]" in said.err
    assert (cached_folder(NAME) is not None) == (status == 0)


def test_without_a_terminal_nothing_is_downloaded_unless_yes_was_said(server, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert commands.main(["download", NAME, "--language", "en"]) == 2
    assert "add --yes" in capsys.readouterr().err and cached_folder(NAME) is None
    assert commands.main(["download", NAME, "--language", "ko", "--yes"]) == 0
    said = capsys.readouterr()
    assert "다 받았어요" in said.out and "100%" in said.err
    assert commands.main(["download", NAME, "--language", "en"]) == 0
    assert "It is here already, whole" in capsys.readouterr().out
