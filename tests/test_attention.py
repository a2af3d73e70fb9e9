"""Attention maps: weights that sum to 1, words found by their tokens, nothing left behind."""

import math

import pytest
import torch
from torch.nn import functional as F

from tripkit.core.errors import RequestError
from tripkit.core.messages import LANGUAGES
from tripkit.images.attention import attention_maps
from tripkit.images.pipeline import PipelineBackend

PROMPT = "light pink r248 g184 b192 cherry blossom park, sky blue castle; a walk"
KOREAN = "연분홍 벚꽃 공원, 강변 산책로가 어우러진 봄 소풍 여행지"


@pytest.fixture(scope="module")
def pipe():
    return PipelineBackend().pipeline


def draw(pipe, prompt, **options):
    options = {"num_inference_steps": 2, "guidance_scale": 3.0, "output_type": "pt"} | options
    seeds = [torch.Generator().manual_seed(n) for n in range(len(prompt))]
    seeds = torch.Generator().manual_seed(0) if isinstance(prompt, str) else seeds
    return pipe(prompt, generator=seeds, **options).images


@pytest.fixture(scope="module")
def maps(pipe):
    with attention_maps(pipe) as maps:
        draw(pipe, PROMPT)
    return maps


def test_the_weights_over_the_tokens_sum_to_one_at_each_pixel(pipe, maps):
    weights = maps.weights()
    assert weights.shape == (pipe.tokenizer.model_max_length, 64, 64) and weights.min() >= 0
    torch.testing.assert_close(weights.sum(0), torch.ones(64, 64))


@pytest.mark.parametrize("guidance_scale", [1.0, 3.0])
def test_recording_changes_no_picture_and_restores_the_processors(pipe, guidance_scale):
    before = pipe.unet.attn_processors
    plain = draw(pipe, PROMPT, guidance_scale=guidance_scale)
    with attention_maps(pipe):
        recorded = draw(pipe, PROMPT, guidance_scale=guidance_scale)
    torch.testing.assert_close(recorded, plain, atol=1e-6, rtol=0)
    assert pipe.unet.attn_processors == before
    assert not pipe.unet._forward_pre_hooks and not pipe.text_encoder._forward_pre_hooks


def test_the_processors_are_restored_after_an_exception(pipe):
    before = pipe.unet.attn_processors
    with pytest.raises(ZeroDivisionError), attention_maps(pipe):
        1 / 0  # noqa: B018
    assert pipe.unet.attn_processors == before
    assert not pipe.unet._forward_pre_hooks and not pipe.text_encoder._forward_pre_hooks


def test_the_maps_are_the_mean_of_the_weights_that_the_layers_use(pipe):
    """Weights times values, projected, are a layer's output; the map is their mean, enlarged."""
    calls, grown = [], []

    def note(layer, args, options, output):
        calls.append((layer, args[0], options["encoder_hidden_states"], output))

    layers = [layer for name, layer in pipe.unet.named_modules() if name.endswith("attn2")]
    hooks = [layer.register_forward_hook(note, with_kwargs=True) for layer in layers]
    with attention_maps(pipe) as maps:
        draw(pipe, PROMPT, num_inference_steps=1, guidance_scale=1.0)
    for hook in hooks:
        hook.remove()
    for layer, hidden, text, output in calls:
        parts = layer.to_q(hidden), layer.to_k(text), layer.to_v(text)
        query, key, value = map(layer.head_to_batch_dim, parts)
        weights = (query @ key.mT * layer.scale).softmax(-1)
        mixed = layer.to_out[0](layer.batch_to_head_dim(weights @ value))
        torch.testing.assert_close(mixed, output, atol=1e-4, rtol=0)
        side = math.isqrt(weights.shape[1])
        grid = weights.mean(0).T.unflatten(1, (side, side))
        grown.append(F.interpolate(grid[None], (64, 64), mode="bilinear")[0])
    assert len(grown) == len(layers) > 1
    torch.testing.assert_close(maps.weights(), torch.stack(grown).mean(0), atol=1e-5, rtol=0)


def test_with_guidance_the_maps_are_those_of_the_prompt(pipe):
    """The first step sees the same noise with any guidance, so its maps are the same."""
    found = []
    for guidance_scale in (1.0, 3.0):
        with attention_maps(pipe) as maps:
            draw(pipe, PROMPT, num_inference_steps=1, guidance_scale=guidance_scale)
        found.append(maps.weights())
    torch.testing.assert_close(*found, atol=1e-5, rtol=0)


def test_a_phrase_is_the_sum_of_its_words(maps):
    parts = maps.of("cherry") + maps.of("blossom") + maps.of("park")
    torch.testing.assert_close(maps.of("cherry blossom park"), parts)
    torch.testing.assert_close(maps.of("Cherry  BLOSSOM park"), parts)
    assert maps.of("castle").shape == (64, 64)


def test_a_colour_code_is_three_tokens(maps):
    assert maps.tokens_of("r248 g184 b192") == [3, 4, 5]
    assert maps.pieces()[:4] == ["light", "pink", "r248", "g184"]


def test_korean_words_work_with_and_without_their_particle(pipe):
    with attention_maps(pipe) as maps:
        draw(pipe, KOREAN)
    assert "벚꽃" in "".join(maps.pieces())
    tokens = maps.tokens_of("산책로가")
    torch.testing.assert_close(maps.of("산책로가"), maps.weights()[tokens].sum(0))
    assert set(maps.tokens_of("산책로")) <= set(tokens)
    for missing in ("산", "책로", "공"):
        with pytest.raises(RequestError, match="is not in the prompt"):
            maps.of(missing)


@pytest.mark.parametrize("word", ["volcano", "cast", "astle", "", "벚꽃", "\ud800"])
def test_a_word_that_is_not_in_the_prompt_is_a_clear_error(maps, word):
    with pytest.raises(RequestError, match="is not in the prompt") as caught:
        maps.of(word)
    assert caught.value.code == "word_not_in_prompt"
    assert "castle" in caught.value.message("en")
    for language in LANGUAGES:
        assert caught.value.message(language)


def test_maps_without_a_picture_are_a_clear_error(pipe):
    with attention_maps(pipe) as maps:
        pass
    for ask in (maps.weights, maps.pieces, lambda: maps.of("castle")):
        with pytest.raises(RequestError, match="No picture"):
            ask()


def test_each_picture_of_a_batch_has_its_own_maps(pipe):
    with attention_maps(pipe) as maps:
        draw(pipe, ["red castle", "blue lake", "a castle, a lake"])
    assert maps.pieces(1) == ["blue", "lake"] and maps.of("castle", 2).shape == (64, 64)
    with pytest.raises(RequestError):
        maps.of("castle", 1)


def test_embeddings_made_outside_need_the_prompt_once_more(pipe):
    embeds, _ = pipe.encode_prompt("red castle", "cpu", 1, False)
    options = {"num_inference_steps": 1, "guidance_scale": 1.0}
    with attention_maps(pipe, prompt="red castle") as maps:
        pipe(prompt_embeds=embeds, generator=torch.Generator().manual_seed(0), **options)
    with attention_maps(pipe) as same:
        draw(pipe, "red castle", num_inference_steps=1, guidance_scale=1.0)
    torch.testing.assert_close(maps.of("castle"), same.of("castle"))


def test_the_backends_own_calls_are_recorded():
    backend = PipelineBackend(num_inference_steps=2)
    from tripkit.prompts import ImagePrompt

    with attention_maps(backend.pipeline) as maps:
        backend.generate(ImagePrompt("castle", "red castle"), seed=1)
    assert maps.of("castle").max() <= 1
