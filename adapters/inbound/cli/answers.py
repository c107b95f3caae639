"""What the service answers: JSON objects, and problems (RFC 9457)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from adapters.inbound.cli.safe_text import safe_text

JsonObject = dict[str, Any]

_decoder: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
_TOLD: Final = frozenset({"code", "title", "status", "detail", "request_id", "transaction"})
_ID: Final = "transaction_id"


class Answer(NamedTuple):
    """An answer that is no problem. `replayed`: the key was used before, by the same command."""

    status: int
    body: JsonObject
    replayed: bool = False


class Problem(NamedTuple):
    """What the service said went wrong; `body` is all of it."""

    status: int
    body: Mapping[str, Any]

    @property
    def code(self) -> str:
        """The stable code."""
        return safe_text(self.body.get("code", f"http_{self.status}"))

    @property
    def detail(self) -> str:
        """Why, for people."""
        return safe_text(self.body.get("detail", "The service gave no reason."))

    @property
    def transaction_id(self) -> str | None:
        """The transaction that this is about, where the service named one."""
        transaction = self.body.get("transaction")
        within = transaction if isinstance(transaction, dict) else self.body
        found = within.get(_ID)
        return found if isinstance(found, str) else None

    @property
    def sentence(self) -> str:
        """Code, and all that explains it."""
        return f"{self.code}: {self.explained}"

    @property
    def explained(self) -> str:
        """The reason, the figures that explain it, and the id that finds it in the logs."""
        facts = [
            f"{safe_text(name)} {safe_text(value)}"
            for name, value in self.body.items()
            if name not in _TOLD | {_ID} and value is not None
        ]
        if self.transaction_id is not None:
            facts.append(f"transaction {safe_text(self.transaction_id)}")
        if "request_id" in self.body:
            facts.append(f"request {safe_text(self.body['request_id'])}")
        explained = f" ({', '.join(facts)})" if facts else ""
        return f"{self.detail}{explained}"


def json_object(body: bytes) -> JsonObject | None:
    """The JSON object that `body` is; None if it is none. Numbers with a point are `Decimal`."""
    try:
        return _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def objects_in(body: Mapping[str, Any], name: str) -> Sequence[JsonObject] | None:
    """The list of objects in a field; None if there is no such list."""
    value = body.get(name)
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return value
    return None
