"""How Kafka is reached."""

import ssl
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]

METADATA_MAX_AGE_MS: Final = 60_000
RETRY_BACKOFF_MS: Final = 100


@dataclass(frozen=True)
class KafkaConnection:
    """Addresses, encryption and identity: what every client of Kafka in this process shares.

    `bootstrap_servers` is `host:port`, several separated by commas. Certificates are PEM files.
    """

    bootstrap_servers: str
    security_protocol: SecurityProtocol = "PLAINTEXT"
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    sasl_mechanism: SaslMechanism = "PLAIN"
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    client_id: str = "counterfoil"

    def arguments(self, purpose: str, request_timeout_ms: int) -> dict[str, object]:
        """The keyword arguments that all aiokafka clients take.

        `purpose` follows the client id, so that a broker's logs tell the clients apart. Raises
        `OSError` when a certificate file cannot be read.
        """
        return {
            "bootstrap_servers": self.bootstrap_servers,
            "client_id": f"{self.client_id}-{purpose}",
            "request_timeout_ms": request_timeout_ms,
            "retry_backoff_ms": RETRY_BACKOFF_MS,
            "metadata_max_age_ms": METADATA_MAX_AGE_MS,
            "security_protocol": self.security_protocol,
            "ssl_context": self._ssl_context,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": self.sasl_password,
        }

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext | None:
        if "SSL" not in self.security_protocol:
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.certificate_file is not None:
            context.load_cert_chain(self.certificate_file, self.key_file)
        return context
