"""The models known: complete, consistent, and honest about what is not known."""

import datetime
from dataclasses import fields

import pytest

from tripkit.core.errors import ModelUnavailableError
from tripkit.services.registry import Service, default_service, find_service, load_services

PRICES = [field.name for field in fields(Service) if field.name.startswith("usd_")]


def test_every_model_has_a_kind_a_state_a_day_and_a_source(subtests):
    for service in load_services():
        with subtests.test(service.id):
            assert service.kind in ("planner", "image", "clip")
            known = ("tripkit", "openai", "diffusers", "transformers", "midjourney")
            assert service.service in known
            assert type(service.verified) is datetime.date
            assert service.service == "tripkit" or service.source.startswith("https://")


def test_the_state_agrees_with_the_dates(subtests):
    for service in load_services():
        with subtests.test(service.id):
            if service.state == "alive":
                assert service.shutdown is None and service.replacement is None
            else:
                gone = service.retired_on(service.verified)
                assert service.state == ("retired" if gone else "retiring")
            if service.released and service.shutdown:
                assert service.released < service.shutdown


def test_a_model_that_stops_has_a_living_replacement_of_its_kind(subtests):
    for service in load_services():
        with subtests.test(service.id):
            if service.shutdown:
                replacement = find_service(service.replacement)
                assert (replacement.state, replacement.kind) == ("alive", service.kind)


def test_prices_are_not_known_or_not_negative(subtests):
    for service in load_services():
        with subtests.test(service.id):
            for name in PRICES:
                price = getattr(service, name)
                assert price is None or (isinstance(price, float) and 0 <= price < 1000), name


def test_what_runs_here_is_free_and_licensed(subtests):
    for service in load_services():
        with subtests.test(service.id):
            if service.service in ("tripkit", "diffusers"):
                assert service.license
                assert not any(getattr(service, name) for name in PRICES)
                assert service.kind == "planner" or service.usd_per_picture == 0


def test_the_estimate_of_a_picture_is_no_more_than_a_few_hundred_tokens_at_low_quality(subtests):
    for service in load_services():
        with subtests.test(service.id):
            if service.service == "openai" and service.usd_per_picture is not None:
                tokens = service.usd_per_picture / service.usd_per_million_image_output * 1e6
                assert service.parameters["quality"] == "low" and 100 < tokens < 400


def test_settings_are_plain_values_and_cannot_be_changed(subtests):
    for service in load_services():
        with subtests.test(service.id):
            values = service.parameters.values()
            assert all(isinstance(value, str | int | float) for value in values)
            with pytest.raises(TypeError, match="item assignment"):
                service.parameters["size"] = "huge"


def test_every_model_is_listed_once():
    ids = [service.id for service in load_services()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("service", "kind", "id"),
    [
        ("tripkit", "planner", "catalog"),
        ("tripkit", "image", "postcard"),
        ("openai", "planner", "gpt-6-luna"),
        ("openai", "image", "gpt-image-2.5-flare"),
        ("diffusers", "image", "stabilityai/sd-turbo"),
    ],
)
def test_each_service_has_exactly_one_living_default(service, kind, id):
    defaults = [s for s in load_services() if s.default and (s.service, s.kind) == (service, kind)]
    assert [s.id for s in defaults] == [id]
    assert default_service(service, kind) is defaults[0]
    assert defaults[0].state == "alive" and defaults[0].api


@pytest.mark.parametrize("id", ["dall-e-3", "dall-e-2", "gpt-image-1"])
def test_the_models_of_the_lecture_and_their_first_heir_are_retired(id):
    assert find_service(id).state == "retired"


def test_a_model_retires_on_its_shutdown_day():
    model = find_service("gpt-image-1-mini")
    day = datetime.timedelta(days=1)
    assert not model.retired_on(model.shutdown - day)
    assert model.retired_on(model.shutdown) and model.retired_on(model.shutdown + day)


def test_a_model_without_an_announced_end_does_not_retire():
    assert not find_service("postcard").retired_on(datetime.date(2999, 1, 1))


def test_midjourney_is_listed_without_an_api():
    assert not find_service("midjourney").api
    assert [s.id for s in load_services() if not s.api] == ["midjourney"]


def test_an_unknown_model_is_refused_with_the_known_ones():
    with pytest.raises(ModelUnavailableError, match="gpt-9 is not known here; known are catalog, "):
        find_service("gpt-9")


@pytest.mark.parametrize("id", ["", "x" * 5000, "a\u202eb\x00", None])
def test_a_strange_id_makes_a_readable_message(id):
    with pytest.raises(ModelUnavailableError, match="is not known here") as caught:
        find_service(id)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 1500


def test_a_service_without_a_default_is_refused():
    with pytest.raises(ModelUnavailableError, match=r"midjourney \(planner\) is not known here"):
        default_service("midjourney", "planner")


def test_the_list_is_read_once():
    assert load_services() is load_services()
