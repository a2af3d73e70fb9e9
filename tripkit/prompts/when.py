"""Says the season, the time of day and the weather of a trip, as far as they are known."""

from __future__ import annotations

from tripkit.kinds import read_words


def season_named(text: str, season: str, language: str) -> bool:
    """Whether a text says the season already: "spring picnic"."""
    words = read_words("captions.toml")["season"][season][language]
    return any(word in text.casefold() for word in words)


def with_when(
    places: str,
    language: str,
    *,
    season: str | None = None,
    time: str | None = None,
    weather: str | None = None,
) -> str:
    """The places with what is known of season, time and weather, each one word of `kinds`.

    English says them behind, ``"blue lake in winter, at night, in the snow"``, Korean in front,
    ``"눈 오는 겨울 밤의 파란색 호수"``: at the end the postcard model overlooks a Korean night.
    """
    known = {"season": season, "time": time, "weather": weather}
    words = read_words("captions.toml")["sent"]
    said = {what: words[what][value][language] for what, value in known.items() if value}
    if not said:
        return places
    if language == "en":
        return f"{places} {', '.join(said.values())}"
    if "season" in said and "time" not in said:
        said["season"] += "의"
    order = ("weather", "season", "time")
    return " ".join([*(said[what] for what in order if what in said), places])
