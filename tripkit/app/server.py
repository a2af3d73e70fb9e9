"""Voila with bounds: which sockets and hosts it answers, how many kernels, and when it ends.

Imports Voila, which takes a second: it is imported where the app starts.
"""

import os
import shutil
import signal
import threading
import webbrowser
from html import escape
from pathlib import Path

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from traitlets import Bool, Callable, Unicode
from voila.app import Voila
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from tripkit.core.redaction import hide_in_logs

END_SECONDS = 4.0  # after a signal; the kernels get this long to end by themselves
MOST_KERNELS = 8  # one for each open page, of about 400 MB each
WIRE = "v1.kernel.websocket.jupyter.org"  # Jupyter's framing of messages; every browser offers it
OPEN_PAGE = '<meta charset="utf-8"><meta http-equiv="refresh" content="0;url={address}">\n'


class KernelSocket(VoilaKernelWebsocketHandler):
    """A page's socket to its kernel, in Jupyter's present framing alone.

    A message begins with the number of its parts, and Voila and Jupyter believe it: Voila 0.5.13
    reads a message of the older framing as one of 2**56 parts, which fills the memory.
    """

    async def get(self, kernel_id):
        """Refuses a client that does not offer the framing."""
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "")
        if WIRE not in [each.strip() for each in offered.split(",")]:
            raise HTTPError(400)
        await super().get(kernel_id=kernel_id)

    def select_subprotocol(self, subprotocols):
        """Takes the framing, whatever a settings file says."""
        return WIRE

    def on_message(self, ws_message):
        """Hangs up on a message that has not the parts that it announces."""
        if holds_its_parts(ws_message):
            super().on_message(ws_message)
        else:
            self.close(1003)


def holds_its_parts(message: bytes | str) -> bool:
    """Whether a message in the framing `WIRE` is as long as the table of its parts."""
    if not isinstance(message, bytes):
        return False
    return 2 <= int.from_bytes(message[:8], "little") < len(message) // 8


class Kernels(AsyncMappingKernelManager):
    """Kernels up to a number: each holds the libraries, a model and what it has drawn."""

    _starting = 0

    async def start_kernel(self, **options):  # type: ignore[override]  # theirs is not typed
        """Starts one more, unless `MOST_KERNELS` are there."""
        if len(self) + self._starting >= MOST_KERNELS:
            raise HTTPError(503, reason="Too many open pages: close one, and load this one again")
        self._starting += 1
        try:
            return await super().start_kernel(**options)
        finally:
            self._starting -= 1


class Server(Voila):
    """Serves one notebook on loopback to who has the token, and ends when it is told to.

    Attributes:
        private_folder: holds the page that brings the token to the browser; removed at the end.
        on_listening: called with the address, token included, once the server listens.
        browser_wanted: whether the page is opened then.
    """

    name = "voila"  # reads Voila's own settings files
    private_folder = Unicode()
    on_listening = Callable()
    browser_wanted = Bool(True)
    _ending = False

    def init_settings(self):
        """Voila's settings, but for this computer's names alone, and a log without the token."""
        local = {"allow_remote_access": False, "local_hostnames": ["localhost"]}
        # Jupyter's own default is longer than tornado allows, and tornado says so on the console.
        pings = {"ws_ping_timeout": 30_000}
        settings = {**super().init_settings(), **local, **pings}
        hide_in_logs(self.identity_provider.token, "tornado")  # it logs addresses as they came
        return settings

    def init_handlers(self):
        """Voila's handlers, with our socket in the place of its own."""
        ours = {VoilaKernelWebsocketHandler: KernelSocket}
        return [
            (path, ours.get(kind, kind), *more) for path, kind, *more in super().init_handlers()
        ]

    def launch_browser(self):
        """Called once it listens: listens to signals too, and opens the page."""
        self._loop = IOLoop.current()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._end)
        address = (
            f"http://{self.ip}:{self.port}{self.base_url}?token={self.identity_provider.token}"
        )
        self.on_listening(address)
        if self.browser_wanted:
            page = write_open_page(Path(self.private_folder), address)
            # A browser in the terminal is waited for, so not in this thread.
            threading.Thread(target=webbrowser.open, args=(page.as_uri(),), daemon=True).start()

    def _end(self, *_):
        """Stops the loop between two steps: no traceback. A loop that hangs is not waited for."""
        if self._ending:
            self._end_now()
        self._ending = True
        self._loop.add_callback_from_signal(self._loop.stop)
        timer = threading.Timer(END_SECONDS, self._end_now)
        timer.daemon = True
        timer.start()

    def _end_now(self):
        try:
            for kernel_id in self.kernel_manager.list_kernel_ids():
                process = self.kernel_manager.get_kernel(kernel_id).provisioner.process
                if process is not None:
                    process.kill()
            for folder in (self.private_folder, self.connection_dir):
                shutil.rmtree(folder, ignore_errors=True)
        finally:  # whatever else is broken, it ends
            os._exit(1)


def write_open_page(folder: Path, address: str) -> Path:
    """A page that leads to ``address``, which nobody but this user can read.

    The browser gets the page on its command line, where every user of the machine reads.
    """
    path = folder / "open.html"
    with open(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as f:
        f.write(OPEN_PAGE.format(address=escape(address)))
    return path
