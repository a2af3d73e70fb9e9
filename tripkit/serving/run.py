"""Runs the service: for the command line until Ctrl+C, for lessons and tests in the background."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from functools import partial
from typing import Any

import uvicorn
from openai import OpenAI

from tripkit.core.errors import ServiceError
from tripkit.core.machine import HOST, listener_on
from tripkit.serving.app import make_app
from tripkit.serving.connections import BoundedProtocol

STARTS_WITHIN = 30.0  # seconds
ENDS_WITHIN = 2  # seconds; then answers are cut short
PATIENCE = 10.0  # seconds
CLIENTS, BACKLOG = 100, 32  # with what else is open, less than macOS's limit of 256 files
QUEUED = 1024  # connections not yet accepted


class Server(uvicorn.Server):
    """Ends within seconds: what is drawn is stopped, what waits is refused."""

    config: Any  # its app, a FastAPI, is one of many kinds for uvicorn

    async def startup(self, sockets=None) -> None:  # noqa: D102
        self.config.app.state.painter.queue.open()
        await super().startup(sockets)
        for listener in sockets or []:
            # asyncio accepts as many at once as it lets queue, and then each is an open file. More
            # may queue: else the kernel drops a newcomer's first packet, who waits for a second.
            listener.listen(QUEUED)

    async def shutdown(self, sockets=None) -> None:  # noqa: D102
        self.config.app.state.painter.queue.close()
        await super().shutdown(sockets)


def server_of(app, *, patience: float = PATIENCE, clients: int = CLIENTS) -> Server:
    """A server of ``app`` that logs no requests, nor errors: `errors` does, without their texts.

    Args:
        app: see `app.make_app`.
        patience: seconds until a request has to be whole, or an answer taken.
        clients: connections at one time.
    """
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    config = uvicorn.Config(
        app,
        http=partial(BoundedProtocol, seconds=patience, most=clients),  # type: ignore[arg-type]  # is called
        ws="none",
        log_level="critical",
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=ENDS_WITHIN,
    )
    return Server(config)


class LocalService:
    """The service in the background of this process, on a free port.

    ``with LocalService() as service: service.client().models.list()``; or `start` and `stop`.

    Args:
        limits: ``patience``, ``clients`` of `server_of`; None leaves them as they are.
        options: ``planner``, ``backend``, ``waiting`` of `app.make_app`.

    Attributes:
        app: the application, see `app.make_app`.
        base_url: where it listens, with ``/v1``; None before it was started.
        token: what it wants as an API key.
    """

    def __init__(self, *, limits: dict | None = None, **options):
        self.token = secrets.token_urlsafe(16)
        self.base_url: str | None = None
        self.app = make_app(token=self.token, **options)
        self._limits = limits or {}
        self._server: Server | None = None

    def start(self) -> LocalService:
        """Start it, and wait until it answers. Safe to call twice.

        Raises:
            ServiceError: ``service_not_started``.
        """
        if self._server is None:
            listener = listener_on(None)
            port = listener.getsockname()[1]
            self._server = server_of(self.app, **self._limits)
            self._thread = threading.Thread(
                target=self._server.run, args=([listener],), name="tripkit-serve", daemon=True
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

    def client(self, **options) -> OpenAI:
        """The plain ``openai`` client of this service; the caller closes it."""
        return OpenAI(base_url=self.base_url, api_key=self.token, **options)

    def __enter__(self) -> LocalService:
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()


def serve(port: int | None, say, *, limits: dict | None = None, **options) -> None:
    """Serve until Ctrl+C.

    Args:
        port: where to listen; None takes a free one.
        say: called with address and token once, before it starts.
        limits: ``patience``, ``clients`` of `server_of`; None leaves them as they are.
        options: of `app.make_app`.

    Raises:
        ServiceError: ``port_taken``.
    """
    token = secrets.token_urlsafe(16)
    with listener_on(port) as listener:
        logging.getLogger("tripkit.serving").addHandler(logging.StreamHandler())
        say(f"http://{HOST}:{listener.getsockname()[1]}/v1", token)
        server_of(make_app(token=token, **options), **(limits or {})).run(sockets=[listener])
