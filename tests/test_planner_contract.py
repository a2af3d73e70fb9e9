"""What every planner keeps to, whoever plans.

`ALL_PLANNERS` are context managers that yield a planner; add one for each new kind.
"""

import re
import unicodedata
from contextlib import contextmanager

import pytest
from fake_openai import FakeOpenAI, sdk

from tripkit.core.errors import RequestError
from tripkit.kinds import KINDS, SEASONS
from tripkit.planners import make_planner
from tripkit.planners.catalog import CatalogPlanner
from tripkit.planners.openai import OpenAIPlanner
from tripkit.prompts.known_places import kind_in
from tripkit.trips import TripPlan, validate_plan

REQUESTS = {
    "ko": "친구와 봄 소풍을 갈 만한 여행지를 추천해줘.",
    "en": "Recommend a place for a spring picnic with friends.",
}


@contextmanager
def catalog_planner():
    yield CatalogPlanner()


@contextmanager
def openai_planner():
    with FakeOpenAI() as server, sdk(server) as client:
        yield OpenAIPlanner(client=client)


@contextmanager
def openai_compatible_planner():
    with FakeOpenAI() as server, sdk(server, official=False) as client:
        yield OpenAIPlanner("some-model", client=client)


ALL_PLANNERS = [catalog_planner, openai_planner, openai_compatible_planner]


@pytest.fixture(params=ALL_PLANNERS, ids=lambda make: make.__name__)
def planner(request):
    with request.param() as made:
        yield made


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_planner_gives_three_distinct_trips_of_at_least_three_coloured_stops(
    planner, language
):
    plan = planner.plan(REQUESTS[language], language=language)
    assert isinstance(plan, TripPlan)
    assert len({(trip.style, trip.title) for trip in plan.trips}) == 3
    assert all(len({stop.place for stop in trip.stops}) >= 3 for trip in plan.trips)
    channels = [c for trip in plan.trips for stop in trip.stops for c in stop.rgb]
    assert all(type(channel) is int and 0 <= channel <= 255 for channel in channels)
    assert all(stop.color_name and trip.theme for trip in plan.trips for stop in trip.stops)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_planner_tells_small_models_kinds_that_the_places_name(planner, language):
    plan = planner.plan(REQUESTS[language], language=language)
    stops = [stop for trip in plan.trips for stop in trip.stops]
    named = [kind_in(stop.place, language) for stop in stops]
    assert all(stop.kind in {None, *KINDS} for stop in stops)
    # Where the words of a place tell a kind, the plan tells it too, and tells no other.
    pairs = [(stop, kind) for stop, kind in zip(stops, named, strict=True) if kind]
    assert len(pairs) > len(stops) / 2
    assert [s.place for s, kind in pairs if s.kind != kind] == []
    assert all(trip.season in {None, *SEASONS} for trip in plan.trips)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_planner_speaks_the_language_that_was_asked_for(planner, language):
    plan = planner.plan(REQUESTS[language], language=language)
    assert plan.language == language
    texts = [t for trip in plan.trips for t in (trip.title, *(s.place for s in trip.stops))]
    assert all(bool(re.search("[가-힣]", text)) == (language == "ko") for text in texts)


def test_every_planner_says_who_planned(planner):
    plan = planner.plan(REQUESTS["ko"], language="ko")
    assert (plan.source, plan.model) == (planner.name, planner.model)
    assert plan.request == REQUESTS["ko"]


def test_every_planner_reads_decomposed_hangul_like_composed(planner):
    decomposed = unicodedata.normalize("NFD", REQUESTS["ko"])
    assert decomposed != REQUESTS["ko"]
    plans = [planner.plan(text, language="ko") for text in (decomposed, REQUESTS["ko"])]
    assert plans[0] == plans[1]


def test_every_plan_survives_the_way_through_json(planner):
    plan = planner.plan(REQUESTS["en"], language="en")
    assert TripPlan.model_validate_json(plan.model_dump_json()) == plan
    assert validate_plan(plan.model_dump()) == plan


@pytest.mark.parametrize("empty", ["", " \n\t", "\u200b\u2060", "\x00\x1b"])
def test_every_planner_refuses_an_empty_request(planner, empty):
    with pytest.raises(RequestError, match="request is empty"):
        planner.plan(empty, language="en")


def test_every_planner_refuses_a_request_that_is_too_long(planner):
    with pytest.raises(RequestError, match="10000 characters; at most 2000"):
        planner.plan("가" * 10_000, language="ko")


@pytest.mark.parametrize("language", ["fr", "", "KO"])
def test_every_planner_refuses_a_language_it_does_not_speak(planner, language):
    with pytest.raises(RequestError, match="tripkit speaks en, ko"):
        planner.plan(REQUESTS["en"], language=language)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "🏖️👨‍👩‍👧", "'; DROP TABLE trips;--"])
def test_every_planner_takes_any_text_for_a_request(planner, text):
    assert len(planner.plan(text, language="en").trips) == 3


def test_planners_are_made_by_name(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")
    assert isinstance(make_planner(), CatalogPlanner)
    assert isinstance(make_planner("catalog"), CatalogPlanner)
    assert isinstance(make_planner("openai"), OpenAIPlanner)
    assert make_planner("openai:some-model").model == "some-model"
    assert make_planner("openai", model="some-model").model == "some-model"


@pytest.mark.parametrize("name", ["", "gpt", "catalogue", "catalog:x"])
def test_an_unknown_planner_is_refused_with_the_known_names(name):
    with pytest.raises(RequestError, match="there are catalog, openai"):
        make_planner(name)
