"""A server that sends whatever bytes it is told to, on loopback."""

import base64
import json
import re
import socket
import struct
import threading
import time
import zlib
from contextlib import suppress

PNG = b"\x89PNG\r\n\x1a\n"
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
AS_JSON = OK + b"Content-Type: application/json\r\n\r\n"
AS_STREAM = OK + b"Content-Type: text/event-stream\r\n\r\n"


class Hostile:
    """Answers each request with ``pieces``, ``pause`` seconds apart, until the client hangs up.

    ``asked`` counts the requests, ``left`` is set once a client has hung up early.
    """

    def __init__(self, *pieces: bytes, pause: float = 0.0, again: bool = False):
        self.pieces, self.pause, self.again = pieces, pause, again
        self.asked, self.left = 0, threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.again = False
        self._listener.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with connection:
            try:
                read_request(connection)
                self.asked += 1
                for piece in self.pieces:
                    connection.sendall(piece)
                while self.again:
                    time.sleep(self.pause)
                    connection.sendall(self.pieces[-1])
            except OSError:
                self.left.set()


def read_request(connection: socket.socket) -> None:
    """All of it: bytes that nobody has read would reset the connection at its end."""
    asked = b""
    while b"\r\n\r\n" not in asked:
        asked += connection.recv(2**16)
    head, _, body = asked.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    missing = int(length.group(1)) - len(body) if length else 0
    while missing > 0:
        missing -= len(connection.recv(2**16))


def event(kind: str, **fields) -> bytes:
    return f"data: {json.dumps({'type': kind, **fields})}\n\n".encode()


def chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def flat_png(width: int, height: int, *extra: bytes) -> bytes:
    """A black picture in few bytes, with further chunks after its header."""
    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header), *extra, chunk(b"IDAT", pixels), chunk(b"IEND", b"")
    return PNG + b"".join(chunks)


def text_bombs(count: int, kind: bytes = b"zTXt") -> bytes:
    """Texts that unpack to 0.9 MB each."""
    packed = zlib.compress(bytes(900_000).replace(b"\0", b"a"), 9)
    head = {b"zTXt": b"n%d\0\0", b"iTXt": b"n%d\0\1\0\0\0"}[kind]
    return b"".join(chunk(kind, head % number + packed) for number in range(count))


def as_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
