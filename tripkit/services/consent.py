"""A machine that asks before it spends, and loses nothing of what was paid for.

The price is told, agreed to, and then the job goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tripkit.core.errors import RequestError
from tripkit.core.jobs import OneJobAtATime
from tripkit.services.spending import Estimate, Ledger

if TYPE_CHECKING:
    from tripkit.images.postcard import Postcard


class AsksBeforePaying(OneJobAtATime):
    """One job at a time, with a state "confirming" in which a price waits for the user's yes.

    Attributes:
        ledger: the books of the visit, with its cap.
        quote: in the state "confirming" the price that is asked about, else None.
        postcard, postcards, partial, unsaved: see `session.TripSession`.
    """

    def __init__(self, run, on_change, ledger: Ledger | None = None):
        super().__init__(run, on_change)
        self.ledger = Ledger() if ledger is None else ledger
        self.postcard: Postcard | None = None
        self.postcards: list[Postcard] = []
        self.partial: Postcard | None = None
        self.unsaved: Postcard | None = None
        self._quote: Estimate | None = None
        self._waiting: tuple[str, Callable[[int], None]] | None = None

    @property
    def quote(self) -> Estimate | None:
        """The price that waits for a yes."""
        return self._quote if self.state == "confirming" else None

    def confirm(self) -> None:
        """Agree to the price in ``quote`` and go on with what it was asked for.

        Raises:
            RequestError: ``nothing_to_confirm``.
        """
        with self._lock:
            if self.quote is None:
                raise RequestError("nothing_to_confirm")
            state, step = self._waiting
            self.ledger.agree(self._quote)
            self._quote = self._waiting = None
        self._start(state, step)

    def cancel(self) -> None:
        """Give up the running job, or say no to the price that is asked about."""
        with self._lock:
            asked = self.state == "confirming"
            if asked:
                self._generation += 1
                self._quote = self._waiting = None
                self.state, self.cancelled = self._resting_state(), True
        if asked:
            self._changed()
        else:
            super().cancel()

    def _take_back_quote(self) -> None:
        """Forget a price that waits for a yes: another model was chosen, which has its own."""
        if self.quote is not None:
            self.cancel()

    def _must_ask(self, ticket: int, estimate: Estimate | None, state: str, step) -> bool:
        """Whether the job ends here, to ask the user first; ``step`` is what a yes starts.

        Raises:
            SpendingError: ``cap_reached``.
        """
        self.ledger.check(estimate)
        if not self.ledger.needs_consent(estimate):
            return False
        self._finish(ticket, "confirming", _quote=estimate, _waiting=(state, step))
        return True

    def _keep(self, ticket: int, came: Postcard | None) -> None:
        """Hold on to what came of a paid call that gave no postcard, or gave it too late."""
        if came is None:
            return
        with self._lock:
            if came.path is None:
                self.unsaved = came
            elif not came.partial:
                self.postcards = [*self.postcards, came]
            if came.partial and ticket in (self._generation, self._generation - 1):
                self.partial = came  # of this drawing, and nothing else was begun since
        self._changed()
