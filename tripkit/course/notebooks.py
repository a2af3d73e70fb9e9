"""The course's notebooks as files: where they are, and how they are read and written."""

from __future__ import annotations

import copy
import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
LANGUAGES = ("en", "ko")
APP_TAG = "app"  # of the cells that Voila serves


def notebook_language() -> str:
    """The language of the notebook that calls this: "en" or "ko".

    ``TRIPKIT_LANGUAGE`` decides, else the name of the folder it runs in; Korean anywhere else.
    """
    wished = os.environ.get("TRIPKIT_LANGUAGE", "") or Path.cwd().name
    return wished if wished in LANGUAGES else "ko"


def only_app(notebook):
    """A copy of a notebook with the cells tagged ``app`` alone."""
    served = copy.deepcopy(notebook)
    served.cells = [cell for cell in served.cells if APP_TAG in cell.metadata.get("tags", ())]
    return served


def read(path: Path):
    """The notebook in a file."""
    import nbformat

    return nbformat.read(path, as_version=4)


def write(notebook, path: Path) -> None:
    """Writes a notebook as git keeps it: UTF-8, line feeds."""
    import nbformat

    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
