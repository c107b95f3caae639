"""What is wrong with the figures of a load test, in sentences; pure."""

from collections.abc import Iterator

from tests.load.figures import Books, Figures, Load

PUSHED_BACK = "503"
"""The one status that a sound command may be refused with: too many wait, or Kafka is away."""


def wrong(figures: Figures) -> list[str]:
    """Each figure that is not what it must be; nothing where the money is right."""
    load, books = figures.load, figures.books
    return [
        *_clients(load),
        *_settling(books),
        *_counts(load, books),
        *_rules(figures),
        *_proof(figures),
    ]


def _clients(load: Load) -> Iterator[str]:
    answered = load.accepted + sum(load.refused.values()) + load.unknown
    if load.sent != answered:
        yield f"sent: {load.sent} commands were sent, but the outcomes of {answered} were counted"
    for status, times in load.refused.items():
        if status != PUSHED_BACK:
            yield f"refused: sound commands, with status {status} (times: {times})"
    for status, times in load.failed_reads.items():
        how = "without an answer" if status == "0" else f"with status {status}"
        yield f"failed reads: {how} (times: {times})"
    for check, times in load.failed_checks.items():
        yield f"answers: not so that {check} (times: {times})"


def _settling(books: Books) -> Iterator[str]:
    for lag in books.behind:
        yield (
            f"posted: partition {lag.partition} stands at offset {lag.next_offset}, "
            f"but its log ends at {lag.log_end}"
        )


def _counts(load: Load, books: Books) -> Iterator[str]:
    most = load.accepted + load.unknown
    if not load.accepted <= books.transactions <= most:
        due = f"{load.accepted}" if not load.unknown else f"{load.accepted} to {most}"
        yield (
            f"posted and rejected: the books have {books.transactions} transactions, "
            f"but {due} commands were accepted"
        )
    for kind, accepted in load.accepted_minor_units.items():
        entered = books.minor_units.get(kind, 0)
        if entered < accepted or (not load.unknown and entered > accepted):
            yield (
                f"amounts: commands of type {kind} over {accepted} minor units were accepted, "
                f"but the books have {entered}"
            )


def _rules(figures: Figures) -> Iterator[str]:
    for finding in figures.rules:
        if not finding.holds:
            yield f"audit: BROKEN: {finding.rule} (rows: {finding.row_count})"
            yield from (f"    {row}" for row in finding.rows)


def _proof(figures: Figures) -> Iterator[str]:
    if not figures.proof.holds:
        yield f"counterfoil {figures.proof.verb}: something is off"
        yield from (f"    {line}" for line in figures.proof.lines)
