"""The catalogue planner: what it picks, that it differs, and that it always picks the same."""

import dataclasses
import subprocess
import sys
import time

import pytest

from tripkit.colors import delta_e
from tripkit.planners.catalog import CatalogPlanner
from tripkit.planners.entries import Entry
from tripkit.planners.keywords import Wishes, find_wishes
from tripkit.planners.ranking import WEIGHTS, has_refused, score

LECTURE = "친구와 봄 소풍을 갈 만한 여행지를 추천해줘."
LECTURE_EN = "Recommend a place for a spring picnic with friends."


@pytest.fixture(scope="module")
def planner():
    return CatalogPlanner()


def picks(planner, request):
    return planner.pick(request, find_wishes(request))


def test_the_lecture_request_gives_the_lecture_trip_first(planner):
    korean = planner.plan(LECTURE, language="ko").trips[0]
    assert korean.theme == "봄 소풍"
    assert [(stop.place, stop.color_name, stop.rgb) for stop in korean.stops] == [
        ("벚꽃 공원", "연분홍", (255, 182, 193)),
        ("강변 산책로", "청색", (70, 130, 180)),
        ("피크닉 존", "흰색", (255, 255, 255)),
    ]
    for request in (LECTURE, LECTURE_EN):
        english = planner.plan(request, language="en").trips[0]
        assert english.theme == "spring picnic"
        assert [(stop.color_name, stop.place) for stop in english.stops] == [
            ("light pink", "cherry blossom park"),
            ("steel blue", "riverside walk"),
            ("white", "picnic zone"),
        ]


# Request; what the first trip must have; what all three must have, where "|" means one of these.
MATCHES = [
    (LECTURE, "seasons:spring company:friends activities:picnic", "company:friends"),
    (LECTURE_EN, "seasons:spring company:friends activities:picnic", "company:friends"),
    (
        "부모님과 조용한 가을 주말",
        "company:parents moods:quiet seasons:autumn reach:near",
        "reach:near",
    ),
    (
        "A quiet autumn weekend with my parents.",
        "company:parents moods:quiet seasons:autumn",
        "seasons:autumn",
    ),
    (
        "아이들과 알뜰하게 다녀올 여름 바다",
        "company:children budget:low kinds:beach",
        "seasons:summer",
    ),
    (
        "Summer at the sea with children, on a small budget",
        "styles:sea company:children",
        "seasons:summer",
    ),
    (
        "겨울 야경이 아름다운 낭만적인 여행",
        "kinds:skyline moods:romantic seasons:winter",
        "moods:romantic|kinds:skyline|seasons:winter",
    ),
    ("혼자 제주도에서 쉬고 싶어", "regions:jeju", "regions:jeju"),
    ("부산 여행", "regions:busan", "regions:gyeongsang"),
    ("서울 근교 드라이브", "regions:near_seoul", "regions:near_seoul"),
    ("강릉 당일치기", "regions:gangwon", "regions:gangwon"),
    ("파리에서 보내는 신혼여행", "regions:france moods:romantic", "regions:europe"),
    ("Europe in spring", "regions:europe seasons:spring", "regions:europe"),
    ("Japan", "regions:japan", "regions:japan"),
    ("국내 여행", "regions:korea", "regions:korea"),
    ("somewhere abroad", "regions:abroad", "regions:abroad"),
    ("친구들이랑 스키", "kinds:ski_slope company:friends", "company:friends"),
    ("온천에서 푹 쉬기", "kinds:hot_spring styles:rest", "kinds:hot_spring"),
    ("a castle from a fairy tale", "kinds:castle", "kinds:castle"),
    ("hot-air balloons", "kinds:balloons", "kinds:balloons"),
    ("사막 여행", "kinds:desert", "kinds:desert"),
    ("시장에서 맛있는 음식 먹기", "kinds:market styles:food", "kinds:market"),
    (
        "windmills and tulips",
        "kinds:windmill kinds:flower_field",
        "kinds:windmill|kinds:flower_field",
    ),
    ("단풍 구경", "kinds:maple seasons:autumn", "kinds:maple"),
    ("텐트 치고 캠핑", "kinds:camp activities:camping", ""),
    ("luxury trip for two, money is no object", "budget:high", "budget:high"),
    ("돈 없이 떠나는 무료 여행", "budget:low", "budget:low"),
    ("연분홍 벚꽃길 산책", "kinds:cherry", "kinds:cherry"),
    ("museum and gallery tour", "styles:art", ""),
]


@pytest.mark.parametrize(("request_", "first", "every"), MATCHES)
def test_the_trips_are_what_was_asked_for(planner, request_, first, every):
    chosen = picks(planner, request_)
    assert {tuple(tag.split(":")) for tag in first.split()} <= chosen[0].tags
    for entry in chosen:
        assert not every or any(tuple(tag.split(":")) in entry.tags for tag in every.split("|"))


@pytest.mark.parametrize(
    ("request_", "refused"),
    [
        ("바다 말고 여름 여행", "kinds:beach styles:sea"),
        ("summer, but no beach and no markets", "kinds:beach kinds:market"),
        ("등산은 빼고 가을 여행", "activities:hike kinds:mountain"),
        ("시장이나 카페는 싫어요", "kinds:market kinds:cafe"),
        ("anything but temples", "kinds:pagoda"),
    ],
)
def test_what_was_refused_is_in_none_of_the_trips(planner, request_, refused):
    for entry in picks(planner, request_):
        assert not {tuple(tag.split(":")) for tag in refused.split()} & entry.tags


@pytest.mark.parametrize("request_", [row[0] for row in MATCHES if "regions" not in row[1]])
def test_the_three_trips_are_mostly_of_other_places(planner, request_):
    chosen = picks(planner, request_)
    kinds = [entry.of("kinds") - find_wishes(request_).of("kinds") for entry in chosen]
    assert len(set().union(*kinds)) >= sum(map(len, kinds)) - 2


def test_no_request_in_a_class_of_forty_sees_only_the_same_few_trips(planner):
    seen = {entry.key for number in range(40) for entry in picks(planner, f"trip {number}")}
    assert len(seen) > 40


def test_every_trip_comes_first_for_someone_who_asks_for_all_that_it_offers(planner):
    for entry in planner.entries:
        wishes = Wishes(
            frozenset(tag for tag in entry.tags if tag[0] in WEIGHTS.keys() - {"colors"})
        )
        best = max(planner.entries, key=lambda other: score(other, wishes))
        assert best.key == entry.key


def test_both_languages_get_the_same_trips(planner):
    for request in (LECTURE, "hot springs", "asdf"):
        korean, english = (planner.plan(request, language=language) for language in ("ko", "en"))
        assert [[stop.rgb for stop in trip.stops] for trip in korean.trips] == [
            [stop.rgb for stop in trip.stops] for trip in english.trips
        ]


def test_a_request_without_wishes_is_answered_and_says_so(planner):
    for nothing in ("asdf qwer", "안녕하세요", "🙂", "<b>x</b>"):
        plan = planner.plan(nothing, language="ko")
        assert not plan.understood
        assert [note.code for note in plan.notes] == ["plan.not_understood"]
        assert plan.notes[0].words("ko") != plan.notes[0].words("en")


def test_a_request_with_wishes_carries_no_note(planner):
    plan = planner.plan("a beach", language="en")
    assert plan.understood and plan.notes == ()


def test_refusing_something_is_understood_too(planner):
    assert planner.plan("no beach", language="en").understood


def test_other_requests_see_other_trips_where_several_fit_equally(planner):
    requests = ("asdf", "qwer", "zxcv", "1234")
    assert len({planner.plan(r, language="en").trips[0].title for r in requests}) > 1


@pytest.mark.process
def test_another_start_of_python_gives_the_same_trips(planner):
    code = (
        "from tripkit.planners.catalog import CatalogPlanner\n"
        "plan = CatalogPlanner().plan('a winter trip', language='en')\n"
        "print([trip.title for trip in plan.trips])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True
    )
    here = planner.plan("a winter trip", language="en")
    assert done.stdout.strip() == str([trip.title for trip in here.trips])


def test_a_catalogue_of_ones_own_can_be_given(planner, tmp_path):
    from tripkit.core.settings import package_folder

    text = (package_folder() / "data" / "trips.toml").read_text(encoding="utf-8")
    head, *trips = text.split("[[trips]]")
    path = tmp_path / "trips.toml"
    path.write_text(head + "".join("[[trips]]" + trip for trip in trips[:3]), encoding="utf-8")
    plan = CatalogPlanner(path).plan("a beach", language="en")
    titles = {entry.row["title"]["en"] for entry in planner.entries[:3]}
    assert {trip.title for trip in plan.trips} == titles


@pytest.mark.slow
@pytest.mark.alone  # it measures seconds
def test_the_longest_request_is_answered_within_a_second(planner):
    request = ("바다 말고 산 여행, no beach " * 100)[:2000]
    started = time.perf_counter()
    planner.plan(request, language="ko")
    assert time.perf_counter() - started < 1


def a_trip(*tags, words=()):
    """A trip of the catalogue with these tags and no others."""
    return Entry({"key": "k"}, frozenset(tuple(t.split(":")) for t in tags), (), frozenset(words))


def wished(wanted="", refused="", words=()):
    sides = (frozenset(tuple(t.split(":")) for t in side.split()) for side in (wanted, refused))
    return Wishes(*sides, frozenset(words))


# What a trip offers, what is wished for, and the points that this counts, worked out by hand.
POINTS = [
    ("seasons:spring kinds:beach", "kinds:beach", 12),
    ("seasons:spring kinds:beach kinds:lake", "kinds:beach kinds:lake", 12 * 1.4),
    ("seasons:spring things:lavender", "things:lavender", 12),
    ("seasons:spring", "seasons:spring", 8),
    ("seasons:spring seasons:autumn", "seasons:spring seasons:autumn", 8),
    ("seasons:winter", "seasons:spring", -14),
    ("kinds:lake", "seasons:spring", 8 * 0.5),  # it suits every season
    ("kinds:lake", "moods:quiet", 0.5),  # every season, where none was named
    ("seasons:spring company:family", "company:family", 5),
    ("seasons:spring company:family", "company:children", 2.5),
    ("seasons:spring company:children", "company:family", 2.5),
    ("seasons:spring company:couple", "company:parents", -8),
    ("seasons:spring budget:low", "budget:low", 5),
    ("seasons:spring budget:high", "budget:low", -8),
    ("seasons:spring budget:middle", "budget:low", 0),
    ("seasons:spring reach:near", "reach:near", 5),
    ("seasons:spring reach:far", "reach:near", -8),
    ("seasons:spring climate:warm", "climate:warm", 5),
    ("seasons:spring time:night", "time:night", 3),
    ("seasons:spring weather:snow", "weather:snow", 3),
    ("seasons:spring activities:photo", "activities:photo", 7),
    ("seasons:spring styles:sea", "styles:sea", 3),
    ("seasons:spring moods:quiet", "moods:quiet", 4),
    ("seasons:spring regions:busan", "regions:busan", 0),  # places are looked at before points
    ("seasons:spring moods:quiet budget:high", "moods:quiet", 4 - 1),  # dear, and nobody asked
    ("seasons:spring kinds:beach budget:high", "regions:jeju", 0),  # who names a place may pay
]


@pytest.mark.parametrize(("offered", "wanted", "points"), POINTS)
def test_a_wish_counts_by_what_it_is_about(offered, wanted, points):
    assert score(a_trip(*offered.split()), wished(wanted)) == pytest.approx(points)


def test_wishes_add_up_and_each_word_in_common_counts_a_little():
    trip = a_trip("seasons:spring", "kinds:beach", "moods:quiet", words=("beach", "sand"))
    assert score(trip, wished("kinds:beach moods:quiet", words=("beach", "sand", "sea"))) == 20


@pytest.mark.parametrize(
    ("offered", "refused", "is_refused"),
    [
        ("kinds:beach kinds:lake", "kinds:beach", True),
        ("kinds:lake", "kinds:beach", False),
        ("seasons:winter", "seasons:winter", True),
        ("seasons:winter seasons:spring", "seasons:winter", False),  # spring is left
        ("seasons:spring company:alone", "company:alone", True),
        ("seasons:spring company:alone company:couple", "company:alone", False),
        ("seasons:spring budget:low", "budget:low", True),
    ],
)
def test_a_trip_has_what_was_refused_or_not(offered, refused, is_refused):
    trip = a_trip(*offered.split())
    assert has_refused(trip, wished("moods:quiet", refused)) == is_refused


def test_a_colour_counts_by_how_much_it_looks_like_one_of_the_trip():
    red, nearly, blue = (255, 0, 0), (240, 10, 10), (0, 0, 255)
    trip = Entry({}, frozenset({("colors", red), ("seasons", "spring")}), (), frozenset())
    for color in (red, nearly, blue):
        expected = 3 * max(0.0, 1 - float(delta_e(color, red)) / 16)
        assert score(trip, Wishes(frozenset({("colors", color)}))) == pytest.approx(expected)
        refused = Wishes(refused=frozenset({("colors", color)}))
        assert has_refused(trip, refused) == (color != blue)


def test_trips_of_the_catalogue_cannot_be_changed(planner):
    with pytest.raises(dataclasses.FrozenInstanceError):
        planner.entries[0].words = frozenset()


def test_who_names_a_theme_or_a_town_gets_a_trip_of_that_name(planner):
    for entry in planner.entries:
        theme = entry.row["theme"]["en"].upper()
        said = "".join(theme.casefold().split())
        assert any(name in said for name in planner.pick(theme, Wishes())[0].names)


def test_a_planner_says_how_many_trips_it_knows(planner):
    assert repr(planner) == f"CatalogPlanner({len(planner.entries)} trips)"


# ------------------------------------------------------- words for small models


@pytest.mark.parametrize(
    "suits, asked, season",
    [
        (["spring"], [], "spring"),
        (["spring"], ["winter"], "spring"),
        (["spring", "autumn"], ["autumn"], "autumn"),
        (["spring", "autumn"], [], None),
        (["spring", "autumn"], ["spring", "autumn"], None),
        ([], [], None),
        ([], ["winter"], "winter"),  # the trip suits all year
    ],
)
def test_a_trip_is_told_with_the_season_asked_for_or_its_only_one(suits, asked, season):
    entry = CatalogPlanner().entries[0]
    other = dataclasses.replace(entry, row={**entry.row, "seasons": suits})
    assert other.told("en", asked)["season"] == season


def test_a_trip_is_told_with_its_kinds_and_with_time_and_weather_where_the_row_has_them():
    entry = CatalogPlanner().entries[0]
    told = entry.told("ko")
    assert [stop["kind"] for stop in told["stops"]] == ["cherry", "river", "picnic"]
    assert (told["time"], told["weather"]) == (None, None)
    snowy = dataclasses.replace(entry, row={**entry.row, "time": "night", "weather": "snow"})
    assert [snowy.told("en")[name] for name in ("time", "weather")] == ["night", "snow"]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ("I want to see penguins and hot springs", ["penguins", "hot springs"]),
        ("펭귄이랑 온천 보고 싶어", ["펭귄", "온천"]),
        ("a spring picnic with friends", []),
    ],
)
def test_what_not_all_three_trips_have_is_said(planner, request_, words):
    language = "en" if request_.isascii() else "ko"
    plan = planner.plan(request_, language=language)
    notes = [note for note in plan.notes if note.code == "plan.few_with"]
    assert bool(notes) == bool(words)
    assert all(word in note.words(language) for note in notes for word in words)


def test_who_will_not_walk_is_told_which_trips_may_not_suit(planner):
    request = "walking is a scam. let me see nice things from a boat, a train window or a cable car"
    notes = {note.code: note.details for note in planner.plan(request, language="en").notes}
    assert notes["plan.may_not_suit"]["words"] == "walking"
