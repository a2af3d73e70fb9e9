"""How the command line asks before it spends: the price on stderr, a yes from the keyboard."""

import sys

from tripkit.cli_views import tell
from tripkit.errors import CancelledError, RequestError, SpendingError
from tripkit.messages import text
from tripkit.session import TripSession
from tripkit.spending import DEFAULT_CAP, MAX_CAP, Ledger, dollars


def ledger(cap: str | None) -> Ledger:
    """The books of one command.

    Raises:
        RequestError: ``bad_cap``, ``--cap`` is no number of US dollars.
    """
    if cap is None:
        return Ledger(DEFAULT_CAP)
    try:
        return Ledger(float(cap))
    except ValueError:  # not a number at all; a RequestError of the ledger is one too
        shown = cap[:20] or "''"
        raise RequestError("bad_cap", cap=shown, limit=f"{MAX_CAP:.0f}") from None


def settle(session: TripSession, yes: bool) -> None:
    """Answers the prices that a session asks about, until it asks no more.

    Each is told on stderr first. ``yes`` (``--yes``) agrees to all of them, up to the cap; else a
    terminal is asked, and where there is none nothing is spent.

    Raises:
        SpendingError: ``cost_not_confirmed``, nobody is there to agree.
        CancelledError: the user said no.
    """
    while (quote := session.quote) is not None:
        language = session.language
        tell(f"{quote.words(language)} {session.ledger.words(language)}")
        if not yes and not sys.stdin.isatty():
            usd = "?" if quote.usd is None else dollars(quote.usd)
            raise SpendingError("cost_not_confirmed", model=quote.model, usd=usd)
        if not yes and not _agreed(language):
            raise CancelledError
        session.confirm()


def _agreed(language: str) -> bool:
    print(text("cli.agree", language), end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes", "ㅛ", "네", "예")
