"""Keeps what a paid call sends, the moment it comes: on disk before it is shown.

Previews of a stream are kept as partial postcards until the whole picture is on disk; where the
stream breaks they stay. What no disk takes waits in the `Gallery` of the visit.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from tripkit.core.errors import StorageError
from tripkit.core.text import clipped
from tripkit.images.postcard import Postcard
from tripkit.trips import TripPlan

logger = logging.getLogger(__name__)


class Keeper:
    """Keeps the pictures of one call.

    Args:
        folder: where; None means `settings.postcards_folder()`.
        plan: the plan that the pictures belong to.

    Attributes:
        partial: the latest preview, which has no path where it could not be saved.
        complete: the whole picture, once it came.
    """

    def __init__(self, folder: str | Path | None = None, plan: TripPlan | None = None):
        self.folder, self.plan = folder, plan
        self.partial: Postcard | None = None
        self._partials: list[Path] = []  # the files alone: pictures are large, and may be many
        self.complete: Postcard | None = None

    def keep_partial(self, postcard: Postcard) -> None:
        """Saves a preview. A full disk does not stop the picture that is still to come."""
        self.partial = self._saved(postcard)
        if self.partial.path is not None:
            self._partials.append(self.partial.path)

    def keep(self, postcard: Postcard) -> Postcard:
        """Saves the whole picture and removes its previews; without a path where that failed."""
        self.complete = self._saved(postcard)
        if self.complete.path is not None:
            for path in self._partials:
                with suppress(OSError):  # held open by a viewer, say
                    path.unlink(missing_ok=True)
            self._partials, self.partial = [], None
        return self.complete

    @property
    def best(self) -> Postcard | None:
        """The most that has come: the whole picture, else the latest preview, else nothing."""
        return self.complete or self.partial

    def _saved(self, postcard: Postcard) -> Postcard:
        try:
            return _written(postcard, self.folder, self.plan)
        except StorageError:
            return postcard


def _written(picture: Postcard, folder: str | Path | None, plan: TripPlan | None) -> Postcard:
    """The picture, saved: whatever goes wrong is a `StorageError`, since it may be paid for."""
    try:
        return picture.save(folder, plan=plan)
    except StorageError:
        raise
    except Exception as error:
        where, reason = clipped(folder, 80), type(error).__name__
        raise StorageError("cannot_save", folder=where, reason=reason) from error


class Gallery:
    """The pictures of a visit: each is on disk, or waits until a disk takes it. None is dropped.

    Safe from every thread: a picture that was paid for may come home after a cancel.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._saved: list[Postcard] = []
        self._waiting: list[tuple[Postcard, TripPlan | None]] = []

    @property
    def postcards(self) -> list[Postcard]:
        """The whole pictures that are on disk, oldest first."""
        with self._lock:
            return list(self._saved)

    @property
    def unsaved(self) -> list[Postcard]:
        """The pictures that wait, whole and partial, oldest first."""
        with self._lock:
            return [picture for picture, _ in self._waiting]

    def add(self, picture: Postcard, plan: TripPlan | None = None) -> None:
        """Takes a picture in, once: one without a path waits to be saved with its plan."""
        with self._lock:
            if any(known is picture for known in (*self._saved, *self.unsaved)):
                return
            if picture.path is None:
                self._waiting.append((picture, plan))
            elif not picture.partial:
                self._saved.append(picture)

    def save(self, picture: Postcard, folder: str | Path | None = None) -> Postcard:
        """Saves a picture that waits, and returns it with its path; one that does not as it is.

        Raises:
            StorageError: ``cannot_save``; it goes on waiting.
        """
        with self._lock:  # two who ask at once save it once
            for entry in self._waiting:
                if entry[0] is picture:
                    saved = _written(picture, folder, entry[1])
                    self._waiting.remove(entry)
                    self.add(saved)
                    return saved
            return picture

    def rescue(self) -> list[Postcard]:
        """Saves what waits in the system's temporary folder, logs where, and returns it."""
        rescued = []
        for picture in self.unsaved:
            # No room there either, or no such folder at all: it goes on waiting.
            with suppress(OSError):
                rescued.append(self.save(picture, tempfile.gettempdir()))
                logger.warning("an unsaved picture is now in %s", rescued[-1].path)
        return rescued
