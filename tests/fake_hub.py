"""A fake Hugging Face hub on loopback: a list of files, and the files, with ranges and faults."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 100_000  # bytes, from which on the hub gives a SHA-256


class FakeHub:
    """Serves the files of one folder as the model ``name``.

    Faults, each a number or a name to set: ``cut_after`` bytes of each answer the connection
    breaks, ``ranges`` whether it knows ranges, ``damage`` a path whose bytes come wrong, ``status``
    what the list answers with, ``extra`` rows for the list.
    """

    def __init__(self, folder: Path, name: str):
        self.folder, self.name = Path(folder), name
        self.cut_after, self.ranges, self.damage = None, True, None
        self.status, self.extra, self.listing = 200, [], None
        self.license = "mit"
        self.asked: list[tuple[str, str | None]] = []
        self.sent = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # clients that hang up belong to the tests
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def rows(self) -> list[dict]:
        rows = []
        for path in self.files():
            data = path.read_bytes()
            sha1 = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
            row = {"rfilename": path.relative_to(self.folder).as_posix(), "size": len(data)}
            row["blobId"] = sha1
            if len(data) >= LARGE:
                row["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            rows.append(row)
        return [*rows, *self.extra]


def _handler(hub: FakeHub):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_GET(self):
            path = unquote(urlsplit(self.path).path)
            hub.asked.append((path, self.headers.get("range")))
            start = f"/{hub.name}/resolve/{COMMIT}/"
            if path == f"/api/models/{hub.name}":
                answer = {"sha": COMMIT, "siblings": hub.rows()}
                answer["cardData"] = {"license": hub.license}
                data = hub.listing or json.dumps(answer).encode()
                self._send(hub.status, data)
            elif path.startswith(start) and (hub.folder / path[len(start) :]).is_file():
                self._file(path[len(start) :])
            else:
                self._send(401, b"{}")

        def _file(self, name):
            data = (hub.folder / name).read_bytes()
            if name == hub.damage:
                data = bytes(byte ^ 1 for byte in data)
            begin, status = 0, 200
            if hub.ranges and (asked := self.headers.get("range")):
                begin, status = int(asked.removeprefix("bytes=").rstrip("-")), 206
            self._send(status, data[begin:], {"Content-Range": f"bytes {begin}-*/{len(data)}"})

        def _send(self, status, data, headers=None):
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            cut = hub.cut_after if status in (200, 206) and "/resolve/" in self.path else None
            whole = data if cut is None else data[:cut]
            hub.sent += len(whole)  # before the client, who may look at it, has all of it
            self.wfile.write(whole)
            if len(whole) < len(data):
                self.close_connection = True

    return Handler
