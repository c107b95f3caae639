"""The whole product in one process, on memory: for a first look and for tests."""

import os

import bootstrap
from entrypoints.process import configured, run
from entrypoints.settings import PREFIX, Profile


def main() -> None:
    """Serve until told to stop. Raises `CannotStartError`."""
    os.environ[f"{PREFIX}PROFILE"] = Profile.MEMORY.value
    os.environ.setdefault(f"{PREFIX}WEBHOOKS_ALLOW_LOOPBACK", "1")
    settings, container = configured()
    address = f"http://{settings.http_host}:{settings.http_port}"
    banner = (
        f"Counterfoil, in memory, on {address}. Nothing is kept: Ctrl-C forgets it all. Try:\n"
        f"  curl -si {address}/deposit -H 'Content-Type: application/json' "
        """-H 'Prefer: wait=5' -d '{"user_id":"123","amount":100.50}'"""
    )
    run("demo", bootstrap.running_demo, container, on_start=lambda: print(banner, flush=True))
