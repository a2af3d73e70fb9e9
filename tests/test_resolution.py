"""The forms that `benchmarks/resolution.py` compares, and how their costs are counted."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.resolution import CHANNELS, FORMS, Costs, Form, costs, reconstruction
from tripkit.images.pipeline import PipelineBackend


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_form_has_the_latents_and_the_pixels_that_its_name_says(form):
    vae = form.autoencoder()
    latents = vae.encoder(torch.zeros(1, 3, form.size, form.size))
    assert latents.shape == (1, CHANNELS, form.latents, form.latents)
    assert vae.decoder(latents).shape == (1, 3, form.size, form.size)


def test_the_first_form_is_the_shipped_one():
    pipeline, form = PipelineBackend().pipeline, FORMS[0]
    assert (
        pipeline.vae.encoder.state_dict().keys() == form.autoencoder().encoder.state_dict().keys()
    )
    shapes = {name: p.shape for name, p in pipeline.unet.state_dict().items()}
    assert {name: p.shape for name, p in form.unet().state_dict().items()} == shapes


@pytest.mark.slow
def test_costs_are_those_of_the_first_form():
    rows = costs(rounds=1)
    assert rows["64 / 4"] == {"training_step": 1.0, "postcard": 1.0}
    assert all(value > 0 for row in rows.values() for value in row.values())


@pytest.mark.slow
@pytest.mark.parametrize("call", [Costs.training_step, lambda form: form.postcard(steps=1)])
def test_what_is_timed_grows_with_the_latents(call):
    operations = {}
    for form in FORMS:
        with FlopCounterMode(display=False) as counter:
            call(Costs(form))
        operations[form.name] = counter.get_total_flops()
    assert 3.5 < operations["128 / 4"] / operations["64 / 4"] < 6  # four times the latents
    assert 1 <= operations["128 / 8"] / operations["64 / 4"] < 3  # as many, and more pixels


@pytest.mark.slow
def test_an_autoencoder_learns_in_its_minutes():
    form = Form(64, 4)
    untrained, trained = (reconstruction(form, minutes, test=4) for minutes in (1e-6, 0.05))
    assert trained["psnr_db"] > untrained["psnr_db"] + 1
