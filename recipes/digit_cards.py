"""Writes the cards of the models of digits from their records.

Run: ``python -m recipes.digit_cards``.

Figures stand in each folder's ``metrics.json`` and are never typed into a card by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from string import Template

from recipes.cards import FOOT
from tripkit.core.settings import weights_folder

HEAD = """---
license: apache-2.0
---
"""
CARDS = {
    "digit_classifier": """# The classifier of digits

A small CNN that reads digits: 28 x 28, three convolutions, 128 features, ten logits. tripkit
judges generated digits with it: `digit_fid`, `precision_recall`, `class_histogram`,
`read_as_asked` in `tripkit/generative/metrics.py`. Load it with
`tripkit.generative.classifier.load_classifier()`. Trained by tripkit on the 60,000 training
images of MNIST, turned (12 degrees), scaled (12%) and shifted (2 pixels) a little.

$training

## Floors of the digit-FID

The digit-FID compares with the 10,000 test images (`tripkit/data/digit_statistics.npz`). Its
value depends on the number of pictures: this is what real training images score, drawn at random,
over five draws. The classifier was trained on these very images, so a small part of the floor is
the difference between known and unknown digits.

$floors

## What it cannot do

It was trained on digits only: whatever it sees, it reads as one of the ten. Its features are
blind to what does not help to read, such as the smoothness of strokes. A digit-FID compares only
with digit-FIDs of this classifier.

## What was tried besides

Without label smoothing (and only 1,756 steps: 99.25%) the features react more to blur (45 floors
of 1,000 images, where these react by 8.5) and less to noise (18 floors, 37 here).
""",
    "ddpm": """# The DDPM of digits

A small U-Net that draws digits, class-conditional: 14 x 14 and 7 x 7 inside, v-prediction on the
cosine schedule, a tenth of the labels dropped for guidance. Load it with
`tripkit.diffusion.unet.load_ddpm()`, sample with `tripkit.diffusion.sampling.generate` and
`shipped_sampler()`. It drew the offline set, `tripkit/data/digits.npz`. Trained by tripkit on the
60,000 training images of MNIST.

$training

## How good it is

By `python -m benchmarks.digits shipped`, 10,000 digits, as many of each class, against the 10,000
test images; precision and recall on 1,000.

$benchmark

## What was tried

- DDIM with x_0 clipped but its noise not: guided digits fell apart (of a model trained for a
  minute, at scale 3 in 10 steps, 75% instead of 98% were read as asked). The noise has to follow a
  clipped x_0.
- A guidance scale for all steps: a little worse, at 1.4 times the cost, than a stronger one in the
  middle steps only.

## What it cannot do

Digits of 28 x 28 pixels, in the style of MNIST, and nothing else. A few are misshapen, or look like
another class than the one asked for: the offline set keeps them, labelled as asked.
""",
    "vae": """# The VAE of digits

A variational autoencoder, class-conditional, 16 numbers in a latent: what the course compares
diffusion with. Load it with `tripkit.generative.vae.load_vae()`; `sample`, `encode`, `decode` and
`reconstruct` use it. Its decoder is as large as the DDPM's U-Net, and is the GAN's generator too.
Pixels are Bernoulli; what it shows is their mean. A tenth of the labels was dropped in training,
so it also works without a class. Trained by tripkit on the 60,000 training images of MNIST.

$training

The figures are of 1,000 digits, as many of each class, drawn once with seed 0, and of 1,000 test
images. $real

## What it cannot do

Sharp edges: a mean over all that a latent may stand for is soft. Digits of MNIST, and nothing else.

## What was tried

In 60 s of one core unless said otherwise, one seed each:

- The latent twice as loud as the class at the start: the latent learned the class too, and 53% were
  read as asked. The class 2.5 times as loud as torch makes it: 99%, but little variety
  (recall 0.05). Now it is 1.5 times as loud (in 100 s: 95%, recall 0.35).
- A decoder with two blocks of 96 channels at 7 x 7: as many weights, twice as slow.
- 8 numbers in a latent instead of 16: 84% instead of 88% were read as asked.
""",
    "gan": """# The GAN of digits

A generator of a generative adversarial network, class-conditional, 64 numbers of noise: what the
course compares diffusion with. Load it with `tripkit.generative.gan.load_gan()`, draw with
`sample`. It is as large as the DDPM's U-Net; the discriminator is thrown away. Non-saturating loss
with an R1 penalty, one AdamW without momentum for both networks, averaged weights. Trained by
tripkit on the 60,000 training images of MNIST.

$training

The figures are of 1,000 digits, as many of each class, drawn once with seed 0.
$real

## What it cannot do

Say how likely a picture is, or find the latent of one. Digits of MNIST, and nothing else.

## What was tried

In 90 s of one core, one seed each:

- The latent at the loudness that torch gives it, a third of the class's: one picture for each class
  (recall 0.00, digit-FID 7.5). Four times as loud: recall 0.21, digit-FID 2.4.
- A momentum of 0.5: digit-FID 2.5; without: 1.8. A rate of 2e-3 (in 100 s): 1.1.
- A gamma of 0.3 for R1 instead of 0.1, with that momentum: as good (2.3).
- A relativistic loss (with R1 and R2 of 0.1): the generator fell behind and never came back. Its
  two networks shared one clipping of gradients here, which may be why.
""",
}


def benchmark_lines(metrics: dict) -> str:
    """What `benchmarks/digits.py` measured, as a Markdown list."""
    return "\n".join(
        f"- {name.replace('_', ' ')}: {value}"
        for name, value in metrics.get("benchmark", {}).items()
    )


def training_line(metrics: dict) -> str:
    """What the recipe did, from its record, as a Markdown list."""
    record = next(entry for entry in metrics.values() if "steps" in entry)
    return "\n".join(
        f"- {name.replace('_', ' ')}: {f'`{value}`' if name == 'command' else value}"
        for name, value in record.items()
        if not isinstance(value, dict | list)
    )


def floors_table(metrics: dict) -> str:
    """What real digits score, as Markdown."""
    record = metrics.get("digit_statistics")
    if not record:
        return ""
    lines = ["| real images | digit-FID | standard deviation |", "|---|---|---|"]
    for size, row in record["floors"].items():
        lines.append(f"| {int(size):,} | {row['mean']:.3g} | {row['std']:.2g} |")
    lines += ["", "| 1,000 real images, | digit-FID |", "|---|---|"]
    lines += [f"| {name} | {value:.3g} |" for name, value in record["spoiled_1000"].items()]
    lines += [
        "",
        f"1,000 training images against 1,000 test images: precision {record['precision_1000']}, "
        f"recall {record['recall_1000']}.",
        f"Measured by `{record['command']}`, {record['date']}.",
    ]
    return "\n".join(lines)


def real_line() -> str:
    """What 1,000 real training images score, to compare with."""
    path = weights_folder() / "digit_classifier" / "metrics.json"
    record = json.loads(path.read_text(encoding="utf-8"))["digit_statistics"]
    fid, precision = record["floors"]["1000"]["mean"], record["precision_1000"]
    return (
        f"As many real training images score: digit-FID {fid:.2f}, precision {precision:.2f}, "
        f"recall {record['recall_1000']:.2f}."
    )


def write_cards(names: Iterable[str] = tuple(CARDS)) -> None:
    """Write ``weights/<name>/README.md`` of each named model."""
    for name in names:
        folder = weights_folder() / name
        metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
        card = Template(HEAD + CARDS[name] + FOOT).substitute(
            training=training_line(metrics),
            floors=floors_table(metrics),
            benchmark=benchmark_lines(metrics),
            real=real_line() if "$real" in CARDS[name] else "",
        )
        (folder / "README.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    write_cards()
