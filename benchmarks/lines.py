"""Counts the lines of code of each room, now and at an older commit, as a Markdown table.

Run: ``python -m benchmarks.lines --base a3c983a``.

A line counts where a statement has code on it: no blanks, no comments, no docstrings. The last
column says how many comments (lines with one, docstrings apart) stand beside 100 lines of code.
Two figures compare the library: the row of that name sets each part beside itself; the line below
the table takes all of ``tripkit/`` as it was, recipes and lessons included.
"""

from __future__ import annotations

import argparse
import ast
import io
import subprocess
import tokenize
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from tripkit.core.text import markdown_table

ROOT = Path(__file__).resolve().parent.parent
APART = ("course", "recipes", "tools", "benchmarks")  # not the library
# Where modules of the flat package went; the first pattern that fits counts. Others kept their
# room: the folder under tripkit/, or the file.
MOVED = {
    "tripkit/training/*": "recipes",
    "tripkit/notebooks.py": "tools",
    "tripkit/checks/*": "course",
    "tripkit/plots/*": "course",
    "tripkit/comparison.py": "course",
    "tripkit/images/studies.py": "course",
    "tripkit/images/by_hand.py": "course",
    "tripkit/datasets/damage.py": "course",
    "tripkit/seeing.py": "course",
    "tripkit/diffusion/clusters.py": "benchmarks",
    "tripkit/clip_lesson.py": "course",
    "tripkit/diffusion/lesson.py": "course",
    "tripkit/generative/families.py": "course",
    "tripkit/generative/uses.py": "course",
    "tripkit/app*.py": "app",
    "tripkit/launch.py": "app",
    "tripkit/cli.py": "cli",
    "tripkit/cli_*.py": "cli",
    "tripkit/doctor*.py": "doctor",
    "tripkit/hub.py": "downloads",
    "tripkit/download*.py": "downloads",
    "tripkit/datasets/download.py": "downloads",
    "tripkit/clip.py": "clip",
    "tripkit/byte_letters.py": "clip",
    "tripkit/images/tokens.py": "clip",
    "tripkit/prompts.py": "prompts",
    "tripkit/images/wording.py": "prompts",
    "tripkit/near_places.py": "prompts",
    "tripkit/vocabulary.py": "prompts",
    "tripkit/trainer.py": "training",
    "tripkit/diffusion/ema.py": "training",
    "tripkit/generative/saving.py": "training",
    "tripkit/metrics.py": "generative",
    "tripkit/choices.py": "model_menu.py",
    **dict.fromkeys(
        (f"tripkit/{name}.py" for name in ("errors", "messages", "settings", "machine", "jobs")),
        "core",
    ),
    "tripkit/services.py": "services",
    "tripkit/servers.py": "services",
    "tripkit/prices.py": "services",
    "tripkit/spending.py": "services",
    "tripkit/paying.py": "services",
    "tripkit/deadlines.py": "services",
    "tripkit/openai_*.py": "services",
}
_EMPTY = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def code_lines(source: str) -> int:
    """The physical lines that hold code of a statement other than a docstring."""
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _EMPTY:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if ast.get_docstring(node, clean=False) is not None:
                lines.difference_update(range(first.lineno, first.end_lineno + 1))
    return len(lines)


def comment_lines(source: str) -> int:
    """The lines that hold a comment, alone or behind code."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return sum(token.type == tokenize.COMMENT for token in tokens)


def room(path: str, *, old: bool = False) -> str:
    """The room of a module: by `MOVED` in the old tree, else by where it lies."""
    if old:
        found = (name for pattern, name in MOVED.items() if fnmatch(path, pattern))
        if name := next(found, None):
            return name
    top, _, rest = path.partition("/")
    return rest.split("/")[0] if top == "tripkit" else top


def counted(
    files: Iterable[tuple[str, str]],
    count: Callable[[str], int] = code_lines,
    *,
    old: bool = False,
) -> Counter[str]:
    """Lines by room, of code unless ``count`` says otherwise."""
    lines = Counter()
    for path, source in files:
        lines[room(path, old=old)] += count(source)
    return lines


def working_tree() -> Iterator[tuple[str, str]]:
    """Path and text of each module as it is now."""
    paths = [path for top in ("tripkit", "recipes", "tools") for path in (ROOT / top).rglob("*.py")]
    # Of the benchmarks only what was in tripkit/ once: the others were always beside it.
    for path in [*sorted(paths), ROOT / "benchmarks" / "kmeans_labels.py"]:
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def committed(commit: str) -> Iterator[tuple[str, str]]:
    """Path and text of each module as it was at a commit."""
    tops = ("tripkit", "recipes", "tools")
    for path in _git("ls-tree", "-r", "--name-only", commit, "--", *tops).splitlines():
        if path.endswith(".py"):
            yield path, _git("show", f"{commit}:{path}")


def table(now: Counter[str], comments: Counter[str], base: Counter[str] | None = None) -> str:
    """The library's rooms and their sum, then what stands apart, and all together."""
    names = sorted(now.keys() | (base or {}).keys())
    library = [name for name in names if name not in APART]
    groups = [(name, [name]) for name in library] + [("**library**", library)]
    groups += [(name, [name]) for name in APART] + [("**all**", names)]
    rows = [_row(label, parts, now, base) for label, parts in groups]
    for row, (_, parts) in zip(rows, groups, strict=True):
        row.append(_per_hundred(comments, now, parts))
    heads = ["room", "base", "now", "change"] if base else ["room", "now"]
    return markdown_table([*heads, "comments per 100"], rows, numbers=True)


def shrunk(now: Counter[str], base: Counter[str]) -> str:
    """The library beside all that ``tripkit/`` held, from which recipes and lessons moved out."""
    library = sum(count for name, count in now.items() if name not in APART)
    before = sum(base.values())
    return f"library: {library:,} lines, {library / before:.1%} of the {before:,} in tripkit/ then"


def _row(label: str, parts: list[str], now: Counter, base: Counter | None) -> list[str]:
    after = sum(now[part] for part in parts)
    if not base:
        return [label, f"{after:,}"]
    before = sum(base[part] for part in parts)
    change = f"{100 * (after - before) / before:+.1f}%" if before else "new"
    return [label, f"{before:,}", f"{after:,}", change]


def _per_hundred(comments: Counter, code: Counter, parts: list[str]) -> str:
    lines = sum(code[part] for part in parts)
    return f"{100 * sum(comments[part] for part in parts) / lines:.1f}" if lines else "-"


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
    )
    return done.stdout


def main(arguments: list[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Lines of code by room.")
    parser.add_argument("--base", metavar="COMMIT", help="an older commit to compare with")
    options = parser.parse_args(arguments)
    base = counted(committed(options.base), old=True) if options.base else None
    files = list(working_tree())
    now = counted(files)
    print(table(now, counted(files, comment_lines), base))
    if base:
        print(f"\n{shrunk(now, base)}")


if __name__ == "__main__":
    main()
