"""The catalogue: both languages complete, with the same fields, and Korean particles that fit."""

import re
import string
import unicodedata

import pytest

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


def codes(breaks):
    """The codes of the texts that break a rule: ``breaks(template)`` in any language."""
    return [code for code, texts in MESSAGES.items() if any(map(breaks, texts.values()))]


def in_words(template):
    return re.sub(r"{\w+}", "", template)


def test_every_text_has_both_languages_with_the_same_fields():
    assert [code for code, texts in MESSAGES.items() if set(texts) != set(LANGUAGES)] == []
    assert [c for c, texts in MESSAGES.items() if fields(texts["en"]) != fields(texts["ko"])] == []


def test_every_field_is_a_plain_name():
    # Attribute or index access in a template would run on what users typed.
    assert codes(lambda template: not all(name.isidentifier() for name in fields(template))) == []


def test_every_text_is_tidy():
    assert codes(lambda template: not template.strip() or "  " in template) == []
    assert codes(lambda template: not unicodedata.is_normalized("NFC", template)) == []


def test_korean_texts_are_korean_and_english_texts_are_not():
    assert [code for code, texts in MESSAGES.items() if HANGUL.search(texts["en"])] == []
    silent = [code for code, texts in MESSAGES.items() if not HANGUL.search(in_words(texts["ko"]))]
    same = {code for code, texts in MESSAGES.items() if texts["ko"] == texts["en"]}  # a name
    assert set(silent) - WORDLESS - same == set()


def test_no_korean_particle_hangs_on_a_field_whose_sound_is_not_known():
    hanging = re.compile(r"\}((은|는|을|를|과|와|으로|로)(?![가-힣])|(이|가)[ ,.])")
    assert [code for code, texts in MESSAGES.items() if hanging.search(texts["ko"])] == []


def test_every_code_has_a_namespace():
    assert [c for c in MESSAGES if not re.fullmatch(r"[a-z]+(\.[a-z0-9_]+)+", c)] == []


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
