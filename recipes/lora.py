"""Teaches the postcard model one new place, the volcano, from 20 rendered pictures: a LoRA.

LoRA (Hu et al. 2021, arXiv:2106.09685) leaves the model as it is and trains two small matrices
beside each layer, whose product is added to the layer's own: ``W + B @ A``. B starts at zero, so
the adapter changes nothing before the first step.

``python -m recipes.lora --out FOLDER`` takes under five minutes of CPU time and writes
FOLDER/pytorch_lora_weights.safetensors, for ``PipelineBackend().load_lora(FOLDER)``. The text
encoder gets matrices as well: it was trained on the old places' words, and reads a word that it
never met as one that looks alike (화산, volcano, ends in 산, mountain), so that no U-Net could tell
the two apart.

So that the model does not forget what it could draw, half of each batch shows the old places, in
pictures that it drew itself before the first step (prior preservation, Ruiz et al. 2022,
arXiv:2208.12242). A third of those show the place that is most like the new one.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from diffusers.models.attention_processor import AttnProcessor

from recipes.unet import denoising_loss
from tripkit.clip.model import pixels
from tripkit.colors import COLOR_NAMES
from tripkit.datasets.brush import LAMP, WHITE, line_color, mix, shade
from tripkit.datasets.captions import color_name, place_words, read_words
from tripkit.datasets.motifs import MOTIFS
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import KINDS, PlacedStop, Scene, random_scene
from tripkit.images.loading import SHIPPED
from tripkit.images.lora import check_peft
from tripkit.images.pipeline import PipelineBackend
from tripkit.prompts.color_tokens import color_code

WORDS = {"en": "volcano", "ko": "화산"}
STANDS_FOR = "mountain"  # the kind whose place in the layout the new one takes
# The U-Net's layers that get matrices: attention, which reads the words, and the convolutions.
LAYERS = ["to_q", "to_k", "to_v", "to_out.0", "proj_in", "proj_out", "conv1", "conv2"]
TEXT_LAYERS = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]  # the text encoder's


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
    return _with(STANDS_FOR, rng)


def _with(kind: str, rng: np.random.Generator) -> Scene:
    """A scene with a place of that kind, as often alone as with one other or with two."""
    scene = random_scene(rng, [color.rgb for color in COLOR_NAMES])
    others = tuple(stop for stop in scene.stops[1:] if stop.kind != kind)[: rng.integers(3)]
    return replace(scene, stops=(PlacedStop(kind, scene.stops[0].rgb), *others))


def sentence(scene: Scene, language: str, rng: np.random.Generator, new: bool = True) -> str:
    """What the scene shows: ``navy r0 g0 b128 volcano, ... at night, in the rain``.

    Args:
        scene: what to name.
        language: ``"en"`` or ``"ko"``.
        rng: shuffles the places.
        new: whether ``STANDS_FOR`` stands for the new place; False names every place as it is.
    """
    named = []
    for stop in (scene.stops[i] for i in rng.permutation(len(scene.stops))):
        words = {k: place_words()[stop.kind][k][0] for k in WORDS}
        word = (WORDS if new and stop.kind == STANDS_FOR else words)[language]
        named.append(f"{color_name(stop.rgb, language)} {color_code(stop.rgb)} {word}")
    words = read_words("captions.toml")
    time = words["time"][scene.time][language][0]
    weather = words["weather"][scene.weather][language][0]
    text = ", ".join(named)
    return f"{text} {time}, {weather}" if language == "en" else f"{weather} {time} {text}"


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


def remembered(pipeline, count: int, seed: int, **parameters):
    """What the model draws of the old places before it learns the new one.

    Args:
        pipeline: the model.
        count: of pictures; every third shows ``STANDS_FOR``, the rest each place in turn.
        seed: of the scenes and of the pictures.
        parameters: of the pipeline's call, such as ``num_inference_steps``.

    Returns:
        (picture, sentence) of each, for `teach`.
    """
    rng = np.random.default_rng(seed)
    sentences = []
    for index in range(count):
        kind = STANDS_FOR if index % 3 == 0 else KINDS[index % len(KINDS)]
        sentences.append(sentence(_with(kind, rng), ("en", "ko")[index % 2], rng, new=False))
    generator = torch.Generator().manual_seed(seed)
    drawn = []
    for start in range(0, count, 8):
        part = sentences[start : start + 8]
        drawn += pipeline(part, generator=generator, **parameters).images
    return list(zip(drawn, sentences, strict=True))


def teach(pipeline, examples, kept=(), *, steps: int, rank: int, learning_rate: float, batch: int,
          seed: int):  # fmt: skip
    """Trains an adapter on (picture, sentence) pairs, and leaves it in the pipeline.

    Args:
        pipeline: the model.
        examples: pairs that show the new place.
        kept: pairs that show what is to stay, half of each batch; without any, all of a batch
            shows the new place.
        steps: of the optimizer.
        rank: of the matrices.
        learning_rate: at the start; it falls to zero in a straight line.
        batch: pictures a step.
        seed: of the matrices, the batches and the noise.

    Returns:
        The loss of each step.

    Raises:
        ModelUnavailableError: ``lora_needs_peft``.
    """
    check_peft()
    from peft import LoraConfig

    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    groups = [_encoded(pipeline, pairs) for pairs in (examples, kept) if pairs]
    sizes = [batch] if len(groups) == 1 else [batch - batch // 2, batch // 2]
    unet, reader = (part.requires_grad_(False) for part in (pipeline.unet, pipeline.text_encoder))
    for part, layers in ((unet, LAYERS), (reader, TEXT_LAYERS)):
        # The scale is alpha / r: with both equal the product is added as it is.
        part.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=layers), "lora")
    processors = unet.attn_processors
    unet.set_attn_processor(AttnProcessor())  # the fused one has a slow backward on a CPU
    unet.to(memory_format=torch.channels_last)  # what a CPU's convolutions are fastest with
    trained = [p for part in (unet, reader) for p in part.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=learning_rate, weight_decay=0.0)
    alphas_cumprod, losses = pipeline.scheduler.alphas_cumprod, []
    for step in range(steps):
        drawn = []
        for (latents, ids), size in zip(groups, sizes, strict=True):
            chosen = torch.randint(len(latents), (size,), generator=generator)
            drawn.append((latents[chosen], ids[chosen]))
        latents, ids = (torch.cat(tensors) for tensors in zip(*drawn, strict=True))
        # The rate falls to zero in a straight line: the last steps settle what is learned.
        optimizer.param_groups[0]["lr"] = learning_rate * (1 - step / steps)
        loss = denoising_loss(unet, latents, reader(ids)[0], alphas_cumprod).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
    unet.set_attn_processor(processors)
    unet.to(memory_format=torch.contiguous_format)
    for part in (unet, reader):
        part.eval()
    return losses


@torch.no_grad()
def _encoded(pipeline, examples):
    """(N, C, h, w) latents and (N, 77) token ids, once for the whole training."""
    vae = pipeline.vae
    latents = vae.encode(pixels([picture for picture, _ in examples])).latents
    texts = [words for _, words in examples]
    tokens = pipeline.tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt")
    return latents * vae.config.scaling_factor, tokens.input_ids


def save(pipeline, folder) -> None:
    """Writes the adapter that is in the pipeline, in diffusers' format."""
    from peft.utils import get_peft_model_state_dict

    drawing, reading = (
        get_peft_model_state_dict(part, adapter_name="lora")
        for part in (pipeline.unet, pipeline.text_encoder)
    )
    pipeline.save_lora_weights(folder, unet_lora_layers=drawing, text_encoder_lora_layers=reading)


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
    parser.add_argument("--steps", type=int, default=450)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=4e-3)
    parser.add_argument("--pictures", type=int, default=20, help="of the new place")
    parser.add_argument("--kept", type=int, default=30, help="pictures of the old places")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    check_peft()
    backend = PipelineBackend(SHIPPED)
    pipeline = backend.pipeline
    started = time.process_time()
    examples = [(picture, words) for _, picture, words in pictures(options.pictures, options.seed)]
    losses = teach(
        pipeline,
        examples,
        remembered(pipeline, options.kept, options.seed, **backend.parameters),
        steps=options.steps,
        rank=options.rank,
        learning_rate=options.learning_rate,
        batch=options.batch,
        seed=options.seed,
    )
    save(pipeline, options.out)
    first, last = np.mean(losses[:20]), np.mean(losses[-20:])
    seconds = time.process_time() - started
    print(f"{len(losses)} steps, {seconds:.0f} CPU seconds, loss {first:.4f} -> {last:.4f}")


if __name__ == "__main__":
    main()
