"""Trains a larger decoder for the latents of the shipped VAE, whose encoder stays as it is.

So the U-Net, which was trained on those latents, stays valid too. The picture is judged by absolute
errors, of values and of edges: squared ones, which the first training had, reward the mean of all
pictures that a latent could stand for, and the mean of sharp pictures is a soft one.

``python -m recipes.decoder --out RUN --minutes 60 --threads 1``
"""

from __future__ import annotations

import torch
from diffusers import AutoencoderTiny
from torch.nn import functional as F

from recipes.autoencoder import LATENT_NOISE
from recipes.common import POSTCARD, arguments, record, start
from tripkit.clip.model import pixels
from tripkit.colors import COLOR_NAMES
from tripkit.core.settings import weights_folder
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import random_scene
from tripkit.training.ema import EMA

CROP = 8  # latents of a crop, each way
CROPS = 2  # of a picture in one step


def build(shipped: AutoencoderTiny) -> AutoencoderTiny:
    """The shipped encoder, frozen, with an untrained decoder of twice the size."""
    vae = AutoencoderTiny(
        encoder_block_out_channels=shipped.config.encoder_block_out_channels,
        num_encoder_blocks=shipped.config.num_encoder_blocks,
        decoder_block_out_channels=(48, 48, 48),
        num_decoder_blocks=(3, 3, 1),
        latent_channels=shipped.config.latent_channels,
        scaling_factor=shipped.config.scaling_factor,
    )
    vae.encoder.load_state_dict(shipped.encoder.state_dict())
    vae.encoder.requires_grad_(False)
    return vae


def error(decoded: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
    """Mean absolute error of (B, 3, H, W) values, and of the differences of neighbours."""
    off = decoded - images
    return off.abs().mean() + off.diff(dim=2).abs().mean() + off.diff(dim=3).abs().mean()


def crops(latents: torch.Tensor, images: torch.Tensor, rng) -> tuple[torch.Tensor, torch.Tensor]:
    """`CROPS` square cuts of each picture's latents, and the same cuts of its pixels."""
    scale = images.shape[-1] // latents.shape[-1]
    cuts = []
    for latent, image in zip(latents, images, strict=True):
        for y, x in rng.integers(0, latents.shape[-1] - CROP + 1, (CROPS, 2)):
            pixel = image[:, y * scale : (y + CROP) * scale, x * scale : (x + CROP) * scale]
            cuts.append((latent[:, y : y + CROP, x : x + CROP], pixel))
    of_latents, of_pixels = (torch.stack(part) for part in zip(*cuts, strict=True))
    return of_latents.contiguous(memory_format=torch.channels_last), of_pixels


def main() -> None:
    """The recipe."""
    options = arguments(__doc__.splitlines()[0], batch=8, learning_rate=2e-3).parse_args()
    shipped = AutoencoderTiny.from_pretrained(
        weights_folder() / POSTCARD / "vae", dtype=torch.float32
    )
    vae = shipped.requires_grad_(False) if options.from_weights else build(shipped)
    vae.decoder.requires_grad_(True)
    vae.to(memory_format=torch.channels_last)
    average = EMA(vae, 0.998)
    run = start(options, {"vae": vae, "average": average.model})
    average.updates = run.step
    colors = [color.rgb for color in COLOR_NAMES]

    def draw(count):
        scenes = [random_scene(run.rng, colors) for _ in range(count)]
        images = pixels([render(s, run.rng) for s in scenes]).to(run.device)
        with torch.no_grad():
            return vae.encoder(images), images

    for progress in run:
        latents, images = draw(options.batch)
        if progress < 0.8:
            latents, images = crops(latents, images, run.rng)
        else:  # whole pictures at the end, so that the borders come out right
            latents, images = latents[: options.batch // 2], images[: options.batch // 2]
        with run.autocast():
            noisy = latents + LATENT_NOISE * torch.randn_like(latents)
            loss = error(vae.decoder(noisy).float(), images)
        run.update(loss)
        average.update()
    vae.load_state_dict(average.model.state_dict())
    with torch.no_grad():
        latents, images = draw(256)
        # 4 is the square of the range, -1 to 1.
        psnr = 10 * torch.log10(4 / F.mse_loss(vae.decoder(latents).clamp(-1, 1), images))
    psnr = round(psnr.item(), 2)
    run.log(psnr=psnr)
    if run.processes.is_main_process:
        vae.half().save_pretrained(options.out / "vae", safe_serialization=True)
        record(run, psnr_db=psnr)


if __name__ == "__main__":
    main()
