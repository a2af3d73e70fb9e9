"""Attacks on ``tripkit serve``: each is refused or bounded, and nobody else notices.

While each lasts the service takes at most `MOST` more memory and answers others within a second.
"""

import contextlib
import functools
import http.client
import io
import itertools
import json
import os
import re
import signal
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import urllib.error
import urllib.request
import zlib

import psutil
import pytest
from PIL import Image

from tripkit.images.pipeline import PipelineBackend
from tripkit.planners.catalog import CatalogPlanner
from tripkit.planners.openai import WirePlan
from tripkit.serving import schemas
from tripkit.serving.errors import APIError
from tripkit.serving.queue import BoundedQueue
from tripkit.serving.run import LocalService

MOST = 300 * 2**20  # bytes
SOON = 3.0  # seconds: three times the bar, since machines are shared
ENDS = 5.0  # seconds
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and named pipes of POSIX")
LOADS = pytest.mark.slow  # the model, in a process of its own
pytestmark = pytest.mark.process


class Served:
    """The service in a process of its own."""

    def __init__(self, folder, before=""):
        self.log = folder / "stderr"
        command = [sys.executable, "-m", "tripkit.cli", "serve", "--language", "en"]
        if before:
            command = ["bash", "-c", f'{before}; exec "$@"', "bash", *command]
        with self.log.open("wb") as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
        said = b"".join(self.process.stdout.readline() for _ in range(3)).decode()
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)/v1", said)[1])
        self.token = re.search(r"OPENAI_API_KEY=(\S+)", said)[1]
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                self.ask("/v1/models")
                return
            time.sleep(0.1)
        raise AssertionError("not started")

    def ask(self, path, data=None, *, timeout=60.0, method=None, headers=None):
        """(status, headers, body) of one call."""
        return ask(self.port, self.token, path, data, timeout=timeout, method=method, more=headers)

    def memory(self):
        return psutil.Process(self.process.pid).memory_info().rss

    def connect(self, path="/v1/models", length=None, body=b"", kind="application/json", end=True):
        """A connection that has sent a header, or half of one, and some of a body."""
        line = "GET" if length is None else "POST"
        head = (
            f"{line} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
        )
        if length is not None:
            head += f"Content-Type: {kind}\r\nContent-Length: {length}\r\n"
        made = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        made.sendall(head.encode() + (b"\r\n" if end else b"") + body)
        return made

    def post(self, path, data):
        """A connection that has sent a whole request, whose answer it does not read."""
        body = json.dumps(data).encode()
        return self.connect(path, len(body), body)

    def stop(self):
        self.process.kill()
        self.process.wait(30)
        self.process.stdout.close()


def ask(port, token, path, data=None, *, timeout=60.0, method=None, more=None):
    body = data if data is None or isinstance(data, bytes) else json.dumps(data).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.closing(client):
        method = method or ("GET" if body is None else "POST")
        client.request(method, path, body, headers | (more or {}))
        answer = client.getresponse()
        return answer.status, answer.headers, answer.read()


@contextlib.contextmanager
def unnoticed(served, record_property=lambda *_: None):
    """Nobody else notices what happens meanwhile."""
    before, waits, sizes, ended = served.memory(), [], [], threading.Event()

    def watch():
        while not ended.wait(0.05):
            started = time.monotonic()
            try:
                status = served.ask("/v1/models", timeout=10)[0]
            except OSError as error:
                status = error
            waits.append((time.monotonic() - started) if status == 200 else status)
            sizes.append(served.memory() - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
        time.sleep(0.2)
    finally:
        ended.set()
        watcher.join()
    assert all(isinstance(wait, float) for wait in waits), waits
    print(f"others waited {max(waits):.2f} s, memory rose by {max(sizes) / 2**20:.0f} MB")
    record_property("seconds", max(waits))
    record_property("megabytes", max(sizes) / 2**20)
    assert max(waits) < SOON
    assert max(sizes) < MOST


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    made = Served(tmp_path_factory.mktemp("served"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def painting(served):
    """The same, with the model loaded."""
    drawn = {"model": "postcard", "prompt": "sea", "size": "64x64", "quality": "low"}
    assert served.ask("/v1/images/generations", drawn, timeout=120)[0] == 200
    return served


def chat(schema, content="sea"):
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    said = [{"role": "user", "content": content}]
    return {"model": "catalog", "messages": said, "response_format": form}


def responses(schema):
    form = {"type": "json_schema", "name": "x", "schema": schema}
    return {"model": "catalog", "input": "sea", "text": {"format": form}}


CALLS = [("/v1/chat/completions", chat), ("/v1/responses", responses)]


def refused(answer, code):
    status, _, body = answer
    assert status == 400, body
    error = json.loads(body)["error"]
    assert error["code"] == code, error
    return error


# ---- schemas


@pytest.mark.parametrize(("path", "body"), CALLS)
@pytest.mark.parametrize("inside", [False, True])
def test_nothing_is_fetched_for_a_schema(served, path, body, inside):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        where = f"http://127.0.0.1:{listener.getsockname()[1]}/schema.json"
        for keyword in ("$ref", "$schema", "$dynamicRef", "$id"):
            schema = {keyword: where}
            answer = served.ask(path, body({"anyOf": [schema, {}]} if inside else schema))
            if inside or keyword != "$schema":  # at the root it names a dialect, as zod writes
                assert keyword in refused(answer, "invalid_schema")["message"]
        with pytest.raises(TimeoutError):
            listener.accept()


@POSIX
@pytest.mark.parametrize(("path", "body"), CALLS)
def test_no_file_is_opened_for_a_schema(served, tmp_path, path, body):
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)  # whoever opens it waits for a writer
    for where in (f"file://{pipe}", "file:///dev/zero", f"{pipe}", "pipe.json", "file:///none"):
        with unnoticed(served):
            refused(served.ask(path, body({"$ref": where}), timeout=5), "invalid_schema")


def doubling(levels):
    """Each level asks for the next one twice."""
    twice = {f"a{i}": {"anyOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(levels)}
    return {"$ref": "#/$defs/a0", "$defs": {**twice, f"a{levels}": {"type": "null"}}}


def deep(keyword, levels, leaf):
    schema = leaf
    for _ in range(levels):
        schema = {keyword: [schema] if keyword in ("anyOf", "allOf") else schema}
    return schema


ENDLESS = {"properties": {"trips": {"items": {"properties": {"summary": {"pattern": "^(a+)+9$"}}}}}}
REFUSED = {
    "pattern": (ENDLESS, "'pattern'"),
    "patternProperties": ({"patternProperties": {"^(a+)+9$": {}}}, "'patternProperties'"),
    "propertyNames": ({"propertyNames": {"pattern": "^(a+)+9$"}}, "'propertyNames'"),
    "uniqueItems": ({"uniqueItems": True}, "'uniqueItems'"),
    "doubling": (doubling(40), "too long"),
    "circle": ({"$ref": "#"}, "too long"),
    "circle of two": ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#"}}}, "too long"),
    "nowhere": ({"$ref": "#/$defs/none"}, "points nowhere"),
    "into a list": ({"$ref": "#/required/0", "required": ["a"]}, "$ref"),
    "escaped": ({"$ref": "#/$defs/a%2Frequired", "$defs": {"a": {"required": ["b"]}}}, "$ref"),
    "empty": ({"$ref": ""}, "$ref"),
    "number": ({"$ref": 5}, "$ref"),
    "dynamic": ({"$dynamicRef": "#x"}, "$dynamicRef"),
    "dialect below": (
        {"anyOf": [{"$schema": "http://json-schema.org/draft-07/schema#"}]},
        "$schema",
    ),
    "id": ({"$id": "urn:x", "$ref": "#"}, "$id"),
    "300 allOf": (deep("allOf", 300, {}), "nesting"),
    "300 anyOf": (deep("anyOf", 300, {}), "nesting"),
    "29 anyOf": (deep("anyOf", 29, {"$ref": "#"}), "too long"),
    "wide": ({"properties": {f"p{i}": {"type": "null"} for i in range(3000)}}, "values"),
    "type": ({"type": "text"}, "type"),
    "no type": ({"type": None}, "type"),
    "zero": ({"properties": {"trips": {"multipleOf": 0}}}, "multipleOf"),
    "not a schema": ({"properties": {"trips": 5}}, "trips"),
}


@pytest.mark.parametrize("schema", [*REFUSED.values()], ids=[*REFUSED])
def test_a_schema_that_could_cost_without_end_is_refused_by_its_keyword(served, schema):
    schema, said = schema
    with unnoticed(served):
        for path, body in CALLS:
            error = refused(
                served.ask(path, body(schema), timeout=10),
                "invalid_json" if said == "nesting" else "invalid_schema",
            )
            assert said in error["message"]


def repeated(keyword, words, times=900):
    """So many choices that repeat the same words in their complaints."""
    return {"$defs": {"a": {keyword: [words]}}, "anyOf": [{"$ref": "#/$defs/a"}] * times}


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("times", [900, 1500])  # the latter is too long by itself
@pytest.mark.parametrize("keyword", ["enum", "const", "required"])
def test_words_of_a_schema_are_not_multiplied(served, record_property, keyword, times):
    hostile = responses(repeated(keyword, "\u0080" * (50_000 if times == 900 else 100_000), times))
    with unnoticed(served, record_property):
        other = threading.Thread(target=lambda: served.ask(*OTHER))
        other.start()
        assert served.ask("/v1/responses", hostile)[0] == 400
        started = time.monotonic()
        assert served.ask("/v1/responses", responses({}))[0] == 200
        other.join()
    assert time.monotonic() - started < SOON


OTHER = ("/v1/responses", responses({}))
COSTLY = [repeated(keyword, "\u0080" * 50_000) for keyword in ("enum", "const", "required")]


@pytest.mark.parametrize("schema", COSTLY, ids=["enum", "const", "required"])
def test_a_check_holds_one_complaint_at_a_time(schema):
    tracemalloc.start()
    try:
        with contextlib.suppress(APIError):
            schemas.misfit({"trips": []}, schema)
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


def test_a_check_ends_when_its_time_is_up(monkeypatch):
    monkeypatch.setattr(schemas, "SECONDS", 0.0)
    with pytest.raises(APIError, match="too long"):
        schemas.misfit({}, {"anyOf": [{"type": "null"}, {"required": ["a"]}]})


def test_keys_of_a_schema_are_not_multiplied():
    inside = {f"bad{number}": 1 for number in range(2_000)}
    with pytest.raises(APIError, match="a key has more than 100 characters"):
        schemas.misfit({}, {"properties": {"x" * 50_000: inside}})
    with pytest.raises(APIError, match="more than 100,000 characters"):
        schemas.misfit({}, {"description": "x" * 100_000})


VALUES = [
    *("5", "", "yes", "#", "string", "\u0080", 5, -1, 0, 1.5, True, False, None, 10**400, 1e-320),
    *([], {}, ["a"], [1], [[]], [None], [{}], ["string"], {"a": 1}, {"a": {}}),
]


def test_whatever_a_keyword_holds_a_schema_is_followed_or_refused():
    data = {"a": 1, "trips": [{"stops": [{"rgb": {"r": 1}}]}], "text": "x", "none": None}
    for keyword in [field.alias or name for name, field in schemas.Schema.model_fields.items()]:
        for value in VALUES:
            inner = {keyword: value}
            every = {"properties": dict.fromkeys(data, inner)}
            for schema in (inner, every, {"anyOf": [inner]}, {"additionalProperties": inner}):
                with contextlib.suppress(APIError):  # nothing else is raised
                    schemas.misfit(data, schema)


@pytest.mark.parametrize("keyword", ["minItems", "minLength", "maximum", "multipleOf"])
@pytest.mark.parametrize("value", ["5", True])
def test_a_number_of_a_schema_is_a_number(keyword, value):
    with pytest.raises(APIError, match=f"properties.trips.{keyword}"):
        schemas.misfit({"trips": []}, {"properties": {"trips": {keyword: value}}})


def test_many_costly_schemas_at_one_time_leave_room_for_others(served, record_property):
    costly = doubling(30)
    costly["$defs"]["a30"] = {"enum": list(range(1_000))}

    def check():
        refused(served.ask(CALLS[0][0], chat(costly)), "invalid_schema")

    threads = [threading.Thread(target=check) for _ in range(30)]
    with unnoticed(served, record_property):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("dialect", ["http://json-schema.org/draft-07/schema#", [1], {}, None])
def test_the_dialect_of_a_schema_changes_nothing(served, dialect):
    fits = served.ask(CALLS[0][0], chat({"$schema": dialect, **WirePlan.model_json_schema()}))
    assert fits[0] == 200
    no = served.ask(
        CALLS[0][0], chat({"$schema": dialect, "properties": {"trips": {"type": "null"}}})
    )
    assert "$.trips" in refused(no, "unsupported_schema")["message"]


@pytest.mark.parametrize(
    ("schema", "where"),
    [
        ({"properties": {"a": {"type": "integer", "minimum": 3}}}, "$.a"),
        ({"properties": {"a": {"enum": [2, 3]}}}, "$.a"),
        ({"properties": {"a": {"const": 2}}}, "$.a"),
        ({"properties": {"list": {"items": {"maxLength": 1}}}}, "$.list[1]"),
        ({"properties": {"list": {"maxItems": 1}}}, "$.list"),
        ({"required": ["pattern"]}, "$"),
        ({"additionalProperties": False, "properties": {"a": {}}}, "$"),
        (
            {
                "anyOf": [{"type": "null"}, {"$ref": "#/$defs/x"}],
                "$defs": {"x": {"required": ["b"]}},
            },
            "$",
        ),
        ({"properties": {"pattern": {}, "$ref": {}, "a": {"multipleOf": 0.5}}}, None),
        (
            {
                "anyOf": [{"type": "null"}, {"$ref": "#/$defs/x"}],
                "$defs": {"x": {"required": ["a"]}},
            },
            None,
        ),
        ({"type": ["object", "null"], "title": "pattern", "default": {"$id": 3}}, None),
    ],
)
def test_what_remains_means_what_json_schema_says(schema, where):
    assert schemas.misfit({"a": 1, "list": ["b", "cc"]}, schema) == where


def test_a_plan_in_its_own_schema_takes_a_tenth_of_the_steps(monkeypatch, served):
    monkeypatch.setattr(schemas, "STEPS", schemas.STEPS // 10)
    plan = json.loads(
        json.loads(served.ask(CALLS[0][0], chat(WirePlan.model_json_schema()))[2])["choices"][0][
            "message"
        ]["content"]
    )
    assert schemas.misfit(plan, WirePlan.model_json_schema()) is None
    monkeypatch.setattr(schemas, "STEPS", 5)
    with pytest.raises(APIError, match="too long"):
        schemas.misfit(plan, WirePlan.model_json_schema())


# ---- bodies


@pytest.mark.parametrize(
    "content", ["[" * 200_000, '{"a":' * 20_000, "x" * 900_000, "가" * 150_000]
)
def test_a_deep_or_long_message_is_a_message(served, content):
    with unnoticed(served):
        body = {"model": "catalog", "messages": [{"role": "user", "content": content}]}
        refused(served.ask("/v1/chat/completions", body), "request_too_long")


BODIES = {
    "deep": (b"[" * 500_000, "invalid_json"),
    "deep object": (b'{"a":' * 100_000, "invalid_json"),
    "65 levels": (b"[" * 65 + b"]" * 65, "invalid_json"),
    "digits": (b'{"model":' + b"9" * 900_000 + b"}", "invalid_json"),
    "not a number": (b'{"model":"catalog","input":"sea","temperature":NaN}', "invalid_json"),
    "empty": (b"", "invalid_json"),
    "latin": (b'{"model":"\xff"}', "invalid_json"),
    "half": (rb'{"model":"catalog","input":"sea","metadata":{"a":"\ud800"}}', "invalid_json"),
    "half a key": (rb'{"model":"catalog","input":"sea","metadata":{"\udc00":""}}', "invalid_json"),
    "raw half": (b'{"model":"catalog","input":"\xed\xa0\x80"}', "invalid_json"),
    "UTF-16": ('{"model":"catalog","input":"sea"}'.encode("utf-16"), "invalid_json"),
    "list": (b"[]", "invalid_value"),
    "many keys": (json.dumps({f"k{i}": 1 for i in range(60_000)}).encode(), "invalid_json"),
    "few keys": (
        json.dumps({f"k{i}": 1 for i in range(19_000)}).encode(),
        "missing_required_parameter",
    ),
    "many lists": (b'{"model":[' + b"[]," * 100_000 + b"1]}", "invalid_json"),
    "many messages": (
        json.dumps({"model": "catalog", "input": [{"role": 1, "content": [1]}] * 4_900}).encode(),
        "invalid_value",
    ),
}


@pytest.mark.parametrize(("body", "code"), [*BODIES.values()], ids=[*BODIES])
def test_a_body_of_too_many_or_too_deep_values_is_refused(served, body, code, record_property):
    with unnoticed(served, record_property):
        for path in ("/v1/chat/completions", "/v1/responses", "/v1/images/generations"):
            started = time.monotonic()
            status, _, answer = served.ask(path, body)
            assert status == 400 and "error" in json.loads(answer)
            assert time.monotonic() - started < 3
    refused(served.ask("/v1/responses", body), code)


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/images/edits", "/v1/models", "/nowhere"])
@pytest.mark.parametrize("token", [True, False])
def test_who_sends_all_before_reading_still_sees_the_answer(served, path, token):
    """urllib does, and asks for the connection to be closed."""
    headers = {"Authorization": f"Bearer {served.token if token else 'guess'}"}
    headers["Content-Type"] = "multipart/form-data; boundary=x"
    url = f"http://127.0.0.1:{served.port}{path}"
    for _ in range(3):
        request = urllib.request.Request(url, b"x" * (10 * 2**20), headers)
        with pytest.raises(urllib.error.HTTPError) as raised, unnoticed(served):
            urllib.request.urlopen(request, timeout=20)
        with raised.value as answer:
            kinds = {"/v1/models": 405, "/nowhere": 404, "/v1/images/edits": 400}
            assert answer.code == (kinds.get(path, 413) if token else 401)
            assert json.load(answer)["error"]["message"]


def test_held_bodies_take_bounded_memory(served, record_property):
    kind, held = "multipart/form-data; boundary=x", 8_000_000
    part = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
    with unnoticed(served, record_property), contextlib.ExitStack() as stack:
        for _ in range(40):
            body = part + bytes(held - 100_000)
            with contextlib.suppress(OSError):  # the later ones are refused
                made = served.connect("/v1/images/edits", held, body, kind)
                stack.enter_context(made)
        time.sleep(0.5)
    status, _, _ = served.ask("/v1/responses", {"model": "catalog", "input": "sea"})
    assert status == 200  # what they held is free again


FOREIGN = ("punycode", "undefined", "idna", "rot13", "utf-16", "utf-7", "x" * 300, '"punycode"')


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("charset", FOREIGN, ids=lambda each: each[:9])
def test_a_charset_that_is_costly_to_read_is_refused_unread(served, record_property, charset):
    long = form(EDIT | {"prompt": "x" * 80_000}, [])
    calls = [
        ("/v1/images/edits", long, "multipart/form-data; boundary=b"),
        ("/v1/responses", json.dumps(OTHER[1]).encode(), "application/json"),
    ]
    with unnoticed(served, record_property):
        for path, body, kind in calls:
            headers = {"Content-Type": f"{kind}; charset={charset}"}
            status, _, answer = served.ask(path, body, headers=headers)
            error = json.loads(answer)["error"]
            assert (status, error["code"]) == (415, "unsupported_charset")
            assert "must be in UTF-8" in error["message"]


@pytest.mark.parametrize("charset", ["utf-8", '"UTF-8"', "utf8", "us-ascii"])
def test_utf_8_may_be_named_in_each_of_its_ways(served, charset):
    headers = {"Content-Type": f"application/json; charset={charset}"}
    assert served.ask(*OTHER, headers=headers)[0] == 200


# ---- connections


@pytest.fixture(scope="module")
def hasty(backend):
    with LocalService(backend=backend, limits={"patience": 0.5, "clients": 8}) as service:
        service.port = port_of(service)
        yield service


def port_of(service):
    return int(service.base_url.split(":")[2].split("/")[0])


@pytest.fixture(scope="module")
def backend():
    made = PipelineBackend("postcard", num_inference_steps=4)
    made.warm_up()
    return made


def request(service, path="/v1/models", length=None):
    head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {service.token}\r\n"
    if length is not None:
        return f"POST {path} HTTP/1.1\r\n{head}Content-Length: {length}\r\n\r\n".encode()
    return f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()


def hung_up(made, within):
    """Seconds until the other side has ended the connection."""
    started = time.monotonic()
    made.settimeout(within)
    with contextlib.suppress(ConnectionResetError):
        while made.recv(2**16):
            pass
    return time.monotonic() - started


@pytest.mark.parametrize(
    "scene", ["silent", "half a header", "half a body", "next header", "next body"]
)
def test_who_does_not_end_a_request_is_hung_up_on(hasty, scene):
    whole, body = request(hasty), request(hasty, "/v1/responses", 100) + b'{"model":'
    sent = {
        "silent": b"",
        "half a header": whole[:-3],
        "half a body": body,
        "next header": whole + whole[:-3],
        "next body": whole + body,
    }[scene]
    with socket.create_connection(("127.0.0.1", hasty.port)) as made:
        made.sendall(sent)
        assert hung_up(made, 5) < 3


def test_who_drips_is_hung_up_on(hasty):
    with socket.create_connection(("127.0.0.1", hasty.port)) as made:
        started = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011
            for letter in itertools.cycle(b"GET / HTTP/1.1\r\nX-A: "):
                made.sendall(bytes([letter]) if letter != 10 else b"y")
                time.sleep(0.05)
                assert time.monotonic() - started < 5
        assert time.monotonic() - started < 3


def test_who_does_not_read_the_answer_is_hung_up_on(hasty):
    said = json.dumps(
        {"model": "catalog", "input": "sea", "metadata": {"a": "x" * 900_000}}
    ).encode()
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.connect(("127.0.0.1", hasty.port))
        with contextlib.suppress(OSError):
            for _ in range(10):
                made.sendall(request(hasty, "/v1/responses", len(said)) + said)
        until = time.monotonic() + 5
        while hasty._server.server_state.connections and time.monotonic() < until:
            time.sleep(0.05)
        assert not hasty._server.server_state.connections


def test_a_slow_answer_is_no_reason_to_hang_up(hasty, backend, monkeypatch):
    drawn = backend.generate("sea", seed=1)

    def slow(self, prompt, **_):
        time.sleep(2)  # four times as long as requests may take
        return drawn

    monkeypatch.setattr(PipelineBackend, "generate", slow)
    body = {"model": "postcard", "prompt": "sea", "size": "64x64"}
    assert ask(hasty.port, hasty.token, "/v1/images/generations", body)[0] == 200


def test_the_longest_waiting_connection_makes_room(hasty):
    with contextlib.ExitStack() as stack:
        held = [
            stack.enter_context(socket.create_connection(("127.0.0.1", hasty.port)))
            for _ in range(8)
        ]
        assert ask(hasty.port, hasty.token, "/v1/models")[0] == 200
        assert hung_up(held[0], 0.2) < 0.2
        held[7].settimeout(0.05)
        with pytest.raises(TimeoutError):
            held[7].recv(1)


@pytest.mark.slow
@POSIX
def test_a_flood_of_half_open_connections_is_nothing_to_others(tmp_path, record_property):
    served = Served(tmp_path, before="ulimit -n 256")
    try:
        with unnoticed(served, record_property), contextlib.ExitStack() as stack:
            until = time.monotonic() + 4
            for _ in range(700):
                made = socket.create_connection(("127.0.0.1", served.port), timeout=5)
                stack.enter_context(made)
                with contextlib.suppress(OSError):
                    made.sendall(b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
            time.sleep(max(0, until - time.monotonic()))
            assert psutil.Process(served.process.pid).num_fds() < 150
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", served.port)) as made:
                made.sendall(b"\x16\x03\x01 garbage\r\n\r\n")
                made.recv(100)
        assert served.log.read_bytes() == b""
    finally:
        served.stop()


def test_an_answer_on_a_kept_connection_does_not_wait_for_nagle(served, record_property):
    seconds = []
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", served.port)) as client:
        for _ in range(15):
            started = time.monotonic()
            client.request("GET", "/v1/models", headers={"Authorization": f"Bearer {served.token}"})
            client.getresponse().read()
            seconds.append(time.monotonic() - started)
    record_property("milliseconds", 1000 * statistics.median(seconds))
    assert statistics.median(seconds) < 0.02


# ---- pictures


@functools.cache
def png_bomb(side=64, chunks=64):
    """A small PNG whose texts unpack to almost 64 MB."""

    def chunk(name, data):
        check = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + check

    buffer = io.BytesIO()
    Image.new("RGBA", (side, side), (90, 90, 90, 0)).save(buffer, "PNG")
    whole = buffer.getvalue()
    texts = b"".join(
        chunk(b"zTXt", b"k%d\0\0" % i + zlib.compress(b"x" * 1_000_000)) for i in range(chunks)
    )
    return whole[:33] + texts + whole[33:]


@functools.cache
def jpeg_of_scans(count, side=1024):
    """A progressive JPEG that refines its last scan so many times more."""
    buffer = io.BytesIO()
    Image.new("L", (side, side), 100).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * count + data[-2:]


def form(fields, files):
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts += [
        f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for name, data in files
    ]
    return b"".join(parts) + b"--b--\r\n"


EDIT = {"model": "postcard", "prompt": "sea", "size": "64x64", "quality": "low"}
FORM = {"Content-Type": "multipart/form-data; boundary=b"}


@LOADS
def test_pictures_that_unpack_to_much_are_unpacked_one_by_one(painting, record_property):
    body = form(EDIT, [("image", png_bomb()), ("mask", png_bomb())])
    statuses = []

    def edit():
        statuses.append(painting.ask("/v1/images/edits", body, headers=FORM)[0])

    with unnoticed(painting, record_property):
        threads = [threading.Thread(target=edit) for _ in range(7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(statuses) <= {200, 429} and 200 in statuses


@pytest.mark.parametrize(
    "files", [[("image",), ("mask",), ("mask",)], [("image",), ("image[]",)], []]
)
def test_a_second_picture_or_mask_is_refused_unread(served, files):
    names = [name for (name,) in files]
    body = form(EDIT, [(name, png_bomb()) for name in names])
    started = time.monotonic()
    answer = served.ask("/v1/images/edits", body, headers=FORM)
    assert refused(answer, "invalid_value")["param"] == ("mask" if "mask" in names else "image")
    assert time.monotonic() - started < SOON


def test_a_jpeg_of_thousands_of_scans_is_refused(served, record_property):
    with unnoticed(served, record_property):
        body = form(EDIT, [("image", jpeg_of_scans(300_000)), ("mask", png_bomb(1024, 0))])
        started = time.monotonic()
        answer = served.ask("/v1/images/edits", body, headers=FORM)
    assert refused(answer, "invalid_image")["param"] == "image"
    assert time.monotonic() - started < 3


@LOADS
def test_a_jpeg_of_no_more_scans_than_usual_is_edited(painting):
    body = form(EDIT, [("image", jpeg_of_scans(0)), ("mask", png_bomb(1024, 0))])
    assert painting.ask("/v1/images/edits", body, headers=FORM)[0] == 200


LONG = {"model": "postcard", "prompt": "a castle", "n": 4, "quality": "high", "size": "64x64"}


@LOADS
def test_nobody_draws_for_clients_that_have_left(painting, record_property):
    path = "/v1/images/generations"
    with unnoticed(painting):
        left = [painting.post(path, LONG) for _ in range(5)]
        time.sleep(0.7)
        assert painting.ask(path, LONG)[0] == 429  # one is drawn, four wait
        for made in left:
            made.close()
        started = time.monotonic()
        while painting.ask(path, {**LONG, "n": 1, "quality": "low"})[0] == 429:
            time.sleep(0.05)
            assert time.monotonic() - started < 3
    record_property("seconds", time.monotonic() - started)
    assert time.monotonic() - started < 3


@LOADS
def test_a_stream_that_waits_and_is_left_makes_room(painting):
    path, asked = "/v1/images/generations", {**LONG, "n": 1, "stream": True}
    drawn = painting.post(path, LONG)
    left = [painting.post(path, asked) for _ in range(4)]
    time.sleep(0.5)
    assert painting.ask(path, LONG)[0] == 429
    for made in left:
        made.close()
    time.sleep(0.5)
    stays = painting.post(path, asked)
    assert stays.recv(12) == b"HTTP/1.1 200"
    drawn.close()
    stays.close()


# ---- the queue


def test_the_queue_is_first_come_first_served():
    queue, order, hold = BoundedQueue(30), [], threading.Event()
    first = queue.submit(lambda: hold.wait(10))
    jobs = [queue.submit(lambda i=i: order.append(i)) for i in range(30)]
    with pytest.raises(APIError) as raised:
        queue.submit(print)
    assert raised.value.status == 429
    for job in jobs[::2]:
        assert job.cancel()
    assert queue.inside == 16
    hold.set()
    assert first.result(10)
    jobs[-1].result(10)
    assert order == list(range(1, 30, 2))
    assert queue.inside == 0


def test_nobody_overtakes_in_a_busy_queue():
    queue, waits = BoundedQueue(8), []

    def client():
        for _ in range(6):
            started = time.monotonic()
            try:
                queue.submit(lambda: time.sleep(0.01)).result(10)
            except APIError:
                time.sleep(0.001)
            else:
                waits.append(time.monotonic() - started)

    threads = [threading.Thread(target=client) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # At most nine turns; a lock without an order let one wait for a hundred.
    assert len(waits) > 20 and max(waits) < 9 * 0.01 * 4


def test_a_closed_queue_refuses_what_waits_and_what_comes():
    queue, hold = BoundedQueue(3), threading.Event()
    first = queue.submit(lambda: hold.wait(10) and queue.check_open())
    waiting = [queue.submit(print) for _ in range(3)]
    queue.close()
    hold.set()
    for job in (*waiting, first):
        assert job.exception(10).status == 503
    with pytest.raises(APIError, match="being stopped"):
        queue.submit(print)
    queue.open()
    assert queue.submit(lambda: 5).result(10) == 5


def test_an_error_of_one_job_is_not_the_next_ones():
    queue = BoundedQueue()
    assert isinstance(queue.submit(lambda: 1 / 0).exception(10), ZeroDivisionError)
    assert queue.submit(lambda: 5).result(10) == 5


# ---- what is logged, and the small print of HTTP


SECRET = "zanzibarium"


def test_no_text_of_a_client_is_logged(served):
    for schema in ({"$dynamicRef": f"#{SECRET}"}, {"$ref": f"#/$defs/{SECRET}"}, {SECRET: 1}):
        served.ask("/v1/responses", responses(schema))
    served.connect("/v1/responses", 5000, SECRET.encode()).close()
    served.ask(f"/{SECRET}", headers={"Upgrade": "websocket", "Connection": "upgrade"})
    assert served.log.read_text(encoding="utf-8") == ""


@LOADS
def test_no_prompt_is_logged(painting):
    drawn = {**LONG, "n": 1, "prompt": f"{SECRET} " * 200}
    assert painting.ask("/v1/images/generations", drawn)[0] == 200
    assert painting.log.read_text(encoding="utf-8") == ""


class Broken(CatalogPlanner):
    def plan(self, request, **_):
        raise KeyError(request)


def test_what_nobody_foresaw_is_logged_by_kind_and_frames(caplog):
    with LocalService(planner=Broken()) as service:
        body = {"model": "catalog", "input": "a secret wish"}
        status, _, answer = ask(port_of(service), service.token, "/v1/responses", body)
    assert (status, json.loads(answer)["error"]["code"]) == (500, "unexpected")
    assert "KeyError" in caplog.text and ", in plan" in caplog.text
    assert "secret wish" not in caplog.text and len(caplog.text) < 10_000


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/models", {"GET", "HEAD"}),
        ("POST", "/v1/models/postcard", {"GET", "HEAD"}),
        ("GET", "/v1/chat/completions", {"POST"}),
        ("PUT", "/v1/images/edits", {"POST"}),
    ],
)
def test_another_method_is_told_those_that_are_allowed(served, method, path, allowed):
    status, headers, body = served.ask(path, method=method)
    assert status == 405 and json.loads(body)["error"]["code"] == "unknown_url"
    assert set(re.split(", *", headers["Allow"])) == allowed


def test_models_answer_head(served):
    assert served.ask("/v1/models", method="HEAD")[::2] == (200, b"")
    assert served.ask("/v1/models/none", method="HEAD")[0] == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver", "127.0.0.1.evil.example", "", ":80"]
)
def test_another_host_is_told_so_in_the_form_of_the_protocol(served, host):
    error = refused(served.ask("/v1/models", headers={"Host": host}), "invalid_host")
    assert "127.0.0.1" in error["message"]


# ---- signals


def half_body(served):
    return [served.connect("/v1/responses", 5000, b'{"model":') for _ in range(3)]


def half_edit(served):
    kind = "multipart/form-data; boundary=b"
    start = form(EDIT, [("image", png_bomb())])[:-200_000]
    return [served.connect("/v1/images/edits", 8_000_000, start, kind) for _ in range(3)]


def undone(served):
    """All that clients can begin and leave undone."""
    headers = [served.connect(end=False) for _ in range(3)]
    refused = [served.connect("/nowhere", 50 * 2**20, b"x") for _ in range(3)]
    return headers + refused + half_body(served) + half_edit(served)


STREAM = {**LONG, "n": 1, "stream": True, "partial_images": 3}
DRAWN = {
    "a stream": lambda s: [s.post("/v1/images/generations", STREAM)],
    "four that wait": lambda s: [s.post("/v1/images/generations", LONG) for _ in range(4)],
}


def ended(served, sign):
    """Seconds from the signal to the end."""
    started = time.monotonic()
    served.process.send_signal(sign)
    with contextlib.suppress(subprocess.TimeoutExpired):
        served.process.wait(30)
    return time.monotonic() - started


@POSIX
@pytest.mark.parametrize(
    "sign", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM]
)
def test_a_signal_ends_it_whatever_clients_leave_undone(tmp_path, sign, record_property):
    served = Served(tmp_path)
    try:
        made = undone(served)
        time.sleep(0.3)
        seconds = ended(served, sign)
    finally:
        served.stop()
    for each in made:
        each.close()
    record_property("seconds", seconds)
    assert seconds < ENDS
    assert "Traceback" not in served.log.read_text(encoding="utf-8")


@POSIX
@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("loading", [False, True])
@pytest.mark.parametrize("scene", [*DRAWN])
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_what_is_drawn(tmp_path, scene, sign, loading, record_property):
    served = Served(tmp_path)
    try:
        if not loading:
            drawn = {**LONG, "n": 1, "quality": "low"}
            assert served.ask("/v1/images/generations", drawn, timeout=120)[0] == 200
        made = DRAWN[scene](served)
        if loading or scene != "a stream":
            time.sleep(0.5)
        else:
            while b"partial_image" not in made[0].recv(4096, socket.MSG_PEEK):
                time.sleep(0.01)
        seconds = ended(served, sign)
        said = []
        for each in made:
            with contextlib.suppress(ConnectionResetError):
                said.append(each.makefile("rb").read())
            each.close()
    finally:
        served.stop()
    record_property("seconds", seconds)
    print(f"ended in {seconds:.1f} s")
    assert seconds < ENDS
    log = served.log.read_text(encoding="utf-8")
    assert "Traceback" not in log and "Fatal" not in log, log
    assert all(b"shutting_down" in each for each in said[1:])  # those that waited
    if not loading:
        assert b"shutting_down" in said[0]


def test_a_service_that_was_stopped_draws_again(backend):
    service = LocalService(backend=backend)
    for _ in range(2):
        with service, service.client(max_retries=0) as client:
            drawn = client.images.generate(model="postcard", prompt="sea", size="64x64")
            assert drawn.data[0].b64_json
