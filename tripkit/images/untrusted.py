"""Opens a picture that somebody else made: bounded in pixels, sides, texts and time.

A few bytes can claim to be any number of pixels, or unpack to any number of letters. Whoever opens
a file or an answer in tripkit does it here.
"""

import io
import zlib
from collections.abc import Iterator

from PIL.Image import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

MAX_PIXELS = 4096 * 4096
MAX_SIDE = 8192
NARROWEST = 16  # times as long as it is wide
PNG = b"\x89PNG\r\n\x1a\n"
MOST_CHUNKS = 20_000  # of a PNG: Pillow itself writes one for each 64 kB
MOST_SCANS = 64  # of a progressive JPEG: ten are usual, and each takes the time of a picture
_SCAN = b"\xff\xda"
_DRAWN = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")  # the chunks that make the picture


def open_untrusted(data: bytes, *, max_side: int = MAX_SIDE, max_pixels: int = MAX_PIXELS) -> Image:
    """The picture in a PNG, JPEG or WebP file, unpacked; what is not of the picture is not read.

    Args:
        data: the bytes of the file.
        max_side: pixels a side, at most.
        max_pixels: pixels in all, at most.

    Raises:
        ValueError: it is none of these, broken, or too large, long or slow.
    """
    try:
        image = _opened(data)  # reads the header alone
        short, long = sorted(image.size)
        if long > min(max_side, NARROWEST * short) or short * long > max_pixels:
            raise ValueError("its sides")
        image.load()
        # Profiles and remarks of a JPEG or WebP would be saved with the picture.
        image.info = {k: v for k, v in image.info.items() if k == "transparency"}
    except Exception as error:  # broken pictures raise nearly anything
        raise ValueError(f"no usable picture: {type(error).__name__}") from None
    return image


def _opened(data: bytes) -> Image:
    # The plug-ins themselves: Image.open would warn on the console of what is refused here.
    if data.startswith(PNG):
        return PngImageFile(io.BytesIO(_bare(data)))
    if data.startswith(b"\xff\xd8\xff") and data.count(_SCAN) <= MOST_SCANS:
        return JpegImageFile(io.BytesIO(data))
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WebPImageFile(io.BytesIO(data))
    raise ValueError("another format")


def _bare(data: bytes) -> bytes:
    """The PNG without texts, profiles and further frames, which could unpack to anything."""
    kept = [(kind, body) for kind, body in png_chunks(data) if kind in _DRAWN]
    return PNG + b"".join(
        len(body).to_bytes(4, "big") + kind + body + _checksum(kind, body) for kind, body in kept
    )


def png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """The chunks of a PNG to its end, each with its kind, packed as they are.

    Raises:
        ValueError: it is no PNG, cut off, damaged, or has too many of them.
    """
    if not data.startswith(PNG):
        raise ValueError("no PNG")
    view, at = memoryview(data), len(PNG)
    for _ in range(MOST_CHUNKS):
        length, kind = int.from_bytes(view[at : at + 4], "big"), bytes(view[at + 4 : at + 8])
        end = at + 8 + length
        body = view[at + 8 : end]
        if view[end : end + 4] != _checksum(kind, body):
            raise ValueError("cut off or damaged")
        yield kind, body
        if kind == b"IEND":
            return
        at = end + 4
    raise ValueError("too many chunks")


def _checksum(kind: bytes, body: bytes | memoryview) -> bytes:
    return zlib.crc32(body, zlib.crc32(kind)).to_bytes(4, "big")
