"""Muon: momentum whose update of a weight matrix is made orthogonal.

Jordan et al. 2024 (kellerjordan.github.io/posts/muon), scaled as by Liu et al. 2025
(arXiv:2502.16982). For a matrix W of shape (A, B) with gradient G, momentum mu, learning rate eta
and weight decay lambda:

    M <- mu M + (1 - mu) G
    O  = U V^T, where U S V^T is the singular value decomposition of mu M + (1 - mu) G
    W <- (1 - eta lambda) W - 0.2 sqrt(max(A, B)) eta O

All directions move by the same length, also those in which gradients are small. An orthogonal
matrix has elements of root mean square 1 / sqrt(max(A, B)), updates of AdamW have about 0.2: the
factor makes both alike, so that they share a learning rate. O comes from the Newton-Schulz
iteration, whose polynomial draws every singular value towards 1:

    X <- a X + (b X X^T + c (X X^T)^2) X

A kernel is the matrix (out, in * height * width). `torch.optim.Muon` computes the same, for
matrices alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # a, b, c: Jordan's, who wants to be near 1 soon
ITERATIONS = 5
MOMENTUM = 0.95
RMS = 0.2  # of AdamW's updates, by Liu et al.
LAYERS = (nn.Linear, nn.Conv2d)


def inner_matrices(module: nn.Module) -> set[nn.Parameter]:
    """The weights that Muon is made for: of linear layers and convolutions.

    Not the first and the last layer, in the order in which the module defines them: what meets data
    is not a map between features, and learns better with AdamW (Jordan et al.), as do embeddings.
    """
    layers = [layer for layer in module.modules() if isinstance(layer, LAYERS)]
    return {layer.weight for layer in layers[1:-1]}


def orthogonalized(matrix: Tensor) -> Tensor:
    """The matrix with all its singular values near 1: the iteration above, in bf16."""
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).bfloat16()  # X X^T is the smaller one of the two squares
    x = x / x.norm().clamp(min=1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.T if tall else x


class MuonWithAdamW(Optimizer):
    """Muon for matrices and kernels, AdamW for norms, biases, embeddings and what else there is.

    Args:
        matrices: weights of two or more dimensions.
        others: those that AdamW trains.
        lr, weight_decay: of both.
        betas: of AdamW.
    """

    def __init__(
        self,
        matrices: Iterable[Tensor],
        others: Iterable[Tensor],
        *,
        lr: float,
        weight_decay: float,
        betas: tuple[float, float],
    ):
        # As groups, which unlike lists may be empty: a network can be all matrices, or have none.
        super().__init__([{"params": list(matrices)}], {"lr": lr, "weight_decay": weight_decay})
        self.adamw = AdamW(
            [{"params": list(others)}], lr=lr, weight_decay=weight_decay, betas=betas, fused=True
        )
        self.matrices = self.param_groups[0]
        # One list of groups and one state: who sets rates or saves moments need not know of two.
        self.param_groups += self.adamw.param_groups
        self.adamw.state = self.state

    @torch.no_grad()
    def step(self, closure=None):
        """One step of both; returns what ``closure`` does."""
        loss = self.adamw.step(closure)
        for weight in self.matrices["params"]:
            if weight.grad is not None:
                self._update(weight)
        return loss

    def _update(self, weight: Tensor) -> None:
        state, rate = self.state[weight], self.matrices["lr"]
        if not state:
            state["momentum_buffer"] = torch.zeros_like(weight)
        average = state["momentum_buffer"].lerp_(weight.grad, 1 - MOMENTUM)
        ahead = weight.grad.lerp(average, MOMENTUM)  # Nesterov's: as if a step further
        change = orthogonalized(ahead.flatten(1))  # (out, in * height * width)
        weight.mul_(1 - rate * self.matrices["weight_decay"])
        scale = RMS * math.sqrt(max(change.shape))
        weight.add_(change.reshape(weight.shape), alpha=-scale * rate)
