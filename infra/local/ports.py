"""TCP ports on this machine: which are free, and which this data folder has used before."""

import errno
import secrets
import socket
from itertools import chain
from pathlib import Path

from infra.local.files import read_json, write_json
from infra.local.refused import Refused

HOST = "127.0.0.1"
# Below the ports that systems give to outgoing connections: a client that keeps calling a port of
# its own machine that nobody listens on could otherwise be given that port, and answer itself.
CHOICE = range(20_000, 30_000)
ATTEMPTS = 1_000


def _listener(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Connections of an earlier run that linger in TIME_WAIT do not make a port taken.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        # Only what listens is exclusive, when both sides reuse addresses.
        listener.listen(1)
    except BaseException:
        listener.close()
        raise
    return listener


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    try:
        _listener(port).close()
    except OSError:
        return False
    return True


def require_free(port: int) -> None:
    """Refuse, with the reason, where no server could listen."""
    try:
        _listener(port).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Refused(
                f"Port {port} is taken; stop what listens there or choose another: "
                f"make run PORT={port + 1 if port < 65535 else port - 1}"
            ) from error
        raise Refused(f"Port {port} cannot be used: {error.strerror}.") from error


class Ports:
    """The ports of one data folder, by name, kept in a file: the same ones while they are free."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def choose(self, *names: str) -> dict[str, int]:
        """A free port for every name: the one of last time where nobody took it since."""
        kept = self._kept()
        # All are held open until each has its own, or two names might be given the same one.
        listeners = {name: self._listen(kept.get(name)) for name in names}
        chosen = {name: int(held.getsockname()[1]) for name, held in listeners.items()}
        for held in listeners.values():
            held.close()
        write_json(self._file, {**kept, **chosen})
        return chosen

    def _listen(self, wanted: int | None) -> socket.socket:
        drawn = (secrets.choice(CHOICE) for _ in range(ATTEMPTS))
        for port in chain([wanted] if wanted else [], drawn):
            try:
                return _listener(port)
            except OSError:
                continue
        raise Refused(f"No port between {CHOICE.start} and {CHOICE.stop} is free.")

    def _kept(self) -> dict[str, int]:
        kept = read_json(self._file)
        if kept is None:
            return {}
        if not isinstance(kept, dict) or not all(isinstance(port, int) for port in kept.values()):
            raise Refused(f"{self._file} cannot be understood; it was left as it is.")
        return kept
