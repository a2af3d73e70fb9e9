"""From request, plan and choice to the texts that image models read."""

import operator
from dataclasses import dataclass
from typing import Any

from tripkit.core import messages
from tripkit.core.errors import RequestError
from tripkit.core.grammar import article, is_phrase, particle
from tripkit.core.text import clipped, normalise_request
from tripkit.prompts.when import season_named, with_when
from tripkit.trips import Stop, Trip, TripPlan


@dataclass(frozen=True)
class ImagePrompt:
    """What an image model is asked to draw.

    Attributes:
        full: the request, all three trips with their colours, the choice and the scene, for models
            that read long prompts.
        scene: the stops of the chosen trip with their colours in one sentence, for CLIP-based
            models, which read 77 tokens.
        stops: the stops of the chosen trip, for backends that need their RGB or kind.
        language: ``"en"`` or ``"ko"``.
        season: the trip's, for backends that word the trip themselves; None where it is open.
        time: its time of day, likewise.
        weather: likewise.
        composed: the scene as it was composed; see `edited`.
    """

    full: str
    scene: str
    stops: tuple[Stop, ...] = ()
    language: str = "en"
    season: str | None = None
    time: str | None = None
    weather: str | None = None
    composed: str | None = None

    @property
    def edited(self) -> bool:
        """Whether somebody wrote the scene: it counts then, and not the trip that it came from."""
        return self.scene != self.composed


def compose_prompt(request: str, plan: TripPlan, choice: int) -> ImagePrompt:
    """The prompt for trip ``choice`` (0, 1 or 2) of the plan, in the plan's language.

    Raises:
        RequestError: ``bad_choice``, or what `text.normalise_request` refuses.
    """
    index = _index(choice, len(plan.trips))
    trip = plan.trips[index]
    request = normalise_request(request)
    scene = scene_of(trip, plan.language)
    trips = "\n".join(
        messages.text(
            "prompt.trip",
            plan.language,
            number=number,
            style=each.style,
            title=each.title,
            stops=_palette(each, plan.language),
        )
        for number, each in enumerate(plan.trips, start=1)
    )
    full = messages.text(
        "prompt.full",
        plan.language,
        request=request,
        trips=trips,
        number=index + 1,
        title=trip.title,
        scene=scene,
    )
    return ImagePrompt(
        full=full,
        scene=scene,
        stops=trip.stops,
        language=plan.language,
        season=trip.season,
        time=trip.time,
        weather=trip.weather,
        composed=scene,
    )


def scene_of(trip: Trip, language: str) -> str:
    """The sentence of a trip's stops, as in the lecture.

    Season, time of day and weather are said where the plan has them and the theme does not.

    Korean: ``연분홍 벚꽃 공원, 청색 강변 산책로, 흰색 피크닉 존이 어우러진 봄 소풍 여행지``.
    English: ``light pink cherry blossom park, ...: together a spring picnic destination``, or
    ``...: together a trip about coffee by the sea``.
    """
    stops = ", ".join(_coloured(stop) for stop in trip.stops)
    theme, form = trip.theme, "prompt.scene"
    if language == "ko":
        stops += particle(stops, "이/가")
    elif is_phrase(theme):
        form = "prompt.scene_about"
    else:
        theme = f"{article(theme)} {theme}"
    season = None if trip.season and season_named(theme, trip.season, language) else trip.season
    stops = with_when(stops, language, season=season, time=trip.time, weather=trip.weather)
    return messages.text(form, language, stops=stops, theme=theme)


def without_theme(scene: str, language: str) -> str:
    """A scene of `scene_of` up to its end on the theme, where no stops are named."""
    end = messages.text("prompt.scene", language, stops="", theme="\n").partition("\n")[0]
    return scene.partition(end.strip())[0]


def _coloured(stop: Stop) -> str:
    # A planner may have put the colour into the place already: "white picnic zone" and "white".
    if stop.place.casefold().startswith(stop.color_name.casefold() + " "):
        return stop.place
    return f"{stop.color_name} {stop.place}"


def _palette(trip: Trip, language: str) -> str:
    # The lecture's form: 벚꽃 공원(연분홍 [255,182,193]), ...
    return ", ".join(
        messages.text(
            "prompt.stop",
            language,
            place=stop.place,
            color=stop.color_name,
            rgb="[{},{},{}]".format(*stop.rgb),
        )
        for stop in trip.stops
    )


def _index(choice: Any, count: int) -> int:
    try:
        index = -1 if isinstance(choice, bool) else operator.index(choice)
    except TypeError:
        index = -1
    if not 0 <= index < count:
        raise RequestError("bad_choice", choice=clipped(repr(choice)), last=count - 1)
    return index
