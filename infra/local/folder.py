"""DATA: the folder that keeps everything of one stack, and belongs to one `make run` at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from infra.local.files import read_json, write_json
from infra.local.refused import Refused

FORMAT = 1
MARKER = "counterfoil.json"


class DataFolder:
    """The files of DATA that belong to no single server. Locked; see `opened`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def logs(self) -> Path:
        """The processes' logs, NAME.log."""
        return self.path / "logs"

    @property
    def stack(self) -> Path:
        """What runs now, for whoever wants to know; there only while it runs."""
        return self.path / "stack.json"

    @property
    def signing_key(self) -> Path:
        """The private key that heads are signed by; its public half is beside it, `.pub`."""
        return self.path / "signing-key.pem"

    @property
    def processes(self) -> Path:
        """The processes that were started, for the next run, should this one be killed."""
        return self.path / "processes.json"

    @property
    def is_complete(self) -> bool:
        """Whether both the ledger and the log were made here once."""
        return bool(_read_marker(self.path)["complete"])

    def mark_complete(self) -> None:
        """From now on a missing ledger or log is a loss, and not a first start."""
        write_json(self.path / MARKER, {"format": FORMAT, "complete": True})


@contextmanager
def opened(path: Path) -> Iterator[DataFolder]:
    """The folder, made if there is none, for nobody else until the end.

    `Refused`, with nothing touched, where it is somebody else's, of another format, or in use.
    """
    path = path.resolve()
    try:
        _claim(path)
        lock = (path / "lock").open("a+")
    except OSError as error:
        raise Refused(f"{error.filename or path} cannot be used: {error.strerror}.") from error
    with lock:
        _take(lock, path)
        yield DataFolder(path)


def _claim(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise Refused(f"{path} is not a folder; choose another: make run DATA=some/folder")
    if not path.exists() or _is_empty(path):
        path.mkdir(parents=True, exist_ok=True)
        # PostgreSQL's user has to pass through when root runs this; nobody else has to.
        path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        write_json(path / MARKER, {"format": FORMAT, "complete": False})
    _read_marker(path)
    owner = (path / MARKER).stat().st_uid
    if owner != os.geteuid():
        raise Refused(
            f"{path} was made by another user (id {owner}); run as that user, or choose "
            "another folder: make run DATA=some/folder"
        )
    (path / "logs").mkdir(mode=0o700, exist_ok=True)


def _is_empty(path: Path) -> bool:
    """Nothing there, or no more than a marker that was not finished."""
    return {entry.name for entry in path.iterdir()} <= {f"{MARKER}.new"}


def _read_marker(path: Path) -> dict[str, object]:
    marker = read_json(path / MARKER)
    if marker is None:
        raise Refused(
            f"{path} holds files that are not Counterfoil's; it was left as it is. "
            "Choose another: make run DATA=some/folder"
        )
    if not isinstance(marker, dict) or marker.get("format") != FORMAT or "complete" not in marker:
        raise Refused(f"{path} was made by another version of Counterfoil; it was left as it is.")
    return marker


def _take(lock: TextIO, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read().strip()
        raise Refused(
            f"{path} is in use by a make run{f' (process {holder})' if holder else ''}; "
            "stop that one, or run beside it: make run PORT=18080 DATA=some/folder"
        ) from error
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
