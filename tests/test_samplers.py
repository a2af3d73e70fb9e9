"""The samplers: laws, and agreement with diffusers' schedulers on the same answers."""

import diffusers
import pytest
import torch

from tripkit.core.errors import RequestError
from tripkit.diffusion.forward import add_noise
from tripkit.diffusion.prediction import target
from tripkit.diffusion.samplers import (
    DDIM,
    DDPM,
    DPMSolver2M,
    FlowEuler,
    spaced_timesteps,
    step_index,
)
from tripkit.diffusion.schedule import cosine_schedule, linear_schedule

SCHEDULES = {"linear": linear_schedule(), "cosine": cosine_schedule()}
BETAS = {"linear": "linear", "cosine": "squaredcos_cap_v2"}
TYPES = ("epsilon", "v_prediction", "sample")
# Not epsilon on the cosine schedule: alpha_bar ends at 2e-9, and what is divided by its root has
# its rounding errors multiplied by 20,000, in either library.
CASES = [
    (name, kind) for name in SCHEDULES for kind in TYPES if (name, kind) != ("cosine", "epsilon")
]
COMMON = {"num_train_timesteps": 1000, "timestep_spacing": "trailing"}


def ddim(name, kind, steps):
    theirs = diffusers.DDIMScheduler(
        beta_start=1e-4,
        beta_end=0.02,
        beta_schedule=BETAS[name],
        prediction_type=kind,
        clip_sample=False,
        **COMMON,
    )
    return DDIM(SCHEDULES[name], steps, kind), theirs


def ddim_clipped(name, kind, steps):
    _, theirs = ddim(name, kind, steps)
    theirs.register_to_config(clip_sample=True)
    return DDIM(SCHEDULES[name], steps, kind, clip_sample=True), theirs


def ddim_eta(name, kind, steps):
    _, theirs = ddim(name, kind, steps)
    return DDIM(SCHEDULES[name], steps, kind, eta=0.7), theirs


def ddpm(name, kind, steps):
    theirs = diffusers.DDPMScheduler(
        beta_start=1e-4, beta_end=0.02, beta_schedule=BETAS[name], prediction_type=kind, **COMMON
    )
    return DDPM(SCHEDULES[name], steps, kind), theirs


def solver(name, kind, steps):
    theirs = diffusers.DPMSolverMultistepScheduler(
        beta_start=1e-4,
        beta_end=0.02,
        beta_schedule=BETAS[name],
        prediction_type=kind,
        algorithm_type="dpmsolver++",
        solver_order=2,
        final_sigmas_type="zero",
        **COMMON,
    )
    return DPMSolver2M(SCHEDULES[name], steps, kind), theirs


def network(kind, schedule):
    """Answers like a real network: its picture is a smooth function of x_t, and leaves -1..1."""

    def answer(sample, timestep):
        alpha_bar = schedule.alphas_cumprod[int(timestep)]
        original = 1.5 * torch.tanh(alpha_bar.sqrt() * sample)
        sigma = (1 - alpha_bar).sqrt()
        noise = (sample - alpha_bar.sqrt() * original) / sigma
        return target(kind, original, noise, alpha_bar)

    return answer


def their_step(theirs, output, timestep, sample, ours):
    more = {}
    if isinstance(ours, DDIM):
        more = {"eta": ours.eta, "use_clipped_model_output": ours.clip_sample}
    random = isinstance(ours, DDPM) or more.get("eta")
    if random:
        more["generator"] = torch.Generator().manual_seed(5)
    return theirs.step(output, timestep, sample, **more).prev_sample


# diffusers' DDIM steps to t - T // steps: to its own next timestep only where steps divide T.
PAIRS = [(pair, steps) for pair in (ddim, ddim_clipped, ddim_eta) for steps in (10, 20, 50)]
PAIRS += [(pair, steps) for pair in (ddpm, solver) for steps in (7, 10, 30, 60)]


@pytest.mark.parametrize(("name", "kind"), CASES)
@pytest.mark.parametrize(("pair", "steps"), PAIRS, ids=lambda p: getattr(p, "__name__", None))
def test_each_step_and_the_whole_trajectory_agree_with_diffusers(pair, name, kind, steps):
    ours, theirs = pair(name, kind, steps)
    theirs.set_timesteps(steps)
    assert theirs.timesteps.tolist() == ours.timesteps.tolist()
    answer = network(kind, SCHEDULES[name])
    generator = torch.Generator().manual_seed(0)
    mine = yours = torch.randn(4, 1, 8, 8, generator=generator)
    worst = 0.0
    for timestep in ours.timesteps:
        # From equal inputs: ours goes on from theirs, with the history that both have.
        equal = ours.step(
            answer(yours, timestep), timestep, yours, torch.Generator().manual_seed(5)
        ).prev_sample
        yours = their_step(theirs, answer(yours, timestep), timestep, yours, ours)
        worst = max(worst, (equal - yours).abs().max().item())
    assert worst < 1e-5
    for timestep in ours.timesteps:
        mine = ours.step(
            answer(mine, timestep), timestep, mine, torch.Generator().manual_seed(5)
        ).prev_sample
    assert (mine - yours).abs().max() < 1e-4


@pytest.mark.parametrize("total", [7, 100, 1000])
def test_timesteps_are_the_nearest_to_even_steps_from_the_last_one_on(total):
    # Not diffusers' list for each count: for 61 steps it has 62 timesteps, the last of them -1.
    for steps in range(1, total + 1):
        timesteps = spaced_timesteps(total, steps)
        even = total - 1 - torch.arange(steps, dtype=torch.float64) * total / steps
        assert len(timesteps) == steps and timesteps[0] == total - 1
        assert (timesteps - even).abs().max() <= 0.5 + 1e-9


@pytest.mark.parametrize("clipped", [ddim_clipped, ddpm], ids=lambda f: f.__name__)
@pytest.mark.parametrize("kind", TYPES)
def test_whatever_the_network_says_the_picture_in_mind_stays_within_its_range(clipped, kind):
    ours, _ = clipped("linear", kind, 7)
    sample = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    for timestep in ours.timesteps:
        step = ours.step(9 * torch.sin(9 * sample), timestep, sample)
        original = step.pred_original_sample
        assert original.min() == -1 and original.max() == 1
    torch.testing.assert_close(step.prev_sample, original)  # the last step ends at the picture


@pytest.mark.parametrize("steps", [7, 10, 30, 50])
def test_flow_steps_agree_with_diffusers(steps):
    ours, theirs = FlowEuler(steps), diffusers.FlowMatchEulerDiscreteScheduler()
    theirs.set_timesteps(steps)
    torch.testing.assert_close(ours.timesteps, theirs.timesteps)
    mine = yours = torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    for timestep in ours.timesteps:
        equal = ours.step(torch.sin(yours), timestep, yours).prev_sample
        mine = ours.step(torch.sin(mine), timestep, mine).prev_sample
        yours = theirs.step(torch.sin(yours), timestep, yours).prev_sample
        torch.testing.assert_close(equal, yours, atol=1e-5, rtol=0)
    torch.testing.assert_close(mine, yours, atol=1e-4, rtol=0)


@pytest.mark.parametrize(("name", "kind"), CASES)
@pytest.mark.parametrize("sampler", [DDIM, DPMSolver2M], ids=lambda s: s.__name__)
def test_with_the_true_noise_the_clean_image_comes_back(sampler, name, kind):
    schedule = SCHEDULES[name]
    ours = sampler(schedule, 10, kind)
    generator = torch.Generator().manual_seed(1)
    clean = torch.rand(3, 1, 8, 8, generator=generator) * 2 - 1
    noise = torch.randn(clean.shape, generator=generator)
    sample = add_noise(clean, noise, ours.timesteps[0], schedule)
    for index, timestep in enumerate(ours.timesteps):
        alpha_bar = schedule.alphas_cumprod[timestep]
        step = ours.step(target(kind, clean, noise, alpha_bar), timestep, sample)
        sample = step.prev_sample
        if index + 1 < len(ours.timesteps):
            noisy = ours.add_noise(clean, noise, ours.timesteps[index + 1])
            torch.testing.assert_close(noisy, sample, atol=1e-4, rtol=0)
    torch.testing.assert_close(sample, clean, atol=1e-4, rtol=0)


def test_ddpm_keeps_the_variance_of_what_it_imitates():
    # If x_0 is standard normal, so is every x_t; the exact network then knows only the mean.
    schedule = linear_schedule()
    ours = DDPM(schedule, 1000, "sample")
    generator = torch.Generator().manual_seed(2)
    sample = 0.2 * torch.randn(64, 1, 8, 8, generator=generator)
    sample = add_noise(sample, torch.randn(sample.shape, generator=generator), 999, schedule)
    for timestep in ours.timesteps:
        alpha_bar = schedule.alphas_cumprod[timestep]
        # The posterior mean of x_0 ~ N(0, 0.2^2), given x_t.
        gain = alpha_bar.sqrt() * 0.04 / (alpha_bar * 0.04 + 1 - alpha_bar)
        sample = ours.step(gain * sample, timestep, sample, generator).prev_sample
    assert sample.std().item() == pytest.approx(0.2, abs=0.01)


def test_eta_one_adds_noise_and_eta_zero_needs_none():
    schedule, sample = cosine_schedule(), torch.zeros(1, 1, 8, 8)
    still = DDIM(schedule, 10)
    torch.testing.assert_close(
        still.step(sample, 999, sample, torch.Generator().manual_seed(0)).prev_sample,
        still.step(sample, 999, sample, torch.Generator().manual_seed(1)).prev_sample,
    )
    noisy = DDIM(schedule, 10, eta=1.0)
    one = noisy.step(sample, 499, sample, torch.Generator().manual_seed(0)).prev_sample
    two = noisy.step(sample, 499, sample, torch.Generator().manual_seed(1)).prev_sample
    assert (one - two).abs().max() > 0.1


@pytest.mark.parametrize("steps", [7, 30, 1000])
def test_ddim_with_eta_one_is_ddpm(steps):
    schedule = linear_schedule()
    ours, theirs = DDIM(schedule, steps, eta=1.0), DDPM(schedule, steps)
    generator = torch.Generator().manual_seed(3)
    sample = torch.randn(2, 1, 8, 8, generator=generator)
    for index in (0, steps // 3, steps - 2, steps - 1):
        original = torch.rand(sample.shape, generator=generator) * 2 - 1  # so nothing is clipped
        alpha_bar = ours.alpha_prods[index]
        noise = (sample - alpha_bar.sqrt() * original) / (1 - alpha_bar).sqrt()
        output = target("v_prediction", original, noise, alpha_bar)
        step = ours.step(output, ours.timesteps[index], sample, torch.Generator().manual_seed(9))
        other = theirs.step(output, ours.timesteps[index], sample, torch.Generator().manual_seed(9))
        torch.testing.assert_close(step.prev_sample, other.prev_sample, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("steps", [0, 1001])
def test_impossible_step_counts_are_refused(steps):
    with pytest.raises(RequestError, match="1 to 1000"):
        spaced_timesteps(1000, steps)
    with pytest.raises(RequestError, match="1 to 1000"):
        FlowEuler(steps)


def test_impossible_eta_and_prediction_types_are_refused():
    with pytest.raises(RequestError, match="Eta is 2"):
        DDIM(cosine_schedule(), 10, eta=2)
    with pytest.raises(RequestError, match="allowed are epsilon"):
        DDIM(cosine_schedule(), 10, "noise")


@pytest.mark.parametrize("sampler", [DDIM, DPMSolver2M], ids=lambda s: s.__name__)
@pytest.mark.parametrize("steps", [2, 10, 300, 1000])
def test_the_last_of_however_many_steps_gives_the_picture_in_mind(sampler, steps):
    sampler = sampler(cosine_schedule(), steps, "sample")
    picture = torch.linspace(-1, 1, 16).view(1, 1, 4, 4)
    sample = torch.ones(1, 1, 4, 4)
    sample = sampler.step(-picture, sampler.timesteps[-2], sample).prev_sample
    found = sampler.step(picture, sampler.timesteps[-1], sample).prev_sample
    torch.testing.assert_close(found, picture)


@pytest.mark.parametrize("sampler", [DDPM, DDIM, DPMSolver2M], ids=lambda s: s.__name__)
@pytest.mark.parametrize(("timestep", "nearest"), [(0, 99), (9, 99), (1000, 999), (560, 599)])
def test_a_timestep_that_is_not_among_the_set_ones_is_refused(sampler, timestep, nearest):
    ours, sample = sampler(cosine_schedule(), 10), torch.zeros(1, 1, 8, 8)
    with pytest.raises(RequestError, match=rf"Timestep {timestep} .* nearest is {nearest}"):
        ours.step(sample, timestep, sample)


def test_a_flow_takes_its_own_timesteps_and_no_others():
    ours, sample = FlowEuler(7), torch.zeros(1, 1, 8, 8)
    assert [step_index(ours.timesteps, t) for t in ours.timesteps] == list(range(7))
    assert step_index(ours.timesteps, float(ours.timesteps[3])) == 3
    for timestep in (3, float("nan")):
        with pytest.raises(RequestError, match=f"Timestep {timestep} .* nearest is"):
            ours.step(sample, timestep, sample)
