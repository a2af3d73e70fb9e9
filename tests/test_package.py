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
LOW = ("errors", "messages", "colors", "settings", "services", "trips", "prompts")
FLOOR_0 = {"errors", "messages", "colors", "settings", "services"}


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


@pytest.mark.parametrize("module", LOW)
def test_floors_0_to_2_import_nothing_heavy(module):
    loaded = python(f"import sys, tripkit.{module}; print(*sys.modules)").split()
    assert not set(HEAVY) & set(loaded)


@pytest.mark.slow
def test_importing_tripkit_takes_under_0_6_seconds():
    code = "import time; t = time.perf_counter(); import tripkit; print(time.perf_counter() - t)"
    start = time.perf_counter()
    seconds = sorted(float(python(code)) for _ in range(5))
    assert seconds[2] < 0.6, f"median of five; {time.perf_counter() - start:.1f} s in all"


def test_the_public_names_of_floors_0_to_2_are_the_modules_own():
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


@pytest.mark.parametrize("module", LOW)
def test_low_floors_import_only_from_below(module):
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "tripkit":
            used |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tripkit."):
            used.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            used |= {a.name.split(".")[1] for a in node.names if a.name.startswith("tripkit.")}
    below = {"trips": FLOOR_0, "prompts": FLOOR_0 | {"trips"}}.get(module, FLOOR_0)
    assert used <= below


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
