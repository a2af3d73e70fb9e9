"""Runs the service: for the command line until Ctrl+C, for lessons and tests in the background."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from typing import TYPE_CHECKING

import uvicorn

from tripkit.core.errors import ServiceError
from tripkit.core.machine import HOST, free_port
from tripkit.serving.app import make_app

if TYPE_CHECKING:
    import openai

STARTS_WITHIN = 30.0  # seconds


def new_token() -> str:
    """A token that nobody can guess, made for one run."""
    return secrets.token_urlsafe(16)


def server_of(app, port: int) -> uvicorn.Server:
    """A server of ``app`` on this machine alone, which logs no requests."""
    config = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",  # the protocol has no WebSockets; uvicorn would load a package for them
    )
    return uvicorn.Server(config)


class LocalService:
    """The service in the background of this process, on a free port.

    ``with LocalService() as service: service.client().models.list()``; or `start` and `stop`.

    Args:
        options: ``planner``, ``backend``, ``waiting`` of `app.make_app`.

    Attributes:
        app: the application, see `app.make_app`.
        base_url: where it listens, with ``/v1``; None before it was started.
        token: what it wants as an API key.
    """

    def __init__(self, **options):
        self.token = new_token()
        self.base_url: str | None = None
        self.app = make_app(token=self.token, **options)
        self._server: uvicorn.Server | None = None

    def start(self) -> LocalService:
        """Start it, and wait until it answers. Safe to call twice.

        Raises:
            ServiceError: ``service_not_started``.
        """
        if self._server is None:
            port = free_port()
            self._server = server_of(self.app, port)
            self._thread = threading.Thread(
                target=self._server.run, name="tripkit-serve", daemon=True
            )
            self._thread.start()
            until = time.monotonic() + STARTS_WITHIN
            while not self._server.started:
                if not self._thread.is_alive() or time.monotonic() > until:
                    self._server = None
                    raise ServiceError("service_not_started", port=port)
                time.sleep(0.02)
            self.base_url = f"http://{HOST}:{port}/v1"
        return self

    def stop(self) -> None:
        """Stop it, and free the port. Safe to call twice."""
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join(timeout=10)
            self._server = self.base_url = None

    def client(self, **options) -> openai.OpenAI:
        """The plain ``openai`` client of this service; the caller closes it."""
        from openai import OpenAI

        return OpenAI(base_url=self.base_url, api_key=self.token, **options)

    def __enter__(self) -> LocalService:
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()


def serve(port: int | None, say, **options) -> None:
    """Serve until Ctrl+C.

    Args:
        port: where to listen; None takes a free one.
        say: called with address and token once, before it starts.
        options: of `app.make_app`.

    Raises:
        ServiceError: ``port_taken``.
    """
    token = options.pop("token", None) or new_token()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        if os.name == "posix":  # elsewhere the option would let two programs share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port or 0))
        except OSError as error:
            raise ServiceError("port_taken", port=port) from error
        port = listener.getsockname()[1]
        say(f"http://{HOST}:{port}/v1", token)
        server_of(make_app(token=token, **options), port).run(sockets=[listener])
