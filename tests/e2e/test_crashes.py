"""Whatever is killed or paused while keyed deposits come in: nothing is lost, nothing twice."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import aiohttp
import pytest

from tests.audit import audit
from tests.e2e.another_process import another_process
from tests.e2e.keys import keys_posted
from tests.e2e.load import AMOUNT, USD, Load, balance
from tests.eventually import eventually
from tests.running_stack import Run, none_lives

pytestmark = pytest.mark.timeout(240)
HEAL_SECONDS = 90.0


async def assert_all_is_posted_once(run: Run, load: Load) -> None:
    """Every accepted key is one transaction, in the order in which its client sent it."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
        for user_id, keys in load.accepted.items():
            expected = USD.parse(AMOUNT) * len(keys)

            async def is_there(user_id: str = user_id, expected: int = expected) -> bool:
                return await balance(session, run.url, user_id) == expected

            await eventually(is_there, HEAL_SECONDS)
            assert await keys_posted(run.dsn, user_id) == keys
    await audit(run.dsn)


@asynccontextmanager
async def paused(pid: int) -> AsyncIterator[None]:
    """A process that hangs, and goes on afterwards."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("name", ["api", "processor", "webhooks", "kafka", "postgres"])
async def test_a_killed_process_loses_and_doubles_nothing(run: Run, name: str) -> None:
    before = run.pids()[name]
    async with Load(run.url) as load:
        await load.more(100)
        os.kill(before, signal.SIGKILL)
        await eventually(lambda: run.pids().get(name, before) != before, HEAL_SECONDS)
        await load.more(100)
    await assert_all_is_posted_once(run, load)


async def test_a_killed_make_run_takes_everything_along_and_the_next_one_recovers(
    run: Run,
) -> None:
    pids = run.pids()
    async with Load(run.url) as load:
        await load.more(100)
        os.kill(pids["supervisor"], signal.SIGKILL)
        await run.over()
        await eventually(lambda: none_lives(pids), 20)
        await run.up()
        await load.more(100)
    await assert_all_is_posted_once(run, load)


async def test_a_stop_in_the_middle_of_a_load_loses_nothing(run: Run) -> None:
    pids = run.pids()
    async with Load(run.url) as load:
        await load.more(100)
        assert await run.stop() == 0
        assert none_lives(pids)
        await run.up()
        await load.more(20)
    await assert_all_is_posted_once(run, load)


async def test_a_processor_that_was_asleep_comes_back_and_doubles_nothing(run: Run) -> None:
    async with Load(run.url) as load:
        await load.more(50)
        async with paused(run.pids()["processor"]):
            await load.more(200)
        await load.more(50)
    await assert_all_is_posted_once(run, load)


async def test_with_kafka_away_commands_are_refused_in_time_and_accepted_again_afterwards(
    run: Run,
) -> None:
    body = {"user_id": "away-1", "amount": 1}
    async with aiohttp.ClientSession(run.url, timeout=aiohttp.ClientTimeout(total=5)) as session:
        async with paused(run.pids()["kafka"]):
            async with session.post("/deposit", json=body) as answer:
                problem = await answer.json(content_type=None)
                assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
                assert "Retry-After" in answer.headers
            assert isinstance(problem["may_have_been_accepted"], bool)
            assert problem["transaction_id"]

            async def is_not_ready() -> bool:
                async with session.get("/readyz") as ready:
                    return ready.status == HTTPStatus.SERVICE_UNAVAILABLE

            await eventually(is_not_ready)

        async def is_accepted() -> bool:
            try:
                async with session.post("/deposit", json=body) as answer:
                    return answer.status == HTTPStatus.ACCEPTED
            except TimeoutError:
                return False

        await eventually(is_accepted, HEAL_SECONDS)


async def test_with_postgresql_away_accepting_goes_on_and_reading_waits_for_it(run: Run) -> None:
    body = {"user_id": "away-2", "amount": 1}
    timeout = aiohttp.ClientTimeout(total=40)
    async with aiohttp.ClientSession(run.url, timeout=timeout) as session:
        async with session.post("/deposit", json=body, headers={"Prefer": "wait=20"}) as answer:
            assert answer.status == HTTPStatus.CREATED
        before = run.pids()["postgres"]
        os.kill(before, signal.SIGKILL)
        statuses = []
        while run.pids().get("postgres", before) == before:
            async with session.post("/deposit", json=body) as answer:
                statuses.append(answer.status)
        assert set(statuses) == {HTTPStatus.ACCEPTED}

        async def is_all_there() -> bool:
            return await balance(session, run.url, "away-2") == 100 * (1 + len(statuses))

        await eventually(is_all_there, HEAL_SECONDS)


async def test_a_restart_keeps_everything(run: Run) -> None:
    async with aiohttp.ClientSession(run.url) as session:
        body = {"user_id": "kept", "amount": 7}
        async with session.post("/deposit", json=body, headers={"Prefer": "wait=20"}) as answer:
            assert answer.status == HTTPStatus.CREATED
            posted = await answer.json()
        async with session.get("/balance/kept") as answer:
            before = await answer.json()
    assert await run.stop() == 0
    await run.up()
    async with aiohttp.ClientSession(run.url) as session:
        async with session.get("/balance/kept") as answer:
            assert await answer.json() == before
        async with session.get(f"/transactions/{posted['transaction_id']}") as answer:
            assert await answer.json() == posted


async def test_clients_of_a_processor_that_hangs_get_their_receipts(run: Run) -> None:
    async with aiohttp.ClientSession(run.url, timeout=aiohttp.ClientTimeout(total=10)) as session:
        async with paused(run.pids()["processor"]):
            headers = {"Prefer": "wait=1"}
            body = {"user_id": "late", "amount": 1}
            async with session.post("/deposit", json=body, headers=headers) as answer:
                assert answer.status == HTTPStatus.ACCEPTED
                location = answer.headers["Location"]
            async with session.get(location) as answer:
                assert (await answer.json())["status"] == "pending"

        async def is_posted() -> bool:
            async with session.get(location) as answer:
                return bool((await answer.json())["status"] == "posted")

        await eventually(is_posted, HEAL_SECONDS)


@pytest.mark.parametrize("farewell", [signal.SIGTERM, signal.SIGKILL])
async def test_processors_come_and_go_under_load_and_double_nothing(
    run: Run, farewell: signal.Signals
) -> None:
    async with Load(run.url) as load:
        await load.more(20)
        async with another_process(run, "processor") as another:
            await eventually(another.has_posted, HEAL_SECONDS)
            await load.more(100)
            await another.end(farewell)
        await load.more(50)
    await assert_all_is_posted_once(run, load)
