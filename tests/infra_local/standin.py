"""Stands in for the `counterfoil` command: the same verbs, nothing behind them.

`/readyz` answers 200 at once. The verb that STANDIN_FAILS names fails.
"""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class Ready(BaseHTTPRequestHandler):
    """Is always ready."""

    def do_GET(self) -> None:
        """Answer 200."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def serve(port: int) -> None:
    """Serve until SIGTERM, then say goodbye."""

    def leave(*_: Any) -> None:
        os.write(1, b"stopped in good order\n")
        os._exit(0)

    signal.signal(signal.SIGTERM, leave)
    HTTPServer(("127.0.0.1", port), Ready).serve_forever()


def main() -> None:
    """Do as the verb says."""
    verb = sys.argv[1]
    assert os.environ["COUNTERFOIL_POSTGRES_DSN"].startswith("postgresql://counterfoil")
    if verb == "api":
        serve(int(os.environ["COUNTERFOIL_HTTP_PORT"]))
    elif verb == "webhooks":
        serve(int(os.environ["COUNTERFOIL_WEBHOOKS_HTTP_PORT"]))
    elif verb == "processor":
        serve(int(os.environ["COUNTERFOIL_PROCESSOR_HTTP_PORT"]))
    elif os.environ.get("STANDIN_FAILS") == verb:
        sys.exit(f"{verb} was told to fail")


if __name__ == "__main__":
    main()
