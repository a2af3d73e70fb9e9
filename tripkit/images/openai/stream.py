"""One picture of an image service on its way: from its messages to previews and a postcard."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from PIL import Image

from tripkit.core.errors import ServiceError
from tripkit.core.messages import text
from tripkit.images.base import OnProgress, report
from tripkit.images.openai.answer import decode_picture
from tripkit.images.openai.masks import Edit
from tripkit.images.partial_saves import Keeper
from tripkit.images.postcard import Postcard
from tripkit.services import prices
from tripkit.services.deadlines import WAITING
from tripkit.services.openai_errors import Asked, explain
from tripkit.services.registry import Service

SPARE_PREVIEWS = 2  # that a server may send beyond those asked for


@dataclass
class Drawing:
    """Follows one answer.

    Attributes:
        empty: the postcard without its picture.
        note: what is to be said with it.
        edit: the picture that is edited, if one is.
        total: how many steps are told: the previews asked for, and the picture.
        on_progress: see `base.OnProgress`.
        keeper: keeps each picture before it is told; None keeps nothing.
        price: the row of prices for the bill, None where it is not known.
        cost_usd: what the answer says it cost, once it came; None where it does not say.
        streaming: whether a part of the answer has come, but not all.
        listener_failed: whether ``on_progress`` raised, or cancelled.
        step, previews, started: how far it is, and since when.
    """

    empty: Postcard
    note: str
    edit: Edit | None
    total: int
    on_progress: OnProgress | None
    keeper: Keeper | None
    price: Service | None
    cost_usd: float | None = None
    streaming: bool = False
    listener_failed: bool = False
    step: int = 0
    previews: int = 0
    started: float = 0.0

    def begin(self) -> None:
        """Tells that nothing has come yet: the last moment to cancel for nothing."""
        report(self.on_progress, 0, self.total, None)

    def follow(self, arrived: Iterable[Any], asked: Asked, started: float) -> Postcard:
        """The postcard, from messages as `answer.Answer` gives them.

        Raises:
            ServiceError: the service told of an error, or ``bad_picture``.
            EOFError: the messages ended before the picture.
        """
        self.started = started
        for message in arrived:
            if message is WAITING:
                self._report(None)  # nothing new, but it may be cancelled
                continue
            kind, fields = message
            if kind == "open":
                self.streaming = True
            elif kind == "read":
                self.streaming = False
            elif kind == "whole":
                return self._finish(fields["data"][0].get("b64_json"), fields.get("usage"), asked)
            elif kind.endswith(".partial_image"):
                self._preview(fields.get("b64_json"), asked)
            elif kind.endswith(".completed"):
                return self._finish(fields.get("b64_json"), fields.get("usage"), asked)
            elif kind == "error":
                problem = explain(_error_event(fields), asked)
                del fields, message  # verbose tracebacks show locals, and servers repeat keys
                raise problem
        raise EOFError("the answer ended before the picture")

    def _preview(self, data: object, asked: Asked) -> None:
        self.previews += 1
        if self.previews > self.total - 1 + SPARE_PREVIEWS:
            return  # each is a file and a picture in memory, and a server may send any number
        try:
            preview = self._decoded(data, asked)
        except ServiceError:
            preview = None  # a preview may fail, the picture may not
        if preview is not None and self.keeper is not None:
            note = text("note.partial", self.empty.prompt.language)
            self.keeper.keep_partial(self._postcard(preview, None, note, partial=True))
        self.step = min(self.step + 1, self.total - 1)
        self._report(preview)

    def _finish(self, data: object, usage: object, asked: Asked) -> Postcard:
        self.cost_usd = prices.image_bill(self.price, usage)  # also of a picture that is broken
        image = self._decoded(data, asked)
        postcard = self._postcard(image, self.cost_usd, self.note)
        if self.keeper is not None:
            postcard = self.keeper.keep(postcard)
        self.step = self.total
        try:
            self._report(image)
        except Exception:
            if self.keeper is None:
                raise
            # The picture is here and paid for: it is too late to give it up.
        return postcard

    def _decoded(self, data: object, asked: Asked) -> Image.Image:
        image = decode_picture(data, asked.service)
        return image if self.edit is None else self.edit.put_back(image)

    def _postcard(
        self, image: Image.Image, cost: float | None, note: str, partial: bool = False
    ) -> Postcard:
        seconds = time.perf_counter() - self.started
        return replace(
            self.empty, image=image, seconds=seconds, cost_usd=cost, note=note, partial=partial
        )

    def _report(self, image: Image.Image | None) -> None:
        try:
            report(self.on_progress, self.step, self.total, image)
        except BaseException:
            self.listener_failed = True
            raise


def _error_event(fields: dict[str, Any]) -> SimpleNamespace:
    """The error of a stream, which stands in the event or in its ``error``."""
    inner = fields.get("error")
    event = inner if isinstance(inner, dict) else fields
    kind = event.get("type")
    error = SimpleNamespace(code=event.get("code"), type=None if kind == "error" else kind)
    return SimpleNamespace(type="error", error=error)
