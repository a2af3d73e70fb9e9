"""What a hostile server, file or folder can do to us: little, and not for long."""

import dataclasses
import io
import json
import os
import subprocess
import sys
import threading
import time
import unicodedata
import warnings

import pytest
from fake_openai import picture
from hostile import (
    AS_JSON,
    AS_STREAM,
    OK,
    PNG,
    Hostile,
    as_base64,
    chunk,
    event,
    flat_png,
    text_bombs,
)
from PIL import Image

from tripkit.cli import commands
from tripkit.colors import find_color
from tripkit.core import settings
from tripkit.core.errors import RequestError, ServiceError, StorageError, TripkitError
from tripkit.core.text import MOST_MARKS, clean_text, clipped, normalise_request
from tripkit.downloads import hub
from tripkit.downloads.local import missing_parts
from tripkit.images.base import check_seed
from tripkit.images.openai import OpenAIImageBackend
from tripkit.images.openai import backend as images
from tripkit.images.openai.options import MOST_PIXELS
from tripkit.images.openai.stream import SPARE_PREVIEWS
from tripkit.images.partial_saves import Keeper
from tripkit.images.postcard import read_postcard
from tripkit.images.untrusted import MAX_SIDE, open_untrusted
from tripkit.planners.openai import FORMAT, OpenAIPlanner, WirePlan
from tripkit.services import local_servers, prices, registry
from tripkit.services.spending import Ledger

KEY = "sk-somebody-0123456789abcdefghij"
ALLOWED = 300e6  # bytes that an attack may add to the memory
linux = pytest.mark.skipif(not os.path.exists("/proc/self/clear_refs"), reason="peak of memory")


def peak_of(work) -> float:
    """Bytes by which the memory rose at most while ``work`` ran."""

    def line(name):
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(each.split()[1]) * 1024 for each in status if each.startswith(name))

    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")
    before = line("VmRSS")
    work()
    return line("VmHWM") - before


def draw(server, folder, **options):
    backend = OpenAIImageBackend("m", base_url=server.base_url, api_key=KEY, **options)
    backend.timeout = 20.0
    keeper = Keeper(folder)
    try:
        return backend.generate("a lake", keeper=keeper), keeper
    except TripkitError as error:
        return error, keeper


# ---- previews without end, values without end


@linux
def test_of_previews_without_end_a_few_are_taken(tmp_path):
    preview = event("image_generation.partial_image", b64_json=as_base64(flat_png(4096, 4096)))
    with Hostile(AS_STREAM, *[preview] * (SPARE_PREVIEWS + 4)) as server:
        outcome = []
        peak = peak_of(lambda: outcome.extend(draw(server, tmp_path)))
    error, keeper = outcome
    assert error.code == "stream_broken" and peak < ALLOWED
    assert len(list(tmp_path.iterdir())) == 2 + SPARE_PREVIEWS
    assert keeper.best.path in tmp_path.iterdir()


def test_a_keeper_holds_one_preview_and_removes_all_of_them(tmp_path):
    preview = event("image_generation.partial_image", b64_json=picture(0))
    whole = event("image_generation.completed", b64_json=picture(0))
    with Hostile(AS_STREAM, *[preview] * 4, whole) as server:
        postcard, keeper = draw(server, tmp_path)
    assert list(tmp_path.iterdir()) == [postcard.path]
    assert keeper.partial is None and keeper.complete is postcard


@linux
@pytest.mark.parametrize("values", ["[],", "0,", '{"a":1},'])
@pytest.mark.parametrize("head", [AS_JSON, AS_STREAM + b"data: "])
def test_small_values_without_end_are_not_read(tmp_path, head, values):
    block = (values * (2**20 // len(values))).encode()
    with Hostile(head, b'{"x":[', *[block] * 60) as server:
        outcome, started = [], time.monotonic()
        peak = peak_of(lambda: outcome.extend(draw(server, tmp_path)))
        assert outcome[0].code == "answer_too_many_values"
        assert peak < ALLOWED / 2 and time.monotonic() - started < 10
        assert server.left.wait(5)  # and nobody reads on


@linux
@pytest.mark.parametrize("block", [b"A" * 2**20, b"data: " + b"A" * 2**20 + b"\n"])
def test_one_event_is_no_larger_than_one_picture(tmp_path, block):
    with Hostile(AS_STREAM + b'data: {"b64_json": "', *[block] * 100) as server:
        outcome = []
        peak = peak_of(lambda: outcome.extend(draw(server, tmp_path)))
        assert outcome[0].code == "answer_too_large" and peak < ALLOWED


def test_events_without_end_end_when_the_time_is_up(tmp_path, monkeypatch):
    monkeypatch.setattr(OpenAIImageBackend, "timeout", 0.5)
    backend_events = event("image_generation.note")
    with Hostile(AS_STREAM, backend_events, again=True, pause=0.001) as server:
        backend = OpenAIImageBackend("m", base_url=server.base_url, api_key=KEY)
        started = time.monotonic()
        with pytest.raises(ServiceError, match="did not answer in 1 seconds"):
            backend.generate("a lake", keeper=Keeper(tmp_path))
        assert time.monotonic() - started < 5 and server.left.wait(5)


# ---- pictures


BOMBS = {
    "wide": flat_png(16_777_216 // 64, 1),
    "beyond the sides": flat_png(MAX_SIDE + 1, MAX_SIDE // 4),
    "narrow": flat_png(1700, 100),
    "many pixels": flat_png(4097, 4097),
    "many chunks": flat_png(8, 8, chunk(b"tEXt", b"a\0b") * 20_001),
    "cut": flat_png(64, 64)[:-20],
    "damaged": flat_png(64, 64).replace(b"IDAT", b"IDAt"),
    "scans": b"\xff\xd8\xff" + b"\xff\xda" * 101,
    "no picture": b"GIF89a",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_picture_bomb_is_refused_without_a_word_on_the_console(name):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(ValueError, match="no usable picture"):
            open_untrusted(BOMBS[name])
    assert told == []


def test_a_progressive_picture_has_a_number_of_scans():
    buffer = io.BytesIO()
    Image.linear_gradient("L").save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last = data[data.rindex(b"\xff\xda") : -2]
    assert open_untrusted(data[:-2] + last * 20 + data[-2:]).size == (256, 256)
    with pytest.raises(ValueError, match="no usable picture"):
        open_untrusted(data[:-2] + last * 100 + data[-2:])


@linux
@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_texts_of_a_picture_are_not_unpacked(kind):
    data = flat_png(64, 64, text_bombs(60, kind))
    images_ = []
    assert peak_of(lambda: images_.append(open_untrusted(data))) < 20e6
    assert images_[0].info == {} and images_[0].size == (64, 64)


def test_profiles_and_remarks_do_not_come_along():
    buffer = io.BytesIO()
    remarks = {"icc_profile": KEY.encode(), "comment": KEY.encode(), "exif": b"Exif\0\0" + b"II*\0"}
    Image.new("RGB", (8, 8)).save(buffer, "JPEG", **remarks)
    image = open_untrusted(buffer.getvalue())
    assert image.info == {}
    saved = io.BytesIO()
    image.save(saved, "PNG")
    assert KEY.encode() not in saved.getvalue()


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "RGBA", "1", "I;16"])
def test_usual_pictures_come_as_pillow_reads_them(mode):
    buffer = io.BytesIO()
    transparent = {"transparency": 3} if mode in ("L", "P") else {}
    Image.linear_gradient("L").convert("L").resize((40, 30)).convert(mode).save(
        buffer, "PNG", **transparent
    )
    with Image.open(io.BytesIO(buffer.getvalue())) as expected:
        ours = open_untrusted(buffer.getvalue())
        assert ours.convert("RGBA").tobytes() == expected.convert("RGBA").tobytes()


@linux
@pytest.mark.parametrize(
    "data",
    [
        flat_png(13_300, 1_330),
        flat_png(64, 64, text_bombs(60, b"iTXt")),
        flat_png(64, 64, chunk(b"iTXt", b"tripkit:prompt\0\0\0\0\0" + b"a" * 2**20)),
        flat_png(64, 64, chunk(b"iTXt", b"tripkit:prompt\0\0\0")),
        flat_png(64, 64, chunk(b"iTXt", b"tripkit:prompt\0\0\0\0\0\xff")),
        PNG,
    ],
    ids=["pixels", "packed", "long", "short", "not UTF-8", "empty"],
)
def test_reading_a_postcard_unpacks_nothing(tmp_path, data):
    path = tmp_path / "postcard.png"
    path.write_bytes(data)

    def read():
        with pytest.raises(StorageError, match="not a postcard of tripkit"):
            read_postcard(path)

    assert peak_of(read) < 20e6


@linux
@pytest.mark.timeout(20)
def test_a_device_and_a_pipe_are_no_postcards(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    def read():
        for path in ("/dev/zero", tmp_path / "pipe"):
            with pytest.raises(StorageError, match="not a postcard of tripkit"):
                read_postcard(path)

    assert peak_of(read) < 20e6


def test_a_postcard_that_another_program_wrote_to_is_read(tmp_path):
    ours = chunk(b"iTXt", "tripkit:prompt\0\0\0\0\0벚꽃".encode())
    path = tmp_path / "postcard.png"
    path.write_bytes(flat_png(8, 8, ours, text_bombs(1, b"iTXt"), chunk(b"tEXt", b"a\0b")))
    assert read_postcard(path) == {"tripkit:prompt": "벚꽃"}


# ---- the books


PRICE = registry.default_service("openai", "image")
HUGE = {"input_tokens": 10**400, "output_tokens": 5}


@pytest.mark.parametrize("tokens", [10**400, 10**9 + 1, -1, True, 1.5, "5", None, [], {}])
def test_a_count_that_is_none_bills_nothing_and_raises_nothing(tokens):
    assert prices.image_bill(PRICE, {"input_tokens": tokens, "output_tokens": 5}) is None
    assert prices.image_bill(PRICE, {"input_tokens": 5, "output_tokens": tokens}) is None
    details = {"input_tokens_details": {"image_tokens": tokens}, "output_tokens": 5}
    assert prices.image_bill(PRICE, {"input_tokens": 5, **details}) is None
    planner = registry.default_service("openai", "planner")
    assert prices.text_bill(planner, tokens, 5) is None


class Official(OpenAIImageBackend):
    """A backend that has OpenAI's prices, wherever it asks."""

    def _price(self):
        return PRICE


@pytest.mark.parametrize("usage", [HUGE, {"input_tokens": "\ud800"}, [], 5, "many"])
def test_a_paid_picture_is_kept_whatever_its_bill_says(tmp_path, monkeypatch, usage):
    monkeypatch.setattr("tripkit.services.openai_client.OpenAIConnection.here", False)
    answer = json.dumps({"data": [{"b64_json": picture(0)}], "usage": usage})
    with Hostile(AS_JSON, answer.encode()) as server:
        backend, ledger = Official("m", base_url=server.base_url, api_key=KEY), Ledger()
        postcard = backend.generate("a lake", keeper=Keeper(tmp_path), ledger=ledger)
    assert postcard.path.is_file() and postcard.cost_usd is None
    assert ledger.calls[0].state == "billed"
    assert ledger.spent_usd == ledger.calls[0].estimate.usd > 0


def test_what_a_broken_picture_cost_is_in_the_books(tmp_path, monkeypatch):
    monkeypatch.setattr("tripkit.services.openai_client.OpenAIConnection.here", False)
    usage = {"input_tokens": 100, "output_tokens": 400}
    answer = json.dumps({"data": [{"b64_json": "AAAA"}], "usage": usage})
    with Hostile(AS_JSON, answer.encode()) as server:
        backend, ledger = Official("m", base_url=server.base_url, api_key=KEY), Ledger()
        with pytest.raises(ServiceError, match="not a usable picture"):
            backend.generate("a lake", keeper=Keeper(tmp_path), ledger=ledger)
    assert ledger.calls[0].state == "possibly"
    assert ledger.spent_usd == prices.image_bill(PRICE, usage) != ledger.calls[0].estimate.usd


def chat(text, **usage) -> bytes:
    message = {"role": "assistant", "content": text}
    choices = [{"index": 0, "finish_reason": "stop", "message": message}]
    return json.dumps({"choices": choices, "usage": usage}).encode()


def planner_at(server, **options):
    return OpenAIPlanner("m", base_url=server.base_url, api_key=KEY, **options)


@pytest.mark.parametrize("text", ["Sure!", '{"trips": [', "{}", '{"trips": []}'])
def test_what_an_answer_without_a_plan_cost_is_in_the_books(monkeypatch, text):
    monkeypatch.setattr("tripkit.services.openai_client.OpenAIConnection.here", False)
    priced = registry.default_service("openai", "planner")
    monkeypatch.setattr(OpenAIPlanner, "_price", lambda self: priced)
    with Hostile(AS_JSON, chat(text, prompt_tokens=1000, completion_tokens=2000)) as server:
        planner, ledger = planner_at(server), Ledger()
        with pytest.raises(TripkitError):
            planner.plan("spring", language="en", ledger=ledger)
    assert ledger.calls[0].state in ("possibly", "billed")
    assert ledger.spent_usd == prices.text_bill(priced, 1000, 2000)


def test_the_schema_is_the_strict_one_of_the_sdk():
    from openai.lib._pydantic import to_strict_json_schema

    assert FORMAT["schema"] == to_strict_json_schema(WirePlan)


# ---- the key, other hosts, threads


def test_an_answer_that_holds_the_key_is_dropped(caplog):
    from fake_openai import wire_plan

    plan = wire_plan("en")
    plan["trips"][0]["stops"][0]["place"] = f"park {KEY[3:20].upper()}"
    caplog.set_level("DEBUG")
    head = AS_JSON[:-2] + f"X-Echo: {KEY}\r\n\r\n".encode()
    with Hostile(head, chat(json.dumps(plan))) as server:
        with pytest.raises(ServiceError, match="does not have the form"):
            planner_at(server).plan("spring", language="en")
    assert "x-echo" in caplog.text.lower()  # it is logged, but for the key
    assert KEY[:12] not in caplog.text and KEY[-12:] not in caplog.text


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(tmp_path, status):
    with Hostile(AS_JSON, chat("{}")) as other:
        head = f"HTTP/1.1 {status} Moved\r\nLocation: {other.base_url}\r\nContent-Length: 0\r\n\r\n"
        with Hostile(head.encode()) as server:
            with pytest.raises(ServiceError, match=f"HTTP {status}"):
                planner_at(server).plan("spring", language="en")
            error, _ = draw(server, tmp_path)
        assert error.details["kind"] == f"HTTP {status}" and other.asked == 0


@pytest.mark.parametrize("dripped", [OK + b"X: ", AS_JSON + b" "], ids=["head", "body"])
def test_after_a_time_out_nobody_listens_to_a_drip(monkeypatch, dripped):
    monkeypatch.setattr(OpenAIPlanner, "timeout", 0.3)
    monkeypatch.setattr(OpenAIPlanner, "max_retries", 0)
    with Hostile(dripped, b" ", again=True, pause=0.05) as server:
        started = time.monotonic()
        with pytest.raises(ServiceError, match="did not answer"):
            planner_at(server).plan("spring", language="en")
        assert time.monotonic() - started < 4
        assert server.left.wait(5) and server.asked == 1
    wait_for_readers()


PUNYCODE = b"Content-Type: text/html; charset=punycode\r\n\r\n"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("status", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 400 Bad\r\n"])
@pytest.mark.parametrize("charset", [b"punycode", b"idna", b"undefined", b"utf-8"])
def test_an_answer_in_a_costly_charset_is_read_as_utf_8(tmp_path, status, charset):
    head = status + b"Connection: close\r\n" + PUNYCODE.replace(b"punycode", charset)
    with Hostile(head, b"a" * 2_000_000) as server:
        started = time.monotonic()
        with pytest.raises(ServiceError):
            planner_at(server).plan("spring", language="en")
        error, _ = draw(server, tmp_path)
        assert isinstance(error, ServiceError) and time.monotonic() - started < 10


@pytest.mark.parametrize("packing", [b"gzip", b"br", b"deflate, gzip"])
def test_a_compressed_answer_is_refused_in_words(tmp_path, packing):
    with Hostile(OK + b"Content-Encoding: " + packing + b"\r\n\r\n", b"\x1f\x8b") as server:
        with pytest.raises(ServiceError, match="sent a compressed answer although") as raised:
            planner_at(server).plan("spring", language="en")
        error, _ = draw(server, tmp_path)
    assert raised.value.code == error.code == "answer_packed"
    assert "압축한 답" in error.message("ko") and "content-encoding" not in str(error)


def wait_for_readers(seconds=5.0):
    until = time.monotonic() + seconds
    while any(each.name == "tripkit-reader" for each in threading.enumerate()):
        assert time.monotonic() < until, "a reader lives on"
        time.sleep(0.02)


@pytest.mark.parametrize("usage", [5, "many", [1], {"prompt_tokens": "x"}])
def test_odd_usage_says_nothing_on_the_console(usage):
    from fake_openai import wire_plan

    body = json.loads(chat(json.dumps(wire_plan("en"))))
    with Hostile(AS_JSON, json.dumps({**body, "usage": usage}).encode()) as server:
        planner = planner_at(server)  # warnings are errors
        assert planner.plan("spring", language="en").trips and planner.cost_usd is None


# ---- marks on a letter, without end

PILES = {
    "two classes": "\u0300\u0316",
    "joined": "\u0300\u200d\u0316",
    "of their own class": "\u0345\u0f73",
    "hidden between": "\u0316\u200b\u0300\x00",
    "selectors": "\ufe0f\u034f",
}


@pytest.mark.parametrize("pile", [*PILES.values(), "각\u0300", "가 \u3164"], ids=ascii)
def test_cleaning_a_text_takes_a_time_that_grows_with_its_length(pile):
    def seconds(count):
        text = "a" + pile * (count // len(pile))
        started = time.thread_time()
        clean_text(text)
        return time.thread_time() - started

    short = min(seconds(5_000) for _ in range(3))
    assert min(seconds(20_000) for _ in range(3)) < 10 * short  # the square would be sixteen


@pytest.mark.parametrize("pile", PILES.values(), ids=PILES)
def test_a_letter_keeps_as_many_marks_as_writing_has(pile):
    cleaned = clean_text("a" + pile * 20_000 + "b")
    marks = [each for each in cleaned if unicodedata.category(each).startswith("M")]
    assert len(marks) <= MOST_MARKS and cleaned[-1] == "b"
    assert clean_text(cleaned) == cleaned and unicodedata.is_normalized("NFC", cleaned)
    for writing in ("Việt Nam", "ཧྐྵྨླྺྼྻྂ", "שָׁלוֹם", "क्ष्म्य", "👁️‍🗨️"):
        assert clean_text(writing) == unicodedata.normalize("NFC", writing)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("pile", [*PILES.values(), " ", "x", "\u200b"], ids=ascii)
def test_every_reader_of_text_is_done_with_a_megabyte_of_it_at_once(pile):
    text = "a" + pile * (2**20 // len(pile))
    started = time.monotonic()
    with pytest.raises(RequestError, match="at most 2000 are allowed"):
        normalise_request(text)
    assert len(clipped(text)) <= 40 and len(clean_text(text, 100)) <= 100
    assert find_color(text) is None and time.monotonic() - started < 5


def test_titles_of_a_planner_that_are_piles_of_marks_are_cut():
    from fake_openai import wire_plan

    plan = wire_plan("en")
    pile = "\u0300\u0316" * 12_000
    for trip in plan["trips"]:
        trip["title"] += pile
        trip["stops"][0]["place"] += pile
    with Hostile(AS_JSON, chat(json.dumps(plan))) as server:
        started = time.monotonic()
        drawn = planner_at(server).plan("spring", language="en")
        assert time.monotonic() - started < 5
    assert all(len(trip.title) < 100 and len(trip.stops[0].place) < 70 for trip in drawn.trips)


def test_a_number_without_end_is_quoted_by_its_kind():
    with pytest.raises(RequestError, match="int"):
        check_seed(10**5000)


# ---- local servers, the hub, folders


def test_a_local_server_that_drips_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(local_servers, "LOOK_SECONDS", 0.3)
    with Hostile(AS_JSON, b" ", again=True, pause=0.05) as server:
        odd = dataclasses.replace(local_servers.find_server("ollama"), base_url=server.base_url)
        monkeypatch.setattr(local_servers, "load_servers", lambda: (odd,))
        started = time.monotonic()
        assert local_servers.look() == {}
        assert time.monotonic() - started < 3


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent as a POSIX signal")
def test_one_ctrl_c_ends_a_look():
    code = (
        "import dataclasses, sys, threading, _thread; from tripkit.services import local_servers\n"
        "local_servers.LOOK_SECONDS = 60\n"
        "odd = dataclasses.replace(local_servers.find_server('ollama'), base_url=sys.argv[1])\n"
        "local_servers.load_servers = lambda: (odd,)\n"
        "threading.Timer(0.5, _thread.interrupt_main).start()\n"
        "local_servers.look()\n"
    )
    with Hostile(AS_JSON, b" ", again=True, pause=0.05) as server:
        started = time.monotonic()
        done = subprocess.run([sys.executable, "-c", code, server.base_url], capture_output=True)
        assert b"KeyboardInterrupt" in done.stderr and time.monotonic() - started < 20


@pytest.mark.parametrize("address", ["http://example.com", "file:///x", "https://[", "x"])
def test_an_address_of_the_hub_that_is_none_is_told_as_such(monkeypatch, address):
    monkeypatch.setenv("HF_ENDPOINT", address)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    with pytest.raises(RequestError, match="HF_ENDPOINT is not an address"):
        hub.list_files("a/b")


@pytest.mark.parametrize("pieces", [(AS_JSON, b"[" * 100_000), (AS_JSON, b'{"siblings":' * 9999)])
def test_a_list_of_the_hub_that_is_nested_without_end_is_no_list(monkeypatch, pieces):
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    with Hostile(*pieces) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.base_url)
        with pytest.raises(ServiceError, match="login page"):
            hub.list_files("a/b")


def test_a_list_of_the_hub_that_drips_has_an_end(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setattr(hub, "SMALL_SECONDS", 0.4)
    with Hostile(AS_JSON, b" ", again=True, pause=0.05) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.base_url)
        with pytest.raises(ServiceError, match="not there within"):
            hub.list_files("a/b")
        assert server.left.wait(5)


@pytest.mark.parametrize("path", ["unet/con.json", "NUL", "aux.safetensors", "com1.json"])
def test_a_device_of_windows_is_no_file_of_a_model(path):
    row = {"size": 1, "blobId": "0" * 40}
    assert hub._file({"rfilename": path, **row}) is None
    assert hub._file({"rfilename": "unet/config.json", **row}) is not None


@pytest.mark.parametrize(
    "index",
    ["[" * 100_000, "null", "5", "{}", "[]", "{", "\xff", json.dumps({"a" * 5000: ["d", "UNet"]})],
)
def test_a_broken_index_is_what_is_missing_of_a_model(tmp_path, monkeypatch, index):
    folder = tmp_path / "models" / "stabilityai--sd-turbo"
    folder.mkdir(parents=True)
    (folder / "model_index.json").write_text(index, "latin-1")
    assert missing_parts(folder)
    monkeypatch.setenv("TRIPKIT_DATA", str(tmp_path))
    assert commands.main(["services", "--offline", "--language", "en"]) == 0


@pytest.mark.parametrize("folder", [settings.postcards_folder, settings.data_folder])
def test_the_home_of_nobody_is_told(monkeypatch, folder):
    for name in ("TRIPKIT_POSTCARDS", "TRIPKIT_DATA"):
        monkeypatch.setenv(name, "~nobody-of-this-name/x")
    with pytest.raises(StorageError, match="~nobody-of-this-name/x begins with the home"):
        folder()


def test_a_name_that_is_too_long_is_told(capsys):
    assert commands.main(["postcard", "x", "--out", "y" * 300 + ".png", "--language", "en"]) == 1
    assert "its name is too long" in capsys.readouterr().err


def test_the_largest_answer_holds_the_largest_pictures():
    assert images.ANSWER_LIMIT >= (images.MAX_PARTIALS + 1) * MOST_PIXELS * 3 * 4 / 3
