"""The checks of notebook 07: right answers pass, each likely mistake is named."""

import torch

from tripkit.course.checks import (
    check_latent_ends,
    check_paste,
    check_strength_start,
    check_text_guidance,
)


def guide(model_output, guidance_scale):
    negative, positive = model_output.chunk(2)
    return negative + guidance_scale * (positive - negative)


def ends(noise, latents, init_noise_sigma, scaling_factor):
    return noise * init_noise_sigma, latents / scaling_factor


def start(num_inference_steps, strength):
    return num_inference_steps - int(num_inference_steps * strength)


def paste(original, drawn, mask):
    share = mask / 255
    return share * drawn + (1 - share) * original


RIGHT = [
    (check_text_guidance, guide),
    (check_text_guidance, lambda both, s: s * both[len(both) // 2 :] + (1 - s) * both.chunk(2)[0]),
    (check_latent_ends, ends),
    (check_latent_ends, lambda n, x, sigma, scale: [sigma * n, (1 / scale) * x]),
    (check_strength_start, start),
    (check_strength_start, lambda n, s: max(n - min(int(n * s), n), 0)),
    (check_paste, paste),
    (check_paste, lambda o, d, m: o + m / 255 * (d - o)),
]

MISTAKES = [
    (check_text_guidance, lambda b, s: guide(b.roll(2, 0), s), "text_guide_swapped"),
    (check_text_guidance, lambda b, s: guide(b, -s), "text_guide_sign"),
    (check_text_guidance, lambda b, s: guide(b, s + 1), "text_guide_paper"),
    (check_text_guidance, lambda b, s: guide(b, s) - b[:2], "text_guide_no_start"),
    (check_text_guidance, lambda b, s: b[2:], "text_guide_forgotten"),
    (check_text_guidance, lambda b, s: b[:2], "text_guide_negative"),
    (check_text_guidance, lambda b, s: b[:, :2] + s * (b[:, 2:] - b[:, :2]), "text_guide_channels"),
    (check_text_guidance, lambda b, s: (b[:2] + b[2:]) / 2, "text_guide_mean"),
    (check_latent_ends, lambda n, x, i, f: (n, x), "ends_plain"),
    (check_latent_ends, lambda n, x, i, f: (n, x / f), "ends_no_sigma"),
    (check_latent_ends, lambda n, x, i, f: (n * i, x), "ends_no_scale"),
    (check_latent_ends, lambda n, x, i, f: (n * i, x * f), "ends_multiplied"),
    (check_latent_ends, lambda n, x, i, f: (n / i, x / f), "ends_divided"),
    (check_latent_ends, lambda n, x, i, f: (n / i, x * f), "ends_mirrored"),
    (check_latent_ends, lambda n, x, i, f: (n, x * f), "ends_no_sigma_multiplied"),
    (check_latent_ends, lambda n, x, i, f: (x / f, n * i), "ends_order"),
    (check_strength_start, lambda n, s: int(n * s), "strength_inverted"),
    (check_strength_start, lambda n, s: 1 - s, "strength_share"),
    (check_strength_start, lambda n, s: start(n, s) + 1, "strength_one_late"),
    (check_strength_start, lambda n, s: start(n, s) - 1, "strength_one_early"),
    (check_strength_start, lambda n, s: 0, "strength_always"),
    (check_strength_start, lambda n, s: int(1000 * s), "strength_timestep"),
    (check_paste, lambda o, d, m: paste(d, o, m), "paste_inverted"),
    (check_paste, lambda o, d, m: m * d + (1 - m) * o, "paste_loud"),
    (check_paste, lambda o, d, m: m * d + (255 - m) * o, "paste_loud_255"),
    (check_paste, lambda o, d, m: o + m / 255 * d, "paste_added"),
    (check_paste, lambda o, d, m: m / 255 * d, "paste_hole"),
    (check_paste, lambda o, d, m: torch.where(m > 0, d, o), "paste_hard"),
    (check_paste, lambda o, d, m: torch.where(m > 127, d, o), "paste_hard_half"),
    (check_paste, lambda o, d, m: o, "paste_nothing"),
    (check_paste, lambda o, d, m: d, "paste_all"),
]


def test_the_start_is_that_of_diffusers():
    from diffusers import DDIMScheduler, StableDiffusionImg2ImgPipeline

    class Pipe:
        scheduler = DDIMScheduler()

    for steps, strength in ((20, 0.25), (20, 0.5), (16, 0.75), (10, 1.0)):
        Pipe.scheduler.set_timesteps(steps)
        get = StableDiffusionImg2ImgPipeline.get_timesteps
        assert get(Pipe, steps, strength, "cpu")[1] == steps - start(steps, strength)
