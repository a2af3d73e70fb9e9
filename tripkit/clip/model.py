"""The architecture of the shipped CLIP."""

from __future__ import annotations

import numpy as np
import torch
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from tripkit.datasets.postcards import SIZE

PROJECTION = 128  # D, the width of the space that pictures and texts share
LOGIT_SCALE_MAX = 100.0  # Radford et al. 2021, section 2.5: more makes training unstable


def build(
    tokenizer: CLIPTokenizer,
    *,
    text: tuple[int, int] = (192, 3),
    vision: tuple[int, int] = (128, 3),
    size: int = SIZE,
    patch: int = 8,
) -> CLIPModel:
    """An untrained CLIP.

    Args:
        tokenizer: of its text tower.
        text: width (a multiple of 32) and number of layers of the text tower.
        vision: those of the picture tower.
        size: pixels of a picture, each way.
        patch: pixels of one of its patches, each way.
    """
    config = CLIPConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": text[0],  # hidden states are (B, 77, 192)
            "intermediate_size": text[0] * 8 // 3,
            "num_hidden_layers": text[1],
            "num_attention_heads": text[0] // 32,  # 32 numbers a head
            "max_position_embeddings": 77,  # as OpenAI's CLIP: prompts are cut where its are
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
            "projection_dim": PROJECTION,
        },
        vision_config={
            "image_size": size,
            "patch_size": patch,  # 64 x 64 pixels are 8 x 8 patches
            "hidden_size": vision[0],  # hidden states are (B, 1 + 64, 128): class, then patches
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
    array = np.stack([np.asarray(image) for image in images])  # (B, H, W, 3) of 0 to 255
    tensor = torch.from_numpy(array).permute(0, 3, 1, 2).float() / 127.5 - 1
    # permute only renames the axes: in memory the channels are last already, and stay so.
    return tensor.contiguous(memory_format=torch.channels_last)
