"""What paid calls cost: told before each of them, counted after it, and never beyond a cap.

A `Ledger` belongs to one visit. A paid call goes through it::

    estimate = backend.estimate(prompt)  # about what it will cost; None: nothing is billed
    ledger.check(estimate)  # raises where it would go beyond the cap
    with ledger.paid(estimate) as call:  # holds the sum while the call runs
        call.sent = True
        ...
        call.usd = 0.0123  # what the answer's usage says

A call that broke after it was sent counts with its estimate, as "possibly billed": the service may
have charged for work whose result never came.
"""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tripkit.core.errors import RequestError, SpendingError, TripkitError
from tripkit.core.messages import text
from tripkit.core.text import clipped

DEFAULT_CAP = 0.30  # US dollars a visit
MAX_CAP = 1000.0
AGREED_TIMES = 2.0  # a call that costs more than this many times what was agreed to is asked again


@dataclass(frozen=True)
class Estimate:
    """What one call is going to cost, about.

    Attributes:
        service: who bills it: ``"OpenAI"``, or host and port.
        model: the model that is asked.
        usd: US dollars; None where the price is not known.
        at_least: whether more comes on top whose amount is not known before (a picture that is
            sent along).
    """

    service: str
    model: str
    usd: float | None
    at_least: bool = False

    def words(self, language: str) -> str:
        """The price as a sentence, for whoever is about to pay it."""
        if self.usd is None:
            return text("spending.unknown", language, service=self.service, model=self.model)
        code = "spending.at_least" if self.at_least else "spending.about"
        usd = dollars(self.usd)
        return text(code, language, usd=usd, service=self.service, model=self.model)


@dataclass
class Call:
    """One paid call in the books.

    Attributes:
        estimate: what it was expected to cost.
        state: ``"open"``, ``"billed"``, ``"possibly"`` (it broke after it was sent) or ``"free"``.
        sent: whether the service may have begun to work.
        usd: what the service says it cost; None where it does not say.
    """

    estimate: Estimate
    state: str = "open"
    sent: bool = False
    usd: float | None = None

    @property
    def counted(self) -> float:
        """The US dollars that count against the cap; an unknown price counts nothing."""
        if self.state == "free":
            return 0.0
        return (self.estimate.usd or 0.0) if self.usd is None else self.usd


class Ledger:
    """The books of one visit.

    Args:
        cap_usd: the US dollars that this visit may spend.

    Raises:
        RequestError: ``bad_cap``.
    """

    def __init__(self, cap_usd: float = DEFAULT_CAP):
        self._lock = threading.RLock()
        self._calls: list[Call] = []
        self._agreed: float | None = None  # the highest price that the user has said yes to
        self._agreed_unknown = False  # a yes to one call without a price
        self.cap_usd = cap_usd

    @property
    def cap_usd(self) -> float:
        """The US dollars that this visit may spend; may be changed at any time."""
        return self._cap

    @cap_usd.setter
    def cap_usd(self, cap: float) -> None:
        number = isinstance(cap, (int, float)) and not isinstance(cap, bool)
        if not number or not math.isfinite(cap) or not 0 <= cap <= MAX_CAP:
            raise RequestError("bad_cap", cap=clipped(cap, 20), limit=f"{MAX_CAP:.0f}")
        self._cap = float(cap)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every paid call of the visit, oldest first."""
        with self._lock:
            return tuple(self._calls)

    @property
    def spent_usd(self) -> float:
        """The US dollars that count against the cap: billed, possibly billed, and under way."""
        return sum(call.counted for call in self.calls)

    @property
    def possibly_usd(self) -> float:
        """The part of ``spent_usd`` that broken calls have possibly cost."""
        return sum(call.counted for call in self.calls if call.state == "possibly")

    def check(self, estimate: Estimate | None) -> None:
        """Refuses a call that would go beyond the cap.

        Raises:
            SpendingError: ``cap_reached``.
        """
        if estimate is None:
            return
        spent = self.spent_usd
        # An unknown price needs some room at least: nobody can say how much.
        beyond = spent >= self._cap if estimate.usd is None else spent + estimate.usd > self._cap
        if beyond:
            usd = "?" if estimate.usd is None else dollars(estimate.usd)
            sums = {"usd": usd, "spent": dollars(spent), "cap": dollars(self._cap)}
            raise SpendingError("cap_reached", model=estimate.model, **sums)

    def needs_consent(self, estimate: Estimate | None) -> bool:
        """Whether the user is to be asked before this call.

        That is before the first paid one, before one that costs more than twice what was agreed to,
        and before each whose price is not known.
        """
        if estimate is None:
            return False
        with self._lock:
            if estimate.usd is None:
                return not self._agreed_unknown
            return self._agreed is None or estimate.usd > AGREED_TIMES * self._agreed

    def agree(self, estimate: Estimate) -> None:
        """Notes the user's yes to this price."""
        with self._lock:
            if estimate.usd is None:
                self._agreed_unknown = True
            else:
                self._agreed = max(estimate.usd, self._agreed or 0.0)

    @contextmanager
    def paid(self, estimate: Estimate | None) -> Iterator[Call]:
        """Books a call: its estimate while it runs, then what it has cost, or possibly has.

        Raises:
            SpendingError: ``cap_reached``; nothing is to be sent then.
        """
        if estimate is None:  # nothing is billed, and nothing is booked
            yield Call(Estimate("", "", 0.0))
            return
        call = Call(estimate)
        with self._lock:
            self.check(estimate)
            self._calls.append(call)
            if estimate.usd is None:
                self._agreed_unknown = False  # it was good for one call
        try:
            yield call
        except BaseException as error:
            refused = isinstance(error, TripkitError) and error.details.get("refused")
            call.state = "possibly" if call.sent and not refused else "free"
            raise
        call.state = "billed"

    def words(self, language: str) -> str:
        """What the visit has spent so far, for the screen."""
        sums = {"spent": dollars(self.spent_usd), "cap": dollars(self._cap)}
        words = text("spending.so_far", language, **sums)
        if possibly := self.possibly_usd:
            words += " " + text("spending.of_it_possibly", language, usd=dollars(possibly))
        return words


def dollars(usd: float) -> str:
    """A sum without needless zeros, rounded up: ``0.006``, ``0.05``, ``1.2``; never too low."""
    rounded = math.ceil(usd * 1e4 - 1e-6) / 1e4
    return f"{rounded:.4f}".rstrip("0").rstrip(".")
