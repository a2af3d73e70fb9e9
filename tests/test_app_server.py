"""The app's server attacked: the token stays private, memory and kernels bounded, the end quick."""

import asyncio
import os
import re
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import nbformat
import psutil
import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from tripkit.app import server
from tripkit.app.server import WIRE, holds_its_parts

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and file modes")
SERVE = """
import sys
from pathlib import Path
from tornado.ioloop import PeriodicCallback
from tripkit.app import launch, server

def busy():
    while Path("busy").exists():
        pass

class Server(server.Server):
    def launch_browser(self):
        super().launch_browser()
        self.watch = PeriodicCallback(busy, 50)
        self.watch.start()

server.MOST_KERNELS = 1
server.END_SECONDS = 1.5
server.Server = Server
launch.app_notebook = lambda language: Path(sys.argv[1])
launch.run_app("en")
"""
BROWSER = f"""#!{sys.executable}
import sys
open({{seen!r}}, "w").write(sys.argv[1])
"""


def message(*parts: bytes, count: int | None = None) -> bytes:
    """A message in the present framing, which may announce another number of parts."""
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    numbers = [len(offsets) if count is None else count, *offsets]
    return b"".join(number.to_bytes(8, "little") for number in numbers) + b"".join(parts)


def test_a_message_is_as_long_as_its_table_of_parts():
    assert holds_its_parts(message(b"shell", b"{}", b"{}", b"{}", b"{}"))
    assert not holds_its_parts(message(b"shell", b"{}", count=2**56))
    assert not holds_its_parts(message(b"shell", b"{}", count=0))
    for odd in (b"", b"\xff" * 7, b"\xff" * 16, "text"):
        assert not holds_its_parts(odd)


@posix
def test_the_page_that_brings_the_token_is_its_users_alone(tmp_path):
    page = server.write_open_page(tmp_path, "http://127.0.0.1:1/?token=a&b=<")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert "url=http://127.0.0.1:1/?token=a&amp;b=&lt;" in page.read_text("utf-8")
    with pytest.raises(FileExistsError):  # nobody else's file is taken for it
        server.write_open_page(tmp_path, "http://127.0.0.1:1/")


class App:
    """The server in a process of its own, and the address that the console tells."""

    def __init__(self, folder: Path):
        notebook = folder / "app.ipynb"
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        nbformat.write(nbformat.v4.new_notebook(metadata=kernel), notebook)
        self.busy, self.seen = folder / "busy", folder / "seen"
        browser = folder / "browser"
        browser.write_text(BROWSER.format(seen=str(self.seen)), "utf-8")
        browser.chmod(0o700)
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(notebook)],
            cwd=folder,
            env={**os.environ, "BROWSER": f"{browser} %s"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        line = self.process.stdout.readline()
        self.address = re.search(r"http://\S+", line).group()
        self.token = self.address.partition("token=")[2]
        self.netloc = urlsplit(self.address).netloc

    def get(self, path="", **headers):
        """The status of a page, with the token."""
        url = f"http://{self.netloc}/{path}?token={self.token}"
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, headers=headers), None, 30
            ) as it:
                it.read()
                return it.status
        except urllib.error.HTTPError as error:
            return error.code

    def kernels(self):
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [each for each in children if "ipykernel" in " ".join(each.cmdline())]

    def channels(self, kernel_id):
        return f"/api/kernels/{kernel_id}/channels?token={self.token}"

    def socket(self, kernel_id):
        url = f"ws://{self.netloc}{self.channels(kernel_id)}"
        return websocket_connect(HTTPRequest(url, request_timeout=20), subprotocols=[WIRE])

    def handshake(self, kernel_id, **offered):
        """The status of a WebSocket's first request."""
        wanted = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        with closing(HTTPConnection(self.netloc, timeout=20)) as connection:
            headers = {**wanted, "Sec-WebSocket-Key": "MTIzNDU2Nzg5MDEyMzQ1Ng==", **offered}
            connection.request("GET", self.channels(kernel_id), headers=headers)
            return connection.getresponse().status

    def memory(self):
        return psutil.Process(self.process.pid).memory_info().rss

    def end(self, name=signal.SIGTERM):
        """Seconds until the server and its kernels are gone, and what it wrote."""
        kernels, started = self.kernels(), time.monotonic()
        self.process.send_signal(name)
        said = self.process.communicate(timeout=20)[0]
        psutil.wait_procs(kernels, timeout=10)
        return time.monotonic() - started, said


ENDS_WITHIN = 5  # seconds, from a signal: the bar


@pytest.fixture
def app(tmp_path):
    app = App(tmp_path)
    yield app
    app.busy.unlink(missing_ok=True)
    if app.process.poll() is None:
        app.process.kill()
    app.process.communicate()


def kernel_id(app):
    """The kernel of a page that is opened, which tells it to its browser."""
    with urllib.request.urlopen(app.address, timeout=30) as page:
        return re.search(r'"?kernelId"?: ?"([0-9a-f-]{36})"', page.read().decode()).group(1)


@posix
@pytest.mark.slow
@pytest.mark.alone
def test_the_token_is_on_no_command_line_and_in_no_log(app):
    until = time.monotonic() + 10
    while not (app.seen.exists() and app.seen.read_text("utf-8")) and time.monotonic() < until:
        time.sleep(0.05)
    opened = app.seen.read_text("utf-8")
    assert opened.startswith("file://") and app.token not in opened
    page = Path(url2pathname(urlsplit(opened).path))
    assert app.token in page.read_text("utf-8")
    assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700
    assert app.get("voila/files/open.html") in (403, 404)
    assert app.get("voila/files/none.ipynb") == 403
    assert app.get("api/kernels/none", Host="evil.example") in (403, 404)
    assert app.get(Host="evil.example") == 403
    _, said = app.end()
    assert "403 GET" in said and app.token not in said
    assert not page.exists() and app.process.returncode == 0


@posix
@pytest.mark.slow
@pytest.mark.alone
def test_one_socket_neither_fills_the_memory_nor_one_page_too_many(app):
    async def attack():
        for lie in (message(b"shell", b"{}", count=2**56), b"\xff" * 16, "text"):
            socket = await app.socket(page)
            await socket.write_message(lie, binary=isinstance(lie, bytes))
            while await asyncio.wait_for(socket.read_message(), 10) is not None:
                pass  # what the kernel says of itself; None where the server has hung up
            assert socket.close_code == 1003
            socket.close()

    page = kernel_id(app)
    before = app.memory()
    assert app.handshake(page) == 400
    assert app.handshake(page, **{"Sec-WebSocket-Protocol": "v0.kernel, v1"}) == 400
    assert app.handshake(page, **{"Sec-WebSocket-Protocol": f"v0.kernel, {WIRE}"}) == 101
    asyncio.run(attack())
    assert app.memory() - before < 100e6
    assert len(app.kernels()) == 1
    assert app.get() == 503  # MOST_KERNELS are there
    assert len(app.kernels()) == 1
    assert app.get(f"api/kernels/{uuid.uuid4()}") == 404
    seconds, _ = app.end()
    assert seconds < 3 * ENDS_WITHIN  # machines are shared


@posix
@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_loop_that_hangs_with_its_kernels(app, name):
    kernel_id(app)
    kernels = app.kernels()
    app.busy.touch()
    time.sleep(0.3)
    seconds, said = app.end(name)
    assert seconds < 3 * ENDS_WITHIN  # machines are shared
    assert "Traceback" not in said
    assert not any(each.is_running() for each in kernels)
