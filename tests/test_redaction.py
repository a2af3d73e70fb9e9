"""A secret and its parts stay out of logs and answers, however they are written."""

import logging

import pytest

from tripkit.core.redaction import LEFT_OUT, hide_in_logs, holds_part, redacted

SECRET = "sk-proj-Abcdefghijklmnop0123456789"


@pytest.mark.parametrize(
    "part", [SECRET, SECRET[:12], SECRET[-12:], SECRET[9:25], SECRET.upper(), SECRET.lower()]
)
def test_each_part_of_a_secret_is_found_and_left_out(part):
    text = f"İ 벚꽃 {part}, {part}!"
    assert holds_part(text, SECRET)
    assert redacted(text, SECRET) == f"İ 벚꽃 {LEFT_OUT}, {LEFT_OUT}!"


@pytest.mark.parametrize("text", ["", SECRET[:11], "a cherry blossom park", "İ" + SECRET[:11]])
def test_other_text_stays_as_it_is(text):
    assert not holds_part(text, SECRET)
    assert redacted(text, SECRET) == text


def test_a_word_that_a_local_server_takes_for_a_key_is_no_secret():
    assert not holds_part("ask ollama", "ollama")


@pytest.mark.parametrize("level", [logging.DEBUG, logging.ERROR])
def test_a_librarys_log_says_all_but_the_secret(caplog, level):
    log = logging.getLogger("some_library.part")
    hide_in_logs(SECRET, "some_library")
    hide_in_logs(SECRET, "some_library")  # once is enough
    assert len(log.filters) == 1
    caplog.set_level(level, "some_library")
    log.log(level, "header %s: %s", "x-echo", [SECRET[:20]])
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.log(level, "it broke", exc_info=True)
    assert f"header x-echo: ['{LEFT_OUT}']" in caplog.text
    assert f"ValueError: {LEFT_OUT}" in caplog.text
    assert SECRET[:20] not in caplog.text
