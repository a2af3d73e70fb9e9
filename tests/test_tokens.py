"""A word is found in a prompt by its tokens: whole, in both languages, as often as it is said."""

import pytest

from tripkit.clip.tokens import pieces_of, read_ids, word_positions
from tripkit.core.errors import RequestError
from tripkit.core.messages import LANGUAGES
from tripkit.core.settings import weights_folder

CASES = [
    # the prompt, the word, the text of its tokens as they stand in it
    ("Castle, castles and a castle", "castle", "castlecastle"),
    ("a light pink r248 g184 b192 park", "r248 g184 b192", "r248g184b192"),
    ("hot-air balloons over a lake", "Hot-air  BALLOONS", "hot-airballoons"),
    ("하얀 성이 있는 성", "하얀", "하얀"),
    ("강변 산책로가 어우러진", "산책로가", "산책로가"),
]


@pytest.fixture(scope="module")
def tokenizer():
    from transformers import CLIPTokenizer

    return CLIPTokenizer.from_pretrained(weights_folder() / "postcard" / "tokenizer")


def text_at(tokenizer, ids, places):
    pieces = {piece.place: piece.text for piece in pieces_of(tokenizer, ids)}
    return b"".join(pieces[place] for place in places).decode()


@pytest.mark.parametrize(("prompt", "word", "text"), CASES)
def test_a_word_has_all_its_tokens_every_time_it_is_said(tokenizer, prompt, word, text):
    ids = read_ids(tokenizer, prompt)
    assert text_at(tokenizer, ids, word_positions(tokenizer, ids, word)) == text


@pytest.mark.parametrize("said", ["성", "성이", "성에는", "성까지도"])
def test_a_korean_noun_is_found_with_particles_behind_it(tokenizer, said):
    ids = read_ids(tokenizer, f"눈 덮인 {said} 보여요")
    found = text_at(tokenizer, ids, word_positions(tokenizer, ids, "성"))
    assert found.startswith("성") and said.startswith(found)


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("a castle", "volcano"),
        ("a castle", "cast"),
        ("a castle", "astle"),
        ("a castle", ""),
        ("강변 산책로가 있는 공원", "산"),
        ("강변 산책로가 있는 공원", "책로"),
        ("a castle", "\ud800"),
        ("red r216 g40 b48 castle, blue lake", "sea"),
    ],
)
def test_part_of_a_word_is_no_word(tokenizer, prompt, word):
    with pytest.raises(RequestError) as caught:
        word_positions(tokenizer, read_ids(tokenizer, prompt), word)
    assert caught.value.code == "word_not_in_prompt"
    for language in LANGUAGES:
        assert prompt in caught.value.message(language)


def test_a_word_behind_the_models_limit_is_not_there(tokenizer):
    ids = read_ids(tokenizer, "blue beach, " * 40 + "castle")
    assert len(ids) == tokenizer.model_max_length and word_positions(tokenizer, ids, "beach")
    with pytest.raises(RequestError, match="“castle” is not in the prompt as the model read it"):
        word_positions(tokenizer, ids, "castle")


def test_markers_and_padding_are_no_pieces(tokenizer):
    ids = tokenizer("a castle", padding="max_length").input_ids
    assert [(piece.place, piece.text) for piece in pieces_of(tokenizer, ids)] == [
        (1, b"a"),
        (2, b"castle"),
    ]
    assert pieces_of(tokenizer, read_ids(tokenizer, "")) == []
