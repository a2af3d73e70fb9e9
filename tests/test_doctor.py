"""The doctor: a finding for each trouble, a remedy for each finding, and never a part of a key."""

import datetime
import os
import re
import shutil
from importlib import metadata
from pathlib import Path

import pytest
from fake_openai import FakeOpenAI, sdk
from matplotlib import font_manager

from tripkit.cli import commands
from tripkit.core import machine
from tripkit.core.messages import MESSAGES, Phrase
from tripkit.doctor import computer, models
from tripkit.doctor import examine as doctor
from tripkit.doctor.examine import examine
from tripkit.doctor.findings import BAD, GOOD, WARN, Finding, worst
from tripkit.services.openai_client import OpenAIConnection
from tripkit.services.registry import load_services

DAY = datetime.date(2026, 11, 22)
MARKED = "sk-proj-" + "Zq7MarkedKey0123456789abcdefXYZ"  # in two: the house forbids whole keys


def codes(findings) -> list[str]:
    return [finding.what.code.removeprefix("doctor.") for finding in findings]


def said(findings) -> str:
    return "\n".join(" ".join(f.say(language)) for f in findings for language in ("en", "ko"))


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "device", lambda: "cpu")
    monkeypatch.setattr(machine, "models_folder", lambda: tmp_path / "models")
    monkeypatch.setenv("TRIPKIT_DATA", str(tmp_path / "data"))


def test_a_whole_computer_has_no_bad_finding_and_every_finding_speaks_both_languages():
    findings = examine(DAY, online=False)
    assert worst(findings) != BAD, said(findings)
    for finding in findings:
        for language in ("en", "ko"):
            what, remedy = finding.say(language)
            assert what and bool(remedy) == (finding.level != GOOD)
    wanted = {
        "python",
        "packages",
        "lock",
        "machine",
        "folder",
        "weights",
        "widgets",
        "mnist_absent",
    }
    assert wanted | {"key_absent", "retiring"} <= set(codes(findings))


def test_every_warning_has_a_remedy_in_the_catalogue():
    source = "".join(
        Path(module.__file__).read_text(encoding="utf-8") for module in (doctor, computer, models)
    )
    named = set(re.findall(r'\b(?:bad|warn)\(\s*"(\w+)"', source))
    assert len(named) > 15
    assert {c for c in named if f"doctor.{c}_do" not in MESSAGES} == set()


# ------------------------------------------------------- the registry


@pytest.mark.parametrize("day", ["2026-04-01", "2026-10-01", "2026-11-22", "2027-01-01"])
def test_each_model_that_retires_within_sixty_days_is_warned_about_with_what_to_take(day):
    day = datetime.date.fromisoformat(day)
    last = day + datetime.timedelta(days=60)
    due = {s.id: s for s in load_services() if s.shutdown and day <= s.shutdown <= last}
    warned = {
        f.what.details["id"]: f
        for f in models.registry(day)
        if f.what.code in ("doctor.retiring", "doctor.retired_since")
        and f.what.details["date"] >= day
    }
    assert set(warned) == set(due)
    for id, finding in warned.items():
        what, remedy = finding.say("en")
        assert finding.level == WARN and str(due[id].shutdown) in what
        assert due[id].replacement in remedy


def test_a_model_whose_day_has_passed_is_named_although_its_row_says_retiring():
    findings = list(models.registry(datetime.date(2027, 2, 1)))
    gone = {f.what.details["id"] for f in findings if f.what.code == "doctor.retired_since"}
    assert gone == {s.id for s in load_services() if s.state == "retiring"}


def test_an_old_registry_is_told():
    assert "registry_old" in codes(models.registry(datetime.date(2027, 6, 1)))


def test_nothing_retiring_is_one_good_finding():
    assert codes(models.registry(datetime.date(2026, 2, 1))) == ["registry"]


# ------------------------------------------------------- keys and servers


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "key_absent"),
        (MARKED, "key"),
        (f'"{MARKED}"', "key_shape"),
        (MARKED[:12], "key_shape"),
        (MARKED.replace("sk-", "pk-"), "key_shape"),
        (f"{MARKED[:20]} {MARKED[20:]}", "key_malformed"),
        (MARKED + os.fsdecode("é".encode()), "key_malformed"),  # as a C locale reads it, too
    ],
)
def test_the_shape_of_a_key_is_told_and_no_part_of_it(monkeypatch, key, code):
    if key is not None:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    findings = list(models.addresses_and_key())
    assert codes(findings) == [code]
    assert not holds_part(said(findings), MARKED)


def holds_part(words: str, key: str, length: int = 10) -> bool:
    secret = key.removeprefix("sk-proj-")
    return any(secret[i : i + length] in words for i in range(len(secret) - length + 1))


def test_a_bad_address_is_told_without_repeating_it(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "user:secretpassword@host")
    findings = list(models.addresses_and_key())
    assert codes(findings) == ["bad_address"] and "secret" not in said(findings)


@pytest.fixture(scope="module")
def server():
    with FakeOpenAI() as running:
        yield running


def test_the_list_of_models_is_compared_with_the_registry(server):
    with sdk(server, MARKED) as client:
        findings = list(models.served_models(OpenAIConnection(client)))
    offered = {"gpt-6-luna", "o3"}  # what the fake server lists, with the registry's dates
    absent = {f.what.details["id"] for f in findings if f.what.code == "doctor.not_offered"}
    living = {s.id for s in load_services() if s.service == "openai" and s.state != "retired"}
    assert absent == living - offered
    assert findings[-1].what.details == {"agree": 2, "count": len(living)}
    assert not holds_part(said(findings), MARKED)


def test_another_last_day_than_the_registrys_is_told_with_both():
    rows = {s.id: s.shutdown for s in load_services() if s.service == "openai"}
    rows["gpt-6-luna"] = datetime.date(2027, 3, 1)
    rows["o3"] = None
    findings = list(models.compare(rows))
    differ = {f.what.details["id"]: f for f in findings if f.what.code == "doctor.dates_differ"}
    assert set(differ) == {"gpt-6-luna", "o3"}
    assert "2027-03-01" in differ["gpt-6-luna"].say("en")[0]
    still = {f.what.details["id"] for f in findings if f.what.code == "doctor.still_offered"}
    assert still == {
        s.id for s in load_services() if s.service == "openai" and s.state == "retired"
    }


@pytest.mark.parametrize("value", ["soon", "2026-02-31", 20261211, "<b>2026-12-11</b>", ""])
def test_a_strange_shutdown_date_counts_as_none(server, monkeypatch, value):
    monkeypatch.setattr(server, "last_day", value)
    with sdk(server, MARKED) as client:
        findings = list(models.served_models(OpenAIConnection(client)))
    (differs,) = [f.what.details for f in findings if f.what.code == "doctor.dates_differ"]
    assert (differs["id"], differs["said"]) == ("o3", "—")


def test_a_server_that_does_not_answer_is_a_warning_with_the_message_of_that_error(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{free_port()}/v1")
    findings = list(models.served_models())
    assert codes(findings) == ["not_asked"] and "--offline" in findings[0].say("ko")[1]
    assert "no answer from 127.0.0.1" in findings[0].say("en")[0]


def free_port() -> int:
    from tripkit.core.machine import free_port

    return free_port()


def test_another_server_than_openai_is_only_counted(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    assert codes(models.served_models()) == ["served_elsewhere"]


def test_without_a_key_openai_is_not_asked():
    assert list(models.served_models()) == []


# ------------------------------------------------------- this computer


def test_packages_missing_or_out_of_range_are_told_with_the_command(monkeypatch):
    versions = {"numpy": None, "pillow": "1.0"}
    real = metadata.version

    def version(name):
        if versions.get(name, "") is None:
            raise metadata.PackageNotFoundError(name)
        return versions.get(name) or real(name)

    monkeypatch.setattr(metadata, "version", version)
    findings = list(computer.packages())
    assert [f.level for f in findings[:2]] == [BAD, WARN]
    assert '"numpy<3,>=2.0"' in findings[0].say("en")[1]
    assert "pillow 1.0" in findings[1].say("ko")[0] and "numpy" not in findings[1].say("ko")[0]


@pytest.mark.parametrize(
    ("version", "level"),
    [("2.10.1", GOOD), ("2.9", WARN), ("3.0.0", WARN), ("2.11rc1", GOOD), ("2.10", GOOD)],
)
def test_a_version_is_judged_by_the_range_that_the_project_names(monkeypatch, version, level):
    real = metadata.version
    installed = {"pydantic": version}  # its range is >=2.10,<3
    monkeypatch.setattr(metadata, "version", lambda name: installed.get(name) or real(name))
    assert next(computer.packages()).level == level


@pytest.mark.parametrize(("free", "level"), [(0.1, BAD), (1.0, WARN), (9.0, GOOD)])
def test_a_disk_is_judged_by_what_is_free(monkeypatch, free, level):
    monkeypatch.setattr(machine, "free_gb", lambda folder: free)
    assert {finding.level for finding in computer.folders()} == {level}


def test_a_folder_that_cannot_be_written_to_is_told(monkeypatch, tmp_path):
    def closed(**_):
        raise PermissionError(13, "no")

    monkeypatch.setattr(computer.tempfile, "TemporaryFile", closed)
    assert set(codes(computer.folders())) == {"folder_closed"}


@pytest.mark.parametrize("under", ["", "x", "x/y"])
def test_a_file_in_the_place_of_a_folder_is_told_and_nothing_else_of_it(
    monkeypatch, tmp_path, under
):
    (tmp_path / "file").touch()
    for variable, check in (
        ("TRIPKIT_DATA", computer.folders),
        ("TRIPKIT_POSTCARDS", computer.folders),
    ):
        monkeypatch.setenv(variable, str(tmp_path / "file" / under))
        (finding,) = [f for f in check() if f.what.details["variable"] == variable]
        assert finding.what.code == "doctor.no_folder" and finding.level == BAD
        assert str(tmp_path / "file") in finding.say("ko")[0]
    assert codes(computer.mnist()) == ["mnist_absent"]


@pytest.mark.skipif(os.name == "nt", reason="Windows lets only some users make links")
def test_a_link_that_leads_nowhere_is_no_folder(monkeypatch, tmp_path):
    (tmp_path / "link").symlink_to("nowhere")
    monkeypatch.setenv("TRIPKIT_DATA", str(tmp_path / "link"))
    assert "no_folder" in codes(computer.folders())


@pytest.mark.parametrize(
    ("variable", "value", "check"),
    [
        ("TRIPKIT_THREADS", "1e309", "variables"),
        ("TRIPKIT_THREADS", "0", "variables"),
        ("TRIPKIT_BF16", "yes", "variables"),
        ("TRIPKIT_DIGITS", "real", "variables"),
        ("TRIPKIT_POSTCARDS", "~nobody-of-that-name/x", "folders"),
        ("TRIPKIT_DATA", "~nobody-of-that-name/x", "folders"),
    ],
)
def test_a_variable_that_would_be_refused_is_told(monkeypatch, variable, value, check):
    assert "bad_variable" not in codes(getattr(computer, check)())
    monkeypatch.setenv(variable, value)
    (finding,) = [f for f in getattr(computer, check)() if f.level == BAD]
    assert finding.what.code == "doctor.bad_variable" and value in finding.say("en")[0]


def test_a_shipped_model_that_is_cut_short_is_told(monkeypatch, tmp_path):
    weights = tmp_path / "weights"
    shutil.copytree(computer.weights_folder(), weights)
    monkeypatch.setattr(computer, "weights_folder", lambda: weights)
    assert codes(computer.shipped_models()) == ["weights"]
    file = weights / "vae" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-9])
    (finding,) = computer.shipped_models()
    assert finding.say("en")[0] == "Shipped models missing or not whole: vae."


def test_little_memory_is_told(monkeypatch):
    monkeypatch.setattr(machine, "memory_gb", lambda: 2.0)
    assert codes(computer.machine()) == ["memory"]


def test_missing_weights_widgets_and_fonts_are_told(monkeypatch, tmp_path):
    monkeypatch.setattr(computer, "weights_folder", lambda: tmp_path)
    assert codes(computer.shipped_models()) == ["weights_missing"]
    for name in ("prefix", "base_prefix"):
        monkeypatch.setattr(computer.sys, name, str(tmp_path))
    monkeypatch.setattr(computer.site, "USER_BASE", str(tmp_path))
    assert codes(computer.widgets()) == ["widgets_missing"]


@pytest.fixture
def fonts(monkeypatch):
    """Sets which files matplotlib has listed, which the system has, and which draw Hangul."""

    def set_to(*, listed=(), installed=(), hangul=()):
        faces = [font_manager.FontEntry(fname=file, name=file) for file in listed]
        monkeypatch.setattr(font_manager.fontManager, "ttflist", faces)
        monkeypatch.setattr(font_manager, "findSystemFonts", lambda: list(installed))
        monkeypatch.setattr(computer, "draws_hangul", lambda file: file in hangul)

    return set_to


def test_any_font_with_hangul_is_good_enough(fonts):
    fonts(listed=["latin.ttf", "odd.ttf"], hangul=["odd.ttf"])
    (finding,) = computer.hangul_fonts()
    assert finding.level == GOOD and "odd.ttf" in finding.say("ko")[0]


def test_without_a_font_with_hangul_one_is_to_be_installed(fonts):
    fonts(listed=["latin.ttf"], installed=["latin.ttf"])
    (finding,) = computer.hangul_fonts()
    assert finding.what.code == "doctor.no_hangul" and "NanumGothic" in finding.say("en")[1]


def test_a_font_that_matplotlib_has_not_listed_yet_is_told_with_the_file_to_delete(fonts):
    fonts(listed=["latin.ttf"], installed=["latin.ttf", "later.ttf"], hangul=["later.ttf"])
    (finding,) = computer.hangul_fonts()
    what, remedy = finding.say("en")
    assert finding.level == WARN and "later" in what and "fontlist-*.json" in remedy


def test_whether_a_font_has_hangul_is_read_from_its_file(tmp_path):
    latin = font_manager.findfont("DejaVu Sans")
    assert not computer.draws_hangul(latin)
    for file in Path(latin).parent.glob("LastResort*.ttf"):  # it has a box for every letter
        assert not computer.draws_hangul(str(file))
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    assert not computer.draws_hangul(str(broken))
    installed = [file for file in font_manager.findSystemFonts() if "Nanum" in file]
    assert all(map(computer.draws_hangul, installed))


def test_an_old_package_of_an_extra_is_told_and_an_absent_one_is_not(monkeypatch):
    monkeypatch.setattr(computer, "_locked", dict)
    real = computer._installed
    for version, wanted in (("0.17.1", ["package_range"]), (None, ["packages"])):
        monkeypatch.setattr(
            computer, "_installed", lambda n, v=version: v if n == "peft" else real(n)
        )
        findings = list(computer.packages())
        assert codes(findings) == wanted
        assert version is None or "peft 0.17.1 (" in findings[0].say("en")[0]


def test_a_damaged_mnist_file_is_told(tmp_path):
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01 and nothing more")
    (finding,) = computer.mnist()
    assert finding.what.code == "doctor.mnist_damaged"
    assert "t10k-labels-idx1-ubyte" in finding.say("en")[1]


def test_a_check_that_fails_itself_is_a_finding(monkeypatch):
    def broken():
        raise ZeroDivisionError

    monkeypatch.setattr(computer, "mnist", broken)
    failed = [f for f in examine(DAY, online=False) if f.what.code == "doctor.check_failed"]
    assert len(failed) == 1 and "ZeroDivisionError" in failed[0].say("ko")[0]


# ------------------------------------------------------- the command


def test_the_command_begins_with_this_computer_and_folds_what_is_about_others(monkeypatch, capsys):
    monkeypatch.setenv("OPENAI_API_KEY", MARKED)
    findings = [f for f in examine(DAY, online=False) if f.level == WARN]
    here = [f for f in findings if not f.elsewhere]  # what this machine lacks, a font perhaps
    line = ["doctor", "--date", str(DAY), "--offline", "--language", "en"]
    assert commands.main(line) == 0
    folded = capsys.readouterr()
    assert folded.out.startswith("It works")
    assert (f"warnings: {len(here)}." in folded.out.splitlines()[0]) == bool(here)
    others = f"{len(findings) - len(here)} warnings"
    assert others in folded.out.splitlines()[-1] and "doctor --models" in folded.out
    assert "gpt-image-1-mini" not in folded.out
    assert all(finding.say("en")[1] in folded.out for finding in here)
    assert commands.main([*line, "--models"]) == 0
    words = capsys.readouterr()
    assert words.out.splitlines()[0] == folded.out.splitlines()[0] and others not in words.out
    assert "gpt-image-1-mini ends on 2026-12-01, in 9 days." in words.out
    assert "-> Move to gpt-image-2.5-flare" in words.out
    assert not holds_part(words.out + words.err + folded.out + folded.err, MARKED)


def test_the_command_fails_where_something_is_to_be_mended(monkeypatch, capsys):
    bad = Finding(BAD, Phrase("doctor.voila_missing"), Phrase("doctor.voila_missing_do"))
    monkeypatch.setattr(computer, "widgets", lambda: [bad])
    assert commands.main(["doctor", "--offline", "--date", "2026-02-01", "--language", "ko"]) == 1
    assert "고칠 것 1개" in capsys.readouterr().out


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", ""])
def test_a_bad_day_is_refused(day, capsys):
    assert commands.main(["doctor", "--date", day, "--language", "en"]) == 2
    assert "--date" in capsys.readouterr().err
