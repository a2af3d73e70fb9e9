"""The notebooks in two languages: what they share, and the command that keeps them in step.

    python -m tools.notebooks check    says where a Korean notebook is behind its English one
    python -m tools.notebooks sync     copies code cells from English to Korean, by cell id
    python -m tools.notebooks sync --new    ... and begins the Korean notebooks that there are not
    python -m tools.notebooks sync --fresh ID    ... and takes that Korean prose for up to date
    python -m tools.notebooks run      executes all of them and stores what they print, clean

The English notebook leads. Code cells are equal in both; a Korean text cell carries, as
``source_hash``, the hash of the English text that it renders.
"""

from __future__ import annotations

import argparse
import base64
import copy
import hashlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

from tripkit.app.notebook import read, write

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
MAX_BYTES = 500_000
FEW_COLORS = 4096  # figures have fewer, even with the soft edges of their letters
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# Keys, and paths of this machine: neither may stand in a stored output.
_SECRET = re.compile(r"\b(?:sk|hf|ghp)[-_][A-Za-z0-9_-]{8,}")
_ABSOLUTE = re.compile(r"(?<![\w/.:<-])(?:/(?:home|root|Users|tmp|work|usr|var|opt)/|[A-Z]:\\\w)")


def source_hash(text: str) -> str:
    """The hash that a Korean cell keeps of the English text it renders: 16 hex digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


# ------------------------------------------------------- the two languages


def differences(english, korean) -> list[str]:
    """Where the Korean notebook is behind: one line for each cell to look at."""
    found = []
    theirs = {cell.id: cell for cell in korean.cells}
    for cell in english.cells:
        other = theirs.get(cell.id)
        if other is None or other.cell_type != cell.cell_type:
            found.append(f"{cell.id}: not there as {cell.cell_type}")
        elif cell.cell_type == "code":
            if other.source != cell.source or _tags(other) != _tags(cell):
                found.append(f"{cell.id}: the code differs")
        elif other.metadata.get("source_hash") != source_hash(cell.source):
            found.append(f"{cell.id}: the English text has changed: read it again")
    order = [cell.id for cell in english.cells]
    found += [f"{id}: not in the English notebook" for id in theirs if id not in order]
    if not found and [cell.id for cell in korean.cells] != order:
        found.append("the cells stand in another order")
    return found


def synced(english, korean, fresh: tuple[str, ...] = ()):
    """The Korean notebook with the English one's code cells and order.

    Its own prose stays; a text cell that it lacks comes in English, marked as not yet rendered.
    Prose named in ``fresh`` ("all" for every cell) gets the hash of today's English text.
    """
    theirs = {cell.id: cell for cell in korean.cells}
    cells = []
    for cell in english.cells:
        other, new = theirs.get(cell.id), copy.deepcopy(cell)
        known = other is not None and other.cell_type == cell.cell_type
        if cell.cell_type == "code":
            same = known and other.source == cell.source
            new.outputs = other.outputs if same else []
            new.execution_count = other.execution_count if same else None
        else:
            new = other if known else new
            if not known:
                new.metadata["source_hash"] = ""
            if "all" in fresh or cell.id in fresh:
                new.metadata["source_hash"] = source_hash(cell.source)
        cells.append(new)
    result = copy.deepcopy(korean)
    result.cells = cells
    return result


def _tags(cell) -> list[str]:
    return sorted(cell.metadata.get("tags", ()))


# ------------------------------------------------------- execution


def execute(path: Path) -> None:
    """Executes a notebook in its own folder and stores it with clean outputs.

    Raises:
        RuntimeError: an output that must not be stored (see `problems`).
        nbclient.exceptions.CellExecutionError: a cell failed; the file stays as it was.
    """
    from nbclient import NotebookClient
    from traitlets.config import Config

    notebook = read(path)
    folder = {"metadata": {"path": str(path.parent)}}
    with tempfile.TemporaryDirectory() as postcards:
        settings = {"HF_HUB_OFFLINE": "1", "TRIPKIT_POSTCARDS": postcards}
        unset = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "TRIPKIT_LANGUAGE")
        environment = {k: v for k, v in os.environ.items() if k not in unset}
        NotebookClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            resources=folder,
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            record_timing=False,
            store_widget_state=False,
        ).execute(env=environment | settings)
    clean(notebook)
    if found := problems(notebook):
        raise RuntimeError(f"{path.name}: " + "; ".join(found))
    write(notebook, path)


def clean(notebook) -> None:
    """Takes out what differs from run to run or from machine to machine."""
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    kept = {key: notebook.metadata[key] for key in ("title",) if key in notebook.metadata}
    notebook.metadata = type(notebook.metadata)(
        {**kept, "kernelspec": python, "language_info": {"name": "python"}}
    )
    for cell in notebook.cells:
        for key in ("execution", "collapsed", "scrolled", "trusted"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs = _joined([output for output in cell.outputs if _kept(output)])
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    output["data"]["image/png"] = smaller(output["data"]["image/png"])


def smaller(png: str) -> str:
    """A figure's PNG, in base64, with a palette of 256 colours: less than half as long.

    A picture of more than `FEW_COLORS` colours, a photo say, stays as it is: it would show bands.
    """
    from PIL import Image

    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    if picture.getcolors(FEW_COLORS) is None:
        return png
    # Of the methods, this one keeps colours that only a few pixels have, such as a small picture's.
    how = {"method": Image.Quantize.MAXCOVERAGE, "kmeans": 1, "dither": Image.Dither.NONE}
    palette = picture.quantize(256, **how)
    file = io.BytesIO()
    palette.save(file, "PNG", optimize=True)
    return min(png, base64.b64encode(file.getvalue()).decode("ascii"), key=len)


def _joined(outputs: list) -> list:
    """The outputs, with what was printed in one piece: it comes in as many as the clock cut it."""
    joined = []
    for output in outputs:
        if joined and output.output_type == "stream" and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _kept(output) -> bool:
    if output.get("name") == "stderr":
        return False
    return WIDGET_VIEW not in output.get("data", {})  # without its state it shows as an error


def problems(notebook) -> list[str]:
    """What a stored notebook must not hold, one line each: errors, keys, paths, widget state."""
    found = ["widget state in the metadata"] if "widgets" in notebook.metadata else []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    counts = [cell.execution_count for cell in code]
    if counts != list(range(1, len(code) + 1)):
        found.append("not executed from top to bottom in one go")
    for cell in code:
        if "execution" in cell.metadata:
            found.append(f"{cell.id}: timings")
        for output in cell.outputs:
            text = _text(output)
            kinds = {
                "an error": output.get("output_type") == "error",
                "stderr": output.get("name") == "stderr",
                "widget state": WIDGET_VIEW in output.get("data", {}),
                "a key": _SECRET.search(text),
                "an absolute path": _ABSOLUTE.search(text) or str(FOLDER.parent) in text,
            }
            found += [f"{cell.id}: {kind} in an output" for kind, there in kinds.items() if there]
    return found


def _text(output) -> str:
    parts = [output.get("text", ""), *output.get("traceback", ())]
    parts += [v for k, v in output.get("data", {}).items() if not k.startswith("image/")]
    return "\n".join(map(str, parts))


# ------------------------------------------------------- files and the command


def pairs(names: list[str] | None = None) -> list[tuple[Path, Path]]:
    """Each English notebook with the place of its Korean one; ``names`` picks by part of a name."""
    english = sorted((FOLDER / "en").glob("*.ipynb"))
    picked = [p for p in english if not names or any(name in p.name for name in names)]
    return [(path, FOLDER / "ko" / path.name) for path in picked]


def _without_cells(notebook):
    bare = copy.deepcopy(notebook)
    bare.cells = []
    return bare


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; 1 where something is left to do."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.notebooks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["check", "sync", "run"])
    parser.add_argument("names", nargs="*", help="parts of file names; all notebooks if none")
    parser.add_argument("--new", action="store_true")
    parser.add_argument("--fresh", action="append", default=[], metavar="ID")
    options = parser.parse_intermixed_args(arguments)  # names may follow options
    behind = 0
    for english, korean in pairs(options.names):
        if options.command == "run":
            for path in filter(Path.exists, (english, korean)):
                execute(path)
                print(f"{path.parent.name}/{path.name}: executed")
        first = read(english)
        if options.command == "sync" and (korean.exists() or options.new):
            second = read(korean) if korean.exists() else _without_cells(first)
            write(synced(first, second, tuple(options.fresh)), korean)
        if korean.exists():
            lines = differences(first, read(korean))
            behind += len(lines)
        else:  # not every notebook is in both languages
            lines = ["there is no Korean notebook: sync --new begins one"]
        for line in lines:
            print(f"ko/{korean.name}: {line}")
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main())
