"""Cleaning, filling in, finding defects; and the damage that they are tried on."""

import pytest
import torch

from tripkit.core.errors import RequestError
from tripkit.core.messages import LANGUAGES
from tripkit.course.corruptions import DEFECTS, damage
from tripkit.course.uses import (
    clean,
    diffusion_defect_score,
    fill_in,
    load_uses,
    uses_table,
    vae_defect_score,
)
from tripkit.diffusion.schedule import cosine_schedule
from tripkit.generative.metrics import auc


@pytest.fixture
def digits():
    """Rings: background, and ink where a stroke may go missing."""
    grid = torch.stack(torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij"))
    distance = (grid - 13.5).square().sum(0).sqrt()
    ring = ((distance > 5) & (distance < 9)).float() * 2 - 1
    return ring.expand(8, 1, 28, 28).clone()


@pytest.mark.parametrize("kind", DEFECTS)
def test_damage_changes_some_pixels_under_its_mask_and_no_others(digits, kind):
    damaged = damage(digits, kind)
    changed = damaged.images != digits
    assert changed.flatten(1).any(1).all()
    assert (damaged.masks.bool() | ~changed).all()
    assert set(damaged.masks.unique().tolist()) == {0, 1}
    assert damaged.masks.mean() < 0.15
    assert damaged.images.min() >= -1 and damaged.images.max() <= 1


@pytest.mark.parametrize("kind", DEFECTS)
def test_the_same_seed_damages_alike_and_another_seed_elsewhere(digits, kind):
    first, same, other = (damage(digits, kind, seed).masks for seed in (1, 1, 2))
    assert torch.equal(first, same) and not torch.equal(first, other)


def test_missing_strokes_take_ink_away_and_the_others_add_some(digits):
    assert damage(digits, "missing").images.mean() < digits.mean()
    for kind in ("scratch", "blob"):
        assert damage(digits, kind).images.mean() > digits.mean()


def test_an_empty_page_can_be_damaged_too():
    empty = torch.full((2, 1, 28, 28), -1.0)
    assert all(damage(empty, kind).masks.sum() > 0 for kind in DEFECTS)


def test_an_unknown_defect_is_refused(digits):
    with pytest.raises(RequestError, match="scratch, blob, missing"):
        damage(digits, "rust")


class Oracle(torch.nn.Module):
    """A U-Net that always has the same pictures in mind."""

    config = {"num_classes": 10}

    def __init__(self, pictures):
        super().__init__()
        self.pictures = pictures

    def forward(self, sample, timestep, labels):
        alpha_bar = cosine_schedule().alphas_cumprod[timestep]
        epsilon = (sample - alpha_bar.sqrt() * self.pictures) / (1 - alpha_bar).sqrt()
        return alpha_bar.sqrt() * epsilon - (1 - alpha_bar).sqrt() * self.pictures


@pytest.mark.parametrize("strength", [0.25, 1.0, 3.0])
def test_a_network_that_knows_the_picture_cleans_it(digits, strength):
    noisy = digits + strength * torch.randn(digits.shape)
    cleaned = clean(Oracle(digits), noisy, strength)
    torch.testing.assert_close(cleaned, digits, rtol=0, atol=1e-3)


def test_little_noise_needs_few_steps(digits):
    seen = []

    class Counting(Oracle):
        def forward(self, sample, timestep, labels):
            seen.append(timestep)
            return super().forward(sample, timestep, labels)

    clean(Counting(digits), digits, 0.25, num_inference_steps=20)
    weak = len(seen)
    clean(Counting(digits), digits, 2.0, num_inference_steps=20)
    assert 0 < weak < len(seen) - weak < 20


class Memory:
    """A VAE that rebuilds everything as the same pictures, and counts."""

    def __init__(self, pictures):
        self.pictures, self.calls = pictures, 0

    def reconstruct(self, images, labels=None):
        self.calls += 1
        return self.pictures


def test_filling_in_touches_the_masked_part_alone(digits):
    vae = Memory(torch.zeros_like(digits))
    damaged = damage(digits, "missing")
    filled = fill_in(vae, damaged.images, damaged.masks, rounds=3)
    assert vae.calls == 3
    assert (filled[damaged.masks > 0] == 0).all()
    assert torch.equal(filled[damaged.masks == 0], digits[damaged.masks == 0])


def test_a_defect_scores_higher_than_what_is_known(digits):
    bad = damage(digits, "blob").images
    vae, unet = Memory(digits), Oracle(digits)
    for score in (lambda x: vae_defect_score(vae, x), lambda x: diffusion_defect_score(unet, x)):
        torch.testing.assert_close(score(digits), torch.zeros(8), rtol=0, atol=1e-6)
        assert (score(bad) > 0.01).all() and auc(score(digits), score(bad)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_table_names_every_use(language):
    measured = load_uses()
    lines = uses_table(measured, language).splitlines()
    assert len(lines) == 2 + len(measured["rows"]) + 2
    assert {line.count("|") for line in lines[:-2]} == {5}
    assert str(measured["count"]) in lines[-1]
    for kind in DEFECTS:
        values = measured["rows"][f"auc {kind}"]
        assert all(0 <= value <= 1 for each in values.values() for value in each)


def test_the_command_measures_every_use_for_every_seed(monkeypatch, digits):
    from benchmarks import uses

    class Set:
        def take(self, count):
            return self

        def tensors(self):
            return digits, torch.zeros(8, dtype=torch.int64)

    monkeypatch.setattr(uses, "load_digits", lambda *_: Set())
    rows = uses.measure(4, seeds=2)
    assert set(rows) == set(load_uses()["rows"])
    assert all(len(values) == 2 for row in rows.values() for values in row.values())
    assert rows["fill error blob"]["untouched"][0] > 0
