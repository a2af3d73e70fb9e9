"""What the catalogue planner understands of a request, and what it must not."""

import pytest

from tripkit.planners.keywords import find_wishes
from tripkit.planners.regions import around, regions

# Request, what it wants, what it refuses. Words of the left that are not on the right are either
# implied by others (a beach is by the sea) or not understood.
REQUESTS = [
    (
        "친구와 봄 소풍을 갈 만한 여행지를 추천해줘.",
        "seasons:spring company:friends activities:picnic",
        "",
    ),
    ("부모님과 조용한 가을 주말", "company:parents moods:quiet seasons:autumn reach:near", ""),
    (
        "아이들과 알뜰하게 다녀올 여름 바다",
        "company:children budget:low seasons:summer kinds:beach",
        "",
    ),
    ("겨울 야경이 아름다운 낭만적인 여행", "seasons:winter kinds:skyline moods:romantic", ""),
    ("혼자 제주도에서 푹 쉬고 싶어", "company:alone regions:jeju activities:rest", ""),
    ("여자 친구랑 파리로 신혼여행", "company:couple regions:paris", ""),
    ("온 가족이 함께하는 단풍놀이", "company:family kinds:maple seasons:autumn", ""),
    ("봄소풍", "seasons:spring activities:picnic", ""),
    ("가을바다", "seasons:autumn kinds:beach", ""),
    ("벚꽃공원에서 데이트", "kinds:cherry seasons:spring company:couple", ""),
    ("산에 가서 텐트 치고 불멍", "kinds:mountain activities:camping kinds:camp", ""),
    ("숲과 호수, 그리고 절", "kinds:forest kinds:lake kinds:pagoda", ""),
    ("10월에 사진 찍으러 갈 한옥마을", "seasons:autumn activities:photo kinds:hanok", ""),
    ("호화로운 휴양지에서 온천", "budget:high styles:rest kinds:hot_spring", ""),
    ("바다 말고 산", "kinds:mountain", "kinds:beach styles:sea"),
    ("바다나 호수는 빼고 시장", "kinds:market", "kinds:beach kinds:lake"),
    ("등산은 싫어요, 카페가 좋아요", "kinds:cafe", "activities:hike kinds:mountain"),
    ("스키 말고 겨울 여행", "seasons:winter", "activities:ski kinds:ski_slope"),
    ("사람 많은 곳은 싫어요", "moods:quiet", "moods:crowded activities:festival"),
    ("A spring picnic with friends", "seasons:spring activities:picnic company:friends", ""),
    ("somewhere quiet in autumn with my parents", "moods:quiet seasons:autumn company:parents", ""),
    ("hiking in the mountains, alone", "activities:hike kinds:mountain company:alone", ""),
    ("Beaches and lighthouses for the kids", "kinds:beach kinds:lighthouse company:children", ""),
    ("hot springs in the snow", "kinds:hot_spring seasons:winter", ""),
    ("a hot-air balloon at dawn", "kinds:balloons", ""),
    ("not too expensive, please: museums", "budget:low kinds:museum", ""),
    ("no beach or mountains, only food", "activities:food", "kinds:beach kinds:mountain"),
    ("we don't want to go camping; a castle", "kinds:castle", "activities:camping kinds:camp"),
    ("we don’t like markets", "", "kinds:market"),
    ("Europe in spring", "regions:europe seasons:spring", ""),
    ("friend랑 picnic을", "company:friends activities:picnic", ""),
]


def tags(text):
    return {tuple(tag.split(":")) for tag in text.split()}


@pytest.mark.parametrize(("request_", "wanted", "refused"), REQUESTS)
def test_what_is_asked_for_and_what_is_refused_are_told_apart(request_, wanted, refused):
    wishes = find_wishes(request_)
    assert tags(wanted) <= wishes.wanted
    assert tags(refused) <= wishes.refused
    assert not tags(wanted) & wishes.refused
    assert bool(wishes.refused) == bool(refused)


@pytest.mark.parametrize(
    ("request_", "not_meant"),
    [
        ("hot springs", "seasons:spring"),
        ("waterfalls", "seasons:autumn"),
        ("도시락 싸서", "styles:city"),
        ("부산에서", "kinds:mountain"),
        ("아이스크림", "company:children"),
        ("아이디어가 없어요", "company:children"),
        ("여자 친구와", "company:friends"),
        ("강릉과 강남", "kinds:river"),
        ("계절마다 감성 여행", "kinds:pagoda"),
        ("감성 여행", "kinds:castle"),
        ("꽃이 봄", "kinds:forest"),
        ("사막 사파리", "regions:france"),
        ("12월", "seasons:spring"),
        ("I may be seated", "styles:sea"),
        ("heart of the party", "activities:art"),
        ("we should camp", "kinds:cafe"),
    ],
)
def test_a_word_inside_another_word_is_not_understood(request_, not_meant):
    assert not tags(not_meant) & find_wishes(request_).wanted


@pytest.mark.parametrize(
    "particle", ["", "이", "은", "을", "에", "에서", "으로", "이나", "과", "만"]
)
def test_korean_particles_do_not_hide_a_word(particle):
    for word, tag in (("산", "mountain"), ("숲", "forest"), ("한옥", "hanok"), ("캠핑장", "camp")):
        assert ("kinds", tag) in find_wishes(f"조용한 {word}{particle} 어때요").wanted


def test_colours_are_found_by_name_and_by_hex():
    colors = find_wishes("연분홍 공원과 steel blue, #FF7F50").of("colors")
    assert colors == {(255, 182, 193), (70, 130, 180), (255, 127, 80)}


def test_case_and_apostrophes_do_not_matter():
    assert find_wishes("SPRING with Friends") == find_wishes("spring WITH friends")
    assert find_wishes("don’t like the beach") == find_wishes("don't like the beach")


@pytest.mark.parametrize(
    "nothing", ["asdf qwer", "안녕하세요", "12345", "?!", "<script>", "🙂🙂", "\\(", "Привет"]
)
def test_what_says_nothing_of_a_trip_is_no_wish(nothing):
    assert not find_wishes(nothing)


def test_each_region_lies_within_one_that_exists_up_to_home_or_abroad():
    for name in regions():
        top = around(name)[-1]
        assert top <= {"korea", "abroad"}, name
        assert len(around(name)) <= 6


@pytest.mark.parametrize(
    ("request_text", "wanted", "refused"),
    [
        ("친구와 바다 말고 산", ("company", "friends"), ("kinds", "beach")),
        ("no beach, family of four", ("company", "family"), ("kinds", "beach")),
    ],
)
def test_a_refusal_ends_where_the_next_wish_begins(request_text, wanted, refused):
    wishes = find_wishes(request_text)
    assert wanted in wishes.wanted and refused in wishes.refused


@pytest.mark.parametrize(
    "request_text", ["보드게임", "키보드", "정상적인 여행", "feel free to choose"]
)
def test_a_word_inside_another_says_nothing(request_text):
    assert not find_wishes(request_text)
