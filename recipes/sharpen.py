"""Trains the shipped decoder on against a critic of patches, for sharper pictures.

An absolute error alone leaves soft what a latent does not tell. A critic that sees renders and
decoded pictures, each beside its latent, punishes softness wherever it is (patches: Isola et al.
2017, arXiv:1611.07004; as the second half of an autoencoder's loss: Esser et al. 2021,
arXiv:2012.09841, whose equation 7 weighs it). Half of the latents are what the U-Net makes of noisy
ones: the decoder has to draw those, too.

``python -m recipes.sharpen --out RUN --minutes 60 --threads 1``
"""

from __future__ import annotations

import torch
from diffusers import AutoencoderTiny, UNet2DConditionModel
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPModel, CLIPTokenizer

from recipes.autoencoder import LATENT_NOISE
from recipes.common import CLIP, POSTCARD, arguments, record, start
from recipes.decoder import crops, error
from recipes.unet import Pictures, schedule
from tripkit.core.settings import weights_folder
from tripkit.generative.gan import discriminator_loss, generator_loss, r1_penalty
from tripkit.training.ema import EMA

WEIGHT = 0.5  # of the critic's slope at the decoder's last layer, beside that of the error
GAMMA = 0.1  # of the penalty on the critic's own slope
MOMENTUM = 0.5  # of Adam (its beta_1): two networks that chase each other want little


class Critic(nn.Module):
    """(B, 3, H, W) in -1..1 and (B, C, H/4, W/4) latents to logits of being a render.

    One logit for each patch of about 20 pixels: (B, H/4 * W/4).
    """

    def __init__(self, latent_channels: int, channels: tuple[int, int, int] = (32, 64, 96)):
        super().__init__()
        fine, middle, coarse = channels
        self.picture = nn.Sequential(
            nn.Conv2d(3, fine, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(fine, middle, 4, 2, 1),  # (B, middle, H / 2, W / 2)
            nn.LeakyReLU(0.2),
            nn.Conv2d(middle, coarse, 4, 2, 1),  # (B, coarse, H / 4, W / 4), the latents' size
        )
        self.latent = nn.Conv2d(latent_channels, coarse, 1)
        self.judge = nn.Sequential(
            nn.LeakyReLU(0.2),
            nn.Conv2d(coarse, coarse, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(coarse, 1, 1),
        )

    def forward(self, images: Tensor, latents: Tensor) -> Tensor:
        """Judge."""
        return self.judge(self.picture(images) + self.latent(latents)).flatten(1)


def estimated(unet, latents: Tensor, hidden, alphas_cumprod: Tensor, noisiest: int) -> Tensor:
    """What the U-Net makes of noisy latents in one step; both (B, C, h, w), scaled for the U-Net.

    Timesteps are drawn evenly below ``noisiest``.
    x0 = sqrt(alpha_bar) * x_t - sqrt(1 - alpha_bar) * v (Salimans & Ho 2022, appendix D).
    """
    # From symbol to name: x_t is noisy, x0 is latents on the way in and what is returned.
    timesteps = torch.randint(noisiest, (len(latents),), device=latents.device)
    alpha_bar = alphas_cumprod.to(latents.device)[timesteps].view(-1, 1, 1, 1)  # (B, 1, 1, 1)
    noisy = alpha_bar.sqrt() * latents + (1 - alpha_bar).sqrt() * torch.randn_like(latents)
    v = unet(noisy, timesteps, hidden).sample  # (B, C, h, w)
    return alpha_bar.sqrt() * noisy - (1 - alpha_bar).sqrt() * v


class Pairs:
    """Draws latents, half of them encoded and half from the U-Net, with the renders they are of."""

    def __init__(self, vae: AutoencoderTiny, device, noisiest: int):
        weights, single = weights_folder(), {"dtype": torch.float32}
        self.unet = UNet2DConditionModel.from_pretrained(weights / POSTCARD / "unet", **single)
        self.unet.to(device).eval()
        clip = CLIPModel.from_pretrained(weights / CLIP, **single)
        tokenizer = CLIPTokenizer.from_pretrained(weights / POSTCARD / "tokenizer")
        self.pictures = Pictures(vae, clip, tokenizer, device)
        self.alphas_cumprod, self.noisiest = schedule().alphas_cumprod, noisiest

    @torch.no_grad()
    def draw(self, count: int, rng) -> tuple[Tensor, Tensor]:
        """(B, C, 16, 16) latents as the decoder takes them, and (B, 3, 64, 64) renders."""
        data, half = self.pictures, count // 2
        scenes = data.scenes(count, rng)
        images = data.images(scenes, rng)
        latents, scale = data.vae.encoder(images), data.vae.config.scaling_factor
        scaled, hidden = latents[:half] * scale, data.hidden(scenes[:half], rng)
        drawn = estimated(self.unet, scaled, hidden, self.alphas_cumprod, self.noisiest) / scale
        encoded = latents[half:]
        return torch.cat([drawn, encoded + LATENT_NOISE * torch.randn_like(encoded)]), images


def balance(loss: Tensor, adversarial: Tensor, last: Tensor) -> Tensor:
    """The weight that gives both losses slopes of one length at the weights ``last``."""
    # VQGAN's adaptive weight (Esser et al. 2021, arXiv:2012.09841, eq. 7): L_rec is loss, L_GAN is
    # adversarial, L the decoder's last layer is last; the clamp is that of the paper's code, lower.
    lengths = [
        torch.autograd.grad(each, last, retain_graph=True)[0].norm() for each in (loss, adversarial)
    ]
    return (lengths[0] / (lengths[1] + 1e-8)).clamp(max=100).detach()


def losses(vae: AutoencoderTiny, critic: Critic, latents: Tensor, images: Tensor) -> Tensor:
    """The sum of decoder's and critic's losses; each has gradients for its own network only."""
    decoded = vae.decoder(latents)
    real = critic(images, latents)
    d_loss = discriminator_loss(real, critic(decoded.detach(), latents))
    # The slopes of two patches hardly overlap: by their number, this is a patch's mean penalty.
    d_loss = d_loss + GAMMA / 2 * r1_penalty(critic, images, latents) / real.shape[1]
    critic.requires_grad_(False)
    g_loss = generator_loss(critic(decoded, latents))
    critic.requires_grad_(True)
    off = error(decoded, images)
    last = list(vae.decoder.parameters())[-2]
    return off + WEIGHT * balance(off, g_loss, last) * g_loss + d_loss


def main() -> None:
    """The recipe."""
    parser = arguments(__doc__.splitlines()[0], batch=8, learning_rate=5e-4)
    parser.add_argument("--noisiest", type=int, default=300, help="timestep, for the U-Net's half")
    options = parser.parse_args()
    vae = AutoencoderTiny.from_pretrained(weights_folder() / POSTCARD / "vae", dtype=torch.float32)
    vae.requires_grad_(False).decoder.requires_grad_(True)
    critic = Critic(vae.config.latent_channels)
    for module in (vae, critic):
        module.to(memory_format=torch.channels_last)
    average = EMA(vae, 0.998)
    modules = {"vae": vae, "critic": critic, "average": average.model}
    run = start(options, modules, precision="no", betas=(MOMENTUM, 0.99))
    average.updates = run.step
    data = Pairs(vae, run.device, options.noisiest)
    for progress in run:
        latents, images = data.draw(options.batch, run.rng)
        if progress < 0.8:
            latents, images = crops(latents, images, run.rng)
        else:  # whole pictures at the end, so that the borders come out right
            chosen = run.rng.permutation(len(latents))[: options.batch // 2]
            latents, images = latents[chosen], images[chosen]
        run.update(losses(vae, critic, latents, images))
        average.update()
    vae.load_state_dict(average.model.state_dict())
    latents, images = data.draw(256, run.rng)
    with torch.no_grad():
        decoded = vae.decoder(latents[128:]).clamp(-1, 1)
    psnr = round((10 * torch.log10(4 / F.mse_loss(decoded, images[128:]))).item(), 2)
    run.log(psnr=psnr)
    if run.processes.is_main_process:
        vae.half().save_pretrained(options.out / "vae", safe_serialization=True)
        record(run, psnr_db=psnr)


if __name__ == "__main__":
    main()
