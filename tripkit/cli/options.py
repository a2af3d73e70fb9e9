"""The options of the command line, how their values are read, and the language of its help.

Options are strings that our own checks read: their errors speak the user's language. What an
option or a command says of itself stands in ``tripkit/data/messages`` by code; ``translated`` puts
the texts of one language in place, since only the line itself tells which.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from tripkit.core.errors import RequestError, StorageError, disk_problem
from tripkit.core.messages import Phrase, text
from tripkit.core.settings import check_option, expanded
from tripkit.core.text import clipped
from tripkit.images.base import MAX_BATCH, MAX_SEED
from tripkit.trips import TRIPS

HELP: dict[str, Any] = {"help_option_names": ["-h", "--help"]}  # of every command
UNSAID: Any = None  # a language: `main` puts the line's, or the system's, in its place
Request = Annotated[list[str] | None, typer.Argument(metavar="REQUEST", help="cli.help_request")]
Language = Annotated[str, typer.Option(help="cli.help_language")]
Planner = Annotated[str, typer.Option(help="cli.help_planner")]
Model = Annotated[str, typer.Option(help="cli.help_model")]
Choice = Annotated[str, typer.Option(help="cli.help_choice")]
Seed = Annotated[str | None, typer.Option(help="cli.help_seed")]
Candidates = Annotated[str, typer.Option(help="cli.help_candidates")]
DemoSeed = Annotated[str, typer.Option(help="cli.help_demo_seed")]
Out = Annotated[str | None, typer.Option(help="cli.help_out")]
DemoOut = Annotated[str, typer.Option("--out", help="cli.help_demo_out")]
Port = Annotated[str | None, typer.Option(help="cli.help_port")]
AsJson = Annotated[bool, typer.Option("--json", help="cli.help_json")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="cli.help_yes")]
Cap = Annotated[str | None, typer.Option(help="cli.help_cap")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="cli.help_no_browser")]
Date = Annotated[str | None, typer.Option(help="cli.help_date")]
Offline = Annotated[bool, typer.Option("--offline", help="cli.help_offline")]
Models = Annotated[bool, typer.Option("--models", help="cli.help_models")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="cli.help_download_name")]
Agreed = Annotated[bool, typer.Option("--yes", "-y", help="cli.help_agreed")]
Ratio = Annotated[str, typer.Option("--ar", help="cli.help_ar")]
Edition = Annotated[str | None, typer.Option("--v", help="cli.help_version_of")]
Unwanted = Annotated[str, typer.Option("--no", help="cli.help_no")]
Style = Annotated[str | None, typer.Option(help="cli.help_style")]
Stylize = Annotated[str | None, typer.Option(help="cli.help_stylize")]
Version = Annotated[bool, typer.Option("--version", help="cli.help_version")]


def translated(command: Any, language: str) -> Any:
    """The command with the texts of a language in the place of the codes that it was made with."""
    command.help = text(command.help, language)
    for option in command.params:
        option.help = text(option.help, language)
    command.get_help_option(typer.Context(command, **HELP)).help = text("cli.help_help", language)
    for inner in getattr(command, "commands", {}).values():
        translated(inner, language)
    return command


def words_of(request: Sequence[str] | None) -> str:
    """The words of a command line as one text.

    Letters that the system's encoding lacks (in the locale C, say) come as bytes: they are UTF-8
    wherever anybody types them.

    Raises:
        RequestError: ``letters_lost``, they are not.
    """
    try:
        return " ".join(request or ()).encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        raise RequestError("letters_lost") from None


def whole_number(value: str) -> int:
    """The whole number, or -1 where it is none."""
    value = value.strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else -1


def trip_number(choice: str) -> int:
    """The trip of ``--choice``, 1 to 3.

    Raises:
        RequestError: ``unknown_option``.
    """
    known = [str(number) for number in range(1, TRIPS + 1)]
    return int(check_option("--choice", choice.strip(), known))


def picture_count(candidates: str) -> int:
    """The pictures of ``--candidates``, 1 to 4.

    Raises:
        RequestError: ``unknown_option``.
    """
    known = [str(number) for number in range(1, MAX_BATCH + 1)]
    return int(check_option("--candidates", candidates.strip(), known))


def seed_number(seed: str | None) -> int | None:
    """The seed; None where none is named.

    Raises:
        RequestError: ``bad_seed``.
    """
    if seed is not None and not 0 <= whole_number(seed) <= MAX_SEED:
        raise RequestError("bad_seed", seed=clipped(seed), limit=MAX_SEED)
    return None if seed is None else whole_number(seed)


def port_number(port: str | None) -> int | None:
    """The port to listen on; None means a free one.

    Raises:
        RequestError: ``bad_option``.
    """
    if port is not None and not 1 <= whole_number(port) <= 65535:
        raise RequestError("bad_option", option="--port", value=clipped(port), known="1-65535")
    return None if port is None else whole_number(port)


def png_path(out: str | None) -> Path | None:
    """The file to write; None means a new name in the folder of postcards.

    Raises:
        RequestError: ``bad_option``; ``no_folder``, the file's folder is not there.
        StorageError: ``cannot_save``.
    """
    if out is None:
        return None
    path = expanded(out)
    try:
        is_folder = path.is_dir()
    except OSError as error:  # a name of 300 letters, say
        folder = clipped(path.parent, 80)
        raise StorageError("cannot_save", folder=folder, reason=disk_problem(error)) from None
    if path.suffix.casefold() != ".png" or is_folder:
        known = Phrase("cli.out_allowed")
        raise RequestError("bad_option", option="--out", value=clipped(out, 80), known=known)
    if not path.parent.is_dir():  # a slip of the pen would make folders
        raise RequestError("no_folder", folder=clipped(path.parent, 80))
    return path
