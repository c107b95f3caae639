"""Whatever commands are posted: a rejection is one that the API's description knows of its type."""

from hypothesis import given

from adapters.inbound.http.operations.commands import COMMANDS
from adapters.inbound.http.problem_codes import ProblemCode
from core.entities.command import LoggedCommand
from core.entities.orders import CommandType
from tests.command_strategies import LOGS
from tests.unit.replay import Replay

DESCRIBED = {one.operation_id: frozenset(one.problems[422]) for one in COMMANDS}


@given(LOGS)
def test_a_rejection_is_described_for_its_type(log: list[LoggedCommand]) -> None:
    replay = Replay()
    replay.post_logged(log)
    for one in replay.transactions:
        if one.rejection is not None and one.command.type is not CommandType.EXPIRE:
            assert ProblemCode(one.rejection.code.value) in DESCRIBED[one.command.type.value]
