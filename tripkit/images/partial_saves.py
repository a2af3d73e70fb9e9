"""Keeps what a paid call sends, the moment it comes: on disk before it is shown.

Previews of a stream are kept as partial postcards until the whole picture is on disk; where the
stream breaks they stay.
"""

from contextlib import suppress
from pathlib import Path

from tripkit.core.errors import StorageError
from tripkit.images.postcard import Postcard


class Keeper:
    """Keeps the pictures of one call.

    Args:
        folder: where; None means `settings.postcards_folder()`.
        plan: the plan that the pictures belong to.

    Attributes:
        partial: the latest preview, which has no path where it could not be saved.
        complete: the whole picture, once it came.
    """

    def __init__(self, folder=None, plan=None):
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
            return postcard.save(self.folder, plan=self.plan)
        except StorageError:
            return postcard
