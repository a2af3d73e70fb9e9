"""The package as a whole: light to import, public names that exist, floors that hold."""

import ast
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tripkit

REMOTE = ("192.0.2.1", 80)  # a documentation address (RFC 5737)
HEAVY = ("torch", "diffusers", "transformers", "openai", "ipywidgets", "matplotlib")
PACKAGE = Path(tripkit.__file__).parent
# From the ground up: a floor imports only from floors below it. The faces stand on top.
# A room is a folder of tripkit/, or a module beside the folders.
FLOORS = (
    {"core"},
    {"colors", "kinds", "services"},
    {"trips", "downloads"},
    {"training", "prompts"},
    {"datasets", "diffusion"},
    {"clip", "generative", "planners"},
    {"images"},
    {"session", "model_menu"},
    {"course"},
    {"app", "doctor", "serving"},
    {"cli"},  # opens the other faces
    {"__main__"},  # python -m tripkit
)
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}
LIGHT = [
    "core.errors",
    "core.messages",
    "core.settings",
    "core.text",
    "colors",
    "trips",
    "prompts",
    "services.registry",
    "services.local_servers",
    "session",
]


def python(code):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
        cwd=PACKAGE.parent,
    ).stdout


def test_importing_tripkit_is_light():
    loaded = python("import sys, tripkit; print(*sys.modules)").split()
    assert not set(HEAVY) & set(loaded)
    assert not {"pydantic", "numpy", "PIL"} & set(loaded)  # lighter still


@pytest.mark.process
@pytest.mark.parametrize("module", LIGHT)
def test_what_every_start_imports_is_light(module):
    loaded = python(f"import sys, tripkit.{module}; print(*sys.modules)").split()
    assert not set(HEAVY) & set(loaded)


@pytest.mark.slow
@pytest.mark.alone
def test_importing_tripkit_takes_under_0_6_seconds():
    code = "import time; t = time.perf_counter(); import tripkit; print(time.perf_counter() - t)"
    start = time.perf_counter()
    seconds = sorted(float(python(code)) for _ in range(5))
    assert seconds[2] < 0.6, f"median of five; {time.perf_counter() - start:.1f} s in all"


def test_the_public_names_are_the_modules_own():
    from tripkit.core.errors import TripkitError
    from tripkit.prompts import compose_prompt
    from tripkit.trips import TripPlan

    assert tripkit.TripPlan is TripPlan
    assert tripkit.TripkitError is TripkitError
    assert tripkit.compose_prompt is compose_prompt


def test_every_public_name_is_listed():
    assert set(tripkit.__all__) <= set(dir(tripkit))
    assert tripkit.__version__.count(".") == 2


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'TripPlaner'"):
        tripkit.TripPlaner  # noqa: B018


def room(module):
    """The folder of tripkit/, or the flat module, that holds a module; "" for tripkit itself."""
    return module.split(".")[1] if "." in module else ""


def imported(path):
    """The modules of tripkit that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if room(alias.name + "."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tripkit":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def arrows():
    """(module, module) of all imports within tripkit; what tripkit itself names is no arrow."""
    for module, path in MODULES.items():
        for other in imported(path):
            if other.startswith("tripkit.") and room(module) and room(other):
                yield module, other


def test_every_room_stands_on_a_floor():
    assert sorted(filter(None, map(room, MODULES))) == sorted(
        name for module in MODULES if (name := room(module)) in set().union(*FLOORS)
    )


def test_every_module_imports_only_from_floors_below():
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    upward = [
        f"{module} -> {other}"
        for module, other in arrows()
        if room(module) != room(other) and floor[room(module)] <= floor[room(other)]
    ]
    assert upward == []


def test_no_two_modules_import_each_other_in_a_circle():
    below = {}
    for module, other in arrows():
        below.setdefault(module, set()).add(other)
    done, open_ = set(), []

    def visit(module):
        assert module not in open_, " -> ".join([*open_[open_.index(module) :], module])
        if module not in done:
            open_.append(module)
            for other in below.get(module, ()):
                visit(other)
            done.add(open_.pop())

    for module in MODULES:
        visit(module)


def test_few_modules_lie_flat():
    flat = [path.name for path in PACKAGE.glob("*.py") if path.name != "__init__.py"]
    assert len(flat) <= 12, flat


def test_the_library_imports_neither_course_nor_recipes_nor_tools():
    outside = [
        f"{module} -> {other}"
        for module, other in arrows()
        if room(other) == "course" and room(module) not in {"course"}
    ]
    for path in MODULES.values():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
        outside += [f"{path.name} -> {n}" for n in names if n.split(".")[0] in ("recipes", "tools")]
    assert outside == []


def test_tests_cannot_leave_this_machine():
    with pytest.raises(OSError, match="only connect to loopback, not to '192.0.2.1'"):
        socket.create_connection(REMOTE, timeout=1)
    with pytest.raises(OSError, match="only connect to loopback, not to 'example.org'"):
        socket.create_connection(("example.org", 80), timeout=1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, pytest.raises(OSError):
        udp.sendto(b"x", REMOTE)


def test_tests_can_reach_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), timeout=5) as client:
            assert client.getpeername() == server.getsockname()


def test_tests_start_without_keys_and_save_in_a_temporary_folder(tmp_path_factory):
    assert "OPENAI_API_KEY" not in os.environ
    folder = Path(os.environ["TRIPKIT_POSTCARDS"])
    assert folder.is_relative_to(tmp_path_factory.getbasetemp())
