"""A fake OpenAI server on loopback: real HTTP, plain standard library, the scenario is the model.

    with FakeOpenAI() as server:
        client = openai.OpenAI(base_url=server.base_url, api_key="sk-test")

Every error repeats the whole key that it was asked with: nobody may show a server's text raw.
"""

import base64
import email
import io
import json
import select
import struct
import threading
import time
import zlib
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import openai
from PIL import Image

# model -> (status, error object without its message, what the message says, headers)
ERRORS = {
    "bad-key": (401, {"code": "invalid_api_key"}, "Incorrect API key provided.", {}),
    "not-verified": (
        403,
        {"code": None},
        "Your organization must be verified to use this model.",
        {},
    ),
    "region": (
        403,
        {"code": "unsupported_country_region_territory"},
        "Country, region, or territory not supported",
        {},
    ),
    "forbidden": (403, {"code": None}, "You have insufficient permissions.", {}),
    "model-unknown": (404, {"code": "model_not_found"}, "The model does not exist.", {}),
    "ollama-unknown": (404, {"code": None}, 'model "ollama-unknown" not found', {}),
    "no-endpoint": (404, {"code": None}, "Invalid URL (POST /v1/nothing)", {}),
    "moderated": (400, {"code": "moderation_blocked"}, "Rejected by the safety system.", {}),
    "invalid-prompt": (400, {"code": "invalid_prompt"}, "Invalid prompt.", {}),
    "bad-request": (400, {"code": "invalid_value", "param": "size"}, "Invalid value.", {}),
    "rate-limited": (
        429,
        {"code": "rate_limit_exceeded", "type": "requests"},
        "Rate limit reached.",
        {"retry-after-ms": "10"},
    ),
    "no-quota": (
        429,
        {"code": "insufficient_quota", "type": "insufficient_quota"},
        "You exceeded your current quota.",
        {"x-should-retry": "false"},
    ),
    "no-credit": (429, {"code": "credit_balance_exhausted"}, "No credit.", {"retry-after-ms": "1"}),
    "spend-limit": (
        429,
        {"code": "project_spend_limit_exceeded"},
        "Limit.",
        {"retry-after-ms": "1"},
    ),
    "usage-limit": (
        429,
        {"code": "organization_usage_limit_exceeded"},
        "Limit.",
        {"x-should-retry": "false"},
    ),
    "overloaded": (503, {"code": None}, "Overloaded.", {"retry-after-ms": "1"}),
    "teapot": (418, {"code": None}, "I'm a teapot.", {}),
}

STOPS = {
    "en": [
        ["cherry blossom park", "light pink", (255, 182, 193)],
        ["riverside walk", "steel blue", (70, 130, 180)],
        ["picnic zone", "white", (255, 255, 255)],
    ],
    "ko": [
        ["벚꽃 공원", "연분홍", (255, 182, 193)],
        ["강변 산책로", "청색", (70, 130, 180)],
        ["피크닉 존", "흰색", (255, 255, 255)],
    ],
}
KINDS = ["cherry", "river", "picnic"]
NAMES = {
    "en": (["nature", "city", "history"], "A day out", "spring picnic"),
    "ko": (["자연", "도시", "역사"], "봄나들이", "봄 소풍"),
}


def wire_plan(language="en", trips=3):
    """A plan as a model writes it: its first trip is the lecture's."""
    styles, title, theme = NAMES[language]
    return {
        "trips": [
            {
                "style": styles[number % 3],
                "title": f"{title} {number + 1}",
                "summary": "",
                "theme": theme,
                "stops": [
                    {
                        "place": f"{place} {number + 1}" if number else place,
                        "color_name": color,
                        "rgb": dict(zip("rgb", rgb, strict=True)),
                        "kind": kind,
                    }
                    for kind, (place, color, rgb) in zip(KINDS, STOPS[language], strict=True)
                ],
                "season": "spring",
                "time": "day",
                "weather": None,
            }
            for number in range(trips)
        ]
    }


def picture(color, size=(64, 64), format="PNG"):
    """A picture of one colour, in base64."""
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, format=format)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def bomb(width, height):
    """A few bytes that claim to be a picture of these many pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk).decode("ascii")


BAD_PICTURES = {
    "not-a-picture": base64.b64encode(b"GIF89a no picture").decode("ascii"),
    "bad-base64": "%%% not base64 %%%",
    "cut-picture": picture((1, 2, 3), (256, 256))[:200],
    "large-picture": bomb(4097, 4097),
    "bomb": bomb(60_000, 60_000),
}
PARTIAL_COLORS = [(90, 90, 90), (120, 140, 160)]
PICTURE_COLOR = (70, 130, 180)
USAGE = {
    "input_tokens": 200,
    "input_tokens_details": {"image_tokens": 0, "text_tokens": 200},
    "output_tokens": 396,
    "total_tokens": 596,
}


class FakeOpenAI:
    """The server. ``requests`` records every call: path, key, body, headers, when.

    Scenarios of every endpoint: the keys of `ERRORS`, ``html``, ``no-json``, ``drops``, ``slow``.
    Those of one endpoint stand in `_picture`, `_images`, `_plan`, `_response`, `_completion`.
    """

    def __init__(self):
        self.requests = []
        self.last_day = "2026-12-11"  # of o3, in the list of models
        self.flooded = 0  # bytes of what `_flood` got rid of
        self.closed_by_client = threading.Event()
        self.stopping = threading.Event()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.port = self._server.server_address[1]
        self.root = f"http://127.0.0.1:{self.port}"
        self.base_url = f"{self.root}/v1"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def paths(self):
        return [request["path"] for request in self.requests]


@contextmanager
def sdk(server, key="sk-test", *, official=True, **options):
    """The SDK's client of the fake server, which it takes for api.openai.com if ``official``."""
    transport = AsOpenAI(server) if official else None
    address = {} if official else {"base_url": server.base_url}
    # No certificates: reading them takes longer than all the rest.
    http_client = httpx2.Client(transport=transport, verify=False, trust_env=False)
    with openai.OpenAI(api_key=key, http_client=http_client, **address, **options) as client:
        yield client


class AsOpenAI(httpx2.BaseTransport):
    """Carries what is meant for api.openai.com to the fake server, so that the SDK believes it."""

    def __init__(self, server):
        self._server = server
        self._transport = httpx2.HTTPTransport(verify=False, trust_env=False)

    def handle_request(self, request):
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._server.port)
        request.url = url
        return self._transport.handle_request(request)

    def close(self):
        self._transport.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer on a kept connection takes 40 ms
    fake: FakeOpenAI

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._record({})
        if self.path == "/v1/models":
            models = [
                {"id": "gpt-6-luna", "object": "model", "created": 1, "owned_by": "openai"},
                {"id": "o3", "object": "model", "created": 1, "owned_by": "openai"},
            ]
            models[1]["shutdown_date"] = self.fake.last_day
            self._json({"object": "list", "data": models})
        else:
            self._error(404, {"code": None}, "Invalid URL")

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        data = self.rfile.read(length)
        kind = self.headers.get("content-type", "")
        body = _form(kind, data) if kind.startswith("multipart/") else json.loads(data)
        self._record(body)
        model = body.get("model", "")
        if model in ERRORS:
            status, error, message, headers = ERRORS[model]
            self._error(status, error, message, headers)
        elif model == "html":
            self._send(200, b"<html>Sign in to the Wi-Fi</html>", "text/html")
        elif model == "no-json":
            self._send(200, b'{"half', "application/json")
        elif model == "drops":
            self.close_connection = True
        elif model in ("huge", "huge-announced", "huge-error", "huge-stream"):
            self._flood(model)
        elif model in ("trickle", "trickle-head"):
            self._trickle(model)
        elif model == "slow":
            self.fake.stopping.wait(10)
            self.close_connection = True
        elif self.path == "/v1/responses" and model != "chat-only":
            self._json(_response(model, body))
        elif self.path == "/v1/chat/completions":
            self._json(_completion(model, body))
        elif self.path in ("/v1/images/generations", "/v1/images/edits"):
            self._picture(model, body)
        else:
            self._error(404, {"code": None}, f"Invalid URL (POST {self.path})")

    # ---- how things are sent

    def _record(self, body):
        key = self.headers.get("authorization", "").removeprefix("Bearer ")
        call = {"path": self.path, "key": key, "body": body, "at": time.monotonic()}
        self.fake.requests.append({**call, "headers": dict(self.headers)})

    def _send(self, status, data, kind, headers=None):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.send_header("x-request-id", "req_fake")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _json(self, answer, status=200, headers=None):
        self._send(status, json.dumps(answer).encode("utf-8"), "application/json", headers)

    def _error(self, status, error, message, headers=None):
        key = self.fake.requests[-1]["key"]
        error = {"type": "fake_error", "param": None, **error}
        self._json({"error": {**error, "message": f"{message} Key: {key}"}}, status, headers)

    def _flood(self, model):
        """One gigabyte, as long as somebody reads it."""
        self.close_connection = True
        self.send_response(500 if model == "huge-error" else 200)
        kind = "text/event-stream" if model == "huge-stream" else "application/json"
        self.send_header("content-type", kind)
        if model == "huge-announced":
            self.send_header("content-length", str(2**30))
        self.end_headers()
        self.wfile.write(b'data: {"x": "' if model == "huge-stream" else b'{"x": "')
        block = b"x" * 2**16
        for _ in range(2**14):
            self.wfile.write(block)  # raises once the client has hung up
            self.fake.flooded += len(block)

    def _trickle(self, model):
        """A byte now and then: each is in time, the answer never comes."""
        self.close_connection = True
        if model == "trickle":
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
        while not self.fake.stopping.wait(0.05):
            self.wfile.write(b" " if model == "trickle" else b"H")
            self.wfile.flush()

    def _event(self, kind, **fields):
        data = json.dumps({"type": kind, **fields})
        self._chunk(f"event: {kind}\ndata: {data}\n\n".encode())

    def _chunk(self, data):
        self.wfile.write(f"{len(data):x}\r\n".encode("ascii") + data + b"\r\n")
        self.wfile.flush()

    # ---- POST /v1/images/generations

    def _picture(self, model, body):
        answer = _images(model)
        if model == "refuses-stream" and body.get("stream"):
            self._error(400, {"code": "unknown_parameter", "param": "stream"}, "Unknown parameter")
        elif model == "strict-server" and "response_format" in body:
            error = {"code": "unknown_parameter", "param": "response_format"}
            self._error(400, error, "Unknown parameter")
        elif model in ("plain-drops", "plain-stalls"):
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", "1000")
            self.end_headers()
            self.wfile.write(b'{"created": 1, "data": [')
            if model == "plain-stalls":
                self.fake.stopping.wait(10)
            self.close_connection = True
        elif body.get("stream") and model != "no-stream":
            self._stream(model, body, answer)
        else:
            self._json(answer)

    def _stream(self, model, body, answer):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        common = {"created_at": 1, "size": body.get("size", "auto"), "quality": "low"}
        stem = "image_edit" if self.path.endswith("/edits") else "image_generation"
        common |= {"background": "opaque", "output_format": "png"}
        partials = 0 if model == "no-partials" else body.get("partial_images", 0)
        for index in range(partials):
            data = picture(PARTIAL_COLORS[index % 2])
            if model == "bad-partials":
                data = "AAAA"
            self._event(f"{stem}.partial_image", b64_json=data, partial_image_index=index, **common)
            if model == "waits":
                self._wait_for_hang_up()
                return
            if model == "stream-drops":
                self.close_connection = True
                return
            if model == "stream-stalls":
                self.fake.stopping.wait(10)
                self.close_connection = True
                return
        if model == "stream-moderated":
            error = {"code": "moderation_blocked", "message": self.fake.requests[-1]["key"]}
            self._chunk(f"event: error\ndata: {json.dumps({'error': error})}\n\n".encode())
        elif model == "stream-error-event":
            key = self.fake.requests[-1]["key"]
            self._event("error", code="rate_limit_exceeded", message=key, param=None)
        elif model == "stream-server-error":
            error = {"code": "something_new", "message": self.fake.requests[-1]["key"]}
            self._chunk(f"data: {json.dumps({'error': error})}\n\n".encode())
        elif model == "stream-garbage":
            self._chunk(b"data: {half\n\n")
        elif model != "stream-ends":
            self._event(f"{stem}.new_kind_of_event", note="ignore me")
            usage = {} if model == "no-usage" else {"usage": answer.get("usage")}
            data = (answer["data"] or [{}])[0].get("b64_json")
            self._event(f"{stem}.completed", b64_json=data, **common, **usage)
        self.wfile.write(b"0\r\n\r\n")

    def _wait_for_hang_up(self):
        self.close_connection = True
        readable, _, _ = select.select([self.connection], [], [], 5)
        if readable and not self.connection.recv(1):
            self.fake.closed_by_client.set()


def _form(kind, data):
    """The fields of a multipart form; files as (name, bytes, type), numbers and truth as such."""
    boundary = f"\r\n--{kind.partition('boundary=')[2]}".encode("ascii")
    fields = {}
    # Split here: `email` takes half a second to read a picture line by line.
    for each in (b"\r\n" + data).split(boundary)[1:-1]:
        head, _, value = each.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        part = email.message_from_bytes(head)
        name = part.get_param("name", header="content-disposition")
        if file := part.get_filename():
            fields[name] = (file, value, part.get_content_type())
        else:
            text = value.decode("utf-8")
            fields[name] = {"true": True, "false": False}.get(text, text)
            if name in ("n", "partial_images"):
                fields[name] = int(text)
    return fields


def _images(model):
    data = BAD_PICTURES.get(model) or picture(
        PICTURE_COLOR, format="JPEG" if model == "jpeg" else "PNG"
    )
    entry = {"url": "http://127.0.0.1/picture.png"} if model == "link" else {"b64_json": data}
    usage = {
        "odd-usage": {**USAGE, "output_tokens": "many"},
        "negative-usage": {**USAGE, "output_tokens": -5},
    }.get(model, USAGE)
    answer = {"created": 1, "data": [] if model == "no-data" else [entry], "size": "1024x1024"}
    return answer if model == "no-usage" else {**answer, "usage": usage}


def _plan(model, body):
    """The text that the model writes; the rest of the plan scenarios."""
    language = "ko" if "Korean" in json.dumps(body) else "en"
    plan = wire_plan(language, trips=2 if model == "two-trips" else 3)
    first = plan["trips"][0]
    if model == "rgb-300":
        first["stops"][0]["rgb"]["r"] = 300
    if model == "same-trips":
        plan["trips"][1] = plan["trips"][0]
    if model == "untidy":
        first["title"] = "A\u0000 day\u202e out\n<b>"
        first["stops"][0]["place"] = "cherry blossom park " * 40
    if model == "no-words":  # for small models
        for trip in plan["trips"]:
            del trip["season"], trip["time"], trip["weather"]
            for stop in trip["stops"]:
                del stop["kind"]
    if model == "moon":
        plan["trips"][1]["stops"][2]["kind"] = "moon"
    if model == "other-form":
        plan = {"places": []}
    text = json.dumps(plan, ensure_ascii=False)
    if model == "cut":
        text = text[: len(text) // 2]
    if model == "chatty":
        text = "Sure! Here are three trips."
    return text


def _response(model, body):
    content = [{"type": "output_text", "text": _plan(model, body), "annotations": []}]
    if model == "refuses":
        content = [{"type": "refusal", "refusal": "I cannot help with that."}]
    message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed"}
    response = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "status": "completed",
        "model": model,
        "output": [] if model == "empty" else [{**message, "content": content}],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 1,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 1,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": 2,
        },
    }
    if model in ("incomplete", "filtered"):
        reason = "max_output_tokens" if model == "incomplete" else "content_filter"
        response |= {"status": "incomplete", "incomplete_details": {"reason": reason}, "output": []}
    if model.startswith("failed:"):
        error = {"code": model.removeprefix("failed:"), "message": "It failed."}
        response |= {"status": "failed", "error": error, "output": []}
    return response


def _completion(model, body):
    message = {"role": "assistant", "content": _plan(model, body), "refusal": None}
    if model == "refuses":
        message |= {"content": None, "refusal": "I cannot help with that."}
    if model == "empty":
        message["content"] = ""
    reason = {"incomplete": "length", "filtered": "content_filter"}.get(model, "stop")
    choice = {"index": 0, "finish_reason": reason, "message": message, "logprobs": None}
    return {
        "id": "chatcmpl_1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [] if model == "no-choices" else [choice],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
