"""The diffusion library: its formulas as laws, its U-Net, its training, its loop.

The samplers have tests of their own, and so has flow matching as a pair of network and sampler.
"""

import math
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import diffusers
import pytest
import torch
from diffusers.schedulers.scheduling_ddpm import rescale_zero_terminal_snr as their_rescaling
from safetensors import safe_open

from benchmarks.kmeans_labels import cluster
from tripkit.core.errors import RequestError, StorageError
from tripkit.diffusion.forward import add_noise, extract, forward_step, interpolate
from tripkit.diffusion.guidance import Autoguided, guided
from tripkit.diffusion.prediction import PREDICTION_TYPES, convert_model_output, target, velocity
from tripkit.diffusion.samplers import DDIM, DDPM, DPMSolver2M, FlowEuler
from tripkit.diffusion.sampling import generate, inpaint, predict
from tripkit.diffusion.schedule import (
    NoiseSchedule,
    cosine_schedule,
    linear_schedule,
    rescale_zero_terminal_snr,
)
from tripkit.diffusion.training import Trainer, diffusion_loss, drop_labels
from tripkit.diffusion.unet import NO_CLASS, DigitUNet, load_ddpm, timestep_embedding
from tripkit.training.ema import EMA
from tripkit.training.saving import save_model

SCHEDULES = {"linear": linear_schedule(), "cosine": cosine_schedule()}
every_schedule = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)
every_type = pytest.mark.parametrize("kind", PREDICTION_TYPES)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def digits(count, seed=0):
    """Pictures in -1..1 and noise, both (count, 1, 28, 28)."""
    generator = seeded(seed)
    pictures = 2 * torch.rand(count, 1, 28, 28, generator=generator) - 1
    return pictures, torch.randn(pictures.shape, generator=generator)


def small_unet(seed=0):
    """A U-Net that does not answer 0, as a fresh one does."""
    torch.manual_seed(seed)
    unet = DigitUNet((8, 16))
    torch.nn.init.normal_(unet.conv_out.weight, std=0.1)
    return unet.eval().requires_grad_(False)


# ------------------------------------------------------- schedules


@pytest.mark.parametrize(
    ("name", "theirs"), [("linear", "linear"), ("cosine", "squaredcos_cap_v2")]
)
@pytest.mark.parametrize("count", [1000, 50])
def test_the_schedules_are_those_of_diffusers(name, theirs, count):
    scheduler = diffusers.DDPMScheduler(
        num_train_timesteps=count, beta_start=1e-4, beta_end=0.02, beta_schedule=theirs
    )
    ours = {"linear": linear_schedule, "cosine": cosine_schedule}[name](count)
    assert ours.num_train_timesteps == count and ours.name == name
    torch.testing.assert_close(ours.betas, scheduler.betas, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(ours.alphas_cumprod, scheduler.alphas_cumprod, atol=1e-6, rtol=1e-4)


def test_the_ends_of_the_schedules_are_as_their_comments_tell():
    alpha_bar_end = SCHEDULES["linear"].alphas_cumprod[-1].item()
    assert f"{alpha_bar_end:.0e}" == "4e-05"
    assert 0.8 / 127.5 < SCHEDULES["cosine"].betas[0].sqrt() < 1 / 127.5


@every_schedule
def test_what_is_left_falls_from_nearly_all_to_nearly_nothing(schedule):
    left = schedule.alphas_cumprod
    assert left[0] > 0.999 and left[-1] < 1e-4
    assert (left.diff() < 0).all() and ((schedule.betas > 0) & (schedule.betas < 1)).all()


@every_schedule
def test_the_signal_to_noise_ratio_is_one_where_half_is_left(schedule):
    torch.testing.assert_close(
        schedule.snr() / (1 + schedule.snr()), schedule.alphas_cumprod, atol=1e-6, rtol=1e-4
    )
    half = int((schedule.alphas_cumprod - 0.5).abs().argmin())
    assert schedule.snr()[half].item() == pytest.approx(1, abs=0.02)


@every_schedule
def test_zero_terminal_snr_ends_in_nothing_and_keeps_the_first_step(schedule):
    ours = rescale_zero_terminal_snr(schedule)
    assert ours.alphas_cumprod[-1] == 0 and ours.snr()[-1] == 0
    torch.testing.assert_close(ours.betas[0], schedule.betas[0], atol=1e-7, rtol=1e-3)
    torch.testing.assert_close(ours.betas, their_rescaling(schedule.betas), atol=2e-5, rtol=1e-3)
    assert "zero terminal SNR" in ours.name


# ------------------------------------------------------- the forward process


@every_schedule
@pytest.mark.parametrize("t", [0, 250, 700, 999])
def test_the_noise_has_variance_one_minus_alpha_bar_around_the_faded_picture(schedule, t):
    clean, noise = digits(200)
    left = schedule.alphas_cumprod[t]
    rest = add_noise(clean, noise, t, schedule) - left.sqrt() * clean
    assert rest.var().item() == pytest.approx(1 - left.item(), abs=0.01)
    assert rest.mean().item() == pytest.approx(0, abs=0.01)


@every_schedule
def test_step_by_step_and_in_one_jump_are_the_same_in_distribution(schedule):
    clean, generator = torch.full((40_000, 1, 1, 1), 0.8), seeded(1)
    sample = clean
    for t in range(400):
        sample = forward_step(sample, t, schedule, generator)
    jump = add_noise(clean, torch.randn(clean.shape, generator=generator), 399, schedule)
    assert sample.mean().item() == pytest.approx(jump.mean().item(), abs=0.015)
    assert sample.var().item() == pytest.approx(jump.var().item(), abs=0.02)


def test_a_step_with_all_of_the_variance_forgets_the_picture():
    clean, _ = digits(1)
    schedule = NoiseSchedule("all at once", torch.ones(1))
    one, other = (forward_step(x, 0, schedule, seeded()) for x in (clean, -clean))
    torch.testing.assert_close(one, other)


def test_each_picture_of_a_batch_has_a_timestep_of_its_own():
    clean, noise = digits(3)
    schedule, timesteps = SCHEDULES["cosine"], torch.tensor([3, 500, 999])
    together = add_noise(clean, noise, timesteps, schedule)
    for i, t in enumerate(timesteps):
        alone = add_noise(clean[i : i + 1], noise[i : i + 1], int(t), schedule)
        torch.testing.assert_close(together[i : i + 1], alone)
    assert extract(schedule.betas, 7, clean).shape == (3, 1, 1, 1)


def test_the_straight_path_of_flow_matching_ends_at_picture_and_noise():
    clean, noise = digits(2)
    torch.testing.assert_close(interpolate(clean, noise, 0.0), clean)
    torch.testing.assert_close(interpolate(clean, noise, 1.0), noise)
    both = interpolate(clean, noise, torch.tensor([0.0, 1.0]))
    torch.testing.assert_close(both, torch.stack([clean[0], noise[1]]))


def test_the_velocity_is_the_slope_of_the_path_by_sigma():
    clean, noise = (part.double() for part in digits(2))
    _, slope = torch.autograd.functional.jvp(
        lambda sigma: interpolate(clean, noise, sigma),
        torch.tensor(0.3, dtype=torch.float64),
        torch.tensor(1.0, dtype=torch.float64),
    )
    torch.testing.assert_close(velocity(clean, noise), slope)


# ------------------------------------------------------- prediction and guidance


@every_type
@every_schedule
@pytest.mark.parametrize("t", [0, 300, 900])
def test_the_picture_and_the_noise_come_back_from_every_kind_of_answer(kind, schedule, t):
    clean, noise = digits(2)
    left = schedule.alphas_cumprod[t]
    answer = target(kind, clean, noise, left)
    picture, rest = convert_model_output(kind, answer, add_noise(clean, noise, t, schedule), left)
    torch.testing.assert_close(picture, clean, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(rest, noise, atol=1e-3, rtol=1e-3)


def test_v_is_the_velocity_along_the_circle():
    # With alpha_bar = cos(angle)^2, v is the derivative of x_t by the angle (Salimans & Ho 2022).
    clean, noise = (part.double() for part in digits(1))
    angle = torch.tensor(0.7, dtype=torch.float64)
    _, slope = torch.autograd.functional.jvp(
        lambda a: a.cos() * clean + a.sin() * noise, angle, torch.ones_like(angle)
    )
    torch.testing.assert_close(target("v_prediction", clean, noise, angle.cos() ** 2), slope)


def test_v_without_signal_is_the_negative_picture_and_without_noise_the_noise():
    clean, noise = digits(1)
    torch.testing.assert_close(target("v_prediction", clean, noise, torch.tensor(0.0)), -clean)
    torch.testing.assert_close(target("v_prediction", clean, noise, torch.tensor(1.0)), noise)


@pytest.mark.parametrize("function", [target, convert_model_output])
def test_an_unknown_prediction_type_is_refused(function):
    clean, noise = digits(1)
    with pytest.raises(RequestError, match="prediction type is noise; allowed are epsilon"):
        function("noise", clean, noise, torch.tensor(0.5))


def test_guidance_one_is_the_answer_with_the_class_and_zero_the_one_without():
    without, answer = digits(2)
    torch.testing.assert_close(guided(without, answer, 1.0), answer)
    torch.testing.assert_close(guided(without, answer, 0.0), without)
    more = guided(without, answer, 3.0) - answer
    torch.testing.assert_close(more, 2 * (answer - without), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("scale", [0.0, 1.0, 2.5])
def test_the_network_is_guided_as_the_formula_says(scale):
    unet, (sample, _) = small_unet(), digits(3)
    labels = torch.tensor([1, 5, 9])
    t = torch.tensor(400)
    wanted = guided(unet(sample, t, None), unet(sample, t, labels), scale)
    found = predict(unet, sample, t, labels, scale)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(predict(unet, sample, t, None, scale), unet(sample, t, None))


def test_autoguidance_leads_away_from_the_weaker_network():
    class Gaussian(torch.nn.Module):  # x_0 is N(0, std^2): the best epsilon is known
        config = {"num_classes": 10}

        def __init__(self, std):
            super().__init__()
            self.std = std

        def forward(self, sample, timestep, labels=None):
            alpha_bar = cosine_schedule().alphas_cumprod[timestep]
            variance = alpha_bar * self.std**2 + 1 - alpha_bar
            return (1 - alpha_bar).sqrt() * sample / variance

    unet, weaker = Gaussian(0.5), Gaussian(0.7)  # the weaker one spreads too widely

    def spread(network):
        sampler = DDIM(cosine_schedule(), 40, "epsilon")
        generator = torch.Generator().manual_seed(0)
        return generate(network, None, sampler, count=64, generator=generator).std()

    plain = spread(unet)
    torch.testing.assert_close(spread(Autoguided(unet, weaker, 1.0)), plain)
    torch.testing.assert_close(spread(Autoguided(unet, weaker, 0.0)), spread(weaker))
    assert spread(Autoguided(unet, weaker, 2.0)) < plain < spread(weaker)


def test_guidance_may_change_from_step_to_step():
    unet, sampler, labels = small_unet(), any_sampler("ddim"), torch.tensor([4, 2])
    scales = []

    def spy(sample, timestep, given):
        if given is not None:
            scales.append((int(timestep), len(sample)))
        return unet(sample, timestep, given)

    spy.config = unet.config
    one = generate(spy, labels, sampler, guidance_scale=(1.0, 3.0, 1.0, 0.0), generator=seeded())
    # Where the scale is 1 the network answers once a picture, elsewhere twice; 0 asks for no class.
    assert scales == [(999, 2), (749, 4), (499, 2)]
    same = generate(unet, labels, sampler, guidance_scale=(2.0,) * 4, generator=seeded())
    torch.testing.assert_close(
        same, generate(unet, labels, sampler, guidance_scale=2.0, generator=seeded())
    )
    assert (one != same).any()


# ------------------------------------------------------- the average of weights


def test_the_average_follows_its_law_with_a_decay_that_warms_up():
    layer = torch.nn.Linear(2, 2)
    average = EMA(layer, 0.95)
    expected = layer.weight.detach().clone()
    for n in range(1, 401):
        with torch.no_grad():
            layer.weight.normal_(generator=seeded(n))
        average.update()
        decay = min(0.95, (1 + n) / (10 + n))
        expected = decay * expected + (1 - decay) * layer.weight.detach()
    torch.testing.assert_close(average.model.weight, expected, atol=1e-5, rtol=1e-4)


def test_the_average_is_a_copy_that_is_not_trained_and_copies_counts():
    module = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    average = EMA(module)
    assert not average.model.training
    assert not any(p.requires_grad for p in average.model.parameters())
    module(torch.randn(4, 2))
    average.update()
    assert average.model[1].num_batches_tracked == 1
    assert all(p.requires_grad for p in module.parameters())


# ------------------------------------------------------- the U-Net


@pytest.mark.parametrize("channels", [(8, 16), (24, 96)])
@pytest.mark.parametrize("count", [1, 5])
def test_the_unet_answers_in_the_shape_of_the_picture(channels, count):
    unet = DigitUNet(channels)
    sample, _ = digits(count)
    timesteps = torch.arange(count)
    assert unet(sample, timesteps, torch.zeros(count, dtype=torch.long)).shape == sample.shape
    assert unet(sample, 999).shape == sample.shape
    assert unet(sample, torch.tensor(12.5)).shape == sample.shape


def test_a_fresh_unet_answers_nothing():
    assert (DigitUNet((8, 16))(digits(2)[0], 500) == 0).all()


def test_the_null_class_is_the_same_as_no_labels():
    unet, (sample, _) = small_unet(), digits(3)
    none = torch.full((3,), NO_CLASS)
    torch.testing.assert_close(unet(sample, 10, none), unet(sample, 10), atol=0, rtol=0)
    assert (unet(sample, 10, torch.zeros(3, dtype=torch.long)) != unet(sample, 10)).any()


def test_each_picture_is_answered_by_itself_and_by_its_own_time_and_class():
    unet, (sample, _) = small_unet(), digits(3)
    timesteps, labels = torch.tensor([1, 400, 998]), torch.tensor([0, 7, NO_CLASS])
    together = unet(sample, timesteps, labels)
    for i in range(3):
        alone = unet(sample[i : i + 1], timesteps[i : i + 1], labels[i : i + 1])
        torch.testing.assert_close(together[i : i + 1], alone, atol=1e-5, rtol=1e-4)
    assert (together != unet(sample, timesteps.flip(0), labels)).any()


def test_the_order_in_memory_changes_nothing():
    sample, _ = digits(2)
    plain = small_unet()
    last = small_unet().to(memory_format=torch.channels_last)
    assert last.conv_in.weight.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(last(sample, 300), plain(sample, 300), atol=1e-5, rtol=1e-4)


def test_timesteps_are_told_apart_by_their_embedding():
    embedding = timestep_embedding(torch.arange(1000), 24)
    assert embedding.shape == (1000, 24) and embedding.abs().max() <= 1
    torch.testing.assert_close(embedding.square().sum(1), torch.full((1000,), 12.0))
    gaps = torch.cdist(embedding, embedding) + 10 * torch.eye(1000)
    assert gaps.min() > 1e-3


def test_a_saved_unet_is_loaded_ready_to_sample(tmp_path):
    unet = small_unet()
    save_model(unet, tmp_path)
    back = load_ddpm(tmp_path)
    sample, _ = digits(2)
    assert back.config == unet.config and not back.training
    assert not any(p.requires_grad for p in back.parameters())
    torch.testing.assert_close(back(sample, 100), unet(sample, 100), atol=1e-2, rtol=1e-2)


# ------------------------------------------------------- generating


def any_sampler(name):
    schedule = SCHEDULES["cosine"]
    makers = {
        "ddpm": lambda: DDPM(schedule, 4),
        "ddim": lambda: DDIM(schedule, 4),
        "eta": lambda: DDIM(schedule, 4, eta=1.0),
        "2m": lambda: DPMSolver2M(schedule, 4),
        "flow": lambda: FlowEuler(4),
    }
    return makers[name]()


@pytest.mark.parametrize("name", ["ddpm", "ddim", "eta", "2m", "flow"])
def test_the_same_seed_draws_the_same_digits_and_a_sampler_may_be_used_again(name):
    unet, sampler, labels = small_unet(), any_sampler(name), torch.tensor([3, 8])
    one, two = (generate(unet, labels, sampler, generator=seeded(4)) for _ in range(2))
    torch.testing.assert_close(one, two, atol=0, rtol=0)
    other = generate(unet, labels, sampler, generator=seeded(5))
    assert one.shape == (2, 1, 28, 28) and one.abs().max() <= 1 and (one != other).any()


def test_no_labels_draw_any_digit_as_the_null_class_does():
    unet, sampler = small_unet(), any_sampler("ddim")
    one = generate(unet, None, sampler, count=3, generator=seeded())
    two = generate(unet, torch.full((3,), NO_CLASS), sampler, generator=seeded())
    torch.testing.assert_close(one, two)
    assert generate(unet, None, sampler).shape == (1, 1, 28, 28)


def test_each_step_is_told_with_the_sample_and_the_picture_in_mind():
    told = []
    generate(
        small_unet(), None, any_sampler("ddim"), on_step=lambda i, step: told.append((i, step))
    )
    assert [i for i, _ in told] == [0, 1, 2, 3]
    assert all(s.prev_sample.shape == s.pred_original_sample.shape for _, s in told)
    torch.testing.assert_close(told[-1][1].prev_sample, told[-1][1].pred_original_sample)


@pytest.mark.parametrize("name", ["ddpm", "ddim", "eta", "2m", "flow"])
@pytest.mark.parametrize("start", [0, 2])
def test_inpainting_returns_the_kept_pixels_untouched(name, start):
    clean, _ = digits(2)
    mask = torch.zeros(1, 1, 28, 28)
    mask[..., 14:, :] = 1
    sampler, labels = any_sampler(name), torch.tensor([1, 2])
    found = inpaint(
        small_unet(), labels, sampler, clean, mask, generator=seeded(), start=start,
        guidance_scale=2.0,
    )  # fmt: skip
    torch.testing.assert_close(found[..., :14, :], clean[..., :14, :], atol=0, rtol=0)
    assert (found[..., 14:, :] != clean[..., 14:, :]).any() and found.abs().max() <= 1


def test_inpainting_that_starts_late_does_not_depend_on_what_was_drawn_before():
    # 2M remembers its last answer; that of another picture must not count.
    clean, other = digits(1)
    mask = torch.ones(1, 1, 28, 28)
    used, fresh = any_sampler("2m"), any_sampler("2m")
    inpaint(small_unet(), None, used, other, mask, generator=seeded(), start=1)
    for start in (1, 2):
        one, two = (
            inpaint(small_unet(), None, sampler, clean, mask, generator=seeded(), start=start)
            for sampler in (used, fresh)
        )
        torch.testing.assert_close(one, two, atol=0, rtol=0)


@pytest.mark.parametrize("name", ["ddpm", "ddim"])
def test_inpainting_does_not_look_at_what_the_mask_covers(name):
    clean, noise = digits(1)
    mask = torch.zeros(1, 1, 28, 28)
    mask[..., 14:, :] = 1
    hidden = torch.where(mask > 0, noise, clean)
    one, two = (
        inpaint(small_unet(), None, any_sampler(name), picture, mask, generator=seeded())
        for picture in (clean, hidden)
    )
    torch.testing.assert_close(one, two, atol=0, rtol=0)


# ------------------------------------------------------- training


class Oracle(torch.nn.Module):
    """A perfect network: it knows the pictures."""

    def __init__(self, clean, schedule, kind):
        super().__init__()
        self.clean, self.schedule, self.kind = clean, schedule, kind

    def forward(self, sample, timesteps, labels):
        if self.kind == "flow":
            sigmas = (timesteps / 1000).view(-1, 1, 1, 1)
            noise = (sample - (1 - sigmas) * self.clean) / sigmas
            return velocity(self.clean, noise)
        left = extract(self.schedule.alphas_cumprod, timesteps, sample)
        noise = (sample - left.sqrt() * self.clean) / (1 - left).sqrt()
        return target(self.kind, self.clean, noise, left)


@pytest.mark.parametrize("kind", [*PREDICTION_TYPES, "flow"])
def test_the_loss_of_a_perfect_network_is_nothing(kind):
    clean, _ = digits(16)
    schedule = SCHEDULES["linear"]
    loss = diffusion_loss(
        Oracle(clean, schedule, kind), clean, None, schedule, kind, generator=seeded()
    )
    assert loss.item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(("kind", "wanted"), [("epsilon", 1), ("sample", 1 / 3), ("flow", 4 / 3)])
def test_the_loss_of_a_network_that_answers_nothing_is_the_variance_of_the_target(kind, wanted):
    clean, _ = digits(64)  # evenly spread over -1..1, so with variance 1/3
    loss = diffusion_loss(
        DigitUNet((8, 16)), clean, None, SCHEDULES["cosine"], kind, generator=seeded(1)
    )
    assert loss.item() == pytest.approx(wanted, abs=0.02)


def test_a_batch_covers_all_timesteps_evenly():
    seen = []

    def spy(sample, timesteps, labels):
        seen.append(timesteps)
        return sample

    clean, _ = digits(50)
    diffusion_loss(spy, clean, None, SCHEDULES["cosine"], generator=seeded())
    assert (seen[0] // 20).tolist() == list(range(50))


def test_about_the_asked_share_of_labels_is_dropped():
    labels = torch.arange(10).repeat(2000)
    dropped = drop_labels(labels, 0.1, seeded())
    gone = dropped == NO_CLASS
    assert gone.float().mean().item() == pytest.approx(0.1, abs=0.01)
    torch.testing.assert_close(dropped[~gone], labels[~gone])
    assert (drop_labels(labels, 0) == labels).all() and (drop_labels(labels, 1) == NO_CLASS).all()


def little_trainer(steps, folder=None, **more):
    pictures, _ = digits(20)
    more = {"batch_size": 4, "precision": "no", **more}
    return Trainer(
        DigitUNet((8, 8)), pictures, torch.arange(20) % 10, steps=steps, folder=folder, **more
    )


def run_to_the_end(trainer):
    return [step for step, _loss in trainer]


def test_the_trainer_counts_its_steps_and_moves_network_and_average():
    trainer = little_trainer(3)
    before = trainer.ema.model.conv_out.weight.clone()
    assert run_to_the_end(trainer) == [1, 2, 3]
    assert all(math.isfinite(loss) for loss in trainer.run.losses)
    assert (trainer.ema.model.conv_out.weight != before).any()
    assert run_to_the_end(trainer) == []  # it is done


@pytest.mark.parametrize("kind", [*PREDICTION_TYPES, "flow"])
def test_the_trainer_trains_every_kind_of_network(kind):
    assert len(run_to_the_end(little_trainer(2, prediction_type=kind))) == 2


def test_the_same_seed_trains_the_same_network():
    weights = []
    for seed in (1, 1, 2):
        torch.manual_seed(0)
        trainer = little_trainer(3, seed=seed)
        run_to_the_end(trainer)
        weights.append(trainer.ema.model.conv_out.weight)
    torch.testing.assert_close(weights[0], weights[1], atol=0, rtol=0)
    assert (weights[0] != weights[2]).any()


def test_training_lowers_the_loss():
    pictures = torch.full((8, 1, 28, 28), -1.0)
    trainer = Trainer(
        DigitUNet((8, 8)), pictures, steps=60, batch_size=8, learning_rate=1e-2, warm_up=5,
        precision="no",
    )  # fmt: skip
    run_to_the_end(trainer)
    losses = trainer.run.losses
    assert sum(losses[-10:]) < 0.5 * sum(losses[:10])


def checkpoint_steps(folder):
    with safe_open(folder / "checkpoint.safetensors", "pt") as file:
        return int(file.metadata()["step"])


def test_the_trainer_resumes_where_it_stopped(tmp_path):
    first = little_trainer(5, tmp_path)
    for step, _loss in first:
        if step == 2:
            break
    first.run.save()
    second = little_trainer(5, tmp_path)
    torch.testing.assert_close(second.ema.model.state_dict(), first.ema.model.state_dict())
    assert second.run.step == second.ema.updates == 2
    assert run_to_the_end(second) == [3, 4, 5]
    assert checkpoint_steps(tmp_path) == 5
    assert run_to_the_end(little_trainer(5, tmp_path)) == []


def test_an_interrupted_write_leaves_the_checkpoint_before_it(tmp_path, monkeypatch):
    trainer = little_trainer(2, tmp_path)
    run_to_the_end(trainer)
    whole = (tmp_path / "checkpoint.safetensors").read_bytes()

    def full_disk(path, data, write=Path.write_bytes):
        write(path, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(StorageError, match="the disk is full.*goes on from the last checkpoint"):
        run_to_the_end(little_trainer(4, tmp_path))
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == whole
    monkeypatch.undo()
    assert run_to_the_end(little_trainer(4, tmp_path)) == [3, 4]
    assert [path.name for path in tmp_path.glob("checkpoint*")] == ["checkpoint.safetensors"]


WORKER = """
    import sys
    from pathlib import Path

    import torch

    from tripkit.diffusion.training import Trainer
    from tripkit.diffusion.unet import DigitUNet

    torch.set_num_threads(1)
    torch.manual_seed(0)
    pictures = torch.randn(20, 1, 28, 28)
    trainer = Trainer(
        DigitUNet((8, 8)), pictures, torch.arange(20) % 10, steps=3, batch_size=4,
        folder=Path(sys.argv[1]), precision="no",
    )
    losses = [loss for _step, loss in trainer]
    run = trainer.run
    weights = sum(p.detach().double().abs().sum().item() for p in trainer.ema.model.parameters())
    report = f"{run.step} {run.pictures} {weights:.9f} {losses[0]:.6f}"
    (Path(sys.argv[1]) / f"report{run.processes.process_index}.txt").write_text(report)
    run.processes.wait_for_everyone()  # whoever leaves early may take the other one down
    torch.distributed.destroy_process_group()
"""


PART_WORKER = """
    import sys
    from pathlib import Path

    import torch

    from tripkit.training.trainer import Run

    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 1))
    out = Path(sys.argv[1])
    run = Run({"network": network}, out=out, steps=3, batch=4, learning_rate=0.01, precision="no")
    for _ in run:  # calls a part, as the decoder of an autoencoder is called
        run.update(network[1](torch.randn(4, 4, generator=run.generator)).square().mean())
    weights = sum(p.detach().double().abs().sum().item() for p in network.parameters())
    report = f"{run.step} {run.pictures} {weights:.9f} {run.losses[0]:.6f}"
    (out / f"report{run.processes.process_index}.txt").write_text(report)
    run.processes.wait_for_everyone()  # whoever leaves early may take the other one down
    torch.distributed.destroy_process_group()
"""


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("worker", [WORKER, PART_WORKER], ids=["whole", "part"])
def test_two_processes_train_one_network_and_write_one_checkpoint(tmp_path, worker):
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent(worker), encoding="utf-8")
    out = tmp_path / "run"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    done = subprocess.run(
        [*command, "--nproc-per-node", "2", str(script), str(out)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=170,
    )
    assert done.returncode == 0, done.stderr
    one, two = ((out / f"report{i}.txt").read_text(encoding="utf-8").split() for i in range(2))
    assert one[:2] == two[:2] == ["3", str(3 * 4 * 2)]
    assert one[2] == two[2]  # the same weights ...
    assert one[3] != two[3]  # ... from different pictures
    assert checkpoint_steps(out) == 3
    assert [path.name for path in out.glob("checkpoint*")] == ["checkpoint.safetensors"]


# ------------------------------------------------------- classes without labels


def test_clusters_hold_pictures_that_look_alike():
    generator = seeded()
    shapes = torch.randn(3, 1, 28, 28, generator=generator).repeat_interleave(20, 0)
    images = shapes + 0.1 * torch.randn(60, 1, 28, 28, generator=generator)
    found = cluster(images, 12, seed=1)
    assert found.shape == (60,) and found.min() >= 0 and found.max() < 12
    kinds = torch.arange(3).repeat_interleave(20)
    for group in found.unique():
        assert len(kinds[found == group].unique()) == 1  # no group mixes two shapes
    assert (found == cluster(images, 12, seed=1)).all()


def test_each_picture_is_in_the_group_whose_mean_is_nearest():
    images = torch.rand(200, 1, 28, 28, generator=seeded())
    found = cluster(images, 4)
    small = torch.nn.functional.avg_pool2d(images, 2).flatten(1)
    means = torch.stack([small[found == group].mean(0) for group in range(4)])
    assert (torch.cdist(small, means).argmin(1) == found).float().mean() > 0.9


def test_a_unet_of_other_classes_drops_to_its_own_label_for_none():
    unet = DigitUNet((8, 16), num_classes=3)
    images, labels = torch.zeros(8, 1, 28, 28), torch.arange(8) % 3
    trainer = Trainer(unet, images, labels, steps=1, batch_size=8, label_dropout=1.0)
    seen = []
    unet.register_forward_pre_hook(lambda _module, given: seen.append(given[2]))
    for _ in trainer:
        pass
    assert (seen[0] == 3).all()
    assert (Trainer(unet, images, steps=1).labels == 3).all()


def test_clusters_are_what_lloyds_algorithm_makes_of_pictures_of_half_the_size():
    images = torch.rand(40, 1, 28, 28, generator=seeded(5))
    points = images.view(40, 14, 2, 14, 2).mean((2, 4)).flatten(1)
    for seed in (0, 7):
        first = torch.randperm(40, generator=seeded(seed))[:6]
        centers = [points[i] for i in first]
        for _ in range(15):  # these have settled long before
            groups = torch.stack([(points - c).norm(dim=1) for c in centers]).argmin(0)
            centers = [
                points[groups == g].mean(0) if (groups == g).any() else centers[g] for g in range(6)
            ]
        assert (cluster(images, 6, seed=seed) == groups).all()
    assert (cluster(images, 6) == cluster(images, 6, seed=0)).all()


def test_a_group_that_lost_its_pictures_keeps_its_number():
    images = torch.cat([torch.zeros(5, 1, 28, 28), torch.ones(1, 1, 28, 28)])
    found = cluster(images, 4)  # at least two of the four start alike
    assert len(found.unique()) <= 2 and found[:5].unique().numel() == 1
    assert found.min() >= 0 and found.max() < 4 and found.dtype == torch.long


def test_without_labels_and_a_count_one_digit_is_drawn():
    for count, wanted in ((None, 1), (3, 3)):
        drawn = generate(small_unet(), None, DDIM(SCHEDULES["cosine"], 2), count=count)
        assert drawn.shape == (wanted, 1, 28, 28)
