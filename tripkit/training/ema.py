"""The exponential moving average of a network's weights, which samples better than the last ones.

Polyak & Juditsky 1992 (doi:10.1137/0330046); Ho et al. 2020 (arXiv:2006.11239) use 0.9999.
"""

from __future__ import annotations

import copy

import torch
from torch import nn


class EMA:
    """An average that forgets: average = decay * average + (1 - decay) * weights.

    The decay warms up, min(decay, (1 + n) / (10 + n)) at update n, so that the average soon forgets
    the random start.

    Attributes:
        model: the averaged copy, in eval mode, without gradients.
    """

    def __init__(self, module: nn.Module, decay: float = 0.999):
        self.module, self.decay, self.updates = module, decay, 0
        self.model = copy.deepcopy(module).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self) -> None:
        """Move the average a little towards the module's weights."""
        self.updates += 1
        # The warm-up is that of tf.train.ExponentialMovingAverage.
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        weights = self.module.state_dict()
        for key, value in self.model.state_dict().items():
            if value.is_floating_point():
                # From symbol to name: average is value, and a + (1 - decay) * (b - a) is lerp.
                value.lerp_(weights[key].to(value.dtype), 1 - decay)
            else:
                value.copy_(weights[key])  # counts, such as a batch norm's: no mean of those
