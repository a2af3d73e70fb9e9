"""What all tests share: no network but loopback, no files outside temporary folders, one thread."""

import gc
import itertools
import os
import socket
import sys

import pytest

# Also for the processes that tests start. OMP_NUM_THREADS is read by torch when it is imported.
os.environ.setdefault("TRIPKIT_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

# Each worker imports torch and all the rest to collect the tests: none of that is garbage.
gc.disable()
# To check addresses in other scripts, which nothing here does, jsonschema would build 38 grammars.
sys.modules.setdefault("rfc3987_syntax", None)

SET_BY_USERS = (
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_ORG_ID",
    "OPENAI_PROJECT_ID",
    "TRIPKIT_LANGUAGE",
    "TRIPKIT_DIGITS",
)
_LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::")
_real_connect = socket.socket.connect
_real_connect_ex = socket.socket.connect_ex
_real_sendto = socket.socket.sendto
_real_getaddrinfo = socket.getaddrinfo


def pytest_collection_finish():
    """From here on garbage is looked for, in what the tests themselves make."""
    gc.freeze()
    gc.enable()


class NetworkBlocked(OSError):
    """A test tried to reach something beyond this machine."""


def _check(address):
    # Unix sockets have a path for an address; they stay on this machine.
    host = address[0] if isinstance(address, tuple) else None
    if host is not None and host not in _LOOPBACK and not str(host).startswith("127."):
        raise NetworkBlocked(f"tests may only connect to loopback, not to {host!r}")


def _connect(self, address):
    _check(address)
    return _real_connect(self, address)


def _connect_ex(self, address):
    _check(address)
    return _real_connect_ex(self, address)


def _sendto(self, data, *rest):
    _check(rest[-1])
    return _real_sendto(self, data, *rest)


def _getaddrinfo(host, *args, **kwargs):
    name = host.decode() if isinstance(host, bytes) else host
    if name:  # None and "" mean this machine
        _check((name,))
    return _real_getaddrinfo(host, *args, **kwargs)


@pytest.fixture(autouse=True, scope="session")
def _only_loopback():
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _connect)
    patch.setattr(socket.socket, "connect_ex", _connect_ex)
    patch.setattr(socket.socket, "sendto", _sendto)
    patch.setattr(socket, "getaddrinfo", _getaddrinfo)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def _new_folder(tmp_path_factory):
    """Makes a folder at each call; `mktemp` would read through all earlier ones for a name."""
    base, numbers = tmp_path_factory.mktemp("postcards"), itertools.count()

    def make():
        folder = base / str(next(numbers))
        folder.mkdir()
        return folder

    return make


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch, _new_folder):
    """Every test starts without keys, addresses and a language, with a folder for postcards."""
    for name in SET_BY_USERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRIPKIT_POSTCARDS", str(_new_folder()))


@pytest.fixture(autouse=True)
def _one_thread_and_one_seed():
    """Keep torch, once a test has imported it, to one thread: two cores are shared by all.

    Untrained networks start alike in every run.
    """
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "set_num_threads"):  # not half imported
        torch.set_num_threads(1)
        torch.manual_seed(0)
    yield


@pytest.fixture(scope="module")
def running():
    """A fake OpenAI server for the tests of one file."""
    from fake_openai import FakeOpenAI  # imports openai, which takes a second

    with FakeOpenAI() as server:
        yield server


@pytest.fixture
def server(running):
    """The fake OpenAI server, as if nobody had asked it before."""
    running.requests.clear()
    running.closed_by_client.clear()
    return running


@pytest.fixture
def official(server):
    """The SDK's client of what looks like api.openai.com."""
    from fake_openai import sdk

    with sdk(server) as client:
        yield client


@pytest.fixture
def elsewhere(server):
    """The SDK's client of another server that speaks OpenAI's protocol."""
    from fake_openai import sdk

    with sdk(server, official=False) as client:
        yield client
