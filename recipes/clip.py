"""Trains the small CLIP: pictures and captions in two languages, one embedding space.

The loss is CLIP's (`clip.contrastive_loss`). Two linear readers, thrown away afterwards, help it on
a small budget: they tell the places and their colours, the time, the weather and the season from
either embedding.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F
from transformers import CLIPModel, CLIPTokenizer

from recipes.common import CLIP, POSTCARD, arguments, record, start
from tripkit.clip import contrastive_loss
from tripkit.clip.model import LOGIT_SCALE_MAX, PROJECTION, build, pixels
from tripkit.colors import COLOR_NAMES
from tripkit.core.settings import weights_folder
from tripkit.datasets.free_captions import worded
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import KINDS, SEASONS, TIMES, WEATHERS, Scene, random_scene


class Reader(nn.Module):
    """Reads a scene from an embedding: places, colours, time, weather, season."""

    def __init__(self, width: int, kinds: int = len(KINDS)):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        sizes = (kinds, 3 * kinds, len(TIMES), len(WEATHERS), len(SEASONS))
        self.sizes, self.head = list(sizes), nn.Linear(width, sum(sizes))

    def loss(self, pooled: torch.Tensor, target: dict[str, torch.Tensor]) -> torch.Tensor:
        """The error of reading (B, width) embeddings; colours count only where the place is."""
        # (B, K) kinds, (B, 3 K) colours, then (B, classes) of time, weather and season.
        kinds, colors, *rest = self.head(self.norm(pooled)).float().split(self.sizes, dim=1)
        places = F.binary_cross_entropy_with_logits(kinds, target["kinds"])
        # (B, K, 1), to fit the colours' (B, K, 3).
        present = target["kinds"].unsqueeze(2)
        off = (colors.unflatten(1, (-1, 3)) - target["colors"]).abs() * present
        classes = sum(F.cross_entropy(r, target["classes"][:, i]) for i, r in enumerate(rest))
        return 10 * places + 2 * off.sum() / present.sum() + 0.1 * classes


def targets(scenes: list[Scene]) -> dict[str, torch.Tensor]:
    """What the readers tell: places (B, 28), colours (B, 28, 3) in -1..1, classes (B, 3)."""
    kinds = torch.zeros(len(scenes), len(KINDS))
    colors = torch.zeros(len(scenes), len(KINDS), 3)
    for i, scene in enumerate(scenes):
        for stop in scene.stops:
            kinds[i, KINDS.index(stop.kind)] = 1
            colors[i, KINDS.index(stop.kind)] = torch.tensor(stop.rgb) / 127.5 - 1
    classes = [
        [TIMES.index(s.time), WEATHERS.index(s.weather), SEASONS.index(s.season)] for s in scenes
    ]
    return {"kinds": kinds, "colors": colors, "classes": torch.tensor(classes)}


def main() -> None:
    """The recipe."""
    options = arguments(__doc__.splitlines()[0], batch=64, learning_rate=1.5e-3).parse_args()
    tokenizer = CLIPTokenizer.from_pretrained(weights_folder() / POSTCARD / "tokenizer")
    model = build(tokenizer)
    if options.from_weights:
        model = CLIPModel.from_pretrained(
            weights_folder() / CLIP, attn_implementation="eager", dtype=torch.float32
        )
    readers = nn.ModuleDict({"text": Reader(PROJECTION), "image": Reader(PROJECTION)})
    run = start(options, {"clip": model, "readers": readers})
    colors = [color.rgb for color in COLOR_NAMES]
    device = run.device

    def draw(count):
        scenes = [random_scene(run.rng, colors) for _ in range(count)]
        captions = [worded(scene, ("en", "ko")[i % 2], run.rng) for i, scene in enumerate(scenes)]
        tokens = tokenizer(captions, padding=True, truncation=True, return_tensors="pt")
        images = pixels([render(scene, run.rng) for scene in scenes])
        return scenes, {"input_ids": tokens.input_ids.to(device), "pixel_values": images.to(device)}

    for _ in run:
        scenes, batch = draw(options.batch)
        target = {key: value.to(device) for key, value in targets(scenes).items()}
        with run.autocast():
            out = model(**batch)
            contrast = contrastive_loss(out.logits_per_image.float())  # of (B, B)
            reader_loss = sum(
                readers[name].loss(output.pooler_output, target)
                for name, output in (
                    ("text", out.text_model_output),
                    ("image", out.vision_model_output),
                )
            )
        run.update(contrast + reader_loss)
        # The parameter is the logarithm of what is clipped.
        model.logit_scale.data.clamp_(max=torch.tensor(LOGIT_SCALE_MAX).log().item())
        if run.step % 200 == 0:
            run.log(
                contrast=round(contrast.item(), 3), reader_loss=round(reader_loss.item() / 2, 3)
            )
    model.eval()
    with torch.no_grad():
        _, batch = draw(256)
        hits = model(**batch).logits_per_text.argmax(1) == torch.arange(256, device=device)
    recall = {
        lang: round(hits[i::2].float().mean().item(), 3) for i, lang in enumerate(("en", "ko"))
    }
    run.log(retrieval_at_1_of_256=recall)
    if run.processes.is_main_process:
        model.half().save_pretrained(options.out / "clip")
        record(run, retrieval_at_1_of_256=recall)


if __name__ == "__main__":
    main()
