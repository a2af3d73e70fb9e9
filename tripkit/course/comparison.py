"""The lecture's comparison of three services, sentence by sentence, with what became of each.

The claims stand in ``data/comparison.toml``: the lecture's words, a verdict, why, the day on which
it was looked up and where. Nothing here is a service's own answer.
"""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from tripkit.core.messages import text
from tripkit.core.settings import package_folder

VERDICTS = ("true", "changed", "unverifiable")
COMPARED = ("dall-e", "midjourney", "stable-diffusion")


@dataclass(frozen=True)
class Claim:
    """One sentence of the lecture, judged.

    Attributes:
        service: one of ``COMPARED``.
        section: of the lecture: "2.1", "2.2" (the table) or "2.3".
        lecture: the lecture's words, in Korean.
        said: what it says, by language ("en", "ko").
        verdict: one of ``VERDICTS``.
        why: what was found, by language.
        verified: the day on which that was looked up.
        source: where: an address, or a file of this project.
    """

    service: str
    section: str
    lecture: str
    said: Mapping[str, str]
    verdict: str
    why: Mapping[str, str]
    verified: datetime.date
    source: str

    def verdict_in(self, language: str) -> str:
        """The verdict in words: "still true", "changed", "cannot be verified"."""
        return text(f"verdict.{self.verdict}", language)


@cache
def load_claims() -> tuple[Claim, ...]:
    """All claims, in the order of the lecture's services."""
    path = package_folder() / "data" / "comparison.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["claim"]
    return tuple(Claim(**row) for row in rows)


def claims(service: str | None = None, section: str | None = None) -> list[Claim]:
    """The claims on one service, or of one section; None takes all.

    ``claims(section="2.2")`` are the cells of the lecture's table.
    """
    return [
        claim
        for claim in load_claims()
        if service in (None, claim.service) and section in (None, claim.section)
    ]
