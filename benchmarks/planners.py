"""How good is a planner? Thirty requests in two languages, beside what chance would give.

    python -m benchmarks.planners                       the catalogue, offline, free
    python -m benchmarks.planners openai --yes          a language model: sixty paid calls

The requests, and the words that count as on topic, were written down before anything was measured
(`tripkit/data/planner_requests.toml`).
"""

from __future__ import annotations

import argparse
import sys

from tripkit.core.messages import LANGUAGES
from tripkit.core.text import markdown_table
from tripkit.planners import make_planner
from tripkit.planners.evaluation import LEVELS, Answer, evaluate, load_cases, shares

COLUMNS = ("valid", "distinct", "on_topic", "first_on_topic", "by_chance")


def table(answers: dict[str, tuple[Answer, ...]]) -> str:
    """A Markdown table: all requests of a language, then each level of them."""
    rows = []
    for language, given in answers.items():
        rows.append(_row(f"{language}, all {len(given)}", shares(given)))
        for level in LEVELS:
            part = [answer for answer in given if answer.case.level == level]
            rows.append(_row(f"{language}, {level} ({len(part)})", shares(part)))
    return markdown_table(["requests", *COLUMNS], rows)


def _row(name: str, found: dict[str, float]) -> list[str]:
    return [name, *(f"{found[column]:.0%}" for column in COLUMNS)]


def main(arguments: list[str] | None = None) -> int:
    """Print the table of a planner."""
    parser = argparse.ArgumentParser(description="How good a planner is.")
    parser.add_argument("planner", nargs="?", default="catalog", help="a name of make_planner")
    parser.add_argument("--yes", action="store_true", help="make paid calls")
    options = parser.parse_args(arguments)
    calls = len(load_cases()) * len(LANGUAGES)
    if options.planner != "catalog" and not options.yes:
        print(f"{options.planner} takes {calls} calls, which may cost money. Add --yes.")
        return 1
    planner = make_planner(options.planner)
    answers = {language: evaluate(planner, language) for language in LANGUAGES}
    print(f"{planner.name}, model {planner.model}")
    print(table(answers))
    for language, given in answers.items():
        for answer in given:
            if answer.problem:
                print(f"{language} {answer.case.key}: {answer.problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
