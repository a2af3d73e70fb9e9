"""What notebook 08 shows of the services: how long models live, and what became of each claim."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from html import escape

import matplotlib.dates as dates
import matplotlib.pyplot as plt
from IPython.display import HTML
from matplotlib.figure import Figure

from tripkit.core.messages import text
from tripkit.course.comparison import Claim
from tripkit.course.plots.base import closed
from tripkit.services.registry import Service

LIVES, ENDS, ENDED = (
    "#009e73",
    "#e69f00",
    "#999999",
)  # green, orange, grey: all eyes tell them apart


def lifelines(services: Sequence[Service], day: datetime.date) -> Figure:
    """A bar from the release of each model to its end, or to ``day`` where no end was announced.

    Args:
        services: those without a day of release are left out; the oldest comes first.
        day: what is called today; a line stands there.
    """
    dated = [(each.released, each) for each in services if each.released is not None]
    released = [service for _, service in sorted(dated, key=lambda pair: pair[0])]
    figure, axes = plt.subplots(figsize=(7.5, 0.3 * len(released) + 1), layout="constrained")
    colors = {"alive": LIVES, "end announced": ENDS, "ended": ENDED}
    for state, color in colors.items():
        rows = [(i, each) for i, each in enumerate(released) if state_on(each, day) == state]
        starts = [dates.date2num(each.released) for _, each in rows]
        ends = [dates.date2num(each.shutdown or day) for _, each in rows]
        widths = [end - start for start, end in zip(starts, ends, strict=True)]
        axes.barh([i for i, _ in rows], widths, 0.62, left=starts, color=color, label=state)
    axes.axvline(dates.date2num(day), color="black", linewidth=1, linestyle=":")
    axes.set_yticks(range(len(released)), [service.id for service in released], fontsize=8)
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(dates.YearLocator())
    axes.xaxis.set_major_formatter(dates.DateFormatter("%Y"))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower left", fontsize=8)
    return closed(figure)


def state_on(service: Service, day: datetime.date) -> str:
    """How a model stands on ``day``: "alive", "end announced" or "ended"."""
    if service.retired_on(day):
        return "ended"
    return "alive" if service.shutdown is None else "end announced"


def claims_table(claims: Sequence[Claim], language: str) -> HTML:
    """The claims with verdict, reason, day and source, as a table whose texts are all escaped."""
    heads = ("service", "claim", "verdict", "why", "verified")
    head = [escape(text(f"claims.{name}", language)) for name in heads]
    rows = ["".join(f'<th style="text-align:left">{name}</th>' for name in head)]
    for claim in claims:
        source = escape(claim.source, quote=True)
        if source.startswith("https://"):
            source = f'<a href="{source}">{source.split("/")[2]}</a>'
        texts = (claim.service, claim.said[language], claim.verdict_in(language))
        cells = [escape(cell) for cell in (*texts, claim.why[language])]
        cells.append(f"{claim.verified} {source}")
        rows.append("".join(f'<td style="text-align:left">{cell}</td>' for cell in cells))
    return HTML(f"<table><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>")
