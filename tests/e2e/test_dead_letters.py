"""Poison in the log: an operator finds it, reads it, and decides; clients hear of it."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp
import pytest

from adapters.records import encode
from core.entities.position import Position
from infra.local.postgres import API
from tests.audit import audit
from tests.builders import PARTITIONS, deposit, partition_for, unkeyed_id
from tests.e2e.client import Client
from tests.eventually import eventually
from tests.kafka_log import KafkaLog
from tests.running_stack import Run
from tests.unit.cli.process import started

pytestmark = pytest.mark.timeout(180)


@dataclass(frozen=True)
class Ended:
    """How `counterfoil dead` ended."""

    code: int
    out: bytes
    err: str

    @property
    def lines(self) -> list[Any]:
        """The objects that it printed."""
        return [json.loads(line) for line in self.out.splitlines()]


async def dead(run: Run, *words: str) -> Ended:
    """The verb, as a role that can only read the books."""
    process = await started("dead", *words, **run.settings(API))
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out, err.decode())


def command_topic(run: Run) -> KafkaLog:
    """The log of the stack, open to anything."""
    log = KafkaLog(run.settings(API)["COUNTERFOIL_KAFKA_BOOTSTRAP_SERVERS"])
    log.commands = "counterfoil.commands"
    return log


async def held(client: Client, transaction_id: UUID) -> None:
    """Return when the client hears that an operator has to look at it."""

    async def says_so() -> bool:
        told = await client.get(f"/transactions/{transaction_id}")
        return told.body.get("code") == "held_for_operator"

    await eventually(says_so)


async def astray(run: Run, user_id: str, amount: int) -> tuple[UUID, Position]:
    """A good deposit where none of this user may lie; its id, and where it lies."""
    command = deposit(user_id, amount)
    encoded = encode(command)
    elsewhere = (partition_for(user_id) + 1) % PARTITIONS
    position = await command_topic(run).put(
        elsewhere, encoded.key, encoded.value, list(encoded.headers)
    )
    return command.transaction_id, position


async def test_a_condemned_good_record_that_is_requeued_twice_is_posted_once(
    http: aiohttp.ClientSession, run: Run
) -> None:
    client = Client(http)
    transaction_id, position = await astray(run, "e2e-dead-1", 700)
    await held(client, transaction_id)

    listed = await dead(run, "list", "--json")
    shown = await dead(run, "show", str(transaction_id))
    requeued = await dead(run, "requeue", str(position), str(position), "--json")
    again = await dead(run, "requeue", str(position))

    assert str(position) in [one["position"] for one in listed.lines], listed.err
    assert b"belong into partition" in shown.out
    assert requeued.code == 0, requeued.err
    assert [one["status"] for one in requeued.lines] == ["posted", "posted"]
    assert len({one["position"] for one in requeued.lines}) == 2
    assert (again.code, "is decided" in again.err) == (1, True), again.err
    told = await client.get(f"/transactions/{transaction_id}")
    assert (told.body["status"], told.body["amount"]) == ("posted", "7.00")
    balance = await client.balance("e2e-dead-1")
    assert (balance["balance"], balance["sequence"]) == ("7.00", 1)
    await audit(run.dsn)


async def test_poison_that_is_discarded_is_rejected_and_the_client_hears_why(
    http: aiohttp.ClientSession, run: Run
) -> None:
    client = Client(http)
    transaction_id = unkeyed_id("e2e-dead-2")
    poison = b"\xff\x1b[2J not of this world"
    headers: list[tuple[str, bytes | None]] = [("transaction_id", str(transaction_id).encode())]
    partition = partition_for("e2e-dead-2")
    position = await command_topic(run).put(partition, b"e2e-dead-2", poison, headers)
    await held(client, transaction_id)

    raw = await dead(run, "show", str(position), "--raw")
    shown = await dead(run, "show", str(position))
    unreadable = await dead(run, "requeue", str(position))
    discarded = await dead(run, "discard", str(position), "--reason", "not ours", "--json")

    assert raw.out == poison
    assert b"ff 1b 5b 32 4a" in shown.out
    assert b"\x1b" not in shown.out
    assert (unreadable.code, "cannot be read yet" in unreadable.err) == (1, True), unreadable.err
    assert discarded.code == 0, discarded.err
    assert [one["status"] for one in discarded.lines] == ["rejected"]
    told = await client.get(f"/transactions/{transaction_id}")
    expected = ("rejected", "discarded", "not ours", str(position))
    assert tuple(told.body[one] for one in ("status", "code", "reason", "discards")) == expected
    # The user goes on as if nothing had been.
    await client.deposited("e2e-dead-2", 1)
    await audit(run.dsn)
