"""Laws of the data behind the offline planner: trips.toml against places.toml and colors.toml."""

import itertools
import re
import tomllib
from collections import Counter

import pytest

from tripkit import colors
from tripkit.core.settings import package_folder
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
BUDGETS = {"low", "middle", "high"}
HANGUL = re.compile("[가-힣]")
# Words of the kinds of place that the shipped model does not draw yet. Those of places.toml win.
NEW_KINDS = {
    "island": {
        "en": [
            "island",
            "small island",
            "islet",
            "island offshore",
            "green island",
            "remote island",
            "islands in the sea",
            "archipelago",
        ],
        "ko": [
            "섬",
            "작은 섬",
            "외딴섬",
            "무인도",
            "바다 위의 섬",
            "초록 섬",
            "다도해",
            "먼바다의 섬",
        ],
    },
    "palm_beach": {
        "en": [
            "palm beach",
            "tropical beach",
            "palm-fringed beach",
            "coconut palms",
            "palm-lined shore",
            "tropical island",
            "coral beach",
            "palms by the sea",
        ],
        "ko": [
            "야자수 해변",
            "열대 해변",
            "야자나무 해변",
            "야자수 바닷가",
            "열대 섬",
            "코코넛 해변",
            "산호 해변",
            "남국의 해변",
        ],
    },
    "snow_village": {
        "en": [
            "snow village",
            "snowy village",
            "snowed-in village",
            "snow-covered houses",
            "winter village",
            "village in the snow",
            "snow-covered roofs",
            "snowed-in cottages",
        ],
        "ko": [
            "눈 마을",
            "눈 덮인 마을",
            "설국 마을",
            "눈 쌓인 마을",
            "겨울 마을",
            "눈 덮인 집",
            "눈 쌓인 지붕",
            "설국",
        ],
    },
    "northern_lights": {
        "en": [
            "northern lights",
            "aurora",
            "aurora borealis",
            "polar lights",
            "aurora sky",
            "southern lights",
            "arctic night sky",
        ],
        "ko": [
            "오로라",
            "북극광",
            "오로라 하늘",
            "오로라 밤하늘",
            "극광",
            "오로라 관측지",
            "북극의 밤하늘",
        ],
    },
    "museum": {
        "en": [
            "museum",
            "art museum",
            "art gallery",
            "gallery",
            "library",
            "concert hall",
            "opera house",
            "exhibition hall",
            "science museum",
        ],
        "ko": [
            "박물관",
            "미술관",
            "도서관",
            "공연장",
            "갤러리",
            "전시관",
            "콘서트홀",
            "오페라 하우스",
            "과학관",
        ],
    },
    "train": {
        "en": [
            "train",
            "railway station",
            "train station",
            "scenic train",
            "steam train",
            "scenic railway",
            "station platform",
            "old train",
            "railway",
        ],
        "ko": [
            "기차",
            "기차역",
            "열차",
            "증기 기관차",
            "바다 열차",
            "간이역",
            "철길",
            "관광 열차",
            "레일바이크",
        ],
    },
    "vineyard": {
        "en": [
            "vineyard",
            "winery",
            "grapevines",
            "wine estate",
            "wine country",
            "vineyard hills",
            "rows of vines",
        ],
        "ko": [
            "포도밭",
            "와이너리",
            "포도원",
            "포도 농원",
            "와인 농장",
            "포도 덩굴",
            "포도나무 언덕",
        ],
    },
    "field_path": {
        "en": [
            "country path",
            "country lane",
            "field path",
            "farm",
            "barley field",
            "pasture",
            "ranch",
            "olle trail",
            "dulle trail",
            "farm road",
        ],
        "ko": [
            "들길",
            "시골길",
            "농로",
            "농장",
            "목장",
            "목초지",
            "밭길",
            "올레길",
            "둘레길",
            "보리밭 사잇길",
        ],
    },
    "aquarium": {
        "en": [
            "aquarium",
            "oceanarium",
            "fish tank",
            "underwater tunnel",
            "sea life centre",
            "marine aquarium",
        ],
        "ko": ["수족관", "아쿠아리움", "해양 수족관", "수중 터널", "대형 수조", "아쿠아플라넷"],
    },
    "ruins": {
        "en": [
            "ruins",
            "ancient ruins",
            "Roman ruins",
            "stone ruins",
            "ancient columns",
            "amphitheatre",
            "pyramid",
            "pyramids",
            "archaeological site",
        ],
        "ko": [
            "유적",
            "유적지",
            "고대 유적",
            "로마 유적",
            "돌기둥 유적",
            "피라미드",
            "원형 극장",
            "고대 신전",
            "폐허",
        ],
    },
    "cathedral": {
        "en": [
            "cathedral",
            "church",
            "chapel",
            "abbey",
            "basilica",
            "monastery",
            "old church",
            "Gothic church",
        ],
        "ko": ["성당", "대성당", "교회", "예배당", "수도원", "고딕 성당", "바실리카"],
    },
    "lantern_festival": {
        "en": [
            "lantern festival",
            "festival of lights",
            "light festival",
            "fire festival",
            "sky lanterns",
            "paper lanterns",
            "floating lanterns",
        ],
        "ko": [
            "등불 축제",
            "유등 축제",
            "연등 축제",
            "빛 축제",
            "불꽃 축제",
            "풍등",
            "연등 거리",
            "종이등",
        ],
    },
    "reed_field": {
        "en": [
            "reed field",
            "pampas grass",
            "silver grass field",
            "wetland",
            "reed marsh",
            "marsh",
            "boardwalk through the reeds",
        ],
        "ko": [
            "갈대밭",
            "억새밭",
            "억새",
            "갈대 습지",
            "습지",
            "갈대숲",
            "은빛 억새",
            "억새 군락지",
        ],
    },
    "zoo": {
        "en": [
            "zoo",
            "safari park",
            "animal park",
            "petting zoo",
            "petting farm",
            "wildlife park",
            "zoological garden",
        ],
        "ko": [
            "동물원",
            "사파리",
            "사파리 공원",
            "동물 농장",
            "동물 공원",
            "체험 동물원",
            "야생 동물원",
        ],
    },
}


def load(name):
    return tomllib.loads((package_folder() / "data" / name).read_text(encoding="utf-8"))


TRIPS = load("trips.toml")["trips"]
PLACES = NEW_KINDS | load("places.toml")


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


def test_every_tag_is_used():
    for field, known in TAGS.items():
        assert {tag for trip in TRIPS for tag in trip[field]} == set(known.split()), field
    assert {trip["budget"] for trip in TRIPS} == BUDGETS


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
                for kind in PLACES.keys() - {stop["kind"]}:
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
