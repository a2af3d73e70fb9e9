"""Steers a picture without drawing on it: word weights, negative prompts, paths between seeds."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tripkit.clip.tokens import read_ids, word_positions
from tripkit.core.errors import ModelUnavailableError, RequestError
from tripkit.core.text import clean_text, clipped
from tripkit.images.base import check_seed

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from torch import Generator, Tensor

LARGEST_WEIGHT = 3.0  # beyond it a hidden state is nothing that the U-Net was ever trained on
MOST_PICTURES = 25  # of one path between two seeds


def check_weights(weights: Mapping[str, float] | None) -> dict[str, float]:
    """The weights as words and floats.

    Raises:
        RequestError: ``bad_weight``, a weight outside -3..3, or an empty word.
    """
    checked = {}
    for word, weight in dict(weights or {}).items():
        real = isinstance(weight, (int, float)) and not isinstance(weight, bool)
        if not clean_text(str(word)) or not real or not abs(weight) <= LARGEST_WEIGHT:
            raise RequestError(
                "bad_weight", word=clipped(word), weight=clipped(weight, 20), limit=LARGEST_WEIGHT
            )
        checked[clean_text(str(word))] = float(weight)
    return checked


def weighted_embeds(
    pipeline: DiffusionPipeline, text: str, weights: dict[str, float], negative: str = ""
) -> dict[str, Tensor]:
    """The prompt's hidden states with the words' moved away from the empty prompt's, or to it.

    ``h + (weight - 1) * (h - h_empty)`` at the word's positions: 1 leaves the prompt bit for bit as
    it is, 0 puts the empty prompt's state there, more than 1 goes beyond the word. The other words'
    states stay, although the text encoder has already mixed some of the word into later ones.

    Returns:
        ``prompt_embeds`` and, where the pipeline takes one, ``negative_prompt_embeds``, each
        (1, 77, width).

    Raises:
        RequestError: ``word_not_in_prompt``.
    """
    import torch

    device = pipeline._execution_device
    with torch.no_grad():
        hidden, unwanted = pipeline.encode_prompt(
            text, device, 1, True, negative_prompt=negative or None
        )
        empty, _ = pipeline.encode_prompt("", device, 1, False)
    # The sum over words of what each adds, so that their order does not matter.
    change = torch.zeros_like(hidden)
    ids = read_ids(pipeline.tokenizer, text)
    for word, weight in weights.items():
        where = word_positions(pipeline.tokenizer, ids, word)
        change[:, where] += (weight - 1) * (hidden - empty)[:, where]
    embeds = {"prompt_embeds": hidden + change}
    if takes(pipeline, "negative_prompt_embeds"):
        embeds["negative_prompt_embeds"] = unwanted
    return embeds


def weighted(
    pipeline: DiffusionPipeline, call: Mapping[str, Any], weights: dict[str, float]
) -> dict[str, Any]:
    """The pipeline's arguments with weighted hidden states in the place of the two prompts."""
    others = {k: v for k, v in call.items() if k not in ("prompt", "negative_prompt")}
    negative = call.get("negative_prompt", "")
    return others | weighted_embeds(pipeline, call["prompt"], weights, negative)


def takes(pipeline: DiffusionPipeline, argument: str) -> bool:
    """Whether the pipeline's call has an argument of that name."""
    return argument in inspect.signature(type(pipeline).__call__).parameters


def default(pipeline: DiffusionPipeline, argument: str) -> Any:
    """The default value of an argument of the pipeline's call."""
    return inspect.signature(type(pipeline).__call__).parameters[argument].default


def check_negative(
    pipeline: DiffusionPipeline, negative: str, parameters: Mapping[str, Any]
) -> None:
    """Refuses a negative prompt that would do nothing.

    It takes the place of the empty prompt in classifier-free guidance (Ho & Salimans 2022,
    arXiv:2207.12598), which a guidance scale of 1 or less, or a distilled model, leaves out.

    Raises:
        RequestError: ``negative_without_guidance``.
    """
    if not negative:
        return
    guided = takes(pipeline, "negative_prompt")
    scale = parameters.get("guidance_scale")
    if scale is None and guided:
        scale = default(pipeline, "guidance_scale")
    unet = getattr(pipeline, "unet", None)
    distilled = unet is not None and unet.config.time_cond_proj_dim is not None
    if not guided or distilled or scale is None or scale <= 1:
        raise RequestError("negative_without_guidance", guidance_scale=scale)


def check_stable_diffusion(pipeline: DiffusionPipeline, model: str) -> None:
    """Refuses pipelines that are built otherwise than Stable Diffusion 1 and 2.

    Raises:
        ModelUnavailableError: ``not_stable_diffusion``.
    """
    parts = ("unet", "vae", "text_encoder", "tokenizer")
    missing = [part for part in parts if getattr(pipeline, part, None) is None]
    if missing or getattr(pipeline, "text_encoder_2", None) is not None:
        raise ModelUnavailableError("not_stable_diffusion", model=model)


def check_draws_alone(pipeline: DiffusionPipeline, model: str) -> None:
    """Refuses a U-Net with the mask among its inputs for what comes without a mask.

    Raises:
        ModelUnavailableError: ``model_needs_mask``.
    """
    if needs_mask(pipeline):
        raise ModelUnavailableError("model_needs_mask", model=model)


def needs_mask(pipeline: DiffusionPipeline) -> bool:
    """Whether the U-Net was trained to fill in: the mask and the kept part are inputs too."""
    unet, vae = getattr(pipeline, "unet", None), getattr(pipeline, "vae", None)
    if unet is None or vae is None:
        return False
    return unet.config.in_channels > vae.config.latent_channels


def check_path(seeds: Sequence[int], count: int) -> tuple[int, int]:
    """The two seeds of a path.

    Raises:
        RequestError: ``bad_seeds``, not a pair; ``bad_seed``; ``bad_count``, fewer than 2 or more
            than 25.
    """
    if isinstance(count, bool) or not isinstance(count, int) or not 2 <= count <= MOST_PICTURES:
        raise RequestError("bad_count", count=clipped(count, 20), limit=MOST_PICTURES)
    if not isinstance(seeds, (tuple, list)) or len(seeds) != 2:
        raise RequestError("bad_seeds", seeds=clipped(seeds, 60))
    for seed in seeds:
        check_seed(seed)
    return seeds[0], seeds[1]


def starting_noise(pipeline: DiffusionPipeline, generator: Generator) -> Tensor:
    """The noise that the pipeline would draw from the generator itself: (1, C, h, w).

    Drawn on the CPU whatever the device, as the pipeline does with a generator of the CPU.
    """
    import torch

    size = pipeline.unet.config.sample_size
    height, width = (size, size) if isinstance(size, int) else size
    shape = (1, pipeline.unet.config.in_channels, height, width)
    noise = torch.randn(shape, generator=generator, dtype=pipeline.unet.dtype)
    return noise.to(pipeline._execution_device)


def slerp(start: Tensor, end: Tensor, share: float) -> Tensor:
    """The point ``share`` (0 to 1) of the way on the arc between two noises (Shoemake 1985).

    A straight line between two independent Gaussian noises passes through one of 0.7 times their
    standard deviation, which the model takes for a picture with less noise: grey and flat. The arc
    keeps the length. The ends come back as they are.
    """
    if share in (0, 1):
        return start if share == 0 else end
    cosine = (start * end).sum() / (start.norm() * end.norm())
    angle = math.acos(max(-1.0, min(1.0, cosine.item())))
    if math.sin(angle) < 1e-6:  # the same noise, or its opposite: no arc is the shortest
        return start + share * (end - start)
    there, back = math.sin(share * angle), math.sin((1 - share) * angle)
    return (back * start + there * end) / math.sin(angle)
