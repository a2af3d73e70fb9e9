"""Where things are, and what the environment says."""

import os
import tomllib
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_cache_dir

from tripkit.core import machine
from tripkit.core.errors import MissingKeyError, RequestError, StorageError
from tripkit.core.messages import LANGUAGES
from tripkit.core.text import clipped

OPENAI_BASE_URL = "https://api.openai.com/v1"


def package_folder() -> Path:
    """The folder of the installed package."""
    return Path(__file__).resolve().parent.parent


def read_data(name: str) -> dict:
    """What a TOML file of the package's ``data`` folder holds."""
    return tomllib.loads((package_folder() / "data" / name).read_text(encoding="utf-8"))


def weights_folder() -> Path:
    """The folder of the shipped models, one folder each."""
    return package_folder() / "weights"


def postcards_folder() -> Path:
    """Where postcards are saved: ``TRIPKIT_POSTCARDS``, else ``./postcards``.

    Raises:
        StorageError: ``no_home``, see `expanded`.
    """
    return expanded(os.environ.get("TRIPKIT_POSTCARDS", "").strip() or "postcards")


def expanded(path: str) -> Path:
    """The path with ``~`` and ``~name`` as their home folders.

    Raises:
        StorageError: ``no_home``, there is no such user.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise StorageError("no_home", path=clipped(path, 80)) from None


def data_folder() -> Path:
    """Where data sets are kept: ``TRIPKIT_DATA``, else ``tripkit`` in the user's cache folder.

    That is ``%LOCALAPPDATA%`` on Windows, else ``$XDG_CACHE_HOME``, which has a default:
    ``~/Library/Caches`` on macOS, ``~/.cache`` elsewhere. The folder is not made here.

    Raises:
        StorageError: ``no_home``, see `expanded`.
    """
    if chosen := os.environ.get("TRIPKIT_DATA", "").strip():
        return expanded(chosen)
    # Neither an author nor "Cache" in the path on Windows: the folder kept its name.
    return expanded(user_cache_dir("tripkit", appauthor=False, opinion=False))


def openai_key() -> str | None:
    """The key in ``OPENAI_API_KEY``, stripped, or None where none is set.

    Raises:
        MissingKeyError: ``key_malformed``, the key holds blanks or characters beyond ASCII. An HTTP
            header could not carry it, and the SDK would only say ``UnicodeEncodeError``.
    """
    return checked_key(os.environ.get("OPENAI_API_KEY", ""), "OPENAI_API_KEY") or None


def checked_key(key: str, variable: str) -> str:
    """The key, stripped.

    Raises:
        MissingKeyError: ``key_malformed``, see `openai_key`.
    """
    key = key.strip()
    if not all("!" <= character <= "~" for character in key):
        raise MissingKeyError("key_malformed", variable=variable)
    return key


def openai_base_url() -> str:
    """The address in ``OPENAI_BASE_URL``, else OpenAI's own, without a closing slash.

    Raises:
        RequestError: ``bad_base_url``, see `checked_url`.
    """
    url = os.environ.get("OPENAI_BASE_URL", "").strip() or OPENAI_BASE_URL
    return checked_url(url, "OPENAI_BASE_URL")


def checked_url(url: str, variable: str) -> str:
    """The address of a server, stripped and without a closing slash.

    Raises:
        RequestError: ``bad_base_url``, it is not an http(s) address. The text does not repeat it:
            addresses may hold passwords.
    """
    url = url.strip()
    if _host(url) is None:
        raise RequestError("bad_base_url", variable=variable)
    return url.rstrip("/")


def is_openai(base_url: object) -> bool:
    """Whether the address is OpenAI's own (any region), not of a server that speaks like it."""
    host = _host(str(base_url)) or ""
    return host == "api.openai.com" or host.endswith(".api.openai.com")


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.port != 0
        return parts.hostname if usable else None
    except ValueError:  # an unclosed IPv6 bracket, a port that is no number
        return None


def check_language(language: str) -> str:
    """The language, where it is one that tripkit speaks.

    Raises:
        RequestError: ``unknown_language``.
    """
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise RequestError("unknown_language", language=clipped(language, 20), known=known)
    return language


def check_option(option: str, value: str, known: Collection[str]) -> str:
    """The value of an option, where it is one that there is.

    Raises:
        RequestError: ``bad_option``.
    """
    if value not in known:
        names = ", ".join(known)
        raise RequestError("bad_option", option=option, value=clipped(value), known=names)
    return value


def bf16() -> bool | None:
    """Whether to train in bf16: ``TRIPKIT_BF16``, 1 or 0; None leaves it to the machine.

    Raises:
        RequestError: ``bad_option``, the variable is neither.
    """
    value = os.environ.get("TRIPKIT_BF16", "").strip()
    return check_option("TRIPKIT_BF16", value, ("0", "1")) == "1" if value else None


def cpu_threads() -> int:
    """Threads for the models: ``TRIPKIT_THREADS``, else at most 4 of the CPUs we may use.

    Raises:
        RequestError: ``bad_threads``, the variable is not a whole number from 1 to 1024.
    """
    value = os.environ.get("TRIPKIT_THREADS", "").strip()
    if not value:
        return min(4, machine.cores())
    if not (value.isascii() and value.isdigit() and len(value) < 5 and 1 <= int(value) <= 1024):
        raise RequestError("bad_threads", variable="TRIPKIT_THREADS", value=clipped(value, 20))
    return int(value)
