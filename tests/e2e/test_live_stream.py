"""Whoever follows the events, and is cut off in the middle of a load, sees every transaction."""

import os
import signal

import aiohttp
import pytest

from core.entities.command import ANONYMOUS_CLIENT
from core.entities.shard import shard_of
from core.entities.transaction_id import keyed_transaction_id
from tests.e2e.another_process import another_process
from tests.e2e.follower import Follower
from tests.e2e.load import Load
from tests.eventually import eventually
from tests.running_stack import Run

pytestmark = pytest.mark.timeout(240)
DEPOSITS = 300


def ids_of(load: Load, user_id: str) -> set[str]:
    shard = shard_of(user_id)
    return {
        str(keyed_transaction_id(ANONYMOUS_CLIENT, key, shard)) for key in load.accepted[user_id]
    }


async def test_a_client_that_is_cut_off_and_comes_back_misses_nothing(
    http: aiohttp.ClientSession, run: Run
) -> None:
    load = Load(run.url)
    someone = f"load-{load.run_id}-3"
    async with another_process(run, "api") as other:
        await eventually(other.is_ready)
        urls = [run.url, other.url]
        everything = Follower(urls, "", events_between_cuts=17)
        theirs = Follower(urls, f"?user_id={someone}", events_between_cuts=5)
        async with everything.following(), theirs.following():
            async with load:
                await load.more(DEPOSITS)
                # The supervisor starts it again; whoever follows comes back to it.
                os.kill(run.pids()["api"], signal.SIGKILL)
                await load.more(DEPOSITS)
            wanted = {one for user_id in load.accepted for one in ids_of(load, user_id)}
            await eventually(lambda: everything.seen.keys() >= wanted)
            await eventually(lambda: theirs.seen.keys() >= ids_of(load, someone))
    assert len(wanted) >= 2 * DEPOSITS
    assert everything.cuts >= 20
    assert theirs.cuts >= 5
    assert theirs.seen.keys() == ids_of(load, someone)
    # No crash of a processor, so nothing is told twice: and no join gave anything twice.
    assert max(everything.seen.values()) == max(theirs.seen.values()) == 1
