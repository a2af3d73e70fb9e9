"""The catalogue: both languages complete, with the same fields, and Korean particles that fit."""

import re
import string
import unicodedata

import pytest

from tripkit.core import messages
from tripkit.core.grammar import article, particle
from tripkit.core.messages import LANGUAGES, MESSAGES, Phrase, text

HANGUL = re.compile("[가-힣]")
# Texts of symbols and fields alone.
WORDLESS = {
    code
    for code, texts in MESSAGES.items()
    if not re.search("[A-Za-z]{4}", re.sub(r"{\w+}", "", texts["en"]))
}


def fields(template):
    return sorted({name for _, name, _, _ in string.Formatter().parse(template) if name})


@pytest.mark.parametrize("code", MESSAGES)
def test_every_text_has_both_languages_with_the_same_fields(code):
    assert set(MESSAGES[code]) == set(LANGUAGES)
    assert fields(MESSAGES[code]["en"]) == fields(MESSAGES[code]["ko"])


@pytest.mark.parametrize("code", MESSAGES)
def test_every_field_is_a_plain_name(code):
    # Attribute or index access in a template would run on what users typed.
    for language in LANGUAGES:
        assert all(name.isidentifier() for name in fields(MESSAGES[code][language]))


@pytest.mark.parametrize("code", MESSAGES)
def test_every_text_is_tidy(code):
    for language in LANGUAGES:
        template = MESSAGES[code][language]
        assert template.strip() and "  " not in template
        assert unicodedata.is_normalized("NFC", template)


@pytest.mark.parametrize("code", sorted(set(MESSAGES) - WORDLESS))
def test_korean_texts_are_korean_and_english_texts_are_not(code):
    if MESSAGES[code]["ko"] != MESSAGES[code]["en"]:  # a proper name may be the same
        assert HANGUL.search(re.sub(r"{\w+}", "", MESSAGES[code]["ko"]))


@pytest.mark.parametrize("code", MESSAGES)
def test_no_korean_particle_hangs_on_a_field_whose_sound_is_not_known(code):
    assert not re.search(r"\}(은|는|을|를|과|와|으로|로)(?![가-힣])", MESSAGES[code]["ko"])
    assert not re.search(r"\}(이|가)[ ,.]", MESSAGES[code]["ko"])


@pytest.mark.parametrize("code", MESSAGES)
def test_every_code_has_a_namespace(code):
    assert re.fullmatch(r"[a-z]+(\.[a-z0-9_]+)+", code)


def test_an_unknown_code_is_a_key_error():
    with pytest.raises(KeyError, match="no.such_code"):
        text("no.such_code", "en")


def test_an_unknown_language_is_a_key_error():
    with pytest.raises(KeyError, match="fr"):
        text("state.idle", "fr")


def test_a_missing_detail_is_a_key_error():
    with pytest.raises(KeyError, match="date"):
        text("service.retired", "en")


def test_phrases_within_phrases_are_said_in_the_language_of_the_sentence():
    phrase = Phrase("error.bad_plan", problem=Phrase("problem.missing", field="title"))
    said = text("error.bad_plan", "ko", problem=phrase)
    assert said.count("title 항목이 빠져 있어요.") == 1
    assert "missing" not in said and "title is missing" in str(phrase)


def test_phrases_with_the_same_code_and_details_are_equal():
    one, two = Phrase("state.idle"), Phrase("state.idle")
    assert one == two and hash(one) == hash(two) and one != Phrase("state.done")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("공원", "이"),
        ("산책로", "가"),
        ("피크닉 존", "이"),
        ("바다", "가"),
        ("절", "이"),
        ("63", "이"),  # 육십삼
        ("제주 2", "가"),  # 이
        ("2010", "이"),  # 이천십
        ("N서울타워", "가"),
        ("Seoul", "이"),
        ("park", "가"),  # 파크
        ("book", "이"),  # 북
        ("camping", "이"),  # 캠핑
        ("lake", "가"),  # 레이크
        ("KTX", "가"),  # 엑스
        ("DMZ", "가"),
        ("ATM", "이"),  # 엠
        ("벚꽃 공원(여의도)", "이"),
        ("벚꽃 공원 (Yeouido).", "이"),
        ("산책로!", "가"),
        ("🌸", "이(가)"),
        ("京都", "이(가)"),
        ("", "이(가)"),
    ],
)
def test_the_subject_particle_follows_the_last_sound(word, expected):
    assert particle(word, "이/가") == expected


def test_every_hangul_syllable_with_a_final_consonant_takes_the_first_particle():
    for code_point in range(ord("가"), ord("힣") + 1):
        # NFD splits a syllable: three letters where there is a final consonant, else two.
        closed = len(unicodedata.normalize("NFD", chr(code_point))) == 3
        assert particle(chr(code_point), "을/를") == ("을" if closed else "를")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("spring picnic", "a"),
        ("autumn walk", "an"),
        ("Art day", "an"),
        ("university tour", "a"),
        ("European weekend", "a"),
        ("one-day trip", "a"),
        ("hour by the sea", "an"),
        ("historic day", "a"),
        ("8-stop tour", "an"),
        ("80s night", "an"),
        ("11 o'clock walk", "an"),
        ("110 steps", "a"),
        ("umbrella day", "an"),
    ],
)
def test_the_english_article_follows_the_first_sound(words, expected):
    assert article(words) == expected


def test_the_module_names_the_languages_it_speaks():
    assert messages.LANGUAGES == ("en", "ko")
