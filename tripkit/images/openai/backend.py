"""The image backend of OpenAI's GPT image models, and of servers that speak their protocol."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

from PIL import Image

from tripkit.core.errors import RequestError, TripkitError
from tripkit.core.messages import text
from tripkit.core.text import clean_text
from tripkit.images import editing
from tripkit.images.base import OnProgress, as_prompt, check_prompt
from tripkit.images.notes import Note
from tripkit.images.openai import masks
from tripkit.images.openai.answer import MAX_BASE64, SLACK, Answer, OpenedCall, opened
from tripkit.images.openai.options import MAX_PARTIALS, ImageOptions
from tripkit.images.openai.stream import Drawing
from tripkit.images.partial_saves import Keeper
from tripkit.images.postcard import Postcard
from tripkit.prompts import ImagePrompt
from tripkit.services import prices, registry
from tripkit.services.deadlines import arriving
from tripkit.services.openai_client import OpenAIConnection, model_name
from tripkit.services.openai_errors import billed, explain, retired
from tripkit.services.spending import Call, Estimate, Ledger

if TYPE_CHECKING:
    from openai import OpenAI

MAX_PROMPT = 32_000  # characters, the limit of the service
ANSWER_LIMIT = (MAX_PARTIALS + 1) * MAX_BASE64 + SLACK  # bytes
OPTIONAL = ("stream", "partial_images", "response_format")
UNDRAWN = Image.new("RGB", (1, 1))  # in a postcard whose picture has not come


class OpenAIImageBackend:
    """Draws and edits with a GPT image model; streams its partial pictures as previews.

    A picture is billed when it is drawn, so nothing is ever sent twice: no retries, and only a
    refusal of an option (HTTP 400, nothing drawn) is answered by asking without it. Each paid call
    is booked in a `spending.Ledger` and refused beyond its cap; what it sends is on disk before it
    is shown (`partial_saves.Keeper`). These models take no seed: postcards have seed None.

    Args:
        model: None means the default of `services.toml`.
        quality: one of `options.QUALITIES`; sent to OpenAI only. Not every model knows the
            last ones.
        size: ``"1024x1024"`` or another ``WIDTHxHEIGHT``, or ``"auto"``.
        moderation: ``"auto"``, or ``"low"`` for less of it; sent to OpenAI only.
        partial_images: how many previews to ask for, 0 to 3; fewer may come.
        client: an ``openai.OpenAI`` to use; else one is made of the next two.
        base_url: None means ``OPENAI_BASE_URL``, else OpenAI.
        api_key: None means ``OPENAI_API_KEY``.
        ledger: the books to use where a call brings none; None makes new ones.

    Raises:
        RequestError: ``bad_option``.
    """

    timeout = 180.0  # seconds until the whole answer must be there

    def __init__(
        self,
        model: str | None = None,
        *,
        quality: str = "low",
        size: str = "1024x1024",
        moderation: str = "auto",
        partial_images: int = 2,
        client: OpenAI | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        ledger: Ledger | None = None,
    ):
        self.options = ImageOptions(quality, size, moderation, partial_images)
        self.model = model_name(model, registry.default_service("openai", "image").id)
        self.name = f"openai:{self.model}"
        self.ledger = Ledger() if ledger is None else ledger
        self._connection = OpenAIConnection(client, base_url, api_key, limit=ANSWER_LIMIT)
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.model!r}, quality={self.options.quality!r})"

    @property
    def cost_per_picture(self) -> float | None:
        """About what a picture costs in US dollars, previews included; None if not known.

        A server on this computer bills nothing that tripkit knows of; its price is not known.
        """
        chosen = self.options
        return prices.picture_cost(
            self._price(), chosen.quality, chosen.size, chosen.partial_images
        )

    def estimate(self, prompt: ImagePrompt | str = "", *, edits: bool = False) -> Estimate | None:
        """About what a call with this prompt costs; None where nothing is billed.

        Args:
            prompt: what is to be drawn.
            edits: whether a picture is sent along, whose tokens nobody knows before.

        Raises:
            MissingKeyError: no usable key.
            ModelUnavailableError: ``model_retired``.
        """
        self._client()
        if self._connection.here:
            return None
        words = prices.text_cost(self._price(), self.text_for(as_prompt(prompt)))
        picture = self.cost_per_picture
        usd = None if picture is None or words is None else picture + words
        return Estimate(self._connection.service, self.model, usd, at_least=edits)

    def text_for(self, prompt: ImagePrompt) -> str:
        """The full prompt, line by line without control characters."""
        return "\n".join(clean_text(line) for line in prompt.full.splitlines()).strip()

    def warm_up(self) -> None:
        """Makes the client, so that a missing key is told before anything is asked. Sends nothing.

        Raises:
            MissingKeyError: no usable key.
            ModelUnavailableError: ``model_retired``.
        """
        self._client()

    def generate(
        self,
        prompt: ImagePrompt | str,
        *,
        seed: int | None = None,
        on_progress: OnProgress | None = None,
        negative_prompt: str = "",
        ledger: Ledger | None = None,
        keeper: Keeper | None = None,
    ) -> Postcard:
        """Draws the prompt. ``seed`` is not used: these models take none.

        Args:
            prompt: what to draw, an `ImagePrompt` or a sentence.
            seed: not used.
            on_progress: called as ``(step, total, preview)``; returning False cancels.
            negative_prompt: must be empty; see the errors.
            ledger: the books of the visit; None means the backend's own.
            keeper: where what comes is kept; None keeps it in the folder of postcards where the
                call is billed, and not at all where it is not.

        Raises:
            RequestError: ``empty_prompt``, ``prompt_too_long``, ``negative_not_taken``.
            SpendingError: ``cap_reached``; nothing is sent.
            CancelledError: ``on_progress`` returned False; the stream is closed.
            ServiceError: see `openai_errors.explain`; ``bad_picture``, ``answer_too_large``. One
                with ``possibly_billed`` came after the service may have begun to work.
        """
        return self._make(prompt, None, None, on_progress, negative_prompt, ledger, keeper)

    def edit(
        self,
        prompt: ImagePrompt | str,
        image: Image.Image | Postcard,
        mask: Image.Image,
        *,
        seed: int | None = None,
        on_progress: OnProgress | None = None,
        negative_prompt: str = "",
        ledger: Ledger | None = None,
        keeper: Keeper | None = None,
    ) -> Postcard:
        """Draws the white part of the mask anew; the black part stays bit for bit.

        The same as `PipelineBackend.edit`, but for the seed. OpenAI gets the picture enlarged to
        the middle of ``size``; another server gets it as it is.

        Args:
            prompt: the whole picture as it should be.
            image: a Pillow picture or a `Postcard`.
            mask: mode L, of the picture's size: white (255) is drawn anew, black (0) is kept. The
                service's own convention, alpha 0, is made of it.
            seed: not used.
            on_progress: see `generate`, as for the rest.
            negative_prompt: must be empty.
            ledger: the books of the visit.
            keeper: where what comes is kept.

        Raises:
            RequestError: as `generate`, and ``not_a_picture``, ``picture_size``, ``mask_mode``,
                ``mask_size``, ``mask_empty``.
            SpendingError: as `generate`; ``ServiceError`` and ``CancelledError`` too.
        """
        picture = editing.check_picture(image)
        mask = editing.check_mask(mask, picture)
        percent = 100 * mask.histogram()[255] / (mask.width * mask.height)
        note = ("note.edited", {"percent": max(1, round(percent))})
        pair = (picture, mask)
        return self._make(prompt, pair, note, on_progress, negative_prompt, ledger, keeper)

    def outpaint(
        self,
        prompt: ImagePrompt | str,
        image: Image.Image | Postcard,
        *,
        left: int = 0,
        right: int = 0,
        top: int = 0,
        bottom: int = 0,
        seed: int | None = None,
        on_progress: OnProgress | None = None,
        negative_prompt: str = "",
        ledger: Ledger | None = None,
        keeper: Keeper | None = None,
    ) -> Postcard:
        """Goes on with a picture beyond its edges, by so many pixels; the old part stays.

        Raises:
            RequestError: as `edit`, and ``bad_margin``, ``outpaint_nothing``,
                ``outpaint_too_much`` (more than twice as wide or high).
            SpendingError: as `generate`; ``ServiceError`` and ``CancelledError`` too.
        """
        picture = editing.check_picture(image)
        margins = {"left": left, "right": right, "top": top, "bottom": bottom}
        pair, note = editing.enlarged_canvas(picture, **margins), ("note.outpainted", margins)
        return self._make(prompt, pair, note, on_progress, negative_prompt, ledger, keeper)

    def _make(
        self,
        prompt: ImagePrompt | str,
        pair: tuple[Image.Image, Image.Image] | None,
        note: Note | None,
        on_progress: OnProgress | None,
        negative_prompt: str,
        ledger: Ledger | None,
        keeper: Keeper | None,
    ) -> Postcard:
        """One postcard; ``pair`` is a picture and its mask where one is edited."""
        prompt = as_prompt(prompt)
        sent = self.text_for(prompt)
        check_prompt(sent)
        if len(sent) > MAX_PROMPT:
            raise RequestError("prompt_too_long", length=len(sent), limit=MAX_PROMPT)
        if clean_text(negative_prompt or ""):
            raise RequestError("negative_not_taken", model=self.model)
        with self._lock:  # one call at a time
            canvas = self.options.canvas() if self._connection.openai else None
            estimate = self.estimate(prompt, edits=pair is not None)
            edit = None if pair is None else masks.fitted(*pair, canvas)
            if keeper is None and estimate is not None:
                keeper = Keeper()
            empty = Postcard(UNDRAWN, prompt, sent, self.model, None, 0.0, None)
            remark = text(note[0], prompt.language, **note[1]) if note else ""
            steps, price = self.options.partial_images + 1, self._price()
            drawing = Drawing(empty, remark, edit, steps, on_progress, keeper, price)
            with (self.ledger if ledger is None else ledger).paid(estimate) as call:
                return self._draw(drawing, call, estimate is not None)

    def _draw(self, drawing: Drawing, call: Call, paid: bool) -> Postcard:
        drawing.begin()
        asked = self._connection.asked(self.model, self.timeout)
        answer = Answer(self._call(drawing), asked.service, drawing.total)
        started = time.perf_counter()
        problem: TripkitError
        error: Exception | None = None
        call.sent = True
        try:
            # Closed here, not when an error that holds this frame is forgotten.
            with closing(arriving(answer.messages, self.timeout, answer.stop)) as arrived:
                return drawing.follow(arrived, asked, started)
        except Exception as caught:
            if drawing.listener_failed:  # not the service's fault, or a cancel
                raise
            error = caught
            problem = explain(caught, asked, streaming=drawing.streaming)
        finally:
            call.usd = drawing.cost_usd
        problem = billed(problem, error, paid)
        error = None
        raise problem  # here, where no traceback chains the SDK's error to it

    def _client(self) -> OpenAI:
        if self._connection.openai and (gone := retired(self.model)):
            raise gone
        return self._connection.client(self.timeout, max_retries=0)

    def _call(self, drawing: Drawing) -> OpenedCall:
        """The context manager that sends the call; see `answer.Answer`."""
        images = self._client().images.with_streaming_response
        method = images.generate if drawing.edit is None else images.edit
        # A server may not know these. OpenAI knows its sizes, and other sizes cost other sums.
        optional = OPTIONAL if self._connection.openai else (*OPTIONAL, "size")
        arguments = self.options.arguments(openai=self._connection.openai, edit=drawing.edit)
        arguments |= {"model": self.model, "prompt": drawing.empty.sent, "n": 1}
        return opened(method, arguments, optional)

    def _price(self) -> registry.Service | None:
        """The row of prices; None for another server and for a model that is not listed."""
        return prices.priced(self.model, "image") if self._connection.openai else None
