"""A diffusion network as a flow: Euler's step along its velocity is DDIM's step."""

import pytest
import torch
from torch import nn

from tripkit.diffusion.flow import AsFlow, straightness
from tripkit.diffusion.forward import interpolate
from tripkit.diffusion.prediction import PREDICTION_TYPES, target
from tripkit.diffusion.samplers import DDIM, FlowEuler
from tripkit.diffusion.sampling import generate
from tripkit.diffusion.schedule import cosine_schedule, linear_schedule

SCHEDULES = {"linear": linear_schedule(), "cosine": cosine_schedule()}


class Nearly(nn.Module):
    """Answers like a network that is nearly right; notes which timesteps it was asked about."""

    config = {"num_classes": 10}

    def __init__(self, kind, schedule):
        super().__init__()
        self.kind, self.alphas_cumprod, self.asked = kind, schedule.alphas_cumprod, []

    def forward(self, sample, timesteps, labels=None):
        self.asked.append(timesteps)
        alpha_bar = self.alphas_cumprod[timesteps.round().long()].view(-1, 1, 1, 1)
        original = torch.tanh(alpha_bar.sqrt() * sample)
        noise = (sample - alpha_bar.sqrt() * original) / (1 - alpha_bar).sqrt()
        return target(self.kind, original, noise, alpha_bar)


@pytest.mark.parametrize("kind", PREDICTION_TYPES)
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_step_along_the_velocity_is_ddims_step(name, kind):
    schedule = SCHEDULES[name]
    network, sampler = Nearly(kind, schedule), DDIM(schedule, 20, kind)
    flow = AsFlow(network, schedule, kind)
    sample = torch.randn(3, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    for timestep in sampler.timesteps[[3, 10, 19]]:
        before, after = sampler.alpha_prods_at(timestep)
        wanted = sampler.step(network(sample, timestep), timestep, sample).prev_sample
        lengths = [level.sqrt() + (1 - level).sqrt() for level in (before, after)]
        sigmas = [
            (1 - level).sqrt() / length
            for level, length in zip((before, after), lengths, strict=True)
        ]
        mixed = sample / lengths[0]
        moved = mixed + (sigmas[1] - sigmas[0]) * flow(mixed, 1000 * sigmas[0])
        torch.testing.assert_close(lengths[1] * moved, wanted, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_network_is_asked_about_the_timestep_of_equal_noise(name):
    schedule = SCHEDULES[name]
    network = Nearly("sample", schedule)
    flow = AsFlow(network, schedule)
    for t in (0, 7, 400, 990):
        alpha_bar = schedule.alphas_cumprod[t].double()
        signal, noise = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
        flow(torch.zeros(2, 1, 8, 8), 1000 * noise / (signal + noise))
        assert network.asked[-1].item() == pytest.approx(t, abs=0.05)
    flow(torch.zeros(2, 1, 8, 8), torch.tensor([1000.0, 0.0]))
    assert network.asked[-1].tolist() == [999, 0]


def test_each_picture_may_have_a_sigma_of_its_own():
    schedule = SCHEDULES["cosine"]
    flow = AsFlow(Nearly("v_prediction", schedule), schedule)
    samples = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    both = flow(samples, torch.tensor([300.0, 800.0]))
    torch.testing.assert_close(both[:1], flow(samples[:1], torch.tensor(300.0)))
    torch.testing.assert_close(both[1:], flow(samples[1:], 800.0))


def test_it_draws_with_the_sampler_of_flows_and_with_guidance():
    schedule = SCHEDULES["cosine"]
    flow = AsFlow(Nearly("v_prediction", schedule), schedule)
    labels = torch.arange(3)
    generator = torch.Generator().manual_seed(2)
    drawn = generate(flow, labels, FlowEuler(8), guidance_scale=2.0, generator=generator)
    assert drawn.shape == (3, 1, 28, 28) and drawn.isfinite().all()


def test_a_straight_path_is_as_long_as_the_way_between_its_ends():
    original, noise = torch.randn(2, 3, 1, 4, 4, generator=torch.Generator().manual_seed(3))
    sigmas = torch.linspace(1, 0, 9)
    straight = torch.stack([interpolate(original, noise, sigma) for sigma in sigmas])
    assert straightness(straight) == pytest.approx(1, abs=1e-5)
    bent = straight.clone()
    bent[4] += 1
    assert straightness(bent) > 1.01


def test_a_bent_path_is_longer_by_as_much_as_its_corner_says():
    corner = torch.tensor([[0.0, 0], [3, 0], [3, 4]])  # 7 along, 5 across
    line = torch.tensor([[0.0, 0], [1, 1], [2, 2]])
    samples = torch.stack([corner, line], dim=1).view(3, 2, 1, 1, 2)
    assert straightness(samples) == pytest.approx((7 / 5 + 1) / 2)
