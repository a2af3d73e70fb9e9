"""The classifier that reads digits: a small CNN whose features measure what is generated."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from torch import Tensor, nn

from tripkit.training.saving import load_model

NAME = "digit_classifier"


class DigitClassifier(nn.Module):
    """(B, 1, 28, 28) in -1..1 to (B, 10) logits.

    Three convolutions with batch normalisation, each halving the picture: 28, 14, 7, 3.

    Args:
        channels: of the three convolutions.
        num_features: width of the layer before the logits.
    """

    def __init__(self, channels: tuple[int, int, int] = (24, 48, 96), num_features: int = 128):
        super().__init__()
        self.config = {"channels": list(channels), "num_features": num_features}
        layers, in_channels = [], 1
        for out_channels in channels:
            layers += [
                # No bias: the batch norm behind it subtracts the mean, and a bias with it.
                nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
                nn.BatchNorm2d(out_channels),
                nn.ReLU(),
                nn.MaxPool2d(2),
            ]
            in_channels = out_channels
        # Pooling drops the odd row and column: 28, 14, 7, then 3, so 3 * 3 numbers a channel.
        self.body = nn.Sequential(
            *layers, nn.Flatten(), nn.Linear(in_channels * 9, num_features), nn.ReLU()
        )
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(num_features, 10)

    def features(self, images: Tensor) -> Tensor:
        """(B, 128) features, none negative."""
        return self.body(images)

    def forward(self, images: Tensor) -> Tensor:
        """(B, 10) logits."""
        return self.head(self.dropout(self.features(images)))


@cache
def _shipped() -> DigitClassifier:
    return load_model(DigitClassifier, NAME)


def load_classifier(folder: Path | None = None) -> DigitClassifier:
    """The shipped classifier, or the one in ``folder``, ready to judge: fp32, eval mode.

    The shipped one is loaded once and shared: leave it in eval mode.
    """
    return load_model(DigitClassifier, folder) if folder else _shipped()
