"""What must hold of what the live stream gave, and of what the events say together."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from adapters.outbound.memory.books import MemoryBooks
from core.entities.outcome_event import OutcomeEvent
from tests.simulation.followers import Follower
from tests.simulation.promises.promise import Findings, Promise
from tests.simulation.stage.events import REPRESENTATIONS, Topic


def look_at_stream(follower: Follower, topic: Topic, findings: Findings) -> None:
    """That the follower got every place of the feed since its beginning: all, in order, once."""
    if follower.begins_at is None:
        findings.broken(Promise.STREAMED, "a follower was never let in")
        return
    for partition, told in enumerate(topic.told_since(follower.begins_at.next_offsets)):
        due = [str(one.event_id) for one in told if follower.wanted.takes(one)]
        got = [str(one.event_id) for one in follower.events if one.position.partition == partition]
        findings.expect(
            got == due,
            Promise.STREAMED,
            f"the stream gave {_first_difference(got, due)} of partition {partition}",
        )


def _first_difference(got: Sequence[str], due: Sequence[str]) -> str:
    same = next(
        (number for number, (one, other) in enumerate(zip(got, due, strict=False)) if one != other),
        min(len(got), len(due)),
    )
    return f"{list(got[same : same + 1])} in place of {list(due[same : same + 1])} as event {same}"


class _Entry(msgspec.Struct):
    user_id: str
    currency: str
    sequence: int
    balance_after: str


class _Told(msgspec.Struct):
    entries: tuple[_Entry, ...] = ()


_decoder: Final = msgspec.json.Decoder(_Told)


def look_at_accounts(topic: Topic, books: MemoryBooks, findings: Findings) -> None:
    """That the events alone make every account: sequences without a gap, up to its last balance."""
    told: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for event in topic.events.values():
        for entry in _entries(event):
            told[entry.user_id, entry.currency][entry.sequence] = entry.balance_after
    for key, account in books.accounts.items():
        if key.is_settlement:
            continue
        balances = told[key.user_id, key.currency]
        gaps = [one for one in range(1, account.sequence + 1) if one not in balances]
        findings.expect(not gaps, Promise.UNBROKEN, f"nobody was told of {gaps} of {key}")
        last = balances.get(account.sequence)
        findings.expect(
            account.sequence == 0 or last == REPRESENTATIONS.amount(account.balance, key.currency),
            Promise.UNBROKEN,
            f"{key} has {account.balance}, and by what was told {last}",
        )


def _entries(event: OutcomeEvent) -> Sequence[_Entry]:
    return _decoder.decode(event.data).entries
