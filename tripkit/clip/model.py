"""The architecture of the shipped CLIP."""

from __future__ import annotations

import numpy as np
import torch
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from tripkit.datasets.postcards import SIZE

PROJECTION = 128
LOGIT_SCALE_MAX = 100.0  # the clip of the paper, section 2.5


def build(
    tokenizer: CLIPTokenizer,
    *,
    text: tuple[int, int] = (192, 3),
    vision: tuple[int, int] = (128, 3),
) -> CLIPModel:
    """An untrained CLIP.

    Args:
        tokenizer: of its text tower.
        text: width (a multiple of 32) and number of layers of the text tower.
        vision: those of the picture tower.
    """
    config = CLIPConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": text[0],
            "intermediate_size": text[0] * 8 // 3,
            "num_hidden_layers": text[1],
            "num_attention_heads": text[0] // 32,
            "max_position_embeddings": 77,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
            "projection_dim": PROJECTION,
        },
        vision_config={
            "image_size": SIZE,
            "patch_size": 8,
            "hidden_size": vision[0],
            "intermediate_size": vision[0] * 5 // 2,
            "num_hidden_layers": vision[1],
            "num_attention_heads": vision[0] // 32,
            "projection_dim": PROJECTION,
        },
        projection_dim=PROJECTION,
        attn_implementation="eager",  # its backward is faster on a CPU
    )
    return CLIPModel(config)


def pixels(images) -> torch.Tensor:
    """Pictures as a (B, 3, H, W) tensor in -1..1, in channels_last order (faster on a CPU)."""
    array = np.stack([np.asarray(image) for image in images])
    tensor = torch.from_numpy(array).permute(0, 3, 1, 2).float() / 127.5 - 1
    return tensor.contiguous(memory_format=torch.channels_last)
