"""Puts trained parts together in the standard formats: ``weights/postcard`` and ``weights/clip``.

``python -m recipes.assemble --vae OUT --clip OUT --unet OUT --judge OUT``, each the OUT
of a recipe; a part that is not named stays as shipped. The pipeline's text encoder is the text
tower of the shipped CLIP.
"""

from __future__ import annotations

import argparse
import json
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

from recipes.common import CLIP, JUDGE, POSTCARD, add_record
from recipes.unet import schedule
from tripkit.clip.encoder import postcard_processor
from tripkit.core.settings import weights_folder
from tripkit.datasets.scenes import KINDS


def assemble(
    vae: Path | None = None,
    clip: Path | None = None,
    unet: Path | None = None,
    judge: Path | None = None,
) -> None:
    """Write the folders of the models, in fp16 safetensors, with the records of their training."""
    weights = weights_folder()
    half = {"dtype": torch.float16}
    parts = weights / POSTCARD
    if clip is not None:
        _copy(clip, weights / CLIP, "clip/config.json", "clip/model.safetensors")
    if judge is not None:
        _copy(judge, weights / JUDGE, "model.safetensors")
    autoencoder = AutoencoderTiny.from_pretrained((vae or parts) / "vae", **half)
    tower = CLIPModel.from_pretrained(weights / CLIP, **half)
    drawing = UNet2DConditionModel.from_pretrained(
        unet / "unet" if unet else parts / "unet", **half
    )
    tokenizer = CLIPTokenizer.from_pretrained(parts / "tokenizer")
    tokenizer.save_pretrained(weights / CLIP)
    postcard_processor().save_pretrained(weights / CLIP)
    scheduler = DPMSolverMultistepScheduler.from_config(
        schedule().config, algorithm_type="dpmsolver++"
    )
    StableDiffusionPipeline(
        vae=autoencoder,
        text_encoder=tower.text_model,
        tokenizer=tokenizer,
        unet=drawing,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(parts, safe_serialization=True)
    for config in parts.rglob("config.json"):  # where a part was loaded from is nobody's business
        kept = json.loads(config.read_text(encoding="utf-8"))
        kept.pop("_name_or_path", None)
        config.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    if unet is not None:  # which kinds of place it learned to draw, from far to near
        text = json.dumps(KINDS, indent=1) + "\n"
        (parts / "kinds.json").write_text(text, encoding="utf-8")
    for run in (vae, unet):
        if run is not None:
            _copy(run, parts)


def _copy(run: Path, target: Path, *names: str) -> None:
    """Copy files of a training run, and add its record and its log."""
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copyfile(run / name, target / Path(name).name)
    path = target / "metrics.json"
    shipped = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    entries = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    for recipe, entry in entries.items():
        if went_on(entry) and recipe in shipped:
            entry["before"] = shipped[recipe]  # the training that this one went on from
        mode = "a" if went_on(entry) else "w"
        with (target / f"train_{recipe}.jsonl").open(mode, encoding="utf-8") as log:
            log.write((run / "log.jsonl").read_text(encoding="utf-8"))
    add_record(path, entries)


def went_on(entry: dict) -> bool:
    """Whether the recorded run began with the shipped weights."""
    return "--from-weights" in entry["command"].split()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for part in ("vae", "clip", "unet", "judge"):
        parser.add_argument(f"--{part}", type=Path, help="OUT of its recipe")
    options = parser.parse_args()
    assemble(**vars(options))
    size = sum(
        p.stat().st_size
        for n in (POSTCARD, CLIP)
        for p in (weights_folder() / n).rglob("*.safetensors")
    )
    print(f"{size / 1e6:.1f} MB of weights")


if __name__ == "__main__":
    main()
