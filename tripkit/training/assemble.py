"""Puts trained parts together in the standard formats: ``weights/postcard`` and ``weights/clip``.

``python -m tripkit.training.assemble --vae FOLDER --clip FOLDER --unet FOLDER``; a part that is
not named stays as shipped. The pipeline's text encoder is the text tower of the shipped CLIP.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from diffusers import (
    AutoencoderTiny,
    DPMSolverMultistepScheduler,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPModel, CLIPTokenizer

from tripkit.settings import weights_folder
from tripkit.training.common import CLIP, POSTCARD
from tripkit.training.unet import build, schedule


def assemble(vae: Path | None, clip: Path | None, unet: Path | None) -> None:
    """Write both folders, in fp16 safetensors."""
    weights = weights_folder()
    half = {"dtype": torch.float16}
    if clip is not None:
        _replace(clip, weights / CLIP)
    parts = weights / POSTCARD
    autoencoder = AutoencoderTiny.from_pretrained(vae or parts / "vae", **half)
    tower = CLIPModel.from_pretrained(weights / CLIP, **half)
    if unet is None and not (parts / "unet").exists():
        drawing = build(
            autoencoder.config.latent_channels, tower.config.text_config.hidden_size
        ).half()
    else:
        drawing = UNet2DConditionModel.from_pretrained(unet or parts / "unet", **half)
    tokenizer = CLIPTokenizer.from_pretrained(parts / "tokenizer")
    tokenizer.save_pretrained(weights / CLIP)
    StableDiffusionPipeline(
        vae=autoencoder,
        text_encoder=tower.text_model,
        tokenizer=tokenizer,
        unet=drawing,
        scheduler=DPMSolverMultistepScheduler.from_config(
            schedule().config, algorithm_type="dpmsolver++"
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(parts, safe_serialization=True)


def _replace(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.safetensors"):
        shutil.copy(source / name, target / name)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for part in ("vae", "clip", "unet"):
        parser.add_argument(f"--{part}", type=Path)
    options = parser.parse_args()
    assemble(options.vae, options.clip, options.unet)
    size = sum(
        p.stat().st_size
        for n in (POSTCARD, CLIP)
        for p in (weights_folder() / n).rglob("*.safetensors")
    )
    print(f"{size / 1e6:.1f} MB of weights")


if __name__ == "__main__":
    main()
