"""Laws of a visit: a cancel is heard wherever it comes, and a model is loaded once."""

import threading

import pytest
from doubles import FixedPlanner, PaintingBackend
from PIL import Image
from test_session import in_threads, to_the_choice, wait_until

from tripkit.core.errors import CancelledError
from tripkit.core.jobs import run_inline
from tripkit.session import TripSession


class SilentService(PaintingBackend):
    """Asks again and again whether to go on while nothing new comes, as a slow service does."""

    asked, heard = 0, False

    def generate(self, prompt, *, seed=None, on_progress=None):
        while on_progress(0, 1) is not False:
            self.asked += 1
            if self.gate.wait(0.005):
                return super().generate(prompt, seed=seed)
        self.heard = True
        raise CancelledError()


def test_a_cancel_is_heard_while_a_service_has_nothing_new_to_tell(tmp_path):
    gate = threading.Event()
    session = in_threads(tmp_path, backend=SilentService(gate=gate))
    to_the_choice(session).draw(seed=1)
    wait_until(lambda: session.backend.asked > 2)  # the first one is new, the others are not
    session.cancel()
    try:
        wait_until(lambda: session.backend.heard)
    finally:
        gate.set()
        session.close()
    assert (session.state, session.postcards, session.backend.drawn) == ("choosing", [], [])


def drawn_with_a_cancel(folder, change=None):
    """A session whose drawing is cancelled at its change number ``change``, and all its states."""
    session = TripSession(FixedPlanner(), PaintingBackend(), folder=folder, run=run_inline)
    states = []

    def on_change(session):
        states.append(session.state)
        if len(states) == change:
            session.cancel()

    to_the_choice(session)
    session.on_change = on_change
    session.draw(seed=1)
    return session, states


def test_wherever_a_cancel_comes_no_picture_is_on_disk_that_the_session_does_not_know(tmp_path):
    _, states = drawn_with_a_cancel(tmp_path / "whole")
    assert len(states) > 4 and states[-1] == "done"
    for change in range(1, len(states) + 1):
        folder = tmp_path / str(change)
        folder.mkdir()
        session, _ = drawn_with_a_cancel(folder, change)
        assert [*folder.iterdir()] == [postcard.path for postcard in session.postcards]
        done = change == len(states)  # there is nothing left to cancel
        assert (session.state, len(session.postcards)) == (
            ("done", 1) if done else ("choosing", 0)
        ), change


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_model_is_loaded_once_however_often_it_is_asked_for_meanwhile(tmp_path, times):
    gate, backend = threading.Event(), PaintingBackend()
    warm = backend.warm_up
    backend.warm_up = lambda: (warm(), gate.wait(10))
    session = in_threads(tmp_path, backend=backend)
    for _ in range(times):
        session.warm_up()
    assert session.model_state == "warming"
    gate.set()
    wait_until(lambda: session.model_state == "ready")
    session.close()
    assert backend.warmed == 1


def test_a_change_is_told_once_and_a_new_preview_even_at_the_same_step(tmp_path):
    pictures, told = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")], []

    class Repeating(PaintingBackend):
        def generate(self, prompt, *, seed=None, on_progress=None):
            for preview in (pictures[0], None, None, pictures[1]):
                assert on_progress(1, 2, preview) is True
            return super().generate(prompt, seed=seed)

    session = TripSession(FixedPlanner(), Repeating(), folder=tmp_path, run=run_inline)
    to_the_choice(session)
    session.on_change = lambda s: told.append(s.preview) if s.progress == (1, 2) else None
    session.draw(seed=1)
    assert told[:2] == pictures and pictures[0] not in told[1:]
