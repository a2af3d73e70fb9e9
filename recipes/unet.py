"""Trains the U-Net that draws: latents of the small VAE, steered by the frozen CLIP text tower.

v-prediction (Salimans & Ho 2022, arXiv:2202.00512) on a squared-cosine schedule (Nichol &
Dhariwal 2021, arXiv:2102.09672). The weight on the error of x0 is SNR + 1 (Salimans & Ho), capped
at 5 as Hang et al. (2023, arXiv:2303.09556) cap theirs: high noise keeps its weight, since what is
drawn where, and in which colour, is decided there. One caption in ten is dropped, for
classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598).
"""

from __future__ import annotations

import torch
from diffusers import AutoencoderTiny, DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPModel, CLIPTokenizer

from recipes.common import CLIP, POSTCARD, arguments, record, start
from tripkit.clip.model import pixels
from tripkit.colors import COLOR_NAMES
from tripkit.core.settings import weights_folder
from tripkit.datasets.free_captions import worded
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import Scene, random_scene
from tripkit.training.ema import EMA
from tripkit.training.trainer import Run

DROP = 0.1  # of the captions
NOISES = 2  # noise levels that each picture is seen at in one step


def build(
    latent_channels: int, text_width: int, channels: tuple[int, int, int] = (64, 96, 160)
) -> UNet2DConditionModel:
    """An untrained U-Net, with so many channels at 16 x 16, 8 x 8 and 4 x 4."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=latent_channels,
        out_channels=latent_channels,
        block_out_channels=channels,
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn",
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=text_width,
        attention_head_dim=4,
        norm_num_groups=16,
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
    )


def schedule() -> DDIMScheduler:
    """The noise schedule of training and sampling."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


class Pictures:
    """Draws scenes, and what the frozen VAE and text tower make of renders and captions."""

    def __init__(self, vae: AutoencoderTiny, clip: CLIPModel, tokenizer: CLIPTokenizer, device):
        self.vae = vae.to(device).eval()
        self.text = clip.text_model.to(device).eval().requires_grad_(False)
        self.tokenizer, self.device = tokenizer, device
        self.colors = [color.rgb for color in COLOR_NAMES]

    @torch.no_grad()
    def draw(self, count: int, rng, drop: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
        """(B, C, 16, 16) latents, scaled for the U-Net, and (B, 77, width) hidden states."""
        scenes = self.scenes(count, rng)
        hidden = self.hidden(scenes, rng, drop)
        return self.vae.encoder(self.images(scenes, rng)) * self.vae.config.scaling_factor, hidden

    def scenes(self, count: int, rng) -> list[Scene]:
        """Scenes by chance, without the pairs that are held out."""
        return [random_scene(rng, self.colors) for _ in range(count)]

    def images(self, scenes: list[Scene], rng) -> torch.Tensor:
        """Their renders, (B, 3, 64, 64) in -1..1."""
        return pixels([render(scene, rng) for scene in scenes]).to(self.device)

    @torch.no_grad()
    def hidden(self, scenes: list[Scene], rng, drop: float = 0.0) -> torch.Tensor:
        """Hidden states of a caption each, of which the share ``drop`` is empty."""
        texts = [
            worded(s, str(rng.choice(["en", "ko"])), rng) if rng.random() >= drop else ""
            for s in scenes
        ]
        tokens = self.tokenizer(
            texts, padding="max_length", truncation=True, return_tensors="pt"
        ).input_ids
        return self.text(tokens.to(self.device)).last_hidden_state


def denoising_loss(unet, latents, hidden, alphas_cumprod, generator=None) -> torch.Tensor:
    """The weighted v-prediction error, a picture each.

    v = sqrt(alpha_bar) * noise - sqrt(1 - alpha_bar) * x0 (Salimans & Ho 2022, appendix D).
    """
    # From symbol to name: x0 is latents (B, C, 16, 16), epsilon noise, z_t noisy; the paper's
    # alpha_t is the root of alpha_bar, its sigma_t that of 1 - alpha_bar.
    size, device = len(latents), latents.device
    # Stratified: the levels of a batch spread evenly over the schedule, which steadies the loss.
    jitter = torch.rand(size, device=device, generator=generator)
    shares = (torch.arange(size, device=device) + jitter) / size
    # Shuffled: a picture is in the batch NOISES times, its levels else always as far apart.
    timesteps = (shares * 1000).long().clamp(0, 999)[torch.randperm(size, device=device)]  # (B,)
    alpha_bar = alphas_cumprod.to(device)[timesteps].view(-1, 1, 1, 1)  # (B, 1, 1, 1)
    noise = torch.randn(latents.shape, device=device, generator=generator)
    noisy = alpha_bar.sqrt() * latents + (1 - alpha_bar).sqrt() * noise
    target = alpha_bar.sqrt() * noise - (1 - alpha_bar).sqrt() * latents
    output = unet(noisy.contiguous(memory_format=torch.channels_last), timesteps, hidden).sample
    snr = (alpha_bar / (1 - alpha_bar)).flatten()  # (B,)
    # An error of v is one of x0, times sqrt(SNR + 1): min(SNR + 1, 5) on x0 is this on v.
    weight = (snr + 1).clamp(max=5) / (snr + 1)
    return (output.float() - target).square().mean((1, 2, 3)) * weight


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=16, learning_rate=1e-3)
    parser.add_argument("--ema", type=float, default=0.998)
    options = parser.parse_args()
    weights = weights_folder()
    vae = AutoencoderTiny.from_pretrained(weights / POSTCARD / "vae", dtype=torch.float32)
    vae.requires_grad_(False)
    clip = CLIPModel.from_pretrained(
        weights / CLIP, dtype=torch.float32, attn_implementation="eager"
    )
    tokenizer = CLIPTokenizer.from_pretrained(weights / POSTCARD / "tokenizer")
    unet = build(vae.config.latent_channels, clip.config.text_config.hidden_size)
    if options.from_weights:
        unet = UNet2DConditionModel.from_pretrained(
            weights / POSTCARD / "unet", dtype=torch.float32
        )
    unet.set_attn_processor(AttnProcessor())  # the fused one has a slow backward on a CPU
    unet.to(memory_format=torch.channels_last)
    average = EMA(unet, options.ema)
    run = start(options, {"unet": unet, "average": average.model})
    average.updates = run.step
    data = Pictures(vae, clip, tokenizer, run.device)
    alphas_cumprod = schedule().alphas_cumprod
    for _ in run:
        latents, hidden = data.draw(options.batch, run.rng, DROP)
        latents, hidden = latents.repeat(NOISES, 1, 1, 1), hidden.repeat(NOISES, 1, 1)
        with run.autocast():
            loss = denoising_loss(unet, latents, hidden, alphas_cumprod).mean()
        run.update(loss)
        average.update()
        if run.step % 500 == 0:
            export(unet, average, run)
    export(unet, average, run)
    if run.processes.is_main_process:
        record(run, loss=round(sum(run.losses[-500:]) / len(run.losses[-500:]), 4))


def export(unet: UNet2DConditionModel, average: EMA, run: Run) -> None:
    """Write the averaged weights, in half precision, to OUT/unet."""
    if not run.processes.is_main_process:
        return
    copy = UNet2DConditionModel.from_config(unet.config)
    copy.load_state_dict(average.model.state_dict())
    copy.half().save_pretrained(run.out / "unet")


if __name__ == "__main__":
    main()
