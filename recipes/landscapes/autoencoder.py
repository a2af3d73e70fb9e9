"""Trains the VAE of 128 x 128 pictures: 16 x 16 latents of 16 channels, and back.

It is diffusers' ``AutoencoderTiny``, the form of TAESD (O. Bohan, github.com/madebyollin/taesd):
no sampling in the encoder. Instead of a KL term, every latent channel is held at mean 0 and
variance 1, and noise is added before decoding, so that the decoder forgives the small errors of a
diffusion model. Latents of half the size have to decode to the picture of half the size, which
makes latents that are easier to denoise (Kouzelis et al. 2025, arXiv:2502.09509).

``python -m recipes.landscapes.autoencoder --pictures PICTURES --out RUN --minutes 60 --threads 1``
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import AutoencoderTiny
from torch.nn import functional as F

from recipes.common import arguments, record, start
from recipes.landscapes.pictures import Pictures
from tripkit.training.ema import EMA

LATENT_NOISE = 0.1
SCALE = 8  # pixels of a latent, each way
CROP = 64  # pixels
HALVED = 0.25  # share of the steps that decode latents of half the size


def build(latent_channels: int = 16, width: int = 48) -> AutoencoderTiny:
    """An untrained autoencoder."""
    return AutoencoderTiny(
        encoder_block_out_channels=4 * (width,),
        num_encoder_blocks=(0, 1, 1, 2),
        decoder_block_out_channels=4 * (width,),
        num_decoder_blocks=(3, 2, 1, 0),
        latent_channels=latent_channels,
        scaling_factor=1.0,
    )


def loss_of(vae: AutoencoderTiny, images: torch.Tensor, halved: bool = False) -> torch.Tensor:
    """Reconstruction in values and in edges, plus the moments of the latents.

    Args:
        vae: to be trained.
        images: (B, 3, H, W) in -1..1.
        halved: whether latents and pictures are halved before they are compared.
    """
    latents = vae.encoder(images).float()  # (B, C, H/8, W/8)
    mean, var = latents.mean((0, 2, 3)), latents.var((0, 2, 3))
    moments = (mean.square() + (var - 1).square()).mean()
    if halved:
        latents, images = F.avg_pool2d(latents, 2), F.avg_pool2d(images, 2)
    decoded = vae.decoder(latents + LATENT_NOISE * torch.randn_like(latents)).float()
    error = decoded - images
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + error.square().mean() + 0.5 * edges + 0.05 * moments


def crops(images: torch.Tensor, size: int, rng) -> torch.Tensor:
    """One square crop of each picture, on the grid of the latents: more steps in the same time."""
    places = rng.integers(0, (images.shape[-1] - size) // SCALE + 1, (len(images), 2)) * SCALE
    cut = [im[:, y : y + size, x : x + size] for im, (y, x) in zip(images, places, strict=True)]
    return torch.stack(cut).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def psnr(vae: AutoencoderTiny, images: torch.Tensor) -> float:
    """Of (B, 3, H, W) pictures in -1..1 and what comes back, in dB."""
    back = torch.cat([vae.decoder(vae.encoder(part)) for part in images.split(32)])
    return round((10 * torch.log10(4 / F.mse_loss(back.clamp(-1, 1), images))).item(), 2)


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=16, learning_rate=2e-3)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of the pictures")
    options = parser.parse_args()
    vae = build().to(memory_format=torch.channels_last)
    average = EMA(vae, 0.998)
    run = start(options, {"vae": vae, "average": average.model})
    average.updates = run.step
    data = Pictures(options.pictures, run.device)
    for progress in run:
        whole = progress > 0.85  # at the end, so that the borders come out right
        _, images = data.draw(options.batch // 4 if whole else options.batch, run.rng)
        if not whole:
            images = crops(images, CROP, run.rng)
        with run.autocast():
            loss = loss_of(vae, images, halved=run.rng.random() < HALVED)
        run.update(loss)
        average.update()
        if run.step % 1000 == 0:
            run.log(psnr=psnr(average.model, data.take(data.test[:64])[1]))
    score = psnr(average.model, data.take(data.test[:256])[1])
    run.log(psnr=score)
    if run.processes.is_main_process:
        vae.load_state_dict(average.model.state_dict())
        vae.half().save_pretrained(options.out / "vae", safe_serialization=True)
        record(run, psnr_db=score)


if __name__ == "__main__":
    main()
