"""Everything that can be set, from environment variables named `COUNTERFOIL_...`.

Limits carry their unit in their name. What is unknown or wrong is named, and nothing starts.
"""

import os
import re
from collections.abc import Mapping
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX: Final = "COUNTERFOIL_"
CLIENT_URL: Final = f"{PREFIX}URL"
"""Of the commands that talk to a running service; no server has any use for it."""
_SERVERS: Final = re.compile(r"[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*")
_OTLP_EXPORTER: Final = "opentelemetry.exporter.otlp.proto.http"
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

Port = Annotated[int, Field(ge=0, le=65_535)]
Seconds = Annotated[float, Field(gt=0, le=3_600)]
Count = Annotated[int, Field(ge=1)]


class Profile(StrEnum):
    """Which adapters stand behind the ports."""

    EXTERNAL = "external"
    EMBEDDED = "embedded"
    MEMORY = "memory"


class SettingsError(Exception):
    """A setting is wrong or unknown; the message names it."""


def _existing_file(path: Path | None) -> Path | None:
    if path is not None and not path.is_file():
        raise ValueError("there is no such file")
    return path


def _servers(text: str) -> str:
    if not _SERVERS.fullmatch(text):
        raise ValueError("must be host:port, or several separated by commas")
    return text


def _dsn(dsn: SecretStr) -> SecretStr:
    if not dsn.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("must be postgresql://user:password@host:port/database")
    return dsn


def _with_opentelemetry(endpoint: str | None) -> str | None:
    if endpoint is not None and not _is_installed(_OTLP_EXPORTER):
        raise ValueError(
            "traces need OpenTelemetry, which is not installed: pip install 'counterfoil[otel]', "
            "or in a checkout .venv/bin/pip install -e '.[otel]'"
        )
    return endpoint


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of a package around it
        return False


File = Annotated[Path | None, AfterValidator(_existing_file)]


class Settings(BaseSettings):
    """The settings of every process; each takes what it needs."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    profile: Annotated[
        Profile,
        Field(description="external and embedded use Kafka and PostgreSQL; memory keeps nothing"),
    ] = Profile.EXTERNAL
    default_currency: Annotated[
        str, Field(pattern=r"^[A-Z]{3}$", description="currency of amounts that name none")
    ] = "USD"
    partitions: Annotated[
        int, Field(ge=1, le=4_096, description="partitions of the command log")
    ] = 8
    event_source: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9._~:/@+-]{1,255}$",
            description="which ledger it is, of outcome events: CloudEvents' `source`",
        ),
    ] = "counterfoil"
    log_format: Annotated[
        Literal["json", "console"] | None,
        Field(description="by default console on a terminal, json elsewhere"),
    ] = None
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="least level logged")
    ] = "info"

    traces_endpoint: Annotated[
        str | None,
        Field(
            pattern=r"^https?://[^\s]+$",
            description="where traces are sent by OTLP over HTTP, such as "
            "http://127.0.0.1:4318/v1/traces; off by default, and needs the extra `otel`",
        ),
        AfterValidator(_with_opentelemetry),
    ] = None
    traces_sampling_ratio: Annotated[
        float,
        Field(ge=0, le=1, description="of the traces that begin here, the part that is recorded"),
    ] = 1.0

    http_host: Annotated[str, Field(description="address the API listens on")] = "127.0.0.1"
    http_port: Annotated[Port, Field(description="port of the API")] = 8080
    processor_http_host: Annotated[
        str, Field(description="address of the processor's health and metrics")
    ] = "127.0.0.1"
    processor_http_port: Annotated[
        Port, Field(description="port of the processor's health and metrics")
    ] = 8081
    webhooks_http_host: Annotated[
        str, Field(description="address of the webhooks' health and metrics")
    ] = "127.0.0.1"
    webhooks_http_port: Annotated[
        Port, Field(description="port of the webhooks' health and metrics")
    ] = 8082
    insecure: Annotated[
        bool,
        Field(description="1: let the API, which knows no clients yet, listen beyond loopback"),
    ] = False

    kafka_bootstrap_servers: Annotated[
        str,
        Field(
            pattern=r"^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$",
            description="host:port[,host:port...]",
        ),
    ] = "127.0.0.1:9092"
    kafka_security_protocol: Annotated[
        Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"],
        Field(description="how to speak to Kafka"),
    ] = "PLAINTEXT"
    kafka_tls_ca_file: Annotated[
        File, Field(description="CA certificates; the system's by default")
    ] = None
    kafka_tls_certificate_file: Annotated[File, Field(description="our certificate")] = None
    kafka_tls_key_file: Annotated[File, Field(description="our certificate's key")] = None
    kafka_sasl_mechanism: Annotated[
        Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], Field(description="SASL mechanism")
    ] = "SCRAM-SHA-512"
    kafka_sasl_username: Annotated[str | None, Field(description="SASL user")] = None
    kafka_sasl_password: Annotated[SecretStr | None, Field(description="SASL password")] = None
    kafka_commands_topic: Annotated[str, Field(description="the command log")] = (
        "counterfoil.commands"
    )
    kafka_transactions_topic: Annotated[str, Field(description="outcome events")] = (
        "counterfoil.transactions"
    )
    kafka_dead_topic: Annotated[str, Field(description="copies of dead letters")] = (
        "counterfoil.dead"
    )
    kafka_pages_topic: Annotated[
        str, Field(description="the pages' rows, which restores and replays read")
    ] = "counterfoil.pages"
    kafka_group: Annotated[str, Field(description="consumer group of the processors")] = (
        "counterfoil.processor"
    )
    kafka_replication_factor: Annotated[
        int, Field(ge=1, le=32_767, description="of the topics that `counterfoil topics` makes")
    ] = 3

    postgres_dsn: Annotated[
        SecretStr,
        AfterValidator(_dsn),
        Field(description="postgresql://user:password@host:port/database"),
    ] = SecretStr("postgresql://127.0.0.1:5432/counterfoil")
    postgres_tls: Annotated[
        Literal["disable", "require", "verify-full"],
        Field(description="verify-full checks the server's certificate and name"),
    ] = "disable"
    postgres_tls_ca_file: Annotated[
        File, Field(description="CA certificates; the system's by default")
    ] = None
    postgres_pool_size: Annotated[Count, Field(description="connections per process")] = 16
    postgres_command_timeout_seconds: Annotated[
        Seconds, Field(description="longest wait for one statement")
    ] = 15.0
    blocker_patience_seconds: Annotated[
        Seconds,
        Field(description="wait for a stalled worker's locks before its session is terminated"),
    ] = 5.0

    max_in_flight_commands: Annotated[
        Count, Field(description="commands that wait for Kafka's answer; beyond it 503")
    ] = 10_000
    max_lag_records: Annotated[
        Count, Field(description="records of a partition that wait to be posted; beyond it 503")
    ] = 1_000_000
    max_waiters: Annotated[
        Count, Field(description="requests that wait for a position at a time")
    ] = 5_000
    max_event_streams: Annotated[
        Count, Field(description="streams of events of one API process; beyond it 503")
    ] = 1_000
    max_event_catch_ups: Annotated[
        Count, Field(description="of these, streams that read what they missed; beyond it 503")
    ] = 16
    max_page_records: Annotated[Count, Field(description="records in one page")] = 2_000
    max_page_entries: Annotated[int, Field(ge=2, description="entries in one page")] = 10_000
    max_page_bytes: Annotated[Count, Field(description="bytes of records in one page")] = 1 << 20
    max_condemned_in_a_row: Annotated[
        Count, Field(description="dead letters in a row, beyond which a partition halts")
    ] = 100
    signing_key_file: Annotated[
        File,
        Field(
            description="the processors' Ed25519 key (`counterfoil signing-key`); without it no "
            "heads are signed, and nothing can be proven"
        ),
    ] = None
    signing_interval_seconds: Annotated[
        Seconds, Field(description="time between two signatures of a partition that goes on")
    ] = 1.0
    integrity_rows_per_second: Annotated[
        Count,
        Field(description="entries, accounts and holds that a processor checks in the background"),
    ] = 5_000
    webhooks_allow_loopback: Annotated[
        bool, Field(description="1: let endpoints be on this machine, by http, too")
    ] = False
    webhooks_max_endpoints: Annotated[
        int, Field(ge=1, le=1_000, description="webhook endpoints at most")
    ] = 100
    webhooks_in_flight: Annotated[
        int, Field(ge=1, le=64, description="calls of one endpoint at a time")
    ] = 8
    webhooks_call_seconds: Annotated[
        float, Field(gt=0, le=60, description="longest time that an endpoint has to answer")
    ] = 15.0
    webhooks_kept_days: Annotated[
        int, Field(ge=1, le=3_650, description="days that deliveries are kept once they are done")
    ] = 30
    drain_seconds: Annotated[
        Seconds, Field(description="longest time that a stop takes for work in hand")
    ] = 10.0

    @model_validator(mode="after")
    def _listens_where_it_may(self) -> "Settings":
        if self.http_host not in _LOOPBACK and not self.insecure:
            raise ValueError(
                f"{PREFIX}HTTP_HOST: the API knows no clients yet, so it listens on loopback "
                f"alone; {PREFIX}INSECURE=1 lets whoever reaches it move money"
            )
        return self

    @model_validator(mode="after")
    def _has_time_for_blockers(self) -> "Settings":
        if self.blocker_patience_seconds >= self.postgres_command_timeout_seconds:
            raise ValueError(
                f"{PREFIX}BLOCKER_PATIENCE_SECONDS: must be less than "
                f"{PREFIX}POSTGRES_COMMAND_TIMEOUT_SECONDS, or a page gives up waiting before the "
                "stalled session in its way is terminated"
            )
        return self

    @model_validator(mode="after")
    def _says_who_it_is(self) -> "Settings":
        named = self.kafka_sasl_username and self.kafka_sasl_password
        if self.kafka_security_protocol.startswith("SASL") and not named:
            raise ValueError(
                f"{PREFIX}KAFKA_SASL_USERNAME and {PREFIX}KAFKA_SASL_PASSWORD: "
                f"{self.kafka_security_protocol} needs both"
            )
        return self

    @model_validator(mode="after")
    def _keeps_topics_apart(self) -> "Settings":
        topics = {
            self.kafka_commands_topic,
            self.kafka_transactions_topic,
            self.kafka_dead_topic,
            self.kafka_pages_topic,
        }
        if len(topics) < 4:
            raise ValueError(f"{PREFIX}KAFKA_..._TOPIC: the four topics must be different ones")
        return self


def load() -> Settings:
    """The settings of this process's environment. Raises `SettingsError`."""
    wrong = _unknown(os.environ)
    try:
        settings = Settings()
    except ValidationError as error:
        wrong += _sentences(error)
    else:
        if not wrong:
            return settings
    raise SettingsError("; ".join(wrong))


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known = {(PREFIX + name).upper() for name in Settings.model_fields} | {CLIENT_URL}
    return [
        f"{name} is not a setting of Counterfoil"
        for name in sorted(environment)
        if name.upper().startswith(PREFIX) and name.upper() not in known
    ]


def _sentences(error: ValidationError) -> list[str]:
    parts = []
    for one in error.errors(include_url=False, include_input=False):
        message = one["msg"].removeprefix("Value error, ")
        name = f"{PREFIX}{one['loc'][0]}: ".upper() if one["loc"] else ""
        parts.append(name + message)
    return parts
