"""run.py: readable everywhere, installs once, goes on after an interruption."""

import ast
import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALONE = "pytest.mark.alone"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """run.py as a module that believes to live in a folder of the test's own."""
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(module, "PROJECT", tmp_path / "pyproject.toml")
    monkeypatch.setattr(module, "MARKER", tmp_path / ".venv" / "tripkit-installed.txt")
    monkeypatch.setattr(module.signal, "signal", lambda *_: None)
    return module


@pytest.fixture
def commands(run, monkeypatch):
    """Records the commands of the set-up instead of running them; `status` is what they return."""

    class Commands(list):
        status = 0

        def __call__(self, command, **_):
            self.append(" ".join(map(str, command)))
            if "venv.main" in self[-1]:
                python = run.VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
                python.parent.mkdir(parents=True, exist_ok=True)
                python.touch()
            return self.status if " install " in self[-1] else 0

    recorded = Commands()
    monkeypatch.setattr(run, "run", recorded)
    monkeypatch.setenv("TRIPKIT_TORCH_INDEX", "")
    return recorded


def python_of(encoding, code):
    """Runs code beside run.py on a console of some encoding; returns status, output bytes."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "ascii", "cp1252"])
def test_the_output_of_children_is_readable_on_every_console(encoding):
    child = r"print('\uc5fd\uc11c ok \U0001f5bc')"  # a Korean word and an emoji
    code = f"import run, sys; run.make_readable(); run.run([sys.executable, '-c', {child!r}])"
    status, output = python_of(encoding, code)
    text = output.decode(encoding)
    assert status == 0 and " ok " in text
    assert ("\uc5fd\uc11c" in text) == (encoding in ("utf-8", "cp949"))
    assert ("\\U0001f5bc" in text) == (encoding != "utf-8")


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "ascii"])
def test_help_is_readable_on_every_console(encoding):
    status, output = python_of(encoding, "import run; run.main(['--help'])")
    assert status == 0
    for task in ("app", "demo", "lab", "test", "test-fast", "lint", "lock"):
        assert f"{task}:" in output.decode(encoding)


def test_the_status_of_a_child_comes_through(run):
    assert run.run([sys.executable, "-c", "raise SystemExit(7)"], quiet=True) == 7


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13)])
def test_an_old_python_is_told_what_to_do(version):
    code = f"import runpy, sys; sys.version_info = {version}; runpy.run_path('run.py')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "needs Python 3.11 or newer" in done.stderr


def test_an_old_python_can_read_run_py_or_stops_at_a_line_that_names_the_right_one():
    text = (ROOT / "run.py").read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 6))  # comes as far as the check of the version
    assert "annotations" not in {name.name for name in ast.walk(tree) if type(name) is ast.alias}
    # Python 2 stops at the first annotation, and shows its line.
    first = next(node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign))
    assert tree.body.index(first) == 1
    assert "Python 3.11 or newer" in text.splitlines()[first.lineno - 1]


def test_cells_of_a_notebook_stay_together_and_other_tests_are_shared_out(run, monkeypatch):
    seen = []
    monkeypatch.setattr(run, "run", lambda command, **_: seen.append(command) or 0)
    monkeypatch.setattr(run, "WORKERS", 2)
    for name in ("test-fast", "test"):
        monkeypatch.setattr(run, "notebooks", lambda: [*run.NBVAL, "notebooks"])
        run.main([name, "--here"])
    spread = {"--nbval" in each: each[each.index("--dist") + 1] for each in seen if "-n" in each}
    assert spread == {False: "worksteal", True: "loadfile"}


def test_what_must_run_alone_is_slow_and_nothing_is_left_out_of_test(run, monkeypatch):
    seen = []
    monkeypatch.setattr(run, "run", lambda command, **_: seen.append(command) or 0)
    run.main(["test", "--here"])
    marks = [each[each.index("-m", 3) + 1] for each in seen if "pytest" in each]
    assert marks == [run.ALONE, f"not ({run.ALONE})"]
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        above = [lines[i - 1] for i, each in enumerate(lines) if each.startswith(f"@{ALONE}")]
        assert set(above) <= {"@pytest.mark.slow"}, path.name


def test_a_process_of_pytest_loads_nbval_for_notebooks_only(request, run):
    loaded = [name for name in sys.modules if name.split(".")[0] == "nbval"]
    assert bool(loaded) == request.config.getoption("nbval", default=False)


def test_files_that_are_named_take_the_place_of_all_tests(run, monkeypatch):
    seen = []
    monkeypatch.setattr(run, "run", lambda command, **_: seen.append([*map(str, command)]) or 0)
    monkeypatch.setattr(run, "ROOT", ROOT)
    run.main(["test-fast", "--here", "--", "tests/test_colors.py", "-k", "lab"])
    assert "tests/test_colors.py" in seen[0] and "tests" not in seen[0]
    assert seen[0][-2:] == ["-k", "lab"]
    seen.clear()
    run.main(["test", "--here", "tests/test_run.py::test_help", "-q"])
    assert len(seen) == 2 and not any("ruff" in command for command in seen)
    assert all("tests/test_run.py::test_help" in command for command in seen)
    assert not any(part in ("tests", "notebooks", "--nbval") for c in seen for part in c)
    seen.clear()
    run.main(["test", "--here", "notebooks/en"])
    assert all("--nbval" in command and "notebooks" not in command for command in seen)


def test_run_alone_shows_its_help_and_lint_takes_no_files(run, capsys):
    assert run.main([]) == 2
    assert "test-fast:" in capsys.readouterr().out
    assert run.main(["lint", "--here", "tests/test_run.py"]) == 1
    assert "'tests/test_run.py'" in capsys.readouterr().out


def test_what_tools_refuse_is_told_in_a_sentence():
    command = [sys.executable, "run.py", "test", "--here", "--matrix", "nosuch"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 1 and done.stderr == ""
    assert done.stdout.startswith("run.py: no environment 'nosuch'")


def test_an_unknown_task_is_refused(run, capsys):
    with pytest.raises(SystemExit, match="2"):
        run.main(["dmeo"])
    assert "invalid choice: 'dmeo'" in capsys.readouterr().err


def test_what_run_does_not_know_goes_to_the_task(run, monkeypatch):
    seen = []
    monkeypatch.setattr(run, "run", lambda command, **_: seen.append(command[1:]) or 0)
    assert run.main(["app", "--here", "--language", "en", "--no-browser"]) == 0
    assert seen == [["-m", "tripkit.cli", "app", "--language", "en", "--no-browser"]]


def test_the_demo_runs_in_the_folder_of_its_user(run, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(run, "run", lambda command, *, folder: seen.append(folder) or 0)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert run.main(["demo", "--here"]) == 0
    assert seen == [elsewhere]


@pytest.mark.process
def test_the_demo_imports_nothing_of_its_users_own(tmp_path):
    for name in ("random", "torch", "typer"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not ours')", encoding="utf-8")
    command = [sys.executable, ROOT / "run.py", "demo", "--here", "--no-such-option"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True)
    told = done.stdout + done.stderr
    assert b"--no-such-option" in told and b"not ours" not in told


def test_the_first_run_installs_and_the_second_does_not(run, commands):
    run.ready_python()
    assert ["venv" in commands[0], "-r" in commands[1], "--editable" in commands[2]] == [True] * 3
    assert "--no-build-isolation" in commands[2]
    commands.clear()
    run.ready_python()
    assert commands == []


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_is_installed_again(run, commands, tmp_path, name):
    run.ready_python()
    commands.clear()
    with (tmp_path / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    run.ready_python()
    assert any("-r" in command for command in commands)
    assert not any("venv.main" in command for command in commands)


def test_an_interrupted_installation_is_taken_up_again(run, commands):
    commands.status = 1
    with pytest.raises(run.SetupError, match="same command again"):
        run.ready_python()
    assert not run.MARKER.exists()
    commands.status = 0
    commands.clear()
    run.ready_python()
    assert run.MARKER.exists()
    assert not any("venv.main" in command for command in commands)  # it goes on, not anew


def test_an_environment_that_does_not_work_is_made_anew(run, commands, monkeypatch):
    run.ready_python()
    run.MARKER.unlink()
    commands.clear()
    record = commands.__call__
    monkeypatch.setattr(
        run, "run", lambda command, **_: record(command) or int("import pip" in str(command[-1]))
    )
    run.ready_python()
    assert any("venv.main" in command for command in commands)


def test_a_folder_that_is_no_environment_is_left_alone(run, commands):
    run.VENV.mkdir()
    (run.VENV / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(run.SetupError, match="is no Python environment"):
        run.ready_python()
    assert commands == []


def test_a_file_in_the_place_of_the_environment_is_left_alone(run, commands):
    run.VENV.write_text("mine", encoding="utf-8")
    with pytest.raises(run.SetupError, match="is in the way"):
        run.ready_python()
    assert commands == [] and run.VENV.read_text(encoding="utf-8") == "mine"


def test_a_checkout_that_cannot_be_written_to_is_told_in_a_sentence(run, monkeypatch, capsys):
    def closed(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(run, "only_one", closed)
    assert run.main(["demo"]) == 1
    told = capsys.readouterr().out
    assert f"setting up in {run.ROOT} failed: Permission denied" in told and "copy the" in told


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_while_the_environment_is_made_ends_in_one_sentence(tmp_path):
    slow = tmp_path / "slow" / "venv.py"
    slow.parent.mkdir()
    slow.write_text(SLOW_VENV, encoding="utf-8")
    for name in ("run.py", "requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    # Only the child looks there: run.py itself imports no venv.
    code = (
        "import run, signal, sys; run.child_environment = lambda settings=None: "
        f"{{**run.os.environ, 'PYTHONPATH': {str(slow.parent)!r}}}; "
        # A shell lets what it starts in the background ignore Ctrl+C.
        "signal.signal(signal.SIGINT, signal.default_int_handler); sys.exit(run.main(['demo']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    lines = []
    with process.stdout:
        for line in process.stdout:
            lines.append(line)
            if "half made" in line:
                os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=15) == 130, lines
    assert "Traceback" not in "".join(lines) and lines[-1].startswith("Stopped.")


SLOW_VENV = """
import time

def main(arguments):
    print("half made", flush=True)
    time.sleep(60)
"""


def test_of_two_at_once_the_second_waits(run, tmp_path, capsys):
    order = []

    def second():
        with run.only_one(tmp_path / "lock"):
            order.append("second")

    with run.only_one(tmp_path / "lock"):
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.2)
        order.append("first")
    thread.join(timeout=10)
    assert order == ["first", "second"]
    assert "waiting" in capsys.readouterr().out


@pytest.fixture
def linux(run, commands, monkeypatch):
    """A Linux without torch or GPU; returns a function that sets what pip and the index say."""
    monkeypatch.setattr(run.sys, "platform", "linux")
    monkeypatch.setattr(run, "CPU_TORCH", "https://cpu.example/whl")
    monkeypatch.delenv("TRIPKIT_TORCH_INDEX")
    monkeypatch.setattr(run.Path, "exists", lambda path: False)
    record = commands.__call__
    monkeypatch.setattr(run, "run", lambda command, **_: record(command) or int("-c" in command))

    def answers(*, pip, index):
        done = subprocess.CompletedProcess([], 0, stdout=pip)
        monkeypatch.setattr(run.subprocess, "run", lambda *_, **__: done)
        monkeypatch.setattr(run, "reachable", lambda url: index)

    return answers


def torch_version(run) -> str:
    lines = run.LOCK.read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith("torch==")]
    return line.removeprefix("torch==").split()[0]


def test_a_cpu_build_that_pip_finds_by_itself_is_left_to_pip(run, commands, linux):
    linux(pip=f"Available versions: 99.0, {torch_version(run)}+cpu, 1.0", index=True)
    run.install_cpu_torch("python", run.LOCK)
    assert not any(" install " in command for command in commands)


def test_linux_without_a_gpu_takes_torch_from_the_cpu_index(run, commands, linux):
    linux(pip=f"Available versions: {torch_version(run)}", index=True)
    run.install_cpu_torch("python", run.LOCK)
    assert "--index-url https://cpu.example/whl" in commands[-1]
    assert commands[-1].endswith(f"torch=={torch_version(run)}")


def test_an_index_that_does_not_answer_is_said_and_not_used(run, commands, linux, capsys):
    linux(pip="", index=False)
    run.install_cpu_torch("python", run.LOCK)
    assert not any(" install " in command for command in commands)
    assert "CUDA build" in capsys.readouterr().out


@pytest.mark.process
def test_a_failed_installation_says_where_the_index_cannot_be_reached(run, monkeypatch):
    monkeypatch.setattr(run, "install_cpu_torch", lambda *_: None)
    monkeypatch.setattr(run, "run", lambda command, **_: 1)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")  # where nobody listens
    for name in ("PIP_NO_INDEX", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    with pytest.raises(run.SetupError, match=r"index cannot be reached: check the network first"):
        run.install(Path(sys.executable), run.LOCK)
    monkeypatch.setattr(run, "output", lambda command: "pip (99.0)")  # then it is something else
    with pytest.raises(run.SetupError, match=r"from there\.$"):
        run.install(Path(sys.executable), run.LOCK)


def test_other_systems_and_an_empty_index_leave_torch_to_the_lock(
    run, commands, linux, monkeypatch
):
    linux(pip="", index=True)
    monkeypatch.setenv("TRIPKIT_TORCH_INDEX", "")
    run.install_cpu_torch("python", run.LOCK)
    monkeypatch.delenv("TRIPKIT_TORCH_INDEX")
    monkeypatch.setattr(run.sys, "platform", "win32")
    run.install_cpu_torch("python", run.LOCK)
    assert commands == []


REPORT = '<?xml version="1.0"?><testsuites name="pytest tests"><testsuite name="pytest" {}>'


def test_the_totals_of_both_test_runs_are_added_up(run, monkeypatch, capsys):
    heads = iter(
        [
            (10, 'errors="1" failures="2" skipped="3" tests="12"'),
            (5, 'errors="0" failures="0" skipped="0" tests="5"'),
        ]
    )

    def fake_run(command, **_):
        for part in map(str, command):
            if part.startswith("--junitxml="):
                report = Path(part.removeprefix("--junitxml="))
                count, head = next(heads)
                text = REPORT.format(head) + count * '<testcase name="test">'
                report.write_text(text, encoding="utf-8")
                return 1 if "alone" in part else 0
        return 0

    monkeypatch.setattr(run, "run", fake_run)
    assert run.test(Path("python"), []) == 1
    assert capsys.readouterr().out.endswith("9 passed, 3 failed, 3 skipped\n")


@pytest.mark.process
def test_a_report_counts_each_test_once_with_subtests_or_without(run, tmp_path):
    tests = tmp_path / "test_few.py"
    tests.write_text(
        "import pytest\n"
        "def test_many(subtests):\n"
        "    for i in range(5):\n"
        "        with subtests.test(i=i):\n"
        "            pass\n"
        "def test_plain(): pass\n"
        "def test_wrong(): assert 0\n"
        "@pytest.mark.skip\n"
        "def test_skipped(): pass\n"
        "@pytest.mark.xfail(strict=True)\n"
        "def test_missed(): assert 0\n",
        encoding="utf-8",
    )
    report = tmp_path / "report.xml"
    options = ["-q", "-p", "no:cacheprovider", "--rootdir", tmp_path, f"--junitxml={report}"]
    subprocess.run([sys.executable, "-m", "pytest", *options, tests], cwd=tmp_path, check=False)
    assert run.read_counts(report) == (2, 1, 1)


def test_a_run_without_any_test_is_no_success(run, monkeypatch):
    monkeypatch.setattr(run, "run", lambda command, **_: 5 if "pytest" in command else 0)
    assert run.test(Path("python"), []) == 1


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_stopping_run_stops_its_child(tmp_path):
    note = tmp_path / "pid"
    write = f"open({str(note)!r}, 'w', encoding='utf-8').write(str(os.getpid()))"
    child = f"import os, time; {write}; time.sleep(60)"
    code = (
        "import run, sys, signal; signal.signal(signal.SIGTERM, lambda *_: sys.exit(143)); "
        f"run.run([sys.executable, '-c', {child!r}])"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    while not (note.exists() and note.read_text(encoding="utf-8")):
        time.sleep(0.05)
    process.terminate()
    assert process.wait(timeout=15) == 143
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text(encoding="utf-8")), 0)


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_server_that_stops_on_ctrl_c_is_no_failure(run, monkeypatch):
    class Server:
        returncode = 0
        calls = 0

        def wait(self, timeout=None):
            self.calls += 1
            if self.calls == 1:
                raise KeyboardInterrupt
            return 0

        def poll(self):
            return 0

    assert run.wait_for(Server(), server=True) == 0
    with pytest.raises(KeyboardInterrupt):  # what it says of another child may be a lost status
        run.wait_for(Server(), server=False)


def test_the_environment_is_never_made_with_its_own_python(run, monkeypatch):
    monkeypatch.setattr(run.sys, "prefix", str(run.VENV))
    monkeypatch.setattr(run.sys, "_base_executable", "base-python")
    assert run.base_python() == "base-python"
    monkeypatch.setattr(run.sys, "prefix", "elsewhere")
    assert run.base_python() == sys.executable
