"""Figures of `counterfoil top` are those of the interval, whatever becomes of the processes."""

from math import inf

import pytest

from adapters.inbound.cli.top.figures import Partition
from adapters.inbound.cli.top.process import Kind
from adapters.inbound.cli.top.scrape import read_scrape
from adapters.inbound.cli.top.spread import Spread, since, together
from adapters.metrics.instruments import Metrics
from tests.unit.cli.top_world import Processes, Seen


@pytest.fixture
def api() -> Seen:
    return Seen(Kind.API)


@pytest.fixture
def processor() -> Seen:
    return Seen(Kind.PROCESSOR)


def accept(seen: Seen, count: int, replayed: str = "false") -> None:
    seen.metrics.http.commands_accepted.labels("deposit", replayed).inc(count)


def post(seen: Seen, count: int, status: str = "posted") -> None:
    seen.metrics.posting.transactions.labels(status).inc(count)


def test_rates_are_of_the_interval_and_unknown_before_there_is_one(
    api: Seen, processor: Seen
) -> None:
    processes = Processes(api, processor)
    accept(api, 1_000)
    assert processes.figures().flow.accepted is None
    accept(api, 40)
    accept(api, 7, replayed="true")
    api.metrics.http.commands_refused.labels("deposit", "invalid_field").inc(3)
    post(processor, 30)
    post(processor, 2, "rejected")
    api.metrics.accepting.in_flight.set(5)
    flow = processes.figures().flow
    assert flow[:5] == (20.0, 1.5, 15.0, 1.0, 5.0)
    assert processes.figures().flow[:4] == (0.0, 0.0, 0.0, 0.0)


def test_a_process_that_starts_anew_makes_no_rate_negative(processor: Seen) -> None:
    processes = Processes(processor)
    post(processor, 1_000)
    processor.metrics.posting.page_records.observe(1_000)
    processor.metrics.posting.page_records.observe(1_000)
    processes.figures()
    processor.metrics = Metrics()
    post(processor, 10)
    processor.metrics.posting.page_records.observe(4)
    figures = processes.figures()
    assert figures.flow.posted == 5.0
    assert (figures.pages.records.count, figures.pages.records.mean) == (1, 4)


def test_processes_of_one_kind_are_added_up_and_one_that_is_away_hides_no_other() -> None:
    first, second = Seen(Kind.PROCESSOR), Seen(Kind.PROCESSOR, "http://127.0.0.1:8082")
    processes = Processes(first, second)
    processes.figures()
    for one in (first, second):
        post(one, 20)
        one.metrics.posting.pages.inc(4)
        one.metrics.posting.page_seconds.observe(0.02)
    figures = processes.figures()
    assert (figures.flow.posted, figures.pages.per_second) == (20.0, 4.0)
    assert figures.pages.seconds.count == 2
    second.away = "connection refused"
    post(first, 20)
    figures = processes.figures()
    assert figures.flow.posted == 10.0
    assert [one.away for one in figures.processes] == [None, "connection refused"]
    first.away = "connection refused"
    assert processes.figures().flow.posted is None


def test_after_an_absence_the_rate_is_over_all_of_it(processor: Seen) -> None:
    processes = Processes(processor)
    processes.figures()
    processor.away = "no answer"
    processes.figures()
    processor.away = None
    post(processor, 40)
    assert processes.figures().flow.posted == 10.0


def test_partitions_are_told_of_by_whoever_owns_them_and_missed_otherwise() -> None:
    api = Seen(Kind.API)
    first, second = Seen(Kind.PROCESSOR), Seen(Kind.PROCESSOR, "http://127.0.0.1:8082")
    for partition in range(4):
        api.metrics.accepting.partition_full.labels(str(partition)).set(partition == 1)
    for seen, partition in ((first, 0), (second, 1)):
        posting = seen.metrics.posting
        posting.lag.labels(str(partition)).set(10 + partition)
        posting.oldest_unposted_seconds.labels(str(partition)).set(0.5)
        posting.unpublished.labels(str(partition)).set(3)
        posting.halted.labels(str(partition)).set(partition == 0)
        posting.dead_letters_held.labels(str(partition)).set(2)
    figures = Processes(api, first, second).figures()
    assert figures.partitions == [
        Partition(0, 10, 0.5, 3, is_halted=True, is_full=False),
        Partition(1, 11, 0.5, 3, is_halted=False, is_full=True),
        Partition(2, None, None, None, is_halted=False, is_full=False),
        Partition(3, None, None, None, is_halted=False, is_full=False),
    ]
    assert [one.is_owned for one in figures.partitions] == [True, True, False, False]
    assert figures.troubles.dead_letters_held == 4


def test_webhooks_of_several_processes_are_one_lot_and_their_calls_are_added() -> None:
    first, second = Seen(Kind.WEBHOOKS), Seen(Kind.WEBHOOKS, "http://127.0.0.1:8083")
    processes = Processes(first, second)
    processes.figures()
    for one in (first, second):
        webhooks = one.metrics.webhooks
        webhooks.waiting.set(7)
        webhooks.oldest_waiting_seconds.set(9)
        webhooks.attempts.labels("delivered").inc(6)
        webhooks.attempts.labels("refused").inc(1)
        webhooks.attempts.labels("no_answer").inc(1)
        webhooks.done.labels("delivered").inc(6)
    assert processes.figures().webhooks == (6.0, 2.0, 7, 9, 0)


def test_the_mean_and_a_quantile_are_those_of_the_buckets() -> None:
    spread = Spread(4, 10.0, {1.0: 2, 2.0: 3, 5.0: 4, inf: 4})
    assert spread.mean == 2.5
    assert [spread.quantile(one) for one in (0.25, 0.5, 0.75, 1.0)] == [0.5, 1.0, 2.0, 5.0]
    beyond = Spread(2, 99.0, {1.0: 1, 5.0: 1, inf: 2})
    assert beyond.quantile(0.99) == 5.0
    assert Spread().mean is Spread().quantile(0.5) is None
    both = together([spread, spread])
    assert both == Spread(8, 20.0, {1.0: 4, 2.0: 6, 5.0: 8, inf: 8})
    assert since(spread, both) == spread
    assert since(both, spread) == spread


@pytest.mark.parametrize("text", ["<html>", "a b c d e"])
def test_what_is_no_exposition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read_scrape(text, 0.0)
