"""A row of a file, and the command that it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeGuard

import msgspec

from core.entities.money import parse_decimal, plain
from core.entities.orders import CommandType
from core.refusals import InvalidFieldError
from core.usecases.checks import Checks

METADATA_PREFIX: Final = "metadata."
KEY: Final = "idempotency_key"
COLUMNS: Final = frozenset(
    {"type", "user_id", "from_user_id", "to_user_id", "amount", "currency", "reference", KEY}
)
_ONE_USER: Final = ("user_id",)
_TWO_USERS: Final = ("from_user_id", "to_user_id")
USERS: Final[Mapping[str, tuple[str, ...]]] = {
    CommandType.DEPOSIT: _ONE_USER,
    CommandType.WITHDRAW: _ONE_USER,
    CommandType.TRANSFER: _TWO_USERS,
}
"""Which columns name the users of a type of command; the first one's log has its place in order."""


class Row(NamedTuple):
    """A command of a file, checked. `cells` is the row as it was read.

    `item` is the API's, but for its key; `own_key` the key that the file gives it. `content` is
    what the file says, and nothing that an option of the import fills in.
    """

    line: int
    cells: tuple[str, ...]
    item: Mapping[str, Any]
    own_key: str | None
    content: bytes

    @property
    def place(self) -> str:
        """The user in whose order the command is decided."""
        return str(self.item[USERS[self.item["type"]][0]])

    @property
    def receiver(self) -> str | None:
        """Another user, to whom the money goes."""
        receiver = self.item.get("to_user_id")
        return None if receiver is None else str(receiver)

    @property
    def takes(self) -> bool:
        """Whether the money comes from the place's account, so that it has to be there before."""
        return bool(self.item["type"] != CommandType.DEPOSIT)


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads rows. `default_type` and `default_currency` stand in for empty cells."""

    checks: Checks
    default_type: str | None
    default_currency: str | None

    def __call__(self, line: int, cells: tuple[str, ...], named: Mapping[str, str]) -> Row:
        """The row of these cells; `named` has the ones that are not empty, by column.

        Raises `InvalidFieldError`.
        """
        type_ = named.get("type", self.default_type)
        if not _is_known(type_):
            known = ", ".join(USERS)
            raise InvalidFieldError("type", f"must be one of {known} (or give --type)")
        item: dict[str, Any] = {"type": type_, **self._users(type_, named), **self._money(named)}
        reference = self.checks.reference(named.get("reference"))
        metadata = self.checks.metadata(_metadata(named))
        if reference is not None:
            item["reference"] = reference
        own_key = self.checks.idempotency_key(named.get(KEY), KEY)
        if metadata:
            item["metadata"] = metadata
        return Row(line, cells, item, own_key, _content(named))

    def _users(self, type_: str, named: Mapping[str, str]) -> dict[str, str]:
        wanted = USERS[type_]
        for column in (*_ONE_USER, *_TWO_USERS):
            if column in named and column not in wanted:
                raise InvalidFieldError(column, f"must be empty in a {type_}")
        users = {column: self.checks.user_id(named.get(column, ""), column) for column in wanted}
        if len(set(users.values())) < len(users):
            raise InvalidFieldError("to_user_id", "must be another user than from_user_id")
        return users

    def _money(self, named: Mapping[str, str]) -> dict[str, str]:
        """The service's own default currency is not known here: its decimals are its to check."""
        amount, code = named.get("amount", ""), named.get("currency", self.default_currency)
        if code is None:
            self.checks.optional_decimal(amount)
            return {"amount": amount}
        self.checks.amount(amount, self.checks.currency(code))
        return {"amount": amount, "currency": code}


def _content(named: Mapping[str, str]) -> bytes:
    """The cells, whatever order the columns have; `5.0` is `5`, and `5.00`."""
    said = {column: cell for column, cell in named.items() if column != KEY}
    said["amount"] = plain(parse_decimal(said["amount"]))
    return msgspec.json.encode(said, order="deterministic")


def _metadata(named: Mapping[str, str]) -> Mapping[str, str]:
    return {
        column.removeprefix(METADATA_PREFIX): value
        for column, value in named.items()
        if column.startswith(METADATA_PREFIX)
    }


def _is_known(type_: str | None) -> TypeGuard[str]:
    return type_ is not None and type_ in USERS
