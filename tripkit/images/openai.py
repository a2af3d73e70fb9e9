"""The image backend of OpenAI's GPT image models, and of servers that speak their protocol."""

import base64
import io
import json
import re
import threading
import time
from contextlib import closing

from PIL import Image

from tripkit import services
from tripkit.errors import CancelledError, ModelUnavailableError, RequestError, ServiceError
from tripkit.images.base import check_prompt, report
from tripkit.images.postcard import Postcard
from tripkit.openai_connection import OpenAIConnection, model_name
from tripkit.openai_errors import explain, retired
from tripkit.prompts import ImagePrompt
from tripkit.settings import clean_text

MAX_PROMPT = 32_000  # characters, the limit of the service
MAX_BASE64 = 48 * 2**20  # characters of one picture
MAX_PIXELS = 4096 * 4096
MAX_PARTIALS = 3
PARTIAL_TOKENS = 100  # image tokens that each streamed preview adds to the bill
QUALITIES = ("low", "medium", "high", "auto")
_OPTIONAL = ("stream", "partial_images", "response_format")  # a server may not know these


class OpenAIImageBackend:
    """Draws with a GPT image model; streams its partial pictures as previews.

    A picture is billed when it is drawn, so nothing is ever sent twice: no retries, and only a
    refusal of an option (HTTP 400, nothing drawn) is answered by asking without it. These models
    take no seed: postcards have seed None.

    Args:
        model: None means the default of `services.toml`.
        quality: ``"low"``, ``"medium"``, ``"high"`` or ``"auto"``; sent to OpenAI only.
        size: ``"1024x1024"`` or another ``WIDTHxHEIGHT``, or ``"auto"``.
        partial_images: how many previews to ask for, 0 to 3; fewer may come.
        client: an ``openai.OpenAI`` to use; else one is made of the next two.
        base_url: None means ``OPENAI_BASE_URL``, else OpenAI.
        api_key: None means ``OPENAI_API_KEY``.

    Raises:
        RequestError: ``bad_option``.
    """

    timeout = 180.0  # seconds without a sign of life

    def __init__(
        self,
        model=None,
        *,
        quality="low",
        size="1024x1024",
        partial_images=2,
        client=None,
        base_url=None,
        api_key=None,
    ):
        _check("quality", quality, quality in QUALITIES, ", ".join(QUALITIES))
        fits = size == "auto" or re.fullmatch(r"[1-9]\d{1,3}x[1-9]\d{1,3}", str(size), re.ASCII)
        _check("size", size, fits, "auto, 1024x1024, 1024x1536, 1536x1024")
        fits = type(partial_images) is int and 0 <= partial_images <= MAX_PARTIALS
        _check("partial_images", partial_images, fits, f"0-{MAX_PARTIALS}")
        self.model = model_name(model, services.default_service("openai", "image").id)
        self.name = f"openai:{self.model}"
        self.quality, self.size, self.partial_images = quality, size, partial_images
        self._connection = OpenAIConnection(client, base_url, api_key)
        self._lock = threading.Lock()

    def __repr__(self):
        return f"{type(self).__name__}({self.model!r}, quality={self.quality!r})"

    @property
    def cost_per_picture(self) -> float | None:
        """About what a picture costs in US dollars, previews included; None if not known."""
        price = self._price()
        usual = {"quality": self.quality, "size": self.size}
        if price is None or price.usd_per_picture is None or dict(price.parameters) != usual:
            return None
        if self.partial_images and price.usd_per_million_image_output is None:
            return None
        tokens = self.partial_images * PARTIAL_TOKENS
        return price.usd_per_picture + tokens * (price.usd_per_million_image_output or 0) / 1e6

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

    def generate(self, prompt: ImagePrompt, *, seed=None, on_progress=None) -> Postcard:
        """Draws the prompt. ``seed`` is not used: these models take none.

        Raises:
            RequestError: ``empty_prompt``, ``prompt_too_long``.
            CancelledError: ``on_progress`` returned False; the stream is closed.
            ServiceError: see `openai_errors.explain`; ``bad_picture``.
        """
        text = self.text_for(prompt)
        check_prompt(text)
        if len(text) > MAX_PROMPT:
            raise RequestError("prompt_too_long", length=len(text), limit=MAX_PROMPT)
        with self._lock:  # one call at a time
            client = self._client()
            report(on_progress, 0, self.partial_images + 1, None)
            started = time.perf_counter()
            image, usage = self._draw(client, text, on_progress)
            seconds = time.perf_counter() - started
        return Postcard(
            image=image,
            prompt=prompt,
            sent=text,
            model=self.model,
            seed=None,
            seconds=seconds,
            cost_usd=self._cost(usage),
        )

    def _client(self):
        if self._connection.openai and (gone := retired(self.model)):
            raise gone
        return self._connection.client(self.timeout, max_retries=0)

    def _draw(self, client, text: str, on_progress):
        asked = self._connection.asked(self.model, self.timeout)
        drawing = _Drawing(asked, self.partial_images + 1, on_progress)
        try:
            with closing(self._ask(client, text)) as answer:
                return drawing.follow(answer)
        except (CancelledError, ServiceError):
            raise
        except Exception as error:
            if drawing.listener_failed:  # not the service's fault
                raise
            problem = explain(error, asked, streaming=drawing.streaming)
        raise problem  # here, where no traceback chains the SDK's error to it

    def _ask(self, client, text: str):
        """The open answer: the SDK's stream, or the HTTP response of a call without streaming."""
        import openai

        options = {}
        if self.partial_images:
            options |= {"stream": True, "partial_images": self.partial_images}
        if self._connection.openai:
            options["quality"] = self.quality
        else:  # GPT image models refuse response_format; others may send a link without it
            options["response_format"] = "b64_json"
        while True:
            try:
                return _open(client, model=self.model, prompt=text, size=self.size, n=1, **options)
            except openai.BadRequestError as error:
                if error.param not in _OPTIONAL or error.param not in options:
                    raise
                del options[error.param]
                if error.param == "stream":
                    options.pop("partial_images", None)

    def _price(self) -> services.Service | None:
        """The row of prices; None for another server and for a model that is not listed."""
        try:
            found = services.find_service(self.model) if self._connection.openai else None
        except (ModelUnavailableError, RequestError):
            return None
        return found if found is not None and found.service == "openai" else None

    def _cost(self, usage: dict | None) -> float | None:
        """What the tokens of ``usage`` cost in US dollars; None if a count or price is missing."""
        price = self._price()
        if price is None or not isinstance(usage, dict):
            return None
        inputs, outputs = _part(usage, "input"), _part(usage, "output")
        image_in = inputs.get("image_tokens", 0)
        text_out = outputs.get("text_tokens", 0)
        billed = (
            (_less(usage.get("input_tokens"), image_in), price.usd_per_million_input),
            (image_in, price.usd_per_million_image_input),
            (_less(usage.get("output_tokens"), text_out), price.usd_per_million_image_output),
            (text_out, price.usd_per_million_output),
        )
        total = 0.0
        for tokens, per_million in billed:
            if type(tokens) is not int or tokens < 0 or (tokens and per_million is None):
                return None
            total += tokens * (per_million or 0.0) / 1e6
        return total


class _Drawing:
    """One answer being read: events of a stream, or one JSON object."""

    def __init__(self, asked, total: int, on_progress):
        self.asked, self.total, self.on_progress = asked, total, on_progress
        self.step = 0
        self.streaming = False  # whether a part of the answer has come, but not all
        self.listener_failed = False

    def follow(self, answer):
        """The picture and its usage. The caller closes the answer, whatever happens."""
        response = getattr(answer, "response", answer)
        self.streaming = True
        if "event-stream" not in response.headers.get("content-type", ""):
            data = response.read()
            self.streaming = False  # it is whole: what is wrong from here on is its form
            answer = json.loads(data)
            return self._finish(answer["data"][0].get("b64_json"), answer.get("usage"))
        for event in answer:
            kind = getattr(event, "type", None) or ""
            if kind.endswith(".partial_image"):
                self._preview(getattr(event, "b64_json", None))
            elif kind.endswith(".completed"):
                event = event.to_dict(warnings=False)  # usage is not checked by the SDK
                return self._finish(event.get("b64_json"), event.get("usage"))
            elif kind == "error":
                problem = explain(event, self.asked)
                del event  # verbose tracebacks show locals, and servers repeat keys
                raise problem
        raise EOFError("the stream ended before the picture")

    def _preview(self, data):
        try:
            preview = decode_picture(data, self.asked.service)
        except ServiceError:
            preview = None  # a preview may fail, the picture may not
        self.step = min(self.step + 1, self.total - 1)
        self._report(preview)

    def _finish(self, data, usage):
        image = decode_picture(data, self.asked.service)
        self.step = self.total
        self._report(image)
        return image, usage

    def _report(self, image):
        try:
            report(self.on_progress, self.step, self.total, image)
        except Exception:
            self.listener_failed = True
            raise


def _open(client, **options):
    if options.get("stream"):
        return client.images.generate(**options)
    return client.images.with_raw_response.generate(**options).http_response


def decode_picture(data: str, service: str = "OpenAI") -> Image.Image:
    """The picture in base64 as RGB, checked before its pixels are unpacked.

    Raises:
        ServiceError: ``bad_picture``, it is no PNG, JPEG or WebP, broken, or too large.
    """
    try:
        if not isinstance(data, str) or len(data) > MAX_BASE64:
            raise ValueError("no picture, or too much of it")
        raw = base64.b64decode(data, validate=True)
        formats = ["PNG", "JPEG", "WEBP"]
        with Image.open(io.BytesIO(raw), formats=formats) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError("too many pixels")
            image.verify()
        with Image.open(io.BytesIO(raw), formats=formats) as image:  # verify() has used it up
            return image.convert("RGB")
    except Exception:  # broken pictures raise nearly anything
        problem = ServiceError("bad_picture", service=service)
    raise problem


def _check(option: str, value, fits, known: str) -> None:
    if not fits:
        shown = clean_text(repr(value))[:40]
        raise RequestError("bad_option", option=option, value=shown, known=known)


def _part(usage: dict, side: str) -> dict:
    details = usage.get(f"{side}_tokens_details")
    return details if isinstance(details, dict) else {}


def _less(tokens, part):
    return tokens - part if type(tokens) is int and type(part) is int else None
