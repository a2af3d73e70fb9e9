"""Draws for the image calls: whole answers, streams with partial pictures, edits under a mask."""

from __future__ import annotations

import io
import queue
import threading
import time
from collections.abc import AsyncIterator, Callable

from anyio import to_thread
from PIL import Image, ImageChops

from tripkit.images.pipeline import PipelineBackend
from tripkit.serving.errors import APIError, as_api_error
from tripkit.serving.queue import BoundedQueue
from tripkit.serving.wire import (
    LARGEST,
    NATIVE,
    STEPS,
    ImageRequest,
    encoded,
    event,
    image_fields,
    image_usage,
    side_of,
)

FORMATS = ["PNG", "JPEG", "WEBP"]
Draw = Callable[[Callable | None], Image.Image]  # takes a listener as `ImageBackend.generate` does


class Painter:
    """One model, one picture at a time.

    Args:
        backend: a `PipelineBackend` of the shipped model.
        waiting: how many requests may wait for it.
    """

    def __init__(self, backend: PipelineBackend, waiting: int):
        self.backend, self.queue = backend, BoundedQueue(waiting)

    def drawing(self, request: ImageRequest) -> Draw:
        """How to draw a request from words."""
        backend = self._with_quality(request)
        return lambda listener: backend.generate(request.prompt, on_progress=listener).image

    def editing(self, request: ImageRequest, image: Image.Image, mask: Image.Image) -> Draw:
        """How to draw anew what is white in the mask; the rest comes back pixel by pixel.

        The model works at its own size: a cell of it is drawn anew where any of its pixels is.
        """
        backend = self._with_quality(request)
        small = image.resize((NATIVE, NATIVE), Image.Resampling.BOX)
        cells = mask.resize((NATIVE, NATIVE), Image.Resampling.BOX).point([0] + [255] * 255)

        def draw(listener) -> Image.Image:
            drawn = backend.edit(request.prompt, small, cells, on_progress=listener).image
            grown = drawn.resize(image.size, Image.Resampling.NEAREST)
            return Image.composite(grown, image, mask)

        return draw

    def answer(self, request: ImageRequest, draw: Draw, image_tokens: int = 0) -> dict:
        """The whole answer: ``request.n`` pictures."""
        side = _side(request)
        with self.queue.turn():
            images = [draw(None) for _ in range(request.n)]
        return {
            "created": int(time.time()),
            "data": [{"b64_json": encoded(i, side, request.output_format)} for i in images],
            **image_fields(request, side),
            "usage": self._usage(request, image_tokens),
        }

    def events(
        self, request: ImageRequest, draw: Draw, kind: str, image_tokens: int = 0
    ) -> AsyncIterator[bytes]:
        """The answer as server-sent events: partial pictures, then the picture or an error.

        Cancelling it, as when the client has gone, stops the drawing at its next step.

        Args:
            request: with ``partial_images``, spread evenly over the steps.
            draw: see `drawing` and `editing`.
            kind: ``"image_generation"`` or ``"image_edit"``.
            image_tokens: of pictures in the request.
        """
        side, gone = _side(request), threading.Event()
        inbox: queue.Queue = queue.Queue()
        turn = self.queue.turn()
        turn.__enter__()  # a full queue is an answer of its own, before the stream begins

        def listen(step: int, total: int, preview) -> bool:
            inbox.put((step, total, preview))
            return not gone.is_set()

        def work() -> None:
            try:
                inbox.put(draw(listen))
            except Exception as error:  # told to the client as an event
                inbox.put(as_api_error(error))
            finally:
                turn.__exit__(None, None, None)

        threading.Thread(target=work, name="tripkit-painter", daemon=True).start()

        async def stream() -> AsyncIterator[bytes]:
            sent = 0
            fields = {**image_fields(request, side), "created_at": int(time.time())}
            try:
                while True:
                    news = await to_thread.run_sync(inbox.get, abandon_on_cancel=True)
                    if isinstance(news, APIError):
                        yield event("error", **news.fields())
                        return
                    if isinstance(news, Image.Image):
                        data = encoded(news, side, request.output_format)
                        usage = self._usage(request, image_tokens)
                        yield event(f"{kind}.completed", b64_json=data, usage=usage, **fields)
                        return
                    step, total, preview = news
                    due = (sent + 1) * total / (request.partial_images + 1)
                    wanted = sent < request.partial_images and due <= step < total
                    if wanted and preview is not None:
                        data = encoded(preview, side, request.output_format)
                        yield event(
                            f"{kind}.partial_image",
                            b64_json=data,
                            partial_image_index=sent,
                            **fields,
                        )
                        sent += 1
            finally:
                gone.set()

        return stream()

    def _with_quality(self, request: ImageRequest) -> PipelineBackend:
        """The backend with the number of steps that the quality asks for; the model is shared."""
        steps = STEPS[request.quality]
        return self.backend if steps is None else self.backend.with_steps(steps)

    def _usage(self, request: ImageRequest, image_tokens: int) -> dict:
        tokenizer = self.backend.pipeline.tokenizer
        words = len(tokenizer(request.prompt, truncation=False, verbose=False).input_ids)
        cells = (NATIVE // self.backend.pipeline.vae_scale_factor) ** 2
        return image_usage(words, image_tokens * cells, cells * request.n)


def _side(request: ImageRequest) -> int:
    side = side_of(request.size)
    if side is None:
        raise APIError(
            400,
            "invalid_value",
            f"Invalid value for 'size'. This model draws squares of {NATIVE} pixels a side or a "
            f"multiple of it up to {LARGEST}, such as 512x512, or auto.",
            "size",
        )
    if request.stream and request.n > 1:
        raise APIError(400, "invalid_value", "A stream holds one picture: n must be 1.", "n")
    return side


def read_picture(data: bytes, param: str) -> Image.Image:
    """An uploaded picture, checked before its pixels are unpacked.

    Raises:
        APIError: 400, no PNG, JPEG or WebP, broken, not square, or larger than 1024 pixels a side.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width != image.height or not NATIVE <= image.width <= LARGEST:
                raise ValueError("size")
            image.load()
            return image.convert("RGBA")
    except Exception as error:  # broken pictures raise nearly anything
        raise APIError(
            400,
            "invalid_image",
            f"'{param}' must be a PNG, JPEG or WebP, square, {NATIVE} to {LARGEST} pixels a side.",
            param,
        ) from error


def mask_of(image: Image.Image, mask: Image.Image | None) -> Image.Image:
    """What is drawn anew, white, from OpenAI's convention: where the alpha of the mask is 0.

    Without a mask the picture's own alpha counts.

    Raises:
        APIError: 400, a mask of another size, or one with nothing to draw anew.
    """
    mask = mask or image
    if mask.size != image.size:
        raise APIError(400, "invalid_image", "The mask must have the picture's size.", "mask")
    white = ImageChops.invert(mask.getchannel("A")).point([0] * 255 + [255])
    if white.getbbox() is None:
        raise APIError(
            400, "invalid_image", "Nothing to draw anew: no pixel of the mask has alpha 0.", "mask"
        )
    return white
