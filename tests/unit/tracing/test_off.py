"""Tracing is off unless it is asked for, and asked for it needs its extra."""

import subprocess
import sys
from typing import Final

import pytest

import bootstrap
from adapters.observed.posting import ObservedPostPage, ObservedPublish
from adapters.tracing import TRACEPARENT
from entrypoints.settings import Profile, Settings, SettingsError, load
from tests.unit.tracing.tracing_world import ENDPOINT, traced_product

IMPORTED: Final = """
import sys
import bootstrap
import entrypoints.cli
from entrypoints.settings import Settings
for profile in ("memory", "external"):
    container = bootstrap.make_container(Settings(profile=profile).model_dump())
    container.api_app(), container.pool(), container.webhook_dispatch()
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


async def test_off_there_is_no_header_and_no_span() -> None:
    async with traced_product(endpoint=None) as world:
        await world.deposit({TRACEPARENT: f"00-{1:032x}-{1:016x}-01"})
        (record,) = world.records
        assert TRACEPARENT not in dict(record.headers)
        assert world.exporter.get_finished_spans() == ()


def test_off_nothing_stands_around_the_use_cases() -> None:
    container = bootstrap.make_container(Settings(profile=Profile.MEMORY).model_dump())
    assert container.accepting_log() is container.observed_log()
    assert isinstance(container.post_page(), ObservedPostPage)
    assert isinstance(container.publish(), ObservedPublish)
    assert container.record_headers() is None
    assert bootstrap.log_processors(container) == []


def test_off_nothing_of_it_is_imported() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_without_its_extra_the_refusal_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COUNTERFOIL_TRACES_ENDPOINT", ENDPOINT)
    assert load().traces_endpoint == ENDPOINT
    # As Python finds them where they are not installed.
    for name in [one for one in sys.modules if one.startswith("opentelemetry")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(SettingsError) as refused:
        load()
    assert "COUNTERFOIL_TRACES_ENDPOINT: " in str(refused.value)
    assert "pip install 'counterfoil[otel]'" in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COUNTERFOIL_TRACES_ENDPOINT", "127.0.0.1:4318"),
        ("COUNTERFOIL_TRACES_SAMPLING_RATIO", "1.5"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load()
