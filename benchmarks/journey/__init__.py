"""How well the app's postcards show their trips, on the app's very path, judged.

`prompts` takes trips the way of a visit, from plan to prompt, `shown` draws them; the judge is the
place classifier that judges the model elsewhere. Kinds that the model does not know count as the
nearest it knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from benchmarks.scores import judge
from tripkit.datasets.scenes import PlacedStop, Scene
from tripkit.images.base import ImageBackend
from tripkit.images.postcard import Postcard
from tripkit.kinds import nearest_known
from tripkit.prompts import ImagePrompt
from tripkit.prompts.color_tokens import MAX_STOPS
from tripkit.prompts.known_places import shipped_kinds


@dataclass(frozen=True)
class Shown:
    """One postcard of a trip: the share of its places found, and its colours' mean Delta-E.

    ``own`` tells whether the model draws each of the trip's kinds itself, none as the nearest.
    """

    key: str
    own: bool
    sent: str
    places: float
    delta_e: float


def shown(
    backend: ImageBackend,
    prompts: Iterable[tuple[str, ImagePrompt]],
    *,
    seeds: int = 1,
    limit: int | None = None,
) -> Iterator[Shown]:
    """A postcard for each prompt and each seed, drawn and judged one by one.

    Args:
        backend: draws.
        prompts: with their keys, see `prompts.SOURCES`.
        seeds: postcards a prompt.
        limit: only so many prompts.
    """
    for number, (key, prompt) in enumerate(islice(prompts, limit)):
        for seed in range(seeds):
            yield judged(key, backend.generate(prompt, seed=1000 * seed + number))


def judged(key: str, card: Postcard) -> Shown:
    """What the classifier and the palette say of a postcard."""
    shares, distances = judge([card.image], [asked(card.prompt)])
    own = all(stop.kind in shipped_kinds() for stop in card.prompt.stops[:MAX_STOPS])
    return Shown(key, own, card.sent, float(shares[0]), float(distances[0]))


def asked(prompt: ImagePrompt) -> Scene:
    """The scene that a postcard is to show: each kind once, as the model can draw it."""
    colors: dict[str, tuple[int, int, int]] = {}
    for stop in prompt.stops[:MAX_STOPS]:
        if stop.kind:
            colors.setdefault(nearest_known(stop.kind, shipped_kinds()), stop.rgb)
    return Scene(tuple(PlacedStop(kind, rgb) for kind, rgb in colors.items()))


def summary(cards: list[Shown]) -> dict:
    """The share of cards with all places, of places found, the mean Delta-E, and who lacks one."""
    places = np.array([card.places for card in cards])
    own = np.array([card.own for card in cards])
    return {
        "cards": len(cards),
        "all_places": round(float((places == 1).mean()), 4),
        "own_cards": int(own.sum()),
        "own_all_places": round(float((places[own] == 1).mean()), 4) if own.any() else None,
        "places": round(float(places.mean()), 4),
        "delta_e": round(float(np.mean([card.delta_e for card in cards])), 2),
        "not_all": [card.key for card in cards if card.places < 1],
    }
