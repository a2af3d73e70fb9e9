"""What was measured of the three families, and which of the usual claims about them it bears out.

The measurements are those of ``python -m benchmarks.families``, made on real MNIST.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tripkit.core.messages import text
from tripkit.core.settings import package_folder
from tripkit.core.text import markdown_table

RESULTS = package_folder() / "data" / "families.json"
FAMILIES = ("vae", "gan", "ddpm")
FAR = 2.0  # a training has failed that ends at more than so many times the digit-FID of the best
FEWEST = 3  # seeds; fewer show nothing
HELD, DID_NOT_HOLD, NOT_SHOWN = "held", "did_not_hold", "not_shown"

Rows = dict[str, dict]


@dataclass(frozen=True)
class Claim:
    """One of the lecture's claims, and what the measurements say about it.

    Attributes:
        family: one of `FAMILIES`.
        name: the part after ``claim.`` of its code in `messages`; its rule stands there too.
        verdict: `HELD`, `DID_NOT_HOLD` or `NOT_SHOWN`.
    """

    family: str
    name: str
    verdict: str


@cache
def load_families(path: Path = RESULTS) -> Rows:
    """The shipped measurements: a row for each training, and one for real digits."""
    return json.loads(path.read_text(encoding="utf-8"))


def of(rows: Rows, family: str, noise: str = "") -> list[dict]:
    """The rows of a family, one for each seed; ``noise`` picks those trained on noisy pictures."""
    mine = {key: row for key, row in rows.items() if key.startswith(f"{family} seed")}
    return [row for key, row in mine.items() if key.partition(" noise ")[2] == noise]


def values(rows: Rows, family: str, name: str) -> list[float]:
    """What was measured of a family, seed by seed.

    "cleaning@0.5" is the share read rightly after noise of 0.5 was cleaned off, "digit_fid@0.5" the
    digit-FID after a training on pictures with such noise. What was not measured, or what a family
    cannot do (a GAN cleans nothing), has no values.
    """
    first, _, noise = name.partition("@")
    if first == "cleaning":
        scores = [row.get(first, {}).get(noise, {}).get("read_rightly") for row in of(rows, family)]
    else:
        scores = [row.get(first) for row in of(rows, family, noise)]
    return [value for value in scores if value is not None]


def order(ours: Sequence[float], theirs: Sequence[float]) -> int:
    """1 where each of ours is above each of theirs, -1 where each is below, else 0."""
    if min(len(ours), len(theirs)) < FEWEST:
        return 0
    return (min(ours) > max(theirs)) - (max(ours) < min(theirs))


def verdict(signs: Sequence[int]) -> str:
    """From the comparisons that a claim rests on: 1 is for it, -1 against it, 0 leaves it open."""
    if any(sign < 0 for sign in signs):
        return DID_NOT_HOLD
    return HELD if signs and all(sign > 0 for sign in signs) else NOT_SHOWN


def claims(rows: Rows) -> list[Claim]:
    """The lecture's claims, judged by rules that a reader can check in the table.

    A family beats another in a measure if each of its seeds beats each of the other's. It beats it
    in quality if it does so in digit-FID and in precision, in diversity if it does so in recall. A
    training is stable if the worst seed's digit-FID is at most `FAR` times the best seed's.
    """

    def quality(ours: str, theirs: str) -> int:
        fid = -order(values(rows, ours, "digit_fid"), values(rows, theirs, "digit_fid"))
        precision = order(values(rows, ours, "precision"), values(rows, theirs, "precision"))
        return fid if fid == precision else 0

    def diversity(ours: str, theirs: str) -> int:
        return order(values(rows, ours, "recall"), values(rows, theirs, "recall"))

    def stable(family: str) -> int:
        fids = values(rows, family, "digit_fid")
        return (1 if max(fids) <= FAR * min(fids) else -1) if len(fids) >= FEWEST else 0

    def cleans(ours: str, theirs: str) -> list[int]:
        names = [f"cleaning@{noise}" for noise in rows["real"].get("cleaning", {})]
        return [order(values(rows, ours, name), values(rows, theirs, name)) for name in names]

    def level(compare: Callable[[str, str], int], ours: str, theirs: str) -> int:
        return 1 if compare(ours, theirs) >= 0 else -1  # not beaten

    judged = {
        ("vae", "vae_stable"): [stable("vae")],
        ("vae", "vae_noise"): cleans("vae", "ddpm"),
        ("vae", "vae_quality"): [-quality("vae", "gan"), -quality("vae", "ddpm")],
        ("gan", "gan_quality"): [quality("gan", "vae"), level(quality, "gan", "ddpm")],
        ("gan", "gan_unstable"): [-stable("gan")],
        ("gan", "gan_diversity"): [-diversity("gan", "vae"), -diversity("gan", "ddpm")],
        ("ddpm", "ddpm_quality"): [quality("ddpm", "vae"), level(quality, "ddpm", "gan")],
        ("ddpm", "ddpm_diversity"): [diversity("ddpm", "gan"), level(diversity, "ddpm", "vae")],
        ("ddpm", "ddpm_stable"): [stable("ddpm")],
    }
    return [Claim(*key, verdict(signs)) for key, signs in judged.items()]


# ------------------------------------------------------- tables in Markdown

# Row of the table: the measure, digits after the point, a factor for its unit.
_MEASURES = {
    "parameters": (0, 1),
    "steps": (0, 1),
    "cpu_seconds_per_digit": (1, 1000),
    "digit_fid": (2, 1),
    "precision": (2, 1),
    "recall": (2, 1),
    "read_as_asked": (2, 1),
    "evenness_unasked": (2, 1),
    "loss_oscillation": (3, 1),
    "cleaning@0.25": (2, 1),
    "cleaning@0.5": (2, 1),
    "digit_fid@0.25": (2, 1),
    "digit_fid@0.5": (2, 1),
}


def spread(numbers: Sequence[float], digits: int = 2) -> str:
    """Mean ± standard deviation; the number alone where all are equal, nothing where none is."""
    if not numbers:
        return ""
    mean = f"{statistics.mean(numbers):,.{digits}f}"
    if len(set(numbers)) == 1:
        return mean
    return f"{mean} ± {statistics.stdev(numbers):,.{digits}f}"


def families_table(rows: Rows, language: str = "en") -> str:
    """All measures, mean and spread over the seeds, as a Markdown table with its caption."""
    names = [text(f"families.{name}", language) for name in ("real", *FAMILIES)]
    real, lines = {"real seed 0": rows["real"]}, []
    for name, (digits, factor) in _MEASURES.items():
        columns = [values(real, "real", name), *(values(rows, f, name) for f in FAMILIES)]
        cells = [spread([factor * value for value in column], digits) for column in columns]
        if any(cells):
            code, _, noise = name.partition("@")
            code += "_noise" if noise else ""
            label = text(f"families.{code}", language, **({"noise": noise} if noise else {}))
            lines.append([label, *cells])
    table = markdown_table(["", *names], lines, numbers=True)
    return f"{table}\n\n{caption(rows, language)}"


def caption(rows: Rows, language: str = "en") -> str:
    """How the table was made: seeds, seconds, pictures judged, date, machine."""
    row = of(rows, "ddpm")[-1]
    return text(
        "families.caption",
        language,
        seeds=min(len(of(rows, family)) for family in FAMILIES),
        seconds=f"{row['settings']['seconds']:g}",
        count=f"{row['settings']['count']:,}",
        date=row["date"],
        machine=row["machine"],
    )


def claims_table(rows: Rows, language: str = "en") -> str:
    """The claims, what each was tested by, and its verdict, as a Markdown table."""
    heads = [
        text(f"claim.head_{name}", language) for name in ("family", "claim", "test", "verdict")
    ]
    lines = (
        (
            text(f"families.{claim.family}", language),
            text(f"claim.{claim.name}", language),
            text(f"claim.{claim.name}_test", language),
            f"**{text(f'claim.{claim.verdict}', language)}**",
        )
        for claim in claims(rows)
    )
    return markdown_table(heads, lines)
