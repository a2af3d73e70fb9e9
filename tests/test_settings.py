"""The surroundings: folders, keys, addresses, threads, and text made safe."""

import os
import unicodedata
from pathlib import Path

import platformdirs
import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows, get_win_folder_from_env_vars

from tripkit.core import settings
from tripkit.core.errors import MissingKeyError, RequestError
from tripkit.core.text import MAX_REQUEST, clean_text, clipped, markdown_table, normalise_request


def as_the_system_gives_it(value):
    """A variable written in UTF-8, as Python reads it here: in a C locale not by letters."""
    return os.fsdecode(value.encode("utf-8"))


REQUEST = "친구와 봄 소풍을 갈 만한 여행지를 추천해줘."


def test_the_weights_lie_in_the_package():
    assert settings.weights_folder() == settings.package_folder() / "weights"
    assert (settings.package_folder() / "session.py").is_file()


def test_postcards_go_where_the_variable_says_else_into_the_current_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("TRIPKIT_POSTCARDS", str(tmp_path / "cards"))
    assert settings.postcards_folder() == tmp_path / "cards"
    for value in ("", "  "):
        monkeypatch.setenv("TRIPKIT_POSTCARDS", value)
        assert settings.postcards_folder() == Path("postcards")
    monkeypatch.delenv("TRIPKIT_POSTCARDS")
    assert settings.postcards_folder() == Path("postcards")


def test_asking_for_the_folder_of_postcards_does_not_make_it(monkeypatch, tmp_path):
    monkeypatch.setenv("TRIPKIT_POSTCARDS", str(tmp_path / "cards"))
    assert not settings.postcards_folder().exists()


CACHES = {  # by system: who knows its folders, and the cache
    "Windows": (Windows, "AppData/Local"),
    "macOS": (MacOS, "Library/Caches"),
    "Linux": (Unix, ".cache"),
}


@pytest.fixture
def home(monkeypatch, tmp_path):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("TRIPKIT_DATA", "LOCALAPPDATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("system", CACHES)
def test_data_goes_where_the_variable_says_else_into_the_cache_of_the_system(
    monkeypatch, home, system
):
    folders, default = CACHES[system]
    monkeypatch.setattr(platformdirs, "PlatformDirs", folders)
    monkeypatch.setattr(platformdirs.windows, "get_win_folder", get_win_folder_from_env_vars)
    monkeypatch.setenv("LOCALAPPDATA", str(home / "AppData" / "Local"))
    assert settings.data_folder() == home / default / "tripkit"
    if system != "Windows":
        monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        assert settings.data_folder() == home / "cache" / "tripkit"
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        assert settings.data_folder() == home / default / "tripkit"
    for value, expected in ((" /data\n", Path("/data")), ("~/data", home / "data")):
        monkeypatch.setenv("TRIPKIT_DATA", value)
        assert settings.data_folder() == expected
    assert not list(home.iterdir())  # asking makes nothing


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_no_key_is_none(monkeypatch, value):
    if value is not None:
        monkeypatch.setenv("OPENAI_API_KEY", value)
    assert settings.openai_key() is None


def test_blanks_around_a_key_are_forgiven(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "  sk-test-1234\n")
    assert settings.openai_key() == "sk-test-1234"


@pytest.mark.parametrize("key", ["sk-test secret", "sk-tést-secret", "“sk-secret”", "sk\tsecret"])
def test_a_malformed_key_is_refused_and_never_repeated(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", as_the_system_gives_it(key))
    with pytest.raises(MissingKeyError, match="OPENAI_API_KEY holds blanks") as caught:
        settings.openai_key()
    shown = str(caught.value) + caught.value.message("ko") + repr(caught.value)
    assert "secret" not in shown


def test_the_address_is_openai_unless_the_variable_says_otherwise(monkeypatch):
    assert settings.openai_base_url() == "https://api.openai.com/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", " http://127.0.0.1:11434/v1/ ")
    assert settings.openai_base_url() == "http://127.0.0.1:11434/v1"


@pytest.mark.parametrize(
    "address",
    [
        "sk-secret",
        "localhost:11434",
        "ftp://secret.example",
        "http://",
        "http://[secret",
        "http://a:b",
    ],
)
def test_what_is_not_an_address_is_refused_and_never_repeated(monkeypatch, address):
    monkeypatch.setenv("OPENAI_BASE_URL", address)
    with pytest.raises(RequestError, match="OPENAI_BASE_URL is not an address") as caught:
        settings.openai_base_url()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://api.openai.com/v1", True),
        ("https://API.OpenAI.com/v1/", True),
        ("https://eu.api.openai.com/v1", True),
        ("http://127.0.0.1:8000/v1", False),
        ("https://api.openai.com.example.org/v1", False),
        ("https://notapi.openai.com.evil/v1", False),
        ("https://evil.org/api.openai.com", False),
        ("https://api.openai.com@evil.org/v1", False),
        ("api.openai.com", False),
        ("", False),
    ],
)
def test_only_openai_itself_is_openai(address, expected):
    assert settings.is_openai(address) is expected


def test_decomposed_and_composed_requests_are_the_same_request():
    decomposed = unicodedata.normalize("NFD", REQUEST)
    assert decomposed != REQUEST
    assert normalise_request(decomposed) == normalise_request(REQUEST) == REQUEST


@pytest.mark.parametrize(
    "text", ["a\x00b\x07c", "a\u202eb\u2066c", "a\u200bb\ufeffc", "a\U000e0041bc", "ab\ud800c"]
)
def test_control_and_format_characters_and_surrogates_go(text):
    assert clean_text(text) == "abc"


@pytest.mark.parametrize(
    "blank", ["\n", "\r\n", "\t", "\u00a0", "\u3000", "\u2028", "\u3164", "   "]
)
def test_every_kind_of_blank_becomes_one_blank(blank):
    assert clean_text(f"{blank}a{blank}{blank}b{blank}") == "a b"


def test_emoji_families_stay_together():
    family = "👨‍👩‍👧"
    assert clean_text(f"trip for {family}") == f"trip for {family}"


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "{request} %s", "c'est d'accord", "🌸"]
)
def test_harmless_text_stays_as_it_is(text):
    assert clean_text(text) == text


def test_cleaning_twice_changes_nothing():
    rough = "e\u202e\u0301\u200b  \x07소\u3164풍 \u1100\u1161\u11a8"
    assert clean_text(clean_text(rough)) == clean_text(rough)
    assert unicodedata.is_normalized("NFC", clean_text(rough))


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u200d", "\x00\x07", "\u3164\u2800", None, 5])
def test_an_empty_request_is_refused(text):
    with pytest.raises(RequestError, match="The request is empty. Write one sentence"):
        normalise_request(text)


def test_a_request_may_be_as_long_as_the_limit_and_no_longer():
    longest = "가" * MAX_REQUEST
    assert normalise_request(unicodedata.normalize("NFD", longest)) == longest
    with pytest.raises(RequestError, match="has 2001 characters; at most 2000 are allowed"):
        normalise_request(longest + "나")


def test_ten_thousand_characters_are_refused_without_repeating_them():
    with pytest.raises(RequestError, match="has 10000 characters") as caught:
        normalise_request("바다" * 5000)
    assert len(str(caught.value)) < 200


def test_threads_come_from_the_variable_else_at_most_four(monkeypatch):
    monkeypatch.setenv("TRIPKIT_THREADS", "7")
    assert settings.cpu_threads() == 7
    monkeypatch.delenv("TRIPKIT_THREADS")
    assert 1 <= settings.cpu_threads() <= 4


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "99999999", "٣"])
def test_a_bad_number_of_threads_is_refused(monkeypatch, value):
    monkeypatch.setenv("TRIPKIT_THREADS", as_the_system_gives_it(value))
    with pytest.raises(RequestError, match="it must be a whole number from 1 to 1024"):
        settings.cpu_threads()


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("", "''"),
        (" \n\u200b", "''"),
        ("a\nb\x1b[31m\u202e", "a b[31m"),
        (None, "None"),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 39 + "…"),
    ],
)
def test_what_an_error_quotes_is_one_short_line(value, quoted):
    assert clipped(value) == quoted
    assert clipped("x" * 99, 20) == "x" * 19 + "…"


@pytest.mark.parametrize("language", ["fr", "", None, "KO", ["en"]])
def test_a_language_that_is_not_spoken_here_is_refused(language):
    with pytest.raises(RequestError, match="en, ko"):
        settings.check_language(language)


def test_the_languages_spoken_here_pass():
    assert [settings.check_language(language) for language in ("en", "ko")] == ["en", "ko"]


def test_a_markdown_table_keeps_empty_heads_and_aligns_numbers_on_the_right():
    rows = [["a", "1"], ["b", ""]]
    assert markdown_table(["", "n"], rows) == "| | n |\n|---|---|\n| a | 1 |\n| b |  |"
    assert markdown_table(["", "n"], rows, numbers=True).splitlines()[1] == "|---|---:|"
