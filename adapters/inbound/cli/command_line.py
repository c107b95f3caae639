"""All verbs of the client, and how each ends: with an exit code."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from adapters.inbound.cli.bulk.import_verb import ImportVerb
from adapters.inbound.cli.commanding import Commanding
from adapters.inbound.cli.commanding_verb import CommandingVerb
from adapters.inbound.cli.failures import CliFailure, RefusedError
from adapters.inbound.cli.output import Output
from adapters.inbound.cli.reading_verbs import ReadingVerbs
from adapters.inbound.cli.retrying import IMPORT_PATIENCE
from adapters.inbound.cli.service import Service
from adapters.inbound.cli.statement_verbs import StatementVerbs
from adapters.inbound.cli.webhook_verbs import WebhookVerbs
from core.usecases.checks import Checks

DONE: Final = 0
NOT_DONE: Final = 1


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The client of one service: what each kind of verb does."""

    give: CommandingVerb
    reading: ReadingVerbs
    statements: StatementVerbs
    import_file: ImportVerb
    webhooks: WebhookVerbs


async def operate(
    url: str,
    output: Output,
    checks: Checks,
    new_key: Callable[[], str],
    work: Callable[[CommandLine], Awaitable[None]],
) -> int:
    """The exit code of `work`, which is given the client of the service at `url`.

    What went wrong is told on standard error, in a sentence.
    """
    async with Service(url) as service, Service(url, IMPORT_PATIENCE) as patient:
        client = CommandLine(
            give=CommandingVerb(Commanding(service), output, new_key),
            reading=ReadingVerbs(service, output),
            statements=StatementVerbs(service, output),
            import_file=ImportVerb(patient, checks, output),
            webhooks=WebhookVerbs(service, output),
        )
        try:
            await work(client)
        except CliFailure as failure:
            _tell(failure, output)
            return NOT_DONE
        return DONE


def _tell(failure: CliFailure, output: Output) -> None:
    if isinstance(failure, RefusedError) and output.as_json:
        output.json(failure.problem.body)
    output.failure(str(failure))
