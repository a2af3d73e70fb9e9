"""Downloads: what counts as good, mirrors that misbehave in every way, disks that fill up."""

import _thread
import contextlib
import errno
import gzip
import hashlib
import logging
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError

import pytest

from tripkit.core.errors import ServiceError, StorageError
from tripkit.core.files import write_whole
from tripkit.downloads import files
from tripkit.downloads.files import KnownFile, Unusable, fetch, obtain, verified

ROOT = Path(__file__).resolve().parent.parent
DATA = b"\0\0\x08\x01" + bytes(range(256)) * 400


def packed(data, level=9):
    return gzip.compress(data, level, mtime=0)  # the same bytes in each run


PACKED = packed(DATA)
FILE = KnownFile("little-idx1-ubyte", len(DATA), hashlib.md5(DATA).hexdigest())
NOWHERE = "http://127.0.0.1:1/"  # nobody listens there
LOGIN_PAGE = b"<!doctype html><title>Free Wi-Fi</title>" * 100


# ---------------------------------------------------------------- mirrors


def sends(body, status=200, **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in {"Content_Length": len(body), **headers}.items():
            handler.send_header(name.replace("_", "-"), str(value))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hangs(handler):
    handler.server.closing.wait(10)


def hangs_in_the_middle(handler):
    sends(PACKED[:100], Content_Length=len(PACKED))(handler)
    handler.wfile.flush()
    hangs(handler)


def trickles_its_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not handler.server.closing.wait(0.02):
        handler.wfile.write(b"x")


def trickles_its_body(handler):
    sends(b"", Content_Length=len(PACKED))(handler)
    for byte in PACKED:
        if handler.server.closing.wait(0.02):
            break
        handler.wfile.write(bytes([byte]))


def sends_without_end(handler):
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.closing.is_set():
        handler.wfile.write(bytes(65_536))


def hangs_up(handler):
    handler.close_connection = True


def redirects_in_a_circle(handler):
    sends(b"", 302, Location=handler.path)(handler)


@pytest.fixture
def mirror(monkeypatch):
    """Starts a mirror that answers as it is told; returns its address."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    started = []

    def start(answer):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.server.requests.append(self.path)
                with contextlib.suppress(OSError):  # the reader has gone
                    answer(self)

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.closing, server.requests = threading.Event(), []
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        started.append(server)
        address = f"http://127.0.0.1:{server.server_port}/"
        start.requests[address] = server.requests
        return address

    start.requests = {}
    yield start
    for server in started:
        server.closing.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(files, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(files, "TOTAL_SECONDS", 1.0)


def stored(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


# ---------------------------------------------------------------- what counts as good


@pytest.mark.parametrize("data", [DATA, PACKED, packed(DATA, 1)], ids=len)
def test_bytes_are_good_unpacked_or_packed_however_well(data):
    assert verified(data, FILE) == DATA


def changed(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "it is incomplete"),
        (DATA[:-1], "it is incomplete"),
        (PACKED[:-1], "it is incomplete"),
        (PACKED[: len(PACKED) // 2], "it is incomplete"),
        (PACKED[:5], "it is incomplete"),
        (packed(DATA[:-1]), "it is incomplete"),
        (DATA + b"x", f"it is larger than {len(DATA)} bytes"),
        (packed(DATA + b"x"), f"it is larger than {len(DATA)} bytes"),
        (changed(DATA, 1000), "its checksum is wrong"),
        (packed(changed(DATA, 1000)), "its checksum is wrong"),
        (changed(PACKED, len(PACKED) // 2), "damaged|checksum|incomplete"),
        (changed(PACKED, len(PACKED) - 6), "it is damaged"),  # gzip's own checksum
        (PACKED + b"more", "it is damaged"),
        (LOGIN_PAGE, "something else .a Wi-Fi login page, perhaps"),
    ],
    ids=range(14),
)
def test_anything_else_is_not_good(data, problem):
    with pytest.raises(Unusable, match=problem):
        verified(data, FILE)


@pytest.mark.parametrize("length", range(0, len(PACKED), 97))
def test_no_beginning_of_a_packed_file_passes_for_the_file(length):
    with pytest.raises(Unusable, match="incomplete|something else"):
        verified(PACKED[:length], FILE)


def test_a_gzip_bomb_is_unpacked_no_further_than_the_known_size(monkeypatch):
    asked = []
    read = gzip.GzipFile.read
    monkeypatch.setattr(
        gzip.GzipFile, "read", lambda self, size=-1: asked.append(size) or read(self, size)
    )
    with pytest.raises(Unusable, match="it is larger than"):
        verified(packed(bytes(9_000_000)), FILE)
    assert asked == [len(DATA) + 1]


# ---------------------------------------------------------------- a good download


def test_a_download_is_stored_as_it_came_and_used_from_then_on(mirror, tmp_path):
    address = mirror(sends(PACKED))
    folder = tmp_path / "new" / "folder"
    assert obtain(FILE, folder, [address]) == DATA
    assert (folder / f"{FILE.name}.gz").read_bytes() == PACKED
    assert obtain(FILE, folder, [NOWHERE]) == DATA  # no network needed any more
    assert mirror.requests[address] == [f"/{FILE.name}.gz"]
    assert stored(folder) == [f"{FILE.name}.gz"]


def test_a_server_that_unpacks_on_its_way_is_fine(mirror, tmp_path):
    assert obtain(FILE, tmp_path, [mirror(sends(DATA))]) == DATA
    assert stored(tmp_path) == [FILE.name]


def test_redirects_are_followed(mirror, tmp_path):
    target = mirror(sends(PACKED))
    here = mirror(sends(b"", 302, Location=f"{target}there"))
    assert obtain(FILE, tmp_path, [here]) == DATA


@pytest.mark.parametrize("address", ["http://[x/there", "http://a..b/there"])
def test_a_redirect_to_what_is_no_address_counts_as_no_connection(mirror, address):
    with pytest.raises(Unusable, match="^no connection$"):
        fetch(mirror(sends(b"", 302, Location=address)), 10_000)


@pytest.mark.parametrize(
    ("name", "data"),
    [(FILE.name, DATA), (f"{FILE.name}.gz", PACKED)],
    ids=["unpacked", "packed"],
)
def test_a_file_that_the_user_has_put_there_is_used_and_nothing_is_written(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    assert obtain(FILE, tmp_path, [NOWHERE]) == DATA
    assert stored(tmp_path) == [name]


# ---------------------------------------------------------------- bad mirrors


BAD = {
    "not_found": (sends(b"no", 404), "HTTP status 404"),
    "forbidden": (sends(LOGIN_PAGE, 403), "HTTP status 403"),
    "out_of_order": (sends(b"oh", 500), "HTTP status 500"),
    "circle": (redirects_in_a_circle, "HTTP status 302"),
    "login_page": (sends(LOGIN_PAGE), "it is something else"),
    "empty": (sends(b""), "it is incomplete"),
    "truncated": (sends(PACKED[:-30], Content_Length=len(PACKED)), "it is incomplete"),
    "cut_and_packed": (sends(packed(DATA[:-9])), "it is incomplete"),
    "other_bytes": (sends(packed(changed(DATA, 99))), "its checksum is wrong"),
    "bomb": (sends(packed(bytes(9_000_000))), f"it is larger than {len(DATA)} bytes"),
    "without_end": (sends_without_end, "it is larger than"),
    "hangs_up": (hangs_up, "no connection"),
    "hangs": (hangs, "not there within 0.5 seconds"),
    "hangs_in_the_middle": (hangs_in_the_middle, "not there within 0.5 seconds"),
    "trickles_its_headers": (trickles_its_headers, "not there within 1.0 seconds"),
    "trickles_its_body": (trickles_its_body, "not there within 1.0 seconds"),
}


@pytest.mark.parametrize(("answer", "problem"), BAD.values(), ids=BAD)
def test_a_bad_mirror_is_given_up_and_named_and_nothing_is_stored(
    mirror, tmp_path, impatient, answer, problem
):
    address = mirror(answer)
    start = time.monotonic()
    with pytest.raises(ServiceError, match=problem) as caught:
        obtain(FILE, tmp_path, [address])
    assert time.monotonic() - start < 3
    assert address.split("/")[2] in str(caught.value)  # host and port
    assert caught.value.code == "mnist_not_downloaded"
    assert stored(tmp_path) == []


@pytest.mark.parametrize("answer", [answer for answer, _ in BAD.values()], ids=BAD)
def test_after_a_bad_mirror_comes_the_next(mirror, tmp_path, impatient, answer):
    assert obtain(FILE, tmp_path, [mirror(answer), mirror(sends(PACKED))]) == DATA
    assert stored(tmp_path) == [f"{FILE.name}.gz"]


def test_a_mirror_that_failed_is_asked_last_from_then_on(mirror, tmp_path):
    bad, good = mirror(sends(b"", 503)), mirror(sends(PACKED))
    mirrors = [bad, NOWHERE, good]
    obtain(FILE, tmp_path / "a", mirrors)
    assert mirrors == [good, bad, NOWHERE]
    obtain(FILE, tmp_path / "b", mirrors)
    assert len(mirror.requests[bad]) == 1 and len(mirror.requests[good]) == 2


def test_without_a_network_the_error_names_every_mirror_and_both_ways_out(tmp_path):
    with pytest.raises(ServiceError, match="127.0.0.1:1: no connection; localhost:1") as caught:
        obtain(FILE, tmp_path, [NOWHERE, "http://localhost:1/"])
    said = str(caught.value)
    assert FILE.name in said and str(tmp_path) in said and 'source="offline"' in said
    assert "연결되지 않아요, localhost:1" in caught.value.message("ko")


def test_what_a_server_says_is_never_repeated(mirror, tmp_path):
    with pytest.raises(ServiceError, match="HTTP status 500") as caught:
        obtain(FILE, tmp_path, [mirror(sends(b"secret", 500, X_Note="secret"))])
    assert "secret" not in str(caught.value)


def test_a_certificate_that_cannot_be_checked_is_told_apart(monkeypatch, tmp_path):
    def refuse(*args, **kwargs):
        raise URLError(ssl.SSLCertVerificationError(1, "unable to get local issuer certificate"))

    monkeypatch.setattr(files, "urlopen", refuse)
    with pytest.raises(ServiceError, match="its certificate cannot be checked .on macOS, run"):
        obtain(FILE, tmp_path, [NOWHERE])


def test_an_error_that_nobody_foresaw_is_not_taken_for_a_bad_network(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "urlopen", lambda *args, **kwargs: None.nothing)
    with pytest.raises(AttributeError, match="nothing"):
        obtain(FILE, tmp_path, [NOWHERE])


def test_a_thread_that_was_given_up_ends_when_the_next_bytes_come(mirror, impatient):
    with pytest.raises(Unusable, match="not there within"):
        fetch(mirror(trickles_its_body), 10_000)
    waiting = [each for each in threading.enumerate() if each.name == "tripkit-download"]
    for thread in waiting:
        thread.join(2)
        assert not thread.is_alive()


# ---------------------------------------------------------------- damaged files


@pytest.mark.parametrize(
    "data",
    [b"", PACKED[:-9], LOGIN_PAGE, packed(b"\0\0\x08\x01")],
    ids=["empty", "cut", "page", "short"],
)
def test_a_damaged_file_is_named_in_the_log_and_downloaded_again(mirror, tmp_path, caplog, data):
    path = tmp_path / f"{FILE.name}.gz"
    path.write_bytes(data)
    with caplog.at_level(logging.WARNING, "tripkit"):
        assert obtain(FILE, tmp_path, [mirror(sends(PACKED))]) == DATA
    assert path.name in caplog.text and "downloading again" in caplog.text
    assert path.read_bytes() == PACKED


def test_a_damaged_file_without_a_network_is_an_error_that_says_both(tmp_path):
    (tmp_path / FILE.name).write_bytes(changed(DATA, 5000))
    with pytest.raises(ServiceError, match=f"{FILE.name}: its checksum is wrong; 127.0.0.1:1: no"):
        obtain(FILE, tmp_path, [NOWHERE])


def test_a_good_file_beside_a_damaged_one_is_used_in_silence(tmp_path, caplog):
    (tmp_path / FILE.name).write_bytes(DATA[:-1])
    (tmp_path / f"{FILE.name}.gz").write_bytes(PACKED)
    with caplog.at_level(logging.DEBUG, "tripkit"):
        assert obtain(FILE, tmp_path, [NOWHERE]) == DATA
    assert caplog.text == ""


def test_what_is_no_file_is_not_read(mirror, tmp_path):
    (tmp_path / FILE.name).mkdir()
    assert obtain(FILE, tmp_path, [mirror(sends(PACKED))]) == DATA


# ---------------------------------------------------------------- disks and interruptions


def fails_with(number):
    def fail(*args):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "writing is not allowed"),
        (errno.EIO, "EIO"),
    ],
)
def test_a_disk_that_fails_leaves_nothing_behind(
    mirror, monkeypatch, tmp_path, step, number, reason
):
    monkeypatch.setattr(os, step, fails_with(number))
    with pytest.raises(StorageError, match=f"{reason}.*Free some space.*TRIPKIT_DATA") as caught:
        obtain(FILE, tmp_path, [mirror(sends(PACKED))])
    assert caught.value.code == "mnist_not_saved" and caught.value.message("ko")
    assert stored(tmp_path) == []


def test_a_full_disk_leaves_the_older_file_as_it_was(monkeypatch, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"older")
    monkeypatch.setattr(os, "fsync", fails_with(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"newer")
    assert path.read_bytes() == b"older" and stored(tmp_path) == ["file"]


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_downloaded(mirror, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    address = mirror(sends(PACKED))
    with pytest.raises(StorageError, match="it is not a folder"):
        obtain(FILE, tmp_path / "file" / "mnist", [address])
    assert mirror.requests[address] == []


@pytest.fixture
def hears_ctrl_c():
    """Whoever runs the tests in the background may have told their processes to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_while_waiting_comes_through_at_once(mirror, tmp_path, hears_ctrl_c):
    def interrupts(handler):
        _thread.interrupt_main()
        hangs(handler)

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        obtain(FILE, tmp_path, [mirror(interrupts)])
    assert time.monotonic() - start < 3
    assert stored(tmp_path) == []


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_ctrl_c_while_writing_leaves_nothing_behind(mirror, monkeypatch, tmp_path, step):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, step, interrupt)
    with pytest.raises(KeyboardInterrupt):
        obtain(FILE, tmp_path, [mirror(sends(PACKED))])
    assert stored(tmp_path) == []


# ---------------------------------------------------------------- several at once


def test_many_threads_that_download_the_same_file_all_get_it(mirror, tmp_path):
    address = mirror(sends(PACKED))
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(obtain, FILE, tmp_path, [address]) for _ in range(8)]
    assert {each.result() for each in done} == {DATA}
    assert stored(tmp_path) == [f"{FILE.name}.gz"]


def test_a_file_that_another_process_has_just_stored_is_enough(mirror, monkeypatch, tmp_path):
    """On Windows a file that another process reads cannot be replaced."""

    def refuse(part, path):
        Path(path).write_bytes(PACKED)  # the other process
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(os, "replace", refuse)
    assert obtain(FILE, tmp_path, [mirror(sends(PACKED))]) == DATA
    assert stored(tmp_path) == [f"{FILE.name}.gz"]


CHILD = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from tripkit.downloads.files import KnownFile, obtain
name, size, md5, folder, address, slow = sys.argv[1:]
if slow == "slow":
    os.fsync = lambda handle: print("writing", flush=True) or time.sleep(30)
print(len(obtain(KnownFile(name, int(size), md5), Path(folder), [address])))
"""


def child(folder, address, slow=""):
    arguments = [FILE.name, str(FILE.size), FILE.md5, str(folder), address, slow]
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments], stdout=subprocess.PIPE, cwd=ROOT
    )


@pytest.mark.process
def test_two_processes_do_not_disturb_each_other(mirror, tmp_path):
    both = threading.Barrier(2)

    def answer(handler):
        both.wait(20)  # so that they really download at the same time
        sends(PACKED)(handler)

    address = mirror(answer)
    children = [child(tmp_path, address) for _ in range(2)]
    assert [each.communicate(timeout=60)[0].strip() for each in children] == [b"%d" % FILE.size] * 2
    assert stored(tmp_path) == [f"{FILE.name}.gz"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_process_killed_while_writing_leaves_nothing_that_a_later_run_trusts(
    mirror, tmp_path, sent
):
    address = mirror(sends(PACKED))
    with child(tmp_path, address, "slow") as process:
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(sent)
    assert process.returncode != 0
    assert not (tmp_path / f"{FILE.name}.gz").exists()
    if sent == signal.SIGINT:
        assert stored(tmp_path) == []
    assert obtain(FILE, tmp_path, [address]) == DATA  # beside what the killed one left
    assert len(mirror.requests[address]) == 2
