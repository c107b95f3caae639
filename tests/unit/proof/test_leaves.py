"""A leaf says all of what came of a record, and heads do not know of pages."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.entities.chain import GENESIS, Chain
from core.entities.dead_letter import DeadLetterReason
from core.entities.money import Money
from core.entities.orders import Transfer
from core.entities.page import LedgerState, Page
from core.entities.transaction import Rejection, RejectionCode, Transaction
from core.posting.post import post
from core.proof.canonical import entry_bytes, transaction_bytes
from core.proof.chain import head_after_page
from core.proof.leaves import Outcome, leaves_of
from core.proof.salts import SALT_BYTES, salts_of
from tests.builders import CHAIN, broken_record, deposit, letter_of, logged, transfer, unkeyed_id
from tests.unit.told_transactions import told_transactions


def leaf(outcome: Outcome, secret: bytes = CHAIN.secret) -> bytes:
    position = outcome.position if isinstance(outcome, Transaction) else outcome.record.position
    partition, offset = position
    [made] = leaves_of(secret, partition, range(offset, offset + 1), {offset: outcome})
    return made


def _one() -> Transaction:
    """One that has all that a transaction can have."""
    commands = [logged(deposit(amount=500)), logged(transfer(amount=20, reference="r"), 1)]
    one = post(commands, LedgerState({}, {})).transactions[1]
    command = one.command._replace(metadata={"a": "b"}, idempotency_key="key")
    return one._replace(command=command, hold_user_id="carol")


def _changed(one: Transaction) -> Iterator[Transaction]:
    """The same with one thing changed, each thing in turn."""
    command, order, (first, second) = one.command, one.command.order, one.entries
    assert isinstance(order, Transfer)
    changes: dict[str, Any]
    for changes in (
        {"transaction_id": unkeyed_id("alice")},
        {"order": order._replace(legs=order.legs * 2)},
        {"reference": None},
        {"reference": ""},
        {"metadata": None},
        {"metadata": {}},
        {"metadata": {"a": "c"}},
        {"client": "another"},
        {"idempotency_key": None},
        {"fingerprint": b"f" * 32},
        {"request_id": "another"},
    ):
        yield one._replace(command=command._replace(**changes))
    later = one.posted_at + timedelta(microseconds=1)
    rejection = Rejection(RejectionCode.HOLD_NOT_FOUND)
    for fields in (
        {"accepted_at": later},
        {"posted_at": later},
        {"money": None},
        {"money": Money(21, "USD", 2)},
        {"money": Money(20, "EUR", 2)},
        {"money": Money(20, "USD", 3)},
        {"rejection": rejection},
        {"rejection": rejection._replace(figures={"needed": 1}, currency="USD")},
        {"rejection": rejection._replace(facts={"leg": "1"})},
        {"hold_user_id": None},
        {"entries": (first,)},
        {"entries": (second, first)},
        {"entries": (first._replace(sequence=9), second)},
        {"entries": (first._replace(amount=-19), second)},
        {"entries": (first._replace(balance_after=first.balance_after + 2**64), second)},
        {"entries": (first._replace(balance_after=-first.balance_after), second)},
        {"entries": (first._replace(posted_at=later), second)},
        {"entries": (first._replace(account=second.account), second)},
    ):
        yield one._replace(**fields)


def test_whatever_is_changed_of_a_transaction_changes_its_leaf() -> None:
    one = _one()
    changed = [*_changed(one)]
    leaves = {leaf(other) for other in (one, *changed)}
    assert len(leaves) == 1 + len(changed)


def test_leaves_differ_by_kind_by_place_and_by_secret() -> None:
    letter = letter_of(broken_record(1))
    others = [
        letter._replace(reason=DeadLetterReason.NOT_APPLICABLE),
        letter._replace(record=letter.record._replace(value=b"\xfe")),
        letter._replace(transaction_id=unkeyed_id("alice")),
    ]
    nothing = [*leaves_of(CHAIN.secret, 0, range(3), {}), *leaves_of(CHAIN.secret, 1, range(1), {})]
    made = [leaf(one) for one in (letter, *others)] + nothing
    assert len({*made, leaf(letter, b"x" * 32)}) == len(made) + 1


@given(cuts=st.lists(st.integers(1, 5), min_size=1, max_size=20))
def test_heads_are_the_same_however_the_log_is_cut_into_pages(cuts: Sequence[int]) -> None:
    whole = range(TOLD[-1].position.offset + 1)
    chain, begin = CHAIN, 0
    while begin < whole.stop:
        cut = range(begin, min(begin + cuts[begin % len(cuts)], whole.stop))
        told = [one for one in TOLD if one.position.offset in cut]
        chain = Chain(chain.secret, head_after_page(chain, 0, cut, _page(told)))
        begin = cut.stop
    assert chain.head == head_after_page(CHAIN, 0, whole, _page(TOLD))


def _page(told: Sequence[Transaction]) -> Page:
    return Page(rules_version=1, transactions=tuple(told), accounts=())


TOLD: Final = told_transactions()


@pytest.mark.parametrize("entry_count", [0, 1, 2, 3, 200])
def test_every_salt_is_another_one(entry_count: int) -> None:
    found = b"".join(salts_of(CHAIN.secret, (1, offset), entry_count) for offset in range(130))
    salts = [found[at : at + SALT_BYTES] for at in range(0, len(found), SALT_BYTES)]
    assert len(set(salts)) == len(salts) >= 130 * (1 + entry_count)


def test_the_bytes_are_what_they_were() -> None:
    """A receipt of years ago is checked by these: another form needs a version of its own."""
    one = _one()._replace(hold_user_id=None)
    named = one._replace(command=one.command._replace(transaction_id=UUID(int=7)))
    head = head_after_page(Chain(CHAIN.secret, GENESIS), 0, range(2), _page([named]))
    assert transaction_bytes(named).hex() == TRANSACTION
    assert [entry_bytes(entry).hex() for entry in named.entries] == ENTRIES
    assert leaf(named).hex() == LEAF
    assert head.hex() == HEAD


TRANSACTION: Final = (
    "000500000000000000010000000000000000000000000000000793824ccfca4c628f64c98d60337e7d0b"
    "cdb7eb45c4904a5898c4d563744d46ce000649add4493000000649add449300000000000000000140200"
    "020000000800000027000000010000001800000009000000030000000900000003ffffffffffffffff74"
    "72616e73666572000000066c6567733a3100000005616c69636500000003626f62000000023230000000"
    "03555344720000000a6d657461646174613a3100000001610000000162616e6f6e796d6f75736b657972"
    "6571756573742d31555344"
)
ENTRIES: Final = [
    (
        "0000000000000002ffffffffffffffec000000000000000000000000000001e0000649add449300002bd"
        "0000000500000003616c696365555344"
    ),
    (
        "0000000000000001000000000000001400000000000000000000000000000014000649add4493000081b"
        "0000000300000003626f62555344"
    ),
]
LEAF: Final = "2c65dd2c5ad764774b05b92e18a2a40c20f5818e639f0b91331bbed9ddfb7a0a"
HEAD: Final = "8f54961c2a6f02901c64e73f014b34115db1d8461f5c20a75f2017ff028c2b13"
