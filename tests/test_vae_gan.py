"""The VAE and the GAN: each formula against another way to the same value; short trainings."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, ContinuousBernoulli, Normal
from torch.distributions import kl_divergence as torch_kl
from torch.nn import functional as F

from tripkit.diffusion.unet import NO_CLASS
from tripkit.generative.gan import (
    Discriminator,
    Generator,
    discriminator_loss,
    gan_losses,
    generator_loss,
    load_gan,
    r1_penalty,
)
from tripkit.generative.metrics import classify, read_as_asked
from tripkit.generative.training import GANTrainer, VAETrainer
from tripkit.generative.vae import (
    DigitVAE,
    kl_divergence,
    load_vae,
    reconstruction_loss,
    reparameterise,
    vae_loss,
)

SMALL = (8, 24)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def digits():
    images = torch.rand(12, 1, 28, 28, generator=seeded()) * 2 - 1
    return images, torch.arange(12) % 10


@pytest.fixture
def posterior():
    mean, logvar = torch.randn(2, 5, 3, generator=seeded(), dtype=torch.float64)
    return mean.requires_grad_(), logvar.requires_grad_()


def weights(module):
    return torch.cat([parameter.detach().flatten() for parameter in module.parameters()])


def gradient(module):
    parts = [p.grad for p in module.parameters() if p.grad is not None]
    return torch.cat([part.flatten() for part in parts]) if parts else torch.zeros(1)


# The VAE


def test_the_kl_term_is_that_of_the_normal_distributions(posterior):
    mean, logvar = posterior
    expected = torch_kl(Normal(mean, (logvar / 2).exp()), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(kl_divergence(mean, logvar), expected)


def test_the_kl_term_is_zero_only_at_the_prior(posterior):
    zero = torch.zeros(2, 3)
    assert (kl_divergence(zero, zero) == 0).all()
    assert (kl_divergence(*posterior) > 0).all()


def test_the_kl_term_pulls_mean_and_variance_to_the_prior(posterior):
    mean, logvar = posterior
    kl_divergence(mean, logvar).sum().backward()
    torch.testing.assert_close(mean.grad, mean.detach())
    assert (logvar.grad.sign() == logvar.detach().sign()).all()


def test_the_reconstruction_is_scored_as_bernoulli_pixels():
    logits = torch.randn(4, 1, 28, 28, generator=seeded())
    ink = (torch.rand(4, 1, 28, 28, generator=seeded(1)) > 0.5).float()
    expected = -Bernoulli(logits=logits).log_prob(ink).sum((1, 2, 3))
    torch.testing.assert_close(reconstruction_loss(logits, ink * 2 - 1), expected)


def test_no_logit_scores_better_than_the_log_odds_of_the_ink():
    ink = torch.rand(1, 1, 28, 28, generator=seeded()).clamp(0.01, 0.99)
    best = reconstruction_loss(ink.logit(), ink * 2 - 1)
    for other in (-0.1, 0.1):
        assert (reconstruction_loss(ink.logit() + other, ink * 2 - 1) > best).all()


def test_the_vae_loss_is_reconstruction_plus_beta_times_kl(posterior):
    mean, logvar = (part.detach().float() for part in posterior)
    logits = torch.randn(5, 1, 28, 28, generator=seeded())
    images = torch.rand(5, 1, 28, 28, generator=seeded(1)) * 2 - 1
    rebuilt, kl = reconstruction_loss(logits, images).mean(), kl_divergence(mean, logvar).mean()
    torch.testing.assert_close(vae_loss(logits, images, mean, logvar), rebuilt + kl)
    torch.testing.assert_close(vae_loss(logits, images, mean, logvar, beta=4), rebuilt + 4 * kl)


def test_a_larger_beta_is_a_looser_bound_and_a_smaller_one_may_pass_it(posterior):
    logits, images = torch.zeros(len(posterior[0]), 1, 28, 28), torch.zeros(1, 1, 28, 28)
    images = images.expand_as(logits)
    losses = [vae_loss(logits, images, *posterior, beta=beta) for beta in (0, 0.5, 1, 2, 4)]
    assert losses == sorted(losses) and losses[0] < losses[2] < losses[4]


def test_the_bernoulli_score_leaves_out_at_least_log_2_a_pixel():
    logits, ink = torch.linspace(-6, 6, 49)[:, None], torch.linspace(0, 1, 11)
    score = -F.binary_cross_entropy_with_logits(
        *torch.broadcast_tensors(logits, ink), reduction="none"
    )
    density = ContinuousBernoulli(logits=logits).log_prob(ink)
    assert (density - score > math.log(2) - 1e-4).all()


def test_the_elbo_is_below_the_evidence_and_meets_it_at_the_true_posterior():
    # x = z + noise, all normal: p(z | x) = N(x / 2, 1 / 2), and p(x) = N(0, 2).
    x = torch.tensor(1.3, dtype=torch.float64)
    evidence = Normal(0.0, torch.tensor(2.0, dtype=torch.float64).sqrt()).log_prob(x)

    def elbo(mean, variance):  # E_q[log p(x | z)] in closed form, less the KL term
        shape = {"dtype": torch.float64}
        mean, logvar = torch.tensor([[mean]], **shape), torch.tensor([[variance]], **shape).log()
        expected = Normal(mean, 1.0).log_prob(x) - 0.5 * variance
        return (expected.squeeze(1) - kl_divergence(mean, logvar)).item()

    assert elbo(x.item() / 2, 0.5) == pytest.approx(evidence.item())
    assert elbo(x.item() / 2 + 0.2, 0.5) < evidence
    assert elbo(x.item() / 2, 0.8) < evidence


def test_reparameterised_latents_have_the_mean_and_the_variance_asked_for():
    mean, logvar = torch.full((40_000, 2), 3.0), torch.full((40_000, 2), 2.0).log()
    latents = reparameterise(mean, logvar, seeded())
    torch.testing.assert_close(latents.mean(0), mean[0], rtol=0, atol=0.03)
    torch.testing.assert_close(latents.var(0), torch.full((2,), 2.0), rtol=0, atol=0.06)


def test_reparameterised_latents_pass_gradients_to_mean_and_variance(posterior):
    mean, logvar = posterior
    latents = reparameterise(mean, logvar, seeded())
    latents.sum().backward()
    torch.testing.assert_close(mean.grad, torch.ones_like(mean))
    # d z / d logvar = (z - mean) / 2
    torch.testing.assert_close(logvar.grad, (latents - mean).detach() / 2)


def test_a_latent_without_variance_is_its_mean(posterior):
    mean = posterior[0].detach()
    torch.testing.assert_close(reparameterise(mean, torch.full_like(mean, -100)), mean)


def test_the_vae_encodes_decodes_and_samples_in_the_shapes_of_its_contract(digits):
    images, labels = digits
    vae = DigitVAE(latent_dim=4, channels=SMALL)
    mean, logvar = vae.encode(images, labels)
    assert mean.shape == logvar.shape == (12, 4)
    for pictures in (vae.decode(mean, labels), vae.reconstruct(images), vae.sample(12, labels)):
        assert pictures.shape == images.shape
        assert pictures.min() >= -1 and pictures.max() <= 1
    none = torch.full((12,), NO_CLASS)
    torch.testing.assert_close(vae.decode(mean), vae.decode(mean, none))
    assert not torch.equal(vae.decode(mean), vae.decode(mean, labels))


def test_the_vae_draws_the_same_from_the_same_seed():
    vae = DigitVAE(latent_dim=4, channels=SMALL)
    labels = torch.arange(3)
    assert torch.equal(vae.sample(3, labels, seeded(1)), vae.sample(3, labels, seeded(1)))
    assert not torch.equal(vae.sample(3, labels, seeded(1)), vae.sample(3, labels, seeded(2)))


def test_the_shipped_vae_draws_what_is_asked_for_and_gives_digits_back():
    vae, labels = load_vae(), torch.arange(200) % 10
    drawn = vae.sample(200, labels, seeded())
    assert read_as_asked(drawn, labels) > 0.85
    assert (classify(vae.reconstruct(drawn, labels)) == classify(drawn)).float().mean() > 0.9
    assert not any(parameter.requires_grad for parameter in vae.parameters())


# The GAN


def test_the_losses_of_the_gan_are_binary_cross_entropies():
    real, fake = torch.randn(2, 20, generator=seeded())
    ones, zeros = torch.ones(20), torch.zeros(20)
    bce = F.binary_cross_entropy_with_logits
    torch.testing.assert_close(discriminator_loss(real, fake), bce(real, ones) + bce(fake, zeros))
    torch.testing.assert_close(generator_loss(fake), bce(fake, ones))


def test_a_discriminator_that_cannot_tell_has_the_loss_of_guessing():
    zeros = torch.zeros(4)
    assert discriminator_loss(zeros, zeros).item() == pytest.approx(2 * torch.log(torch.tensor(2)))


def test_the_losses_push_real_up_and_fake_down_and_the_generator_fake_up():
    real, fake = torch.randn(2, 20, generator=seeded()).requires_grad_()
    (slope,) = torch.autograd.grad(discriminator_loss(real, fake), [real])
    assert (slope < 0).all()
    (slope,) = torch.autograd.grad(discriminator_loss(real, fake), [fake])
    assert (slope > 0).all()
    (slope,) = torch.autograd.grad(generator_loss(fake), [fake])
    assert (slope < 0).all()


def test_the_nonsaturating_slope_stays_where_the_minimax_slope_vanishes():
    sure = torch.tensor([-12.0], requires_grad=True)  # the discriminator is sure: a fake
    (kept,) = torch.autograd.grad(generator_loss(sure), sure)
    minimax = -F.softplus(sure).mean()  # log(1 - D(G(z)))
    (lost,) = torch.autograd.grad(minimax, sure)
    assert kept.abs() > 0.99
    assert lost.abs() < 1e-4


def test_r1_is_the_squared_slope_of_a_linear_discriminator():
    direction = torch.randn(28 * 28, generator=seeded())

    def linear(images, labels):
        return images.flatten(1) @ direction

    penalty = r1_penalty(linear, torch.rand(6, 1, 28, 28), torch.zeros(6, dtype=torch.long))
    torch.testing.assert_close(penalty, direction.square().sum())


def test_r1_has_gradients_and_following_them_flattens_the_discriminator(digits):
    discriminator = Discriminator(SMALL)
    before = r1_penalty(discriminator, *digits)
    before.backward()
    followed = [p for p in discriminator.parameters() if p.grad is not None]
    steepness = sum(p.grad.square().sum() for p in followed)
    step = 0.1 * before.item() / steepness  # to first order: a tenth less
    with torch.no_grad():
        for parameter in followed:
            parameter -= step * parameter.grad
    assert r1_penalty(discriminator, *digits) < 0.97 * before


def test_each_gan_loss_has_gradients_for_its_own_network_only(digits):
    images, labels = digits
    generator, discriminator = Generator(6, SMALL), Discriminator(SMALL)
    latents = torch.randn(12, 6, generator=seeded())
    d_loss, g_loss = gan_losses(generator, discriminator, images, labels, latents)
    d_loss.backward(retain_graph=True)
    assert gradient(generator).abs().sum() == 0
    own = gradient(discriminator).clone()
    assert own.abs().sum() > 0
    g_loss.backward()
    assert gradient(generator).abs().sum() > 0
    torch.testing.assert_close(gradient(discriminator), own)
    assert all(parameter.requires_grad for parameter in discriminator.parameters())


def test_the_gan_losses_are_those_of_judged_pictures(digits):
    images, labels = digits
    generator, discriminator = Generator(6, SMALL), Discriminator(SMALL)
    latents = torch.randn(12, 6, generator=seeded())
    d_loss, g_loss = gan_losses(generator, discriminator, images, labels, latents)
    fake = discriminator(generator(latents, labels), labels)
    real = discriminator(images, labels)
    torch.testing.assert_close(d_loss, discriminator_loss(real, fake))
    torch.testing.assert_close(g_loss, generator_loss(fake))


def test_the_discriminator_judges_by_class(digits):
    images, labels = digits
    discriminator = Discriminator(SMALL)
    assert discriminator(images, labels).shape == (12,)
    assert not torch.allclose(
        discriminator(images, labels), discriminator(images, (labels + 1) % 10)
    )


def test_the_generator_draws_the_same_from_the_same_seed_and_by_chance_without_classes():
    generator = Generator(6, SMALL)
    drawn = generator.sample(5, None, seeded(1))
    assert drawn.shape == (5, 1, 28, 28) and drawn.abs().max() <= 1
    assert torch.equal(drawn, generator.sample(5, None, seeded(1)))
    assert not torch.equal(drawn, generator.sample(5, None, seeded(2)))


def test_the_shipped_gan_draws_what_is_asked_for():
    gan, labels = load_gan(), torch.arange(200) % 10
    assert read_as_asked(gan.sample(200, labels, seeded()), labels) > 0.9
    assert not any(parameter.requires_grad for parameter in gan.parameters())


def test_what_the_vae_and_the_gan_draw_with_is_as_large_as_the_unet():
    from tripkit.diffusion.unet import DigitUNet

    def size(module):
        return sum(parameter.numel() for parameter in module.parameters())

    unet = size(DigitUNet())
    assert size(DigitVAE().decoder) == pytest.approx(unet, rel=0.25)
    assert size(Generator()) == pytest.approx(unet, rel=0.25)


# Training


def make(kind, images, labels, **options):
    torch.manual_seed(0)
    if kind == "vae":
        return VAETrainer(DigitVAE(4, SMALL), images, labels, batch_size=8, **options)
    return GANTrainer(
        Generator(4, SMALL), Discriminator(SMALL), images, labels, batch_size=8, **options
    )


@pytest.mark.parametrize("kind", ["vae", "gan"])
def test_a_training_steps_to_its_end_and_moves_both_networks(kind, digits):
    trainer = make(kind, *digits, steps=3)
    before = {name: weights(module).clone() for name, module in trainer.run.modules.items()}
    assert [step for step, _ in trainer] == [1, 2, 3]
    for name, module in trainer.run.modules.items():
        assert not torch.equal(weights(module), before[name]), name
    assert weights(trainer.ema.model).isfinite().all()


@pytest.mark.parametrize("kind", ["vae", "gan"])
def test_a_training_goes_on_from_its_checkpoint(kind, digits, tmp_path):
    first = make(kind, *digits, steps=2, folder=tmp_path)
    list(first)
    second = make(kind, *digits, steps=4, folder=tmp_path)
    assert second.run.step == second.ema.updates == 2
    assert torch.equal(weights(second.ema.model), weights(first.ema.model))
    assert [step for step, _ in second] == [3, 4]


def test_the_loss_of_the_vae_falls():
    images = torch.full((64, 1, 28, 28), -1.0)
    images[:, :, 8:20, 12:16] = 1
    trainer = make("vae", images, torch.zeros(64, dtype=torch.long), steps=60, warm_up=5)
    losses = [loss for _, loss in trainer]
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])
