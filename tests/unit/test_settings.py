"""Settings come from the environment; what is wrong or unknown is named."""

import pytest

from entrypoints.settings import Settings, SettingsError, load


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"COUNTERFOIL_{name.upper()}", raising=False)


def test_the_defaults_are_sound() -> None:
    settings = load()
    assert settings.http_host == "127.0.0.1"
    assert settings.default_currency == "USD"
    assert settings.partitions == 8


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COUNTERFOIL_HTTP_PORT", "eighty"),
        ("COUNTERFOIL_HTTP_PORT", "70000"),
        ("COUNTERFOIL_PARTITIONS", "0"),
        ("COUNTERFOIL_DEFAULT_CURRENCY", "usd"),
        ("COUNTERFOIL_PROFILE", "postgres"),
        ("COUNTERFOIL_KAFKA_TLS_CA_FILE", "/nowhere/ca.pem"),
        ("COUNTERFOIL_HTPP_PORT", "8080"),
        ("COUNTERFOIL_HTTP_HOST", "0.0.0.0"),
        ("COUNTERFOIL_BLOCKER_PATIENCE_SECONDS", "15"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load()


def test_listening_beyond_loopback_must_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_HTTP_HOST", "0.0.0.0")
    monkeypatch.setenv("COUNTERFOIL_INSECURE", "1")
    assert load().http_host == "0.0.0.0"


def test_the_clients_variable_is_no_setting_and_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERFOIL_URL", "http://127.0.0.1:9999")
    assert load() == Settings()


def test_secrets_do_not_show() -> None:
    settings = Settings(postgres_dsn="postgresql://user:hunter2@host/db")  # type: ignore[arg-type]
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.model_dump())
