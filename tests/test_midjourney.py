"""Midjourney's command: ready to paste, and nothing in it but what was asked for."""

import re

import pytest
from doubles import a_plan

from tripkit.cli import commands
from tripkit.core.errors import ModelUnavailableError, RequestError
from tripkit.images import make_backend
from tripkit.images.midjourney import imagine_command, midjourney, plain
from tripkit.prompts import compose_prompt

KNOWN = midjourney().parameters


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("choice", [0, 1, 2])
def test_the_command_draws_the_scene_of_the_chosen_trip(language, choice):
    plan = a_plan("spring", language)
    prompt = compose_prompt("spring", plan, choice)
    command = imagine_command(prompt, no="text, people", style="raw", stylize=50)
    for stop in plan.trips[choice].stops:
        assert stop.place.split()[0] in command.text
    assert command.text == f"/imagine prompt: {command.prompt}"
    assert command.prompt.endswith(
        f" --ar 3:2 --v {KNOWN['version']} --no text, people --raw --stylize 50"
    )


def flags(command) -> list[str]:
    return re.findall(r"(?<!\S)--\S+", command.prompt)


ATTACKS = [
    "a park --ar 1:99 --v 1",
    "a park —v 3 –no trees",  # phones make long dashes of two
    "a park::5 lake::-1",
    "a {red, blue, green} park",  # three pictures, each billed
    "https://evil.example/x.png a park",
    "www.evil.example/x.png a park",
    "/settings a park",
    "a park\n/imagine prompt: another --v 2",
    "a park <@everyone> `code` **bold**",
    "-v 2 a park",
    "a park \u2212\u2212ar 2:1 \ufe63\ufe63v 1",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_words_stay_words_whatever_they_look_like(attack):
    command = imagine_command(attack)
    assert flags(command) == ["--ar", "--v"]
    scene = command.prompt.split(" --ar ")[0]
    assert "park" in scene and "\n" not in command.text
    assert not re.search(r"::|[{}<>|`*]|://|www\.|--|[—–]|(?<!\S)[/-]", scene)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_should_not_be_there_is_words_too(attack):
    command = imagine_command("a lake", no=attack)
    assert flags(command) == ["--ar", "--v", "--no"]


def test_hyphens_and_colours_inside_words_survive():
    assert (
        plain("a well-known spot, 벚꽃 공원 (#ffb6c1)") == "a well-known spot, 벚꽃 공원 (#ffb6c1)"
    )


@pytest.mark.parametrize("version", KNOWN["versions"].split(", "))
def test_every_version_of_the_registry_can_be_asked_for(version):
    command = imagine_command("a lake", version=version, style="raw", no="text")
    assert f"--v {version}" in command.text
    old = version in KNOWN["style_raw"].split(", ")
    assert command.text.endswith("--style raw" if old else "--raw")
    assert bool(command.notes) == (version not in KNOWN["with_no"].split(", "))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"aspect_ratio": "0:1"}, "--ar is 0:1"),
        ({"aspect_ratio": "16x9"}, "--ar is 16x9"),
        ({"aspect_ratio": "10:1"}, "neither more than 3 times the other"),
        ({"aspect_ratio": "1.5:1"}, "--ar"),
        ({"version": "99"}, "--v is 99; allowed: 5.2"),
        ({"style": "pretty"}, "--style is pretty; allowed: raw"),
        ({"stylize": 1001}, "0-1000"),
        ({"stylize": True}, "0-1000"),
    ],
)
def test_an_option_that_midjourney_would_refuse_is_refused_here(options, message):
    with pytest.raises(RequestError, match=re.escape(message)):
        imagine_command("a lake", **options)


@pytest.mark.parametrize("scene", ["", "  ", "-- --", "https://x.y/z"])
def test_a_scene_without_words_is_refused(scene):
    with pytest.raises(RequestError, match="prompt is empty"):
        imagine_command(scene)


def test_midjourney_is_no_backend_but_says_why():
    with pytest.raises(ModelUnavailableError, match="no public API"):
        make_backend("midjourney")
    note = midjourney().note
    assert "2026-11-23" in note["en"] and "공개 API가 없어요" in note["ko"]


def test_the_command_line_prints_the_command_alone_on_stdout(capsys):
    words = ["midjourney", "a spring picnic", "--choice", "2", "--ar", "2:3", "--no", "text"]
    assert commands.main([*words, "--language", "en"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("/imagine prompt: ") and said.out.count("\n") == 1
    assert "--ar 2:3" in said.out and "--no text" in said.out
    assert "No public API was found" in said.err


@pytest.mark.parametrize(
    "bad", [["--choice", "4"], ["--ar", "x"], ["--v", "0"], ["--stylize", "x"]]
)
def test_the_command_line_refuses_before_it_plans(bad, capsys):
    assert commands.main(["midjourney", "a picnic", *bad, "--language", "ko"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.rstrip().endswith("요.")
