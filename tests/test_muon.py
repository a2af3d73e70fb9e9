"""Muon: what its update of a matrix is, of which weights, and that torch's own agrees."""

import pytest
import torch
from torch import nn

from tripkit.training.muon import RMS, MuonWithAdamW, inner_matrices, orthogonalized

OPTIONS = {"lr": 0.02, "weight_decay": 0.1, "betas": (0.9, 0.99)}


def random(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", [(16, 16), (16, 80), (80, 16), (1, 9)])
def test_the_singular_values_of_an_update_are_near_one(shape):
    values = torch.linalg.svdvals(orthogonalized(random(*shape)).float())
    assert values.min() > 0.4 and values.max() < 1.3


def test_directions_are_kept_and_their_lengths_are_not():
    u, v = (torch.linalg.qr(random(8, 8, seed=seed))[0] for seed in (1, 2))
    skewed = u @ torch.diag(torch.logspace(0, -1.5, 8)) @ v.T
    values = u.T @ orthogonalized(skewed).float() @ v
    assert values.diagonal().min() > 0.4
    assert (values - torch.diag(values.diagonal())).abs().max() < 0.05
    for factor in (2.0**-12, 2.0**12):
        assert torch.equal(orthogonalized(factor * skewed), orthogonalized(skewed))


def test_nothing_stays_nothing():
    assert orthogonalized(torch.zeros(4, 6)).eq(0).all()


def stepped(make, weights, steps=4):
    """The weights after steps with gradients by chance."""
    weights = [nn.Parameter(w.clone(memory_format=torch.preserve_format)) for w in weights]
    optimizer = make(weights)
    for step in range(steps):
        for number, weight in enumerate(weights):
            weight.grad = random(*weight.shape, seed=100 * step + number)
        optimizer.step()
    return [weight.detach() for weight in weights]


def ours(weights):
    return MuonWithAdamW(weights, [], **OPTIONS)


def torchs(weights):
    return torch.optim.Muon(weights, lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")


def test_matrices_are_updated_as_by_torchs_own():
    weights = [random(6, 20), random(20, 6)]
    for mine, theirs in zip(stepped(ours, weights), stepped(torchs, weights), strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_a_kernel_is_updated_as_its_matrix(layout):
    kernel = random(8, 4, 3, 3)
    (mine,) = stepped(ours, [kernel.to(memory_format=layout)])
    gradients = [random(8, 4, 3, 3, seed=100 * step).flatten(1) for step in range(4)]
    matrix = nn.Parameter(kernel.flatten(1).clone())
    optimizer = torchs([matrix])
    for gradient in gradients:
        matrix.grad = gradient
        optimizer.step()
    torch.testing.assert_close(mine.flatten(1), matrix.detach(), atol=1e-6, rtol=1e-6)
    assert mine.is_contiguous(memory_format=layout)


@pytest.mark.parametrize("shape", [(12, 48), (48, 12), (16, 8, 3, 3)])
def test_an_update_is_as_large_as_one_of_adamw(shape):
    before = torch.zeros(shape)
    (after,) = stepped(lambda w: MuonWithAdamW(w, [], **{**OPTIONS, "lr": 1.0}), [before], steps=1)
    assert after.square().mean().sqrt().item() == pytest.approx(RMS, rel=0.25)


def test_the_rest_is_updated_as_by_adamw():
    def both(weights):
        return MuonWithAdamW([], weights, **OPTIONS)

    def adamw(weights):
        return torch.optim.AdamW(weights, fused=True, **OPTIONS)

    weights = [random(5), random(7, 3)]
    for mine, theirs in zip(stepped(both, weights), stepped(adamw, weights), strict=True):
        assert torch.equal(mine, theirs)


def test_one_list_of_groups_sets_all_rates_and_one_state_holds_all_moments():
    matrix, bias = nn.Parameter(random(4, 4)), nn.Parameter(random(4))
    optimizer = MuonWithAdamW([matrix], [bias], **OPTIONS)
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    before = matrix.detach().clone(), bias.detach().clone()
    matrix.grad, bias.grad = torch.ones(4, 4), torch.ones(4)
    optimizer.step()
    assert torch.equal(matrix, before[0]) and torch.equal(bias, before[1])
    assert set(optimizer.state[matrix]) == {"momentum_buffer"}
    assert set(optimizer.state[bias]) == {"step", "exp_avg", "exp_avg_sq"}
    optimizer.zero_grad()
    assert matrix.grad is None and bias.grad is None


def test_a_weight_without_a_gradient_stays_as_it_is():
    used, unused = nn.Parameter(random(4, 4)), nn.Parameter(random(4, 4))
    optimizer = MuonWithAdamW([used, unused], [], **OPTIONS)
    used.grad = torch.ones(4, 4)
    optimizer.step()
    assert torch.equal(unused, random(4, 4)) and not torch.equal(used, random(4, 4))


def test_a_closure_is_called_once_and_its_loss_returned():
    weight, calls = nn.Parameter(random(4, 4)), []

    def closure():
        calls.append(1)
        loss = weight.square().sum()
        loss.backward()
        return loss

    optimizer = MuonWithAdamW([weight], [], **OPTIONS)
    assert optimizer.step(closure).item() == pytest.approx(random(4, 4).square().sum().item())
    assert len(calls) == 1 and not torch.equal(weight, random(4, 4))


def test_inner_matrices_are_the_weights_of_layers_between_the_first_and_the_last():
    network = nn.Sequential(
        nn.Embedding(9, 4),
        nn.Linear(4, 4),
        nn.LayerNorm(4),
        nn.Sequential(nn.Linear(4, 8), nn.Conv2d(8, 8, 3)),
        nn.Linear(8, 2),
    )
    assert inner_matrices(network) == {network[3][0].weight, network[3][1].weight}
    assert inner_matrices(nn.Linear(2, 2)) == inner_matrices(nn.LayerNorm(2)) == set()
