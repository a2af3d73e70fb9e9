"""Places by their names: which come first, which are refused, compared to, or told as unknown."""

import random

import pytest

from tripkit.planners.catalog import CatalogPlanner
from tripkit.planners.keywords import find_wishes
from tripkit.planners.lexicon import find_words, small
from tripkit.planners.ranking import has_refused
from tripkit.planners.regions import around, regions

PLANNER = CatalogPlanner()
OFFERED = sorted({name for entry in PLANNER.entries for name in entry.of("regions")})
REFUSING = {
    "en": ("anywhere but {}", "not {} please", "no {}", "somewhere in spring, except {}",
           "we've already been to {}", "Instead of {}, a lake"),
    "ko": ("{} 말고 어디든", "{} 빼고 추천해줘", "{}만 아니면 돼", "{}에는 가기 싫어요",
           "{} 대신 다른 데로", "{} 제외하고 봄에"),
}  # fmt: skip
SIGHTS = {
    "en": (
        ("museums", "museum"),
        ("markets", "market"),
        ("temples", "pagoda"),
        ("castles", "castle"),
    ),
    "ko": (("박물관", "museum"), ("시장", "market"), ("절", "pagoda"), ("온천", "hot_spring")),
}


def name_of(key, language):
    """A place's first name in a language; as it stands in a sentence, where it is also a word."""
    for word in regions()[key].words:
        if word.isascii() == (language == "en"):
            return word.removesuffix("~")
    return None


# All places take half a minute; the quick tests take every eighth.
EVERY = [pytest.param(8, id="every eighth"), pytest.param(1, id="all", marks=pytest.mark.slow)]


@pytest.mark.parametrize("stride", EVERY)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_place_that_is_named_comes_first(subtests, language, stride):
    form = {"en": "a trip to {}", "ko": "{} 여행"}[language]
    for key in OFFERED[::stride]:
        name = name_of(key, language)
        with subtests.test(place=key):
            request = form.format(name)
            wishes = find_wishes(request)
            meant = wishes.of("regions")
            assert key in meant or any(key in step for place in meant for step in around(place))
            assert meant & PLANNER.pick(request, wishes)[0].of("regions")


def test_the_town_itself_comes_before_its_region():
    for request, town in (("프라하 여행", "prague"), ("Prague in autumn", "prague"),
                          ("Vienna in winter", "vienna"), ("속초 당일치기", "sokcho")):  # fmt: skip
        assert town in PLANNER.pick(request, find_wishes(request))[0].of("regions")


@pytest.mark.parametrize("stride", EVERY)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_trip_lies_where_one_will_not_go(subtests, language, stride):
    for number, key in enumerate(sorted(regions())[::stride]):
        name = name_of(key, language)
        if language == "ko" and f"{name}~" in regions()[key].words:
            continue  # a word of the language, unless one goes there
        if name is None or not find_words(small(f"x in {name}" if language == "en" else name)):
            continue
        if key == "suncheon":  # 순천만 is a bay
            continue
        request = REFUSING[language][number % len(REFUSING[language])].format(name)
        with subtests.test(request=request):
            wishes = find_wishes(request)
            refused = {value for dimension, value in wishes.refused if dimension == "regions"}
            assert key in refused or any(
                value in step for value in refused for step in around(key)[:2]
            )
            for entry in PLANNER.pick(request, wishes) if key in OFFERED else ():
                assert not (refused & entry.of("regions")) or len(around(key)) == 1


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_refused_thing_behind_its_town_leaves_the_town(subtests, language):
    # Not Bath or Nice: of a word that is also a name no more than "in Bath" tells which it is.
    plain = [k for k in OFFERED if not any(word.endswith("~") for word in regions()[k].words)]
    towns = random.Random(7).sample([k for k in plain if len(around(k)) > 2], 25)
    form = {"en": ("{} without the {}", "{} but no {}"), "ko": ("{} {} 말고", "{}인데 {} 빼고")}
    for town in towns:
        for number, (thing, kind) in enumerate(SIGHTS[language]):
            request = form[language][number % 2].format(name_of(town, language), thing)
            with subtests.test(request=request):
                wishes = find_wishes(request)
                assert ("kinds", kind) in wishes.refused
                assert not [tag for tag in wishes.refused if tag[0] == "regions"]
                assert wishes.of("regions")


@pytest.mark.parametrize(
    "request_",
    ["도쿄 디즈니 말고", "파리 에펠탑 말고 골목길", "로마 깃발투어 빼고", "제주 카멜리아힐 말고"],
)
def test_an_unknown_or_named_sight_behind_its_town_is_refused_alone(request_):
    town = {"도쿄": "tokyo", "파리": "paris", "로마": "rome", "제주": "jeju"}[request_.split()[0]]
    assert find_wishes(request_).of("regions") == {town}


# Request, the place that it compares to, and whether that may come.
COMPARED = [
    ("somewhere quieter than Venice", "venice", False),
    ("less crowded than Kyoto", "kyoto", False),
    ("cheaper than Paris but as pretty", "paris", False),
    ("something like Santorini but less crowded", "santorini", False),
    ("a place like Prague, only smaller, without the crowds", "prague", False),
    ("제주보다 조용한 곳", "jeju", False),
    ("부산처럼 바다가 있는데 사람 적은 곳", "busan", False),
    ("교토 같은데 덜 붐비는 도시", "kyoto", False),
    ("something like Santorini", "santorini", True),
    ("교토 같은 곳", "kyoto", True),
]


@pytest.mark.parametrize(("request_", "place", "may_come"), COMPARED)
def test_what_something_is_compared_to_is_no_goal(request_, place, may_come):
    wishes = find_wishes(request_)
    assert place not in wishes.of("regions")
    assert (("regions", place) in wishes.refused) != may_come
    came = [place in entry.of("regions") for entry in PLANNER.pick(request_, wishes)]
    assert may_come or not any(came)


@pytest.mark.parametrize(
    "request_", ["I'd like Paris but cheap", "I like Busan", "더 먼 곳보다 가까운 부산"]
)
def test_who_would_like_a_place_compares_nothing(request_):
    assert find_wishes(request_).of("regions") & {"paris", "busan"}


@pytest.mark.parametrize(
    ("request_", "town"),
    [
        ("A weekend in Bath", "bath"),
        ("anything near Reading worth a look?", "reading"),
        ("a trip to nice this summer", "nice"),
        ("Nice in spring", "nice"),
        ("빈에서 일주일", "vienna"),
        ("니스로 신혼여행", "nice"),
        ("reading a book by the lake", None),
        ("a nice warm bath", None),
        ("we want to go skiing", None),
        ("빈 자리 있는 카페", None),
        ("애들 데리고 물놀이", None),
    ],
)
def test_a_town_that_is_also_a_word_is_one_where_it_stands_as_a_name(request_, town):
    assert find_wishes(request_).of("regions") == ({town} if town else set())


UNKNOWN = [
    ("ko", "{}에서 한 달 살기", "카르벤토 루미나스 테베로사 크렌피아 덕칠리 솔미섬 청라산골마을"),
    ("ko", "{} 여행 가고 싶어요", "카르벤토 루미나스 덕칠리 솔미섬"),
    ("ko", "{} 쪽에 뭐 있나요", "카르벤토 덕칠리 솔미섬"),
    ("en", "a week in {} with my mum", "Zorvania Quellmouth Ardenstow Bellhaven Trevannick"),
    ("en", "our son lives near {}, what is there", "Zorvania Quellmouth Ardenstow"),
    ("en", "how about {} in June?", "Zorvania Trevannick"),
    # Known to the atlas, and to no trip.
    ("en", "a week in {}", "Wales Lanzarote Kuwait Ohio Lyon Paraguay Tallinn"),
    ("ko", "{} 가 보고 싶다", "웨일스 란사로테 쿠웨이트 오하이오 리옹 파라과이 증평 임자도"),
]


@pytest.mark.parametrize(
    ("language", "request_", "name"),
    [(lang, form.format(name), name) for lang, form, names in UNKNOWN for name in names.split()],
)
def test_a_place_without_a_trip_is_named_and_not_claimed(language, request_, name):
    plan = PLANNER.plan(request_, language=language)
    assert not plan.understood
    assert name in " ".join(note.words(language) for note in plan.notes)


@pytest.mark.parametrize("request_", ["barcelonna with my girlfriend", "kyotto in autumn"])
def test_a_slip_that_was_mended_is_no_unknown_name(request_):
    plan = PLANNER.plan(request_, language="en")
    assert plan.understood
    assert "plan.unknown_name" not in {note.code for note in plan.notes}


# ------------------------------------------------------- half a year away


@pytest.mark.parametrize(
    ("request_", "key", "season"),
    [
        ("December in Sydney", "sydney-summer-in-december", "summer"),
        ("12월 시드니", "sydney-summer-in-december", "summer"),
        ("a summer in Sydney", "sydney-summer-in-december", "summer"),
        ("8월 뉴질랜드", "queenstown-summer-snow", "winter"),
        ("New Zealand in August", "queenstown-summer-snow", "winter"),
    ],
)
def test_seasons_south_of_the_equator_are_those_there(request_, key, season):
    wishes = find_wishes(request_)
    first = PLANNER.pick(request_, wishes)[0]
    assert first.key == key
    assert first.told("en", wishes.of("seasons"))["season"] == season


def test_a_summer_beach_is_none_of_the_south():
    for entry in PLANNER.pick("여름 바다", find_wishes("여름 바다")):
        assert "australia" not in entry.of("regions")


# ------------------------------------------------------- what comes before all style


@pytest.mark.parametrize(
    ("request_", "language", "name"),
    [
        ("Can I bring my cat?", "en", "cat"),
        ("고양이 데리고 여행", "ko", "고양이"),
        ("햄스터랑 여행", "ko", "햄스터"),
        ("keto food in Taipei", "en", "keto"),
        ("당뇨식 되는 식당", "ko", "당뇨식"),
        ("저탄고지 먹방", "ko", "저탄고지"),
        ("a motocross weekend", "en", "motocross"),
        ("방탄 성지순례", "ko", "방탄"),
        ("BTS places in Seoul", "en", "BTS"),
        ("오징어 게임 보러 가고 싶어", "ko", "오징어 게임"),
        ("트로트 보러 서울", "ko", "트로트"),
        ("we want to see capybaras", "en", "capybaras"),
        ("쉬리 보러 가고 싶어요", "ko", "쉬리"),
    ],
)
def test_what_no_trip_has_is_named(request_, language, name):
    plan = PLANNER.plan(request_, language=language)
    assert not plan.understood
    assert name in " ".join(note.words(language) for note in plan.notes)


@pytest.mark.parametrize(
    "request_", ["고양이랑 여행", "친구랑 소풍", "my cat and a picnic", "a park"]
)
def test_trips_with_a_dog_are_for_those_with_one(request_):
    for entry in PLANNER.pick(request_, find_wishes(request_)):
        assert ("activities", "pets") not in entry.tags


@pytest.mark.parametrize(
    "request_",
    ["a beach for a wheelchair", "an old town with a pram", "휠체어로 바다", "무릎이 아파서 숲"],
)
def test_who_cannot_walk_far_gets_that_first_and_is_told_where_it_is_not_known(request_):
    plan = PLANNER.plan(request_, language="en")
    picks = PLANNER.pick(request_, find_wishes(request_))
    suits = [("activities", "accessible") in entry.tags for entry in picks]
    assert suits[0]
    assert all(suits) == ("plan.may_not_suit" not in {note.code for note in plan.notes})


def test_who_will_not_walk_is_told_in_those_words_where_it_is_not_known():
    request = "walking is a scam. let me see things from a boat"
    picks = [e for e in PLANNER.entries if ("activities", "accessible") not in e.tags][:3]
    notes = dict(PLANNER.notes(request, find_wishes(request), picks, "en"))
    assert notes["plan.may_not_suit"]["words"] == "walking"


@pytest.mark.parametrize(
    ("request_", "told"),
    [("5 days in Japan for 800 dollars", "5 days"), ("일본 2박3일 40만원", "40만원"),
     ("a beach", None), ("5월 5일 어린이날 부산", None)],
)  # fmt: skip
def test_prices_and_days_are_said_not_to_have_been_checked(request_, told):
    notes = {note.code: note for note in PLANNER.plan(request_, language="ko").notes}
    assert ("plan.not_checked" in notes) == (told is not None)
    assert told is None or told in notes["plan.not_checked"].words("ko")


@pytest.mark.parametrize(
    ("request_", "tag"),
    [
        ("northern lights", ("kinds", "northern_lights")),
        ("tropical beach with palms", ("kinds", "palm_beach")),
        ("castles for a knight of seven", ("kinds", "castle")),
        ("일출 보러", ("time", "morning")),
        ("시원한 데 가고 싶다", ("climate", "cool")),
        ("somewhere to beat the heat", ("climate", "cool")),
    ],
)
def test_all_three_trips_have_the_must_have(request_, tag):
    picks = PLANNER.pick(request_, find_wishes(request_))
    assert all(tag in entry.tags for entry in picks)
    assert not any(has_refused(entry, find_wishes(request_)) for entry in picks)
