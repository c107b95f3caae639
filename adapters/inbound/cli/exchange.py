"""One request and its answer over HTTP; what aiohttp raises stops here."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    hdrs,
)

from adapters.inbound.cli.answers import Answer, JsonObject, Problem, json_object
from adapters.inbound.cli.failures import NotUnderstoodError, RefusedError, UnreachableError
from adapters.inbound.cli.retrying import Failed, TransientError, retry_after_seconds

MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
CONNECT_SECONDS: Final = 5.0
ANSWER_SECONDS: Final = 20.0
"""For the service to answer, beyond what it was asked to wait."""
PROBLEM_JSON: Final = "application/problem+json"
_TRANSIENT: Final = frozenset({429, 502, 503, 504})
_CHUNK_BYTES: Final = 64 * 1024
_NOT_TAKEN: Final = (ClientConnectorError, ConnectionTimeoutError)
"""The request was not sent at all."""


class Request(NamedTuple):
    """What to ask. `where` is path and query; `wait_seconds` goes out as `Prefer`."""

    method: str
    where: str
    body: bytes | None = None
    content_type: str = "application/json"
    key: str | None = None
    wait_seconds: int | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that say so."""
        headers: dict[str, str] = {}
        if self.body is not None:
            headers[hdrs.CONTENT_TYPE] = self.content_type
        if self.key is not None:
            headers["Idempotency-Key"] = self.key
        if self.wait_seconds is not None:
            headers["Prefer"] = f"wait={self.wait_seconds}"
        return headers

    @property
    def timeout(self) -> ClientTimeout:
        """How long to wait for a connection, and for the answer."""
        answer_seconds = ANSWER_SECONDS + (self.wait_seconds or 0)
        return ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=answer_seconds)


def failed(error: Exception) -> Failed:
    """What a try was that ended in an error of the network."""
    return Failed(str(error) or type(error).__name__, not isinstance(error, _NOT_TAKEN))


async def exchange(session: ClientSession, base: str, request: Request) -> Answer:
    """One try.

    Raises `TransientError`, `RefusedError`, `UnreachableError`, `NotUnderstoodError`.
    """
    try:
        async with session.request(
            request.method,
            base + request.where,
            data=request.body,
            headers=request.headers,
            timeout=request.timeout,
            allow_redirects=False,
        ) as response:
            return await _answer(response)
    except (ClientError, OSError, TimeoutError) as error:
        raise TransientError(failed(error)) from error


async def raise_problem(response: ClientResponse) -> None:
    """Return if the answer is none.

    Raises `TransientError`, `RefusedError`, `UnreachableError`, `NotUnderstoodError`.
    """
    if response.status < 300:
        return
    body = json_object(await bounded(response))
    is_problem = response.content_type == PROBLEM_JSON and body is not None
    problem = Problem(response.status, body or {}) if is_problem else None
    if response.status in _TRANSIENT:
        raise TransientError(_transient(response, problem))
    if problem is not None:
        raise RefusedError(problem)
    sentence = (
        f"{response.method} {response.url.path} was answered by {response.status} and no problem "
        "of Counterfoil's: is that its address?"
    )
    raise NotUnderstoodError(sentence) if response.status >= 500 else UnreachableError(sentence)


async def bounded(response: ClientResponse) -> bytes:
    """The whole body. Raises `NotUnderstoodError` where it has no end."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise NotUnderstoodError(f"The answer is longer than {MAX_ANSWER_BYTES:,} bytes.")
    return bytes(body)


async def _answer(response: ClientResponse) -> Answer:
    await raise_problem(response)
    body = json_object(await bounded(response))
    if body is None:
        raise NotUnderstoodError(
            f"{response.method} {response.url.path} was answered by {response.status} and "
            "something that is no JSON object."
        )
    return Answer(response.status, body, response.headers.get("Idempotency-Replayed") == "true")


def _transient(response: ClientResponse, problem: Problem | None) -> Failed:
    return Failed(
        reason=f"{response.status} {response.reason}" if problem is None else problem.sentence,
        may_have_been_accepted=response.status != 429 and _may_be_in(problem),
        retry_after_seconds=retry_after_seconds(response.headers.get(hdrs.RETRY_AFTER)),
        problem=problem,
    )


def _may_be_in(problem: Problem | None) -> bool:
    """Unless the service says that it is not, it may be."""
    told: JsonObject = {} if problem is None else dict(problem.body)
    return told.get("may_have_been_accepted") is not False
