"""The app, clicked without a browser: every state, both languages, bad input, no foreign HTML."""

import io
import logging
import re
import threading
import time
from html import unescape
from html.parser import HTMLParser

import ipywidgets as widgets
import pytest
from doubles import FixedPlanner, PaintingBackend, a_full_disk, a_plan
from PIL import Image

import tripkit.session as session_module
from tripkit.app import html
from tripkit.app.trip_app import TripApp
from tripkit.colors import contrast_ratio, from_hex
from tripkit.core import messages
from tripkit.core.errors import MissingKeyError, ModelUnavailableError, ServiceError
from tripkit.core.jobs import run_inline
from tripkit.core.weights import broken
from tripkit.model_menu import Choice, choices, price
from tripkit.services.registry import find_service
from tripkit.session import TripSession
from tripkit.trips import Stop, Trip, TripPlan

REQUEST = "친구와 봄 소풍을 갈 만한 여행지를 추천해줘."
ATTACK = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'&"


@pytest.fixture(autouse=True)
def no_swallowed_exceptions(caplog):
    """ipywidgets swallows the exceptions of handlers, and only logs them: no test may pass then."""
    yield
    swallowed = [r for r in caplog.records if "Exception in callback" in r.getMessage()]
    assert not swallowed, swallowed


def an_app(tmp_path, planner=None, backend=None, *, run=run_inline, language="ko", **options):
    session = TripSession(
        planner or FixedPlanner(),
        backend or PaintingBackend(),
        folder=tmp_path,
        run=run,
        language=language,
    )
    return TripApp(session, **options)


@pytest.fixture
def app(tmp_path):
    return an_app(tmp_path)


def ask(app, request=REQUEST):
    app.layout.request.value = request
    app.layout.ask.click()
    return app


def press(app, index=0):
    app.layout.trip_buttons[index].click()
    return app


def shown(widget) -> bool:
    return "tripkit-gone" not in widget._dom_classes


def every(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from every(child)


def visible(widget):
    """All widgets that a user sees."""
    if shown(widget):
        yield widget
        for child in getattr(widget, "children", ()):
            yield from visible(child)


def words(app) -> str:
    """All the text that a user sees, without markup."""
    said = []
    for widget in visible(app.widget):
        if "tripkit-style" in widget._dom_classes:
            continue
        if isinstance(widget, widgets.HTML):
            said.append(re.sub(r"<[^>]*>", " ", widget.value))
        else:
            said += [getattr(widget, "description", ""), str(getattr(widget, "placeholder", ""))]
    return unescape(" ".join(said))


class Tags(HTMLParser):
    """Collects the elements and attributes that a browser would make."""

    def __init__(self, markup):
        super().__init__()
        self.tags, self.attributes = set(), set()
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def markup(app) -> str:
    return "".join(
        w.value
        for w in every(app.widget)
        if isinstance(w, widgets.HTML) and "tripkit-style" not in w._dom_classes
    )


# ------------------------------------------------------- states


def test_a_new_app_asks_for_a_request_and_warms_the_model_up(app):
    assert (app.session.state, app.session.model_state) == ("idle", "ready")
    layout = app.layout
    for panel in (layout.trips_panel, layout.prompt_panel, layout.postcard_panel):
        assert not shown(panel)
    for panel in (layout.gallery_panel, layout.error_panel, layout.progress, layout.cancel):
        assert not shown(panel)
    assert len(layout.examples) == 4


def test_an_example_chip_fills_the_request_box(app):
    app.layout.examples[0].click()
    assert app.layout.request.value == REQUEST
    assert app.session.state == "idle"


def test_asking_shows_three_buttons_with_their_palettes_and_the_notice(app):
    ask(app)
    assert shown(app.layout.trips_panel)
    for button, body, trip in zip(
        app.layout.trip_buttons, app.layout.trip_bodies, app.session.plan.trips, strict=True
    ):
        assert trip.style in button.description and trip.title in button.description
        for stop in trip.stops:
            assert stop.place in body.value and stop.color_name in body.value
        assert "#ffb6c1" in body.value and 'aria-label="' in body.value
    assert "추천 색상은 참고용" in app.layout.notice.value


def test_every_swatch_has_readable_text(app):
    ask(app)
    styles = re.findall(r'style="background:(#\w{6});color:(#\w{6})', markup(app))
    assert len(styles) == 9
    for background, ink in styles:
        assert contrast_ratio(from_hex(background), from_hex(ink)) >= 4.5


def test_pressing_a_trip_draws_its_postcard(app):
    press(ask(app))
    layout, postcard = app.layout, app.session.postcard
    assert app.session.state == "done"
    assert "tripkit-chosen" in layout.trip_cards[0]._dom_classes
    assert Image.open(io.BytesIO(layout.picture.value)).size == (512, 512)
    for fact in (postcard.model, str(postcard.seed), postcard.path.name, "무료", "초"):
        assert fact in layout.facts.value
    assert f'download="{postcard.path.name}"' in layout.download.value
    assert "data:image/png;base64," in layout.download.value
    assert "ΔE" in layout.comparison.value
    assert ">0.0<" in layout.comparison.value
    assert shown(layout.gallery_panel) and layout.gallery.value.count("<figure>") == 1


def test_the_download_is_the_file_as_it_was_saved(app):
    press(ask(app))
    assert html.data_uri(app.session.postcard.path.read_bytes()) in app.layout.download.value


def test_while_drawing_only_cancel_is_allowed_and_previews_are_shown(app):
    seen = []

    def look(session):
        app.mirror.render()
        if session.state == "drawing" and session.preview is not None:
            locked = all(w.disabled for w in app.layout.locked_while_busy)
            seen.append((locked, shown(app.layout.cancel), app.layout.progress.value))
            assert app.layout.picture.value
            assert not shown(app.layout.facts)

    app.session.on_change = look
    press(ask(app))
    assert {(locked, cancel) for locked, cancel, _ in seen} == {(True, True)}
    assert {value for _, _, value in seen} == {1, 2, 3, 4}
    assert not any(w.disabled for w in app.layout.locked_while_busy)
    assert not shown(app.layout.cancel)


def test_planning_is_shown_and_can_be_cancelled(tmp_path):
    gate = threading.Event()
    app = an_app(tmp_path, FixedPlanner(gate=gate), run=session_module.run_in_thread)
    ask(app)
    assert "찾고 있어요" in app.layout.status.value
    assert app.layout.ask.disabled
    app.layout.cancel.click()
    assert "취소했어요" in app.layout.status.value
    assert not app.layout.ask.disabled
    gate.set()
    app.session.close()


def test_a_drawing_can_be_cancelled_and_drawn_again(tmp_path):
    backend = PaintingBackend(pause=0.02, steps=30)
    app = an_app(tmp_path, backend=backend, run=session_module.run_in_thread)
    ask(app)
    until(lambda: app.session.state == "choosing")
    press(app)
    app.layout.cancel.click()
    assert app.session.cancelled
    assert not app.layout.draw.disabled
    app.layout.draw.click()
    until(lambda: app.session.state == "done")
    until(lambda: shown(app.layout.facts))
    app.session.close()
    assert len(backend.drawn) == 1


def until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def test_a_double_click_asks_once(tmp_path):
    gate = threading.Event()
    planner = FixedPlanner(gate=gate)
    app = an_app(tmp_path, planner, run=session_module.run_in_thread)
    ask(app)
    app.layout.ask.click()
    assert app.session.state == "planning" and not shown(app.layout.error_panel)
    gate.set()
    until(lambda: app.session.state == "choosing")
    app.session.close()
    assert len(planner.requests) == 1


def test_the_model_warms_up_in_sight_of_the_user(tmp_path):
    gate = threading.Event()
    backend = PaintingBackend()
    backend.warm_up = lambda: gate.wait(10)
    app = an_app(tmp_path, backend=backend, run=session_module.run_in_thread)
    assert "깨우고 있어요" in app.layout.model_state.value
    assert not app.layout.ask.disabled
    gate.set()
    until(lambda: "준비됐어요" in app.layout.model_state.value)
    app.session.close()


def test_a_model_that_does_not_start_says_why_and_can_be_loaded_again(tmp_path):
    problem = broken("painting", "OSError")
    app = an_app(tmp_path, backend=PaintingBackend(warm_error=problem))
    assert "쓸 수 없어요" in app.layout.model_state.value
    assert shown(app.layout.load)
    app.session.backend.warm_error = None
    app.layout.load.click()
    assert app.session.model_state == "ready" and not shown(app.layout.load)


# ------------------------------------------------------- prompt, seed, gallery


def test_the_prompt_is_shown_as_it_will_be_sent_and_can_be_edited(app):
    press(ask(app))
    assert app.layout.scene.value in app.layout.sent.value
    assert REQUEST in app.layout.full.value
    app.layout.scene.value = "노란 등대"
    assert "노란 등대" in app.layout.sent.value
    app.layout.draw.click()
    assert app.session.postcard.sent == "노란 등대"
    assert app.layout.scene.value == "노란 등대"


def test_an_emptied_prompt_is_explained_before_and_after_drawing(app):
    press(ask(app))
    app.layout.scene.value = app.layout.full.value = ""
    assert "프롬프트가 비어 있어요" in app.layout.sent.value
    app.layout.draw.click()
    assert "프롬프트가 비어 있어요" in app.layout.error.value


def test_the_seed_in_the_box_is_the_seed_of_the_picture(app):
    app.layout.seed.value = 42
    press(ask(app))
    assert app.session.postcard.seed == 42
    app.layout.new_seed.click()
    app.layout.draw.click()
    assert app.session.postcard.seed == app.layout.seed.value
    assert [p.seed for p in app.session.postcards] == [42, app.layout.seed.value]
    assert app.layout.gallery.value.count("<figure>") == 2


# ------------------------------------------------------- languages


def test_the_language_switch_changes_every_text_at_once(app):
    press(ask(app))
    korean = words(app)
    app.layout.language.value = "en"
    english = words(app)
    assert app.session.language == "en"
    own = " ".join(t.place + t.color_name for t in app.session.plan.trips[0].stops)
    for code, entry in messages.MESSAGES.items():
        fixed = "{" not in entry["ko"] and len(entry["ko"]) > 5
        if code.startswith(("app.", "state.")) and fixed and entry["ko"] in korean:
            assert entry["en"] in english, code
            assert entry["ko"] not in english or entry["ko"] in own, code
    app.layout.language.value = "ko"
    assert words(app) == korean


def test_an_error_changes_its_language_too(app):
    ask(app, "")
    assert "요청이 비어 있어요" in app.layout.error.value
    app.layout.language.value = "en"
    assert "The request is empty" in app.layout.error.value


def test_the_next_plan_is_in_the_language_of_the_switch(app):
    app.layout.language.value = "en"
    ask(app, "a picnic")
    assert app.session.plan.language == "en"
    assert "light pink" in app.layout.trip_bodies[0].value


# ------------------------------------------------------- bad input


def hurt(app, message):
    """The error is on screen, nothing ran as HTML, and the app can be used again."""
    assert shown(app.layout.error_panel)
    assert message in words(app)
    tags = Tags(markup(app))
    assert not {"script", "iframe", "object"} & tags.tags
    assert not [name for name in tags.attributes if name.startswith("on")]
    assert not any(w.disabled for w in app.layout.locked_while_busy)
    app.layout.dismiss.click()
    assert not shown(app.layout.error_panel)
    app.session.planner, app.session.backend = FixedPlanner(), PaintingBackend()
    press(ask(app))
    assert app.session.state == "done"


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("", "요청이 비어 있어요"),
        ("\x00\x1b[31m\u202e", None),
        ("가" * 10_000, "10000자"),
        (" \n\t ", "요청이 비어 있어요"),
    ],
    ids=["empty", "control characters", "10,000 characters", "blanks"],
)
def test_a_bad_request_is_explained(app, request_, message):
    ask(app, request_)
    if message is None:  # what is left of it, "[31m", is a request, if an odd one
        assert "\x1b" not in app.session.request and "\u202e" not in app.session.request
    else:
        assert app.layout.request.value == request_  # nothing lost
        hurt(app, message)


@pytest.mark.parametrize("request_", [ATTACK, "🌸🧺👨‍👩‍👧‍👦 소풍", "$5 and $10 \\(x\\)"])
def test_odd_requests_are_planned_and_shown_as_text(app, request_):
    press(ask(app, request_))
    assert app.session.state == "done"
    tags = Tags(markup(app))
    assert "script" not in tags.tags
    assert not [name for name in tags.attributes if name.startswith("on")]


def test_words_of_a_model_never_become_markup(tmp_path):
    def attack(number):
        stops = tuple(
            Stop(place=f"{ATTACK[:40]}{n}", color_name=ATTACK[:28], rgb=(n, n, n)) for n in range(3)
        )
        title = ATTACK + str(number)
        return Trip(style=ATTACK[:50], title=title, summary=ATTACK, theme="x", stops=stops)

    trips = [attack(n) for n in range(3)]
    trips = [
        t.model_copy(
            update={
                "stops": tuple(s.model_copy(update={"place": f"{s.place}{n}"}) for s in t.stops)
            }
        )
        for n, t in enumerate(trips)
    ]
    plan = a_plan(REQUEST).model_dump() | {"trips": [t.model_dump() for t in trips]}
    backend = PaintingBackend()
    backend.model = ATTACK
    app = an_app(tmp_path, FixedPlanner(answer=plan), backend)
    press(ask(app))
    assert app.session.state == "done", app.session.error
    tags = Tags(markup(app))
    assert tags.tags <= {
        "a", "b", "code", "dd", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3",
        "img", "li", "p", "pre", "small", "span", "strong", "table", "tbody", "td", "th",
        "thead", "tr", "ul",
    }  # fmt: skip
    assert tags.attributes <= {
        "alt", "aria-label", "aria-live", "class", "download", "href", "role", "src", "style",
        "title",
    }  # fmt: skip
    assert "&lt;script&gt;" in markup(app)
    for widget in every(app.widget):
        assert not isinstance(widget, (widgets.HTMLMath, widgets.Label))


def test_a_plan_of_two_trips_is_refused(tmp_path):
    plan = a_plan(REQUEST)
    two = TripPlan.model_construct(**{**dict(plan), "trips": plan.trips[:2]})
    hurt(ask(an_app(tmp_path, FixedPlanner(answer=two))), "이 여행 계획은 쓸 수 없어요")


def test_a_plan_with_rgb_300_is_refused(tmp_path):
    plan = a_plan(REQUEST).model_dump()
    plan["trips"][1]["stops"][0]["rgb"] = (300, 0, 0)
    hurt(ask(an_app(tmp_path, FixedPlanner(answer=plan))), "0부터 255까지의 정수")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            MissingKeyError("key_rejected", service="OpenAI", variable="OPENAI_API_KEY"),
            "키를 받아들이지 않았어요",
        ),
        (ServiceError("no_network", service="OpenAI"), "네트워크를 확인하고"),
        (
            ModelUnavailableError(
                "model_retired", model="dall-e-3", date="2026-05-12", replacement="gpt-image-2"
            ),
            "gpt-image-2",
        ),
        (ZeroDivisionError("inner words"), "ZeroDivisionError"),
    ],
    ids=["wrong key", "no network", "retired model", "unforeseen"],
)
@pytest.mark.parametrize("who", ["planner", "backend"])
def test_errors_of_services_are_explained(tmp_path, who, error, message):
    if who == "planner":
        app = ask(an_app(tmp_path, FixedPlanner(error=error)))
    else:
        app = press(ask(an_app(tmp_path, backend=PaintingBackend(error=error))))
    assert "inner words" not in words(app)
    hurt(app, message)


def test_on_a_full_disk_the_picture_is_shown_and_can_be_saved_again(app):
    ask(app)
    with a_full_disk():
        press(app)
    layout = app.layout
    assert "저장하지 못했어요" in words(app)
    assert "아직 저장되지 않았어요" in layout.facts.value
    assert 'download="postcard.png"' in layout.download.value
    assert shown(layout.unsaved_panel) and "그림 1장" in words(app)
    layout.save_again.click()
    assert app.session.state == "done" and app.session.postcard.path.is_file()
    assert not shown(layout.error_panel) and not shown(layout.unsaved_panel)
    assert app.session.postcard.path.name in layout.facts.value


def test_an_exception_in_a_handler_reaches_the_screen(app, monkeypatch, caplog):
    monkeypatch.setattr(app.session, "ask", lambda request: 1 / 0)
    with caplog.at_level(logging.ERROR):
        ask(app)
    assert "ZeroDivisionError" in words(app)
    app.layout.dismiss.click()
    assert not shown(app.layout.error_panel)


# ------------------------------------------------------- choices


def test_planners_and_models_are_offered_with_state_and_price(tmp_path):
    app = an_app(tmp_path)
    planners = [name for _, name in app.layout.planner.options]
    models = [name for _, name in app.layout.model.options]
    assert planners[:2] == ["fixed", "catalog"] and models[:2] == ["painting", "postcard"]
    assert "stabilityai/sd-turbo" in models
    assert any(name.startswith("openai:") for name in planners)
    assert not any("midjourney" in name.casefold() for name in models)
    labels = {name: label for label, name in app.layout.model.options}
    assert "2026-05-12" in labels["openai:dall-e-3"]
    assert models[-1] in ("openai:dall-e-2", "openai:dall-e-3", "openai:gpt-image-1")


def test_a_choice_without_a_key_says_so_and_is_not_replaced(app, monkeypatch):
    def refuse(name, **options):
        raise MissingKeyError("key_missing", service="OpenAI", variable="OPENAI_API_KEY")

    monkeypatch.setattr(session_module, "make_backend", refuse)
    monkeypatch.setattr(session_module, "make_planner", refuse)
    model = next(n for _, n in app.layout.model.options if n.startswith("openai:"))
    planner = next(n for _, n in app.layout.planner.options if n.startswith("openai:"))
    app.layout.model.value, app.layout.planner.value = model, planner
    assert (app.session.backend, app.session.model_state) == (model, "failed")
    assert "키 필요(OPENAI_API_KEY)" in app.layout.model_state.value
    assert "OPENAI_API_KEY" in app.layout.planner_state.value
    ask(app)
    assert app.session.state == "error" and app.layout.planner.value == planner
    app.layout.planner.value = "fixed"
    app.layout.model.value = "painting"
    press(ask(app))
    assert app.session.state == "done"


def test_a_model_of_the_hub_waits_for_its_button_before_it_is_downloaded(app, monkeypatch):
    made = []
    monkeypatch.setattr(
        session_module, "make_backend", lambda name: made.append(name) or PaintingBackend()
    )
    app.layout.model.value = "stabilityai/sd-turbo"
    assert made == [] and not shown(app.layout.load)
    assert "내려받기 필요" in app.layout.model_state.value
    download = app.panels[0]
    assert shown(download.root) and shown(download.check) and not shown(download.yes)
    assert (
        "Stability AI Community License" in download.facts.value and "5.2" in download.facts.value
    )


@pytest.mark.parametrize("language", messages.LANGUAGES)
@pytest.mark.parametrize("kind", ["planner", "image"])
def test_every_choice_has_a_label_a_state_and_a_price_in_both_languages(kind, language):
    for choice in choices(kind):
        state, badge = choice.state(language)
        assert choice.label(language) and state and badge in ("good", "wait", "bad")
        assert html.choice_state(state, badge, choice, language)


def test_a_retired_model_is_bad_and_one_with_a_key_is_good(monkeypatch):
    retired = Choice("openai:dall-e-3", find_service("dall-e-3"))
    assert retired.retired() and retired.state("en")[1] == "bad"
    models = [c for c in choices("image") if c.name.startswith("openai:")]
    alive = next(c for c in models if c.service.shutdown is None)  # whatever day it is
    assert alive.state("en") == ("needs a key (OPENAI_API_KEY)", "wait")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    assert alive.state("en")[1] == "good"


@pytest.mark.parametrize(
    ("usd", "words"),
    [(None, "price not known"), (0.0, "free"), (0.006, "about $0.006 per picture")],
)
def test_prices_are_said_in_words(usd, words):
    assert price(usd, "en") == words


def test_a_download_name_keeps_only_harmless_ascii():
    link = html.download_link(b"png", '엽서"><script>.png', "x")
    assert 'download="script.png"' in link


def test_the_style_block_is_scoped_to_the_app():
    css = re.sub(r"/\*.*?\*/|@keyframes[^}]*}[^}]*}|@media[^{]*{", "", html.style_block())
    css = css.removeprefix("<style>").removesuffix("</style>")
    for selector in re.findall(r"([^{}]+){[^}]*}", css):
        for part in selector.split(","):
            assert part.strip().startswith(".tripkit-"), part


def test_the_app_displays_itself(app):
    bundle = app._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in str(bundle)
