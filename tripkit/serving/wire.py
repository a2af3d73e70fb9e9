"""The requests that the service takes, and the answers that it gives, in OpenAI's form.

Only what the shipped models can do is accepted; another parameter, or another value, is refused
with its name. What OpenAI's parameters mean: developers.openai.com/api/reference.
"""

from __future__ import annotations

import base64
import io
import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from openai.types.chat import ChatCompletion, ChatCompletionMessage, chat_completion
from openai.types.responses import Response, ResponseOutputMessage, ResponseOutputText
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Prompt = Annotated[str, StringConstraints(min_length=1, max_length=32_000)]
NATIVE = 64  # pixels a side of what the shipped model draws; larger sizes repeat its pixels
LARGEST = 1024
STEPS = {"low": 3, "medium": None, "auto": None, "high": 14}  # None: the model's own number


class Strict(BaseModel):
    """A request without parameters that the service does not know."""

    model_config = ConfigDict(extra="forbid")


# ---- pictures


class ImageRequest(Strict):
    """POST /v1/images/generations, and the fields of /v1/images/edits beside its files."""

    model: str
    prompt: Prompt
    n: int = Field(default=1, ge=1, le=4)
    size: str = "auto"
    quality: Literal["low", "medium", "high", "auto"] = "auto"
    response_format: Literal["b64_json"] = "b64_json"
    output_format: Literal["png", "jpeg", "webp"] = "png"
    background: Literal["opaque", "auto"] = "auto"
    stream: bool = False
    partial_images: int = Field(default=0, ge=0, le=3)
    user: str | None = None


def side_of(size: str) -> int | None:
    """Pixels a side: ``"auto"`` is 512, else a square of 64, 128, ..., 1024; None is refused."""
    if size == "auto":
        return 8 * NATIVE
    match = re.fullmatch(r"([1-9]\d{1,3})x\1", size, re.ASCII)
    side = int(match[1]) if match else 0
    return side if side and side % NATIVE == 0 and side <= LARGEST else None


def encoded(image: Image.Image, side: int, output_format: str) -> str:
    """The picture, its pixels repeated up to ``side``, as a file in base64."""
    buffer = io.BytesIO()
    image.resize((side, side), Image.Resampling.NEAREST).save(buffer, format=output_format)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def image_fields(request: ImageRequest, side: int) -> dict:
    """What answers and events say of every picture of a request."""
    return {
        "background": "opaque",
        "output_format": request.output_format,
        "quality": "medium" if request.quality == "auto" else request.quality,
        "size": f"{side}x{side}",
    }


def image_usage(text_tokens: int, image_tokens: int, drawn: int) -> dict:
    """The counts of OpenAI's ``usage``. A token of a picture is one cell of its latents."""
    return {
        "input_tokens": text_tokens + image_tokens,
        "input_tokens_details": {"image_tokens": image_tokens, "text_tokens": text_tokens},
        "output_tokens": drawn,
        "total_tokens": text_tokens + image_tokens + drawn,
    }


def event(kind: str, **fields) -> bytes:
    """One server-sent event, as the ``openai`` client reads it."""
    data = json.dumps({"type": kind, **fields}, ensure_ascii=False)
    return f"event: {kind}\ndata: {data}\n\n".encode()


# ---- plans


class Message(BaseModel):
    """One message of a conversation; its text as a string, or as parts of one."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[dict[str, Any]]

    def text(self) -> str:
        """All of its text."""
        if isinstance(self.content, str):
            return self.content
        return " ".join(str(p["text"]) for p in self.content if isinstance(p.get("text"), str))


class JSONSchema(BaseModel):
    """The schema that an answer has to follow."""

    name: str = "answer"
    schema_: dict[str, Any] = Field(alias="schema")
    strict: bool | None = None


class ChatFormat(BaseModel):
    """``response_format`` of chat completions."""

    type: Literal["text", "json_schema"]
    json_schema: JSONSchema | None = None


class ResponsesFormat(BaseModel):
    """``text.format`` of responses."""

    type: Literal["text", "json_schema"] = "text"
    name: str = "answer"
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    strict: bool | None = None


class TextOptions(BaseModel):
    """``text`` of responses."""

    format: ResponsesFormat | None = None


class ChatRequest(Strict):
    """POST /v1/chat/completions. A catalogue answers alike whatever the last six say."""

    model: str
    messages: list[Message] = Field(min_length=1)
    response_format: ChatFormat | None = None
    stream: bool = False
    n: Literal[1] = 1
    max_completion_tokens: int | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    user: str | None = None


class ResponsesRequest(Strict):
    """POST /v1/responses. Nothing is ever stored, so ``store`` may be left out or false.

    A catalogue answers alike whatever the last three say.
    """

    model: str
    input: str | list[Message]
    instructions: str | None = None
    text: TextOptions | None = None
    store: Literal[False] = False
    stream: Literal[False] = False
    metadata: dict[str, str] = {}
    reasoning: dict[str, Any] | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None


def chat_answer(model: str, content: str) -> ChatCompletion:
    """A chat completion. ``system_fingerprint`` says what kind of thing answered."""
    message = ChatCompletionMessage(role="assistant", content=content)
    return ChatCompletion(
        id=f"chatcmpl-{uuid.uuid4().hex}",
        object="chat.completion",
        created=int(time.time()),
        model=model,
        system_fingerprint="tripkit-catalogue",
        choices=[chat_completion.Choice(index=0, finish_reason="stop", message=message)],
    )


def chat_chunks(model: str, content: str) -> Iterator[bytes]:
    """The same as a stream: one chunk with the whole text, one that ends it."""
    shared = chat_answer(model, content).model_dump(exclude={"choices"}, exclude_unset=True)
    for delta, reason in (({"role": "assistant", "content": content}, None), ({}, "stop")):
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        chunk = {**shared, "object": "chat.completion.chunk", "choices": [choice]}
        yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()
    yield b"data: [DONE]\n\n"


def response_answer(model: str, content: str, metadata: dict[str, str]) -> Response:
    """A response. ``metadata`` says that a catalogue answered, and whether it understood."""
    message = ResponseOutputMessage(
        id=f"msg_{uuid.uuid4().hex}",
        type="message",
        role="assistant",
        status="completed",
        content=[ResponseOutputText(type="output_text", text=content, annotations=[])],
    )
    return Response(
        id=f"resp_{uuid.uuid4().hex}",
        object="response",
        created_at=int(time.time()),
        status="completed",
        metadata=metadata,
        model=model,
        output=[message],
        parallel_tool_calls=False,
        tool_choice="none",
        tools=[],
    )
