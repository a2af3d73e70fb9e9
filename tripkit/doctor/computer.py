"""What ``tripkit doctor`` looks at on this computer: versions, disk, widgets, fonts, MNIST."""

import os
import shutil
import site
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tripkit.core import machine as this_machine
from tripkit.core.errors import TripkitError
from tripkit.core.settings import (
    bf16,
    check_option,
    cpu_threads,
    data_folder,
    package_folder,
    postcards_folder,
    weights_folder,
)
from tripkit.doctor.findings import Finding, bad, good, warn, words_of
from tripkit.downloads.local import missing_parts, whole_file

MEMORY_GB = 4.0  # what the notebooks take with a browser beside them
FULL_GB, TIGHT_GB = 0.2, 2.0  # free disk: hardly a notebook's results; MNIST and some postcards
SHIPPED = ("postcard", "clip", "ddpm", "vae", "gan", "digit_classifier", "place_classifier")


def python() -> Iterator[Finding]:
    """The Python version."""
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = _project().get("requires-python", ">=3.11")
    finding = good if SpecifierSet(wanted).contains(version, prereleases=True) else bad
    yield finding("python", version=version, wanted=wanted)


def packages() -> Iterator[Finding]:
    """Each package of the course: there, and within its range; how many stand as in the lock.

    The packages of an extra may be absent, but an old one that is there breaks others.
    """
    required, extras, missing, outside = _required(""), _required("lora"), [], []
    for each in [*required, *extras]:
        version = _installed(each.name)
        if version is None:
            missing += [each] if each in required else []
        elif not each.specifier.contains(version, prereleases=True):
            outside.append(f"{each.name} {version} ({each.specifier})")
    if missing:
        command = " ".join(f'"{each}"' for each in missing)
        yield bad("package_missing", names=", ".join(r.name for r in missing), command=command)
    if outside:
        yield warn("package_range", names=", ".join(outside))
    if not missing and not outside:
        yield good("packages", count=len(required))
    if locked := _locked():
        same = sum(_installed(name) == version for name, version in locked.items())
        yield good("lock", same=same, count=len(locked))


def machine() -> Iterator[Finding]:
    """Cores, memory, and the device that large models would run on."""
    memory = this_machine.memory_gb()
    cores, device = this_machine.cores(), this_machine.device()
    details = {"cores": cores, "memory": f"{memory:.0f}", "device": device}
    if memory < MEMORY_GB:
        yield warn("memory", **details, wanted=f"{MEMORY_GB:.0f}")
    else:
        yield good("machine", **details)


def variables() -> Iterator[Finding]:
    """Variables of the environment with a value that whoever reads them refuses."""
    from tripkit.datasets.mnist import SOURCES

    digits = os.environ.get("TRIPKIT_DIGITS", "").strip() or SOURCES[0]
    for read in (cpu_threads, bf16, lambda: check_option("TRIPKIT_DIGITS", digits, SOURCES)):
        try:
            read()
        except TripkitError as error:
            yield bad("bad_variable", problem=words_of(error))


def folders() -> Iterator[Finding]:
    """Room and the right to write where postcards, data and models go."""
    for variable, where in (
        ("TRIPKIT_POSTCARDS", postcards_folder),
        ("TRIPKIT_DATA", data_folder),
        ("HF_HOME", this_machine.models_folder),
    ):
        try:
            yield _folder(variable, where())
        except TripkitError as error:  # the home folder of somebody who is not there
            yield bad("bad_variable", problem=words_of(error))


def _folder(variable: str, folder: Path) -> Finding:
    if file := this_machine.file_in_the_way(folder):
        return bad("no_folder", folder=str(folder), file=str(file), variable=variable)
    free = this_machine.free_gb(folder)
    details = {"folder": str(folder), "free": f"{free:.1f}", "variable": variable}
    if not _writable(this_machine.nearest_folder(folder)):
        return bad("folder_closed", **details)
    if free < FULL_GB:
        return bad("disk_full", **details)
    return warn("disk_tight", **details) if free < TIGHT_GB else good("folder", **details)


def shipped_models() -> Iterator[Finding]:
    """The weights that come with tripkit: there, and none cut short."""
    folders = [weights_folder() / name for name in SHIPPED]
    broken = [folder.name for folder in folders if not _whole(folder)]
    if broken:
        yield bad("weights_missing", names=", ".join(broken))
    else:
        yield good("weights", count=len(SHIPPED))


def _whole(folder: Path) -> bool:
    files = list(folder.rglob("*.safetensors"))
    return not missing_parts(folder) and bool(files) and all(map(whole_file, files))


def widgets() -> Iterator[Finding]:
    """The front end of the app: without it a widget shows as a line of text."""
    extension = Path("share", "jupyter", "labextensions", "@jupyter-widgets", "jupyterlab-manager")
    shared = [Path(part) for part in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if part]
    roots = [Path(sys.prefix), Path(sys.base_prefix), Path(site.USER_BASE or sys.prefix)]
    places = [root / extension for root in roots]
    places += [root / Path(*extension.parts[2:]) for root in shared]
    python_side, page_side = _installed("ipywidgets"), _installed("jupyterlab-widgets")
    if python_side is None or not any((place / "package.json").is_file() for place in places):
        yield bad("widgets_missing")
    elif shutil.which("voila") is None and _installed("voila") is None:
        yield bad("voila_missing")
    else:
        yield good("widgets", python=python_side, page=page_side or "?")


def hangul_fonts() -> Iterator[Finding]:
    """A font that draws Hangul in figures of your own (the course's figures speak English)."""
    import matplotlib
    from matplotlib.font_manager import findSystemFonts, fontManager

    listed = next((font.name for font in fontManager.ttflist if draws_hangul(font.fname)), None)
    if listed is not None:
        yield good("hangul", font=listed)
        return
    # Matplotlib keeps its list in a file, and a font that was installed later is not in it.
    later = next(filter(draws_hangul, sorted(findSystemFonts())), None)
    if later is None:
        yield warn("no_hangul")
    else:
        yield warn("hangul_unlisted", font=Path(later).stem, folder=matplotlib.get_cachedir())


def draws_hangul(file: str) -> bool:
    """Whether a font has Hangul; one that draws a box for every letter does not count."""
    from matplotlib.font_manager import get_font

    if Path(file).name.lower().startswith("lastresort"):
        return False
    try:
        return get_font(file).get_char_index(ord("가")) > 0
    except (OSError, RuntimeError):  # a format that matplotlib does not read
        return False


def mnist() -> Iterator[Finding]:
    """The cached files of MNIST. Without them the notebooks use the offline digits, and say so."""
    from tripkit.datasets.mnist import FILES
    from tripkit.downloads.files import state_of

    folder = data_folder() / "mnist"
    files = [file for part in FILES.values() for file in part]
    # Where no folder can be, nothing is damaged: `folders` tells of that.
    states = {file.name: state_of(file, folder) for file in files} if folder.is_dir() else {}
    damaged = [name for name, state in states.items() if state == "damaged"]
    there = sum(state == "whole" for state in states.values())
    if damaged:
        yield warn("mnist_damaged", names=", ".join(damaged), folder=str(folder))
    elif there < len(files):
        yield good("mnist_absent", there=there, count=len(files), folder=str(folder))
    else:
        yield good("mnist", folder=str(folder))


# ------------------------------------------------------- versions


def _project() -> dict:
    """The project's table in pyproject.toml; empty in an installation without the course."""
    path = package_folder().parent / "pyproject.toml"
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return {}
    return project if project.get("name") == "tripkit" else {}


def _required(extra: str) -> list[Requirement]:
    """What tripkit itself needs on this system ("") or one of its extras, with ranges."""
    lines: list[str] = []
    if project := _project():
        lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
    else:
        with suppress(metadata.PackageNotFoundError):
            lines = metadata.requires("tripkit") or []
        lines = [line for line in lines if ("extra ==" in line) is bool(extra)]
    required = [Requirement(line) for line in lines]
    return [r for r in required if r.marker is None or r.marker.evaluate({"extra": extra})]


def _locked() -> dict[str, str]:
    """Name and version of each package in the lecture's lock that has no condition."""
    path = package_folder().parent / "requirements.lock"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = [line.split("==") for line in lines if "==" in line and ";" not in line]
    return {name.strip(): version.strip() for name, version in pairs}


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name).split("+")[0]
    except metadata.PackageNotFoundError:
        return None


def _writable(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
