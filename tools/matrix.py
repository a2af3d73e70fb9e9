"""`python run.py test --matrix [NAME ...]`: the tests in named environments, a line for each.

An environment takes away, or changes, one thing that a machine may lack or have differently. It
runs the quick tests, and the notebooks too where these can come out differently. The standard
library is enough here, as in run.py.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import run

QUICK, WITH_BROWSER = "not (browser or slow or notebook)", "not (slow or notebook)"
HERE, ALL, ROTATE, LIST = "here", "all", "rotate", "list"
VENVS = run.ROOT / ".venv-matrix"
DAYS_AHEAD = 200  # past the last day of every model that the registry sees retire
MINORS = ("3.11", "3.12", "3.13", "3.14", "3.15")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
# Hangul fonts that a Korean student's machine is likely to have: an odd one is none of these.
USUAL_FONTS = re.compile("Malgun|Apple|Nanum|Noto|Dotum|Gulim|Batang")


class NotHere(Exception):
    """This machine cannot run an environment; the text is the reason."""


@dataclass
class Setting:
    """What an environment sets.

    Attributes:
        python: whose packages the tests use.
        before: words before the command, such as ``unshare -rn``.
        variables: environment variables.
        root: the checkout that is tested, with its own set-up by its own run.py; None is this one.
        workers: processes of pytest.
        note: stands at the end of the line of results.
    """

    python: Path
    before: tuple = ()
    variables: dict[str, str] = field(default_factory=dict)
    root: Path | None = None
    workers: int = run.WORKERS
    note: str = ""


@dataclass(frozen=True)
class Environment:
    """A name, what sets it up (in a folder that is gone afterwards), and what runs in it."""

    name: str
    about: str
    enter: Callable[[Path, Path], Setting]
    notebooks: bool = False
    marks: str = QUICK


@dataclass
class Row:
    """A line of the table."""

    name: str
    counts: tuple[int, int, int] | None = None  # passed, failed, skipped
    seconds: float = 0.0
    note: str = ""

    def __str__(self) -> str:
        numbers = self.counts or ("-", "-", "-")
        cells = "".join(f"{number:>9}" for number in numbers)
        return f"{self.name:<14}{cells}{self.seconds:>9.0f}  {self.note}".rstrip()


HEAD = f"{'environment':<14}{'passed':>9}{'failed':>9}{'skipped':>9}{'seconds':>9}"


def main(python: Path, arguments: list[str]) -> int:
    """Runs the environments that are named, and prints their table; 1 where anything failed."""
    options, extra = parsed(arguments)
    known = environments()
    if LIST in options.matrix or not options.matrix:
        for name, environment in known.items():
            run.say(f"{name:<14} {environment.about}")
        run.say(
            f"\nrun.py test --matrix NAME ...; {ALL} runs every one, which takes an hour or two."
        )
        return 0
    names = chosen(options.matrix, list(known))
    rows, started = [], time.monotonic()
    for name in names:
        if time.monotonic() - started > 60 * options.minutes:
            rows.append(Row(name, note=f"left for another run: {options.minutes:g} minutes are up"))
            continue
        run.say(f"\n{'=' * 20} {name}: {known[name].about}")
        rows.append(tried(known[name], python, extra))
    return report(rows)


def parsed(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """The matrix's own options; what stands after ``--`` is pytest's."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="run.py test", allow_abbrev=False)
    parser.add_argument(
        "--matrix",
        nargs="*",
        metavar="NAME",
        help=f"environments; {ALL}; {LIST}; or {ROTATE}: all, from one on that each commit moves",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=float("inf"),
        help="begin no further environment after so many",
    )
    return parser.parse_args(arguments[:cut]), arguments[cut + 1 :]


def chosen(names: list[str], known: list[str]) -> list[str]:
    """The environments to run, each once, in the order in which they were named.

    Raises:
        run.SetupError: an unknown name.
    """
    found = []
    for name in names:
        group = known if name == ALL else rotated(known) if name == ROTATE else [name]
        if unknown := set(group) - set(known):
            raise run.SetupError(f"no environment {unknown.pop()!r}; known: {', '.join(known)}")
        found += [each for each in group if each not in found]
    return found


def rotated(names: list[str]) -> list[str]:
    """All but the plain run, from another one on for each commit: each gets its turn."""
    names = [name for name in names if name != HERE]
    start = commits() % len(names)
    return names[start:] + names[:start]


def commits() -> int:
    """How many commits led here; 0 without git."""
    try:
        done = subprocess.run(
            ["git", "rev-list", "--count", "HEAD"], cwd=run.ROOT, capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(done.stdout)


def tried(environment: Environment, python: Path, extra: list[str]) -> Row:
    """Runs the tests in one environment."""
    row, started = Row(environment.name), time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            if environment.name == HERE:
                passed, row.counts = run.everything(python, extra)
            else:
                setting = environment.enter(python, Path(folder))
                passed, row.counts = tested(environment, setting, Path(folder), extra)
                row.note = setting.note
            if not passed and row.counts[1] == 0:
                row.counts = (row.counts[0], 1, row.counts[2])
                row.note = "see above: lint, a skip that is not allowed, or no test at all"
        except NotHere as reason:
            row.note = f"not on this machine: {reason}"
        except run.SetupError as error:
            row.counts, row.note = (0, 1, 0), f"set-up: {error}"
    row.seconds = time.monotonic() - started
    return row


def tested(environment: Environment, setting: Setting, folder: Path, extra: list[str]):
    """Whether all is well, and passed, failed and skipped."""
    # CI: a skip counts as failed, but for those that conftest.py grants to this environment.
    variables = {"CI": "true", "TRIPKIT_MATRIX": environment.name, **setting.variables}
    report = folder / "report.xml"
    arguments = [f"--junitxml={report}", *extra]
    if setting.root:
        door = [*setting.before, setting.python, setting.root / "run.py"]
        quick = ["-m", environment.marks]  # with the processes, which test-fast leaves out
        status = run.run([*door, "test-fast", *quick, *arguments], settings=variables)
    else:
        books = run.notebooks() if environment.notebooks else []
        status = run.pytest(
            setting.python,
            ["tests", *books, "-m", environment.marks, "-q", *arguments],
            workers=setting.workers,
            before=setting.before,
            **variables,
        )
    counts = run.read_counts(report)
    return status == 0 and counts[0] > 0, counts


def report(rows: list[Row]) -> int:
    """Prints the table and its total, in the form that CI reads."""
    run.say(f"\n{HEAD}")
    for row in rows:
        run.say(str(row))
    counts = [
        sum(column) for column in zip(*(row.counts or (0, 0, 0) for row in rows), strict=True)
    ]
    passed, failed, skipped = counts
    run.say(str(Row("total", tuple(counts), sum(row.seconds for row in rows))))
    run.say(run.total(passed, failed, skipped))
    return 1 if failed or not passed else 0


# ---------------------------------------------------------------- this machine, less something


def here(python: Path, folder: Path) -> Setting:
    """This machine as it is: everything that `python run.py test` runs."""
    return Setting(python)


def no_hangul(python: Path, folder: Path) -> Setting:
    """No font that draws Hangul."""
    return with_fonts(python, folder, [])


def odd_hangul(python: Path, folder: Path) -> Setting:
    """One Hangul font alone, and none of the usual ones."""
    if not shutil.which("fc-list"):
        raise NotHere("fontconfig is not installed")
    found = run.output(["fc-list", ":lang=ko:fontformat=TrueType", "--format=%{family}\t%{file}\n"])
    fonts = sorted(line.split("\t") for line in found.splitlines())
    odd = [(family, Path(file)) for family, file in fonts if not USUAL_FONTS.search(family)]
    if not odd:
        raise NotHere("no unusual Hangul font is installed (Debian: fonts-unfonts-core)")
    family, file = odd[0]
    setting = with_fonts(python, folder, [file])
    setting.note = f"font: {family}"
    return setting


def with_fonts(python: Path, folder: Path, fonts: list[Path]) -> Setting:
    """The Latin fonts of matplotlib and those given, for fontconfig and for matplotlib."""
    kept = folder / "fonts"
    kept.mkdir()
    code = "import matplotlib as m; print(m.get_data_path())"
    latin = Path(run.output([python, "-c", code]).strip(), "fonts", "ttf")
    for font in [*latin.glob("DejaVu*.ttf"), *fonts]:
        shutil.copy(font, kept)
    config = folder / "fonts.conf"
    config.write_text(
        f"<fontconfig><dir>{kept}</dir><cachedir>{folder / 'cache'}</cachedir></fontconfig>\n",
        encoding="utf-8",
    )
    variables = {"FONTCONFIG_FILE": str(config), "MPLCONFIGDIR": str(folder / "matplotlib")}
    if run.run([python, "-c", LIST_FONTS, kept], settings=variables) != 0:
        raise run.SetupError("matplotlib's list of fonts could not be written")
    return Setting(python, variables=variables)


# matplotlib looks into the system's folders besides fontconfig, unless it finds its list written.
LIST_FONTS = """
import sys
from pathlib import Path
import matplotlib
from matplotlib import font_manager as fonts

manager = fonts.fontManager
usual = Path(matplotlib.get_data_path())
manager.ttflist = [each for each in manager.ttflist if usual in Path(each.fname).parents]
for path in Path(sys.argv[1]).iterdir():
    manager.addfont(path)
name = f"fontlist-v{fonts.FontManager.__version__}.json"
fonts.json_dump(manager, Path(matplotlib.get_cachedir(), name))
"""


def no_chromium(python: Path, folder: Path) -> Setting:
    """No Chromium on the path."""
    parts = []
    for number, part in enumerate(os.environ["PATH"].split(os.pathsep)):
        if any(shutil.which(name, path=part) for name in CHROMIUMS):
            part = without_chromium(Path(part), folder / f"path{number}")
        parts.append(str(part))
    return Setting(python, variables={"PATH": os.pathsep.join(parts)})


def without_chromium(programs: Path, shadow: Path) -> Path:
    """A folder with links to all programs but Chromium."""
    shadow.mkdir()
    for program in programs.iterdir():
        # On Windows Chromium lies in a folder of its own, and links need a right.
        if program.stem not in CHROMIUMS and os.name != "nt":
            (shadow / program.name).symlink_to(program)
    return shadow


def bf16(python: Path, folder: Path, *, value: str) -> Setting:
    """Training in bf16 forced on or off, whatever this processor likes."""
    return Setting(python, variables={"TRIPKIT_BF16": value})


def one_thread(python: Path, folder: Path) -> Setting:
    """One core and one thread."""
    variables = {"OMP_NUM_THREADS": "1", "TRIPKIT_THREADS": "1"}
    if not (shutil.which("taskset") and hasattr(os, "sched_getaffinity")):
        return Setting(python, variables=variables, workers=1, note="without taskset")
    core = str(min(os.sched_getaffinity(0)))
    return Setting(python, ("taskset", "-c", core), variables, workers=1)


def cp949(python: Path, folder: Path) -> Setting:
    """A console in cp949, the C locale, and no UTF-8 mode."""
    variables = {"PYTHONIOENCODING": "cp949", "LC_ALL": "C", "PYTHONUTF8": "0"}
    return Setting(python, variables=variables)


def home_closed(python: Path, folder: Path) -> Setting:
    """A home folder, caches included, that cannot be written to."""
    home = folder / "home"
    home.mkdir()
    variables = {"HOME": str(home), "USERPROFILE": str(home)}
    for name, part in (("CACHE", ".cache"), ("CONFIG", ".config"), ("DATA", ".local/share")):
        variables[f"XDG_{name}_HOME"] = str(home / part)
    if getattr(os, "geteuid", lambda: 0)() != 0:
        home.chmod(0o555)
        return Setting(python, variables=variables)
    # Permissions do not stop root; a read-only mount does.
    script = 'mount --bind -o ro "$0" "$0" && exec "$@"'
    return Setting(python, unshared("-m", ["sh", "-c", script, home]), variables)


def no_network(python: Path, folder: Path) -> Setting:
    """No network but loopback."""
    try:
        before = unshared("-n", [sys.executable, "-c", LOOPBACK_UP])
    except NotHere:
        return Setting(python, note="by the tests' own block of sockets")
    return Setting(python, before, note="in a network namespace")


# SIOCSIFFLAGS with IFF_UP and IFF_RUNNING for "lo": `ip link set lo up` where there is no `ip`.
LOOPBACK_UP = """
import fcntl, os, socket, struct, sys
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh14x", b"lo", 0x41))
os.execvp(sys.argv[1], sys.argv[1:])
"""


def unshared(flag: str, inside: list) -> tuple:
    """The words before a command that give it a namespace of its own, and set that up."""
    before = ("unshare", "-r", flag, *inside)
    if not shutil.which("unshare"):
        raise NotHere("there is no `unshare` (Linux)")
    if run.run([*before, "true"], quiet=True) != 0:
        raise NotHere(f"`unshare -r {flag}` is not permitted")
    return before


def clock_ahead(python: Path, folder: Path) -> Setting:
    """A clock some months ahead, when models have retired that still live today.

    Libfaketime would be nearer to a real clock, but Python's sleeps and locks fail or hang under
    it. ``date.today`` asks ``time.time``; ``datetime.now`` does not, and stays as it is.
    """
    code = AHEAD.format(seconds=DAYS_AHEAD * 86_400)
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    # With that clock pytest takes the temporary folders of other runs for old ones.
    temporary = folder / "tmp"
    temporary.mkdir()
    names = ("TMPDIR", "TEMP", "TMP")
    variables = {"PYTHONPATH": str(folder), **dict.fromkeys(names, str(temporary))}
    return Setting(python, variables=variables)


AHEAD = """
import time
seconds, now, now_ns = {seconds}, time.time, time.time_ns
time.time = lambda: now() + seconds
time.time_ns = lambda: now_ns() + seconds * 10**9
"""


def hangul_path(python: Path, folder: Path) -> Setting:
    """A checkout whose path has blanks and Hangul, set up by its own run.py."""
    root = folder / "한글 폴더 (수업)" / "tripkit 강의"
    for name in tracked():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(run.ROOT / name, target)
    return Setting(Path(run.base_python()), root=root)


def tracked() -> list[str]:
    """The files that git tracks, or would add.

    Raises:
        NotHere: there is no git here, or no repository.
    """
    try:
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        done = subprocess.run(command, cwd=run.ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotHere("git does not tell which files belong to the checkout") from error
    names = filter(None, done.stdout.decode("utf-8").split("\0"))
    return [name for name in names if (run.ROOT / name).is_file()]


# ---------------------------------------------------------------- other versions


def versions(python: Path, folder: Path, *, lock: Path) -> Setting:
    """The oldest or the newest versions of all packages that pyproject.toml allows."""
    note = f"torch {run.locked_version(lock, 'torch')}"
    return Setting(with_packages(run.base_python(), lock, lock.stem), note=note)


def other_python(python: Path, folder: Path, *, minor: str) -> Setting:
    """Another Python, with the lock's packages."""
    running = run.output([python, "-c", VERSION]).strip()
    if running.startswith(minor + "."):
        raise NotHere(f"every other environment runs on it: Python {running}")
    for candidate in candidates(minor):
        found = run.output([candidate, "-c", VERSION]).strip()
        if found.startswith(minor + "."):
            name = f"python{minor}"
            return Setting(with_packages(candidate, run.LOCK, name), note=f"Python {found}")
    raise NotHere(f"no Python {minor} with venv was found")


# It also has to bring what a virtual environment is made with.
VERSION = "import ensurepip, platform, venv; print(platform.python_version())"


def candidates(minor: str) -> list[str]:
    """Where a Python of this version may be: on the path, pyenv's, uv's."""
    on_path = filter(None, [shutil.which(f"python{minor}")])
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    uv = Path.home() / ".local" / "share" / "uv" / "python"
    kept = [*pyenv.glob(f"{minor}.*/bin/python"), *uv.glob(f"cpython-{minor}.*/bin/python")]
    return [*on_path, *map(str, sorted(kept, reverse=True))]


def with_packages(base: str, lock: Path, name: str) -> Path:
    """The interpreter of an environment with a lock's packages, made where it is not there yet."""
    venv = VENVS / name
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    marker = venv / "tripkit-installed.txt"
    texts = [base, *(path.read_text(encoding="utf-8") for path in (lock, run.PROJECT))]
    wanted = hashlib.sha256("\0".join(texts).encode()).hexdigest()
    if not marker.exists() or marker.read_text(encoding="utf-8") != wanted:
        run.new_venv(base, venv)
        run.install(python, lock)
        marker.write_text(wanted, encoding="utf-8")
    return python


def environments() -> dict[str, Environment]:
    """All of them by name; dear ones and cheap ones take turns, for the rotation's sake."""
    pythons = [
        Environment(f"python{minor}", f"Python {minor}.", partial(other_python, minor=minor), True)
        for minor in MINORS
    ]
    on, off = (partial(bf16, value=value) for value in "10")
    oldest, newest = (partial(versions, lock=lock) for lock in (run.OLDEST, run.NEWEST))
    plain = partial(Environment, notebooks=False)
    taught = partial(Environment, notebooks=True)
    found = [
        plain(HERE, "This machine as it is: all that `python run.py test` runs.", here),
        taught("no-hangul", "No font that draws Hangul.", no_hangul),
        plain("no-chromium", "No Chromium on the path.", no_chromium, marks=WITH_BROWSER),
        taught("oldest", "The oldest versions that pyproject.toml allows.", oldest),
        plain("cp949", "A console in cp949, the C locale, and no UTF-8 mode.", cp949),
        plain("home-closed", "A home folder that cannot be written to.", home_closed),
        pythons[1],
        taught("bf16", "Training in bf16, whatever is fast here.", on),
        plain("no-network", "No network but loopback.", no_network),
        plain("hangul-path", "A checkout in a path with blanks and Hangul.", hangul_path),
        plain("clock-ahead", f"A clock {DAYS_AHEAD} days ahead.", clock_ahead),
        taught("newest", "The newest versions that pyproject.toml allows.", newest),
        taught("odd-hangul", "One unusual Hangul font, and no other.", odd_hangul),
        pythons[2],
        taught("no-bf16", "Training in fp32, whatever is fast here.", off),
        pythons[0],
        taught("one-thread", "One core and one thread.", one_thread),
        *pythons[3:],
    ]
    return {environment.name: environment for environment in found}
