"""What everything that keeps webhooks promises."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.entities.outcome_event import EventType
from core.entities.webhooks.delivery import TEST_TYPE, DeliveryState
from core.entities.webhooks.endpoint import (
    MAX_SECRETS,
    WELL,
    Change,
    DisabledBecause,
    EndpointStatus,
)
from core.entities.webhooks.schedule import FAILURES_TO_PAUSE, PAUSES, SCHEDULE
from core.ports.webhooks.intake import Cursors
from infra.local.postgres import LocalPostgres
from tests.builders import NOON, endpoint, unkeyed_id
from tests.contracts.books_under_test import ADAPTERS
from tests.contracts.webhooks_under_test import (
    CLAIM,
    SECRET,
    START,
    Webhooks,
    answered,
    open_webhooks,
    told,
)

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.fixture(params=ADAPTERS)
async def hooks(request: pytest.FixtureRequest, postgres: LocalPostgres) -> AsyncIterator[Webhooks]:
    async with open_webhooks(request.param, postgres) as hooks:
        yield hooks


async def test_an_endpoint_is_kept_as_it_was_added(hooks: Webhooks) -> None:
    one = await hooks.added(description="ü", event_types=frozenset({"a", "b"}))
    other = await hooks.added(created_at=NOON + SECOND)

    assert await hooks.endpoints.find(one.endpoint_id) == one
    assert await hooks.endpoints.all() == [one, other]
    assert await hooks.endpoints.find(unkeyed_id("nobody")) is None


async def test_there_are_no_more_endpoints_than_may_be(hooks: Webhooks) -> None:
    await hooks.added()

    assert not await hooks.endpoints.add(endpoint(), SECRET, 1)
    assert len(await hooks.endpoints.all()) == 1


async def test_a_change_leaves_what_it_does_not_name(hooks: Webhooks) -> None:
    one = await hooks.added(description="old", event_types=frozenset({"a"}))

    after = await hooks.endpoints.change(one.endpoint_id, Change(url="https://example.org/"), NOON)

    assert after == one._replace(url="https://example.org/")
    assert await hooks.endpoints.find(one.endpoint_id) == after
    assert await hooks.endpoints.change(unkeyed_id("nobody"), Change(), NOON) is None


async def test_a_removed_endpoint_is_gone_with_all_that_was_its(hooks: Webhooks) -> None:
    one, other = await hooks.added(), await hooks.added()
    event = told()
    await hooks.tell(event)
    await hooks.replays.ask(one.endpoint_id, NOON, NOON)

    assert await hooks.endpoints.remove(one.endpoint_id)

    assert not await hooks.endpoints.remove(one.endpoint_id)
    assert await hooks.endpoints.all() == [other]
    assert await hooks.queue.due(NOON) == [other.endpoint_id]
    assert await hooks.replays.next() is None
    while await hooks.upkeep.prune(NOON, 1):
        pass
    assert await hooks.log.delivery(one.endpoint_id, event.event_id) is None
    assert await hooks.log.delivery(other.endpoint_id, event.event_id) is not None
    assert not await hooks.endpoints.rotate(one.endpoint_id, SECRET, NOON, NOON)
    assert not await hooks.endpoints.call(one.endpoint_id, unkeyed_id("test"), NOON)
    assert not await hooks.replays.ask(one.endpoint_id, NOON, NOON)


async def test_an_attempt_at_an_endpoint_that_was_removed_meanwhile_is_forgotten(
    hooks: Webhooks,
) -> None:
    one = await hooks.added()
    await hooks.tell(told())
    claimed = await hooks.claimed(one)
    await hooks.endpoints.remove(one.endpoint_id)

    assert await hooks.record(claimed, answered(200)) is None


async def test_an_old_secret_signs_beside_the_new_one_until_its_time_is_over(
    hooks: Webhooks,
) -> None:
    one = await hooks.added()
    await hooks.tell(told(), told())
    assert await hooks.endpoints.rotate(one.endpoint_id, "new", NOON, NOON + DAY)

    within = await hooks.claim(one, 1)
    after = await hooks.claim(one, 1, NOON + DAY)

    assert within is not None
    assert list(within.secrets) == ["new", SECRET]
    assert after is not None
    assert list(after.secrets) == ["new"]


async def test_a_short_overlap_ends_the_longer_one_of_a_rotation_before(hooks: Webhooks) -> None:
    one = await hooks.added()
    await hooks.tell(told())
    await hooks.endpoints.rotate(one.endpoint_id, "second", NOON, NOON + DAY)
    await hooks.endpoints.rotate(one.endpoint_id, "new", NOON, NOON)

    claim = await hooks.claim(one)

    assert claim is not None
    assert list(claim.secrets) == ["new"]


async def test_secrets_that_sign_are_never_more_than_so_many(hooks: Webhooks) -> None:
    one = await hooks.added()
    await hooks.tell(told())
    for number in range(MAX_SECRETS + 1):
        await hooks.endpoints.rotate(one.endpoint_id, f"secret-{number}", NOON, NOON + DAY)

    claim = await hooks.claim(one)

    assert claim is not None
    newest_first = [f"secret-{number}" for number in range(MAX_SECRETS, 0, -1)]
    assert list(claim.secrets) == newest_first


async def test_events_go_to_those_who_want_them_once(hooks: Webhooks) -> None:
    everything = await hooks.added()
    rejections = await hooks.added(event_types=frozenset({EventType.TRANSACTION_REJECTED}))
    posted, rejected = told(), told(EventType.TRANSACTION_REJECTED)
    await hooks.tell(posted, rejected)
    await hooks.tell(rejected, posted)
    late = await hooks.added()

    assert [one.event_id for one in await hooks.claimed(everything)] == [
        posted.event_id,
        rejected.event_id,
    ]
    assert [one.event_id for one in await hooks.claimed(rejections)] == [rejected.event_id]
    assert await hooks.claimed(late) == []
    assert await hooks.claimed(everything) == []


async def test_what_was_delivered_is_not_told_again_when_it_is_taken_in_again(
    hooks: Webhooks,
) -> None:
    one = await hooks.added()
    event = told()
    await hooks.tell(event)
    await hooks.record(await hooks.claimed(one), answered(200))

    await hooks.tell(event)

    assert await hooks.claimed(one) == []


async def test_who_is_disabled_finds_what_was_missed_but_not_who_is_gone(hooks: Webhooks) -> None:
    off = await hooks.added()
    await hooks.endpoints.change(off.endpoint_id, Change(status=EndpointStatus.DISABLED), NOON)
    gone = await hooks.added()
    await hooks.tell(told())
    await hooks.record(await hooks.claimed(gone), answered(410))
    missed = told()
    await hooks.tell(missed)

    assert await hooks.queue.due(NOON) == []
    for one in (off, gone):
        await hooks.endpoints.change(one.endpoint_id, Change(status=EndpointStatus.ENABLED), NOON)

    assert missed.event_id in [one.event_id for one in await hooks.claimed(off)]
    assert missed.event_id not in [one.event_id for one in await hooks.claimed(gone)]


async def test_the_cursors_move_with_what_is_taken_in_or_not_at_all(hooks: Webhooks) -> None:
    one = await hooks.added()
    assert await hooks.intake.cursors() is None
    await hooks.intake.begin(None, Cursors("topic", {0: 5, 1: 7}))
    await hooks.intake.begin(None, Cursors("topic", {0: 0}))
    assert await hooks.intake.cursors() == Cursors("topic", {0: 5, 1: 7})

    for before in (Cursors("topic", {0: 4}), Cursors("other", {0: 5}), Cursors("topic", {2: 0})):
        after = Cursors(before.topic_id, dict.fromkeys(before.next_offsets, 9))
        assert not await hooks.intake.take_in(before, after, [told()], NOON)

    assert await hooks.claimed(one) == []
    assert await hooks.intake.take_in(
        Cursors("topic", {1: 7}), Cursors("topic", {1: 8}), [told()], NOON
    )
    assert await hooks.intake.cursors() == Cursors("topic", {0: 5, 1: 8})
    assert len(await hooks.claimed(one)) == 1


async def test_the_intake_can_begin_anew_with_another_topic(hooks: Webhooks) -> None:
    await hooks.intake.begin(None, START)
    await hooks.intake.begin(START, Cursors("new", {0: 3, 1: 0}))
    await hooks.intake.begin(START, Cursors("newer", {0: 0}))

    assert await hooks.intake.cursors() == Cursors("new", {0: 3, 1: 0})


async def test_what_is_claimed_nobody_else_gets_until_the_claim_has_run_out(
    hooks: Webhooks,
) -> None:
    one = await hooks.added()
    await hooks.tell(told(), told(), told())

    first = await hooks.claimed(one, 2)
    second = await hooks.claimed(one, 2)

    assert [one.number for one in first + second] == sorted(one.number for one in first + second)
    assert len({one.event_id for one in first + second}) == 3
    assert await hooks.queue.due(NOON) == []
    assert await hooks.queue.due(NOON + CLAIM) == [one.endpoint_id]
    assert len(await hooks.claimed(one, 10, NOON + CLAIM)) == 3


async def test_a_delivery_that_is_taken_is_done_and_its_attempt_is_kept(hooks: Webhooks) -> None:
    one = await hooks.added()
    await hooks.tell(told())
    (delivery,) = await hooks.claimed(one)
    attempt = answered(204)._replace(answer=b"\xff\0")

    await hooks.record([delivery], attempt)

    found = await hooks.found(delivery)
    assert (found.state, found.attempts) == (DeliveryState.DELIVERED, 1)
    assert (found.last_status, found.last_attempt_at) == (204, NOON)
    assert await hooks.attempts(delivery) == [attempt]
    assert await hooks.claimed(one, now=NOON + CLAIM) == []


async def test_a_delivery_that_failed_comes_back_by_the_schedule_with_its_error(
    hooks: Webhooks,
) -> None:
    one = await hooks.added()
    await hooks.tell(told())
    (delivery,) = await hooks.claimed(one)

    await hooks.record([delivery], answered(200)._replace(status=None, error="no answer"))

    assert await hooks.claimed(one, now=NOON + SCHEDULE[1] - SECOND) == []
    (again,) = await hooks.claimed(one, now=NOON + SCHEDULE[1])
    assert (again.attempts, again.last_status, again.last_error) == (1, None, "no answer")
    found = await hooks.endpoints.find(one.endpoint_id)
    assert found is not None
    assert found.health.failures_in_a_row == 1


async def test_of_a_claim_that_ran_out_only_a_success_counts(hooks: Webhooks) -> None:
    one = await hooks.added()
    await hooks.tell(told())
    (stale,) = await hooks.claimed(one)
    (current,) = await hooks.claimed(one, now=NOON + CLAIM)

    await hooks.record([stale], answered(500), now=NOON + CLAIM)
    after_failure = await hooks.found(current)
    await hooks.record([stale], answered(200), now=NOON + CLAIM)
    await hooks.record([current], answered(500), now=NOON + CLAIM)

    assert after_failure.next_attempt_at == current.next_attempt_at
    assert (await hooks.found(current)).state is DeliveryState.DELIVERED
    assert len(await hooks.attempts(current)) == 3


async def test_what_was_not_sent_is_given_back(hooks: Webhooks) -> None:
    one = await hooks.added()
    await hooks.tell(told(), told())
    sent, unsent = await hooks.claimed(one)

    await hooks.record([sent], answered(500), [unsent])

    (back,) = await hooks.claimed(one)
    assert (back.event_id, back.attempts) == (unsent.event_id, 0)


async def test_an_endpoint_that_fails_is_paused_tried_with_one_and_opened_by_a_success(
    hooks: Webhooks,
) -> None:
    one, other = await hooks.added(), await hooks.added()
    await hooks.tell(*(told() for _ in range(FAILURES_TO_PAUSE + 3)))
    await hooks.record(await hooks.claimed(one, FAILURES_TO_PAUSE), answered(500))

    assert await hooks.queue.due(NOON) == [other.endpoint_id]
    assert await hooks.claim(one) is None
    assert (await hooks.upkeep.standing(NOON)).endpoints == {"enabled": 1, "paused": 1}
    later = NOON + PAUSES[0]
    probe = await hooks.claimed(one, now=later)
    assert len(probe) == 1
    await hooks.record(probe, answered(200), now=later)

    assert len(await hooks.claimed(one, now=later)) == FAILURES_TO_PAUSE + 2
    found = await hooks.endpoints.find(one.endpoint_id)
    assert found is not None
    assert found.health == WELL


async def test_opening_sends_nothing_twice_that_is_on_its_way(hooks: Webhooks) -> None:
    one = await hooks.added()
    await hooks.tell(*(told() for _ in range(FAILURES_TO_PAUSE + 2)))
    *failing, under_way = await hooks.claimed(one, FAILURES_TO_PAUSE + 1)
    await hooks.record(failing, answered(500))
    later = NOON + PAUSES[0]
    await hooks.record(await hooks.claimed(one, now=later), answered(200), now=later)

    assert under_way.event_id not in [one.event_id for one in await hooks.claimed(one, now=later)]


async def test_enabling_opens_an_endpoint_at_once(hooks: Webhooks) -> None:
    one = await hooks.added()
    await hooks.tell(*(told() for _ in range(FAILURES_TO_PAUSE)))
    await hooks.record(await hooks.claimed(one), answered(500))

    await hooks.endpoints.change(one.endpoint_id, Change(status=EndpointStatus.ENABLED), NOON)

    assert len(await hooks.claimed(one)) == FAILURES_TO_PAUSE


async def test_what_an_operator_disabled_meanwhile_stays_so_and_keeps_its_url(
    hooks: Webhooks,
) -> None:
    one = await hooks.added()
    await hooks.tell(told())
    claimed = await hooks.claimed(one)
    change = Change(url="https://example.org/", status=EndpointStatus.DISABLED)
    await hooks.endpoints.change(one.endpoint_id, change, NOON)

    await hooks.record(claimed, answered(200))

    found = await hooks.endpoints.find(one.endpoint_id)
    assert found is not None
    assert (found.url, found.disabled_because) == (change.url, DisabledBecause.BY_OPERATOR)


async def test_a_test_call_goes_before_all_that_waits_whatever_the_types(hooks: Webhooks) -> None:
    one = await hooks.added(event_types=frozenset({EventType.TRANSACTION_POSTED}))
    await hooks.tell(told())
    test_id = unkeyed_id("test")

    assert await hooks.endpoints.call(one.endpoint_id, test_id, NOON)

    (first,) = await hooks.claimed(one, 1)
    assert (first.event_id, first.type) == (test_id, TEST_TYPE)


async def test_deliveries_are_listed_newest_first_in_pages_and_by_state(hooks: Webhooks) -> None:
    one = await hooks.added()
    await hooks.added()
    events = [told() for _ in range(5)]
    await hooks.tell(*events)
    await hooks.record(await hooks.claimed(one, 2), answered(200))

    first = await hooks.log.deliveries(one.endpoint_id, None, None, 3)
    second = await hooks.log.deliveries(one.endpoint_id, None, first[-1].number, 3)
    done = await hooks.log.deliveries(one.endpoint_id, DeliveryState.DELIVERED, None, 10)

    newest_first = [event.event_id for event in reversed(events)]
    assert [one.event_id for one in [*first, *second]] == newest_first
    assert [one.event_id for one in done] == newest_first[-2:]
    assert await hooks.log.delivery(one.endpoint_id, unkeyed_id("nobody")) is None


async def test_a_replay_tells_again_what_was_done_and_for_the_first_time_what_never_was(
    hooks: Webhooks,
) -> None:
    one = await hooks.added()
    done, waiting, never = told(), told(), told()
    await hooks.tell(done)
    await hooks.record(await hooks.claimed(one), answered(200))
    await hooks.tell(waiting)
    later = NOON + SECOND
    assert await hooks.replays.ask(one.endpoint_id, NOON, later)

    replay = await hooks.replays.next()
    assert replay is not None
    assert (replay.since, replay.asked_at, replay.cursor) == (NOON, later, None)
    assert await hooks.replays.advance(replay, [done, waiting, never], "there", later)

    due = await hooks.claimed(one, now=later)
    assert {one.event_id for one in due} == {done.event_id, waiting.event_id, never.event_id}
    assert [one.attempts for one in due] == [0, 0, 0]
    assert not await hooks.replays.advance(replay, [told()], None, later)
    rest = await hooks.replays.next()
    assert rest == replay._replace(cursor="there")
    assert await hooks.replays.advance(rest, [], None, later)
    assert await hooks.replays.next() is None


async def test_a_replay_leaves_what_was_told_since_it_was_asked_for(hooks: Webhooks) -> None:
    one = await hooks.added(event_types=frozenset({EventType.TRANSACTION_POSTED}))
    event = told()
    await hooks.tell(event)
    await hooks.replays.ask(one.endpoint_id, NOON, NOON)
    later = NOON + SECOND
    await hooks.record(await hooks.claimed(one, now=later), answered(200, later), now=later)
    replay = await hooks.replays.next()
    assert replay is not None

    unwanted = told(EventType.TRANSACTION_REJECTED)
    assert await hooks.replays.advance(replay, [event, unwanted], None, later)

    assert await hooks.claimed(one, now=later) == []


async def test_a_replay_that_is_asked_for_again_begins_anew_with_the_earlier_time(
    hooks: Webhooks,
) -> None:
    one = await hooks.added()
    await hooks.replays.ask(one.endpoint_id, NOON, NOON)
    replay = await hooks.replays.next()
    assert replay is not None
    await hooks.replays.advance(replay, [], "there", NOON)

    await hooks.replays.ask(one.endpoint_id, NOON + DAY, NOON + SECOND)

    again = await hooks.replays.next()
    assert again == replay._replace(asked_at=NOON + SECOND)


async def test_what_was_done_long_ago_is_forgotten_in_pieces_and_what_waits_is_not(
    hooks: Webhooks,
) -> None:
    one = await hooks.added()
    await hooks.tell(told(), told(), told())
    old, recent, waiting = await hooks.claimed(one)
    await hooks.record([old], answered(200))
    await hooks.record([recent], answered(200, NOON + DAY))

    forgotten = [await hooks.upkeep.prune(NOON + SECOND, 10) for _ in range(2)]

    assert forgotten == [1, 0]
    assert await hooks.log.delivery(one.endpoint_id, old.event_id) is None
    for kept in (recent, waiting):
        assert await hooks.log.delivery(one.endpoint_id, kept.event_id) is not None


async def test_it_is_known_how_much_waits_since_when(hooks: Webhooks) -> None:
    one = await hooks.added()
    off = await hooks.added()
    await hooks.endpoints.change(off.endpoint_id, Change(status=EndpointStatus.DISABLED), NOON)
    await hooks.tell(told())
    await hooks.tell(told(), told(), now=NOON + SECOND)
    await hooks.record(await hooks.claimed(one, 1), answered(200))

    standing = await hooks.upkeep.standing(NOON)

    assert standing.endpoints == {"enabled": 1, "by_operator": 1}
    assert (standing.waiting, standing.oldest_waiting_at) == (2, NOON + SECOND)
