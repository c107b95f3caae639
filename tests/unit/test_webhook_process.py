"""The webhooks' process: what is told reaches every endpoint, and none holds up another one."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
import structlog

from adapters.background import beside
from adapters.inbound.webhooks.courier import MAX_CLAIMED, CourierLimits
from adapters.metrics.catalogue import WEBHOOK_EVENTS_LOST
from core.entities.webhooks.delivery import TEST_TYPE, DeliveryState
from core.entities.webhooks.endpoint import Change, DisabledBecause, EndpointStatus
from core.entities.webhooks.schedule import FAILURES_TO_PAUSE, PAUSES, SCHEDULE
from core.errors import EventsUnavailableError, LedgerUnavailableError
from core.ports.event_feed import FeedExtent
from core.ports.webhooks.intake import Cursors, Told
from core.ports.webhooks.sender import Call
from tests.builders import NOON, unkeyed_id
from tests.eventually import eventually
from tests.unit.webhook_world import PARTITION, WebhookWorld, hangs, says

URL = "https://example.com/hook"
OTHER_URL = "https://other.example/hook"


@pytest.fixture
def world() -> WebhookWorld:
    return WebhookWorld()


@asynccontextmanager
async def running(world: WebhookWorld) -> AsyncIterator[None]:
    async with (
        beside(world.dispatch.run(), "dispatch"),
        beside(world.intake.run(), "intake"),
    ):
        await eventually(lambda: world.store.cursors is not None)
        yield


async def test_an_event_reaches_an_endpoint_as_the_api_shows_the_transaction(
    world: WebhookWorld,
) -> None:
    await world.added()
    async with running(world):
        (event_id,) = await world.posted()
        await eventually(lambda: len(world.sender.calls) == 1)

    (call,) = world.sender.calls
    body = json.loads(call.body)
    assert call.message_id == event_id == body["data"]["transaction_id"]
    assert (body["type"], body["data"]["amount"]) == ("counterfoil.transaction.posted", "100.50")
    assert body["timestamp"] == body["data"]["posted_at"]
    assert list(body) == ["type", "timestamp", "data"]


async def test_what_was_told_before_there_was_any_endpoint_is_not_told_again(
    world: WebhookWorld,
) -> None:
    await world.posted()
    async with running(world):
        await world.added()
        (after,) = await world.posted()
        await eventually(lambda: len(world.sender.calls) == 1)

    assert world.sender.ids(URL) == [after]


async def test_an_endpoint_made_before_the_first_start_misses_nothing(
    world: WebhookWorld,
) -> None:
    await world.added()
    told = await world.posted(2)
    async with running(world):
        await eventually(lambda: len(world.sender.calls) == 2)

    assert sorted(world.sender.ids(URL)) == sorted(told)


async def test_what_another_process_takes_in_at_its_start_is_not_taken_for_lost(
    world: WebhookWorld,
) -> None:
    await world.added()
    async with running(world):
        await world.posted()
        await eventually(lambda: len(world.sender.calls) == 1)
    feed, intake = world.intake.feed, world.intake.intake

    class Overtaken:
        async def extent(self) -> FeedExtent:
            extent = await feed.extent()
            stands = await intake.cursors()
            assert stands is not None
            await world.posted()
            moved = {PARTITION: stands.next_offsets[PARTITION] + 1}
            await intake.take_in(stands, stands._replace(next_offsets=moved), (), NOON)
            world.intake.feed = feed
            return extent

    world.intake.feed = Overtaken()  # type: ignore[assignment]
    async with running(world):
        await eventually(lambda: world.intake.feed is feed)
        (last,) = await world.posted()
        await eventually(lambda: last in world.sender.ids(URL))

    assert world.metrics.registry.get_sample_value(WEBHOOK_EVENTS_LOST.name) == 0


async def test_an_endpoint_that_its_operator_disables_while_it_is_called_is_no_news_to_him(
    world: WebhookWorld,
) -> None:
    one = await world.added()

    async def is_disabled_meanwhile(_: Call) -> int:
        await world.endpoints.change(
            one.endpoint_id, Change(status=EndpointStatus.DISABLED), world.clock.now()
        )
        return 500

    world.sender.answers[URL] = is_disabled_meanwhile
    async with running(world):
        await world.posted()
        with structlog.testing.capture_logs() as logs:
            await eventually(lambda: world.store.attempts != {})

    assert world.store.endpoints[one.endpoint_id].disabled_because is DisabledBecause.BY_OPERATOR
    assert "webhook_endpoint_disabled" not in {entry["event"] for entry in logs}


async def test_one_that_hangs_holds_up_nobody_else(world: WebhookWorld) -> None:
    await world.added()
    await world.added(OTHER_URL)
    world.sender.answers[URL] = hangs
    world.dispatch.drain_seconds = 0
    async with running(world):
        ids = await world.posted(200)
        await eventually(lambda: len(world.sender.ids(OTHER_URL)) == 200)

    assert sorted(world.sender.ids(OTHER_URL)) == sorted(ids)
    assert len(world.sender.ids(URL)) == CourierLimits().in_flight


async def test_no_more_calls_of_an_endpoint_are_under_way_than_may_be(
    world: WebhookWorld,
) -> None:
    await world.added()
    async with running(world):
        await world.posted(100)
        await eventually(lambda: len(world.sender.calls) == 100)

    assert world.sender.most_in_flight == CourierLimits().in_flight


async def test_one_that_fails_is_hardly_called_until_its_pause_is_over_then_gets_everything_once(
    world: WebhookWorld,
) -> None:
    one = await world.added()
    world.sender.answers[URL] = says(500)
    async with running(world):
        ids = await world.posted(300)
        await eventually(lambda: world.store.endpoints[one.endpoint_id].health.pauses == 1)
        calls_before = len(world.sender.calls)
        assert calls_before <= CourierLimits().in_flight
        world.sender.answers[URL] = says(200)
        world.clock.advance(PAUSES[0].total_seconds())
        await eventually(lambda: len(world.sender.calls) == calls_before + 300)
        await eventually(
            lambda: all(
                delivery.state is DeliveryState.DELIVERED
                for delivery in world.store.deliveries.values()
            )
        )

    assert sorted(world.sender.ids(URL)[calls_before:]) == sorted(ids)


async def test_after_a_failure_no_further_call_is_begun(world: WebhookWorld) -> None:
    one, in_flight = await world.added(), CourierLimits().in_flight
    for _ in range(in_flight + MAX_CLAIMED):
        await world.endpoints.call(one.endpoint_id, unkeyed_id("test"), world.clock.now())

    async def takes_some(_: object) -> int:
        return 200 if len(world.sender.calls) <= in_flight else 500

    world.sender.answers[URL] = takes_some
    await world.courier.bring(one.endpoint_id, lambda: False)

    failed = len(world.sender.calls) - in_flight
    assert FAILURES_TO_PAUSE <= failed <= in_flight
    waiting = [one for one in world.store.deliveries.values() if one.attempts == 0]
    assert len(waiting) == MAX_CLAIMED - failed
    assert all(one.next_attempt_at <= world.clock.now() for one in waiting)


async def test_an_old_address_that_is_gone_does_not_disable_an_endpoint_that_moved(
    world: WebhookWorld,
) -> None:
    one = await world.added()
    await world.endpoints.call(one.endpoint_id, unkeyed_id("test"), world.clock.now())

    async def is_gone_as_the_endpoint_moves(_: object) -> int:
        change = Change(url="https://new.example/")
        await world.endpoints.change(one.endpoint_id, change, world.clock.now())
        return 410

    world.sender.answers[URL] = is_gone_as_the_endpoint_moves
    await world.courier.bring(one.endpoint_id, lambda: False)

    moved = await world.endpoints.find(one.endpoint_id)
    assert moved == one._replace(url="https://new.example/")


async def test_a_stop_lets_calls_end_and_leaves_no_claim_behind(world: WebhookWorld) -> None:
    await world.added()
    gate = asyncio.Event()

    async def waits(_: object) -> int:
        await gate.wait()
        return 200

    world.sender.answers[URL] = waits
    dispatch = asyncio.create_task(world.dispatch.run())
    async with beside(world.intake.run(), "intake"):
        await eventually(lambda: world.store.cursors is not None)
        await world.posted(20)
        await eventually(lambda: world.sender.in_flight == CourierLimits().in_flight)
    dispatch.cancel()
    await asyncio.sleep(0)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await dispatch

    states = [one.state for one in world.store.deliveries.values()]
    assert states.count(DeliveryState.DELIVERED) == len(world.sender.calls)
    assert world.store.claimed == set()


async def test_a_bug_at_one_endpoint_is_none_of_the_others_business(world: WebhookWorld) -> None:
    await world.added()
    await world.added(OTHER_URL)

    async def breaks(_: object) -> int:
        raise ZeroDivisionError

    world.sender.answers[URL] = breaks
    async with running(world):
        await world.posted(3)
        await eventually(lambda: len(world.sender.ids(OTHER_URL)) == 3)


async def test_a_test_call_needs_no_transaction(world: WebhookWorld) -> None:
    one = await world.added()
    event_id = unkeyed_id("test")
    await world.endpoints.call(one.endpoint_id, event_id, world.clock.now())

    await world.courier.bring(one.endpoint_id, lambda: False)

    (call,) = world.sender.calls
    body = json.loads(call.body)
    assert (call.message_id, body["type"]) == (str(event_id), TEST_TYPE)
    assert body["data"] == {"endpoint_id": str(one.endpoint_id)}


async def test_what_is_not_in_the_ledger_is_not_told_and_comes_back(world: WebhookWorld) -> None:
    one = await world.added()
    async with running(world):
        (known,) = await world.posted()
        await eventually(lambda: len(world.sender.calls) == 1)
        (unknown,) = await world.posted()
        await eventually(lambda: len(world.sender.calls) == 2)
    key = next(key for key in world.store.deliveries if str(key[1]) == unknown)
    world.store.deliveries[key] = world.store.deliveries[key]._replace(
        state=DeliveryState.WAITING, next_attempt_at=world.clock.now()
    )
    forgotten = world.books.transactions.pop(key[1])

    await world.courier.bring(one.endpoint_id, lambda: False)
    assert len(world.sender.calls) == 2
    world.books.transactions[key[1]] = forgotten
    world.clock.advance(CourierLimits().claim.total_seconds())
    await world.courier.bring(one.endpoint_id, lambda: False)

    assert world.sender.ids(URL) == [known, unknown, unknown]


async def test_the_intake_goes_on_where_it_was(world: WebhookWorld) -> None:
    await world.added()
    async with running(world):
        await world.posted()
        await eventually(lambda: len(world.sender.calls) == 1)
    missed = await world.posted(2)
    async with running(world):
        await eventually(lambda: len(world.sender.calls) == 3)

    assert world.sender.ids(URL)[1:] == missed


async def test_told_twice_is_delivered_once(world: WebhookWorld) -> None:
    await world.added()
    async with running(world):
        ids = await world.posted(2)
        for transaction in list(world.books.transactions.values()):
            world.tell(transaction)
        (last,) = await world.posted()
        await eventually(lambda: last in world.sender.ids(URL))

    assert sorted(world.sender.ids(URL)) == sorted([*ids, last])


@pytest.mark.parametrize("lost", ["retention", "another topic"])
async def test_events_that_were_lost_are_counted_and_all_that_is_there_is_taken_in(
    world: WebhookWorld, lost: str
) -> None:
    await world.added()
    async with running(world):
        await world.posted()
        await eventually(lambda: len(world.sender.calls) == 1)
    missed = await world.posted(3)
    if lost == "retention":
        world.events.delete_before(PARTITION, 3)
    else:
        world.events.recreate()
        for transaction in list(world.books.transactions.values()):
            world.tell(transaction)
    async with running(world):
        await eventually(lambda: missed[-1] in world.sender.ids(URL))

    assert world.metrics.registry.get_sample_value(WEBHOOK_EVENTS_LOST.name) == 1
    assert len(world.sender.ids(URL)) == (2 if lost == "retention" else 4)


async def test_what_is_no_event_is_stepped_over(world: WebhookWorld) -> None:
    await world.added()
    async with running(world):
        world.events.append(PARTITION, None)
        await world.posted()
        await eventually(lambda: len(world.sender.calls) == 1)


async def test_of_two_processes_one_takes_in_and_each_event_is_delivered_once() -> None:
    world = WebhookWorld()
    twin = WebhookWorld()
    twin.intake.feed, twin.intake.intake = world.intake.feed, world.intake.intake
    await world.added()
    async with running(world), beside(twin.intake.run(), "twin"):
        ids = await world.posted(50)
        await eventually(lambda: len(world.sender.calls) >= 50)

    assert sorted(world.sender.ids(URL)) == sorted(ids)


async def test_who_takes_over_from_a_process_that_died_leaves_nothing_out(
    world: WebhookWorld,
) -> None:
    await world.added()
    start = Cursors((await world.intake.feed.extent()).topic_id, dict.fromkeys(range(8), 0))
    intake, take_in = world.intake.intake, world.intake.intake.take_in
    await intake.begin(None, start)
    ids = await world.posted(3)

    async def beaten_once(*args: object) -> bool:
        intake.take_in = take_in  # type: ignore[method-assign]
        first = Told(UUID(ids[0]), "counterfoil.transaction.posted")
        before, after = (Cursors(start.topic_id, {PARTITION: offset}) for offset in (0, 1))
        assert await take_in(before, after, [first], world.clock.now())
        return await take_in(*args)  # type: ignore[arg-type]

    intake.take_in = beaten_once  # type: ignore[method-assign, assignment]
    async with running(world):
        await eventually(lambda: len(world.sender.calls) == len(ids))

    assert sorted(world.sender.ids(URL)) == sorted(ids)


async def test_readiness_says_what_is_in_the_intakes_way(world: WebhookWorld) -> None:
    class Away:
        async def extent(self) -> FeedExtent:
            raise EventsUnavailableError("no broker")

        def reader(self, *_: object) -> None:
            raise AssertionError

    feed = world.intake.feed
    world.intake.feed = Away()  # type: ignore[assignment]
    async with beside(world.intake.run(), "intake"):
        await eventually(lambda: world.intake.failing is not None)
        assert await world.intake.trouble() == "kafka is away: no broker"
        world.intake.feed = feed
        await eventually(lambda: world.intake.failing is None)


async def test_sending_goes_on_when_the_ledger_is_back(world: WebhookWorld) -> None:
    await world.added()
    due, errors = world.queue.due, [LedgerUnavailableError("away")]

    async def flaky(*args: object) -> object:
        if errors:
            raise errors.pop()
        return await due(*args)  # type: ignore[arg-type]

    world.queue.due = flaky  # type: ignore[method-assign, assignment]
    async with running(world):
        await world.posted()
        await eventually(lambda: len(world.sender.calls) == 1)


async def test_what_was_called_is_written_down_once_the_ledger_is_back(
    world: WebhookWorld,
) -> None:
    """Otherwise it would be called again."""
    one = await world.added()
    await world.endpoints.call(one.endpoint_id, unkeyed_id("test"), world.clock.now())
    record, errors = world.queue.record, [LedgerUnavailableError("away")] * 2

    async def flaky(*args: object) -> object:
        if errors:
            raise errors.pop()
        return await record(*args)  # type: ignore[arg-type]

    world.queue.record = flaky  # type: ignore[method-assign, assignment]
    await world.courier.bring(one.endpoint_id, lambda: False)

    assert len(world.sender.calls) == 1
    assert [one.state for one in world.store.deliveries.values()] == [DeliveryState.DELIVERED]


async def test_a_replay_tells_of_everything_since_an_event_from_the_ledger(
    world: WebhookWorld,
) -> None:
    await world.posted(2)
    world.clock.advance(60)
    wanted = await world.posted(3)

    async with running(world), beside(world.care.replay(), "replay"):
        one = await world.added()
        await world.replays.ask(one.endpoint_id, world.clock.now(), world.clock.now())
        await eventually(lambda: len(world.sender.calls) == len(wanted))

    assert world.store.replays == {}
    assert sorted(world.sender.ids(URL)) == sorted(wanted)


async def test_what_was_done_long_ago_is_forgotten_in_the_end(world: WebhookWorld) -> None:
    one = await world.added()
    await world.endpoints.call(one.endpoint_id, unkeyed_id("test"), world.clock.now())
    await world.courier.bring(one.endpoint_id, lambda: False)

    world.clock.advance(29 * 86_400)
    await world.care.forget()
    assert len(world.store.deliveries) == 1
    world.clock.advance(2 * 86_400)
    async with beside(world.care.look_after(), "upkeep"):
        await eventually(lambda: world.store.deliveries == {})


async def test_a_delivery_that_always_fails_at_an_endpoint_that_takes_others_is_given_up(
    world: WebhookWorld,
) -> None:
    one = await world.added()
    async with running(world):
        (poison,) = await world.posted()
        await eventually(lambda: len(world.sender.calls) == 1)
    key = next(iter(world.store.deliveries))
    world.store.deliveries[key] = world.store.deliveries[key]._replace(
        state=DeliveryState.WAITING, attempts=0, next_attempt_at=world.clock.now()
    )

    async def refuses_it(call: object) -> int:
        return 400 if getattr(call, "message_id", "") == poison else 200

    world.sender.answers[URL] = refuses_it
    for wait in SCHEDULE:
        world.clock.advance(wait.total_seconds())
        await world.endpoints.call(one.endpoint_id, unkeyed_id("test"), world.clock.now())
        await world.courier.bring(one.endpoint_id, lambda: False)

    assert world.store.deliveries[key].state is DeliveryState.FAILED
    assert world.store.deliveries[key].attempts == len(SCHEDULE)
    assert world.store.endpoints[one.endpoint_id].disabled_because is None
    assert timedelta(days=3) < sum(SCHEDULE, timedelta())
