"""A stack for one load test, on free ports and in a scratch folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from adapters.outbound.kafka.topics import COMMANDS_TOPIC
from infra.local.ports import Ports
from infra.local.postgres_home import forget_cluster
from infra.local.process import last_words
from infra.local.refused import Refused
from infra.local.waiting import until
from tests.running_stack import Run
from tests.servers import scratch_folder

START_SECONDS: Final = 300.0
"""The first start of all fetches Kafka."""


@asynccontextmanager
async def own_stack() -> AsyncIterator[Run]:
    """The stack, running; stopped and deleted at the end, whatever happens.

    `Refused` where it does not start, or something of it cannot be stopped.
    """
    with scratch_folder() as folder:
        run = Run(folder / "data", Ports(folder / "port.json").choose("api")["api"])
        try:
            await _start(run)
            yield run
        finally:
            await _remove(run)


async def _start(run: Run) -> None:
    # What the load test counts on, whatever its user has set.
    await run.begin(
        COUNTERFOIL_DEFAULT_CURRENCY="USD", COUNTERFOIL_KAFKA_COMMANDS_TOPIC=COMMANDS_TOPIC
    )

    async def is_decided() -> bool:
        return "Counterfoil runs." in run.output or run.is_over

    in_time = await until(is_decided, START_SECONDS)
    if run.is_over or not in_time:
        why = "The stack did not start." if in_time else "The stack takes too long to start."
        raise Refused(f"{why}\n{last_words(run.said)}")


async def _remove(run: Run) -> None:
    if run.child is None:
        return
    if not run.is_over and not await _stopped(run):
        raise Refused(f"The stack did not stop in order.\n{last_words(run.said)}")
    forget_cluster(run.data)


async def _stopped(run: Run) -> bool:
    try:
        return await run.stop() == 0
    except TimeoutError:
        return False
