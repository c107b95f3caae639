"""PostgreSQL's programs as commands, and the making of a cluster with them."""

import os
import shutil
from pathlib import Path

from infra.local.files import write_atomically
from infra.local.postgres_home import Home
from infra.local.process import POSTGRES, Command, Died, complete
from infra.local.refused import Refused

SUPERUSER = "postgres"


def program(home: Home, log: Path, name: str, *arguments: str) -> Command:
    """One of PostgreSQL's programs, run as its user, with nothing of ours in its environment."""
    return Command(
        name="postgres",
        argv=[str(home.programs / name), *arguments],
        log=log,
        environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        account=home.account,
        stopping=POSTGRES,
    )


async def make_cluster(home: Home, log: Path, superuser_password: str) -> None:
    """A new cluster where the home says; `Refused` if PostgreSQL could not make it.

    Made under another name and renamed: half a cluster is never taken for a whole one.
    """
    new = home.cluster.with_name(home.cluster.name + ".new")
    password = home.cluster.with_name("superuser-password")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    write_atomically(password, superuser_password + "\n")
    if home.account is not None:
        for path in (new, password):
            os.chown(path, home.account.uid, home.account.gid)
    try:
        await complete(program(home, log, "initdb", *_arguments(new, password)))
    except Died as error:
        raise Refused(f"The PostgreSQL cluster was not made; {log} says why.") from error
    finally:
        password.unlink(missing_ok=True)
    new.rename(home.cluster)


def _arguments(cluster: Path, password: Path) -> list[str]:
    return [
        *("-D", str(cluster), "--username", SUPERUSER, "--pwfile", str(password)),
        *("--auth", "scram-sha-256", "--encoding", "UTF8", "--data-checksums"),
        *("--locale-provider", "builtin", "--locale", "C.UTF-8", "--no-instructions"),
    ]
