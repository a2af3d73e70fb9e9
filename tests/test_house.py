"""The house keeps its own rules: versions, licences, files, and what the tree must not name."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
RANGES = [*PROJECT["dependencies"], *EXTRAS["dev"], *EXTRAS["lora"]]
LIMIT = 30_000_000  # bytes in one file
# The systems that the lock serves, as markers see them.
SYSTEMS = {
    "Linux": {"sys_platform": "linux", "os_name": "posix", "platform_machine": "x86_64"},
    "macOS": {"sys_platform": "darwin", "os_name": "posix", "platform_machine": "arm64"},
    "Windows": {"sys_platform": "win32", "os_name": "nt", "platform_machine": "AMD64"},
}


def tracked_files() -> list[Path]:
    """Every file that git tracks or would add; without git, every file outside hidden folders."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        names = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        shown = (name for name in names if not any(part.startswith(".") for part in name.parts))
        return [ROOT / name for name in shown if (ROOT / name).is_file()]
    names = filter(None, done.stdout.decode("utf-8").split("\0"))
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def text_files() -> list[tuple[str, str]]:
    """Name and text of each file that is UTF-8."""
    found = []
    for path in tracked_files():
        data = path.read_bytes()
        if b"\0" not in data[:8000]:
            found.append((path.relative_to(ROOT).as_posix(), data.decode("utf-8")))
    return found


def locked(**environment) -> dict[str, str]:
    """Name and exact version of each package that the lock installs in an environment."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    found = {}
    for requirement in (Requirement(line) for line in lines if not line.startswith("#")):
        (pin,) = requirement.specifier
        assert pin.operator == "==", f"{requirement} is not an exact version"
        if requirement.marker is None or requirement.marker.evaluate(environment):
            name = canonicalize_name(requirement.name)
            assert name not in found, f"{name} has two versions in {environment}"
            found[name] = pin.version
    return found


def on(system: str, python: str = "3.12") -> dict[str, str]:
    """The lock's packages on one system."""
    return locked(
        **SYSTEMS[system],
        python_version=python,
        python_full_version=f"{python}.9",
        implementation_name="cpython",
    )


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_lock_holds_every_dependency_within_its_range(system, python):
    versions = on(system, python)
    for requirement in map(Requirement, RANGES):
        name = canonicalize_name(requirement.name)
        assert name in versions, f"{name} is not in requirements.lock: python run.py lock"
        assert requirement.specifier.contains(versions[name]), f"{name} {versions[name]}"


def test_the_lock_is_complete_for_the_packages_installed_here():
    """What each locked package needs is locked too, but for the GPU libraries that torch pins."""
    import importlib.metadata as metadata

    versions = locked()
    installed = {
        canonicalize_name(each.metadata["Name"]): each for each in metadata.distributions()
    }
    # In an environment of the user's own (conda's, say) other versions may stand: compare equals.
    same = [
        name
        for name, version in versions.items()
        if name in installed and installed[name].version.split("+")[0] == version
    ]
    assert same
    for name in same:
        for need in map(Requirement, installed[name].requires or []):
            if need.marker and not need.marker.evaluate({"extra": ""}):
                continue
            need_name = canonicalize_name(need.name)
            if need_name.startswith(("nvidia-", "cuda-", "triton")):
                continue
            assert need_name in versions, f"{name} needs {need_name}, which is not locked"
            assert need.specifier.contains(versions[need_name], prereleases=True), f"{name}: {need}"


def test_the_lock_has_no_local_versions_and_no_gpu_libraries():
    names = on("Linux")
    assert not [name for name, version in names.items() if "+" in version]
    assert not [name for name in names if name.startswith(("nvidia-", "cuda-", "triton"))]


def test_each_system_gets_what_its_consoles_need():
    assert "appnope" in on("macOS") and "appnope" not in on("Linux")
    assert {"pywinpty", "colorama"} <= on("Windows").keys()
    assert not {"pexpect", "ptyprocess"} & on("Windows").keys()
    assert {"pexpect", "ptyprocess"} <= on("Linux").keys()


def test_the_ranges_of_the_conda_environment_are_those_of_the_project():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert [line for line in pip if not line.startswith("--")] == RANGES
    assert "--editable ." in pip


def test_every_package_that_the_library_imports_is_a_dependency():
    needs = [*PROJECT["dependencies"], *EXTRAS["lora"]]
    known = {canonicalize_name(Requirement(text).name) for text in needs}
    names = {"PIL": "pillow"}
    # Parts of a dependency, released together with it or for it.
    names |= {"pydantic_core": "pydantic", "traitlets": "ipywidgets", "referencing": "jsonschema"}
    names |= {"tornado": "voila", "jupyter_server": "voila", "anyio": "starlette"}
    unknown = []
    for path in sorted((ROOT / "tripkit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module]
            else:
                continue
            for module in (name.split(".")[0] for name in modules):
                if module not in sys.stdlib_module_names | {"tripkit"}:
                    package = canonicalize_name(names.get(module, module))
                    unknown += [f"{path.name}: {module}"] if package not in known else []
    assert unknown == []


def test_the_version_is_written_once_more_and_equal():
    import tripkit

    assert tripkit.__version__ == PROJECT["version"]
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_licences_are_there_and_named():
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert "Model weights" in notice and "CC-BY-4.0" in notice
    assert PROJECT["license-files"] == ["LICENSE", "NOTICE"]


def test_no_file_is_larger_than_thirty_megabytes():
    sizes = {path.name: path.stat().st_size for path in tracked_files()}
    assert {name: size for name, size in sizes.items() if size > LIMIT} == {}


def test_weights_are_safetensors_only():
    pickled = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".h5", ".onnx", ".msgpack"}
    files = tracked_files()
    assert [path.name for path in files if path.suffix.lower() in pickled] == []
    plain = {".safetensors", ".json", ".jsonl", ".md", ".png", ".txt"}
    weights = [path for path in files if path.is_relative_to(ROOT / "tripkit" / "weights")]
    assert [path.name for path in weights if path.suffix not in plain] == []


def test_file_names_are_ascii():
    names = [path.relative_to(ROOT).as_posix() for path in tracked_files()]
    assert [name for name in names if not name.isascii()] == []


def test_no_file_names_a_folder_of_some_machine_or_the_host_of_a_package_registry():
    folders = ("root", "work", "tmp", r"home/\w+", r"Users/\w+", r"content/drive")
    hosts = ("pypi", "pythonhosted", "npmjs", "anaconda", "debian")
    folder = re.compile(r"(?<![\w.:/~-])/(?:" + "|".join(folders) + r")/|[A-Za-z]:\\+Users\\")
    host = re.compile(r"\b(?:" + "|".join(hosts) + r")\.(?:org|com|io)\b")
    found = []
    for name, text in text_files():
        found += [f"{name}: {match.group()}" for match in folder.finditer(text)]
        found += [f"{name}: {match.group()}" for match in host.finditer(text)]
    assert found == []


def test_no_file_holds_what_looks_like_a_key():
    key = re.compile(r"\b(?:sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{32,}|hf_[A-Za-z0-9]{30,})")
    assert [name for name, text in text_files() if key.search(text)] == []


def test_text_files_have_unix_line_ends():
    assert [name for name, text in text_files() if "\r" in text] == []


def test_ruff_asks_for_an_encoding_at_every_open():
    text = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "PLW1514" in text["tool"]["ruff"]["lint"]["select"]
    command = [sys.executable, "-m", "ruff", "check", "-", "--stdin-filename", "tripkit/x.py"]
    done = subprocess.run(
        command, cwd=ROOT, input='"""X."""\n\nopen("x").read()\n', capture_output=True, text=True
    )
    assert "unspecified-encoding" in done.stdout or "PLW1514" in done.stdout


def test_the_readme_opens_with_the_two_commands_and_names_every_task():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[2:5] == [
        "```",
        "python run.py app      # opens the trip app in your browser",
        "python run.py test     # runs every test, exactly as CI does",
    ]
    text = "\n".join(lines)
    for task in ("app", "demo", "lab", "test", "test-fast", "lint", "lock"):
        assert f"| `python run.py {task}` |" in text


@pytest.mark.skipif(os.name == "nt", reason="a POSIX script")
def test_the_ci_script_calls_the_test_command_of_the_readme():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    last = script.read_text(encoding="utf-8").splitlines()[-1]
    assert last == 'exec "$python" run.py test --matrix here rotate --minutes 18'
    subprocess.run(["bash", "-n", script], check=True)


RULE = """
import pytest

def test_passes(): pass

@pytest.mark.skip(reason="to see")
def test_skipped(): pass
"""


@pytest.mark.process
@pytest.mark.parametrize(
    ("ci", "matrix", "status"),
    [("true", "", 1), ("", "", 0), ("true", "no-chromium", 1), ("true", "tried", 0)],
)
def test_a_skipped_test_fails_in_ci_but_for_the_reason_of_an_environment(
    tmp_path, ci, matrix, status
):
    (tmp_path / "test_rule.py").write_text(RULE, encoding="utf-8")
    rule = (ROOT / "conftest.py").read_text(encoding="utf-8") + '\nMAY_SKIP["tried"] = "to see"\n'
    (tmp_path / "conftest.py").write_text(rule, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    environment = {
        **os.environ,
        "CI": ci,
        "TRIPKIT_MATRIX": matrix,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == status, done.stdout
    assert ("counts as failed: 1" in done.stdout) == bool(status)


def test_the_oldest_lock_holds_the_floors_themselves():
    lines = (ROOT / "tools" / "locks" / "oldest.lock").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    locked_at = {canonicalize_name(pin.name): str(pin.specifier)[2:] for pin in pins}
    for requirement in map(Requirement, RANGES):
        (floor,) = [each.version for each in requirement.specifier if each.operator == ">="]
        oldest = Version(locked_at[canonicalize_name(requirement.name)])
        # 77 may have come out as 77.0.3; a floor that no set of versions can meet is no floor.
        assert oldest.release[: len(Version(floor).release)] == Version(floor).release


def test_the_newest_lock_fits_the_ranges_and_has_no_other_torch():
    text = (ROOT / "tools" / "locks" / "newest.lock").read_text(encoding="utf-8")
    for requirement in map(Requirement, RANGES):
        pins = re.findall(rf"^{re.escape(requirement.name)}==([\w.]+)", text, re.MULTILINE)
        assert pins and all(requirement.specifier.contains(pin) for pin in pins), requirement
    assert f"torch=={locked()['torch']}\n" in text


def test_the_hooks_before_a_commit_are_those_of_lint():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (local,) = hooks["repos"]
    assert local["repo"] == "local"
    entries = [hook["entry"] for hook in local["hooks"]]
    assert entries == ["python run.py lint", "python -m tools.subject"]


def test_the_workflow_runs_the_test_command_on_every_system_and_at_both_ends_of_python():
    path = ROOT / ".github" / "workflows" / "test.yml"
    (job,) = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
    matrix = job["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "windows", "macos"}
    assert matrix["python"][0] == PROJECT["requires-python"].removeprefix(">=")
    assert job["steps"][-1]["run"] == "python run.py test"
