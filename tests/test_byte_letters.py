"""A token is read back into bytes, whatever its letters."""

import pytest

from tripkit.clip.tokens import bytes_of
from tripkit.core.settings import weights_folder


@pytest.mark.parametrize("text", ["castle", "화성시", "é½", "🚀"])
def test_the_bytes_of_all_tokens_are_those_of_the_text(text):
    from transformers import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(weights_folder() / "postcard" / "tokenizer")
    ids = tokenizer(text, add_special_tokens=False).input_ids
    joined = b"".join(map(bytes_of, tokenizer.convert_ids_to_tokens(ids)))
    assert joined == text.encode()


def test_each_byte_has_one_letter_that_is_read_back():
    from tokenizers.pre_tokenizers import ByteLevel

    assert sorted(map(bytes_of, ByteLevel.alphabet())) == [bytes([byte]) for byte in range(256)]


def test_a_letter_of_no_byte_stands_for_itself():
    assert bytes_of("성</w>") == "성".encode()
