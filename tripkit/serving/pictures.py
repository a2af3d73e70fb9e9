"""Draws for the image calls: whole answers, streams with partial pictures, edits under a mask."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable

from fastapi.responses import StreamingResponse
from PIL import Image, ImageChops

from tripkit.images.pipeline import PipelineBackend
from tripkit.images.untrusted import open_untrusted
from tripkit.serving import wire
from tripkit.serving.errors import APIError, as_api_error
from tripkit.serving.queue import BoundedQueue
from tripkit.serving.wire import LARGEST, NATIVE, ImageRequest, encoded

Draw = Callable[[Callable | None], Image.Image]  # takes a listener as `ImageBackend.generate` does


class EventStream(StreamingResponse):
    """Server-sent events; ``leave()`` is called when they have ended or the client has gone."""

    def __init__(self, content: AsyncIterator[bytes], leave: Callable[[], None]):
        super().__init__(content, media_type="text/event-stream")
        self.leave = leave

    async def __call__(self, scope, receive, send) -> None:  # noqa: D102
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.leave()


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

    async def answer(self, request: ImageRequest, draw: Draw, image_tokens: int = 0) -> dict:
        """The whole answer: ``request.n`` pictures. Cancelling it stops the drawing.

        Raises:
            APIError: as `BoundedQueue.submit`.
            TripkitError: as the backend.
        """
        side, gone = _side(request), threading.Event()

        def work() -> dict:
            images = [draw(self._listener(gone)) for _ in range(request.n)]
            return {
                "created": int(time.time()),
                "data": [{"b64_json": encoded(i, side, request.output_format)} for i in images],
                **wire.image_fields(request, side),
                "usage": self._usage(request, image_tokens),
            }

        job = self.queue.submit(work)
        try:
            return await asyncio.wrap_future(job)
        finally:
            gone.set()

    def events(
        self, request: ImageRequest, draw: Draw, kind: str, image_tokens: int = 0
    ) -> EventStream:
        """The answer as server-sent events: partial pictures, then the picture or an error.

        A client that goes stops the drawing at its next step.

        Args:
            request: with ``partial_images``, spread evenly over the steps.
            draw: see `drawing` and `editing`.
            kind: ``"image_generation"`` or ``"image_edit"``.
            image_tokens: of pictures in the request.

        Raises:
            APIError: as `BoundedQueue.submit`; a full queue is an answer of its own.
        """
        side, gone = _side(request), threading.Event()
        fields = {**wire.image_fields(request, side), "created_at": int(time.time())}
        inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def put(news: bytes | None) -> None:
            loop.call_soon_threadsafe(inbox.put_nowait, news)

        def show(index: int, preview: Image.Image) -> None:
            data = encoded(preview, side, request.output_format)
            name = f"{kind}.partial_image"
            put(wire.event(name, b64_json=data, partial_image_index=index, **fields))

        def work() -> None:
            image = draw(self._listener(gone, request.partial_images, show))
            data = encoded(image, side, request.output_format)
            usage = self._usage(request, image_tokens)
            put(wire.event(f"{kind}.completed", b64_json=data, usage=usage, **fields))

        job = self.queue.submit(work)
        job.add_done_callback(lambda _: put(None))

        async def stream() -> AsyncIterator[bytes]:
            while (news := await inbox.get()) is not None:
                yield news
            if error := job.exception():
                yield wire.event("error", **as_api_error(error).fields())

        def leave() -> None:
            gone.set()
            job.cancel()

        return EventStream(stream(), leave)

    def _listener(self, gone: threading.Event, partial_images: int = 0, show=None):
        """Passes so many previews to ``show(index, preview)``; ends a drawing nobody waits for."""
        shown = 0

        def listen(step: int, total: int, preview) -> bool:
            nonlocal shown
            self.queue.check_open()
            due = (shown + 1) * total / (partial_images + 1)
            if shown < partial_images and due <= step < total and preview is not None:
                show(shown, preview)
                shown += 1
            return not gone.is_set()

        listen.previews = partial_images > 0  # type: ignore[attr-defined]  # see `progress.follow`
        return listen

    def _with_quality(self, request: ImageRequest) -> PipelineBackend:
        """The backend with the number of steps that the quality asks for; the model is shared."""
        steps = wire.STEPS[request.quality]
        return self.backend if steps is None else self.backend.with_steps(steps)

    def _usage(self, request: ImageRequest, image_tokens: int) -> dict:
        tokenizer = self.backend.pipeline.tokenizer
        words = len(tokenizer(request.prompt, truncation=False, verbose=False).input_ids)
        cells = (NATIVE // self.backend.pipeline.vae_scale_factor) ** 2
        return wire.image_usage(words, image_tokens * cells, cells * request.n)


def _side(request: ImageRequest) -> int:
    side = wire.side_of(request.size)
    if side is None:
        what = f"squares of {NATIVE} pixels a side or a multiple of it up to {LARGEST}"
        message = f"Invalid value for 'size'. This model draws {what}, such as 512x512, or auto."
        raise APIError(400, "invalid_value", message, "size")
    if request.stream and request.n > 1:
        raise APIError(400, "invalid_value", "A stream holds one picture: n must be 1.", "n")
    return side


def read_picture(data: bytes, param: str) -> Image.Image:
    """An uploaded picture, checked before its pixels are unpacked. Takes up to a second.

    Raises:
        APIError: 400, no PNG, JPEG or WebP, broken, not square, or larger than 1024 pixels a side.
    """
    try:
        image = open_untrusted(data, max_side=LARGEST)
        if image.width != image.height or image.width < NATIVE:
            raise ValueError("size")
    except ValueError as error:
        what = f"a PNG, JPEG or WebP, square, {NATIVE} to {LARGEST} pixels a side"
        raise APIError(400, "invalid_image", f"'{param}' must be {what}.", param) from error
    return image.convert("RGBA")


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
        message = "Nothing to draw anew: no pixel of the mask has alpha 0."
        raise APIError(400, "invalid_image", message, "mask")
    return white
