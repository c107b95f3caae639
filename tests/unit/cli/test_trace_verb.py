"""`counterfoil trace`: one transaction's way, whatever has become of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from adapters.inbound.cli.output import Output
from adapters.records import encode
from bootstrap import Container, make_container
from core.entities.command import Command
from core.entities.outcome_event import EventType
from core.entities.webhooks.delivery import Attempt, Made
from core.entities.webhooks.schedule import settled
from core.errors import EventsUnavailableError
from core.ports.webhooks.intake import Told
from core.usecases import find_published, find_waiting
from entrypoints.cli import app
from entrypoints.settings import Profile, Settings
from tests.builders import (
    NOON,
    PARTITIONS,
    deposit,
    endpoint,
    partition_for,
    unkeyed_id,
    withdrawal,
)
from tests.contracts.webhooks_under_test import no_chance
from tests.eventually import eventually
from tests.unit.cli.process import started
from tests.unit.http.world import Breakable

ALICE = partition_for("alice")
ASTRAY = (ALICE + 1) % PARTITIONS


@pytest.fixture
def container() -> Container:
    """Everything in memory; nobody posts."""
    return make_container(Settings(profile=Profile.MEMORY, partitions=PARTITIONS).model_dump())


@asynccontextmanager
async def posting(container: Container) -> AsyncIterator[None]:
    """Somebody does."""
    with capture_logs():
        async with container.watch(), container.feed().membership(container.pool()):
            yield


async def decided(container: Container, *commands: Command) -> None:
    """Have these posted, and told."""
    async with posting(container):
        for one in commands:
            appended = await container.command_log().append(one)
            assert await container.watch().passed(appended.position, 5.0)
        topic = container.memory_event_log()
        await eventually(lambda: sum(topic.ends) >= len(commands))


async def put_astray(container: Container, command: Command) -> None:
    """A record in a partition where it cannot be applied."""
    encoded = encode(command)
    log = container.memory_log()
    position = log.append(ASTRAY, encoded.key, encoded.value, encoded.headers, NOON)
    async with posting(container):
        assert await container.watch().passed(position, 5.0)


async def hooked(container: Container, command: Command, *statuses: int) -> None:
    """An endpoint that is told of it, and answers so."""
    one, queue = endpoint(), container.webhook_queue()
    await container.webhook_endpoints().add(one, "whsec_", 9)
    told = Told(command.transaction_id, EventType.TRANSACTION_POSTED)
    container.memory_webhooks().add(one, told, NOON, NOON)
    for status in statuses:
        delivery = container.memory_webhooks().deliveries[one.endpoint_id, told.event_id]
        made = [Made(delivery, Attempt(NOON, 0.25, status, None))]
        settle = partial(settled, called_url=one.url, made=made, now=NOON, fraction=no_chance)
        await queue.record(one.endpoint_id, made, [], settle)


async def traced(
    container: Container, command: Command, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    """What JSON says of it."""
    assert await container.trace_verb(output=Output(as_json=True)).show(command.transaction_id)
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


async def rows(
    container: Container, command: Command, capsys: pytest.CaptureFixture[str]
) -> dict[str, str]:
    """What each step is said to be, with one space between words."""
    assert await container.trace_verb().show(command.transaction_id)
    _, _, _, *lines = (line for line in capsys.readouterr().out.splitlines() if line.strip())
    return {line.split()[0]: " ".join(line.split()[1:]) for line in lines}


async def test_a_posted_one_has_every_step_with_its_time(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    one = deposit(idempotency_key="order-17", request_id="request-17")
    await decided(container, deposit(), one)
    await hooked(container, one, 500, 204)
    told = await traced(container, one, capsys)
    assert told["state"] == "posted"
    assert told["accepted"] | {"at": ""} == {
        "position": f"{ALICE}:1",
        "at": "",
        "type": "deposit",
        "request_id": "request-17",
        "client": one.client,
        "idempotency_key": "order-17",
    }
    assert [told["page"][name] for name in ("partition", "epoch", "next_offset")] == [ALICE, 1, 2]
    assert told["page"]["written_at"] >= told["accepted"]["at"]
    assert told["transaction"]["entries"][0]["amount"] == "100.50"
    assert [told["published"][name] for name in ("is_found", "partition", "offset")] == [
        True,
        ALICE,
        1,
    ]
    assert told["published"]["at"] >= told["page"]["written_at"]
    (notice,) = told["webhooks"]
    assert [notice["state"], notice["next_attempt_at"]] == ["delivered", None]
    assert [one["status"] for one in notice["attempts_made"]] == [500, 204]


async def test_an_operator_reads_the_steps_in_their_order(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    one = deposit(idempotency_key="order-17")
    await decided(container, one)
    await hooked(container, one, 503)
    shown = await rows(container, one, capsys)
    assert [*shown] == [
        *("accepted", "page", "worker", "posted", "published", "webhook", "attempt"),
    ]
    assert f"+0.000 s deposit in record {ALICE}:0" in shown["accepted"]
    assert shown["accepted"].endswith("key order-17")
    assert "page 1: offsets 0 to 0" in shown["page"]
    assert shown["worker"] == f"epoch 1 of partition {ALICE}"
    assert "2 entries, dated 20" in shown["posted"]
    assert f"partition {ALICE}, offset 0" in shown["published"]
    assert "https://example.com/hook: waiting, 1 attempt, next at 2026-01-31" in shown["webhook"]
    assert shown["attempt"].endswith("answer 503, 0.250 s")


async def test_a_rejected_one_says_why(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    one = withdrawal()
    await decided(container, one)
    shown = await rows(container, one, capsys)
    assert "account_not_found, dated" in shown["rejected"]


async def test_one_that_waits_says_where_and_behind_how_many(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    await decided(container, deposit())
    one = deposit()
    for command in (deposit(), deposit(), one, deposit()):
        await container.command_log().append(command)
    told = await traced(container, one, capsys)
    assert [told["state"], told["records_ahead"]] == ["waiting", 2]
    assert told["accepted"]["position"] == f"{ALICE}:3"
    assert told["page"] is told["published"] is told["transaction"] is None
    shown = await rows(container, one, capsys)
    assert shown["waiting"] == "2 records are posted before it, from offset 1 on"


async def test_one_that_nobody_ever_posted_from_or_behind_a_halt_says_so(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    one = deposit()
    await container.command_log().append(one)
    shown = await rows(container, one, capsys)
    assert shown["waiting"] == "nobody ever posted from its partition"
    owned = await container.ledger().take_over(ALICE)
    await container.ledger().halt(ALICE, owned.epoch, "the log has a gap")
    shown = await rows(container, one, capsys)
    assert shown["waiting"] == f"partition {ALICE} is halted: the log has a gap"


async def test_a_dead_letter_is_held_then_waits_once_it_is_requeued_and_then_is_decided(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    one = deposit()
    await put_astray(container, one)
    told = await traced(container, one, capsys)
    assert [told["state"], told["dead_letter"]["state"]] == ["held_for_operator", "held"]
    assert told["accepted"]["position"] == told["dead_letter"]["position"] == f"{ASTRAY}:0"
    assert told["page"]["number"] == told["dead_letter"]["page_number"]
    shown = await rows(container, one, capsys)
    assert "undecodable: commands of this user belong" in shown["condemned"]
    assert shown["condemned"].endswith("now held")
    await container.command_log().append(one)
    told = await traced(container, one, capsys)
    assert [told["state"], told["accepted"]["position"]] == ["waiting", f"{ALICE}:0"]
    await decided(container, deposit())
    told = await traced(container, one, capsys)
    assert [told["state"], told["dead_letter"]["state"]] == ["posted", "posted"]
    shown = await rows(container, one, capsys)
    assert {"accepted", "condemned", "posted", "published"} <= shown.keys()


async def test_what_is_in_no_book_and_no_log_is_unknown(
    container: Container, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await container.command_log().append(deposit())
    verb, unknown = container.trace_verb(), unkeyed_id("alice")
    assert not await verb.show(unknown)
    assert f"nothing has the id {unknown}" in (said := capsys.readouterr().err)
    assert "none of the 3 records" in said
    monkeypatch.setattr(find_waiting, "MAX_RECORDS_LOOKED_AT", 2)
    assert not await verb.show(unknown)
    assert "none of the first 2 records" in capsys.readouterr().err


async def test_an_outcome_that_the_topic_does_not_hold_is_said_not_to_be_found(
    container: Container, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = deposit(), deposit()
    await decided(container, first, second)
    container.memory_event_log().delete_before(ALICE, 1)
    told = (await traced(container, first, capsys))["published"]
    assert [told["is_found"], told["events_looked_at"], told["is_all"]] == [False, 1, True]
    assert "not found in the 1 events since" in (await rows(container, first, capsys))["published"]
    monkeypatch.setattr(find_published, "MAX_EVENTS_LOOKED_AT", 0)
    told = (await traced(container, second, capsys))["published"]
    assert [told["is_found"], told["is_all"]] == [False, False]


async def test_an_outcome_that_was_not_told_yet_is_said_to_be_so(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    one = deposit()
    await decided(container, one)
    container.memory_event_log().recreate()
    books = container.memory_books()
    books.positions[ALICE] = replace(books.positions[ALICE], published_offset=0)
    assert (await rows(container, one, capsys))["published"].startswith("not yet, as far as")


async def test_a_topic_that_is_away_hides_nothing_else(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    one = deposit()
    await decided(container, one)
    away: Any = Breakable(container.event_feed())
    away.error = EventsUnavailableError("no answer from Kafka")
    container.event_feed.override(away)
    shown = await rows(container, one, capsys)
    assert shown["published"] == "could not be looked for: no answer from Kafka"
    assert "2 entries" in shown["posted"]


@pytest.mark.parametrize("text", ["", "3:1234", "00000000-0000-0000-0000-000000000000"])
def test_what_is_no_id_asks_nobody(text: str) -> None:
    assert CliRunner().invoke(app, ["trace", text]).exit_code == 2


async def test_memory_has_nothing_to_show() -> None:
    process = await started("trace", str(unkeyed_id("alice")), COUNTERFOIL_PROFILE="memory")
    out, err = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    assert b"memory keeps nothing" in err
