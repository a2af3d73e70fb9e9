"""Serves the app's notebook through Voila to the browser of this machine, and to nobody else."""

import os
import secrets
import signal
import tempfile
import webbrowser
from pathlib import Path

from tripkit.core import messages, settings
from tripkit.core.console import say, system_language
from tripkit.core.errors import RequestError, StorageError
from tripkit.core.machine import HOST, free_port

NOTEBOOK = "10_trip_app.ipynb"
IDLE_SECONDS = 600  # a kernel whose page was closed ends after this


def app_notebook(language: str) -> Path:
    """The notebook that is the app in one language.

    Raises:
        RequestError: ``unknown_language``.
        StorageError: ``no_notebook``, an installation without the course's notebooks.
    """
    if language not in messages.LANGUAGES:
        known = ", ".join(messages.LANGUAGES)
        raise RequestError("unknown_language", language=repr(language), known=known)
    path = settings.package_folder().parent / "notebooks" / language / NOTEBOOK
    if not path.is_file():
        raise StorageError("no_notebook", name=f"notebooks/{language}/{NOTEBOOK}")
    return path


def serve_copy(notebook: Path, folder: Path) -> Path:
    """A notebook in ``folder`` with the app's cell alone, so that the page opens at once."""
    from tripkit.course.notebooks import only_app, read, write

    served = folder / notebook.name
    write(only_app(read(notebook)), served)
    return served


def voila_options(notebook: Path, port: int) -> list[str]:
    """Voila's command line for one notebook."""
    return [
        str(notebook),
        f"--Voila.ip={HOST}",
        f"--Voila.port={port}",
        # The token comes from JUPYTER_TOKEN: on a command line every user of the machine reads it.
        "--Voila.auto_token=True",
        "--Voila.open_browser=True",  # makes it call launch_browser, which is ours
        "--Voila.log_level=ERROR",
        "--KernelManager.transport_encryption=auto",
        "--show_tracebacks=False",
        f"--MappingKernelManager.cull_idle_timeout={IDLE_SECONDS}",
        "--MappingKernelManager.cull_interval=60",
    ]


def run_app(language: str | None = None, *, port: int | None = None, open_browser: bool = True):
    """Serves the app until Ctrl+C; prints its address, and opens it in the browser.

    The address holds a token made for this run: without it, no other user of this machine and no
    page of another site gets in. Postcards are saved in ``postcards`` of the current folder.

    Args:
        language: "ko" or "en"; None takes the system's.
        port: where to listen; None takes a free one (and one near it where it is taken).
        open_browser: whether to open the page.

    Raises:
        RequestError: ``unknown_language``.
        StorageError: ``no_notebook``.
    """
    language = language or system_language()
    notebook = app_notebook(language)
    # The kernel runs in the notebook's folder, and postcards belong where the user is.
    os.environ["TRIPKIT_POSTCARDS"] = str(settings.postcards_folder().resolve())
    os.environ["TRIPKIT_LANGUAGE"] = language
    token = os.environ["JUPYTER_TOKEN"] = secrets.token_urlsafe(16)
    # A kernel "python3" in the user's folder may belong to another Python: ours comes first.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"

    from tornado.ioloop import IOLoop
    from voila.app import Voila  # takes a second to import

    class Server(Voila):
        name = "voila"  # reads Voila's own settings files

        def launch_browser(self):  # called once it listens
            # Between two steps of the loop, not in the middle of one: no traceback on Ctrl+C.
            loop = IOLoop.current()
            signal.signal(signal.SIGINT, lambda *_: loop.add_callback_from_signal(loop.stop))
            address = f"http://{HOST}:{self.port}{self.base_url}?token={token}"
            say("cli.app_address", language, address=address)
            say("cli.app_stop", language)
            if open_browser:
                webbrowser.open(address)

    # Jupyter's own default is longer than tornado allows, which tornado would say on the console.
    pings = {"ws_ping_timeout": 30_000}
    with tempfile.TemporaryDirectory() as folder:
        served = serve_copy(notebook, Path(folder))
        options = voila_options(served, port or free_port())
        Server.launch_instance(options, tornado_settings=pings)
    say("cli.app_stopped", language)
