"""How the postcard model reads colours: three tokens for a colour, three colours for a trip."""

import pytest

from tripkit.prompts import ImagePrompt
from tripkit.prompts.color_tokens import color_code, levels, with_codes
from tripkit.trips import Stop


def test_a_channel_goes_to_its_nearest_level():
    for channel in range(256):
        nearest = min(range(0, 249, 8), key=lambda level: (abs(level - channel), -level))
        assert levels((channel, 0, 255)) == (nearest, 0, 248)


def test_a_code_names_the_channels_in_order():
    assert color_code((255, 182, 193)) == "r248 g184 b192"


def test_colours_become_codes_in_the_sentence_that_is_sent():
    stops = (
        Stop(place="벚꽃 공원", color_name="연분홍", rgb=(255, 182, 193)),
        Stop(place="흰색 피크닉 존", color_name="흰색", rgb=(255, 255, 255)),
    )
    prompt = ImagePrompt(
        "", "연분홍 벚꽃 공원, 흰색 피크닉 존이 어우러진 #ff8000 노을", stops, "ko"
    )
    assert with_codes(prompt) == (
        "연분홍 r248 g184 b192 벚꽃 공원, "
        "r248 g248 b248 흰색 피크닉 존이 어우러진 r248 g128 b0 노을"
    )


def test_an_edited_stop_gets_no_code_and_a_fourth_is_left_out():
    stops = [
        Stop(place=f"{p} park", color_name="red", rgb=(255, 0, 0)) for p in ("a", "b", "c", "d")
    ]
    scene = "blue a park, red b park, red c park, red d park: together a trip"
    sent = with_codes(ImagePrompt("", scene, tuple(stops), "en"))
    assert (
        sent
        == "blue r248 g0 b0 a park, red r248 g0 b0 b park, red r248 g0 b0 c park: together a trip"
    )


@pytest.mark.parametrize("count", [3, 4, 6])
def test_of_a_long_trip_the_first_three_stops_are_named_and_no_others(count):
    stops = [Stop(place=f"{p} park", color_name="red", rgb=(255, 0, 0)) for p in "abcdef"[:count]]
    scene = ", ".join(f"red {stop.place}" for stop in stops) + ": together a trip"
    assert with_codes(ImagePrompt("", scene, tuple(stops))) == (
        ", ".join(f"red r248 g0 b0 {p} park" for p in "abc") + ": together a trip"
    )


def test_only_the_first_place_of_a_name_gets_the_code():
    stop = Stop(place="park", color_name="red", rgb=(255, 0, 0))
    assert with_codes(ImagePrompt("", "red park, red park", (stop,))) == (
        "red r248 g0 b0 park, red park"
    )
    named = Stop(place="red park", color_name="red", rgb=(255, 0, 0))
    assert with_codes(ImagePrompt("", "red park, red park", (named,))) == (
        "r248 g0 b0 red park, red park"
    )


@pytest.mark.parametrize("text", ["#ff8000a", "#ff800", "ff8000", "#ff80g0"])
def test_what_is_no_hex_code_of_six_digits_stays(text):
    assert with_codes(ImagePrompt("", f"a {text} sunset", ())) == f"a {text} sunset"


def test_every_hex_code_becomes_tokens_in_either_case():
    sent = with_codes(ImagePrompt("", "#FF8000 and #ff8000", ()))
    assert sent == "r248 g128 b0 and r248 g128 b0"
