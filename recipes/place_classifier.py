"""Trains the judge of the postcards: a small CNN that tells which places a picture shows.

It sees renders, some of them softened a little as a decoder softens them, and as negatives
renders so blurred or noisy that nothing should be found in them: a model must not score with a
blot.
"""

from __future__ import annotations

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from recipes.common import JUDGE, arguments, record, start
from tripkit.clip.model import pixels
from tripkit.colors import COLOR_NAMES
from tripkit.core.settings import weights_folder
from tripkit.datasets.postcards import render
from tripkit.datasets.scenes import KINDS, random_scene


class PlaceClassifier(nn.Module):
    """(B, 3, 64, 64) in -1..1 to (B, 28) logits; ``features`` gives the (B, 128) before them."""

    def __init__(self):
        super().__init__()
        layers, in_channels = [], 3
        for out_channels in (24, 48, 96, 128):
            layers += [
                nn.Conv2d(in_channels, out_channels, 3, stride=2, padding=1),
                nn.BatchNorm2d(out_channels),
                nn.ReLU(),
            ]
            in_channels = out_channels
        # Pooled to 4 x 4 and not to one: where a thing stands helps to tell what it is.
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 16, 128), nn.ReLU())
        self.head = nn.Linear(128, len(KINDS))

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """(B, 128) features."""
        return self.body(images)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """(B, 28) logits."""
        return self.head(self.features(images))


def load_classifier() -> PlaceClassifier:
    """The shipped classifier, ready to judge."""
    model = PlaceClassifier()
    state = load_file(weights_folder() / JUDGE / "model.safetensors")
    model.load_state_dict(
        {key: value.float() if value.is_floating_point() else value for key, value in state.items()}
    )
    return model.eval()


def places(scenes, kinds=KINDS) -> torch.Tensor:
    """(B, len(kinds)), 1 where a scene shows the kind."""
    shown = [[stop.kind for stop in scene.stops] for scene in scenes]
    return torch.tensor([[float(kind in seen) for kind in kinds] for seen in shown])


def recall_at_k(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """For each picture, the share of its k places (``labels``) among the k likeliest."""
    shares = []
    for row, label in zip(logits, labels.bool(), strict=True):
        # k differs from picture to picture, so rows go one by one.
        top = row.topk(int(label.sum())).indices
        shares.append(label[top].float().mean())
    return torch.stack(shares)


def blur(images: torch.Tensor, size: int) -> torch.Tensor:
    """A box blur over ``size`` x ``size`` pixels."""
    return F.avg_pool2d(F.pad(images, 4 * [size // 2], mode="replicate"), size, stride=1)


def spoil(
    images: torch.Tensor, labels: torch.Tensor, *, noise: float = 0.2, blot: int = 15
) -> tuple[torch.Tensor, torch.Tensor]:
    """A fifth softened, a fifth noisy, a tenth unreadable (labels zero), the rest as they are.

    ``noise`` is its deviation; what is unreadable is blurred over ``blot`` x ``blot`` pixels.
    """
    fifth = len(images) // 5
    images, labels = images.clone(), labels.clone()
    images[:fifth] = blur(images[:fifth], 3)
    images[fifth : 2 * fifth] += noise * torch.randn_like(images[fifth : 2 * fifth])
    last = slice(len(images) - fifth // 2, None)
    images[last] = blur(images[last], blot) + 0.1 * torch.randn_like(images[last])
    labels[last] = 0
    return images, labels


def main() -> None:
    """The recipe."""
    options = arguments(__doc__.splitlines()[0], batch=50, learning_rate=2e-3).parse_args()
    model = PlaceClassifier()
    run = start(options, {"model": model})
    colors = [color.rgb for color in COLOR_NAMES]
    device = run.device

    def draw(count):
        scenes = [random_scene(run.rng, colors) for _ in range(count)]
        return pixels([render(scene, run.rng) for scene in scenes]).to(device), places(scenes).to(
            device
        )

    for _ in run:
        images, labels = spoil(*draw(options.batch))
        with run.autocast():
            logits = model(images)
        run.update(10 * F.binary_cross_entropy_with_logits(logits.float(), labels))
    model.eval()
    with torch.no_grad():
        images, labels = draw(1000)
        score = round(recall_at_k(model(images), labels).mean().item(), 4)
    run.log(places_found=score)
    if run.processes.is_main_process:
        half = {k: v.half() if v.is_floating_point() else v for k, v in model.state_dict().items()}
        save_file(half, options.out / "model.safetensors")
        record(run, places_found_on_renders=score)


if __name__ == "__main__":
    main()
