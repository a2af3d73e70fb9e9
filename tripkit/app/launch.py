"""Serves the app's notebook through Voila to the browser of this machine, and to nobody else."""

import os
import secrets
import tempfile
from pathlib import Path

from tripkit.app.notebook import only_app, read, write
from tripkit.core import settings
from tripkit.core.console import say, system_language
from tripkit.core.errors import StorageError
from tripkit.core.machine import HOST, free_port, listener_on

NOTEBOOK = "10_trip_app.ipynb"
HUB_FOLDERS = ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")  # of `huggingface_hub`
IDLE_SECONDS = 600  # a kernel whose page was closed ends after this


def app_notebook(language: str) -> Path:
    """The notebook that is the app in one language.

    Raises:
        RequestError: ``unknown_language``.
        StorageError: ``no_notebook``, an installation without the course's notebooks.
    """
    settings.check_language(language)
    path = settings.package_folder().parent / "notebooks" / language / NOTEBOOK
    if not path.is_file():
        raise StorageError("no_notebook", name=f"notebooks/{language}/{NOTEBOOK}")
    return path


def serve_copy(notebook: Path, folder: Path) -> Path:
    """A notebook in ``folder`` with the app's cell alone, so that the page opens at once."""
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
        "--VoilaConfiguration.multi_kernel_manager_class=tripkit.app.server.Kernels",
        "--Voila.log_level=ERROR",
        "--KernelManager.transport_encryption=auto",
        "--show_tracebacks=False",
        f"--MappingKernelManager.cull_idle_timeout={IDLE_SECONDS}",
        "--MappingKernelManager.cull_interval=60",
    ]


def fix_folders() -> None:
    """Makes the folders in the environment absolute: a kernel runs in the notebook's folder.

    So the app finds models, and saves postcards, where the command line does.
    """
    os.environ["TRIPKIT_POSTCARDS"] = str(settings.postcards_folder().resolve())
    if os.environ.get("TRIPKIT_DATA", "").strip():
        os.environ["TRIPKIT_DATA"] = str(settings.data_folder().resolve())
    for name in HUB_FOLDERS:
        if value := os.environ.get(name):
            os.environ[name] = os.path.abspath(os.path.expanduser(value))


def run_app(language: str | None = None, *, port: int | None = None, open_browser: bool = True):
    """Serves the app until Ctrl+C; prints its address, and opens it in the browser.

    The address holds a token made for this run: without it, no other user of this machine and no
    page of another site gets in. Postcards are saved in ``postcards`` of the current folder.

    Args:
        language: "ko" or "en"; None takes the system's.
        port: where to listen; None takes a free one.
        open_browser: whether to open the page.

    Raises:
        RequestError: ``unknown_language``.
        StorageError: ``no_notebook``.
        ServiceError: ``port_taken``.
    """
    if port is not None:
        listener_on(port).close()  # a port that is named is taken, or nothing is
    language = language or system_language()
    notebook = app_notebook(language)
    fix_folders()
    os.environ["TRIPKIT_LANGUAGE"] = language
    os.environ["JUPYTER_TOKEN"] = secrets.token_urlsafe(16)
    # A kernel "python3" in the user's folder may belong to another Python: ours comes first.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"

    from tripkit.app.server import Server  # imports Voila, which takes a second

    def listening(address: str) -> None:
        say("cli.app_address", language, address=address)
        say("cli.app_stop", language)

    with tempfile.TemporaryDirectory() as private:
        (Path(private) / "served").mkdir()
        served = serve_copy(notebook, Path(private) / "served")
        server = {"private_folder": private, "on_listening": listening}
        server["browser_wanted"] = open_browser
        options = voila_options(served, port or free_port())
        # Voila would go on to the ports beside a taken one.
        options += [] if port is None else ["--Voila.port_retries=0"]
        Server.launch_instance(options, **server)
    say("cli.app_stopped", language)
