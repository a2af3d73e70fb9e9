"""What every planner promises."""

from typing import Protocol

from tripkit.trips import TripPlan


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
