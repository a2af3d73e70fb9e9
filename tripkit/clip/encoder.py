"""CLIP: pictures and texts as directions of one space, where the cosine says how well they fit.

Radford et al. 2021 (arXiv:2103.00020). The shipped model is one string, the real one another:
``CLIPEncoder("openai/clip-vit-base-patch32")``.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tripkit.clip.tokens import bytes_of
from tripkit.core.errors import ModelUnavailableError, RequestError, ServiceError
from tripkit.core.messages import text as message
from tripkit.core.settings import cpu_threads, weights_folder
from tripkit.core.text import clean_text
from tripkit.core.weights import broken, check_weights

SHIPPED = "clip"
BATCH = 64  # texts or pictures at a time
PADDING = 1024  # a vocabulary may be rounded up by so many rows that have no token


class CLIPEncoder:
    """A CLIP, loaded when it is first needed.

    Args:
        name: ``"clip"``, the shipped model; else a folder in transformers' format, or a hub id,
            which is downloaded once by ``huggingface_hub``.
        language: of the warning about texts that are too long.
    """

    def __init__(self, name: str = SHIPPED, *, language: str = "en"):
        self.name, self.language = name, language
        self._parts: tuple[Any, Any, Any] | None = None  # model, tokenizer, image processor
        self._lock = threading.Lock()

    @classmethod
    def of(cls, model, tokenizer, name: str = "in memory") -> CLIPEncoder:
        """An encoder around a CLIPModel in memory that was trained on postcards."""
        encoder = cls(name)
        encoder._parts = (model.eval(), tokenizer, postcard_processor())
        return encoder

    @property
    def model(self):
        """The transformers CLIPModel.

        Raises:
            ModelUnavailableError: ``model_not_downloaded``, ``model_broken``.
        """
        return self._loaded()[0]

    @property
    def tokenizer(self):
        """Its tokenizer; errors as `model`."""
        return self._loaded()[1]

    @property
    def limit(self) -> int:
        """Tokens that a text may have, with the two that mark its start and its end."""
        return self.model.config.text_config.max_position_embeddings

    @property
    def logit_scale(self) -> float:
        """What cosines are multiplied by before a softmax: 1 / temperature, learned."""
        return float(self.model.logit_scale.detach().exp())

    def embed_texts(self, texts: Sequence[str] | str, *, warn: bool = True):
        """(N, D) tensor, each row of length 1.

        Args:
            texts: what to embed.
            warn: warn, with its end, where a text is too long to be read whole.

        Raises:
            RequestError: ``clip_no_texts``, ``clip_empty_text`` (one of them holds nothing).
        """
        texts = [texts] if isinstance(texts, str) else list(texts)
        if not texts:
            raise RequestError("clip_no_texts")
        lines = [clean_text(line) if isinstance(line, str) else "" for line in texts]
        if not all(lines):
            raise RequestError("clip_empty_text", number=[bool(t) for t in lines].index(False) + 1)
        if warn and (cut := next(filter(None, map(self.unread, lines)), "")):
            note = message("note.cut", self.language, limit=self.limit, words=cut[:200])
            warnings.warn(note, stacklevel=2)
        options = {"padding": True, "truncation": True, "max_length": self.limit}

        def encode(batch):
            tokens = self.tokenizer(batch, return_tensors="pt", **options)
            return self.model.get_text_features(**tokens)

        return _in_batches(lines, encode)

    def embed_images(self, images):
        """(N, D) tensor, each row of length 1, of PIL pictures of any size.

        Raises:
            RequestError: ``clip_no_images``, ``clip_not_an_image``.
        """
        from PIL import Image

        images = [images] if isinstance(images, Image.Image) else list(images)
        if not images:
            raise RequestError("clip_no_images")
        for number, image in enumerate(images, start=1):
            if not isinstance(image, Image.Image):
                kind = type(image).__name__
                raise RequestError("clip_not_an_image", number=number, kind=kind)
        model, _, processor = self._loaded()

        def encode(batch):  # pixel_values: (B, 3, H, W)
            pictures = [image.convert("RGB") for image in batch]
            return model.get_image_features(**processor(pictures, return_tensors="pt"))

        return _in_batches(images, encode)

    def tokens(self, text: str) -> list[str]:
        """The pieces that the text is read in, all of them, without the marks of start and end.

        A piece that is not a whole character is written as its bytes: ``<ED><99>``.
        """
        ids = self._ids(text)
        pieces = []
        for raw in map(bytes_of, self.tokenizer.convert_ids_to_tokens(ids)):
            try:
                pieces.append(raw.decode("utf-8"))
            except UnicodeDecodeError:
                pieces.append("".join(f"<{byte:02X}>" for byte in raw))
        return pieces

    def unread(self, text: str) -> str:
        """The end of a text that does not fit into `limit` tokens; "" where all of it does."""
        # Two of the tokens are the marks of start and end.
        beyond = self._ids(text)[self.limit - 2 :]
        return self.tokenizer.decode(beyond) if beyond else ""

    def _ids(self, text: str) -> list[int]:
        options = {"add_special_tokens": False, "truncation": False, "verbose": False}
        return self.tokenizer(clean_text(text), **options).input_ids

    def _loaded(self):
        # The lock: two threads that ask at once would load the model twice.
        with self._lock:
            if self._parts is None:
                self._parts = _load(self.name)
            return self._parts


def _in_batches(items, encode):
    """(N, D) rows of length 1, of what a model encodes `BATCH` items at a time."""
    import torch

    batches = [items[first : first + BATCH] for first in range(0, len(items), BATCH)]
    with torch.no_grad():
        return unit(torch.cat([encode(batch).pooler_output.float() for batch in batches]))


def unit(embeds):
    """The rows of (N, D), each divided by its length."""
    return embeds / embeds.norm(dim=-1, keepdim=True)  # (N, D) / (N, 1)


def similarity(a, b):
    """(N, M) cosines of the rows of (N, D) with those of (M, D), whatever their lengths."""
    return unit(a) @ unit(b).T  # (N, D) @ (D, M)


def contrastive_loss(logits):
    """The symmetric contrastive loss (Radford et al. 2021, fig. 3) of (N, N) logits.

    Logits are cosines times `CLIPEncoder.logit_scale`. Picture i and text i belong together: each
    row must find its column (InfoNCE, van den Oord et al. 2018, arXiv:1807.03748, eq. 4), and each
    column its row; the loss is the mean of both. Guessing costs log N.
    """
    import torch
    from torch.nn.functional import cross_entropy

    # From symbol to name, as in the figure: I_e, T_e are the embeds, exp(t) is logit_scale, logits
    # are exp(t) * I_e @ T_e.T; loss_i is the first term, a row a picture, loss_t the second.
    labels = torch.arange(len(logits), device=logits.device)  # (N,)
    return (cross_entropy(logits, labels) + cross_entropy(logits.T, labels)) / 2


def zero_shot(encoder: CLIPEncoder, images, texts):
    """(N, M) probabilities that each picture belongs to each text; rows sum to 1 (section 3.1)."""
    cosines = similarity(encoder.embed_images(images), encoder.embed_texts(texts))  # (N, M)
    return (encoder.logit_scale * cosines).softmax(dim=1)


def postcard_processor():
    """What the CLIPs of the course see: a picture of 64 x 64 in -1..1."""
    from transformers import CLIPImageProcessorPil

    from tripkit.datasets.postcards import SIZE

    return CLIPImageProcessorPil(
        size={"shortest_edge": SIZE},
        crop_size={"height": SIZE, "width": SIZE},
        # (x - 0.5) / 0.5 takes 0..1 to -1..1, the range that `model.pixels` trains in.
        image_mean=[0.5] * 3,
        image_std=[0.5] * 3,
    )


# ------------------------------------------------------- loading


def _load(name: str):
    # A loading report is no part of a lesson.
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    import torch
    from huggingface_hub.errors import HFValidationError
    from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.set_num_threads(cpu_threads())
    source = weights_folder() / SHIPPED if name == SHIPPED else name
    local = name == SHIPPED or Path(name).is_dir()
    here = {"local_files_only": local}
    try:
        model, report = CLIPModel.from_pretrained(
            source, dtype=torch.float32, use_safetensors=True, output_loading_info=True, **here
        )
        tokenizer = CLIPTokenizer.from_pretrained(source, **here)
        processor = CLIPImageProcessorPil.from_pretrained(source, **here)
    except MemoryError as error:
        raise ServiceError("out_of_memory", model=name) from error
    except Exception as error:  # transformers raises many kinds for a folder that is not whole
        if not local and isinstance(error, (OSError, HFValidationError)):
            raise ModelUnavailableError("model_not_downloaded", model=name) from error
        raise broken(name, type(error).__name__, shipped=name == SHIPPED) from error
    _check(name, model, report, len(tokenizer))
    return model.eval(), tokenizer, processor


def _check(name: str, model, report, tokens: int) -> None:
    shipped = name == SHIPPED
    # What is missing, transformers makes up: random weights, a tokenizer without words.
    wrong = report["missing_keys"] or report["mismatched_keys"]
    if wrong or (shipped and report["unexpected_keys"]):
        raise broken(name, "MissingWeights" if wrong else "SurplusWeights", shipped=shipped)
    check_weights(model.state_dict(), name, shipped=shipped)
    if not 0 <= model.config.text_config.vocab_size - tokens < PADDING:
        raise broken(name, "MissingTokenizer", shipped=shipped)
