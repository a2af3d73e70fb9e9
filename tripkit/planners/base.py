"""What every planner promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tripkit.trips import TripPlan

if TYPE_CHECKING:
    from tripkit.services.spending import Estimate, Ledger


class Planner(Protocol):
    """Answers a request with three trips.

    Attributes:
        name: how `make_planner` finds it: ``"catalog"``, ``"openai"``.
        model: what answers; recorded in the plan.
    """

    name: str
    model: str

    def plan(self, request: str, *, language: str) -> TripPlan:
        """Exactly three distinct trips, told in ``language`` ("en" or "ko").

        Raises:
            RequestError: the request is empty or too long, or the language is unknown.
            PlanError: what came back is not a plan.
            ServiceError: a service outside did not answer, or answered wrongly.
        """


@runtime_checkable
class PaidPlanner(Planner, Protocol):
    """A planner whose calls may be billed: it tells their price before, and books them."""

    def estimate(self, request: str, *, language: str) -> Estimate | None:
        """What a plan costs at most; None where nothing is billed."""

    def plan(self, request: str, *, language: str, ledger: Ledger | None = None) -> TripPlan:
        """As `Planner.plan`; the call goes through ``ledger``.

        Raises:
            SpendingError: ``cap_reached``; nothing is sent.
        """
