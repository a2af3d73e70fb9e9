"""Pictures and masks as an image service takes them for editing, and its answer put back in place.

Our masks say white (255) for what is drawn anew; the service's say it with an alpha of 0.
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

FILE_NAMES = {"image": "image.png", "mask": "mask.png"}


@dataclass(frozen=True)
class Edit:
    """A picture and a mask that fit each other, and where the picture lies on what is sent.

    Attributes:
        image: the picture, RGB; what the mask keeps comes back bit for bit.
        mask: mode L, 255 is drawn anew.
        canvas: the size that is sent.
        box: (left, top, right, bottom) of the picture on the canvas.
    """

    image: Image.Image
    mask: Image.Image
    canvas: tuple[int, int]
    box: tuple[int, int, int, int]

    def files(self) -> dict[str, tuple[str, bytes, str]]:
        """The two files of the call: the picture, and its mask with alpha 0 for "edit here"."""
        size = (self.box[2] - self.box[0], self.box[3] - self.box[1])
        around = self._around()
        image = self.image.resize(size, Image.Resampling.LANCZOS)
        image = Image.fromarray(np.pad(np.asarray(image), (*around, (0, 0)), mode="edge"))
        edited = np.pad(np.asarray(self.mask.resize(size, Image.Resampling.NEAREST)), around)
        mask = image.convert("RGBA")
        mask.putalpha(Image.fromarray(255 - edited))
        pictures = {"image": image, "mask": mask}
        return {
            name: (FILE_NAMES[name], _png(each), "image/png") for name, each in pictures.items()
        }

    def put_back(self, drawn: Image.Image) -> Image.Image:
        """The service's picture within the mask, and the old picture around it."""
        drawn = drawn.resize(self.canvas, Image.Resampling.LANCZOS).crop(self.box)
        drawn = drawn.resize(self.image.size, Image.Resampling.LANCZOS)
        return Image.composite(drawn, self.image, self.mask)

    def _around(self) -> tuple[tuple[int, int], tuple[int, int]]:
        left, top, right, bottom = self.box
        return ((top, self.canvas[1] - bottom), (left, self.canvas[0] - right))


def fitted(image: Image.Image, mask: Image.Image, canvas: tuple[int, int] | None) -> Edit:
    """The edit on a canvas of that size, the picture as large as it fits, in the middle.

    ``canvas`` None sends the picture as it is.
    """
    if canvas is None:
        return Edit(image, mask, image.size, (0, 0, *image.size))
    scale = min(canvas[0] / image.width, canvas[1] / image.height)
    width = max(1, min(canvas[0], round(image.width * scale)))
    height = max(1, min(canvas[1], round(image.height * scale)))
    left, top = (canvas[0] - width) // 2, (canvas[1] - height) // 2
    return Edit(image, mask, canvas, (left, top, left + width, top + height))


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()
