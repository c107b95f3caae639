"""Speaking TLS to PostgreSQL."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

TlsMode = Literal["disable", "require", "verify-full"]


@dataclass(frozen=True, slots=True)
class Tls:
    """`require` encrypts, `verify-full` also checks the server's certificate and name.

    The certificate authorities are the system's unless `ca_file` names others.
    """

    mode: TlsMode = "disable"
    ca_file: Path | None = None

    def context(self) -> ssl.SSLContext | None:
        """The context to connect with; None leaves it to the DSN's own `sslmode`."""
        if self.mode == "disable":
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.mode == "require":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context
