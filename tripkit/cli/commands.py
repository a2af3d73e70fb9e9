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
used, 1 where something failed, 130 after Ctrl+C. ``python -m tripkit`` is the same program.
"""

import functools
import logging
import sys
from typing import Any

import typer

from tripkit import __version__
from tripkit.app import launch
from tripkit.cli import options, output, visit
from tripkit.cli import services as cli_services
from tripkit.cli.options import UNSAID
from tripkit.cli.output import tell
from tripkit.core.console import default_language, language_said, make_readable
from tripkit.core.errors import RequestError
from tripkit.core.jobs import readable
from tripkit.core.messages import text
from tripkit.core.settings import check_language

DEMO_REQUEST = "app.example_1"  # the lecture's
INTERRUPTED = 130  # the shell's own status for Ctrl+C

# What a wrong option raises, wherever this Typer keeps it.
UsageError: Any = typer.BadParameter.__base__

# Plain help and no boxes: they suit every console.
commands = typer.Typer(
    name="tripkit",
    help="cli.help",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings=options.HELP,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    make_readable()
    logging.getLogger("tripkit").addHandler(logging.NullHandler())  # no frames on the console
    language = default_language()
    try:
        said = language_said(sys.argv[1:] if arguments is None else arguments)
        language = check_language(said or language)
        return _run(arguments, language)
    except UsageError as error:
        problem = error.format_message().rstrip(".")
        tell(text("cli.bad_usage", language, problem=problem))
    except RequestError as error:  # a language that we do not speak
        tell(error.message(language))
    except typer.Abort:  # Ctrl+C while the line is read
        tell(text("error.cancelled", language))
        return INTERRUPTED
    return 2


def _run(arguments: list[str] | None, language: str) -> int:
    group = options.translated(typer.main.get_command(commands), language)
    defaults = dict.fromkeys(group.commands, {"language": language})
    return group(arguments, "tripkit", standalone_mode=False, default_map=defaults) or 0


@commands.callback(invoke_without_command=True)
def _without_command(
    context: typer.Context,
    language: options.Language = UNSAID,  # `main` has read it: each command has it for its own
    version: options.Version = False,
) -> None:
    if version:
        print(f"tripkit {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


def _command(function):
    """Makes a command whose errors become one sentence in the user's language, and a status."""

    @functools.wraps(function)
    def explained(language: str, **values) -> int | None:
        try:
            status = function(language=language, **values)
            sys.stdout.flush()  # a closed pipe is noticed here, where Typer expects it
        except KeyboardInterrupt:
            print(file=sys.stderr)  # ends the line of progress
            tell(text("error.cancelled", language))
            raise typer.Exit(INTERRUPTED) from None
        except (typer.Exit, BrokenPipeError):
            raise
        except Exception as error:
            tell(readable(error).message(language))
            raise typer.Exit(2 if isinstance(error, RequestError) else 1) from None
        return status

    name = function.__name__
    return commands.command(help=f"cli.help_{name}", context_settings=options.HELP)(explained)


# ---------------------------------------------------------------- the commands


@_command
def plan(
    request: options.Request = None,
    language: options.Language = UNSAID,
    planner: options.Planner = "catalog",
    as_json: options.AsJson = False,
    yes: options.Yes = False,
    cap: options.Cap = None,
) -> None:
    """Prints three trips for a request."""
    session = visit.open_session(language, planner, cap=cap)
    show = output.print_json if as_json else output.print_plan
    show(visit.ask(session, options.words_of(request), yes))


@_command
def postcard(
    request: options.Request = None,
    language: options.Language = UNSAID,
    planner: options.Planner = "catalog",
    model: options.Model = "postcard",
    choice: options.Choice = "1",
    seed: options.Seed = None,
    candidates: options.Candidates = "1",
    out: options.Out = None,
    yes: options.Yes = False,
    cap: options.Cap = None,
) -> None:
    """Draws the postcard of one of the three trips, or several to choose from, and saves it."""
    number, seed_number, count, path = (
        options.trip_number(choice),
        options.seed_number(seed),
        options.picture_count(candidates),
        options.png_path(out),
    )
    session = visit.open_session(language, planner, model, path, cap)
    session.prepare()
    if count > 1:
        visit.batch_backend(session)  # what draws one by one is refused before anything is paid
    trip = visit.ask(session, options.words_of(request), yes).trips[number - 1]
    output.print_trip(number, trip)
    if count > 1:
        drawn = visit.draw_candidates(session, number - 1, seed_number, count, path)
    else:
        drawn = [visit.draw(session, number - 1, seed_number, path, yes)]
    for card in drawn:
        print()
        output.print_postcard(card, language)


@_command
def demo(
    language: options.Language = UNSAID,
    planner: options.Planner = "catalog",
    model: options.Model = "postcard",
    seed: options.DemoSeed = "1",
    out: options.DemoOut = "postcard.png",
    yes: options.Yes = False,
    cap: options.Cap = None,
) -> None:
    """The lecture's request: prints its three trips, and draws the first as ``postcard.png``."""
    seed_number, path = options.seed_number(seed), options.png_path(out)
    session = visit.open_session(language, planner, model, path, cap)
    session.prepare()
    request = text(DEMO_REQUEST, language)
    print(request)
    output.print_plan(visit.ask(session, request, yes))
    print()
    output.print_postcard(visit.draw(session, 0, seed_number, path, yes), language)


@_command
def app(
    language: options.Language = UNSAID,
    port: options.Port = None,
    no_browser: options.NoBrowser = False,
) -> None:
    """Opens the trip app in the browser, from 127.0.0.1."""
    launch.run_app(language, port=options.port_number(port), open_browser=not no_browser)


@_command
def serve(language: options.Language = UNSAID, port: options.Port = None) -> None:
    """Serves the shipped models to programs that speak OpenAI's protocol."""
    from tripkit.serving import run  # FastAPI takes a while to import

    def say(base_url: str, token: str) -> None:
        print(text("cli.serving", language))
        print(f"OPENAI_BASE_URL={base_url}\nOPENAI_API_KEY={token}", flush=True)

    run.serve(options.port_number(port), say)


# ---------------------------------------------------------------- services


@_command
def doctor(
    language: options.Language = UNSAID,
    date: options.Date = None,
    offline: options.Offline = False,
    models: options.Models = False,
) -> int:
    """Checks this computer and the registry; exit status 1 where something is to be mended."""
    day = cli_services.read_day(date)
    return cli_services.print_findings(language, day, online=not offline, every=models)


@_command
def services(language: options.Language = UNSAID, offline: options.Offline = False) -> None:
    """Lists planners, image models and local servers with their state."""
    cli_services.print_services(language, online=not offline)


@_command
def download(
    name: options.Name, language: options.Language = UNSAID, yes: options.Agreed = False
) -> int:
    """Downloads a large model, after telling what it means and asking."""
    return cli_services.run_download(name, language, yes=yes)


@_command
def midjourney(
    request: options.Request = None,
    language: options.Language = UNSAID,
    planner: options.Planner = "catalog",
    choice: options.Choice = "1",
    ar: options.Ratio = "3:2",
    v: options.Edition = None,
    no: options.Unwanted = "",
    style: options.Style = None,
    stylize: options.Stylize = None,
    yes: options.Yes = False,
    cap: options.Cap = None,
) -> None:
    """Prints the /imagine command of one of the three trips."""
    from tripkit.images.midjourney import imagine_command

    number = options.trip_number(choice)
    strength = None if stylize is None else options.whole_number(stylize)
    parameters: dict[str, Any] = {"aspect_ratio": ar, "version": v, "no": options.words_of([no])}
    parameters |= {"style": style, "stylize": strength}
    imagine_command("x", **parameters)  # a bad option is told before anybody is asked
    session = visit.open_session(language, planner, cap=cap)
    visit.ask(session, options.words_of(request), yes)
    command = imagine_command(session.choose(number - 1), **parameters)
    cli_services.print_command(command, language)
