"""What a client wrote, and the one place where it is checked."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.entities.account import MAX_USER_ID_CHARACTERS, is_user_id
from core.entities.command import (
    MAX_IDEMPOTENCY_KEY_CHARACTERS,
    MAX_REFERENCE_CHARACTERS,
    CommandType,
)
from core.entities.money import Currency, InvalidAmountError
from core.entities.position import Position
from core.ports.currencies import Currencies
from core.refusals import InvalidFieldError

_CURRENCY_CODE: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_IDEMPOTENCY_KEY: Final = re.compile(r"[\x20-\x7e]+")
_FORBIDDEN_CATEGORIES: Final = ("Cc", "Cs")
"""Unicode control characters and lone surrogates."""


class CommandDraft(NamedTuple):
    """A command as a client wrote it: `amount` is the text of its number."""

    type: CommandType
    user_id: str
    amount: str
    currency: str | None
    reference: str | None
    client: str
    idempotency_key: str | None
    request_id: str


@dataclass(frozen=True, slots=True)
class Checks:
    """Reads single fields. Each raises `InvalidFieldError` naming the field it was given."""

    currencies: Currencies
    default_currency: str
    partition_count: int

    def user_id(self, text: str) -> str:
        """The user id in `text`."""
        if not is_user_id(text):
            raise InvalidFieldError(
                "user_id",
                f"must be 1 to {MAX_USER_ID_CHARACTERS} ASCII letters, digits and ._:@+-, "
                "beginning with a letter or a digit",
            )
        return text

    def currency(self, text: str | None) -> Currency:
        """The currency with the code `text`, or the default one for None."""
        code = self.default_currency if text is None else text
        currency = self.currencies.find(code) if _CURRENCY_CODE.fullmatch(code) else None
        if currency is None:
            raise InvalidFieldError(
                "currency", "must be the upper-case ISO 4217 code of a currency with minor units"
            )
        return currency

    def amount(self, text: str, currency: Currency) -> int:
        """The minor units in `text`."""
        try:
            return currency.parse(text)
        except InvalidAmountError as error:
            raise InvalidFieldError("amount", str(error)) from None

    def reference(self, text: str | None) -> str | None:
        """The reference, if there is one."""
        if text is None:
            return None
        if len(text) > MAX_REFERENCE_CHARACTERS or not text.strip():
            raise InvalidFieldError(
                "reference",
                f"must be 1 to {MAX_REFERENCE_CHARACTERS} characters long, and not blank",
            )
        if any(unicodedata.category(character) in _FORBIDDEN_CATEGORIES for character in text):
            raise InvalidFieldError("reference", "must not contain control characters")
        return text

    def idempotency_key(self, text: str | None) -> str | None:
        """The key, if there is one."""
        if text is None:
            return None
        fits = len(text) <= MAX_IDEMPOTENCY_KEY_CHARACTERS and _IDEMPOTENCY_KEY.fullmatch(text)
        if not fits:
            raise InvalidFieldError(
                "Idempotency-Key",
                f"must be 1 to {MAX_IDEMPOTENCY_KEY_CHARACTERS} printable ASCII characters",
            )
        return text

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
