"""Prints what larger postcards would cost: ``python -m benchmarks.resolution``.

Three forms of the model, each with an untrained autoencoder and U-Net of the shipped kinds:

    64 / 4     64 x 64 pixels, 16 x 16 latents: the shipped one
    128 / 8    128 x 128 pixels, as many latents: one more halving in the autoencoder
    128 / 4    128 x 128 pixels, 32 x 32 latents

The autoencoders train as long as each other (CPU seconds) and are judged on new pictures of their
own size; U-Nets and decoders are timed in turns, and their seconds are of the first form's.
``--write`` records the table in the model's ``metrics.json``.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass

import numpy as np
import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from PIL import Image
from torch.nn import functional as F

from benchmarks.postcard_quality import gradient_energy
from recipes import autoencoder, unet
from recipes.common import add_record, machine
from tripkit.clip.model import pixels
from tripkit.colors import COLOR_NAMES
from tripkit.core.settings import weights_folder
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import random_scene
from tripkit.images.pipeline import PipelineBackend
from tripkit.training.trainer import Run

CHANNELS = 8  # of a latent
CROP = 8  # latents of a training crop, each way
TEXT_WIDTH = 192
BATCH = 4


@dataclass(frozen=True)
class Form:
    """Pixels of a side, and how many of them a latent stands for."""

    size: int
    factor: int

    @property
    def name(self) -> str:
        """As the tables have it."""
        return f"{self.size} / {self.factor}"

    @property
    def latents(self) -> int:
        """Latents of a side."""
        return self.size // self.factor

    def autoencoder(self) -> AutoencoderTiny:
        """An untrained one: the shipped shape, with a block for each halving."""
        halvings = self.factor.bit_length() - 1
        return AutoencoderTiny(
            encoder_block_out_channels=(32,) * (halvings + 1),
            decoder_block_out_channels=(40,) * (halvings + 1),
            num_encoder_blocks=(0, *(1,) * (halvings - 1), 2),
            num_decoder_blocks=(3, *(2,) * (halvings - 1), 0),
            latent_channels=CHANNELS,
            scaling_factor=1.0,
        ).to(memory_format=torch.channels_last)

    def unet(self) -> UNet2DConditionModel:
        """An untrained U-Net of the shipped shape."""
        network = unet.build(CHANNELS, TEXT_WIDTH).to(memory_format=torch.channels_last)
        network.set_attn_processor(AttnProcessor())
        return network


FORMS = (Form(64, 4), Form(128, 8), Form(128, 4))


def draw(form: Form, count: int, rng) -> list[Image.Image]:
    """Renders of the form's size."""
    colors = [color.rgb for color in COLOR_NAMES]
    return [render(random_scene(rng, colors), rng, form.size) for _ in range(count)]


def reconstruction(form: Form, minutes: float, test: int = 64) -> dict[str, float]:
    """What an autoencoder of that form has learnt after ``minutes`` of CPU.

    PSNR in dB, and the gradient energy of its pictures over that of the renders.
    """
    torch.manual_seed(0)
    vae = form.autoencoder()
    clock = time.process_time
    more = {"clock": clock, "precision": "no"}  # one precision on every machine
    run = Run({"vae": vae}, minutes=minutes, batch=16, learning_rate=2e-3, **more)
    side = CROP * form.factor
    for _ in run:
        images = autoencoder.crops(pixels(draw(form, run.batch, run.rng)), side, run.rng)
        run.update(autoencoder.loss_of(vae, images)[0])
    renders = draw(form, test, np.random.default_rng(1))
    with torch.no_grad():
        images = pixels(renders)
        decoded = vae.decoder(vae.encoder(images)).clamp(-1, 1)
    psnr = 10 * torch.log10(4 / F.mse_loss(decoded, images)).item()
    values = ((decoded + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    energy = gradient_energy([Image.fromarray(value) for value in values])
    return {
        "psnr_db": round(psnr, 2),
        "gradient_energy": round(energy / gradient_energy(renders), 3),
    }


class Costs:
    """Times one training step of the U-Net, and one postcard, of one form."""

    def __init__(self, form: Form):
        torch.manual_seed(0)
        self.unet, self.vae = form.unet(), form.autoencoder().eval()
        self.latents = torch.randn(BATCH, CHANNELS, form.latents, form.latents)
        self.hidden = torch.randn(BATCH, 77, TEXT_WIDTH)
        self.alphas_cumprod = unet.schedule().alphas_cumprod

    def training_step(self) -> float:
        """CPU seconds, forward and backward."""
        started = time.process_time()
        data = self.latents, self.hidden, self.alphas_cumprod
        unet.denoising_loss(self.unet, *data).mean().backward()
        return time.process_time() - started

    @torch.no_grad()
    def postcard(self, steps: int) -> float:
        """CPU seconds of guided steps and of decoding, for one picture."""
        started = time.process_time()
        for _ in range(steps):
            self.unet(self.latents[:2], 500, self.hidden[:2])
        self.vae.decoder(self.latents[:1])
        return time.process_time() - started


def costs(rounds: int) -> dict[str, dict[str, float]]:
    """Medians over rounds in which the forms take turns, over those of the first form."""
    steps = PipelineBackend().parameters["num_inference_steps"]
    timed = {form.name: Costs(form) for form in FORMS}
    kinds = {"training_step": lambda c: c.training_step(), "postcard": lambda c: c.postcard(steps)}
    rows: dict[str, dict[str, float]] = {name: {} for name in timed}
    for kind, measure in kinds.items():
        ratios: dict[str, list[float]] = {name: [] for name in timed}
        for number in range(rounds + 1):
            seconds = {name: measure(each) for name, each in timed.items()}
            if number:  # the first round warms up
                for name, value in seconds.items():
                    ratios[name].append(value / seconds[FORMS[0].name])
        for name, values in ratios.items():
            rows[name][kind] = round(statistics.median(values), 2)
    return rows


def table(minutes: float, rounds: int) -> dict[str, dict[str, float]]:
    """A row for each form."""
    rows = costs(rounds)
    for form in FORMS:
        rows[form.name] |= reconstruction(form, minutes)
        print(form.name, rows[form.name], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5, help="CPU minutes an autoencoder")
    parser.add_argument("--rounds", type=int, default=7, help="of the timing")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = table(options.minutes, options.rounds)
    if options.write:
        command = f"python -m benchmarks.resolution --minutes {options.minutes:g} --write"
        entry = {"command": command, "minutes": options.minutes, "machine": machine(), "rows": rows}
        add_record(weights_folder() / "postcard" / "metrics.json", {"resolution": entry})


if __name__ == "__main__":
    main()
