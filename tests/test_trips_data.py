"""Laws of the data behind the offline planner: trips.toml against places.toml and colors.toml."""

import itertools
import re
import tomllib
from collections import Counter

import pytest

from tripkit import colors
from tripkit.core.settings import package_folder
from tripkit.planners.catalog import CatalogPlanner
from tripkit.prompts.known_places import shipped_kinds
from tripkit.trips import Trip

LANGUAGES = ("en", "ko")
FIELDS = {"key", "style", "title", "summary", "theme", "seasons", "company", "activities", "moods"}
FIELDS |= {"budget", "stops"}
SKY = {"time": {"morning", "sunset", "night"}, "weather": {"cloudy", "rain", "snow"}}
TAGS = {
    "seasons": "spring summer autumn winter",
    "company": "alone friends couple family children parents",
    "activities": "picnic walk hike swim food shopping history art photo camping ski festival rest"
    " cycling boat drive indoor pets accessible train island baby",
    "moods": "quiet cheerful romantic adventurous healing nostalgic",
}
MUCH_ASKED_FOR = ["jeju", "busan", "gangwon", "seoul", "jeolla", "gyeongsang", "japan"]
MUCH_ASKED_FOR += ["southeast_asia", "europe"]
# What a title or a theme says of time and weather, and how the trip is then drawn. 하룻밤 is a
# night that one sleeps through, 밤색 a colour, 꽃비 a rain of petals.
PROMISES = [
    ("time", "night", {"en": r"after dark|\bnight\b", "ko": r"(?<!하룻)밤(?!색)"}),
    ("time", "sunset", {"en": r"\b(sunset|dusk)\b", "ko": "노을|해넘이|해 질 녘"}),
    ("time", "morning", {"en": r"\b(dawn|sunrise|first light)\b", "ko": "새벽|해돋이"}),
    ("weather", "rain", {"en": r"\brain(y|s)?\b", "ko": "(?<!꽃)비 (오는|내리는|와도)|빗"}),
    (
        "weather",
        "snow",
        {"en": r"\bsnow(y|fall)?\b", "ko": "눈꽃|눈에 |눈길|설국|눈 내리는|눈 오는"},
    ),
]
BUDGETS = {"low", "middle", "high"}
HANGUL = re.compile("[가-힣]")


def load(name):
    return tomllib.loads((package_folder() / "data" / name).read_text(encoding="utf-8"))


TRIPS = load("trips.toml")["trips"]
PLACES = load("places.toml")


def words_in(place, kind, language):
    """The words of a kind that a place contains, as whole words in English."""
    words = [word.casefold() for word in PLACES[kind][language]]
    if language == "ko":  # particles and compounds: no word boundaries to go by
        return [word for word in words if word in place]
    return [word for word in words if re.search(rf"\b{re.escape(word)}\b", place.casefold())]


def repeated(values):
    return [value for value, count in Counter(values).items() if count > 1]


def test_there_are_enough_trips_of_every_style():
    assert len(TRIPS) >= 160
    assert min(Counter(trip["style"]["en"] for trip in TRIPS).values()) >= 12


def test_each_style_has_one_name_in_each_language():
    styles = {(trip["style"]["en"], trip["style"]["ko"]) for trip in TRIPS}
    assert len(styles) == len({en for en, _ in styles}) == len({ko for _, ko in styles}) >= 8


def test_every_kind_of_place_is_in_at_least_four_trips():
    counts = Counter(stop["kind"] for trip in TRIPS for stop in trip["stops"])
    assert set(counts) == set(PLACES)
    assert min(counts.values()) >= 4, counts.most_common()[-5:]


def test_every_tag_is_used_by_at_least_four_trips():
    for field, known in TAGS.items():
        counts = Counter(tag for trip in TRIPS for tag in trip[field])
        assert set(counts) == set(known.split()), field
        assert min(counts.values()) >= 4, counts.most_common()[-3:]
    assert {trip["budget"] for trip in TRIPS} == BUDGETS


@pytest.mark.parametrize("region", MUCH_ASKED_FOR)
def test_there_are_trips_of_two_budgets_to_the_regions_that_people_ask_for(region):
    there = [entry for entry in CatalogPlanner().entries if region in entry.of("regions")]
    assert len(there) >= 6
    assert len(set().union(*(entry.of("budget") for entry in there))) >= 2


@pytest.mark.parametrize("region", ["korea", "abroad"])
def test_every_season_is_to_be_had_at_home_and_abroad(region):
    there = [entry for entry in CatalogPlanner().entries if region in entry.of("regions")]
    counts = Counter(season for entry in there for season in entry.of("seasons"))
    assert min(counts[season] for season in TAGS["seasons"].split()) >= 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_trip_is_drawn_in_the_light_that_its_name_promises(subtests, language):
    kept = 0
    for trip, (field, value, words) in itertools.product(TRIPS, PROMISES):
        name = f"{trip['title'][language]}\n{trip['theme'][language]}"
        if re.search(words[language], name, re.IGNORECASE):
            with subtests.test(trip=trip["key"], promised=value):
                assert trip.get(field) == value, name
            kept += 1
    assert kept > 20


def test_every_season_suits_every_company():
    pairs = {
        (season, who)
        for trip in TRIPS
        for season in trip["seasons"] or TAGS["seasons"].split()
        for who in trip["company"]
    }
    wanted = itertools.product(TAGS["seasons"].split(), TAGS["company"].split())
    assert not set(wanted) - pairs


def test_keys_and_texts_are_distinct():
    assert not repeated(trip["key"] for trip in TRIPS)
    for field, language in itertools.product(("title", "summary"), LANGUAGES):
        assert not repeated(trip[field][language].casefold() for trip in TRIPS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_trips_share_their_stops(language):
    routes = [frozenset(stop["place"][language] for stop in trip["stops"]) for trip in TRIPS]
    assert not repeated(routes)


def test_a_trip_has_all_fields_and_known_tags(subtests):
    for trip in TRIPS:
        with subtests.test(trip=trip["key"]):
            assert set(trip) - SKY.keys() == FIELDS
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", trip["key"])
            for field, known in TAGS.items():
                assert set(trip[field]) <= set(known.split()), field
                assert not repeated(trip[field])
                assert trip[field] or field == "seasons"
            assert trip["budget"] in BUDGETS
            for field in SKY.keys() & set(trip):  # day and a clear sky go without saying
                assert trip[field] in SKY[field]


def test_a_trip_is_valid_in_both_languages(subtests):
    for trip, language in itertools.product(TRIPS, LANGUAGES):
        with subtests.test(trip=trip["key"], language=language):
            built = Trip(
                **{f: trip[f][language] for f in ("style", "title", "summary", "theme")},
                stops=[
                    {
                        "place": stop["place"][language],
                        "color_name": stop["color"][language],
                        "rgb": stop["rgb"],
                    }
                    for stop in trip["stops"]
                ],
            )
            texts = [built.style, built.title, built.summary, built.theme]
            texts += [text for stop in built.stops for text in (stop.place, stop.color_name)]
            for text in texts:
                assert text == text.strip()
                assert bool(HANGUL.search(text)) == (language == "ko"), text
            assert built.summary.endswith(".")
            # The prompt adds "destination" and "여행지" to the theme.
            assert not re.search(r"(trip|destination|여행|여행지)$", built.theme)


def test_the_stops_of_a_trip_differ_in_kind_and_colour(subtests):
    for trip in TRIPS:
        with subtests.test(trip=trip["key"]):
            stops = trip["stops"]
            assert 3 <= len(stops) <= 4
            assert not repeated(stop["kind"] for stop in stops)
            assert not repeated(stop["color"]["en"] for stop in stops)
            for one, other in itertools.combinations(stops, 2):
                assert colors.delta_e(tuple(one["rgb"]), tuple(other["rgb"])) > 10


def test_a_place_names_its_kind_and_no_other(subtests):
    for trip, language in itertools.product(TRIPS, LANGUAGES):
        with subtests.test(trip=trip["key"], language=language):
            for stop in trip["stops"]:
                place = stop["place"][language]
                own = words_in(place, stop["kind"], language)
                assert own, f"{place}: no word of {stop['kind']}"
                for kind in set(shipped_kinds()) - {stop["kind"]}:
                    # A Korean word of one syllable hides in many others (산 in 산책로).
                    strange = [word for word in words_in(place, kind, language) if len(word) > 1]
                    strange = [word for word in strange if not any(word in mine for mine in own)]
                    assert not strange, f"{place}: {strange} of {kind}"


def test_a_colour_is_near_its_name_in_both_languages(subtests):
    for trip in TRIPS:
        with subtests.test(trip=trip["key"]):
            for stop in trip["stops"]:
                named = colors.find_color(stop["color"]["en"])
                assert named is not None, stop["color"]
                assert colors.find_color(stop["color"]["ko"]) == named
                assert colors.delta_e(tuple(stop["rgb"]), named) <= 25, stop


def test_the_trip_of_the_lecture_is_there_exactly():
    trip = next(trip for trip in TRIPS if trip["key"] == "spring-picnic-with-friends")
    assert trip["theme"] == {"en": "spring picnic", "ko": "봄 소풍"}
    assert trip["seasons"] == ["spring"]
    assert trip["company"] == ["friends"]
    assert "picnic" in trip["activities"]
    assert trip["stops"] == [
        {
            "kind": "cherry",
            "place": {"en": "cherry blossom park", "ko": "벚꽃 공원"},
            "color": {"en": "light pink", "ko": "연분홍"},
            "rgb": [255, 182, 193],
        },
        {
            "kind": "river",
            "place": {"en": "riverside walk", "ko": "강변 산책로"},
            "color": {"en": "steel blue", "ko": "청색"},
            "rgb": [70, 130, 180],
        },
        {
            "kind": "picnic",
            "place": {"en": "picnic zone", "ko": "피크닉 존"},
            "color": {"en": "white", "ko": "흰색"},
            "rgb": [255, 255, 255],
        },
    ]
