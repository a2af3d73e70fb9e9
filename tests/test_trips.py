"""The plan: three distinct trips with coloured stops, whoever wrote them."""

import copy
import pickle

import pytest
from pydantic import ValidationError

from tripkit.core.errors import PlanError
from tripkit.datasets import scenes
from tripkit.kinds import KINDS, SEASONS, TIMES, WEATHERS
from tripkit.planners.catalog import CatalogPlanner
from tripkit.trips import Note, Stop, TripPlan, validate_plan

WORDS = {"kind": KINDS, "season": SEASONS, "time": TIMES, "weather": WEATHERS}
REQUEST = "친구와 봄 소풍을 갈 만한 여행지를 추천해줘."


def stop(place, rgb=(255, 182, 193)):
    return {"place": place, "color_name": "연분홍", "rgb": list(rgb)}


def trip(number):
    return {
        "style": f"style {number}",
        "title": f"title {number}",
        "theme": "봄 소풍",
        "stops": [stop(f"place {number}{letter}") for letter in "abc"],
    }


@pytest.fixture
def data():
    return {
        "request": REQUEST,
        "language": "ko",
        "trips": [trip(number) for number in range(3)],
        "source": "catalog",
        "model": "catalog",
    }


def test_a_good_plan_is_accepted(data):
    plan = validate_plan(data)
    assert [each.title for each in plan.trips] == ["title 0", "title 1", "title 2"]
    assert plan.trips[0].stops[0] == Stop(
        place="place 0a", color_name="연분홍", rgb=(255, 182, 193)
    )
    assert (plan.understood, plan.notes, plan.trips[0].summary) == (True, (), "")


def test_a_plan_survives_json(data):
    plan = validate_plan(data)
    assert TripPlan.model_validate_json(plan.model_dump_json()) == plan
    assert validate_plan(plan.model_dump(mode="json")) == plan
    assert validate_plan(plan.model_dump()) == plan


def test_a_plan_cannot_be_changed(data):
    plan = validate_plan(data)
    with pytest.raises(ValidationError, match="frozen"):
        plan.language = "en"
    with pytest.raises(ValidationError, match="frozen"):
        plan.trips[0].stops[0].rgb = (0, 0, 0)
    assert hash(plan) == hash(validate_plan(data))


def test_the_data_that_was_checked_is_not_changed(data):
    before = copy.deepcopy(data)
    validate_plan(data)
    assert data == before


@pytest.mark.parametrize("count", [0, 1, 2, 4])
def test_a_plan_without_exactly_three_trips_is_refused(data, count):
    data["trips"] = [trip(number) for number in range(count)]
    with pytest.raises(PlanError, match=f"trips has {count} entries instead of 3"):
        validate_plan(data)


@pytest.mark.parametrize("count", [0, 2, 7])
def test_a_trip_has_three_to_six_stops(data, count):
    data["trips"][1]["stops"] = [stop(f"place {number}") for number in range(count)]
    with pytest.raises(PlanError, match=rf"trips\[1\].stops has {count} entries instead of 3-6"):
        validate_plan(data)


@pytest.mark.parametrize("channel", [300, -1, 256, 12.0, 12.5, "12", True, None, float("nan")])
def test_a_channel_that_is_not_a_whole_number_of_0_to_255_is_refused(data, channel):
    data["trips"][0]["stops"][1]["rgb"][2] = channel
    with pytest.raises(PlanError, match=r"trips\[0\].stops\[1\].rgb\[2\] is .*from 0 to 255"):
        validate_plan(data)


@pytest.mark.parametrize("rgb", [[1, 2], [1, 2, 3, 4], "#ffb6c1", None, 5, {"r": 1}])
def test_a_colour_that_is_not_three_numbers_is_refused(data, rgb):
    data["trips"][0]["stops"][1]["rgb"] = rgb
    with pytest.raises(PlanError, match=r"trips\[0\].stops\[1\].rgb.*three whole numbers"):
        validate_plan(data)


def test_two_trips_of_the_same_name_are_refused(data):
    data["trips"][2].update(style="STYLE 0", title="Title 0")
    with pytest.raises(PlanError, match="Two trips of the plan are the same"):
        validate_plan(data)


def test_two_trips_with_the_same_stops_in_another_order_are_refused(data):
    data["trips"][2]["stops"] = data["trips"][0]["stops"][::-1]
    with pytest.raises(PlanError, match="Two trips of the plan are the same"):
        validate_plan(data)


def test_two_trips_may_share_a_style_or_a_title_or_some_stops(data):
    data["trips"][2].update(style="style 0")
    data["trips"][1].update(title="title 0")
    data["trips"][2]["stops"][:2] = data["trips"][0]["stops"][:2]
    first, second, third = validate_plan(data).trips
    assert (third.style, second.title) == (first.style, first.title)
    assert third.stops[:2] == first.stops[:2]


def test_a_trip_does_not_go_to_the_same_place_twice(data):
    data["trips"][1]["stops"][2] = stop("Place 1a")
    with pytest.raises(PlanError, match=r"trips\[1\] goes to the same place twice"):
        validate_plan(data)


@pytest.mark.parametrize("field", ["request", "language", "trips", "source", "model"])
def test_a_missing_field_is_named(data, field):
    del data[field]
    with pytest.raises(PlanError, match=f"{field} is missing"):
        validate_plan(data)


def test_a_field_that_no_plan_has_is_named(data):
    data["trips"][0]["price\u202e"] = 5
    with pytest.raises(PlanError, match=r"trips\[0\].price is not a field of a plan"):
        validate_plan(data)


@pytest.mark.parametrize("value", ["", "   ", "\u200b", "\x00", "\u3164"])
def test_a_place_that_shows_nothing_is_empty(data, value):
    data["trips"][0]["stops"][0]["place"] = value
    with pytest.raises(PlanError, match=r"trips\[0\].stops\[0\].place is empty"):
        validate_plan(data)


@pytest.mark.parametrize(
    ("path", "limit"),
    [(("trips", 0, "stops", 0, "place"), 60), (("trips", 0, "stops", 0, "color_name"), 40),
     (("trips", 0, "title"), 120), (("model",), 200), (("request",), 2000)],
)  # fmt: skip
def test_a_string_that_is_too_long_is_refused(data, path, limit):
    holder = data
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = "x" * limit
    validate_plan(data)
    holder[path[-1]] = "x" * (limit + 1)
    with pytest.raises(PlanError, match=f"{path[-1]} is longer than {limit} characters"):
        validate_plan(data)


@pytest.mark.parametrize("value", [5, None, ["park"], b"park"])
def test_a_place_that_is_not_text_is_refused(data, value):
    data["trips"][0]["stops"][0]["place"] = value
    with pytest.raises(PlanError, match=r"trips\[0\].stops\[0\].place is .*not allowed"):
        validate_plan(data)


def test_control_characters_and_bidi_overrides_are_stripped(data):
    data["trips"][0]["stops"][0]["place"] = "벚꽃\x00 \u202e공원\u2069\n"
    data["trips"][0]["title"] = "<b>\u0007봄</b>"
    plan = validate_plan(data)
    assert plan.trips[0].stops[0].place == "벚꽃 공원"
    assert plan.trips[0].title == "<b>봄</b>"  # markup is text; whoever shows it escapes it


def test_an_unknown_language_is_refused(data):
    data["language"] = "fr"
    with pytest.raises(PlanError, match="language is 'fr', which is not allowed there"):
        validate_plan(data)


def test_a_note_must_be_the_code_of_a_message(data):
    data["notes"] = ["state.idle"]
    plan = validate_plan(data)
    assert [(note.code, note.details) for note in plan.notes] == [("state.idle", {})]
    data["notes"] = ["<script>"]
    with pytest.raises(PlanError, match=r"notes\[0\] is not the code of a message"):
        validate_plan(data)


def test_a_note_carries_the_words_that_fill_it_cleaned_and_bounded(data):
    details = {"places": "Ulleung\u202edo\n", "nearest": "the sea"}
    data["notes"] = [{"code": "plan.unknown_place", "details": details}]
    note = validate_plan(data).notes[0]
    assert "Ulleungdo. The nearest that I know: the sea." in note.words("en")
    assert "울릉" not in note.words("ko") and "Ulleungdo" in note.words("ko")
    assert TripPlan.model_validate_json(validate_plan(data).model_dump_json()).notes == (note,)


@pytest.mark.parametrize(
    "details", [{}, {"places": "x"}, {"places": "x", "nearest": "y" * 201}, {"places": 5}]
)
def test_a_note_that_cannot_be_said_is_refused(data, details):
    data["notes"] = [{"code": "plan.unknown_place", "details": details}]
    with pytest.raises(PlanError, match=r"notes\[0\]"):
        validate_plan(data)


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_understood_is_a_boolean(data, value):
    data["understood"] = value
    with pytest.raises(PlanError, match="understood is"):
        validate_plan(data)


@pytest.mark.parametrize("value", [None, [], "plan", 5])
def test_what_is_no_plan_at_all_is_refused(value):
    with pytest.raises(PlanError, match="plan is .*not allowed there"):
        validate_plan(value)


def test_a_refused_plan_is_explained_in_korean_too(data):
    data["trips"][0]["stops"][0]["rgb"][0] = 300
    with pytest.raises(PlanError, match="rgb") as caught:
        validate_plan(data)
    korean = caught.value.message("ko")
    assert "trips[0].stops[0].rgb[0]에 300 값이" in korean and "whole" not in korean


def test_a_huge_wrong_value_makes_a_short_message_without_the_input(data):
    data["trips"][0]["stops"][0]["rgb"][0] = 10**5000
    data["trips"][0]["summary"] = "sk-secret"
    with pytest.raises(PlanError, match=r"rgb\[0\] is <?int") as caught:
        validate_plan(data)
    assert len(str(caught.value)) < 300
    # No chained pydantic error, which would show the whole input in a traceback.
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_one_letter_is_enough_for_a_place_and_its_colour():
    stop = Stop(place="섬", color_name="빨", rgb=(255, 0, 0))
    assert (stop.place, stop.color_name) == ("섬", "빨")


# ------------------------------------------------------- words for small models


def put(data, field, value):
    """Writes into the first trip, or into its first stop."""
    (data["trips"][0]["stops"][0] if field == "kind" else data["trips"][0])[field] = value


@pytest.mark.parametrize("field", WORDS)
def test_a_word_of_the_vocabulary_is_kept_and_none_leaves_it_open(data, field):
    for value in (*WORDS[field], None):
        put(data, field, value)
        trip = validate_plan(data).trips[0]
        assert getattr(trip.stops[0] if field == "kind" else trip, field) == value


@pytest.mark.parametrize("field", WORDS)
@pytest.mark.parametrize("value", ["monsoon", "", "Night", 3, ["day"], True])
def test_another_word_is_refused_by_its_field_with_the_words_that_are_allowed(data, field, value):
    put(data, field, value)
    path = r"trips\[0\]\.stops\[0\]\.kind" if field == "kind" else rf"trips\[0\]\.{field}"
    with pytest.raises(PlanError, match=rf"{path} is .*; allowed there: .*{WORDS[field][-1]}\."):
        validate_plan(data)


def test_a_plan_from_before_there_were_such_words_loads(data):
    trip = validate_plan(data).trips[0]
    assert (trip.season, trip.time, trip.weather, trip.stops[0].kind) == (None,) * 4


def test_scenes_and_plans_share_their_words():
    assert (SEASONS, TIMES, WEATHERS) == (scenes.SEASONS, scenes.TIMES, scenes.WEATHERS)


def test_plans_with_notes_can_be_hashed_copied_and_not_changed():
    note = Note(code="plan.unknown_name", details={"names": "Wakanda"})
    same = Note(code="plan.unknown_name", details={"names": "Wakanda"})
    other = Note(code="plan.unknown_name", details={"names": "Narnia"})
    assert len({note, same, other}) == 2
    assert pickle.loads(pickle.dumps(note)) == copy.deepcopy(note) == note
    assert Note.model_validate_json(note.model_dump_json()) == note
    for change in (lambda d: d.update(names="x"), lambda d: d.clear(), lambda d: d.pop("names")):
        with pytest.raises(TypeError, match="cannot be changed"):
            change(note.details)
    plan = CatalogPlanner().plan("Meet me in Wakanda", language="en")
    assert plan.notes and len({plan, plan.model_copy()}) == 1
