"""Connections that cannot be held open: who is silent, or does not read, is hung up on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class BoundedProtocol(H11Protocol):
    """Waits so long for a whole request, or for an answer to be taken, and for so many clients.

    uvicorn itself waits for ever for the end of a header or a body, and its ``limit_concurrency``
    counts only clients that have sent a header.

    Args:
        arguments: of uvicorn.
        seconds: from the connection, or the last answer, to the end of a request.
        most: connections. One more, and whoever has kept us waiting longest goes.
        options: of uvicorn.
    """

    def __init__(self, *arguments, seconds: float, most: int, **options):
        super().__init__(*arguments, **options)
        self.seconds, self.most = seconds, most
        self._timer: asyncio.TimerHandle | None = None  # runs while the client is to do something

    def connection_made(self, transport):  # noqa: D102
        super().connection_made(transport)
        self._set_timer()
        if len(self.connections) > self.most:
            ours: Iterable[Any] = self.connections  # all are of this class
            late = [each for each in ours if each._timer is not None]
            min(late, key=lambda each: each._timer.when()).hang_up()

    def handle_events(self):  # noqa: D102
        super().handle_events()
        self._set_timer()

    def on_response_complete(self):  # noqa: D102
        super().on_response_complete()
        self._set_timer()

    def pause_writing(self):  # noqa: D102
        super().pause_writing()
        self._set_timer()

    def resume_writing(self):  # noqa: D102
        super().resume_writing()
        self._set_timer()

    def connection_lost(self, exc):  # noqa: D102
        self._stop_timer()
        super().connection_lost(exc)

    def shutdown(self):
        """Answer what is whole, hang up on the rest."""
        super().shutdown()
        if self._timer is not None:
            self.hang_up()

    def hang_up(self) -> None:
        """End the connection now, whatever is still to be sent."""
        self._stop_timer()
        self.connections.discard(self)
        self.transport.abort()

    def _set_timer(self) -> None:
        whole = self.cycle is not None and not self.cycle.more_body
        if whole and not self.cycle.response_complete and not self.flow.write_paused:
            self._stop_timer()  # it is our turn
        elif self._timer is None:
            self._timer = self.loop.call_later(self.seconds, self.hang_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
