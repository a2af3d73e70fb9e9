"""What a picture shows, as data: the picture and its captions both come from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tripkit.datasets.landscapes.colors import RGB
from tripkit.kinds import SEASONS, TIMES, WEATHERS

# Ordered from far to near.
KINDS = (
    # the far distance
    "northern_lights",
    "balloons",
    "mountain",
    "ski_slope",
    "skyline",
    "waterfall",
    "desert",
    "island",
    "castle",
    "cathedral",
    "tower",
    "ferris_wheel",
    # the middle distance
    "ruins",
    "museum",
    "pagoda",
    "windmill",
    "lighthouse",
    "bridge",
    "forest",
    "train",
    "snow_village",
    "hanok",
    "cafe",
    "aquarium",
    "harbor",
    "lake",
    "beach",
    "palm_beach",
    "river",
    # near
    "maple",
    "cherry",
    "market",
    "lantern_festival",
    "zoo",
    "tea_field",
    "vineyard",
    "flower_field",
    "field_path",
    "reed_field",
    "hot_spring",
    "camp",
    "picnic",
)


@dataclass(frozen=True)
class PlacedStop:
    """One place of a scene and the colour it is drawn in."""

    kind: str
    rgb: RGB


@dataclass(frozen=True)
class Scene:
    """One to three places of different kinds, with the time of day, the weather and the season.

    Northern lights are seen on clear nights only: other times and weathers are refused with them.
    """

    stops: tuple[PlacedStop, ...]
    time: str = "day"
    weather: str = "clear"
    season: str = "summer"

    def __post_init__(self):
        kinds = [stop.kind for stop in self.stops]
        if not 1 <= len(kinds) <= 3 or len(set(kinds)) != len(kinds):
            raise ValueError(f"a scene shows one to three different places, got {kinds}")
        for value, allowed in (
            *((kind, KINDS) for kind in kinds),
            (self.time, TIMES),
            (self.weather, WEATHERS),
            (self.season, SEASONS),
        ):
            if value not in allowed:
                raise ValueError(f"unknown {value!r}; known: {', '.join(allowed)}")
        if "northern_lights" in kinds and (self.time, self.weather) != ("night", "clear"):
            raise ValueError("northern lights are seen on clear nights only")

    def from_far_to_near(self) -> tuple[PlacedStop, ...]:
        """The stops in the order of `KINDS`, in which the app sends them."""
        return tuple(sorted(self.stops, key=lambda stop: KINDS.index(stop.kind)))


def held_out(kind: str, rgb: RGB) -> bool:
    """Whether a place and colour pair is kept out of training (about one in ten).

    The colour space is cut into 27 boxes; each kind leaves out every tenth of them, counted from
    an offset of its own, so each place and each colour is seen, but not every pair of the two.
    """
    red, green, blue = (min(channel // 86, 2) for channel in rgb)
    return (9 * red + 3 * green + blue + 7 * KINDS.index(kind)) % 10 == 0


def random_scene(
    rng: np.random.Generator, colors: list[RGB], *, count: int = 0, new_pairs: bool = False
) -> Scene:
    """A scene drawn at random, every kind as often as any other.

    Args:
        rng: the source of randomness.
        colors: named colours; two thirds of the stops take one of them, jittered by up to 10,
            the others any RGB.
        count: how many stops; 0 draws one, two or three.
        new_pairs: True draws only place and colour pairs that ``held_out`` keeps from training.
    """
    count = count or int(rng.choice([1, 2, 3], p=[0.15, 0.25, 0.6]))
    kinds = [str(kind) for kind in rng.choice(KINDS, size=count, replace=False)]
    stops = tuple(PlacedStop(kind, _random_color(rng, kind, colors, new_pairs)) for kind in kinds)
    time = str(rng.choice(TIMES, p=[0.4, 0.15, 0.25, 0.2]))
    weather = str(rng.choice(WEATHERS, p=[0.6, 0.2, 0.1, 0.1]))
    season = str(rng.choice(SEASONS))
    if "northern_lights" in kinds:
        time, weather = "night", "clear"
    return Scene(stops, time, weather, season)


def _random_color(rng: np.random.Generator, kind: str, colors: list[RGB], new_pairs: bool) -> RGB:
    while True:
        if rng.random() < 2 / 3:
            base = np.array(colors[rng.integers(len(colors))]) + rng.integers(-10, 11, 3)
        else:
            base = rng.integers(0, 256, 3)
        red, green, blue = (int(channel) for channel in np.clip(base, 0, 255))
        rgb = (red, green, blue)
        if held_out(kind, rgb) == new_pairs:
            return rgb
