"""The app's server: loopback only, a token, the language of its user, a clean end."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
import uuid

import nbformat
import pytest

from tripkit.app import launch
from tripkit.cli import commands
from tripkit.core import console
from tripkit.core.console import system_language
from tripkit.core.errors import RequestError, StorageError
from tripkit.core.machine import HOST, free_port

OPTIONS = launch.voila_options(launch.Path("app.ipynb"), 8866)


@pytest.fixture
def no_language(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(console.locale, "getlocale", lambda: (None, None))


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("ko_KR.UTF-8", "ko"),
        ("en_US.UTF-8", "en"),
        ("de_DE", "en"),
        ("C.UTF-8", "ko"),
        ("POSIX", "ko"),
        ("", "ko"),
    ],
)
def test_the_language_is_the_systems_and_korean_where_it_names_none(
    no_language, monkeypatch, name, language
):
    monkeypatch.setenv("LANG", name)
    assert system_language() == language


@pytest.mark.parametrize(
    ("name", "language"), [("Korean_Korea", "ko"), ("English_United States", "en"), (None, "ko")]
)
def test_windows_names_its_language_in_words(no_language, monkeypatch, name, language):
    monkeypatch.setattr(console.locale, "getlocale", lambda: (name, "cp949"))
    assert system_language() == language


def test_an_unknown_language_is_refused():
    with pytest.raises(RequestError, match="language is fr; tripkit speaks en, ko"):
        launch.app_notebook("fr")


def test_an_installation_without_notebooks_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(launch.settings, "package_folder", lambda: tmp_path / "tripkit")
    with pytest.raises(StorageError, match="10_trip_app.ipynb was not found"):
        launch.app_notebook("ko")


def test_voila_listens_on_loopback_with_a_token_that_no_command_line_shows():
    assert "--Voila.ip=127.0.0.1" in OPTIONS
    assert "--Voila.auto_token=True" in OPTIONS
    assert not [option for option in OPTIONS if "token=" in option and "auto_token" not in option]


def test_idle_kernels_end_and_tracebacks_stay_hidden():
    assert f"--MappingKernelManager.cull_idle_timeout={launch.IDLE_SECONDS}" in OPTIONS
    assert "--show_tracebacks=False" in OPTIONS


def test_folders_of_the_command_line_are_the_apps_too(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRIPKIT_POSTCARDS", "")
    monkeypatch.setenv("TRIPKIT_DATA", "models here")
    monkeypatch.setenv("HF_HOME", "hub")
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    launch.fix_folders()
    monkeypatch.chdir("/")
    assert launch.settings.postcards_folder() == tmp_path / "postcards"
    assert launch.settings.data_folder() == tmp_path / "models here"
    assert launch.os.environ["HF_HOME"] == str(tmp_path / "hub")
    assert "HF_HUB_CACHE" not in launch.os.environ


def test_a_port_that_is_named_and_taken_is_refused_by_app_and_service_alike(capsys):
    with socket.create_server((HOST, 0)) as taken:
        port = str(taken.getsockname()[1])
        for command in ("app", "serve"):
            assert commands.main([command, "--port", port, "--language", "en"]) == 1
            assert f"Port {port} is taken" in capsys.readouterr().err


def test_two_free_ports_are_usable_and_differ_from_a_taken_one():
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        assert free_port() != taken.getsockname()[1]


SERVE = """
import sys
from pathlib import Path
from tripkit.app import launch
from tripkit.core import console
launch.app_notebook = lambda language: Path(sys.argv[1])
launch.run_app("ko", open_browser=False)
"""


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent as a POSIX signal")
@pytest.mark.parametrize("encoding", ["cp949", "ascii"])
def test_the_server_wants_its_token_and_ends_cleanly(tmp_path, monkeypatch, encoding):
    notebook = tmp_path / "app.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), notebook)
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    # Another Python's kernel in the user's folder, and a Jupyter that looks there first.
    user = tmp_path / "jupyter"
    (user / "kernels" / "python3").mkdir(parents=True)
    spec = {"argv": [str(tmp_path / "no-python")], "display_name": "old", "language": "python"}
    (user / "kernels" / "python3" / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(user))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(notebook)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        line = process.stdout.readline().decode(encoding)
        address = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line)
        assert address, line
        with urllib.request.urlopen(address.group(), timeout=20) as page:
            assert page.status == 200 and "token=" in page.url
            page.read()  # comes to its end when the notebook has run
        bare = address.group().split("?")[0]
        with urllib.request.urlopen(bare, timeout=20) as page:
            assert "/login" in page.url
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{bare}api/kernels/{uuid.uuid4()}", timeout=20)
    finally:
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read().decode(encoding)
        process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in rest
