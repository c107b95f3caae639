"""The one place where what a client wrote is checked, field by field."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID

from core.entities.account import MAX_USER_ID_CHARACTERS, is_user_id
from core.entities.command import (
    MAX_DISCARD_REASON_CHARACTERS,
    MAX_IDEMPOTENCY_KEY_CHARACTERS,
    MAX_METADATA_NAME_CHARACTERS,
    MAX_METADATA_PAIRS,
    MAX_METADATA_VALUE_CHARACTERS,
    MAX_REFERENCE_CHARACTERS,
    Metadata,
)
from core.entities.hold import MAX_HOLD_SECONDS
from core.entities.money import Currency, InvalidAmountError, is_currency_code, parse_decimal
from core.entities.position import Position
from core.entities.transaction_id import may_be_ours
from core.ports.currencies import Currencies
from core.refusals import InvalidFieldError, Refusal

_IDEMPOTENCY_KEY: Final = re.compile(r"[\x21-\x7e]+")
OneOf = TypeVar("OneOf", bound=StrEnum)

DEFAULT_LIST_LIMIT: Final = 50
MAX_LIST_LIMIT: Final = 1_000
_ITEM: Final = re.compile(r"0|[1-9][0-9]{0,2}", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{1,10}", re.ASCII)
_FORBIDDEN_CATEGORIES: Final = ("Cc", "Cs")
"""Unicode control characters and lone surrogates."""


@dataclass(frozen=True, slots=True)
class Checks:
    """Reads single fields. Each raises `InvalidFieldError` naming the field it was given."""

    currencies: Currencies
    default_currency: str
    partition_count: int

    def user_id(self, text: str, field: str = "user_id") -> str:
        """The user id in `text`."""
        if not is_user_id(text):
            raise InvalidFieldError(
                field,
                f"must be 1 to {MAX_USER_ID_CHARACTERS} ASCII letters, digits and ._:@+-, "
                "beginning with a letter or a digit",
            )
        return text

    def currency(self, text: str | None, field: str = "currency") -> Currency:
        """The currency with the code `text`, or the default one for None."""
        code = self.default_currency if text is None else text
        currency = self.currencies.find(code) if is_currency_code(code) else None
        if currency is None:
            raise InvalidFieldError(
                field, "must be the upper-case ISO 4217 code of a currency with minor units"
            )
        return currency

    def amount(self, text: str, currency: Currency, field: str = "amount") -> int:
        """The minor units in `text`."""
        with _amount_errors(field):
            return currency.parse(text)

    def overdraft_limit(self, text: str, currency: Currency) -> int:
        """The minor units in `text`, which may be zero."""
        with _amount_errors("overdraft_limit"):
            return currency.parse_limit(text)

    def optional_decimal(self, text: str | None) -> Decimal | None:
        """The amount in `text`, if there is one, of a currency that only the books know."""
        if text is None:
            return None
        with _amount_errors("amount"):
            return parse_decimal(text)

    def seconds(self, text: str | None, field: str) -> int | None:
        """The whole number of seconds in `text`, if there is one."""
        if text is None:
            return None
        if not _SECONDS.fullmatch(text) or not 1 <= int(text) <= MAX_HOLD_SECONDS:
            raise InvalidFieldError(field, f"must be 1 to {MAX_HOLD_SECONDS} whole seconds")
        return int(text)

    def one_of(self, known: type[OneOf], text: str | None, field: str) -> OneOf | None:
        """The one of `known` in `text`, if there is one."""
        if text is None:
            return None
        try:
            return known(text)
        except ValueError:
            raise InvalidFieldError(field, f"must be one of {', '.join(known)}") from None

    def period(self, since: datetime | None, until: datetime | None) -> None:
        """That the end of a period is not before its beginning."""
        if since is not None and until is not None and until < since:
            raise InvalidFieldError("to", "must not be earlier than from")

    def limit(self, limit: int) -> int:
        """The number of items that a page of a list may have."""
        if not 1 <= limit <= MAX_LIST_LIMIT:
            raise InvalidFieldError("limit", f"must be 1 to {MAX_LIST_LIMIT}")
        return limit

    def reference(self, text: str | None) -> str | None:
        """The reference, if there is one."""
        if text is None:
            return None
        if len(text) > MAX_REFERENCE_CHARACTERS or not text.strip():
            raise InvalidFieldError(
                "reference",
                f"must be 1 to {MAX_REFERENCE_CHARACTERS} characters long, and not blank",
            )
        if _has_control_characters(text):
            raise InvalidFieldError("reference", "must not contain control characters")
        return text

    def reason(self, text: str) -> str:
        """Why a dead letter is given up."""
        if len(text) > MAX_DISCARD_REASON_CHARACTERS or not text.strip():
            raise InvalidFieldError(
                "reason",
                f"must be 1 to {MAX_DISCARD_REASON_CHARACTERS} characters long, and not blank",
            )
        if _has_control_characters(text):
            raise InvalidFieldError("reason", "must not contain control characters")
        return text

    def metadata(self, pairs: Mapping[str, str] | None) -> Metadata | None:
        """The metadata, if there is any."""
        if pairs is None:
            return None
        if len(pairs) > MAX_METADATA_PAIRS:
            raise InvalidFieldError("metadata", f"must be at most {MAX_METADATA_PAIRS} pairs")
        for name, value in pairs.items():
            if not 1 <= len(name) <= MAX_METADATA_NAME_CHARACTERS or _has_control_characters(name):
                raise InvalidFieldError(
                    "metadata",
                    f"must have names of 1 to {MAX_METADATA_NAME_CHARACTERS} characters, none of "
                    "them a control character",
                )
            if len(value) > MAX_METADATA_VALUE_CHARACTERS or _has_control_characters(value):
                raise InvalidFieldError(
                    "metadata",
                    f"must have values of at most {MAX_METADATA_VALUE_CHARACTERS} characters, none "
                    "of them a control character",
                )
        return dict(pairs)

    def idempotency_key(self, text: str | None, field: str = "Idempotency-Key") -> str | None:
        """The key, if there is one."""
        if text is None:
            return None
        fits = len(text) <= MAX_IDEMPOTENCY_KEY_CHARACTERS and _IDEMPOTENCY_KEY.fullmatch(text)
        if not fits:
            raise InvalidFieldError(
                field,
                f"must be 1 to {MAX_IDEMPOTENCY_KEY_CHARACTERS} visible ASCII characters",
            )
        return text

    def stored_key(self, text: str) -> str:
        """A key as it is kept: a client's, or that of an item that its batch's covers."""
        key, space, item = text.partition(" ")
        if space and not _ITEM.fullmatch(item):
            raise InvalidFieldError("idempotency_key", "must be a key, or a batch's key and item")
        self.idempotency_key(key, "idempotency_key")
        return text

    def partition(self, number: int) -> int:
        """The number of a partition that exists."""
        if not 0 <= number < self.partition_count:
            raise InvalidFieldError("partition", f"must be 0 to {self.partition_count - 1}")
        return number

    def position(self, text: str | None) -> Position | None:
        """The position in `text`, if there is one, of a partition that exists."""
        if text is None:
            return None
        try:
            position = Position.parse(text)
        except ValueError as error:
            raise InvalidFieldError("position", str(error)) from None
        if position.partition >= self.partition_count:
            raise InvalidFieldError("position", "must name a partition that exists")
        return position


def our_id(text: str, not_found: Callable[[str], Refusal]) -> UUID:
    """The id in `text`. Raises what `not_found` makes of it if Counterfoil cannot have made it."""
    try:
        transaction_id = UUID(text)
    except ValueError:
        raise not_found(text) from None
    if str(transaction_id) != text.lower() or not may_be_ours(transaction_id):
        raise not_found(text)
    return transaction_id


@contextmanager
def _amount_errors(field: str) -> Iterator[None]:
    try:
        yield
    except InvalidAmountError as error:
        raise InvalidFieldError(field, str(error)) from None


def _has_control_characters(text: str) -> bool:
    return any(unicodedata.category(character) in _FORBIDDEN_CATEGORIES for character in text)
