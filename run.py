"""The one door to tripkit: sets everything up by itself, then runs a task.

    python run.py app        the trip app in your browser
    python run.py test       every test, exactly what CI runs
    python run.py demo       the same job without a browser: three trips and postcard.png

It needs Python 3.11 or newer and nothing else: this file uses the standard library only, makes
.venv beside itself, and installs the exact versions of requirements.lock into it once.
"""

OLDEST_PYTHON: tuple = (3, 11)  # a SyntaxError here says: run this with Python 3.11 or newer

import argparse
import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

if sys.version_info < OLDEST_PYTHON:  # noqa: UP036  (this file is read by whatever Python is there)
    sys.exit(
        f"tripkit needs Python 3.11 or newer, and this is Python {sys.version.split()[0]} "
        f"({sys.executable}).\nInstall a newer one (python.org, or conda: see README.md) and run "
        "this again with it."
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
OLDEST, NEWEST = (ROOT / "tools" / "locks" / f"{name}.lock" for name in ("oldest", "newest"))
HEADS = {
    "requirements": "Exact versions for lectures and CI.",
    "oldest": "The oldest versions that pyproject.toml allows, for the test matrix.",
    "newest": "The newest versions that pyproject.toml allows, for the test matrix (--newest).",
}
PROJECT = ROOT / "pyproject.toml"
MARKER = VENV / "tripkit-installed.txt"
# PyTorch's own index of builds without CUDA; TRIPKIT_TORCH_INDEX names another, or "" for none.
CPU_TORCH = "https://download.pytorch.org/whl/cpu"
LOCK_TOOL = "uv==0.13.9"
# torch pins its GPU libraries itself, and a CPU build needs none: they stay out of the lock.
GPU_LIBRARIES = ("nvidia-", "cuda-", "triton")
WORKERS = min(4, os.cpu_count() or 1)
# What -n 2 must not run: a browser, and tests that measure seconds.
ALONE = "browser or alone"
# pyproject.toml leaves it out: its import costs every process of pytest seconds.
NBVAL = ("-p", "nbval", "--nbval", "--nbval-current-env")
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")


class SetupError(Exception):
    """Setting up did not work; the text says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the task that the command line names; returns its exit status."""
    make_readable()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    arguments = sys.argv[1:] if arguments is None else arguments
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    if not arguments:
        parser().print_help()
        return 2
    options, extra = parser().parse_known_args(arguments[:cut])
    extra += arguments[cut:]
    try:
        python = Path(sys.executable) if options.here else ready_python()
        return TASKS[options.task](python, extra)
    except SetupError as error:
        say(f"run.py: {error}")
        return 1
    except KeyboardInterrupt:
        say("Stopped. Run the same command again to go on.")
        return 130


def parser() -> argparse.ArgumentParser:
    """The command line; what it does not know goes on to the task."""
    tasks = "".join(
        f"  {name + ':':<12}{task.__doc__.splitlines()[0]}\n" for name, task in TASKS.items()
    )
    result = argparse.ArgumentParser(
        prog="run.py",
        description=f"Sets tripkit up in .venv (once), then runs a task:\n\n{tasks}",
        epilog="Further options go to the task: app --language en --no-browser --port 8866;\n"
        "lab --no-browser; test -k name; test --matrix list; lint --fix; lock --upgrade.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    result.add_argument("task", choices=list(TASKS), metavar="TASK")
    result.add_argument(
        "--here",
        action="store_true",
        help="use the Python that runs this as it is (say, conda's); install nothing",
    )
    return result


# ---------------------------------------------------------------- tasks


def app(python: Path, extra: list[str]) -> int:
    """The trip app in your browser, on 127.0.0.1 only."""
    return run([python, "-m", "tripkit.cli", "app", *extra], server=True)


def demo(python: Path, extra: list[str]) -> int:
    """Three trips for the lecture's request, and postcard.png in the current folder."""
    # -P: a random.py or torch.py of the user's own in that folder is not ours to import.
    return run([python, "-P", "-m", "tripkit.cli", "demo", *extra], folder=Path.cwd())


def lab(python: Path, extra: list[str]) -> int:
    """The notebooks in JupyterLab."""
    quiet = [
        "--ServerApp.answer_yes=True",  # Ctrl+C stops it without a question
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    folder = f"--ServerApp.root_dir={ROOT / 'notebooks'}"
    command = [python, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", folder, *quiet, *extra]
    return run(command, server=True)


def test(python: Path, extra: list[str]) -> int:
    """Everything that CI checks: ruff, tests, browser, notebooks; or the FILES named (--matrix)."""
    if "--matrix" in extra:
        from tools import matrix

        return matrix.main(python, extra)
    passed, counts = everything(python, extra)
    say(total(*counts))
    return 0 if passed else 1


def everything(python: Path, extra: list[str]) -> tuple[bool, tuple[int, int, int]]:
    """Lints and runs all tests: whether all is well, and passed, failed and skipped.

    Where ``extra`` names files of tests or notebooks, it runs these alone and does not lint.
    """
    files, extra = named_files(extra)
    lint_failed = not files and lint(python, [])
    if any("notebooks" in Path(file).parts for file in files):
        files = [*NBVAL, *files]
    with tempfile.TemporaryDirectory() as reports:
        alone, rest = Path(reports, "alone.xml"), Path(reports, "rest.xml")
        statuses = [
            pytest(python, [*(files or ["tests"]), "-m", ALONE, f"--junitxml={alone}", *extra]),
            pytest(
                python,
                [
                    *(files or ["tests", *notebooks()]),
                    *("-m", f"not ({ALONE})", f"--junitxml={rest}"),
                    *extra,
                ],
                workers=WORKERS,
            ),
        ]
        counts = [read_counts(report) for report in (alone, rest)]
    passed, failed, skipped = (sum(column) for column in zip(*counts, strict=True))
    failed_runs = [status for status in statuses if status not in (0, 5)]  # 5: nothing to run
    if lint_failed:
        say("lint failed: see above; `python run.py lint --fix` mends most of it.")
    return not (lint_failed or failed_runs or not passed), (passed, failed, skipped)


def total(passed: int, failed: int, skipped: int) -> str:
    """The line that CI reads."""
    return f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")


def test_fast(python: Path, extra: list[str]) -> int:
    """Unit tests only: no notebooks, no browser, nothing slow, no processes of their own."""
    selected = f"not ({ALONE} or process or slow or notebook)"
    files, extra = named_files(extra)
    return pytest(python, [*(files or ["tests"]), "-m", selected, *extra], workers=WORKERS)


def named_files(extra: list[str]) -> tuple[list[str], list[str]]:
    """The files (folders, tests in a file) among the words for pytest, and the other words."""
    files = [part for part in extra if part[:1] != "-" and Path(ROOT, part.split("::")[0]).exists()]
    return files, [part for part in extra if part not in files]


def test_mnist(python: Path, extra: list[str]) -> int:
    """The notebooks on digits with real MNIST, which is downloaded once (11 MB)."""
    digits = sorted(map(str, ROOT.glob("notebooks/*/0[1-5]_*.ipynb")))
    return pytest(python, [*NBVAL, *digits, *extra], TRIPKIT_DIGITS="mnist")


def lint(python: Path, extra: list[str]) -> int:
    """Ruff's rules and format, notebooks included (--fix mends), and mypy's types."""
    unknown = set(extra) - {"--fix", "--"}
    if unknown:
        raise SetupError(f"lint looks at everything and takes only --fix, not {min(unknown)!r}")
    fix = "--fix" in extra
    rules = run([python, "-m", "ruff", "check", *(["--fix"] if fix else []), "."])
    layout = run([python, "-m", "ruff", "format", *([] if fix else ["--diff"]), "."])
    types = run([python, "-m", "mypy"])
    return 1 if rules or layout or types else 0


def lock(python: Path, extra: list[str]) -> int:
    """Writes the locks anew from pyproject.toml (--upgrade: newer versions; --newest)."""
    call([python, *PIP, "install", "--quiet", LOCK_TOOL], "cannot install the lock tool")
    if "--newest" in extra:
        # A newer torch would bring GPU libraries of several GB to every run that tries it.
        solve(python, NEWEST, "--upgrade", pinned=["torch"])
    else:
        solve(python, LOCK, *extra)
        solve(python, OLDEST, "--resolution", "lowest-direct", *extra)
    return 0


def solve(python: Path, path: Path, *options: str, pinned=()) -> None:
    """Writes one lock; versions already in it stay unless --upgrade is given."""
    with tempfile.TemporaryDirectory() as folder:
        solved, pins = Path(folder, "solved.txt"), Path(folder, "pins.txt")
        if path.exists():
            shutil.copy(path, solved)
        same = [f"{name}=={locked_version(LOCK, name)}" for name in pinned]
        pins.write_text("\n".join(same), encoding="utf-8")
        tool = [python, "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11"]
        plain = ["--extra", "dev", "--extra", "lora", "--constraint", pins]
        plain += ["--no-header", "--no-annotate", "--quiet", "--no-emit-index-url"]
        call([*tool, *plain, *options, "-o", solved, PROJECT], "the versions could not be solved")
        lines = solved.read_text(encoding="utf-8").splitlines()
    left_out = (*GPU_LIBRARIES, "#")
    kept = [line for line in lines if line and not line.startswith(left_out)]
    kept = [line for line in kept if "sys_platform == 'emscripten'" not in line]  # no browser's
    head = f"# {HEADS[path.stem]} Written by `python run.py lock`; do not edit."
    path.write_text("\n".join([head, *kept, ""]), encoding="utf-8", newline="\n")
    say(f"{path.name}: {len(kept)} packages")


def locked_version(path: Path, name: str) -> str:
    """The version of a package in a lock."""
    text = path.read_text(encoding="utf-8")
    return re.search(rf"^{name}==([\w.]+)", text, re.MULTILINE)[1]


TASKS = {
    "app": app,
    "demo": demo,
    "lab": lab,
    "test": test,
    "test-fast": test_fast,
    "test-mnist": test_mnist,
    "lint": lint,
    "lock": lock,
}


def pytest(
    python: Path, arguments: list[str], *, workers: int = 1, before=(), **settings: str
) -> int:
    """Runs pytest; with several workers, each has one thread, and notebooks stay with one.

    ``before`` are words before the command, ``settings`` environment variables.
    """
    arguments = [part for part in arguments if part != "--"]  # it would make files of the rest
    # No model can be downloaded by a test; what one process compiles, the next one need not.
    settings = {"HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "", **settings}
    if workers > 1:
        # A notebook's cells need one kernel; conftest.py puts the files that take longest first.
        whole = ["loadfile", "--no-loadscope-reorder"]
        dist = whole if "--nbval" in arguments else ["worksteal"]
        arguments = ["-n", str(workers), "--dist", *dist, *arguments]
        settings = {"TRIPKIT_THREADS": "1", "OMP_NUM_THREADS": "1", **settings}
    return run([*before, python, "-m", "pytest", *arguments], settings=settings)


def notebooks() -> list[str]:
    """What makes pytest execute the committed notebooks, where there are some."""
    return [*NBVAL, "notebooks"] if any(ROOT.glob("notebooks/*/*.ipynb")) else []


def read_counts(report: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped of one JUnit report; zeros where pytest wrote none.

    JUnit counts a bar that is known to be missed (xfail) as skipped: it is neither here. Its own
    sum of tests counts each subtest once more.
    """
    if not report.exists():
        return 0, 0, 0
    xml = report.read_text(encoding="utf-8")
    number = {key: int(value) for key, value in re.findall(r'(\w+)="(\d+)"', xml[:2000])}
    missed = xml.count('type="pytest.xfail"')
    failed, skipped = number["failures"] + number["errors"], number["skipped"] - missed
    return xml.count("<testcase ") - failed - skipped - missed, failed, skipped


# ---------------------------------------------------------------- set-up


def ready_python() -> Path:
    """The interpreter of .venv, with everything installed that the lock names."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if is_installed(python):
        return python
    try:
        with only_one(ROOT / ".venv.lock"):
            if not is_installed(python):  # the one before us may have done it
                started = time.monotonic()
                make_venv(python)
                install(python, LOCK)
                MARKER.write_text(fingerprint(), encoding="utf-8")
                say(f"Ready after {time.monotonic() - started:.0f} s.")
    except OSError as error:
        raise SetupError(
            f"setting up in {ROOT} failed: {error.strerror or error}. Make room and the right to "
            "write there, or copy the folder to a place of your own, and run this again."
        ) from error
    return python


def is_installed(python: Path) -> bool:
    """Whether the last installation came to its end, and from these very files."""
    try:
        return python.exists() and MARKER.read_text(encoding="utf-8") == fingerprint()
    except OSError:
        return False


def fingerprint() -> str:
    """Changes with whatever asks for a new installation."""
    texts = (path.read_text(encoding="utf-8") for path in (LOCK, PROJECT))
    return hashlib.sha256("\0".join([str(ROOT), *texts]).encode()).hexdigest()


def make_venv(python: Path) -> None:
    """Makes .venv; one that is broken (half made, or its Python is gone) is made anew."""
    if python.exists():
        probe = f"import pip, sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
        if run([python, "-c", probe], quiet=True) == 0:
            return
        say("The environment in .venv does not work any more: making it anew.")
    elif VENV.is_file() or is_foreign(VENV):
        raise SetupError(f"{VENV} is in the way and is no Python environment. Move it, try again.")
    else:
        say("Setting up for the first time: this takes some minutes and a download (README.md).")
    new_venv(base_python(), VENV)


def is_foreign(folder: Path) -> bool:
    """Whether a folder holds something, and no environment."""
    return folder.is_dir() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").exists()


def new_venv(base: str, folder: Path) -> None:
    """Makes an empty environment. On Ctrl+C the child just ends: its traceback tells nobody."""
    code = "import signal as s, sys, venv; s.signal(s.SIGINT, s.SIG_DFL); venv.main(sys.argv[1:])"
    call(
        [base, "-c", code, "--clear", folder],
        "Python's venv module does not work here. On Debian and Ubuntu: "
        "sudo apt-get install python3-venv, then run this again",
    )


def base_python() -> str:
    """The Python to make .venv with: never the one inside it, which --clear would remove."""
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    return sys._base_executable if inside else sys.executable


def install(python: Path, lock: Path) -> None:
    """Installs a lock's exact versions, then this folder itself as an editable package."""
    advice = "The installation failed: see above. Run the same command again to go on from there"
    install_cpu_torch(python, lock)
    if run([python, *PIP, "install", "-r", lock]) != 0:
        raise SetupError(f"{advice}.{network_advice(python)}")
    # setuptools is in the lock: no second copy has to be fetched to build an editable wheel.
    here = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", ROOT]
    call([python, *PIP, *here], advice)


def network_advice(python: Path) -> str:
    """What a failed installation says where the package index cannot be reached."""
    probe = ["index", "versions", "pip", "--retries", "0", "--timeout", "5"]
    if os.environ.get("PIP_NO_INDEX") or output([python, *PIP, *probe]):
        return ""
    return (
        " The package index cannot be reached: check the network first (or prepare this machine "
        "without one: README.md)."
    )


def install_cpu_torch(python: Path, lock: Path) -> None:
    """On Linux without an NVIDIA driver, takes torch's CPU build: it saves several GB.

    Elsewhere, and where pip is already set up to find a CPU build, the plain index is right.
    """
    index = os.environ.get("TRIPKIT_TORCH_INDEX", CPU_TORCH)
    if sys.platform != "linux" or not index or Path("/proc/driver/nvidia").exists():
        return
    version = locked_version(lock, "torch")
    probe = f"import importlib.metadata as m; assert m.version('torch').startswith('{version}')"
    if run([python, "-c", probe], quiet=True) == 0:
        return
    offered = output([python, *PIP, "index", "versions", "torch"])
    if f"{version}+cpu" in re.split(r"[,\s]+", offered):
        return
    if reachable(f"{index}/torch/"):
        run([python, *PIP, "install", "--no-deps", "--index-url", index, f"torch=={version}"])
    else:
        say(f"{index} cannot be reached: the package index may serve a CUDA build of several GB.")


def reachable(url: str) -> bool:
    """Whether the page answers within seconds."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except (OSError, ValueError):
        return False


@contextlib.contextmanager
def only_one(path: Path):
    """Holds a lock on a file while the body runs; the system frees it if we are killed."""
    with path.open("a+", encoding="utf-8") as file:
        told = False
        while not try_lock(file):
            if not told:
                say("Another run.py is installing into .venv: waiting for it.")
            told = True
            time.sleep(0.5)
        yield


def try_lock(file) -> bool:
    """Locks an open file for this process, or says at once that another one holds it."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


# ---------------------------------------------------------------- processes


def child_environment(settings: dict[str, str] | None = None) -> dict[str, str]:
    """The environment for every child: UTF-8, our .venv first, no telemetry, no other packages."""
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}
    for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"):
        environment.pop(name, None)
    return environment | {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **(settings or {}),
    }


def call(command: list, advice: str) -> None:
    """Runs a command of the set-up; turns its failure into advice."""
    if run(command) != 0:
        raise SetupError(advice + ".")


def run(
    command: list, *, folder: Path = ROOT, settings=None, quiet: bool = False, server: bool = False
) -> int:
    """Runs a command until it ends, passing its output on; returns its exit status.

    On Ctrl+C it waits for the command and raises KeyboardInterrupt; a server that then ends well
    was asked to, and has done as it should.

    Children write UTF-8. A console that reads something else gets each character that it can
    show, and an escape for the others, so the output passes through us there.
    """
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    piped = not quiet and encoding != "utf8"
    output = subprocess.DEVNULL if quiet else subprocess.PIPE if piped else None
    sys.stdout.flush()
    # Without a terminal of its own, pip would print each finished bar.
    bars = {"PIP_PROGRESS_BAR": "off"} if piped else {}
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env=child_environment({**bars, **(settings or {})}),
        stdout=output,
        stderr=subprocess.STDOUT if piped else output,
        encoding="utf-8" if piped else None,
        errors="replace" if piped else None,
    )
    reader = threading.Thread(target=pass_on, args=[process.stdout], daemon=True)
    if piped:
        reader.start()
    try:
        return wait_for(process, server=server)
    finally:
        if piped:
            reader.join(timeout=5)


def output(command: list) -> str:
    """What a command prints, its errors aside; empty where it cannot be started."""
    try:
        return subprocess.run(
            [str(part) for part in command],
            env=child_environment(),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        ).stdout
    except OSError:
        return ""


def pass_on(lines) -> None:
    """Writes a child's lines to our own console."""
    for line in lines:
        say(line, end="")


def wait_for(process: subprocess.Popen, *, server: bool) -> int:
    """Waits for a child. Ctrl+C reaches the child too, which gets ten seconds to stop cleanly."""
    try:
        code = process.wait()
    except BaseException as reason:
        if not isinstance(reason, KeyboardInterrupt):
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(timeout=10)
        if process.poll() is None:
            process.kill()
            process.wait()
        # Of a child that Ctrl+C kills, Popen says 0 where it is interrupted between hearing of
        # the end and keeping the status: for what is not a server, that is no success.
        if server and isinstance(reason, KeyboardInterrupt) and process.returncode == 0:
            return 0
        raise
    if code == -signal.SIGINT:  # the child heard Ctrl+C before we did
        raise KeyboardInterrupt
    return code


def make_readable() -> None:
    """Lets our own output through on every console: what it cannot show becomes an escape."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # a replaced stream may lack it
            stream.reconfigure(errors="backslashreplace")


def say(text: str, end: str = "\n") -> None:
    """Prints at once, so that lines of ours and of children stay in order."""
    print(text, end=end, flush=True)


if __name__ == "__main__":
    # Under its own name: what tools/ import is this very module, and so are the errors they raise.
    import run as door

    sys.exit(door.main())
