"""One visit on the console: a session that tells how far it is, and asks before a paid call."""

import dataclasses
import os
import sys
from pathlib import Path
from typing import cast

from tripkit.cli.output import agreed, tell
from tripkit.core.errors import CancelledError, RequestError, SpendingError, StorageError
from tripkit.core.jobs import run_inline
from tripkit.core.messages import Phrase, text
from tripkit.core.text import clipped
from tripkit.images.base import (
    BatchImageBackend,
    ImageBackend,
    check_batch_backend,
    seeds_from,
)
from tripkit.images.choosing import best_first
from tripkit.images.postcard import Postcard
from tripkit.services.spending import DEFAULT_CAP, MAX_CAP, Ledger, dollars
from tripkit.session import TripSession
from tripkit.trips import TripPlan


class ProgressLine:
    """Follows a session in one line of a terminal; silent where nobody watches."""

    def __init__(self):
        self._line = ""

    def __call__(self, session: TripSession) -> None:
        """Shows where the session is; its ``on_change``."""
        step, total = session.progress if session.state == "drawing" else (0, 0)
        self.show(session.state if session.busy else "", session.language, step, total)

    def show(self, state: str, language: str, step: int = 0, total: int = 0) -> None:
        """Shows a state, and the step of a drawing; without a state the line ends."""
        if not sys.stderr.isatty():
            return
        line = text(f"state.{state}", language) if state else ""
        if total:
            line += " " + text("app.step", language, step=step, total=total)
        if line != self._line:
            words, end = ("\r" + line, "") if line else ("", "\n")
            print(words, end=end, file=sys.stderr, flush=True)
        self._line = line


def ledger(cap: str | None) -> Ledger:
    """The books of one command.

    Raises:
        RequestError: ``bad_cap``, ``--cap`` is no number of US dollars.
    """
    try:
        return Ledger(DEFAULT_CAP if cap is None else float(cap))
    except ValueError:  # not a number at all; a RequestError of the ledger is one too
        raise RequestError("bad_cap", cap=clipped(cap, 20), limit=f"{MAX_CAP:.0f}") from None


def open_session(language, planner, model="postcard", path=None, cap=None) -> TripSession:
    """A session for one command, which saves beside ``path``.

    Raises:
        TripkitError: see `ledger`.
    """
    return TripSession(
        planner,
        model,
        language=language,
        folder=path and path.parent,
        run=run_inline,
        on_change=ProgressLine(),
        ledger=ledger(cap),
    )


def ask(session: TripSession, request: str, yes: bool) -> TripPlan:
    """Three trips for a request.

    Raises:
        TripkitError: see `settle`.
    """
    session.ask(request)
    settle(session, yes)
    return cast(TripPlan, session.plan)


def draw(session: TripSession, index: int, seed, path: Path | None, yes: bool) -> Postcard:
    """The saved postcard of trip 0, 1 or 2; in ``path`` where that is given.

    Raises:
        TripkitError: see `settle`.
        StorageError: ``cannot_save``, nothing can be written to ``path``.
    """
    session.choose(index)
    try:
        session.draw(seed=seed)
        settle(session, yes)
    finally:  # Ctrl+C too: what has come may be paid for, and is on disk; say where
        _tell_kept(session)
    drawn = cast(Postcard, session.postcard)
    return drawn if path is None else _renamed(drawn, path, session.language)


def batch_backend(session: TripSession) -> BatchImageBackend:
    """The backend of a session that is prepared, where it draws several pictures at once.

    Raises:
        RequestError: ``one_at_a_time``.
    """
    return check_batch_backend(cast(ImageBackend, session.backend))


def draw_candidates(
    session: TripSession, index: int, seed: int | None, count: int, path: Path | None
) -> list[Postcard]:
    """The saved postcards of trip 0, 1 or 2, of so many seeds in a row, the best first.

    Where ``path`` is given its name is numbered: ``trip-1.png`` is the best.

    Raises:
        RequestError: ``one_at_a_time``.
        TripkitError: see `BatchImageBackend.generate_batch` and `Postcard.save`.
    """
    prompt, line = session.choose(index), ProgressLine()

    def tell_step(step: int, total: int, _: object) -> None:
        line.show("drawing", session.language, step, total)

    backend, seeds = batch_backend(session), seeds_from(seed, count)
    drawn = best_first(backend.generate_batch(prompt, seeds=seeds, on_progress=tell_step))
    line.show("", session.language)
    saved = [each.save(session.folder, plan=session.plan) for each in drawn]
    if path is None:
        return saved
    paths = [path.with_stem(f"{path.stem}-{number}") for number in range(1, count + 1)]
    return [_renamed(*each, session.language) for each in zip(saved, paths, strict=True)]


def _tell_kept(session: TripSession) -> None:
    if session.partial is not None and session.partial.path is not None:
        tell(text("cli.partial", session.language, path=session.partial.path))
    for picture in session.rescue():
        tell(text("cli.rescued", session.language, path=picture.path))
    if session.unsaved:
        tell(text("cli.unsaved", session.language, count=len(session.unsaved)))


def _renamed(drawn: Postcard, path: Path, language: str) -> Postcard:
    try:
        os.replace(cast(Path, drawn.path), path)
    except OSError as error:  # a viewer holds the old file open, say
        tell(text("cli.rescued", language, path=drawn.path))
        reason = Phrase("problem.no_permission")
        raise StorageError("cannot_save", folder=str(path), reason=reason) from error
    return dataclasses.replace(drawn, path=path)


def settle(session: TripSession, yes: bool) -> None:
    """Answers the prices that a session asks about, until it asks no more.

    Each is told on stderr first. ``yes`` (``--yes``) agrees to all of them, up to the cap; else a
    terminal is asked, and where there is none nothing is spent.

    Raises:
        TripkitError: why the session has failed.
        SpendingError: ``cost_not_confirmed``, nobody is there to agree.
        CancelledError: the user said no.
    """
    while (quote := session.quote) is not None:
        language = session.language
        tell(f"{quote.words(language)} {session.ledger.words(language)}")
        if not yes and not sys.stdin.isatty():
            usd = "?" if quote.usd is None else dollars(quote.usd)
            raise SpendingError("cost_not_confirmed", model=quote.model, usd=usd)
        if not yes and not agreed(text("cli.agree", language)):
            raise CancelledError
        session.confirm()
    if session.error is not None:
        raise session.error
