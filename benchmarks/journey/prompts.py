"""What the journey's pictures are drawn from: prompts as the app composes them, by their source."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from tripkit.planners.catalog import CatalogPlanner
from tripkit.prompts import ImagePrompt, compose_prompt
from tripkit.trips import TRIPS, validate_plan

FOLDER = Path(__file__).parent
REQUESTS = ("tuning", "kept")  # a hundred in each language


def catalogue(language: str) -> Iterator[tuple[str, ImagePrompt]]:
    """Every trip of the catalogue, each planned first of three, and chosen."""
    entries = CatalogPlanner().entries
    yield from chosen([(entry.key, entry.told(language)) for entry in entries], language)


def names(language: str) -> Iterator[tuple[str, ImagePrompt]]:
    """Trips whose places bear names that no other file holds."""
    text = (FOLDER / f"names_{language}.toml").read_text(encoding="utf-8")
    trips = []
    for number, row in enumerate(tomllib.loads(text)["trips"]):
        stops = [{**stop, "rgb": tuple(stop["rgb"])} for stop in row["stops"]]
        style = f"style {number % TRIPS}"  # a plan wants three
        trips.append((f"names-{number}", {**row, "style": style, "stops": stops}))
    yield from chosen(trips, language)


def requests(language: str, files: Sequence[str] = REQUESTS) -> Iterator[tuple[str, ImagePrompt]]:
    """All three trips of the shipped planner's plan for every request of these files.

    Keys tell a request's number alone: nothing of the half that is kept aside is to be printed.
    """
    planner = CatalogPlanner()
    for name in files:
        text = (FOLDER / f"{name}_{language}.toml").read_text(encoding="utf-8")
        for number, row in enumerate(tomllib.loads(text)["requests"]):
            plan = planner.plan(row["text"], language=language)
            for choice in range(TRIPS):
                yield f"{name}-{number}-{choice}", compose_prompt(plan.request, plan, choice)


SOURCES = {"catalogue": catalogue, "names": names, "requests": requests}


def chosen(trips: Sequence[tuple[str, dict]], language: str) -> Iterator[tuple[str, ImagePrompt]]:
    """Each of these trips, as if a plan had it first; the next two make the plan whole."""
    for number, (key, trip) in enumerate(trips):
        picked = [trips[(number + more) % len(trips)][1] for more in range(TRIPS)]
        plan = validate_plan(
            {
                "request": trip["theme"],
                "language": language,
                "trips": picked,
                "source": "catalog",
                "model": "catalog",
            }
        )
        yield key, compose_prompt(plan.request, plan, 0)
