"""Prints which small faults the tests notice: ``python -m benchmarks.mutations --count 400``.

A mutant is a module with one change, made by cosmic-ray's operators (``pip install -e
".[mutations]"``). A seeded sample, as many of each module, meets the test files
of its module in a copy of the checkout, so that nothing here is touched. Killed: a test fails, or
none ends in four times its usual seconds. Mutants that behave like the original stand with the
reason in ``mutations.toml``. Each result is kept in ``mutations.json`` at once, and counts as long
as its module is what it was; survivors are tried once more with ``--again``.

Each test run is forked from a process that has imported torch and the like, but not tripkit: that
saves seconds a mutant, and needs Linux or macOS.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import multiprocessing
import os
import platform
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).with_name("mutations.json")
EQUIVALENT = Path(__file__).with_name("mutations.toml")
# Modules, and the names of the test files that know them, the quickest first. The last pattern
# that matches counts.
SUITES = {
    "tripkit/session.py": "session_laws session spending nothing_lost",
    "tripkit/prompts/compose.py": "prompts",
    "tripkit/prompts/color_tokens.py": "color_tokens",
    "tripkit/prompts/known_places.py": "near_places unknown_places",
    "tripkit/trips.py": "trips trips_data",
    "tripkit/colors.py": "colors",
    "tripkit/planners/catalog.py": "catalog listening planner_contract",
    "tripkit/planners/entries.py": "catalog listening trips_data",
    "tripkit/planners/ranking.py": "catalog listening names",
    "tripkit/planners/evaluation.py": "planner_evaluation",
    "tripkit/planners/openai.py": "openai_planner planner_contract spending",
    "tripkit/planners/validation.py": "gates openai_planner planner_evaluation",
    "tripkit/planners/keywords.py": "wishes listening catalog",
    "tripkit/planners/lexicon.py": "listening wishes",
    "tripkit/planners/names.py": "listening",
    "tripkit/planners/negation.py": "listening wishes names",
    "tripkit/planners/refusal_rules.py": "listening wishes names",
    "tripkit/planners/regions.py": "names catalog",
    "tripkit/planners/quantities.py": "listening",
    "tripkit/planners/typos.py": "listening",
    "tripkit/diffusion/*.py": "diffusion",
    "tripkit/diffusion/denoising_error.py": "surprise",
    "tripkit/diffusion/flow.py": "flow",
    "tripkit/diffusion/prediction.py": "diffusion samplers",
    "tripkit/diffusion/samplers.py": "samplers flow diffusion",
    "tripkit/images/postcard.py": "postcard",
}


@dataclass(frozen=True)
class Mutant:
    """One change: which operator of cosmic-ray, at which of the places that it could change."""

    module: str
    operator: str
    occurrence: int
    place: tuple[int, int]  # line and column

    @property
    def key(self) -> str:
        """Its name in the results."""
        return f"{self.module}:{self.operator}:{self.occurrence}"


def suites() -> dict[str, list[str]]:
    """The test files of each module, all as paths from the root."""
    return {
        path.relative_to(ROOT).as_posix(): [f"tests/test_{name}.py" for name in names.split()]
        for pattern, names in SUITES.items()
        for path in sorted(ROOT.glob(pattern))
        if path.name != "__init__.py"
    }


def mutants(module: str) -> Iterator[Mutant]:
    """All of a module, but for those in annotations, which nothing reads when it runs."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    source = (ROOT / module).read_text(encoding="utf-8")
    tree, ignored = get_ast(source), list(_annotations(source))
    for name in sorted(operator_names()):
        if get_operator(name).arguments():
            continue
        operator = get_operator(name)()
        places = (p for node in ast_nodes(tree) for p in operator.mutation_positions(node))
        for occurrence, (start, _end) in enumerate(places):
            if not any(first <= start < last for first, last in ignored):
                yield Mutant(module, name, occurrence, start)


def _annotations(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """First and last place of each."""
    for node in ast.walk(ast.parse(source)):
        for field in ("annotation", "returns"):
            if (part := getattr(node, field, None)) is not None:
                yield (part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset)


def sample(count: int, seed: int, only: str = "") -> list[Mutant]:
    """As many of each module, first one of each place; a smaller sample begins a larger one.

    With ``only``, of the modules whose path matches that regular expression.
    """
    rng = random.Random(seed)
    ranked = []
    for module in filter(re.compile(only).search, suites()):
        places = defaultdict(list)
        for mutant in mutants(module):
            places[mutant.place].append(mutant)
        for group in places.values():
            rng.shuffle(group)
        firsts = [(rank, rng.random(), m) for g in places.values() for rank, m in enumerate(g)]
        firsts.sort(key=lambda each: each[:2])
        ranked += [(turn, rng.random(), each[2]) for turn, each in enumerate(firsts)]
    ranked.sort(key=lambda each: each[:2])
    return [mutant for _turn, _random, mutant in ranked[:count]]


class Checkout:
    """A copy of the tracked files, in which one module at a time is another."""

    def __init__(self, folder: str):
        self.folder = Path(folder)
        self._seconds: dict[tuple[str, ...], float] = {}
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
        for name in filter(None, os.fsdecode(names).split("\0")):
            if (ROOT / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.folder / name)

    def outcome(self, mutant: Mutant) -> dict:
        """What became of a mutant, and the lines that it changes."""
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator

        tests = suites()[mutant.module]
        seconds = self._usual_seconds(tests)
        path = self.folder / mutant.module
        source = path.read_text(encoding="utf-8")
        changed = mutate_code(source, get_operator(mutant.operator)(), mutant.occurrence)
        path.write_text(changed, encoding="utf-8")
        try:
            outcome = "survived" if self._passes(tests, 4 * seconds + 20) else "killed"
        finally:
            path.write_text(source, encoding="utf-8")
        before, after = _difference(source, changed)
        return {"outcome": outcome, "line": mutant.place[0], "before": before, "after": after}

    def _usual_seconds(self, tests: list[str]) -> float:
        key = tuple(tests)
        if key not in self._seconds:
            started = time.monotonic()
            if not self._passes(tests, 900, keep_bytecode=True):
                raise RuntimeError(f"without any change one fails of {' '.join(tests)}")
            self._seconds[key] = time.monotonic() - started
        return self._seconds[key]

    def _passes(self, tests: list[str], seconds: float, keep_bytecode: bool = False) -> bool:
        process = FORKS.Process(target=_run_tests, args=(self.folder, tests, keep_bytecode))
        process.start()
        process.join(seconds)
        if process.is_alive():
            os.killpg(process.pid, signal.SIGKILL)  # with what the tests have started
            process.join()
            return False
        if process.exitcode not in (0, 1, 2):  # neither passed nor failed nor broken at import
            raise RuntimeError(f"pytest {' '.join(tests)}: exit status {process.exitcode}")
        return process.exitcode == 0


# What most tests import, from elsewhere; nbval, a plugin of pytest, takes five seconds.
SHARED = ["pytest", "nbval.plugin", "numpy", "PIL.Image", "pydantic", "openai", "torch"]
SHARED += ["transformers", "diffusers"]
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(SHARED)


def _run_tests(folder: Path, tests: list[str], keep_bytecode: bool) -> None:
    """In a process of its own, ends it with pytest's exit status."""
    os.setsid()
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.chdir(folder)
    # Mutants leave no bytecode, which could be taken for that of the next.
    sys.dont_write_bytecode = not keep_bytecode
    os.environ |= {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in [name for name in sys.modules if re.match(r"(benchmarks|tripkit)\b", name)]:
        del sys.modules[name]
    sys.path[:] = [str(folder), *(path for path in sys.path if path not in ("", str(ROOT)))]
    import pytest

    # What is shared holds plugins of pytest.
    rewritten = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    quick = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", *rewritten]
    status = pytest.main([*quick, *tests])
    imported = sys.modules.get("tripkit")
    if imported is not None and not imported.__file__.startswith(str(folder)):
        status = 3  # not the copy
    os._exit(status)


def _difference(source: str, changed: str) -> tuple[str, str]:
    """The lines that differ, without indentation and blank ones."""
    old, new = ([line for line in text.splitlines() if line.strip()] for text in (source, changed))
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return tuple("\n".join(line.strip() for line in lines) for lines in (old, new))


def load() -> dict[str, dict]:
    """The results so far of modules that are as they were."""
    if not RESULTS.exists():
        return {}
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))["mutants"]
    now = {module: digest(module) for module in suites()}
    return {key: row for key, row in rows.items() if row["source"] == now.get(_module(key))}


def digest(module: str) -> str:
    """Of a module's source."""
    return hashlib.sha256((ROOT / module).read_bytes()).hexdigest()[:12]


def _module(key: str) -> str:
    return key.partition(":")[0]


def equivalents() -> list[dict]:
    """Mutants that behave like the original: module, before, after and the reason."""
    return tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("equivalent", [])


def table(rows: dict[str, dict]) -> list[str]:
    """Markdown: a row a module, and below it each mutant that survived without an excuse."""
    known = {(row["module"], row["before"], row["after"]) for row in equivalents()}
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    survivors = []
    for key, row in sorted(rows.items()):
        module, kind = _module(key), row["outcome"]
        if kind == "survived" and (module, row["before"], row["after"]) in known:
            kind = "equivalent"
        elif kind == "survived":
            survivors.append(f"- {module}:{row['line']} `{row['before']}` -> `{row['after']}`")
        for name in (module, "all"):
            counts[name][kind] += 1
    lines = ["| module | killed | survived | equivalent | score |", "|---|---|---|---|---|"]
    for module in [*sorted(counts.keys() - {"all"}), *(["all"] if counts else [])]:
        killed, survived = counts[module]["killed"], counts[module]["survived"]
        score = f"{100 * killed / (killed + survived):.0f}%" if killed + survived else "-"
        same = counts[module]["equivalent"]
        lines.append(f"| {module} | {killed} | {survived} | {same} | {score} |")
    return [*lines, "", *survivors]


def run(chosen: list[Mutant], rows: dict[str, dict], again: bool) -> dict[str, dict]:
    """Tries the mutants whose result is not known, and keeps each result."""
    left = [m for m in chosen if m.key not in rows or (again and _survived(rows[m.key]))]
    with tempfile.TemporaryDirectory() as folder:
        checkout = Checkout(folder) if left else None
        for number, mutant in enumerate(left, start=1):
            found = checkout.outcome(mutant)
            rows[mutant.key] = {"source": digest(mutant.module), **found}
            kept = {"date": str(date.today()), "python": platform.python_version(), "mutants": rows}
            text = json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True)
            RESULTS.write_text(text + "\n", encoding="utf-8")
            print(f"{number}/{len(left)} {found['outcome']} {mutant.key}", file=sys.stderr)
    return {mutant.key: rows[mutant.key] for mutant in chosen}


def _survived(row: dict) -> bool:
    return row["outcome"] == "survived"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=400, help="of mutants")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--only", default="", help="modules that match this regular expression")
    parser.add_argument("--again", action="store_true", help="try survivors once more")
    parser.add_argument("--table", action="store_true", help="print what is known, try nothing")
    options = parser.parse_args()
    chosen, known = sample(options.count, options.seed, options.only), load()
    if options.table:
        rows = {mutant.key: known[mutant.key] for mutant in chosen if mutant.key in known}
    else:
        rows = run(chosen, known, options.again)
    print(f"`python -m benchmarks.mutations --count {options.count} --seed {options.seed}`:")
    print(f"{len(rows)} of {len(chosen)} mutants tried; commit {_commit()}, {date.today()},")
    print(f"Python {platform.python_version()}, {platform.platform()}.\n")
    print("\n".join(table(rows)))


def _commit() -> str:
    told = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
