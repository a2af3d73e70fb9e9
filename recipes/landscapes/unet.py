"""Trains the U-Net that draws 128 x 128 postcards: latents of the VAE, steered by the text tower.

The loss is that of `recipes.unet`: v-prediction on a squared-cosine schedule, errors weighted by
SNR + 1 up to 5, one caption in ten dropped. What differs: the pictures and their mirror images are
encoded once and kept beside the VAE, each step draws its captions anew, and Muon trains the inner
matrices (`tripkit.training.muon`). Since a latent costs nothing, each noise level has a picture of
its own. ``--align`` adds representation alignment (Yu et al. 2025, arXiv:2410.06940): the features
in the middle learn to tell what CLIP sees in the clean picture.

``python -m recipes.landscapes.unet --pictures PICTURES --vae RUN --clip RUN --out RUN --minutes 100
--threads 1``; two processes under ``torchrun --nproc_per_node 2``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import nn
from torch.nn import functional as F
from transformers import CLIPModel, CLIPTokenizer

from recipes.common import arguments, record, start
from recipes.landscapes.captions import said
from recipes.landscapes.pictures import Pictures
from recipes.unet import DROP, build, denoising_loss, export, schedule
from tripkit.training.ema import EMA
from tripkit.training.trainer import OPTIMIZERS

CHANNELS = (64, 96, 160)  # with Muon about a second a step of 32 pictures, on one core in bf16
ENCODED = 50  # pictures at once
LATENTS = "latents.npy"
ALIGNED = 0.5  # weight of the alignment, as in the paper


@torch.no_grad()
def encoded(data: Pictures, vae: AutoencoderTiny, folder: Path) -> np.ndarray:
    """Latents of all pictures and of their mirror images, (2, N, 16, 16, 16) in fp16.

    Left and right mean nothing in a caption, so that a mirrored picture shows the same scene.

    Args:
        data: the pictures.
        vae: encodes them.
        folder: of the VAE; latents that are there, of as many pictures and no older, are kept.
    """
    path = folder / LATENTS
    newest = max(file.stat().st_mtime for file in folder.iterdir())
    if path.exists() and path.stat().st_mtime == newest:
        latents = np.load(path, mmap_mode="r")
        if latents.shape[1] == len(data.scenes):
            return latents
    count = len(data.scenes)
    latents = np.empty((2, count, vae.config.latent_channels, 16, 16), np.float16)
    for first in range(0, count, ENCODED):
        part = range(first, min(first + ENCODED, count))
        _, images = data.take(part)
        for side, seen in enumerate((images, images.flip(3))):
            latents[side, part.start : part.stop] = vae.encoder(seen).half().cpu().numpy()
    unfinished = path.with_suffix(".part.npy")
    np.save(unfinished, latents)
    unfinished.replace(path)
    return latents


def mirrored(images: torch.Tensor, sides: np.ndarray) -> torch.Tensor:
    """(B, C, H, W) pictures, those turned about whose side is 1."""
    turned = torch.from_numpy(sides == 1).view(-1, 1, 1, 1).to(images.device)
    return torch.where(turned, images.flip(3), images)


class Conditions:
    """What the frozen text tower makes of captions."""

    def __init__(self, clip: CLIPModel, tokenizer: CLIPTokenizer, device: torch.device):
        self.text = clip.text_model.to(device).eval().requires_grad_(False)
        self.tokenizer, self.device = tokenizer, device

    @torch.no_grad()
    def hidden(self, texts: list[str]) -> torch.Tensor:
        """(B, 77, width) hidden states."""
        tokens = self.tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt")
        return self.text(tokens.input_ids.to(self.device)).last_hidden_state


class Alignment(nn.Module):
    """Representation alignment of a U-Net's middle with CLIP's patches.

    A linear layer, thrown away afterwards, maps the features of the U-Net's last call onto those
    of the clean pictures. Patches are taken before CLIP's last layer: of what comes after it only
    the class token was ever trained.
    """

    def __init__(self, unet: UNet2DConditionModel, clip: CLIPModel):
        super().__init__()
        width = clip.config.vision_config.hidden_size
        self.project = nn.Linear(unet.config.block_out_channels[-1], width)
        # In a list, so that it is no module of this one: it is neither trained nor saved.
        self.eyes = [clip.vision_model.eval().requires_grad_(False)]
        self.middle: list[torch.Tensor] = []
        unet.mid_block.register_forward_hook(lambda _module, _args, out: self.middle.append(out))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """1 - cosine, the mean over pictures (B, 3, 128, 128) and places, (B, C, 4, 4)."""
        middle = self.middle.pop()
        self.middle.clear()
        features = self.project(middle.flatten(2).transpose(1, 2)).float()  # (B, 16, width)
        patches = F.adaptive_avg_pool2d(self._patches(images), middle.shape[2:])
        return 1 - F.cosine_similarity(features, patches.flatten(2).transpose(1, 2), dim=2).mean()

    @torch.no_grad()
    def _patches(self, images: torch.Tensor) -> torch.Tensor:
        out = self.eyes[0].to(images.device)(images, output_hidden_states=True)
        patches = out.hidden_states[-2][:, 1:].float()  # (B, 64, width)
        side = round(patches.shape[1] ** 0.5)
        return patches.transpose(1, 2).unflatten(2, (side, side))


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=32, learning_rate=2e-3)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of the pictures")
    for part in ("vae", "clip"):
        parser.add_argument(f"--{part}", type=Path, required=True, help="folder of its recipe")
    parser.add_argument("--channels", type=int, nargs=3, default=CHANNELS)
    parser.add_argument("--ema", type=float, default=0.9985)
    parser.add_argument("--optimizer", choices=OPTIMIZERS, default="muon")
    parser.add_argument("--align", action="store_true", help="align the middle with CLIP's patches")
    options = parser.parse_args()
    single = {"dtype": torch.float32}
    vae = AutoencoderTiny.from_pretrained(options.vae / "vae", **single).requires_grad_(False)
    clip = CLIPModel.from_pretrained(options.clip / "clip", attn_implementation="eager", **single)
    unet = build(vae.config.latent_channels, clip.config.text_config.hidden_size, options.channels)
    unet.set_attn_processor(AttnProcessor())  # the fused one has a slow backward on a CPU
    unet.to(memory_format=torch.channels_last)
    average = EMA(unet, options.ema)
    modules = {"unet": unet, "average": average.model}
    if options.align:
        modules["alignment"] = Alignment(unet, clip)
    run = start(options, modules, optimizer=options.optimizer)
    average.updates = run.step
    data = Pictures(options.pictures, run.device)
    with run.processes.main_process_first(), run.autocast():
        latents = encoded(data, vae.to(run.device), options.vae / "vae")
    run.started = run.clock()  # encoding is no training
    tokenizer = CLIPTokenizer.from_pretrained(options.clip / "clip")
    conditions = Conditions(clip, tokenizer, run.device)
    alphas_cumprod = schedule().alphas_cumprod
    for _ in run:
        sides, indices = run.rng.integers(0, (2, data.size), (options.batch, 2)).T
        clean = torch.from_numpy(latents[sides, indices]).float().to(run.device)
        texts = said((data.scenes[i] for i in indices), run.rng, DROP)
        with run.autocast():
            hidden = conditions.hidden(texts)
            loss = denoising_loss(unet, clean, hidden, alphas_cumprod).mean()
            if options.align:
                images = mirrored(data.take(indices)[1], sides)
                loss = loss + ALIGNED * modules["alignment"](images)
        run.update(loss)
        average.update()
        if run.step % 500 == 0:
            export(unet, average, run)
    export(unet, average, run)
    if run.processes.is_main_process:
        record(run, loss=round(sum(run.losses[-500:]) / len(run.losses[-500:]), 4))


if __name__ == "__main__":
    main()
