"""An image backend that is only a name until it is needed: made once, loaded beside other work.

Making one imports torch, and loading its model takes seconds: a warm-up and a drawing that come
at once share one model.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from tripkit.core.errors import TripkitError
from tripkit.core.jobs import Job, readable
from tripkit.images.base import ImageBackend

MODEL_STATES = ("cold", "warming", "ready", "failed")


class LazyBackend:
    """The backend that is chosen, and how far its model is loaded.

    Args:
        backend: an ``ImageBackend``, or a name for ``make``.
        make: makes the backend of a name, see ``images.make_backend``.
        on_change: called after each change, in the thread that made it.

    Attributes:
        backend: the backend, or the name of one that was not needed yet.
        state: one of ``MODEL_STATES``.
        error: why the state is "failed", else None.
    """

    def __init__(
        self,
        backend: ImageBackend | str,
        make: Callable[[str], ImageBackend],
        on_change: Callable[[], None],
    ):
        self.backend, self._make, self._changed = backend, make, on_change
        self.state = "cold"
        self.error: TripkitError | None = None
        self._lock, self._making = threading.Lock(), threading.Lock()
        self._made: tuple[str, ImageBackend] | None = None

    def choose(self, backend: ImageBackend | str) -> None:
        """Take another backend, of which nothing is loaded yet."""
        with self._lock:
            self.backend, self.state, self.error = backend, "cold", None
        self._changed()

    def ready(self) -> ImageBackend:
        """The backend itself, made now where it was only a name.

        Raises:
            TripkitError: see ``images.make_backend``.
        """
        return self._of(self.backend)

    def works(self, backend: ImageBackend) -> None:
        """Note that the model is loaded: it has drawn."""
        self._reach(backend, "ready")

    def warm_up(self, launch: Callable[[Job], None]) -> None:
        """Load the model in a job for ``launch``; one that is loaded, or on its way, is let be."""
        with self._lock:
            if self.state in ("warming", "ready"):
                return
            self.state, self.error, chosen = "warming", None, self.backend
        self._changed()
        launch(lambda: self._warm(chosen))

    def _warm(self, chosen: ImageBackend | str) -> None:
        backend = chosen
        try:
            backend = self._of(chosen)
            backend.warm_up()
        except Exception as error:  # shown beside the model's name; drawing would raise it again
            self._reach(backend, "failed", readable(error))
        else:
            self._reach(backend, "ready")

    def _of(self, chosen: ImageBackend | str) -> ImageBackend:
        if not isinstance(chosen, str):
            return chosen
        with self._making:
            if self._made is None or self._made[0] != chosen:
                self._made = (chosen, self._make(chosen))
            made = self._made[1]
        with self._lock:
            if self.backend == chosen:
                self.backend = made
        return made

    def _reach(
        self, backend: ImageBackend | str, state: str, error: TripkitError | None = None
    ) -> None:
        with self._lock:
            if backend != self.backend:
                return  # another one was chosen meanwhile
            self.state, self.error = state, error
        self._changed()
