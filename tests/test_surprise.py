"""How surprised a diffusion model is: by a network that knows, and by one that does not."""

import pytest
import torch

from tripkit.diffusion.denoising_error import denoising_error
from tripkit.diffusion.prediction import target
from tripkit.diffusion.schedule import cosine_schedule, linear_schedule

SCHEDULE = linear_schedule(100)


class Oracle(torch.nn.Module):
    """Answers as if it had seen ``picture``, whatever it is shown; classes shift the picture."""

    def __init__(self, picture, kind):
        super().__init__()
        self.picture, self.kind = picture, kind

    def forward(self, sample, timestep, labels):
        alpha_bar = SCHEDULE.alphas_cumprod[timestep]
        picture = self.picture + (0 if labels is None else 0.1 * labels.view(-1, 1, 1, 1))
        noise = (sample - alpha_bar.sqrt() * picture) / (1 - alpha_bar).sqrt()
        return target(self.kind, picture, noise, alpha_bar)


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction", "sample"])
def test_a_network_that_knows_the_picture_is_not_surprised_and_another_one_by_its_distance(kind):
    pictures = torch.rand(3, 1, 28, 28) * 2 - 1
    options = {"schedule": SCHEDULE, "prediction_type": kind}
    error = denoising_error(Oracle(pictures, kind), pictures, None, [5, 50, 99], **options)
    torch.testing.assert_close(error, torch.zeros(3), rtol=0, atol=1e-6)
    error = denoising_error(Oracle(pictures + 0.5, kind), pictures, None, [5, 50], **options)
    torch.testing.assert_close(error, torch.full((3,), 0.25), rtol=1e-3, atol=1e-5)


def test_each_picture_and_each_label_meets_the_same_noise():
    picture = torch.rand(1, 1, 28, 28)
    twice = picture.expand(2, 1, 28, 28)
    oracle = Oracle(torch.zeros(1, 1, 28, 28), "v_prediction")
    labels = torch.tensor([0, 3])
    both = denoising_error(oracle, twice, labels, [10, 20], schedule=SCHEDULE, seed=4)
    alone = denoising_error(oracle, picture, labels[1:], [10, 20], schedule=SCHEDULE, seed=4)
    torch.testing.assert_close(both[1:], alone)
    assert both[1] < both[0]  # 0.3 is nearer to the picture than 0 is


def test_the_error_is_the_mean_over_the_timesteps_of_noise_that_the_seed_decides():
    pictures = torch.rand(2, 1, 28, 28)

    class Silent(torch.nn.Module):
        def forward(self, sample, timestep, labels):
            return torch.zeros_like(sample)  # as epsilon: the picture is the sample, unfaded

    options = {"schedule": SCHEDULE, "prediction_type": "epsilon"}
    found = denoising_error(Silent(), pictures, None, [20, 60], seed=3, **options)
    generator, errors = torch.Generator().manual_seed(3), []
    for t in (20, 60):
        noise = torch.randn(1, 28, 28, generator=generator)
        snr = SCHEDULE.snr()[t]  # x_t / sqrt(alpha_bar) - x_0 = noise / sqrt(SNR)
        errors.append((noise.square() / snr).mean().expand(2))
    torch.testing.assert_close(found, torch.stack(errors).mean(0))
    other = denoising_error(Silent(), pictures, None, [20, 60], **options)
    assert not torch.allclose(found, other)
    torch.testing.assert_close(
        other, denoising_error(Silent(), pictures, None, [20, 60], seed=0, **options)
    )


def test_without_a_schedule_it_is_the_cosine_one_and_no_gradient_is_kept():
    layer, pictures = torch.nn.Conv2d(1, 1, 1), torch.rand(2, 1, 28, 28)

    def ask(**options):
        return denoising_error(
            lambda sample, *_: layer(sample), pictures, None, [10, 400], **options
        )

    assert not ask().requires_grad
    torch.testing.assert_close(ask(), ask(schedule=cosine_schedule()))
