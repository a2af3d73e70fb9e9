"""Builds the tokenizer: byte-level BPE on Korean and English captions, in CLIP's own form.

Every byte has a token, so nothing is unknown: hex, names and wording never seen are spelled out.
Each level of a colour (``r248``) is one token of its own. Run: ``python -m recipes.tokenizer --out
FOLDER``. Lists and catalogue have grown since the shipped one was built: a new one has other
tokens, and wants a CLIP and a U-Net trained anew.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from pathlib import Path

import numpy as np
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

from tripkit.colors import COLOR_NAMES
from tripkit.core.settings import package_folder
from tripkit.datasets.captions import caption, place_words
from tripkit.datasets.scenes import random_scene
from tripkit.prompts.color_tokens import STEP

START, END = "<|startoftext|>", "<|endoftext|>"
MERGES = 1600


def texts(seed: int = 0, captions: int = 6000) -> list[str]:
    """What the merges are learned from: captions, the lists of words, and the trip catalogue."""
    rng = np.random.default_rng(seed)
    colors = [color.rgb for color in COLOR_NAMES]
    lines = [
        caption(random_scene(rng, colors), lang, rng)
        for lang in ("ko", "en")
        for _ in range(captions // 2)
    ]
    lines = [" ".join(word for word in line.split() if not word.startswith("#")) for line in lines]
    for words in place_words().values():
        lines += 20 * (words["ko"] + words["en"])
    lines += 10 * [word for c in COLOR_NAMES for word in (c.en, c.ko, *c.also)]
    catalogue = package_folder() / "data" / "trips.toml"
    if catalogue.exists():
        lines += _strings(tomllib.loads(catalogue.read_text(encoding="utf-8")))
    return lines


def _strings(value) -> list[str]:
    if isinstance(value, str):
        return [value]
    children = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )
    return [text for child in children for text in _strings(child)]


def build(lines: list[str]) -> CLIPTokenizer:
    """A ``CLIPTokenizer`` whose merges are learned from ``lines``."""
    form = CLIPTokenizer()._tokenizer  # CLIP's own normaliser and splitting
    levels = [f"{channel}{level}" for channel in "rgb" for level in range(0, 256, STEP)]
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    bpe.normalizer = normalizers.Sequence([form.normalizer])
    bpe.pre_tokenizer = pre_tokenizers.Sequence([form.pre_tokenizer])
    trainer = trainers.BpeTrainer(
        vocab_size=512 + MERGES,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    codes = set(levels)
    bpe.train_from_iterator(
        (" ".join(w for w in line.split() if w not in codes) for line in lines), trainer
    )
    learned = json.loads(bpe.to_str())["model"]["merges"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = [
        START,
        END,
        *alphabet,
        *(byte + "</w>" for byte in alphabet),
        *("".join(pair) for pair in learned),
    ]
    ids = {token: index for index, token in enumerate(dict.fromkeys(vocabulary))}
    tokenizer = CLIPTokenizer(
        vocab=ids, merges=[tuple(pair) for pair in learned], model_max_length=77
    )
    tokenizer.add_tokens(
        [AddedToken(level, single_word=True, normalized=False) for level in levels]
    )
    return tokenizer


def main() -> None:
    """Build and save it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the tokenizer")
    options = parser.parse_args()
    tokenizer = build(texts())
    tokenizer.save_pretrained(options.out)
    print(f"{len(tokenizer)} tokens")


if __name__ == "__main__":
    main()
