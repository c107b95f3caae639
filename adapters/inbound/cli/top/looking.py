"""Asking a process how it is."""

import asyncio
import json
import os
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout

from adapters.inbound.cli.exchange import bounded
from adapters.inbound.cli.failures import NotUnderstoodError
from adapters.inbound.cli.top.process import Address, Looked
from adapters.inbound.cli.top.scrape import read_scrape

LOOK_SECONDS: Final = 2.0
"""A process that needs longer is away, as far as a live view is concerned."""


async def look(session: ClientSession, address: Address) -> Looked:
    """How the process is now; never raises what the network does."""
    try:
        readiness, metrics = await asyncio.gather(
            _text(session, f"{address.url}/readyz"), _text(session, f"{address.url}/metrics")
        )
        now = asyncio.get_running_loop().time()
        body = json.loads(readiness)
        return Looked(
            address,
            is_ready=body["status"] == "ready",
            dependencies=_troubles(body["dependencies"]),
            scrape=read_scrape(metrics, now),
        )
    except TimeoutError:
        return Looked(address, away=f"no answer in {LOOK_SECONDS:.0f} s")
    except ClientConnectorError as error:
        return Looked(address, away=os.strerror(error.errno) if error.errno else "cannot connect")
    except (ClientError, OSError) as error:
        return Looked(address, away=str(error) or type(error).__name__)
    except (ValueError, TypeError, KeyError, AttributeError, NotUnderstoodError):
        return Looked(address, away="what answers there is no process of Counterfoil")


async def _text(session: ClientSession, url: str) -> str:
    """The body, whatever the status: who is not ready answers 503 and says why."""
    timeout = ClientTimeout(total=LOOK_SECONDS)
    async with session.get(url, timeout=timeout, allow_redirects=False) as answer:
        return (await bounded(answer)).decode()


def _troubles(dependencies: Mapping[str, Any]) -> Mapping[str, str | None]:
    return {
        str(name): None if state["status"] == "up" else str(state.get("detail", "down"))
        for name, state in dependencies.items()
    }
