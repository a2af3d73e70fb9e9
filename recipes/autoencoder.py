"""Trains the small VAE: 64 x 64 pictures to 16 x 16 latents of 8 channels, and back.

It is diffusers' ``AutoencoderTiny``, the form of TAESD (O. Bohan, github.com/madebyollin/taesd):
no sampling in the encoder. Instead of a KL term, every latent channel is held at mean 0 and
variance 1, and noise is added before decoding, so that the decoder forgives the small errors of a
diffusion model.
"""

from __future__ import annotations

import torch
from diffusers import AutoencoderTiny
from torch.nn import functional as F

from recipes.common import POSTCARD, arguments, record, start
from tripkit.clip.model import pixels
from tripkit.colors import COLOR_NAMES
from tripkit.core.settings import weights_folder
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import random_scene
from tripkit.training.ema import EMA

LATENT_NOISE = 0.1  # beside latents of variance 1


def build(latent_channels: int = 8) -> AutoencoderTiny:
    """An untrained autoencoder."""
    return AutoencoderTiny(
        encoder_block_out_channels=(32, 32, 32),
        decoder_block_out_channels=(40, 40, 40),
        num_encoder_blocks=(0, 1, 2),
        num_decoder_blocks=(3, 2, 0),
        latent_channels=latent_channels,
        scaling_factor=1.0,
    )


def loss_of(vae: AutoencoderTiny, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Reconstruction in values and in edges, plus the moments of the latents; and the picture."""
    latents = vae.encoder(images).float()  # (B, C, H / 4, W / 4)
    mean, var = latents.mean((0, 2, 3)), latents.var((0, 2, 3))  # (C,) each
    moments = (mean.square() + (var - 1).square()).mean()
    decoded = vae.decoder(latents + LATENT_NOISE * torch.randn_like(latents)).float()
    error = decoded - images
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + error.square().mean() + 0.5 * edges + 0.05 * moments, decoded


def crops(images: torch.Tensor, size: int, rng) -> torch.Tensor:
    """One square crop of each picture, on the grid of the latents: more steps in the same time."""
    # A latent stands for 4 x 4 pixels: crops begin where a latent does.
    places = rng.integers(0, (images.shape[-1] - size) // 4 + 1, (len(images), 2)) * 4
    cut = [im[:, y : y + size, x : x + size] for im, (y, x) in zip(images, places, strict=True)]
    return torch.stack(cut).contiguous(memory_format=torch.channels_last)


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=16, learning_rate=2e-3)
    parser.add_argument("--latent-channels", type=int, default=8)
    options = parser.parse_args()
    vae = build(options.latent_channels)
    if options.from_weights:
        vae = AutoencoderTiny.from_pretrained(
            weights_folder() / POSTCARD / "vae", dtype=torch.float32
        )
    run = start(options, {"vae": vae.to(memory_format=torch.channels_last)})
    average = EMA(vae, 0.998)
    colors = [color.rgb for color in COLOR_NAMES]
    device = run.device

    def draw(count):
        scenes = [random_scene(run.rng, colors) for _ in range(count)]
        return pixels([render(scene, run.rng) for scene in scenes]).to(device)

    for progress in run:
        if progress < 0.85:
            images = crops(draw(options.batch), 32, run.rng)
        else:  # whole pictures at the end, so that the borders come out right
            images = draw(max(1, options.batch // 4))
        with run.autocast():
            loss, _ = loss_of(vae, images)
        run.update(loss)
        average.update()
    vae.load_state_dict(average.model.state_dict())
    with torch.no_grad():
        test = draw(256)
        error = F.mse_loss(vae.decoder(vae.encoder(test)).clamp(-1, 1), test)
    # 4 is the square of the range, -1 to 1.
    psnr = round(10 * torch.log10(4 / error).item(), 2)
    run.log(psnr=psnr)
    if run.processes.is_main_process:
        folder = options.out / "vae"
        vae.half().save_pretrained(folder, safe_serialization=True)
        record(run, psnr_db=psnr)


if __name__ == "__main__":
    main()
