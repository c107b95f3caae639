"""Calls over HTTP, made as if the other side meant harm."""

import asyncio
import re
import ssl
import time
from dataclasses import dataclass
from typing import Final, Self

import aiohttp
from aiohttp import ClientResponse, ClientSession, DummyCookieJar, TCPConnector, hdrs
from aiohttp.abc import AbstractResolver

from adapters.outbound.calls.names import SystemNames
from adapters.outbound.calls.signing import signed_headers
from adapters.outbound.calls.sockets import AddressRefusedError, checked_socket
from core.entities.webhooks.delivery import MAX_ANSWER_BYTES, Attempt
from core.ports.webhooks.sender import Call

_MAX_READ_BYTES: Final = 16 * 1024
"""Of an answer that nobody reads to its end."""
_ANSWER_SECONDS: Final = 2.0
"""For an answer's body: once its head is there, the call is over."""
_SECONDS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CallLimits:
    """How much a call may take."""

    total_seconds: float = 15.0
    allow_loopback: bool = False


class HttpWebhookSender:
    """A `WebhookSender`. A connection serves one call: nothing that one endpoint does to it can
    meet another one. No proxy, no cookies, no redirects, nothing unpacked.
    """

    def __init__(self, limits: CallLimits, resolver: AbstractResolver | None = None) -> None:
        self._limits = limits
        self._resolver = resolver
        self._names: AbstractResolver | None = None
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Connects to nobody yet."""
        self._names = self._resolver or SystemNames()
        connector = TCPConnector(
            limit=0,
            force_close=True,
            # Looked up for every call, but once at a time: who waits for a name shares the lookup.
            use_dns_cache=True,
            ttl_dns_cache=0,
            resolver=self._names,
            socket_factory=checked_socket(allow_loopback=self._limits.allow_loopback),
        )
        self._session = ClientSession(
            connector=connector,
            cookie_jar=DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            read_bufsize=_MAX_READ_BYTES,
            timeout=aiohttp.ClientTimeout(total=self._limits.total_seconds),
            skip_auto_headers=(hdrs.ACCEPT, hdrs.ACCEPT_ENCODING),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
        if self._names is not None:
            await self._names.close()

    async def send(self, call: Call) -> Attempt:
        """How it went."""
        started = time.monotonic()
        status, error, answer, retry_after_seconds = None, None, b"", None
        try:
            async with self._entered().post(
                call.url, data=call.body, headers=signed_headers(call), allow_redirects=False
            ) as response:
                status = response.status
                retry_after_seconds = _retry_after(response)
                answer = await _beginning(response)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as caught:
            error = None if status is not None else self._sentence(caught)
        return Attempt(
            call.at, time.monotonic() - started, status, error, answer, retry_after_seconds
        )

    def _entered(self) -> ClientSession:
        if self._session is None:
            raise RuntimeError("the sender was not entered")
        return self._session

    def _sentence(self, error: Exception) -> str:
        """What its owner may know: how our network looks is no business of theirs."""
        match error:
            case TimeoutError():
                return f"no answer within {self._limits.total_seconds:g} s"
            case aiohttp.ClientConnectorDNSError():
                return "the name does not resolve"
            case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
                return "the TLS certificate or handshake was refused"
            case aiohttp.ClientConnectorError() if _is_refused(error):
                return "the address is not public, so it was not called"
            case aiohttp.ClientConnectorError():
                return "no connection"
            case ssl.SSLError():
                return "the TLS certificate or handshake was refused"
            case aiohttp.InvalidURL() | ValueError():
                return "the URL cannot be called, or the answer is not HTTP"
        return "the connection was cut, or the answer is not HTTP"


def _is_refused(error: BaseException | None) -> bool:
    """Whether that, or what it was raised from, is a refusal of ours."""
    if isinstance(error, BaseExceptionGroup):
        return any(_is_refused(one) for one in error.exceptions)
    if error is None or isinstance(error, AddressRefusedError):
        return error is not None
    return _is_refused(error.__cause__) or (
        isinstance(error, aiohttp.ClientConnectorError) and _is_refused(error.os_error)
    )


def _retry_after(response: ClientResponse) -> int | None:
    value = response.headers.get(hdrs.RETRY_AFTER, "")
    return int(value) if _SECONDS.fullmatch(value) else None


async def _beginning(response: ClientResponse) -> bytes:
    """The first bytes of the answer, as far as they come soon; the rest is cut off."""
    body = bytearray()
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            while len(body) < MAX_ANSWER_BYTES and (chunk := await response.content.readany()):
                body += chunk
    except (aiohttp.ClientError, OSError, TimeoutError):
        pass  # The status was what mattered.
    finally:
        response.close()
    return bytes(body[:MAX_ANSWER_BYTES])
