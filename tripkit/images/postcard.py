"""The postcard: a picture with all that is known about its making, and how it is kept in a PNG."""

import io
import math
import os
import stat
import time
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tripkit import __version__
from tripkit.core import messages
from tripkit.core.errors import StorageError, disk_problem
from tripkit.core.files import write_new
from tripkit.core.settings import postcards_folder
from tripkit.core.text import clean_text, clipped
from tripkit.images.untrusted import png_chunks
from tripkit.prompts import ImagePrompt
from tripkit.trips import TripPlan

MINIMUM_SAVED = 512  # pixels a side; smaller pictures are enlarged when they are saved
MAXIMUM_ENLARGED = 4096  # pixels a side that enlarging never exceeds
MAX_TITLE = 120
MAX_FILE = 128 * 2**20  # bytes of a postcard that is read
MAX_TEXTS = 2**20  # bytes of its texts
_PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")


@dataclass(frozen=True)
class Postcard:
    """A picture and how it came about.

    Attributes:
        image: the picture as the model drew it.
        prompt: what was asked for, in both lengths.
        sent: the string as the model got it.
        model: which model drew it.
        seed: None where the model takes none.
        seconds: how long the drawing took; of pictures that were drawn at once, its share.
        cost_usd: 0.0 for a model that runs here; None where the cost is not known.
        note: a remark to show with the picture, or empty.
        path: where it is saved, None before that.
        partial: whether it is a preview of a paid picture whose rest has not come.
    """

    image: Image.Image
    prompt: ImagePrompt
    sent: str
    model: str
    seed: int | None
    seconds: float
    cost_usd: float | None
    note: str = ""
    path: Path | None = None
    partial: bool = False

    def save(self, folder: str | Path | None = None, *, plan: TripPlan | None = None) -> "Postcard":
        """Writes ``postcard-YYYYMMDD-HHMMSS-<seed>-<n>.png`` and returns a copy with its path.

        The file appears whole or not at all, and never replaces another. Its texts are PNG iTXt
        chunks (UTF-8), which `read_postcard` returns.

        Args:
            folder: made if it is not there; None means `settings.postcards_folder()`.
            plan: the plan the picture belongs to, kept as JSON.

        Raises:
            StorageError: ``cannot_save``, the disk is full or the folder cannot be written;
                ``bad_folder``.
        """
        folder = postcards_folder() if folder is None else checked_folder(folder)
        seed = "noseed" if self.seed is None else self.seed
        stem = f"postcard-{time.strftime('%Y%m%d-%H%M%S')}-{seed}"
        stem += "-partial" if self.partial else ""
        data = _encode(enlarged(self.image, MINIMUM_SAVED), self._texts(plan))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = write_new(folder, stem, ".png", data)
        except OSError as error:
            raise StorageError(
                "cannot_save", folder=str(folder), reason=disk_problem(error)
            ) from error
        return replace(self, path=path)

    def _texts(self, plan: TripPlan | None) -> dict[str, str]:
        unfinished = {"tripkit:state": "partial", "tripkit:billed": "possibly billed"}
        return (unfinished if self.partial else {}) | {
            "Software": f"tripkit {__version__}",
            "Title": clean_text(self.prompt.scene or self.prompt.full)[:MAX_TITLE],
            "tripkit:prompt": self.prompt.full,
            "tripkit:scene": self.prompt.scene,
            "tripkit:sent": self.sent,
            "tripkit:plan": "" if plan is None else plan.model_dump_json(),
            "tripkit:model": self.model,
            "tripkit:seed": "" if self.seed is None else str(self.seed),
            "tripkit:seconds": f"{self.seconds:.3f}",
            "tripkit:cost": "" if self.cost_usd is None else f"{self.cost_usd:.6f}",
        }


def checked_folder(folder: str | Path) -> Path:
    """The folder as a path, where the file system can have one of that name.

    Raises:
        StorageError: ``bad_folder``: no path at all, or with characters that no name here may hold.
    """
    try:
        if b"\0" not in os.fsencode(folder):
            return Path(folder)
    except (TypeError, ValueError):
        pass
    raise StorageError("bad_folder", folder=clipped(ascii(folder), 80))


def read_postcard(path: str | Path) -> dict[str, str]:
    """The texts of a saved postcard by chunk name; an unknown seed, cost or plan is ``""``.

    Raises:
        StorageError: ``cannot_read``, there is no such file or it is not a postcard of tripkit.
    """
    try:
        is_file = stat.S_ISREG(os.stat(path).st_mode)  # a device never ends, a pipe never begins
        texts = _texts_of(path) if is_file else {}
    except OSError as error:
        raise StorageError("cannot_read", path=str(path), reason=disk_problem(error)) from error
    except ValueError:  # no PNG, damaged, or too large
        texts = {}
    if "tripkit:prompt" not in texts:
        reason = messages.Phrase("problem.not_a_postcard")
        raise StorageError("cannot_read", path=str(path), reason=reason)
    return texts


def _texts_of(path: str | Path) -> dict[str, str]:
    """The iTXt chunks as `_encode` writes them: not packed, in UTF-8. No pixel is unpacked."""
    with open(path, "rb") as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise ValueError("too large")
    bodies = [bytes(body) for kind, body in png_chunks(data) if kind == b"iTXt"]
    if sum(map(len, bodies)) > MAX_TEXTS:
        raise ValueError("too much text")
    texts = {}
    for body in bodies:
        name, _, rest = body.partition(b"\0")
        packed, (_, _, text) = rest[:1] != b"\0", rest[2:].split(b"\0", 2)
        if not packed:
            texts[name.decode("latin-1")] = text.decode("utf-8")
    return texts


def png_bytes(image: Image.Image, minimum: int = 0) -> bytes:
    """The picture as PNG, for a browser, enlarged so that no side is under ``minimum`` pixels."""
    return _encode(enlarged(image, minimum), {})


def enlarged(image: Image.Image, minimum: int) -> Image.Image:
    """The picture, by a whole factor without smoothing, so that no side is under ``minimum``."""
    factor = math.ceil(minimum / max(1, min(image.size)))
    factor = max(1, min(factor, MAXIMUM_ENLARGED // max(1, *image.size)))
    if factor == 1:
        return image
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def _encode(image: Image.Image, texts: dict[str, str]) -> bytes:
    info = PngInfo()
    for name, value in texts.items():
        # PNG text holds no NUL, and UTF-8 no lone surrogate.
        value = value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
        info.add_itxt(name, value)
    if image.mode not in _PNG_MODES:
        image = image.convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", pnginfo=info)
    return buffer.getvalue()
