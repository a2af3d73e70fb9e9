"""Laws of what was paid for: whatever the user does, each picture is on disk or waits to be."""

import contextlib
import errno
import functools
import gc
import os
import random
import tempfile
import threading
import time
from pathlib import Path

import pytest
from doubles import FixedPlanner
from PIL import Image

from tripkit.app.render import shown_picture
from tripkit.app.trip_app import TripApp
from tripkit.core.errors import CancelledError, RequestError, ServiceError, StorageError
from tripkit.core.jobs import readable, run_inline
from tripkit.images import postcard as postcards
from tripkit.images.base import PaidImageBackend
from tripkit.images.openai import OpenAIImageBackend
from tripkit.images.postcard import Postcard
from tripkit.services.spending import Estimate, Ledger
from tripkit.session import TripSession

PRICE, BILL = 0.010, 0.012  # US dollars: what is told before a call, and what its answer says
FAULTS = ("none", "before", "midway", "late cancel", "deaf")


class PaidService:
    """Bills each picture, gives each its own colour, and remembers what it has sent of each."""

    name, model, cost_per_picture = "paid", "paid", PRICE

    def __init__(self):
        self.fault, self.gate = "none", None
        self.sent: dict[int, str] = {}  # picture -> "nothing", "partial" or "whole"
        self.at_the_end = lambda: None

    def text_for(self, prompt) -> str:
        return prompt.scene

    def warm_up(self) -> None:
        pass

    def estimate(self, prompt) -> Estimate:
        return Estimate("A service", self.model, PRICE)

    def generate(self, prompt, *, seed=None, on_progress=None, ledger=None, keeper=None):
        with ledger.paid(self.estimate(prompt)) as call:
            call.sent = True
            return self._draw(prompt, on_progress, keeper, call)

    def _draw(self, prompt, on_progress, keeper, call) -> Postcard:
        number = len(self.sent)
        self.sent[number] = "nothing"
        if self.fault == "before":
            raise ServiceError("stream_broken", service="A service")
        image = Image.new("RGB", (8, 8), (number // 256, number % 256, 77))
        card = Postcard(image, prompt, prompt.scene, self.model, None, 0.1, BILL)
        self.sent[number] = "partial"
        keeper.keep_partial(Postcard(image, prompt, "", self.model, None, 0, None, partial=True))
        goes_on = on_progress(1, 2, image)
        if self.gate is not None:
            self.gate.wait(10)
        if self.fault == "midway":
            raise ServiceError("stream_broken", service="A service")
        if goes_on is False and self.fault != "deaf":  # a deaf one finishes, cancelled or not
            raise CancelledError
        self.sent[number] = "whole"
        call.usd = BILL
        card = keeper.keep(card)
        if self.fault == "late cancel":
            self.at_the_end()
        on_progress(2, 2, image)
        return card


class Disk:
    """A disk that is full at times."""

    def __init__(self, monkeypatch):
        self.full, write = False, postcards.write_new

        def write_new(folder, stem, suffix, data):
            if self.full:
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(folder, stem, suffix, data)

        monkeypatch.setattr(postcards, "write_new", write_new)


class User:
    """Does something at random with a session, whether it is allowed then or not."""

    def __init__(self, session, service, disk, seed):
        self.session, self.service, self.disk = session, service, disk
        self.random, self.cancels, self.app = random.Random(seed), False, None
        service.at_the_end = session.cancel
        session.on_change = self._watch

    def _watch(self, session):
        if self.app is not None:
            self.app.render()
        if self.cancels and session.state == "drawing" and session.preview is not None:
            session.cancel()

    def act(self):
        session, pick = self.session, self.random
        actions = {
            "draw": lambda: session.draw(seed=1),
            "draw and agree": self._draw_and_agree,
            "confirm": session.confirm,
            "choose": lambda: session.choose(pick.randrange(3)),
            "ask": lambda: session.ask("a spring picnic"),
            "save again": session.save_again,
            "dismiss": session.dismiss,
            "cancel": session.cancel,
            "language": lambda: setattr(session, "language", pick.choice(("ko", "en"))),
            "backend": lambda: setattr(session, "backend", self.service),
            "planner": lambda: setattr(session, "planner", FixedPlanner()),
            "disk": lambda: setattr(self.disk, "full", not self.disk.full),
            "fault": lambda: setattr(self.service, "fault", pick.choice(FAULTS)),
            "patience": lambda: setattr(self, "cancels", not self.cancels),
            "reload": self._reload,
        }
        weights = [3, 8, 2, 6, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1, 0.3]
        (name,) = pick.choices([*actions], weights)
        with contextlib.suppress(RequestError):  # not allowed now
            actions[name]()
        return name

    def _draw_and_agree(self):
        self.session.draw(seed=1)
        if self.session.quote is not None:
            self.session.confirm()

    def _reload(self):
        self.app = TripApp(self.session, warm_up=False)
        self.session.on_change = self._watch


@functools.cache  # a name may be given again, a moment may not
def read(path, written) -> tuple:
    partial = postcards.read_postcard(path).get("tripkit:state") == "partial"
    return Image.open(path).getpixel((0, 0)), partial


def on_disk(*folders) -> set:
    """(colour, partial) of every picture there."""
    paths = [path for folder in folders for path in folder.glob("*.png")]
    return {read(path, path.stat().st_mtime_ns) for path in paths}


def lost(service, session, *folders) -> list[int]:
    """The pictures that were paid for and are nowhere."""
    there = on_disk(*folders)
    there |= {(card.image.getpixel((0, 0)), card.partial) for card in session.unsaved}
    return [
        number
        for number, kind in service.sent.items()
        if kind != "nothing" and ((number // 256, number % 256, 77), kind == "partial") not in there
    ]


@pytest.fixture
def rescued(monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rescued")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(folder))
    return folder


@pytest.fixture
def disk(monkeypatch, rescued):
    return Disk(monkeypatch)


def a_session(folder, service, **options):
    options = {"run": run_inline, "ledger": Ledger(1000), **options}
    return TripSession(FixedPlanner(), service, folder=folder, **options)


@pytest.mark.parametrize(
    "seed", [*range(6), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(6, 16))]
)
def test_whatever_the_user_does_no_paid_picture_is_lost_and_the_books_are_right(
    tmp_path, rescued, disk, seed
):
    service = PaidService()
    session = a_session(tmp_path, service)
    user, done = User(session, service, disk, seed), []
    session.ask("a spring picnic")
    for _ in range(60):
        done.append(user.act())
        assert lost(service, session, tmp_path) == [], done
        kinds = list(service.sent.values())
        spent = kinds.count("whole") * BILL + (len(kinds) - kinds.count("whole")) * PRICE
        assert session.ledger.spent_usd == pytest.approx(spent), done
        assert session.state != "confirming" or session.quote is not None, done
        assert [card for card in session.postcards if not card.path.is_file()] == [], done
        if user.app is not None:
            gone = "tripkit-gone" in user.app.layout.unsaved_panel._dom_classes
            assert gone == (session.unsaved == []), done
    disk.full = False
    waited = len(session.unsaved)
    kept = session.close()
    assert (len(kept), session.unsaved) == (waited, [])
    assert lost(service, session, tmp_path, rescued) == []
    assert sorted(card.path for card in kept) == sorted(rescued.glob("*.png"))
    assert len(service.sent) > 3  # the user did draw


def drawn(session, seed=1):
    session.draw(seed=seed)
    if session.quote is not None:
        session.confirm()


def test_several_unsaved_pictures_wait_and_one_press_saves_them_all(tmp_path, disk):
    session = a_session(tmp_path, PaidService())
    disk.full = True
    for trip in range(3):
        session.ask("a spring picnic")
        session.choose(trip)
        drawn(session)
        assert (session.state, session.error.code) == ("error", "cannot_save")
    assert len(session.unsaved) == 3
    session.save_again()
    assert session.state == "error" and len(session.unsaved) == 3
    disk.full = False
    session.save_again()
    assert (session.state, session.unsaved) == ("done", [])
    assert len(session.postcards) == len(list(tmp_path.glob("*.png"))) == 3
    assert session.postcard is session.postcards[-1]


def test_a_picture_is_saved_with_the_plan_it_belongs_to(tmp_path, disk):
    session = a_session(tmp_path, PaidService(), language="en")
    disk.full = True
    session.ask("first words")
    session.choose(0)
    drawn(session)
    disk.full = False
    session.ask("other words")
    session.save_again()
    assert session.state == "choosing"  # the new plan's: nothing of it is drawn
    (path,) = tmp_path.glob("*.png")
    assert '"request":"first words"' in postcards.read_postcard(path)["tripkit:plan"]


def test_what_came_of_a_broken_call_is_in_sight_until_something_else_is_wanted(tmp_path, disk):
    service = PaidService()
    session = a_session(tmp_path, service)
    session.ask("a spring picnic")
    session.choose(0)
    drawn(session)
    service.fault = "midway"
    drawn(session)
    assert session.partial.path.is_file() and session.postcard is not None
    assert shown_picture(session).postcard is session.partial  # it came after the postcard
    for go_on in (lambda: session.choose(1), lambda: session.ask("a picnic by the sea")):
        go_on()
        assert (session.partial, session.postcard, shown_picture(session)) == (None, None, None)
        session.choose(0)
        drawn(session)
        assert session.partial is not None


def test_the_app_keeps_showing_what_is_unsaved_and_offers_each_for_download(tmp_path, disk):
    app = TripApp(a_session(tmp_path, PaidService(), language="en"), warm_up=False)
    layout = app.layout
    disk.full = True
    layout.request.value = "a spring picnic"
    layout.ask.click()
    layout.trip_buttons[0].click()
    layout.confirm.click()
    layout.dismiss.click()
    layout.trip_buttons[1].click()
    again = TripApp(app.session, warm_up=False).layout  # the page was loaded again
    for each in (layout, again):
        assert "tripkit-gone" not in each.unsaved_panel._dom_classes
        assert "Not saved yet: 2" in each.unsaved_title.value
        assert each.unsaved.value.count("<figure>") == each.unsaved.value.count("download=") == 2
    disk.full = False
    again.save_again.click()
    assert "tripkit-gone" in again.unsaved_panel._dom_classes
    assert again.gallery.value.count("<figure>") == 2
    app.session.close()


def wait_until(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def a_late_picture(folder, disk):
    """A session that was closed while a call was under way, whose picture no disk has taken."""
    service = PaidService()
    service.gate, service.fault = threading.Event(), "deaf"
    session = TripSession(FixedPlanner(), service, folder=folder, ledger=Ledger(1000))
    session.ask("a spring picnic")
    wait_until(lambda: session.state == "choosing")
    session.choose(0)
    session.draw(seed=1)
    wait_until(lambda: session.quote is not None)
    disk.full = True
    session.confirm()
    wait_until(lambda: service.sent)
    assert session.close(timeout=0.05) == []  # the service is still at it
    service.gate.set()
    wait_until(lambda: session.unsaved)
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "tripkit-worker"])
    return session


def test_a_forgotten_session_leaves_its_pictures_in_the_temporary_folder(
    tmp_path, rescued, disk, caplog
):
    session = a_late_picture(tmp_path, disk)
    assert len(session.unsaved) == 1
    disk.full = False
    del session
    gc.collect()
    (path,) = rescued.glob("*.png")
    assert on_disk(rescued) == {((0, 0, 77), False)}
    assert str(path) in caplog.text


def test_what_the_temporary_folder_does_not_take_either_goes_on_waiting(tmp_path, disk):
    session = a_session(tmp_path, PaidService())
    disk.full = True
    session.ask("a spring picnic")
    session.choose(0)
    drawn(session)
    assert session.close() == [] and len(session.unsaved) == 1
    disk.full = False
    assert [card.path.is_file() for card in session.rescue()] == [True]


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """No folder for temporary files can be written: the disk is full everywhere."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    gone = [str(tmp_path / "gone")]
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: gone)


def test_without_any_temporary_folder_a_session_ends_quietly_and_keeps_the_picture(
    tmp_path, nowhere
):
    (tmp_path / "file").touch()
    session = a_session(tmp_path / "file", PaidService())
    session.ask("a spring picnic")
    session.choose(0)
    drawn(session)
    assert session.close() == session.rescue() == [] and len(session.unsaved) == 1
    session._gallery.save(session.unsaved[0], tmp_path)  # nothing is left for the end of Python


def test_without_any_temporary_folder_the_user_is_told_that_nothing_can_be_written(
    tmp_path, nowhere
):
    def warm_up(*_, **__):
        tempfile.gettempdir()  # as torch does when it is imported

    service = PaidService()
    service.generate = warm_up
    session = a_session(tmp_path, service)
    session.ask("a spring picnic")
    session.choose(0)
    drawn(session)
    assert session.error.code == "nothing_written" and session.postcard is None
    assert "the disk is full" in str(session.error) and "no picture was saved" in str(session.error)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "nothing_written"),
        (errno.EDQUOT, "nothing_written"),
        (errno.EFBIG, "nothing_written"),
        (errno.EROFS, "nothing_written"),
        (errno.EIO, "unexpected"),
        (errno.ENOENT, "unexpected"),  # there is a temporary folder: something else is not there
    ],
)
def test_a_full_disk_is_told_wherever_it_is_met(number, code):
    assert readable(OSError(number, "text of the system")).code == code


FAILURES = (OSError(errno.EIO, "I/O"), ValueError("embedded null byte"), MemoryError(), KeyError(1))
SURROGATE = UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")


@pytest.mark.parametrize("failure", [*FAILURES, SURROGATE], ids=lambda each: type(each).__name__)
@pytest.mark.parametrize("step", ["write_new", "_encode"])
def test_whatever_a_save_raises_the_picture_waits_and_is_billed(
    tmp_path, rescued, monkeypatch, official, failure, step
):
    def fails(*_):
        raise failure

    session = a_session(tmp_path, OpenAIImageBackend(client=official))
    session.ask("a spring picnic")
    session.choose(0)
    with monkeypatch.context() as patch:
        patch.setattr(postcards, step, fails)
        drawn(session)
        assert (session.state, session.error.code) == ("error", "cannot_save")
        (call,) = session.ledger.calls
        assert call.state == "billed" and not session.error.possibly_billed
        assert session.postcards == [] and len(session.unsaved) == 1
    session.save_again()
    assert (session.state, session.unsaved, len(session.postcards)) == ("done", [], 1)


@pytest.mark.parametrize("folder", ["a\0b", Path("a\0b"), 3, b"a\0", ["x"], "\ud800"], ids=ascii)
def test_a_folder_that_cannot_be_is_refused_before_anything_is_paid(tmp_path, folder):
    with pytest.raises(StorageError, match="no name that a folder can have"):
        a_session(folder, PaidService())
    session = a_session(tmp_path, PaidService())
    with pytest.raises(StorageError, match="no name that a folder can have"):
        session.folder = folder
    assert session.folder == tmp_path


def test_letters_that_the_file_system_lacks_are_refused(tmp_path, monkeypatch):
    def ascii_only(name):
        return os.fspath(name).encode("ascii", "surrogateescape")

    monkeypatch.setattr(os, "fsencode", ascii_only)
    with pytest.raises(StorageError, match="no name that a folder can have"):
        a_session("엽서", PaidService())


def test_a_paid_backend_is_known_by_its_protocol():
    assert isinstance(PaidService(), PaidImageBackend)
