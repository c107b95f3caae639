"""Finding the record that cannot be applied, and nothing but it.

A record is condemned by its own bytes or by `post` raising on it alone; never by an error of a
database, of Kafka, or by one that only a whole page brings about.
"""

from collections.abc import Callable, Sequence

from core.entities.command import LoggedCommand
from core.entities.page import LedgerState, Page

Post = Callable[[Sequence[LoggedCommand], LedgerState], Page]


def not_applicable(
    post: Post, commands: Sequence[LoggedCommand], state: LedgerState
) -> dict[int, Exception]:
    """By offset, the commands on which `post` raises when it is given nothing else."""
    try:
        post(commands, state)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, the question is whose fault)
        if len(commands) == 1:
            return {commands[0].position.offset: error}
    else:
        return {}
    middle = len(commands) // 2
    return not_applicable(post, commands[:middle], state) | not_applicable(
        post, commands[middle:], state
    )
