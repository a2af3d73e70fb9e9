"""Keeps what a paid call sends, the moment it comes: on disk before it is shown.

Previews of a stream are kept as partial postcards until the whole picture is on disk; where the
stream breaks they stay.
"""

from contextlib import suppress

from tripkit.core.errors import StorageError
from tripkit.images.postcard import Postcard


class Keeper:
    """Keeps the pictures of one call.

    Args:
        folder: where; None means `settings.postcards_folder()`.
        plan: the plan that the pictures belong to.

    Attributes:
        partials: the previews that came, oldest first; one that could not be saved has no path.
        complete: the whole picture, once it came.
    """

    def __init__(self, folder=None, plan=None):
        self.folder, self.plan = folder, plan
        self.partials: list[Postcard] = []
        self.complete: Postcard | None = None

    def keep_partial(self, postcard: Postcard) -> None:
        """Saves a preview. A full disk does not stop the picture that is still to come."""
        self.partials.append(self._saved(postcard))

    def keep(self, postcard: Postcard) -> Postcard:
        """Saves the whole picture and removes its previews; without a path where that failed."""
        self.complete = self._saved(postcard)
        if self.complete.path is not None:
            for partial in self.partials:
                if partial.path is not None:
                    with suppress(OSError):  # held open by a viewer, say
                        partial.path.unlink(missing_ok=True)
            self.partials.clear()
        return self.complete

    @property
    def best(self) -> Postcard | None:
        """The most that has come: the whole picture, else the latest preview, else nothing."""
        return self.complete or (self.partials[-1] if self.partials else None)

    def _saved(self, postcard: Postcard) -> Postcard:
        try:
            return postcard.save(self.folder, plan=self.plan)
        except StorageError:
            return postcard
