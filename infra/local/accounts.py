"""Which user PostgreSQL runs as: it refuses to be root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from infra.local.refused import Refused

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user and group that a child process runs as."""

    uid: int
    gid: int

    @classmethod
    def unprivileged(cls) -> Self:
        """The first user of `UNPRIVILEGED` that this machine has."""
        for name in UNPRIVILEGED:
            try:
                found = pwd.getpwnam(name)
            except KeyError:
                continue
            return cls(found.pw_uid, found.pw_gid)
        raise Refused(
            f"PostgreSQL does not run as root, and there is no user {' or '.join(UNPRIVILEGED)} "
            "to run it as; start this as an ordinary user."
        )

    @classmethod
    def owner_of(cls, path: Path) -> Self:
        """The user whose folder this is."""
        status = path.stat()
        return cls(status.st_uid, status.st_gid)

    def may_enter(self, path: Path) -> bool:
        """Whether this user can get at `path`, whatever stands above it."""
        asked = subprocess.run(
            ["test", "-x", path],
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        )
        return asked.returncode == 0

    def is_me(self) -> bool:
        """Whether that is the user who runs this."""
        return self.uid == os.geteuid()


def running_as_root() -> bool:
    """Whether a change of user is needed, and possible."""
    return os.geteuid() == 0
