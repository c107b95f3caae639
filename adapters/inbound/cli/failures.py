"""Why a command of the operator's was not done; each message is a sentence for the operator.

CliFailure
├── RefusedError          the service said no; carries its problem
├── UnreachableError      no answer, and certainly nothing done
├── OutcomeUnknownError   the service may have accepted it; says how to find out
├── NotUnderstoodError    the answer is none that the API gives
└── NotDoneError          anything else that was not done as asked
"""

from adapters.inbound.cli.answers import Problem


class CliFailure(Exception):
    """What was asked for was not done, or not certainly."""


class RefusedError(CliFailure):
    """The service refused, or the ledger rejected; nothing was done."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


class UnreachableError(CliFailure):
    """No connection could be made, or the service is not able to; nothing was done."""


class OutcomeUnknownError(CliFailure):
    """The request may have been taken; nobody said what became of it."""


class NotUnderstoodError(CliFailure):
    """Whatever answered did not answer as the API does."""


class NotDoneError(CliFailure):
    """Not all that was asked for could be done."""
