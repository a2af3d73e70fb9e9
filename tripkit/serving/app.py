"""The service as an ASGI application: OpenAI's calls, answered by the shipped models.

Who may call: whoever holds the token, from this machine. How much at once: see `queue`.
"""

from __future__ import annotations

import secrets

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tripkit.core.text import clean_text
from tripkit.images import make_backend
from tripkit.images.pipeline import PipelineBackend
from tripkit.planners import make_planner
from tripkit.planners.base import Planner
from tripkit.serving import errors, plans, wire
from tripkit.serving.errors import APIError
from tripkit.serving.pictures import Painter, mask_of, read_picture

LARGEST_BODY = 8 * 2**20  # bytes
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
    painter = Painter(backend or make_backend("postcard"), waiting)
    app = FastAPI(title="tripkit", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.painter = painter
    errors.install(app)
    app.add_middleware(_Bounded, limit=LARGEST_BODY)
    app.add_middleware(_TokenOnly, token=token)
    # A page of another site could reach us under a name of its own: only ours are answered.
    app.add_middleware(
        TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "testserver"]
    )
    _add_models(app, planner, painter)
    _add_plans(app, planner)
    _add_pictures(app, painter)
    return app


def _add_models(app: FastAPI, planner: Planner, painter: Painter) -> None:
    names = (planner.model, painter.backend.name)

    def model(name: str) -> dict:
        return {"id": name, "object": "model", "created": 0, "owned_by": "tripkit"}

    @app.get("/v1/models")
    def models():
        return {"object": "list", "data": [model(name) for name in names]}

    @app.get("/v1/models/{name}")
    def one_model(name: str):
        _check_model(name, *names)
        return model(name)


def _add_plans(app: FastAPI, planner: Planner) -> None:
    @app.post("/v1/chat/completions")
    def chat(request: wire.ChatRequest):
        _check_model(request.model, planner.model)
        asked = request.response_format
        schema = None
        if asked is not None and asked.type == "json_schema":
            if asked.json_schema is None:
                raise errors.missing("response_format.json_schema")
            schema = asked.json_schema.schema_
        content, _ = plans.answer(planner, request.messages, schema)
        if request.stream:
            return StreamingResponse(wire.chat_chunks(planner.model, content), media_type=EVENTS)
        return wire.chat_answer(planner.model, content)

    @app.post("/v1/responses")
    def responses(request: wire.ResponsesRequest):
        _check_model(request.model, planner.model)
        said = request.input
        if isinstance(said, str):
            said = [wire.Message(role="user", content=said)]
        asked = request.text.format if request.text else None
        schema = asked.schema_ if asked is not None and asked.type == "json_schema" else None
        content, metadata = plans.answer(planner, said, schema)
        return wire.response_answer(planner.model, content, {**request.metadata, **metadata})


def _add_pictures(app: FastAPI, painter: Painter) -> None:
    def answer(request: wire.ImageRequest, draw, kind: str, images: int = 0):
        if request.stream:
            return StreamingResponse(painter.events(request, draw, kind, images), media_type=EVENTS)
        return painter.answer(request, draw, images)

    @app.post("/v1/images/generations")
    def generations(request: wire.ImageRequest):
        _check_model(request.model, painter.backend.name)
        return answer(request, painter.drawing(request), "image_generation")

    @app.post("/v1/images/edits")
    async def edits(request: Request):
        fields, files = await _form(request)
        images = files.get("image", []) + files.get("image[]", [])
        if len(images) != 1:
            raise APIError(400, "invalid_value", "Send one picture as 'image'.", "image")
        image = read_picture(images[0], "image")
        masks = [read_picture(data, "mask") for data in files.get("mask", [])]
        asked = errors.validated(wire.ImageRequest, fields)
        _check_model(asked.model, painter.backend.name)
        mask = mask_of(image, masks[0] if masks else None)
        draw = painter.editing(asked, image.convert("RGB"), mask)
        return await run_in_threadpool(answer, asked, draw, "image_edit", 1)


async def _form(request: Request) -> tuple[dict[str, str], dict[str, list[bytes]]]:
    """The fields of a multipart body, and the bytes of its files by field."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise APIError(400, "invalid_value", "The body must be multipart/form-data.")
    fields: dict[str, str] = {}
    files: dict[str, list[bytes]] = {}
    async with request.form(max_files=4, max_fields=40, max_part_size=LARGEST_BODY) as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                fields[name] = value
            else:
                files.setdefault(name, []).append(await value.read())
    return fields, files


def _check_model(asked: str, *known: str) -> None:
    if asked not in known:
        names = ", ".join(known)
        message = f"The model '{clean_text(asked)[:80]}' does not exist here. There is: {names}."
        raise APIError(404, "model_not_found", message, "model")


class _TokenOnly:
    """Lets in whoever sends the token."""

    def __init__(self, app: ASGIApp, token: str):
        self.app, self.expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not secrets.compare_digest(given, self.expected):
                problem = APIError(401, "invalid_api_key", "The token is missing or wrong.")
                return await problem.response()(scope, receive, send)
        await self.app(scope, receive, send)


class _Bounded:
    """Refuses a body of more than ``limit`` bytes, as soon as it is announced or has come."""

    def __init__(self, app: ASGIApp, limit: int):
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        body = bytearray()
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        more = announced.isdigit() and int(announced) <= self.limit
        while more and len(body) <= self.limit:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if more or len(body) > self.limit or not announced.isdigit() or int(announced) > self.limit:
            problem = APIError(
                413, "body_too_large", f"The body is larger than {self.limit // 2**20} MB."
            )
            return await problem.response()(scope, receive, send)
        told = False

        async def again() -> Message:
            nonlocal told
            if told:
                return await receive()  # the client has gone
            told = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self.app(scope, again, send)
