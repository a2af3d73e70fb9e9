"""Paid calls: told before, booked after, never beyond the cap, never without a yes."""

import math
import threading

import pytest
from doubles import FixedPlanner, PaintingBackend, a_plan
from fake_openai import USAGE, sdk

from tripkit.core import messages
from tripkit.core.errors import CancelledError, RequestError, ServiceError, SpendingError
from tripkit.core.jobs import run_inline
from tripkit.images.base import PaidImageBackend
from tripkit.images.openai import OpenAIImageBackend
from tripkit.planners.base import PaidPlanner
from tripkit.planners.catalog import CatalogPlanner
from tripkit.planners.openai import OpenAIPlanner
from tripkit.prompts import compose_prompt
from tripkit.services import prices, registry
from tripkit.services.consent import Consent
from tripkit.services.spending import DEFAULT_CAP, Estimate, Ledger, dollars
from tripkit.session import TripSession

REQUEST = "A spring picnic with friends"
PROMPT = compose_prompt(REQUEST, a_plan(REQUEST, "en"), 0)
IMAGE = registry.default_service("openai", "image")
PLANNER = registry.default_service("openai", "planner")


def about(usd, model="m"):
    return Estimate("OpenAI", model, usd)


def a_session(client, tmp_path, *, model=None, planner=None, ledger=None):
    backend = OpenAIImageBackend(model, client=client)
    planner = planner or FixedPlanner()
    return TripSession(
        planner, backend, folder=tmp_path, run=run_inline, language="en", ledger=ledger
    )


# ---- the books


def test_the_default_cap_is_a_few_tens_of_cents():
    assert Ledger().cap_usd == DEFAULT_CAP and 0.1 <= DEFAULT_CAP <= 0.9


def test_calls_add_up_and_the_one_beyond_the_cap_is_refused():
    ledger = Ledger(0.10)
    for _ in range(3):
        with ledger.paid(about(0.03)) as call:
            call.sent, call.usd = True, 0.03
    assert ledger.spent_usd == pytest.approx(0.09)
    with pytest.raises(SpendingError, match=r"cap of \$0.1"), ledger.paid(about(0.03)):
        raise AssertionError("nothing may be sent")
    ledger.cap_usd = 0.20
    with ledger.paid(about(0.03)) as call:
        call.usd = 0.04
    assert ledger.spent_usd == pytest.approx(0.13)


def test_a_call_under_way_holds_its_sum():
    ledger = Ledger(0.05)
    with ledger.paid(about(0.03)), pytest.raises(SpendingError), ledger.paid(about(0.03)):
        raise AssertionError("two at once would go beyond")


def test_no_interleaving_spends_beyond_the_cap():
    ledger, allowed = Ledger(0.10), []
    barrier = threading.Barrier(8)

    def spend():
        barrier.wait()
        try:
            with ledger.paid(about(0.03)) as call:
                call.usd = 0.03
            allowed.append(1)
        except SpendingError:
            pass

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(allowed) == 3 and ledger.spent_usd <= 0.10


@pytest.mark.parametrize(
    ("sent", "error", "state", "counted"),
    [
        (False, ServiceError("no_network", service="OpenAI"), "free", 0.0),
        (True, ServiceError("no_network", service="OpenAI", refused=True), "free", 0.0),
        (True, ServiceError("stream_broken", service="OpenAI"), "possibly", 0.02),
        (True, CancelledError(), "possibly", 0.02),
        (True, KeyboardInterrupt(), "possibly", 0.02),
    ],
)
def test_a_call_that_fails_counts_where_it_may_have_been_billed(sent, error, state, counted):
    ledger = Ledger()
    with pytest.raises(type(error)), ledger.paid(about(0.02)) as call:
        call.sent = sent
        raise error
    assert ledger.calls[0].state == state
    assert (ledger.spent_usd, ledger.possibly_usd) == (counted, counted)


def test_a_yes_is_needed_first_then_for_dearer_calls_and_for_unknown_prices():
    ledger = Ledger()
    assert ledger.needs_consent(about(0.006)) and not ledger.needs_consent(None)
    ledger.agree(about(0.006))
    assert not ledger.needs_consent(about(0.006)) and not ledger.needs_consent(about(0.011))
    assert ledger.needs_consent(about(0.2)) and ledger.needs_consent(about(None))
    ledger.agree(about(None))
    assert not ledger.needs_consent(about(None))
    with ledger.paid(about(None)) as call:
        call.usd = 0.01
    assert ledger.needs_consent(about(None))  # a yes to the unknown is good for one call


def test_an_unknown_price_needs_room_below_the_cap():
    with pytest.raises(SpendingError):
        Ledger(0.0).check(about(None))
    Ledger(0.01).check(about(None))


@pytest.mark.parametrize("cap", [-1, math.nan, math.inf, True, "1", None, 10_000])
def test_a_cap_is_a_number_of_dollars(cap):
    with pytest.raises(RequestError, match="number of US dollars"):
        Ledger(cap)


@pytest.mark.parametrize(("usd", "said"), [(0.00601, "0.0061"), (0.05, "0.05"), (0, "0")])
def test_sums_are_never_said_too_low(usd, said):
    assert dollars(usd) == said and float(dollars(usd)) >= usd


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_prices_and_books_are_said_in_both_languages(language):
    ledger = Ledger()
    for estimate in (about(0.006), Estimate("OpenAI", "m", 0.006, at_least=True), about(None)):
        assert "m" in estimate.words(language) and "OpenAI" in estimate.words(language)
    with pytest.raises(CancelledError), ledger.paid(about(0.02)) as call:
        call.sent = True
        raise CancelledError
    assert "$0.3" in ledger.words(language) and ledger.words(language).count("$0.02") == 2


# ---- estimates


def test_the_estimate_of_a_picture_is_the_picture_and_its_words(official):
    backend = OpenAIImageBackend(client=official)
    estimate = backend.estimate(PROMPT)
    assert estimate.usd > backend.cost_per_picture
    longer = backend.estimate(PROMPT.full * 3)
    assert longer.usd > estimate.usd
    # What the fake server bills for it is within a factor of two of what was said before.
    bill = backend.generate(PROMPT).cost_usd
    assert estimate.usd / 2 < bill < estimate.usd * 2


def test_the_tokens_of_each_quality_give_its_price(official):
    listed = next(s for s in registry.load_services() if s.output_tokens)
    for quality, tokens in listed.output_tokens.items():
        backend = OpenAIImageBackend(listed.id, quality=quality, client=official, partial_images=0)
        wanted = tokens * listed.usd_per_million_image_output / 1e6
        assert backend.cost_per_picture == pytest.approx(wanted, rel=0.05)
    assert OpenAIImageBackend(listed.id, quality="max").cost_per_picture is None


def test_a_server_on_this_computer_bills_nothing_and_one_elsewhere_an_unknown_sum(server):
    with sdk(server, official=False) as client:
        assert OpenAIImageBackend("flux", client=client).estimate(PROMPT) is None
        assert OpenAIPlanner("qwen", client=client).estimate(REQUEST, language="en") is None
    remote = OpenAIImageBackend("flux", base_url="http://models.example/v1")
    assert remote.estimate(PROMPT) == Estimate("models.example", "flux", None)


def test_the_estimate_of_a_plan_is_what_it_costs_at_most(official):
    planner = OpenAIPlanner(client=official)
    most = planner.estimate(REQUEST, language="en").usd
    answer = PLANNER.parameters["max_output_tokens"] * PLANNER.usd_per_million_output / 1e6
    assert answer < most < 2 * answer
    planner.plan(REQUEST, language="en")
    assert 0 < planner.cost_usd < most
    assert planner.ledger.spent_usd == planner.cost_usd


def test_a_bill_of_text_needs_both_counts():
    assert prices.text_bill(PLANNER, 10, None) is None
    assert prices.text_bill(None, 10, 10) is None
    assert prices.text_bill(PLANNER, 1_000_000, 0) == pytest.approx(PLANNER.usd_per_million_input)


# ---- backends


def test_a_backend_books_what_the_usage_says(official):
    backend = OpenAIImageBackend(client=official)
    card = backend.generate(PROMPT)
    assert backend.ledger.spent_usd == pytest.approx(card.cost_usd)
    tokens = USAGE["input_tokens"] * IMAGE.usd_per_million_input
    tokens += USAGE["output_tokens"] * IMAGE.usd_per_million_image_output
    assert card.cost_usd == pytest.approx(tokens / 1e6)


def test_beyond_the_cap_nothing_is_sent(server, official):
    backend = OpenAIImageBackend(client=official, ledger=Ledger(0.001))
    with pytest.raises(SpendingError, match="Raise the cap"):
        backend.generate(PROMPT)
    planner = OpenAIPlanner(client=official, ledger=Ledger(0.0001))
    with pytest.raises(SpendingError, match="Raise the cap"):
        planner.plan(REQUEST, language="en")
    assert server.requests == []


FREE = ("bad-key", "not-verified", "region", "model-unknown", "rate-limited", "no-quota")
POSSIBLY = ("overloaded", "drops", "stream-drops", "not-a-picture", "moderated", "stream-ends")


@pytest.mark.parametrize("model", [*FREE, "bad-request", *POSSIBLY, "stream-error-event"])
def test_a_refusal_is_free_and_a_broken_call_possibly_billed(official, model):
    state = "free" if model in (*FREE, "bad-request") else "possibly"
    backend = OpenAIImageBackend(model, client=official)
    with pytest.raises(ServiceError) as caught:
        backend.generate(PROMPT)
    assert backend.ledger.calls[0].state == state
    for language in messages.LANGUAGES:
        said = messages.text("spending.possibly_billed", language)
        assert (said in caught.value.message(language)) == (state == "possibly")


# ---- a session asks first


def test_a_session_asks_before_the_first_paid_call_and_then_draws(server, official, tmp_path):
    session = a_session(official, tmp_path)
    session.ask(REQUEST)
    session.choose(0)
    session.draw(seed=1)
    assert session.state == "confirming" and server.requests == []
    assert session.quote.usd == session.backend.estimate(session.prompt).usd
    session.confirm()
    assert (session.state, session.quote) == ("done", None)
    assert session.ledger.spent_usd == session.postcard.cost_usd
    session.draw(seed=1)  # the same price again: agreed
    assert session.state == "done" and len(server.requests) == 2


def test_a_no_sends_nothing_and_leads_back(server, official, tmp_path):
    session = a_session(official, tmp_path)
    session.ask(REQUEST)
    session.choose(0)
    session.draw(seed=1)
    session.cancel()
    assert (session.state, session.cancelled, session.quote) == ("choosing", True, None)
    with pytest.raises(RequestError, match="Nothing waits"):
        session.confirm()
    assert server.requests == [] and session.ledger.calls == ()


def test_a_changed_mind_forgets_the_price(server, official, tmp_path):
    session = a_session(official, tmp_path)
    session.ask(REQUEST)
    session.choose(0)
    session.draw(seed=1)
    session.choose(1)
    assert session.quote is None
    with pytest.raises(RequestError):
        session.confirm()
    assert server.requests == []


@pytest.mark.parametrize("part", ["backend", "planner"])
def test_another_model_takes_the_price_of_the_first_one_back(server, official, tmp_path, part):
    session = a_session(official, tmp_path)
    session.ask(REQUEST)
    session.choose(0)
    session.draw(seed=1)
    setattr(session, part, "postcard" if part == "backend" else "catalog")
    assert (session.state, session.quote) == ("choosing", None)
    with pytest.raises(RequestError, match="Nothing waits"):
        session.confirm()
    assert server.requests == []


def test_a_paid_planner_is_asked_for_too(server, official, tmp_path):
    session = a_session(official, tmp_path, planner=OpenAIPlanner(client=official))
    session.ask(REQUEST)
    assert session.state == "confirming" and server.requests == []
    session.confirm()
    assert session.state == "choosing" and len(server.requests) == 1
    assert session.ledger.spent_usd == session.planner.cost_usd > 0


def test_planner_and_pictures_share_one_cap(server, official, tmp_path):
    ledger = Ledger(0.014)
    session = a_session(official, tmp_path, planner=OpenAIPlanner(client=official), ledger=ledger)
    session.ask(REQUEST)
    session.confirm()
    session.choose(0)
    session.draw(seed=1)
    session.confirm()
    assert session.state == "done"
    session.draw(seed=1)
    assert session.state == "error" and session.error.code == "cap_reached"
    assert len(server.requests) == 2
    ledger.cap_usd = 1.0
    session.draw(seed=1)
    assert session.state == "done"


def test_a_missing_key_is_told_before_any_price(tmp_path):
    session = TripSession(FixedPlanner(), "openai", folder=tmp_path, run=run_inline)
    session.ask(REQUEST)
    session.choose(0)
    session.draw()
    assert (session.state, session.error.code) == ("error", "key_missing")


def test_an_edited_prompt_waits_with_its_price(server, official, tmp_path):
    session = a_session(official, tmp_path)
    session.ask(REQUEST)
    session.choose(0)
    edited = compose_prompt(REQUEST, session.plan, 2)
    session.draw(edited, seed=1)
    session.confirm()
    assert session.postcard.prompt == edited


def test_what_may_be_billed_is_known_by_its_protocol(official):
    assert isinstance(OpenAIImageBackend(client=official), PaidImageBackend)
    assert isinstance(OpenAIPlanner(client=official), PaidPlanner)
    assert not isinstance(CatalogPlanner(), PaidPlanner)
    assert not isinstance(PaintingBackend(), PaidImageBackend)


def test_a_yes_to_one_call_starts_that_call_and_no_other():
    consent, made = Consent(Ledger(1.0)), []
    with pytest.raises(RequestError, match="Nothing waits"):
        consent.agree()
    consent.ask(about(0.01), lambda: made.append("first"))
    consent.ask(about(0.02), lambda: made.append("second"))
    assert consent.quote == about(0.02)
    consent.agree()()
    assert (made, consent.quote, consent.forget()) == (["second"], None, False)
    assert not consent.is_needed(about(0.02)) and consent.is_needed(about(0.05))
    with pytest.raises(SpendingError, match="cap"):
        consent.is_needed(about(2.0))
