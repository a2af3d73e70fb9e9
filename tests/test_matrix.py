"""The matrix: its table, its turns, and that each environment takes away what it says."""

import datetime
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))
import run  # noqa: E402
from tools import matrix  # noqa: E402

PYTHON = Path(sys.executable)
HANGUL = """
from matplotlib.font_manager import fontManager, get_font
files = {font.fname for font in fontManager.ttflist if "Last Resort" not in font.name}
print(sum(get_font(file).get_char_index(0xAC00) > 0 for file in files), len(files))
"""
FONTCONFIG = """
import shutil, subprocess, sys
sys.stdout.flush()
if shutil.which("fc-list"):
    subprocess.run(["fc-list", ":lang=ko"])
"""
REACH = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname(), timeout=5).close()
try:
    socket.create_connection(("192.0.2.1", 80), timeout=5)
except OSError as error:
    print(error.errno)
"""


@pytest.fixture
def entered(tmp_path):
    """Enters an environment and returns what code prints in it."""

    def enter(name, code):
        try:
            setting = matrix.environments()[name].enter(PYTHON, tmp_path)
        except matrix.NotHere as reason:
            pytest.skip(f"not on this machine: {reason}")
        command = [*setting.before, PYTHON, "-c", code]
        return subprocess.run(
            list(map(str, command)),
            env=run.child_environment(setting.variables),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=True,
        ).stdout.strip()

    return enter


@pytest.mark.slow
def test_without_hangul_fonts_neither_matplotlib_nor_fontconfig_knows_one(entered):
    hangul, files, *listed = entered("no-hangul", HANGUL + FONTCONFIG).split()
    assert int(hangul) == 0 < int(files) and listed == []


@pytest.mark.slow
def test_an_odd_hangul_font_is_the_only_one(entered):
    assert entered("odd-hangul", HANGUL).split()[0] == "1"


@pytest.mark.slow
def test_a_closed_home_cannot_be_written_to_and_other_folders_can(entered, tmp_path):
    code = (
        "import os, pathlib, tempfile\n"
        "tempfile.TemporaryFile().close()\n"
        "try: pathlib.Path.home().joinpath('new').mkdir()\n"
        "except OSError: print('closed', pathlib.Path.home())"
    )
    assert entered("home-closed", code) == f"closed {tmp_path / 'home'}"


@pytest.mark.slow
def test_without_a_network_loopback_alone_is_left(entered):
    assert entered("no-network", REACH)


@pytest.mark.slow
def test_a_clock_ahead_leaves_the_time_that_passes_as_it_is(entered):
    code = (
        "import datetime, subprocess, sys, time\n"
        "s, m = time.time(), time.monotonic(); time.sleep(0.2)\n"
        "print(time.time() - s < 5, 0.1 < time.monotonic() - m < 5, flush=True)\n"
        "code = 'import datetime; print(datetime.date.today())'\n"
        "subprocess.run([sys.executable, '-c', code])"
    )
    *honest, day = entered("clock-ahead", code).split()
    ahead = datetime.date.fromisoformat(day) - datetime.date.today()
    assert abs(ahead.days - matrix.DAYS_AHEAD) <= 1
    assert honest == ["True", "True"]


@pytest.mark.slow
def test_a_console_in_cp949_reads_and_writes_no_utf_8(entered):
    code = (
        "import sys, locale; print(sys.stdout.encoding, sys.flags.utf8_mode,"
        " locale.getencoding() == 'utf-8')"
    )
    assert entered("cp949", code) == "cp949 0 False"


@pytest.mark.skipif(os.name == "nt", reason="POSIX links")
def test_the_path_without_chromium_keeps_all_other_programs(tmp_path, monkeypatch):
    programs, shadow = tmp_path / "bin", tmp_path / "shadow"
    programs.mkdir()
    shadow.mkdir()
    for name in ("chromium", "git"):
        (programs / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    path = matrix.no_chromium(PYTHON, shadow).variables["PATH"]
    assert not any(shutil.which(name, path=path) for name in matrix.CHROMIUMS)
    assert shutil.which("git", path=path) and shutil.which("sh", path=path)


def test_the_copied_checkout_holds_what_git_knows():
    if not (ROOT / ".git").exists():
        with pytest.raises(matrix.NotHere, match="git"):
            matrix.tracked()
        return
    names = matrix.tracked()
    assert {"run.py", "requirements.lock", "tools/matrix.py"} <= set(names)
    assert not [name for name in names if name.startswith(".venv")]


# ---------------------------------------------------------------- names, turns, table


def test_an_exception_for_skips_belongs_to_an_environment_or_a_system():
    spec = importlib.util.spec_from_file_location("rule", ROOT / "conftest.py")
    rule = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rule)
    assert set(rule.MAY_SKIP) <= {*matrix.environments(), "win32", "darwin"}


def test_names_are_run_once_in_their_order_and_unknown_ones_are_refused():
    known = list(matrix.environments())
    assert matrix.chosen(["cp949", "here", "cp949"], known) == ["cp949", "here"]
    assert matrix.chosen(["all"], known) == known
    with pytest.raises(run.SetupError, match="'cp950'.*cp949"):
        matrix.chosen(["cp950"], known)


def test_each_commit_moves_the_turn_by_one_and_none_is_left_out(monkeypatch):
    known = list(matrix.environments())
    first = set()
    for count in range(len(known) - 1):
        monkeypatch.setattr(matrix, "commits", lambda count=count: count)
        turn = matrix.chosen(["here", "rotate"], known)
        assert turn[0] == "here" and sorted(turn) == sorted(known)
        first.add(turn[1])
    assert first == set(known) - {"here"}


def test_what_stands_after_the_dashes_is_for_pytest():
    options, extra = matrix.parsed(["--matrix", "cp949", "--minutes", "5", "--", "-k", "name"])
    assert (options.matrix, options.minutes, extra) == (["cp949"], 5, ["-k", "name"])


@pytest.fixture
def played(monkeypatch):
    """Runs a matrix whose environments take no time: status and counts are given."""

    def play(arguments, *, status=0, counts=(3, 0, 1)):
        monkeypatch.setattr(run, "pytest", lambda *_, **__: status)
        monkeypatch.setattr(run, "read_counts", lambda _: counts)
        return matrix.main(PYTHON, ["--matrix", *arguments])

    return play


def test_the_table_ends_in_the_total_that_ci_reads(played, capsys):
    assert played(["bf16", "no-bf16"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"no-bf16 +3 +0 +1 +\d+", lines[-3])
    assert lines[-1] == "6 passed, 0 failed, 2 skipped"


def test_a_run_that_fails_without_a_failed_test_counts_as_one(played, capsys):
    assert played(["bf16"], status=1) == 1
    assert capsys.readouterr().out.endswith("3 passed, 1 failed, 1 skipped\n")


def test_an_environment_that_this_machine_lacks_says_why_and_fails_nothing(
    played, capsys, monkeypatch
):
    monkeypatch.setattr(matrix.shutil, "which", lambda *_, **__: None)
    assert played(["bf16", "odd-hangul"]) == 0
    assert "not on this machine: fontconfig is not installed" in capsys.readouterr().out


def test_what_no_time_is_left_for_is_told(played, capsys):
    assert played(["bf16", "no-bf16", "--minutes", "-1"]) == 1
    assert capsys.readouterr().out.count("left for another run") == 2
