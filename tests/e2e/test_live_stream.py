"""Whoever follows the events, and is cut off in the middle of a load, sees every transaction."""

import json
import os
import signal

import aiohttp
import pytest

from core.entities.command import ANONYMOUS_CLIENT
from core.entities.shard import shard_of
from core.entities.transaction_id import keyed_transaction_id
from infra.local.postgres import API
from tests.builders import unkeyed_id
from tests.e2e.another_process import another_process
from tests.e2e.client import Client
from tests.e2e.follower import Follower
from tests.e2e.load import Load
from tests.eventually import eventually
from tests.running_stack import Run
from tests.unit.cli.process import started

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
        # It keeps that process reading: whoever comes to it joins what it remembers, whoever comes
        # to the first one reads for itself.
        onlooker = Follower([other.url], "?user_id=nobody", events_between_cuts=1)
        async with onlooker.following(), everything.following(), theirs.following():
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


async def test_the_topic_is_printed_and_followed(http: aiohttp.ClientSession, run: Run) -> None:
    client = Client(http)
    user_id = f"e2e-events-{unkeyed_id('e2e').hex}"
    first = await client.deposited(user_id, "1")
    words = ["events", "--user", user_id, "--last", "1", "--json"]
    printing = await started(*words, **run.settings(API))
    out, err = await printing.communicate()
    assert (printing.returncode, err) == (0, b"")
    assert json.loads(out)["event_id"] == first.transaction_id

    following = await started(*words, "--follow", **run.settings(API))
    assert following.stdout is not None
    assert json.loads(await following.stdout.readline())["event_id"] == first.transaction_id
    second = await client.deposited(user_id, "2")
    assert json.loads(await following.stdout.readline())["event_id"] == second.transaction_id
    following.send_signal(signal.SIGINT)
    out, err = await following.communicate()
    assert (following.returncode, out, err) == (0, b"", b"")
