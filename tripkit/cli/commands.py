"""tripkit on the command line: three trips, a postcard, the lecture's demo, the app.

    tripkit plan 친구와 봄 소풍을 갈 만한 여행지를 추천해줘.
    tripkit postcard "A quiet autumn weekend with my parents." --choice 2 --out autumn.png
    tripkit demo
    tripkit app
    tripkit serve
    tripkit doctor
    tripkit services
    tripkit download stabilityai/sd-turbo
    tripkit midjourney "A spring picnic" --choice 1 --ar 3:2

Results go to stdout; progress and errors go to stderr. Exit status: 0, 2 where the input cannot be
used, 1 where something failed, 130 after Ctrl+C. ``python -m tripkit.cli`` is the same program.
"""

import dataclasses
import functools
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from tripkit import __version__
from tripkit.app import launch
from tripkit.cli import output
from tripkit.cli import services as cli_services
from tripkit.cli.output import tell
from tripkit.core.console import default_language, make_readable
from tripkit.core.errors import RequestError, StorageError, disk_problem
from tripkit.core.jobs import readable, run_inline
from tripkit.core.messages import LANGUAGES, Phrase, text
from tripkit.core.settings import check_language, check_option, expanded
from tripkit.core.text import clipped
from tripkit.images.base import MAX_SEED
from tripkit.images.postcard import Postcard
from tripkit.session import TripSession
from tripkit.trips import TRIPS, TripPlan

DEMO_REQUEST = "app.example_1"  # the lecture's
INTERRUPTED = 130  # the shell's own status for Ctrl+C


# What a wrong option raises, wherever this Typer keeps it.
UsageError: Any = typer.BadParameter.__base__


def _help(code: str) -> str:
    return text(code, default_language())


# Options are strings that our own checks read: their errors speak the user's language.
UNSAID: Any = None  # a language: `_command` puts the system's in its place
Request = Annotated[
    list[str] | None, typer.Argument(metavar="REQUEST", help=_help("cli.help_request"))
]
Language = Annotated[str, typer.Option(help=_help("cli.help_language"))]
Planner = Annotated[str, typer.Option(help=_help("cli.help_planner"))]
Model = Annotated[str, typer.Option(help=_help("cli.help_model"))]
Choice = Annotated[str, typer.Option(help=_help("cli.help_choice"))]
Seed = Annotated[str | None, typer.Option(help=_help("cli.help_seed"))]
DemoSeed = Annotated[str, typer.Option(help=_help("cli.help_demo_seed"))]
Out = Annotated[str | None, typer.Option(help=_help("cli.help_out"))]
Port = Annotated[str | None, typer.Option(help=_help("cli.help_port"))]
AsJson = Annotated[bool, typer.Option("--json", help=_help("cli.help_json"))]
Yes = Annotated[bool, typer.Option("--yes", "-y", help=_help("cli.help_yes"))]
Cap = Annotated[str | None, typer.Option(help=_help("cli.help_cap"))]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help=_help("cli.help_no_browser"))]
Date = Annotated[str | None, typer.Option(help=_help("cli.help_date"))]
Offline = Annotated[bool, typer.Option("--offline", help=_help("cli.help_offline"))]
Name = Annotated[str, typer.Argument(metavar="NAME", help=_help("cli.help_download_name"))]
Agreed = Annotated[bool, typer.Option("--yes", "-y", help=_help("cli.help_agreed"))]
Ratio = Annotated[str, typer.Option("--ar", help=_help("cli.help_ar"))]
Edition = Annotated[str | None, typer.Option("--v", help=_help("cli.help_version_of"))]
Unwanted = Annotated[str, typer.Option("--no", help=_help("cli.help_no"))]
Style = Annotated[str | None, typer.Option(help=_help("cli.help_style"))]
Stylize = Annotated[str | None, typer.Option(help=_help("cli.help_stylize"))]
Version = Annotated[bool, typer.Option("--version", help=_help("cli.help_version"))]

# Plain help and no boxes: they suit every console.
commands = typer.Typer(
    name="tripkit",
    help=_help("cli.help"),
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    make_readable()
    logging.getLogger("tripkit").addHandler(logging.NullHandler())  # no frames on the console
    try:
        return commands(arguments, prog_name="tripkit", standalone_mode=False) or 0
    except UsageError as error:
        problem = error.format_message().rstrip(".")
        tell(text("cli.bad_usage", default_language(), problem=problem))
        return 2


@commands.callback(invoke_without_command=True)
def _without_command(context: typer.Context, version: Version = False) -> None:
    if version:
        print(f"tripkit {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def _command(function):
    """Makes a command whose errors become one sentence in the user's language, and a status."""

    @functools.wraps(function)
    def explained(language: str | None, **options) -> int | None:
        spoken = language if language in LANGUAGES else default_language()
        try:
            if language is not None:
                check_language(language)
            status = function(language=spoken, **options)
            sys.stdout.flush()  # a closed pipe is noticed here, where Typer expects it
        except KeyboardInterrupt:
            print(file=sys.stderr)  # ends the line of progress
            tell(text("error.cancelled", spoken))
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, BrokenPipeError):
            raise
        except Exception as error:
            tell(readable(error).message(spoken))
            raise typer.Exit(2 if isinstance(error, RequestError) else 1) from None
        return status

    return commands.command(help=_help(f"cli.help_{function.__name__}"))(explained)


# ---------------------------------------------------------------- the commands


@_command
def plan(
    request: Request = None,
    language: Language = UNSAID,
    planner: Planner = "catalog",
    as_json: AsJson = False,
    yes: Yes = False,
    cap: Cap = None,
) -> None:
    """Prints three trips for a request."""
    session = _session(language, planner, cap=cap)
    show = output.print_json if as_json else output.print_plan
    show(_ask(session, " ".join(request or []), yes))


@_command
def postcard(
    request: Request = None,
    language: Language = UNSAID,
    planner: Planner = "catalog",
    model: Model = "postcard",
    choice: Choice = "1",
    seed: Seed = None,
    out: Out = None,
    yes: Yes = False,
    cap: Cap = None,
) -> None:
    """Draws the postcard of one of the three trips, and saves it."""
    number, seed_number, path = _number_of_trip(choice), _seed(seed), _png(out)
    session = _session(language, planner, model, path, cap)
    trip = _ask(session, " ".join(request or []), yes).trips[number - 1]
    output.print_trip(number, trip)
    print()
    output.print_postcard(_draw(session, number - 1, seed_number, path, yes), language)


@_command
def demo(
    language: Language = UNSAID,
    planner: Planner = "catalog",
    model: Model = "postcard",
    seed: DemoSeed = "1",
    out: Out = "postcard.png",
    yes: Yes = False,
    cap: Cap = None,
) -> None:
    """The lecture's request: prints its three trips, and draws the first as ``postcard.png``."""
    seed_number, path = _seed(seed), _png(out)
    session = _session(language, planner, model, path, cap)
    request = text(DEMO_REQUEST, language)
    print(request)
    output.print_plan(_ask(session, request, yes))
    print()
    output.print_postcard(_draw(session, 0, seed_number, path, yes), language)


@_command
def app(language: Language = UNSAID, port: Port = None, no_browser: NoBrowser = False) -> None:
    """Opens the trip app in the browser, from 127.0.0.1."""
    launch.run_app(language, port=_port(port), open_browser=not no_browser)


@_command
def serve(language: Language = UNSAID, port: Port = None) -> None:
    """Serves the shipped models to programs that speak OpenAI's protocol."""
    from tripkit.serving import run  # FastAPI takes a while to import

    def say(base_url: str, token: str) -> None:
        print(text("cli.serving", language))
        print(f"OPENAI_BASE_URL={base_url}\nOPENAI_API_KEY={token}", flush=True)

    run.serve(_port(port), say)


# ---------------------------------------------------------------- services


@_command
def doctor(language: Language = UNSAID, date: Date = None, offline: Offline = False) -> int:
    """Checks this computer and the registry; exit status 1 where something is to be mended."""
    day = cli_services.read_day(date)
    return cli_services.print_findings(language, day, online=not offline)


@_command
def services(language: Language = UNSAID, offline: Offline = False) -> None:
    """Lists planners, image models and local servers with their state."""
    cli_services.print_services(language, online=not offline)


@_command
def download(name: Name, language: Language = UNSAID, yes: Agreed = False) -> int:
    """Downloads a large model, after telling what it means and asking."""
    return cli_services.run_download(name, language, yes=yes)


@_command
def midjourney(
    request: Request = None,
    language: Language = UNSAID,
    planner: Planner = "catalog",
    choice: Choice = "1",
    ar: Ratio = "3:2",
    v: Edition = None,
    no: Unwanted = "",
    style: Style = None,
    stylize: Stylize = None,
    yes: Yes = False,
    cap: Cap = None,
) -> None:
    """Prints the /imagine command of one of the three trips."""
    from tripkit.images.midjourney import imagine_command

    number = _number_of_trip(choice)
    strength = None if stylize is None else _whole(stylize)
    options: dict[str, Any] = {"aspect_ratio": ar, "version": v, "no": no}
    options |= {"style": style, "stylize": strength}
    imagine_command("x", **options)  # a bad option is told before anybody is asked
    session = _session(language, planner, cap=cap)
    _ask(session, " ".join(request or []), yes)
    command = imagine_command(session.choose(number - 1), **options)
    cli_services.print_command(command, language)


# ---------------------------------------------------------------- from request to postcard


def _session(language, planner, model="postcard", path=None, cap=None) -> TripSession:
    return TripSession(
        planner,
        model,
        language=language,
        folder=path and path.parent,
        run=run_inline,
        on_change=output.ProgressLine(),
        ledger=output.ledger(cap),
    )


def _ask(session: TripSession, request: str, yes: bool) -> TripPlan:
    session.ask(request)
    output.settle(session, yes)
    return cast(TripPlan, session.plan)


def _draw(session: TripSession, index: int, seed, path: Path | None, yes: bool) -> Postcard:
    session.choose(index)
    try:
        session.draw(seed=seed)
        output.settle(session, yes)
    finally:  # Ctrl+C too: what has come may be paid for, and is on disk; say where
        _tell_kept(session)
    drawn = cast(Postcard, session.postcard)
    return drawn if path is None else _renamed(drawn, path, session.language)


def _tell_kept(session: TripSession) -> None:
    if session.partial is not None and session.partial.path is not None:
        tell(text("cli.partial", session.language, path=session.partial.path))
    for picture in session.rescue():
        tell(text("cli.rescued", session.language, path=picture.path))
    if session.unsaved:
        tell(text("cli.unsaved", session.language, count=len(session.unsaved)))


def _renamed(drawn: Postcard, path: Path, language: str) -> Postcard:
    try:
        os.replace(cast(Path, drawn.path), path)
    except OSError as error:  # a viewer holds the old file open, say
        tell(text("cli.rescued", language, path=drawn.path))
        reason = Phrase("problem.no_permission")
        raise StorageError("cannot_save", folder=str(path), reason=reason) from error
    return dataclasses.replace(drawn, path=path)


# ---------------------------------------------------------------- reading options


def _whole(value: str) -> int:
    """The whole number, or -1 where it is none."""
    value = value.strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else -1


def _number_of_trip(choice: str) -> int:
    known = [str(number) for number in range(1, TRIPS + 1)]
    return int(check_option("--choice", choice.strip(), known))


def _seed(seed: str | None) -> int | None:
    if seed is not None and not 0 <= _whole(seed) <= MAX_SEED:
        raise RequestError("bad_seed", seed=clipped(seed), limit=MAX_SEED)
    return None if seed is None else _whole(seed)


def _port(port: str | None) -> int | None:
    """The port to listen on; None means a free one."""
    if port is not None and not 1 <= _whole(port) <= 65535:
        raise RequestError("bad_option", option="--port", value=clipped(port), known="1-65535")
    return None if port is None else _whole(port)


def _png(out: str | None) -> Path | None:
    """The file to write; None means a new name in the folder of postcards."""
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
    return path
