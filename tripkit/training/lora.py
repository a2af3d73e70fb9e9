"""Teaches the postcard model one new place, the volcano, from 20 rendered pictures: a LoRA.

LoRA (Hu et al. 2021, arXiv:2106.09685) leaves the model as it is and trains two small matrices
beside each layer, whose product is added to the layer's own: ``W + B @ A``. B starts at zero, so
the adapter changes nothing before the first step.

``python -m tripkit.training.lora --out FOLDER`` takes under five minutes on two CPU cores and
writes FOLDER/pytorch_lora_weights.safetensors, for ``PipelineBackend().load_lora(FOLDER)``. The
text encoder stays frozen: its tokens for the new word already differ from all others.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from diffusers.models.attention_processor import AttnProcessor

from tripkit.colors import COLOR_NAMES
from tripkit.datasets.captions import color_name, place_words
from tripkit.datasets.motifs import LAMP, MOTIFS, WHITE, line_color, mix, shade
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import KINDS, PlacedStop, Scene, random_scene
from tripkit.images.adapters import check_peft
from tripkit.images.loading import SHIPPED, load
from tripkit.images.wording import color_code
from tripkit.training.common import pixels
from tripkit.training.unet import denoising_loss

WORDS = {"en": "volcano", "ko": "화산"}
STANDS_FOR = "mountain"  # the kind whose place in the layout the new one takes
# The layers that get matrices: attention, which reads the words, and the convolutions that draw.
LAYERS = ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "conv1", "conv2"]


def volcano(b, x, y, bottom, rgb, time):
    """A cone with a wide crater, lava down its side and a plume of smoke."""
    lava, smoke = (255, 96, 32), (176, 170, 176) if time != "night" else (112, 108, 122)
    for dx, dy, r in ((9, -34, 6), (4, -30, 5), (0, -26, 4)):
        b.disc(x + dx, y + dy, r, smoke, shade(smoke, 0.8))
    b.poly((x - 22, y, x - 7, y - 21, x + 7, y - 21, x + 22, y), rgb, line_color(rgb))
    b.poly((x + 3, y - 21, x + 7, y - 21, x + 22, y, x + 11, y), shade(rgb, 0.75))
    b.oval(x - 8, y - 24, x + 8, y - 18, lava, line_color(rgb))
    b.oval(x - 4, y - 23, x + 4, y - 19, LAMP)
    b.poly((x - 4, y - 19, x + 1, y - 19, x - 2, y - 10, x + 2, y - 4, x - 3, y,
            x - 8, y, x - 5, y - 6, x - 7, y - 11), lava)  # fmt: skip
    b.rect(x - 3, y - 18, x - 1, y - 8, mix(lava, WHITE, 0.4))


WITH_VOLCANO = MOTIFS | {STANDS_FOR: volcano}


def scene_with_it(rng: np.random.Generator) -> Scene:
    """A scene of one to three places of which one, marked by ``STANDS_FOR``, is the new one."""
    scene = random_scene(rng, [color.rgb for color in COLOR_NAMES])
    if STANDS_FOR in [stop.kind for stop in scene.stops]:
        return scene
    new = PlacedStop(STANDS_FOR, scene.stops[0].rgb)
    return Scene((new, *scene.stops[1:]), scene.time, scene.weather, scene.season)


def sentence(scene: Scene, language: str, rng: np.random.Generator) -> str:
    """What the scene shows, the new place by its word: ``navy r0 g0 b128 volcano, ...``."""
    named = []
    for stop in (scene.stops[i] for i in rng.permutation(len(scene.stops))):
        word = (
            WORDS if stop.kind == STANDS_FOR else {language: place_words()[stop.kind][language][0]}
        )
        named.append(f"{color_name(stop.rgb, language)} {color_code(stop.rgb)} {word[language]}")
    return ", ".join(named)


def pictures(count: int, seed: int):
    """``count`` scenes with the new place, their pictures, and a sentence each, by turns in Korean.

    Returns:
        (scene, picture, sentence) of each.
    """
    rng = np.random.default_rng(seed)
    examples = []
    for index in range(count):
        scene = scene_with_it(rng)
        picture = render(scene, rng, motifs=WITH_VOLCANO)
        examples.append((scene, picture, sentence(scene, ("en", "ko")[index % 2], rng)))
    return examples


def teach(pipeline, examples, *, steps: int, rank: int, learning_rate: float, batch: int, seed: int,
          minutes: float = 5.0):  # fmt: skip
    """Trains an adapter on (picture, sentence) pairs, and leaves it in the pipeline's U-Net.

    Returns:
        The loss of each step.

    Raises:
        ModelUnavailableError: ``lora_needs_peft``.
    """
    check_peft()
    from peft import LoraConfig

    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    latents, hidden = _encoded(pipeline, examples)
    unet = pipeline.unet.requires_grad_(False)
    # The scale is alpha / r: with both equal the product is added as it is.
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=LAYERS), "lora")
    processors = unet.attn_processors
    unet.set_attn_processor(AttnProcessor())  # the fused one has a slow backward on a CPU
    trained = [p for p in unet.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=learning_rate, weight_decay=0.0)
    alphas_cumprod, losses, started = pipeline.scheduler.alphas_cumprod, [], time.monotonic()
    for step in range(steps):
        chosen = torch.randint(len(latents), (batch,), generator=generator)
        loss = denoising_loss(unet, latents[chosen], hidden[chosen], alphas_cumprod).mean()
        loss.backward()
        # The rate falls to zero in a straight line: the last steps settle what is learned.
        done = max((step + 1) / steps, (time.monotonic() - started) / (60 * minutes))
        optimizer.param_groups[0]["lr"] = learning_rate * max(0.0, 1 - done)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        if done >= 1:
            break
    unet.set_attn_processor(processors)
    unet.eval()
    return losses


@torch.no_grad()
def _encoded(pipeline, examples):
    """(N, C, h, w) latents and (N, 77, width) hidden states, once for the whole training."""
    vae = pipeline.vae
    latents = vae.encode(pixels([picture for picture, _ in examples])).latents
    texts = [words for _, words in examples]
    hidden, _ = pipeline.encode_prompt(texts, "cpu", 1, False)
    return latents * vae.config.scaling_factor, hidden


def save(pipeline, folder) -> None:
    """Writes the adapter that is in the pipeline, in diffusers' format."""
    from diffusers.utils import convert_state_dict_to_diffusers
    from peft.utils import get_peft_model_state_dict

    layers = get_peft_model_state_dict(pipeline.unet, adapter_name="lora")
    pipeline.save_lora_weights(folder, unet_lora_layers=convert_state_dict_to_diffusers(layers))


def looks_like(picture, scene: Scene) -> str:
    """Whose render the picture is nearest to where the new place stands: a kind, or ``"volcano"``.

    The render of the scene with each of the far kinds in its place, in the same colour, is compared
    by the mean squared difference. A model that has not learned the place draws another, so
    the answer is seldom the new one by chance (one in ten).
    """
    seen = np.asarray(picture, float)
    far = KINDS[: KINDS.index("forest")]
    others = {stop.kind for stop in scene.stops} - {STANDS_FOR}
    motifs = {kind: MOTIFS[kind] for kind in far if kind not in others} | {"volcano": volcano}
    distances = {}
    for name, motif in motifs.items():
        shown = render(scene, motifs=MOTIFS | {STANDS_FOR: motif})
        distances[name] = ((np.asarray(shown, float) - seen) ** 2).mean()
    return min(distances, key=distances.get)


def main() -> None:
    """The recipe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the adapter")
    parser.add_argument("--minutes", type=float, default=4.5, help="stop after so many minutes")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--pictures", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    check_peft()
    pipeline = load(SHIPPED)
    examples = [(picture, words) for _, picture, words in pictures(options.pictures, options.seed)]
    started = time.process_time()
    losses = teach(
        pipeline,
        examples,
        steps=options.steps,
        rank=options.rank,
        learning_rate=options.learning_rate,
        batch=options.batch,
        seed=options.seed,
        minutes=options.minutes,
    )
    save(pipeline, options.out)
    first, last = np.mean(losses[:20]), np.mean(losses[-20:])
    seconds = time.process_time() - started
    print(f"{len(losses)} steps, {seconds:.0f} CPU seconds, loss {first:.4f} -> {last:.4f}")


if __name__ == "__main__":
    main()
