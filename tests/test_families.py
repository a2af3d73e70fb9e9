"""The comparison of the families: its measures, and that it goes on where it stopped."""

import argparse
import json

import numpy as np
import pytest
import torch

from benchmarks import families
from tripkit.diffusion.schedule import cosine_schedule


def options(path, **more):
    settings = {"seconds": 1.0, "seeds": 2, "noisy_seeds": 1, "count": 20, "again": False}
    return argparse.Namespace(out=path, **{**settings, **more})


@pytest.fixture
def made(monkeypatch):
    """Rows without training, and the list of those that were made."""
    done = []

    def row(name, seed, seconds, noise, count):
        done.append((name, seed, noise))
        keys = ("precision", "recall", "read_as_asked", "loss_oscillation", "evenness_unasked")
        found = dict.fromkeys(keys, 0.5) | {"digit_fid": 1.0 + seed + noise, "parameters": 1000}
        found |= {"cpu_seconds": seconds, "cpu_seconds_per_digit": 0.002, "classes_unasked": 10}
        if name != "gan" and not noise:
            levels = {f"{level:g}": {"read_rightly": 0.9} for level in families.NOISES}
            found["cleaning"] = levels
        return found

    def real(count):
        done.append("real")
        return {"digit_fid": 0.3, "precision": 0.8, "recall": 0.8, "read_as_asked": 1.0}

    monkeypatch.setattr(families, "row", row)
    monkeypatch.setattr(families, "real", real)
    return done


def test_every_row_is_kept_and_made_once(tmp_path, made):
    path = tmp_path / "families.json"
    rows = families.measure(options(path))
    assert len(made) == len(rows) == 1 + 3 * 2 + 3 * len(families.NOISES)
    assert all(row["date"] and row["machine"] for row in rows.values())
    families.measure(options(path))
    assert len(made) == len(rows)


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, made, monkeypatch):
    path, whole = tmp_path / "families.json", families.row

    def interrupted(*arguments):
        if len(made) == 3:
            raise KeyboardInterrupt
        return whole(*arguments)

    monkeypatch.setattr(families, "row", interrupted)
    with pytest.raises(KeyboardInterrupt):
        families.measure(options(path))
    assert len(json.loads(path.read_text(encoding="utf-8"))) == 3
    monkeypatch.setattr(families, "row", whole)
    families.measure(options(path))
    assert len(made) == len(set(made)) == 13


def test_rows_of_another_budget_are_made_anew(tmp_path, made):
    path = tmp_path / "families.json"
    families.measure(options(path))
    before = len(made)
    families.measure(options(path, seconds=2.0))
    assert len(made) == 2 * before


def test_what_is_measured_fills_the_shipped_table(tmp_path, made):
    table = families.families_table(families.measure(options(tmp_path / "families.json")))
    assert "| 1.50 ± 0.71 | 1.50 ± 0.71 | 1.50 ± 0.71 |" in table
    assert "2 seeds; 1 CPU seconds" in table


def test_a_loss_on_a_line_does_not_swing_and_a_wave_does():
    steps = np.arange(1000)
    assert families.oscillation(list(5 - steps / 500)) < 1e-6
    wave = 1 + 0.5 * np.sin(steps / 40)
    assert families.oscillation(list(wave)) > 0.2
    assert families.oscillation([1.0, 2.0, 3.0]) == pytest.approx(0, abs=1e-6)


def test_evenness_is_one_for_classes_alike_and_zero_for_one_class():
    assert families.evenness(np.full(10, 0.1)) == pytest.approx(1)
    assert families.evenness(np.eye(10)[3]) == 0


@pytest.mark.parametrize("noise", families.NOISES)
def test_a_perfect_network_cleans_noisy_pictures(noise):
    images = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0)) * 2 - 1
    alphas_cumprod = cosine_schedule().alphas_cumprod

    class Oracle:
        config = {"num_classes": 10}

        def __call__(self, sample, timestep, labels):
            alpha_bar = alphas_cumprod[timestep]
            epsilon = (sample - alpha_bar.sqrt() * images) / (1 - alpha_bar).sqrt()
            return alpha_bar.sqrt() * epsilon - (1 - alpha_bar).sqrt() * images

    generator = torch.Generator().manual_seed(1)
    noisy = images + noise * torch.randn(images.shape, generator=generator)
    cleaned = families.denoised(Oracle(), noisy, noise)
    torch.testing.assert_close(cleaned, images, rtol=0, atol=1e-3)
