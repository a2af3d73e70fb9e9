"""Consent before a paid call: the price is told, the user agrees, and then the call is made.

Whoever is about to make a call asks ``is_needed``. Where it is, ``ask`` holds the price and the
call; ``agree`` notes the yes in the books and gives the call back, to be made after all.
"""

from __future__ import annotations

from collections.abc import Callable

from tripkit.core.errors import RequestError
from tripkit.services.spending import Estimate, Ledger


class Consent:
    """One price at a time that waits for the user's yes. Its owner's lock guards it.

    Args:
        ledger: the books of the visit, with its cap; None means new ones.

    Attributes:
        ledger: see above.
        quote: the price that is asked about, else None.
    """

    def __init__(self, ledger: Ledger | None = None):
        self.ledger = Ledger() if ledger is None else ledger
        self.quote: Estimate | None = None
        self._call: Callable[[], None] | None = None

    def is_needed(self, estimate: Estimate | None) -> bool:
        """Whether the user is to be asked before this call.

        Raises:
            SpendingError: ``cap_reached``.
        """
        self.ledger.check(estimate)
        return self.ledger.needs_consent(estimate)

    def ask(self, estimate: Estimate, call: Callable[[], None]) -> None:
        """Hold a price, and the call that it is for."""
        self.quote, self._call = estimate, call

    def agree(self) -> Callable[[], None]:
        """Note the user's yes, and return the call that waited for it.

        Raises:
            RequestError: ``nothing_to_confirm``.
        """
        quote, call = self.quote, self._call
        if quote is None or call is None:
            raise RequestError("nothing_to_confirm")
        self.ledger.agree(quote)
        self.forget()
        return call

    def forget(self) -> bool:
        """Forget the price and its call; whether there was one."""
        waited = self.quote is not None
        self.quote = self._call = None
        return waited
