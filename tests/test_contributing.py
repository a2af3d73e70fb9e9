"""The steps of CONTRIBUTING.md are enough: a planner added by them keeps the planners' contract."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name

import pytest

from tripkit.images import BACKENDS
from tripkit.planners import PLANNERS

ROOT = Path(__file__).resolve().parent.parent
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MODULE = '''"""Three trips of the catalogue, drawn by lot: how good is a planner beside chance?"""

import random

from tripkit.core.settings import check_language
from tripkit.core.text import normalise_request
from tripkit.planners.catalog import CatalogPlanner
from tripkit.trips import TRIPS, TripPlan, validate_plan


class LotteryPlanner:
    """Plans by lot; the same request gives the same trips."""

    name = model = "lottery"

    def plan(self, request: str, *, language: str) -> TripPlan:
        """Three trips that have nothing to do with the request."""
        request = normalise_request(request)
        check_language(language)
        picks = random.Random(request).sample(CatalogPlanner().entries, TRIPS)
        trips = [entry.told(language) for entry in picks]
        plan = {"request": request, "language": language, "trips": trips}
        return validate_plan({**plan, "source": self.name, "model": self.model})
'''
LINE = '    "lottery": "tripkit.planners.lottery:LotteryPlanner",\n'
MAKER = """
@contextmanager
def lottery_planner():
    yield make_planner("lottery")


ALL_PLANNERS = [lottery_planner, """
ROW = """
[[service]]
id = "lottery"
service = "tripkit"
kind = "planner"
state = "alive"
usd_per_million_input = 0.00
usd_per_million_output = 0.00
license = "CC BY 4.0"
accepts = ["request", "language"]
verified = 2026-11-22
source = "tripkit/data/trips.toml"
"""
# What the steps name: the place, the text to find there, and what stands there afterwards.
EDITS = {
    "tripkit/planners/__init__.py": ("PLANNERS = {\n", f"PLANNERS = {{\n{LINE}"),
    "tests/test_planner_contract.py": ("\nALL_PLANNERS = [", MAKER),
    "tripkit/data/services.toml": ("\n# ---- OpenAI: text", f"{ROW}\n# ---- OpenAI: text"),
}


@pytest.fixture
def copy(tmp_path):
    """A copy of the project without notebooks and weights."""
    for name in ("tripkit", "tests"):
        ignored = shutil.ignore_patterns("weights", "__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def run_in(folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=150
    )


@pytest.mark.slow
def test_a_planner_added_by_the_steps_keeps_the_contract_and_is_offered(copy):
    (copy / "tripkit" / "planners" / "lottery.py").write_text(MODULE, encoding="utf-8")
    for name, (before, after) in EDITS.items():
        text = (copy / name).read_text(encoding="utf-8")
        assert text.count(before) == 1, f"the step in {name} has changed"
        (copy / name).write_text(text.replace(before, after), encoding="utf-8")
    contract = "tests/test_planner_contract.py"
    done = run_in(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", contract, "-k", "lottery")
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout and "skipped" not in done.stdout
    code = (
        "from tripkit.model_menu import choices; from tripkit.session import TripSession\n"
        "print(*[choice.name for choice in choices('planner')])\n"
        "print(TripSession(planner='lottery')._ready_planner().model)"
    )
    offered, model = run_in(copy, "-c", code).stdout.splitlines()
    assert "lottery" in offered.split() and model == "lottery"


def test_the_guide_names_every_place_that_a_new_planner_needs():
    steps = GUIDE.partition("**A planner.**")[2].partition("**An image backend.**")[0]
    assert [name for name in EDITS if f"`{name}`" not in steps] == []
    assert all(f"`{table}`" in GUIDE for table in ("PLANNERS", "BACKENDS", "ALL_BACKENDS"))


@pytest.mark.parametrize("table", [PLANNERS, BACKENDS], ids=["planners", "backends"])
def test_every_name_has_a_class_that_says_what_it_is(table):
    for name, home in table.items():
        made = resolve_name(home)
        assert isinstance(made, type), name
        assert callable(getattr(made, "plan", None) or getattr(made, "generate", None)), name
