"""Becomes another program, one that does not outlive its parent.

    python -I -S tether.py PARENT_PID SIGNAL UID:GID|- PROGRAM [ARGUMENT ...]

A script of its own rather than a `preexec_fn`: nothing of the parent's threads can be caught
half-way, and it can still read its own file when the program runs as a user who cannot.
The program starts when one byte arrives on standard input, so that the parent can write down
the process id before the program does anything; without the byte it never starts.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PARENT_IS_GONE = 125


def drop_to(account: str) -> None:
    """Give up root for good: no groups, then the group, then the user; private files."""
    user, group = account.split(":")
    os.setgroups([])
    os.setgid(int(group))
    os.setuid(int(user))
    os.umask(0o077)


def die_with(parent: int, signal_number: int) -> None:
    """Ask Linux for a signal when the parent dies; elsewhere the next start cleans up.

    After the change of user, which would clear it. A parent that died before the request
    sends nothing, hence the look at who the parent is now.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(PARENT_IS_GONE)


def wait_for_permission() -> None:
    """Return when the parent says so; its death is a no."""
    if os.read(0, 1) != b"g":
        sys.exit(PARENT_IS_GONE)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)


def main() -> None:
    """Take the arguments apart and become the program."""
    parent, signal_number, account, *program = sys.argv[1:]
    if account != "-":
        drop_to(account)
    die_with(int(parent), int(signal_number))
    wait_for_permission()
    try:
        os.execvp(program[0], program)  # noqa: S606 - that is what it is for
    except OSError as error:
        sys.exit(f"{program[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
