"""The service as an ASGI application: OpenAI's calls, answered by the shipped models.

Who may call and how much a request may hold: see `limits`. How much at once: see `queue`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, FastAPI, Request
from fastapi.responses import StreamingResponse
from python_multipart.exceptions import FormParserError

from tripkit.core.errors import CancelledError
from tripkit.core.text import clipped
from tripkit.images.pipeline import PipelineBackend
from tripkit.planners import make_planner
from tripkit.planners.base import Planner
from tripkit.serving import errors, limits, plans, wire
from tripkit.serving.errors import APIError
from tripkit.serving.pictures import Painter, mask_of, read_picture

EVENTS = "text/event-stream; charset=utf-8"


def make_app(
    planner: Planner | None = None,
    backend: PipelineBackend | None = None,
    *,
    token: str,
    waiting: int = 4,
) -> FastAPI:
    """The service.

    Args:
        planner: who answers chat and responses; None is the catalogue.
        backend: who draws; None is the shipped model.
        token: what clients send as their API key.
        waiting: how many picture requests may wait while one is drawn; the next gets 429.
    """
    planner = planner or make_planner("catalog")
    painter = Painter(backend or PipelineBackend(), waiting)
    app = FastAPI(title="tripkit", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.painter, app.state.checking = painter, CapacityLimiter(1)
    errors.install(app)
    app.add_middleware(limits.Gate, token=token)
    app.add_middleware(limits.Guard)  # added last, it comes first
    _add_models(app, planner, painter)
    _add_plans(app, planner)
    _add_pictures(app, painter)
    return app


def _body_of(kind: type[wire.Strict]):
    """What a call takes as its body, checked in a thread, one by one: it may take a moment."""

    async def read(request: Request):
        limits.check_charset(request.headers.get("content-type", ""))
        body = await request.body()
        return await to_thread.run_sync(
            lambda: errors.validated(kind, limits.parsed(body)), limiter=request.app.state.checking
        )

    return Depends(read)


Chat = Annotated[wire.ChatRequest, _body_of(wire.ChatRequest)]
Responses = Annotated[wire.ResponsesRequest, _body_of(wire.ResponsesRequest)]
Images = Annotated[wire.ImageRequest, _body_of(wire.ImageRequest)]


def _add_models(app: FastAPI, planner: Planner, painter: Painter) -> None:
    names = (planner.model, painter.backend.name)

    def model(name: str) -> dict:
        return {"id": name, "object": "model", "created": 0, "owned_by": "tripkit"}

    @app.api_route("/v1/models", methods=["GET", "HEAD"])
    async def models():
        return {"object": "list", "data": [model(name) for name in names]}

    @app.api_route("/v1/models/{name}", methods=["GET", "HEAD"])
    async def one_model(name: str):
        _check_model(name, *names)
        return model(name)


def _add_plans(app: FastAPI, planner: Planner) -> None:
    @app.post("/v1/chat/completions")
    def chat(request: Chat):
        _check_model(request.model, planner.model)
        form, schema = request.response_format, None
        if form and form.type == "json_schema":
            if form.json_schema is None:
                raise errors.missing("response_format.json_schema")
            schema = form.json_schema.schema_
        content, _ = plans.answer(planner, request.messages, schema)
        if request.stream:
            return StreamingResponse(wire.chat_chunks(planner.model, content), media_type=EVENTS)
        return wire.chat_answer(planner.model, content)

    @app.post("/v1/responses")
    def responses(request: Responses):
        _check_model(request.model, planner.model)
        messages = request.input
        if isinstance(messages, str):
            messages = [wire.Message(role="user", content=messages)]
        form = request.text and request.text.format
        schema = form.schema_ if form and form.type == "json_schema" else None
        content, metadata = plans.answer(planner, messages, schema)
        return wire.response_answer(planner.model, content, {**request.metadata, **metadata})


def _add_pictures(app: FastAPI, painter: Painter) -> None:
    decoding = CapacityLimiter(1)  # unpacked, a picture may take 64 MB for a moment

    async def answer(request: Request, form: wire.ImageRequest, draw, kind: str, images: int = 0):
        if form.stream:
            return painter.events(form, draw, kind, images)
        return await _unless_gone(request, painter.answer(form, draw, images))

    @app.post("/v1/images/generations")
    async def generations(request: Request, form: Images):
        _check_model(form.model, painter.backend.name)
        return await answer(request, form, painter.drawing(form), "image_generation")

    @app.post("/v1/images/edits")
    async def edits(request: Request):
        fields, files = await _form(request)
        images, masks = files.get("image", []) + files.get("image[]", []), files.get("mask", [])
        for name, pictures in ("image", images), ("mask", masks or images):
            if len(pictures) != 1:
                raise APIError(400, "invalid_value", f"Send one picture as '{name}'.", name)
        form = errors.validated(wire.ImageRequest, fields)
        _check_model(form.model, painter.backend.name)
        painter.queue.check()  # before any work

        def prepare():
            image = read_picture(images[0], "image")
            mask = mask_of(image, read_picture(masks[0], "mask") if masks else None)
            return painter.editing(form, image.convert("RGB"), mask)

        draw = await to_thread.run_sync(prepare, limiter=decoding)
        return await answer(request, form, draw, "image_edit", 1)


async def _unless_gone(request: Request, work: Coroutine):
    """The result of ``work``, which is cancelled when the client hangs up.

    Raises:
        CancelledError: nobody listens any more.
    """

    async def hang_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass  # what is left of the body

    tasks = [asyncio.ensure_future(work), asyncio.ensure_future(hang_up())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            raise CancelledError("cancelled")
        return tasks[0].result()
    finally:
        for task in tasks:
            task.cancel()


async def _form(request: Request) -> tuple[dict[str, str], dict[str, list[bytes]]]:
    """The fields of a multipart body, and the bytes of its files by field."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise APIError(400, "invalid_value", "The body must be multipart/form-data.")
    limits.check_charset(kind)
    fields: dict[str, str] = {}
    files: dict[str, list[bytes]] = {}
    bounds = {"max_files": 4, "max_fields": 40, "max_part_size": limits.LARGEST_BODY}
    try:
        async with request.form(**bounds) as form:
            for name, value in form.multi_items():
                if isinstance(value, str):
                    fields[name] = value
                else:
                    files.setdefault(name, []).append(await value.read())
    except FormParserError as error:  # older releases of Starlette let it through
        raise APIError(400, "invalid_value", "The body is no multipart form.") from error
    return fields, files


def _check_model(name: str, *known: str) -> None:
    if name not in known:
        names = ", ".join(known)
        message = f"The model '{clipped(name, 80)}' does not exist here. There is: {names}."
        raise APIError(404, "model_not_found", message, "model")
