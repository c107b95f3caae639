"""Every metric moves when what it tells of happens, and there is none beside the catalogue."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

import bootstrap
from adapters.backlog import Backlog
from adapters.limited_log import LimitedCommandLog
from adapters.metrics.catalogue import (
    ACCEPT_SECONDS,
    CATALOGUE,
    COMMANDS_IN_FLIGHT,
    DEAD_LETTERS,
)
from adapters.metrics.instruments import Metrics
from adapters.metrics.spec import Spec
from adapters.observed.command_log import ObservedCommandLog
from adapters.observed.retries import RetryCounter
from adapters.outbound.memory.command_log import MemoryCommandLog
from adapters.outbound.memory.log import MemoryLog
from core.entities.dead_letter import DeadLetterReason
from core.errors import PipelineFullError
from entrypoints.settings import Profile, Settings
from tests.builders import PARTITIONS, FixedClock, deposit
from tests.unit.metric_events import EVENTS, Event

ROOT: Final = Path(__file__).parents[2]
Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def samples(metrics: Metrics, spec: Spec) -> Samples:
    """All that is told of a metric, by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if family.name == spec.name.removesuffix("_total")
    }


@pytest.mark.parametrize("event", EVENTS)
async def test_a_metric_moves_when_its_event_happens(event: Event) -> None:
    metrics = Metrics()
    before = {spec.name: samples(metrics, spec) for spec in EVENTS[event]}
    async with event(metrics):
        for spec in EVENTS[event]:
            after = samples(metrics, spec)
            moved = {
                labels
                for (name, labels), value in after.items()
                if value != before[spec.name].get((name, labels), 0)
            }
            assert moved, spec.name
            assert_closed(spec, moved)


async def test_refusals_of_a_full_log_do_not_count_as_fast_confirmations() -> None:
    metrics = Metrics()
    backlog = Backlog(PARTITIONS, max_lag_records=0)
    backlog.log_ends_at([0] * PARTITIONS)
    memory = MemoryCommandLog(MemoryLog(PARTITIONS), FixedClock())
    log = ObservedCommandLog(LimitedCommandLog(memory, backlog), metrics.accepting)
    with pytest.raises(PipelineFullError):
        await log.append(deposit())
    for spec in (ACCEPT_SECONDS, COMMANDS_IN_FLIGHT):
        assert not any(samples(metrics, spec).values()), spec.name


def assert_closed(spec: Spec, moved: set[frozenset[tuple[str, str]]]) -> None:
    closed = {label.name: label.values for label in spec.labels if label.values}
    for name, value in (pair for labels in moved for pair in labels):
        assert value in closed.get(name, (value,)), (spec.name, name, value)


def test_a_counter_of_known_labels_is_there_before_it_counts() -> None:
    told = samples(Metrics(), DEAD_LETTERS)
    name = DEAD_LETTERS.name
    reasons = [frozenset({("reason", one.value)}) for one in DeadLetterReason]
    assert told == {(name, labels): 0 for labels in reasons}


def test_every_metric_has_an_event_that_moves_it() -> None:
    moved = [spec.name for specs in EVENTS.values() for spec in specs]
    assert sorted(moved) == sorted(spec.name for spec in CATALOGUE)


def test_the_registry_holds_the_catalogue_and_nothing_else_of_ours() -> None:
    told = [family.name for family in Metrics().registry.collect()]
    ours = {name for name in told if name.startswith("counterfoil")}
    assert ours == {spec.name.removesuffix("_total") for spec in CATALOGUE}


def test_no_instrument_is_made_beside_the_catalogue() -> None:
    makers = re.compile(
        r"prometheus_client.*\b(Counter|Gauge|Histogram|Summary|Info|Enum)\b", re.DOTALL
    )
    imports = re.compile(r"^(?:from|import) prometheus_client[^\n(]*(?:\([^)]*\))?", re.MULTILINE)
    found = {
        str(file.relative_to(ROOT))
        for folder in ("adapters", "core", "entrypoints")
        for file in (ROOT / folder).rglob("*.py")
        if any(makers.search(one) for one in imports.findall(file.read_text()))
    }
    assert found == {"adapters/metrics/spec.py", "adapters/metrics/instruments.py"}


def test_the_documents_name_no_metric_that_is_not_in_the_catalogue() -> None:
    roles = {
        *("counterfoil_processor", "counterfoil_api", "counterfoil_owner", "counterfoil_webhooks")
    }
    known = {spec.name for spec in CATALOGUE} | roles
    for document in (*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"):
        named = set(re.findall(r"\bcounterfoil_[a-z_]+", document.read_text()))
        assert named <= known, document


def test_the_page_about_metrics_is_the_catalogue() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    assert page == bootstrap.describe_metrics(), "counterfoil metrics > docs/metrics.md"


async def test_a_running_product_tells_all_of_it_and_measures_what_it_does() -> None:
    settings = Settings(profile=Profile.MEMORY, http_port=0)
    container = bootstrap.make_container(settings.model_dump())
    body = {"user_id": "alice", "amount": "1"}
    async with bootstrap.running_demo(container), ClientSession() as session:
        url = container.api_server().url
        async with session.post(f"{url}/deposit", json=body, headers={"Prefer": "wait=20"}) as got:
            assert got.status == 201
        async with session.get(f"{url}/metrics") as got:
            text = await got.text()
    told = {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.labels
    }
    types = set(re.findall(r"^# TYPE (counterfoil_\w+)", text, re.MULTILINE))
    assert types == {spec.name for spec in CATALOGUE}
    assert told["counterfoil_accept_duration_seconds_count"] == 1
    assert told["counterfoil_accepted_to_posted_seconds_count"] == 1
    assert told["counterfoil_pages_posted_total"] == 1
    assert told["counterfoil_commands_in_flight"] == told["counterfoil_waiters"] == 0


async def test_the_parts_of_a_process_are_wired_to_its_metrics() -> None:
    container = bootstrap.make_container(Settings(profile=Profile.MEMORY).model_dump())
    work = container.work()
    retries = (work.retries, work.telling.retries)
    assert all(one.told == RetryCounter(container.metrics().posting) for one in retries)
    ledger = container.observed_ledger()
    observed: Any = work.post_page
    assert observed.post_page.ledger is ledger
    assert work.take_over.ledger is ledger
    assert work.halt_partition.ledger is ledger
    assert work.telling.record_published.ledger is ledger
    for submit in (container.submit_command(), container.submit_batch()):
        assert submit.log is container.accepting_log()
        assert submit.watch is container.observed_watch()
