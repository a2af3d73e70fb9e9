"""The command line: what it prints and saves, its exit status, its errors, its consoles."""

import dataclasses
import errno
import io
import json
import logging
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from doubles import FixedPlanner, PaintingBackend, a_full_disk, a_plan
from PIL import Image

from tripkit import __version__
from tripkit.cli import commands, output
from tripkit.core import messages
from tripkit.core.console import default_language
from tripkit.core.errors import ModelUnavailableError, PlanError, ServiceError
from tripkit.core.messages import text
from tripkit.images.choosing import best_first
from tripkit.images.pipeline import PipelineBackend
from tripkit.images.postcard import read_postcard
from tripkit.prompts import compose_prompt
from tripkit.trips import validate_plan

REQUEST = "친구와 봄 소풍을 갈 만한 여행지를 추천해줘."
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder to write into, and a Korean system."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    return tmp_path


@pytest.fixture
def planner(monkeypatch):
    """The planner that each name leads to."""
    double = FixedPlanner()
    monkeypatch.setattr("tripkit.session.make_planner", lambda name, **options: double)
    return double


@pytest.fixture
def backend(monkeypatch):
    """The image backend that each name leads to."""
    double = PaintingBackend()
    monkeypatch.setattr("tripkit.session.make_backend", lambda name: double)
    return double


def pngs(folder) -> list[Path]:
    return sorted(Path(folder).rglob("*.png"))


# ---------------------------------------------------------------- plan


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_plan_prints_three_trips_with_their_colours(planner, capsys, language):
    assert commands.main(["plan", REQUEST, "--language", language]) == 0
    out, err = capsys.readouterr()
    for number, trip in enumerate(a_plan(REQUEST, language).trips, start=1):
        assert f"{number}. [{trip.style}] {trip.title}" in out
        assert f"#ffb6c1 {trip.stops[0].color_name} · {trip.stops[0].place}" in out
    assert text("app.colors_notice", language) in out
    assert err == "" and "\x1b" not in out
    assert planner.requests == [(REQUEST, language)]


def test_plan_takes_the_systems_language(planner, capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert commands.main(["plan", "spring picnic"]) == 0
    assert planner.requests == [("spring picnic", "en")]


def test_plan_reads_a_request_without_quotes(planner, capsys):
    assert commands.main(["plan", "spring", "picnic", "with", "friends", "--language", "en"]) == 0
    assert planner.requests == [("spring picnic with friends", "en")]


def test_plan_prints_what_the_planner_notes(planner, capsys):
    planner.answer = a_plan(REQUEST, notes=("app.no_seed",), understood=False)
    assert commands.main(["plan", REQUEST]) == 0
    assert text("app.no_seed", "ko") in capsys.readouterr().out


def test_plan_as_json_is_the_whole_plan_and_nothing_else(planner, capsys):
    assert commands.main(["plan", REQUEST, "--json"]) == 0
    out = capsys.readouterr().out
    assert validate_plan(json.loads(out)) == a_plan(REQUEST)
    assert "벚꽃" in out  # readable, not escaped


def test_markup_and_emoji_in_a_request_pass_as_text(planner, capsys):
    request = "<script>alert(1)</script> 🌸"
    assert commands.main(["plan", request]) == 0
    assert planner.requests == [(request, "ko")]


def test_control_characters_never_reach_the_planner_or_the_terminal(planner, capsys):
    assert commands.main(["plan", "spring\x1b[31m\x00 picnic\u202e"]) == 0
    assert planner.requests == [("spring[31m picnic", "ko")]
    assert "\x1b" not in capsys.readouterr().out


# ---------------------------------------------------------------- postcard


def test_postcard_draws_the_chosen_trip_with_the_seed_and_saves_it(planner, backend, capsys):
    Path("new").mkdir()
    arguments = ["--choice", "2", "--seed", "7", "--out", "new/trip.png"]
    assert commands.main(["postcard", REQUEST, *arguments]) == 0
    out, err = capsys.readouterr()
    (path,) = pngs("new")
    assert path == Path("new/trip.png") and str(path) in out and err == ""
    kept = read_postcard(path)
    assert kept["tripkit:seed"] == "7"
    assert "강변 산책로 2" in kept["tripkit:scene"] and kept["tripkit:sent"] in out
    assert validate_plan(json.loads(kept["tripkit:plan"])) == a_plan(REQUEST)
    assert text("service.price_free", "ko") in out


def test_postcard_takes_a_new_name_in_the_folder_of_postcards(planner, backend, capsys):
    for _ in range(2):
        assert commands.main(["postcard", REQUEST, "--seed", "7"]) == 0
    assert len(pngs(os.environ["TRIPKIT_POSTCARDS"])) == 2


def test_postcard_without_a_seed_takes_a_new_one_and_names_it(planner, backend, capsys):
    assert commands.main(["postcard", REQUEST]) == 0
    ((_, seed),) = backend.drawn
    assert f"시드: {seed}\n" in capsys.readouterr().out


def test_postcard_replaces_the_file_that_out_names(planner, backend, here, capsys):
    for seed in ("1", "2"):
        assert commands.main(["postcard", REQUEST, "--seed", seed, "--out", "trip.png"]) == 0
    assert read_postcard("trip.png")["tripkit:seed"] == "2"
    assert [path.name for path in here.iterdir()] == ["trip.png"]


def test_postcard_draws_candidates_of_seeds_in_a_row_the_best_first(planner, monkeypatch, capsys):
    drawer = PipelineBackend(num_inference_steps=2)
    monkeypatch.setattr("tripkit.session.make_backend", lambda name: drawer)
    arguments = ["--seed", "7", "--candidates", "3"]
    assert commands.main(["postcard", REQUEST, *arguments, "--out", "trip.png"]) == 0
    out, err = capsys.readouterr()
    assert pngs(".") == [Path(f"trip-{number}.png") for number in (1, 2, 3)] and err == ""
    kept = [read_postcard(path) for path in pngs(".")]
    prompt = compose_prompt(REQUEST, a_plan(REQUEST), 0)
    ordered = best_first(drawer.generate_batch(prompt, seeds=(7, 8, 9)))
    assert [each["tripkit:seed"] for each in kept] == [str(card.seed) for card in ordered]
    assert re.findall("시드: (\\d+)", out) == [each["tripkit:seed"] for each in kept]
    assert validate_plan(json.loads(kept[2]["tripkit:plan"])) == a_plan(REQUEST)
    assert commands.main(["postcard", REQUEST, "--candidates", "2"]) == 0
    assert len(pngs(os.environ["TRIPKIT_POSTCARDS"])) == 2


def test_postcard_refuses_candidates_that_cannot_be_before_anybody_is_asked(
    planner, backend, capsys
):
    assert commands.main(["postcard", REQUEST, "--candidates", "2"]) == 2
    assert "painting 모델은 그림을 한 번에 한 장씩만 그려요" in capsys.readouterr().err
    for count in ("0", "5", "-1", "two"):
        assert commands.main(["postcard", REQUEST, "--candidates", count]) == 2
        assert "1, 2, 3, 4" in capsys.readouterr().err
    assert planner.requests == [] and backend.drawn == []


def test_postcard_prints_the_note_of_the_model(planner, backend, capsys, monkeypatch):
    note = text("note.license", "ko", model="a", license="b")
    draw = backend.generate

    def noted(*arguments, **options):
        return dataclasses.replace(draw(*arguments, **options), note=note)

    monkeypatch.setattr(backend, "generate", noted)
    assert commands.main(["postcard", REQUEST]) == 0
    assert note in capsys.readouterr().out


def test_the_names_of_planner_and_model_are_passed_on(monkeypatch, capsys):
    asked = []

    def make_planner(name, **options):
        asked.append((name, options))
        return FixedPlanner()

    def make_backend(name):
        asked.append(name)
        return PaintingBackend()

    monkeypatch.setattr("tripkit.session.make_planner", make_planner)
    monkeypatch.setattr("tripkit.session.make_backend", make_backend)
    arguments = ["--planner", "openai:gpt-x", "--model", "some/model"]
    assert commands.main(["postcard", REQUEST, *arguments]) == 0
    assert asked == [("openai:gpt-x", {}), "some/model"]


# ---------------------------------------------------------------- demo


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_demo_prints_three_trips_and_writes_postcard_png(planner, backend, here, capsys, language):
    assert commands.main(["demo", "--language", language]) == 0
    out = capsys.readouterr().out
    assert text("app.example_1", language) in out
    assert [out.count(f"\n{number}. [") for number in (1, 2, 3)] == [1, 1, 1]
    assert [path.name for path in here.iterdir()] == ["postcard.png"]
    with Image.open("postcard.png") as image:
        assert min(image.size) >= 256


def test_demo_asks_for_the_request_of_the_lecture(planner, backend, capsys):
    assert commands.main(["demo"]) == 0
    assert planner.requests == [(REQUEST, "ko")]


def test_demo_draws_the_same_picture_each_time(planner, backend, capsys):
    assert commands.main(["demo"]) == commands.main(["demo"]) == 0
    assert backend.drawn[0] == backend.drawn[1]


# ---------------------------------------------------------------- app


@pytest.fixture
def served(monkeypatch):
    calls = []
    monkeypatch.setattr(
        commands.launch, "run_app", lambda language, **options: calls.append((language, options))
    )
    return calls


def test_app_opens_a_free_port_in_the_browser(served):
    assert commands.main(["app"]) == 0
    assert served == [("ko", {"port": None, "open_browser": True})]


def test_app_passes_its_options_on(served):
    assert commands.main(["app", "--language", "en", "--port", "8866", "--no-browser"]) == 0
    assert served == [("en", {"port": 8866, "open_browser": False})]


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "８８６６"])
def test_app_refuses_a_port_that_is_none(served, port, capsys):
    assert commands.main(["app", "--port", port]) == 2
    assert "--port" in capsys.readouterr().err and not served


# ---------------------------------------------------------------- input that cannot be used


BAD_INPUT = {
    "no request": (["plan"], "요청이 비어 있어요"),
    "blank request": (["plan", " \t\u3164"], "요청이 비어 있어요"),
    "only control characters": (["plan", "\x00\x1b"], "요청이 비어 있어요"),
    "long request": (["plan", "가" * 10_000], "10000자"),
    "choice 0": (["postcard", REQUEST, "--choice", "0"], "1, 2, 3"),
    "choice 4": (["postcard", REQUEST, "--choice", "4"], "1, 2, 3"),
    "choice in words": (["postcard", REQUEST, "--choice", "first"], "1, 2, 3"),
    "negative seed": (["postcard", REQUEST, "--seed", "-1"], "0부터 2147483647"),
    "huge seed": (["postcard", REQUEST, "--seed", "9" * 5000], "0부터 2147483647"),
    "seed in words": (["postcard", REQUEST, "--seed", "seven"], "0부터 2147483647"),
    "empty seed": (["postcard", REQUEST, "--seed", ""], "0부터 2147483647"),
    "out without png": (["postcard", REQUEST, "--out", "trip.jpg"], ".png로 끝나는"),
    "out in no folder": (["postcard", REQUEST, "--out", "none/a.png"], "none 폴더가 없어요"),
    "demo's out in no folder": (["demo", "--out", "none/deep/a.png"], "none/deep 폴더가 없어요"),
    "out in a file": (["postcard", REQUEST, "--out", f"{__file__}/a.png"], "폴더가 없어요"),
    "out is a folder": (["postcard", REQUEST, "--out", "."], ".png로 끝나는"),
    "unknown language": (["plan", REQUEST, "--language", "fr"], "fr 값을 받았어요"),
    "unknown command": (["nonsense"], "tripkit --help"),
    "unknown option": (["plan", REQUEST, "--nonsense"], "--nonsense"),
    "option without value": (["plan", REQUEST, "--planner"], "--planner"),
}


@pytest.mark.parametrize(("arguments", "said"), BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_is_one_korean_sentence_on_stderr_and_status_2(
    planner, backend, here, capsys, arguments, said
):
    assert commands.main(arguments) == 2
    out, err = capsys.readouterr()
    assert said in err and err.count("\n") == 1 and len(err) < 500
    assert out == "" and not planner.requests and not backend.drawn and not pngs(here)


def test_bad_input_is_explained_in_the_language_that_was_asked_for(planner, capsys):
    assert commands.main(["plan", "", "--language", "en"]) == 2
    assert "The request is empty" in capsys.readouterr().err


@pytest.mark.parametrize("line", [["postcard", REQUEST], ["demo"]])
def test_an_unknown_image_model_names_the_known_ones_before_anything_is_asked(
    planner, capsys, line
):
    assert commands.main([*line, "--model", "nonsense"]) == 2
    out, err = capsys.readouterr()
    assert "nonsense" in err and "postcard" in err
    assert out == "" and not planner.requests


def test_a_refused_value_of_an_option_says_what_is_allowed_and_calls_no_range_a_list(capsys):
    for line in (["app", "--port", "0"], ["doctor", "--date", "x"], ["demo", "--out", "a.jpg"]):
        assert commands.main([*line, "--language", "en"]) == 2
        err = capsys.readouterr().err
        assert "allowed: " in err and "Choose one" not in err


# ---------------------------------------------------------------- what fails


@pytest.mark.parametrize(
    "error",
    [
        ServiceError("no_network", service="OpenAI"),
        ModelUnavailableError("model_retired", model="old", date="2025-01-01", replacement="new"),
        PlanError("bad_plan", problem=messages.Phrase("problem.missing", field="title")),
    ],
    ids=lambda error: error.code,
)
@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_failure_is_explained_in_the_users_language_with_status_1(
    planner, capsys, error, language
):
    planner.error = error
    assert commands.main(["plan", REQUEST, "--language", language]) == 1
    assert capsys.readouterr() == ("", error.message(language) + "\n")


@pytest.mark.parametrize(
    "lie",
    [
        {"trips": a_plan(REQUEST).model_dump()["trips"][:2]},
        {
            "trips": [{"style": "s", "title": "t", "theme": "u", "stops": [{"rgb": (300, 0, 0)}]}]
            * 3
        },
    ],
    ids=["two trips", "RGB 300"],
)
def test_a_planner_that_lies_is_found_out(planner, capsys, lie):
    planner.answer = {**a_plan(REQUEST).model_dump(), **lie}
    assert commands.main(["plan", REQUEST]) == 1
    assert "이 여행 계획은 쓸 수 없어요" in capsys.readouterr().err


def test_the_real_planner_explains_a_missing_key(capsys):
    assert commands.main(["plan", REQUEST, "--planner", "openai"]) == 1
    assert "OPENAI_API_KEY" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["planner", "backend"])
def test_an_unforeseen_error_shows_no_traceback(planner, backend, place, capfd):
    (planner if place == "planner" else backend).error = RuntimeError("sk-secret")
    logging.getLogger("tripkit").handlers.clear()
    assert commands.main(["postcard", REQUEST]) == 1
    err = capfd.readouterr().err
    assert "RuntimeError" in err and "sk-secret" not in err and "Traceback" not in err
    assert err.count("\n") == 1


@pytest.mark.process
@pytest.mark.parametrize("door", ["tripkit", "tripkit.cli"])
@pytest.mark.parametrize("module", ["tripkit.cli.commands", "typer", "PIL", "tripkit.session"])
@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_ctrl_c_while_modules_are_imported_is_one_line(door, module, language):
    code = f"""
import runpy, signal, sys

class Interrupts:
    def find_spec(name, path=None, target=None):
        if name == {module!r}:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interrupts)
sys.argv = ["tripkit", "plan", "sea", "--language", {language!r}]
runpy.run_module({door!r}, run_name="__main__")
"""
    status, out, err = run(start=("-c", code))
    assert (status, out, err.strip()) == (130, "", text("error.cancelled", language))


def test_the_installed_command_is_the_door_that_hears_ctrl_c():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"tripkit": "tripkit.cli.__main__:main"}


def test_ctrl_c_stops_quietly(planner, capsys):
    planner.error = KeyboardInterrupt()
    assert commands.main(["plan", REQUEST]) == 130
    assert text("error.cancelled", "ko") in capsys.readouterr().err


def test_a_picture_that_cannot_be_saved_there_is_rescued(
    planner, backend, here, tmp_path_factory, monkeypatch, capsys
):
    rescue = tmp_path_factory.mktemp("rescue")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(rescue))
    Path("file").touch()  # where a folder would have to be
    monkeypatch.setenv("TRIPKIT_POSTCARDS", "file")
    assert commands.main(["postcard", REQUEST]) == 1
    err = capsys.readouterr().err
    (path,) = pngs(rescue)
    assert str(path) in err and "저장하지 못했어요" in err
    assert len(backend.drawn) == 1


def test_a_full_disk_is_explained_once_and_what_waits_is_told(planner, backend, capsys):
    with a_full_disk():
        assert commands.main(["postcard", REQUEST]) == 1
    err = capsys.readouterr().err
    assert err.count("디스크가 가득 찼어요") == 1 and err.count("\n") == 2
    assert text("cli.unsaved", "ko", count=1) in err


def test_a_file_that_cannot_be_replaced_leaves_the_picture_beside_it(
    planner, backend, here, monkeypatch, capsys
):
    replace = os.replace

    def refuse(source, target):
        if Path(target).name == "trip.png":
            raise PermissionError(errno.EACCES, "in use")
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    assert commands.main(["postcard", REQUEST, "--out", "trip.png"]) == 1
    (path,) = pngs(here)
    assert path.name in capsys.readouterr().err


# ---------------------------------------------------------------- consoles


def test_a_terminal_sees_swatches_and_progress(planner, backend, capsys, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("WT_SESSION", "1")  # Windows: a terminal that knows colours
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    assert commands.main(["postcard", REQUEST]) == 0
    out, err = capsys.readouterr()
    assert "\x1b[48;2;255;182;193m" in out
    assert err.startswith(f"\r{text('state.planning', 'ko')}\n")
    assert text("app.step", "ko", step=4, total=4) in err and err.endswith("\n")


def test_no_color_is_respected(planner, capsys, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert commands.main(["plan", REQUEST]) == 0
    assert "\x1b" not in capsys.readouterr().out


PROGRAM = """
import sys
from doubles import FixedPlanner, PaintingBackend
from tripkit import session
session.make_planner = lambda name: FixedPlanner()
session.make_backend = lambda name: PaintingBackend()
from tripkit.cli import commands
words = sys.argv[1:]
while "--then" in words:
    commands.main(words[:words.index("--then")])
    for stream in (sys.stdout, sys.stderr):
        print("--then", file=stream)
    words = words[words.index("--then") + 1:]
sys.exit(commands.main(words))
"""


def run(*arguments, encoding="utf-8", start=("-c", PROGRAM), **environment):
    folders = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    settings = {"PYTHONPATH": folders, "PYTHONIOENCODING": encoding, "LC_ALL": "ko_KR.UTF-8"}
    if os.name != "nt":  # in UTF-8 whatever this process's own locale is
        arguments = [argument.encode("utf-8") for argument in arguments]
    done = subprocess.run(
        [sys.executable, *start, *arguments],
        env={**os.environ, **settings, **environment},
        capture_output=True,
        timeout=60,
    )
    out, err = (stream.decode(encoding) for stream in (done.stdout, done.stderr))  # strictly
    assert "Traceback" not in err, err
    return done.returncode, out, err


AT_A_CONSOLE = [
    [],
    ["--help"],
    ["demo", "--language", "ko"],
    ["plan", "🌸 봄 é", "--language", "ko", "--json"],
    ["plan", "", "--language", "ko"],
]


@pytest.mark.process
@pytest.mark.parametrize("encoding", ["cp949", "ascii", "cp1252", "utf-8"])
def test_every_console_gets_what_it_can_show(encoding):
    words = [word for command in AT_A_CONSOLE for word in (*command, "--then")][:-1]
    status, *said = run(*words, encoding=encoding, PYTHONUTF8="1", COLUMNS="200")
    (start, usage, demo, plan, _), errors = (each.split(f"--then{os.linesep}") for each in said)
    assert status == 2 and ("요청이 비어" in errors[-1] or "\\uc694\\uccad" in errors[-1])
    assert errors[:2] == ["", ""]
    has_hangul = encoding in ("cp949", "utf-8")
    for name in ("plan", "postcard", "demo", "app"):
        named = text(f"cli.help_{name}", "ko" if has_hangul else "en")
        assert named in start and named in usage
    assert ("벚꽃 공원" in demo) == has_hangul
    assert "#ffb6c1" in demo and Path("postcard.png").stat().st_size
    assert json.loads(plan)["request"] == "🌸 봄 é"


@pytest.mark.process
@pytest.mark.skipif(os.name == "nt", reason="Windows hands over letters, not bytes")
def test_letters_that_the_locale_lacks_arrive_all_the_same():
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    words = ("바다 é 🌸", "--language", "ko", "--json")
    status, out, err = run("plan", *words, encoding="ascii", **plain)
    assert status == 0, err
    assert json.loads(out)["request"] == "바다 é 🌸"


@pytest.mark.parametrize("lost", ["\udcff\udcfe", "sea \udcec\udc97", "\ud800"])
@pytest.mark.parametrize("command", [["plan"], ["postcard"], ["midjourney", "sea", "--no"]])
def test_letters_that_no_encoding_explains_are_told(capsys, command, lost):
    assert commands.main([*command, lost, "--language", "en"]) == 2
    assert "the terminal's encoding is not UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "quoted"),
    [("a/..", "a/.."), ("벚꽃/a", r"\ubc9a\uaf43/a"), ("", "''"), ("x" * 200, "x" * 79 + "…")],
)
def test_a_name_that_no_model_can_have_is_quoted_without_stray_marks(capsys, name, quoted):
    assert commands.main(["download", name, "--language", "en"]) == 2
    assert capsys.readouterr().err.startswith(f"{quoted} is not the id of a model")


@pytest.mark.process
def test_a_console_without_hangul_is_spoken_to_in_english():
    status, out, _ = run("plan", "spring", encoding="ascii")
    assert status == 0 and text("app.colors_notice", "en") in out


MODULE = ("-m", "tripkit")


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_is_no_error(arguments, capsys):
    assert commands.main(arguments) == 0
    out, err = capsys.readouterr()
    assert text("cli.help_demo", "ko") in out and err == ""


NAMES = [each.callback.__name__ for each in commands.commands.registered_commands]


def help_of(*arguments, capsys) -> str:
    """What a line that asks for help prints, its line breaks and indents aside."""
    assert commands.main([*arguments]) == 0
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_in_the_language_of_its_line(name, capsys):
    for language in messages.LANGUAGES:
        said = ("--language", language)
        lines = [(name, "--help", *said), (name, *said, "--help"), (*said, name, "--help")]
        for line in (*lines, (name, "-h", *said)):
            out = help_of(*line, capsys=capsys)
            for code in (f"cli.help_{name}", "cli.help_language", "cli.help_help"):
                assert text(code, language).split("\n")[0][:30] in out, line
        assert not re.search(r"cli\.help", out)


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_help_as_a_whole_is_in_the_language_of_its_line_or_the_environment(
    language, capsys, monkeypatch
):
    whole = " ".join(text("cli.help", language).split())
    said = f"--language={language}"
    for line in (("--help", said), ("-h", said), (said,)):
        assert whole in help_of(*line, capsys=capsys)
    monkeypatch.setenv("TRIPKIT_LANGUAGE", language)
    assert whole in help_of("--help", capsys=capsys)
    other = next(each for each in messages.LANGUAGES if each != language)
    assert whole not in help_of("--help", "--language", other, capsys=capsys)


def test_commands_and_errors_speak_the_language_of_the_line(planner, capsys, monkeypatch):
    assert commands.main(["--language", "en", "plan", "spring"]) == 0
    monkeypatch.setenv("TRIPKIT_LANGUAGE", "en")
    assert commands.main(["plan", "spring"]) == 0
    assert commands.main(["plan", "spring", "--language", "ko"]) == 0
    assert commands.main(["plan", "--", "--language", "ko"]) == 0
    words = [("spring", "en")] * 2 + [("spring", "ko"), ("--language ko", "en")]
    assert planner.requests == words
    assert commands.main(["plan", "--what"]) == 2
    assert "could not be read" in capsys.readouterr().err


@pytest.mark.parametrize("said", ["--language", "TRIPKIT_LANGUAGE"])
def test_a_language_that_nobody_speaks_here_is_refused_before_anything(said, capsys, monkeypatch):
    monkeypatch.setenv("TRIPKIT_LANGUAGE", "fr" if said == "TRIPKIT_LANGUAGE" else "")
    for line in (["plan", "x"], ["--help"]):
        assert commands.main([*line, *(["--language", "fr"] if said == "--language" else [])]) == 2
        refusal = text("error.unknown_language", "ko", language="fr", known="en, ko")
        assert capsys.readouterr() == ("", refusal + "\n")


@pytest.mark.process
def test_both_modules_run_and_tell_their_version(capsys):
    version = f"tripkit {__version__}{os.linesep}"
    for module in ("tripkit", "tripkit.cli"):
        assert run("--version", start=("-m", module))[:2] == (0, version)
    assert commands.main(["--version"]) == 0


@pytest.mark.process
def test_help_loads_no_model_library():
    heavy = "{'torch', 'diffusers', 'transformers', 'openai', 'ipywidgets', 'voila'}"
    code = "import sys; from tripkit.cli import commands; commands.main(['--help'])"
    code += f"; print({heavy} & set(sys.modules))"
    assert run(start=("-c", code))[1].endswith("set()" + os.linesep)


def test_the_help_of_demo_names_one_default(capsys):
    out = help_of("demo", "--help", "--language", "en", capsys=capsys)
    assert "[default: postcard.png]" in out and "by default a new file" not in out


def test_english_help_is_ascii():
    texts = [each["en"] for code, each in messages.MESSAGES.items() if code.startswith("cli.help")]
    assert texts and all(each.isascii() for each in texts)


def test_the_default_language_survives_a_stream_without_encoding(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert default_language() == "en"


@pytest.mark.parametrize(
    ("answer", "agrees"),
    [("y", True), ("YES ", True), ("네", True), ("예", True), ("ㅇ", True), ("ㅛ", True)]
    + [("", False), ("n", False), ("아니요", False), ("yo", False)],
)
def test_a_yes_is_a_yes_in_every_command(answer, agrees, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer + "\n"))
    assert output.agreed("Shall I?") is agrees
    assert capsys.readouterr() == ("", "Shall I? ")
