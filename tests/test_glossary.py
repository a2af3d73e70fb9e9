"""The glossary is whole, and the Korean texts keep to it."""

import json
import re
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path

from tripkit.core.grammar import PARTICLES
from tripkit.core.messages import LANGUAGES, MESSAGES
from tripkit.core.settings import package_folder

TERMS = tomllib.loads((package_folder() / "data" / "glossary.toml").read_text("utf-8"))["term"]
NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks" / "ko"


def korean_texts():
    """Where it stands and the text: text cells of the Korean notebooks, and all messages."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                yield f"{path.stem} {cell['id']}", "".join(cell["source"])
    for code, texts in MESSAGES.items():
        yield code, texts["ko"]


def found(word: str, text: str) -> bool:
    """Whether a text has the word alone or before particles: 시각에는, but not 시각적."""
    ending = rf"(?:{PARTICLES}|마다|들|이에요|예요|처럼|까지|부터|으로서|인)*(?![가-힣])"
    return re.search(rf"(?<![가-힣]){re.escape(word)}{ending}", text) is not None


def test_every_entry_is_complete():
    assert 60 <= len(TERMS) <= 120
    broken = [
        term["en"]
        for term in TERMS
        if set(term) != {"en", "ko", "means", "avoid"}
        or set(term["means"]) != set(LANGUAGES)
        or not all((term["en"], term["ko"], *term["means"].values(), *term["avoid"]))
    ]
    assert broken == []


def test_every_meaning_is_one_line_that_ends_as_a_sentence_in_its_language():
    meanings = [term["means"] for term in TERMS]
    assert [m for m in meanings if not re.fullmatch("[^\n가-힣]+[.]", m["en"])] == []
    assert [m for m in meanings if not re.fullmatch("[^\n]*[가-힣].*요[.]", m["ko"])] == []


def test_the_glossary_is_in_composed_letters_and_ascii_english():
    text = json.dumps(TERMS, ensure_ascii=False)
    assert unicodedata.is_normalized("NFC", text)
    assert [term["en"] for term in TERMS if not term["en"].isascii()] == []


def test_no_word_stands_twice_and_none_is_both_a_term_and_to_be_avoided():
    avoided = [word for term in TERMS for word in term["avoid"]]
    for words in ([t["en"] for t in TERMS], [t["ko"] for t in TERMS], avoided):
        assert [word for word, count in Counter(words).items() if count > 1] == []
    assert set(avoided) & {term["ko"] for term in TERMS} == set()


def test_the_korean_texts_use_no_word_that_the_glossary_avoids():
    texts = list(korean_texts())
    assert [
        f"{where}: {word} (it is {term['ko']})"
        for term in TERMS
        for word in term["avoid"]
        for where, text in texts
        if found(word, text)
    ] == []


def test_a_word_is_found_before_particles_and_not_within_other_words():
    assert all(found("시각", text) for text in ("시각에는", "무작위 시각 `t`", "시각(timestep)"))
    assert all(found("낱말", text) for text in ("낱말을", "낱말마다", "모르는 낱말이에요."))
    assert not any(found("시각", text) for text in ("시각적 인지", "시각화", "도시각도"))
