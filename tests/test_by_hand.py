"""The pipeline rebuilt in one loop draws what the pipeline draws."""

import pytest
import torch

from tripkit.course.denoising_loop import decode, embed, steps
from tripkit.images.pipeline import PipelineBackend

SCHEDULERS = ("DPMSolverMultistepScheduler", "DDIMScheduler", "EulerDiscreteScheduler")


@pytest.fixture(scope="module")
def pipe():
    return PipelineBackend().pipeline


@pytest.fixture
def swapped(pipe, request):
    import diffusers

    own = pipe.scheduler
    pipe.scheduler = getattr(diffusers, request.param).from_config(own.config)
    yield pipe
    pipe.scheduler = own


@pytest.mark.parametrize("swapped", SCHEDULERS, indirect=True)
@pytest.mark.parametrize(
    ("prompt", "negative_prompt"), [("a red castle", ""), ("분홍 벚꽃 공원", "a lake at night")]
)
def test_the_loop_equals_the_pipeline(swapped, prompt, negative_prompt):
    options = {"num_inference_steps": 3, "guidance_scale": 3.0, "negative_prompt": negative_prompt}
    *_, latents = steps(swapped, prompt, seed=5, **options)
    seed = torch.Generator().manual_seed(5)
    theirs = swapped(prompt, generator=seed, output_type="pt", **options).images
    torch.testing.assert_close(decode(swapped, latents), theirs, atol=1e-4, rtol=0)


def test_guidance_1_is_the_prompts_own_answer(pipe):
    *_, latents = steps(pipe, "a castle", seed=1, num_inference_steps=3, guidance_scale=1.0)
    theirs = pipe(
        "a castle",
        generator=torch.Generator().manual_seed(1),
        num_inference_steps=3,
        guidance_scale=1.0,
        output_type="latent",
    ).images
    torch.testing.assert_close(latents, theirs, atol=1e-4, rtol=0)


def test_there_is_one_picture_more_than_steps_and_the_first_is_noise(pipe):
    found = list(steps(pipe, "a castle", seed=1, num_inference_steps=3, guidance_scale=2.0))
    assert len(found) == 4
    noise = torch.randn(found[0].shape, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(found[0], noise * pipe.scheduler.init_noise_sigma)


def test_long_texts_are_cut_and_short_ones_padded_to_one_length(pipe):
    length = pipe.tokenizer.model_max_length
    assert embed(pipe, ["", "lake " * 200]).shape[:2] == (2, length)
