"""What our digits are compared with: the recipe of diffusers' documentation, made to fit 28x28.

The tutorial "Train a diffusion model" (diffusers 0.42 documentation, read 2026-11) trains a
`UNet2DModel` with a `DDPMScheduler` to predict epsilon: AdamW at 1e-4 after 500 steps of warm-up,
then a cosine, batches of 16, gradients clipped at 1. Its channels are those of the digits in
Hugging Face's course (unit 2, class-conditioned): 32, 64, 64 with attention below 32x32, two layers
a block; the documentation's 128 to 512 channels would see a few dozen pictures in the same time.
"""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor
from torch.nn import functional as F


class DocsRecipe:
    """The documentation's recipe, on one thread, with or without class labels."""

    batch = 16

    def __init__(self, conditional: bool, seed: int = 0):
        from diffusers import UNet2DModel

        torch.manual_seed(seed)
        self.model = UNet2DModel(
            sample_size=32,
            in_channels=1,
            out_channels=1,
            layers_per_block=2,
            block_out_channels=(32, 64, 64),
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
            num_class_embeds=10 if conditional else None,
        )
        self.conditional, self.steps = conditional, 0
        self.generator = torch.Generator().manual_seed(seed)

    def train(self, images: Tensor, labels: Tensor, minutes: float) -> None:
        """Trains for so many CPU minutes of this process."""
        from diffusers import DDPMScheduler

        noise_scheduler = DDPMScheduler(num_train_timesteps=1000)
        optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-4)
        images = F.pad(images, (2, 2, 2, 2), value=-1)
        started, budget, share = time.process_time(), 60 * minutes, 0.0
        while share < 1:
            chosen = torch.randint(len(images), (self.batch,), generator=self.generator)
            clean = images[chosen]
            noise = torch.randn(clean.shape, generator=self.generator)
            timesteps = torch.randint(1000, (self.batch,), generator=self.generator)
            noisy = noise_scheduler.add_noise(clean, noise, timesteps)
            output = self.answer(noisy, timesteps, labels[chosen])
            # Their cosine runs over steps; here the clock ends the training, and so the cosine.
            rate = min((self.steps + 1) / 500, (1 + math.cos(math.pi * share)) / 2)
            optimizer.param_groups[0]["lr"] = 1e-4 * rate
            F.mse_loss(output, noise).backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            self.steps += 1
            share = (time.process_time() - started) / budget

    def answer(self, sample: Tensor, timesteps: Tensor, labels: Tensor | None) -> Tensor:
        """The network's answer, (B, 1, 32, 32)."""
        return self.model(sample, timesteps, labels if self.conditional else None).sample

    @torch.no_grad()
    def sample(self, labels: Tensor | None, count: int, scheduler: str, steps: int) -> Tensor:
        """(count, 1, 28, 28) digits in -1..1, by "ddim" or "ddpm"."""
        from diffusers import DDIMScheduler, DDPMScheduler

        self.model.eval()
        kind = {"ddim": DDIMScheduler, "ddpm": DDPMScheduler}[scheduler]
        parts = []
        for start in range(0, count, 50):
            size = min(50, count - start)
            part = labels[start : start + size] if labels is not None else None
            theirs = kind(num_train_timesteps=1000)
            theirs.set_timesteps(steps)
            x = torch.randn((size, 1, 32, 32), generator=self.generator)
            for timestep in theirs.timesteps:
                output = self.answer(x, timestep, part)
                x = theirs.step(output, timestep, x, generator=self.generator).prev_sample
            parts.append(x[:, :, 2:-2, 2:-2].clamp(-1, 1))
        return torch.cat(parts)
