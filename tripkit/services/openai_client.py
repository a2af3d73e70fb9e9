"""Where an OpenAI-compatible server is, and the SDK's client for it, made when it is first needed.

The key stays in the client: nothing here prints or keeps it elsewhere.
"""

from __future__ import annotations

import ipaddress
import threading
import weakref
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tripkit.core import settings
from tripkit.core.errors import ServiceError
from tripkit.core.redaction import hide_in_logs, holds_part
from tripkit.core.settings import is_openai
from tripkit.core.text import clean_text
from tripkit.services.openai_errors import Asked, explain

if TYPE_CHECKING:
    from openai import OpenAI

LIBRARIES = ("openai", "httpx2", "httpcore2")  # whose logs repeat headers
TEXT_LIMIT = 4 * 2**20  # bytes of an answer
MAX_MODEL = 100  # characters of a model's name
_NO_KEY = "none"  # the SDK wants a key; servers on this computer do not


class OpenAIConnection:
    """A server and a client for it.

    Args:
        client: an ``openai.OpenAI`` to use as it is.
        base_url: the server; None means ``OPENAI_BASE_URL``, else OpenAI.
        api_key: None means ``OPENAI_API_KEY``, which is sent only to OpenAI or to the server in
            ``OPENAI_BASE_URL``, never to an address given here.
        limit: how many bytes an answer may have; not for a client that is given.

    The environment is read at the first call, so a key may be set after an object was made.
    """

    def __init__(
        self,
        client: OpenAI | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        limit: int = TEXT_LIMIT,
    ):
        self._limit = limit
        self._client = client
        self._given_url = base_url
        self._given_key = (lambda: api_key) if api_key else None  # no repr shows a closure
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def base_url(self) -> str:
        """The address of the server."""
        if self._client is not None:
            return str(self._client.base_url).rstrip("/")
        if self._given_url is None:
            return settings.openai_base_url()
        return settings.checked_url(str(self._given_url), "base_url")

    @property
    def openai(self) -> bool:
        """Whether it is OpenAI's own service."""
        return is_openai(self.base_url)

    @property
    def here(self) -> bool:
        """Whether the server runs on this computer, so that nobody bills its work."""
        host = urlsplit(self.base_url).hostname or ""
        if host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:  # a name
            return False

    @property
    def service(self) -> str:
        """``"OpenAI"``, or host and port, for messages."""
        parts = urlsplit(self.base_url)  # the host alone: an address may hold a password
        host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
        return "OpenAI" if self.openai else host or ""

    def asked(self, model: str, seconds: float) -> Asked:
        """The fields that messages on a call need."""
        return Asked(self.service, model, seconds, self.openai)

    def client(self, timeout: float, max_retries: int) -> OpenAI:
        """The ``openai.OpenAI`` of this server, with these limits.

        Raises:
            MissingKeyError: ``key_missing`` or ``key_malformed``.
            ServiceError: ``package_missing``, or the SDK refused to start.
        """
        with self._lock:
            if self._client is None:
                self._client = self._connect()
                # Sockets close with this object, not when the garbage is collected.
                weakref.finalize(self, self._client.close)
        hide_in_logs(self._client.api_key, *LIBRARIES)  # a server may send it back
        return self._client.with_options(timeout=timeout, max_retries=max_retries)

    def holds_key(self, *texts: str) -> bool:
        """Whether a part of the key stands in one of the texts, once the client is made."""
        client = self._client
        return client is not None and any(holds_part(text, client.api_key) for text in texts)

    def _connect(self) -> OpenAI:
        key = self._key()
        try:
            from openai import OpenAI, OpenAIError

            from tripkit.services.openai_http import bounded_client
        except ModuleNotFoundError as error:
            raise ServiceError("package_missing", package=error.name) from None
        try:
            return OpenAI(
                api_key=key,
                base_url=self.base_url,
                http_client=bounded_client(self.service, self._limit),
                default_headers={"Accept-Encoding": "identity"},
            )
        except OpenAIError as error:
            problem = explain(error, self.asked("", 0))
        except Exception as error:  # proxies and headers that the environment sets
            problem = self.asked("", 0).error("service_failed", type(error).__name__)
        raise problem

    def _key(self) -> str:
        if self._given_key is not None:
            return settings.checked_key(self._given_key(), "api_key") or _NO_KEY
        ours = self.openai or self._given_url is None
        key = settings.openai_key() if ours else None
        if key is None and self.openai:
            raise self.asked("", 0).error("key_missing")
        return key or _NO_KEY


def model_name(model: str | None, default: str) -> str:
    """The model's name without what no name holds, and of bounded length."""
    return clean_text(model or "")[:MAX_MODEL] or default
