"""Protocols are held to: mypy refuses a backend or planner that lacks what callers use."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WHOLE = """
from tripkit.images.base import ImageBackend, OnProgress
from tripkit.images.postcard import Postcard
from tripkit.planners.base import Planner
from tripkit.prompts import ImagePrompt
from tripkit.trips import TripPlan


class Backend:
    name = model = "mine"
    cost_per_picture = 0.0

    def text_for(self, prompt: ImagePrompt) -> str:
        return prompt.full

    def warm_up(self) -> None: ...

    def generate(
        self,
        prompt: ImagePrompt,
        *,
        seed: int | None = None,
        on_progress: OnProgress | None = None,
    ) -> Postcard:
        raise NotImplementedError


class Mine:
    name = model = "mine"

    def plan(self, request: str, *, language: str) -> TripPlan:
        raise NotImplementedError


backend: ImageBackend = Backend()
planner: Planner = Mine()
"""


def complaints(folder: Path, code: str) -> str:
    """What mypy says about the code, by the project's own rules."""
    module = folder / "mine.py"
    module.write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--no-warn-unused-configs"]
    done = subprocess.run(
        [*command, str(module)], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=170
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


@pytest.mark.slow  # without its cache mypy reads all of tripkit once: half a minute
def test_a_backend_or_planner_that_lacks_a_part_is_refused(tmp_path):
    assert complaints(tmp_path, WHOLE) == ""
    no_warm_up = WHOLE.replace("    def warm_up(self) -> None: ...\n", "")
    assert re.search(r'"Backend".*\n.*missing.*\n.*warm_up', complaints(tmp_path, no_warm_up))
    no_language = WHOLE.replace("request: str, *, language: str", "request: str")
    said = complaints(tmp_path, no_language)
    assert "Incompatible types in assignment" in said and "plan" in said


def test_every_ignored_error_has_its_code_and_a_reason():
    bare = []
    for path in sorted(ROOT.glob("tripkit/**/*.py")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            ignored = re.search(r"# type: ignore(.*)", line)
            if ignored and not re.fullmatch(r"\[[a-z-]+\]  # \S.{5,}", ignored[1]):
                bare.append(f"{path.relative_to(ROOT)}:{number}")
    assert bare == []
