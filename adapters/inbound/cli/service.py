"""The running service, as commands of the operator's talk to it."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

from aiohttp import ClientSession, DummyCookieJar

from adapters.inbound.cli.answers import Answer
from adapters.inbound.cli.exchange import Request, exchange
from adapters.inbound.cli.failures import CliFailure, UnreachableError
from adapters.inbound.cli.paths import with_query
from adapters.inbound.cli.retrying import OPERATOR_PATIENCE, Patience, TransientError, attempts

_NOTHING_ASKED: Mapping[str, str | None] = {}


class Service:
    """A client of the service at an address. Enter it before anything is asked."""

    def __init__(self, url: str, patience: Patience = OPERATOR_PATIENCE) -> None:
        self.url = url
        self.patience = patience
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Make room for connections; none is opened yet."""
        self._session = ClientSession(cookie_jar=DummyCookieJar())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.session.close()

    @property
    def session(self) -> ClientSession:
        """The connections."""
        if self._session is None:
            raise RuntimeError("the service was not entered")
        return self._session

    async def get(self, where: str, query: Mapping[str, str | None] = _NOTHING_ASKED) -> Answer:
        """What is at a path. Raises `RefusedError`, `UnreachableError`, `NotUnderstoodError`."""
        request = Request("GET", with_query(where, query))
        try:
            async for attempt in attempts(self.patience):
                with attempt:
                    return await self.once(request)
        except TransientError as error:
            raise self.unreachable(error) from error
        raise AssertionError("stamina ended without a result")

    async def change(self, request: Request) -> Answer:
        """What is answered to a change, which is asked for once: nobody knows whether one that was
        not answered was made. Raises what `get` raises.
        """
        try:
            return await self.once(request)
        except TransientError as error:
            raise self.unreachable(error) from error

    async def once(self, request: Request) -> Answer:
        """One try. Raises `TransientError`, `RefusedError`, `NotUnderstoodError`."""
        return await exchange(self.session, self.url, request)

    def unreachable(self, error: TransientError) -> CliFailure:
        """What to say where no try succeeded, and nothing was done."""
        problem = error.failed.problem
        if problem is not None:
            return UnreachableError(f"{self.url} could not do it: {problem.sentence}")
        return UnreachableError(f"{self.url} does not answer: {error.failed.reason}")
