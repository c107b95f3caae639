"""Records of the log, whoever wrote them."""

from adapters.records import decode, encode, key_of
from core.entities.command import Command
from core.entities.record import Undecodable
from tests.builders import logged
from tests.unit.replay import Replay


def read_record(data: bytes) -> None:
    """A record is undecodable, or a command that is written in the same way and can be posted.

    The first line is both of its headers.
    """
    header, _, value = data.partition(b"\n")
    content = decode(value, [("transaction_id", header), ("request_id", header)])
    if isinstance(content, Undecodable):
        assert content.reason
        return
    _is_a_command(content)


def _is_a_command(command: Command) -> None:
    written = encode(command)
    assert decode(written.value, written.headers) == command
    assert written.key == key_of(command.order)
    # None, where the command came to nothing: an expiry of what is no open hold.
    for transaction in Replay().post_logged([logged(command)]).transactions:
        assert transaction.command == command
