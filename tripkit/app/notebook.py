"""Notebooks as files, and the part of one that is the app."""

import copy
from pathlib import Path

APP_TAG = "app"  # of the cells that Voila serves


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
