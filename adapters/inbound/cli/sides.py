"""Between whom a transaction moved money, for a row of a table."""

from collections.abc import Iterable
from typing import Final

from adapters.inbound.cli.answers import JsonObject, objects_in

_MOST_NAMED: Final = 3


def with_sides(transaction: JsonObject) -> JsonObject:
    """The transaction with `from_user_id` and `to_user_id`, unless one `user_id` says it all.

    From its entries, or of one that was rejected from its legs. The house is nobody.
    """
    if "user_id" in transaction and "legs" not in transaction:
        return transaction
    entries = objects_in(transaction, "entries") or []
    legs = objects_in(transaction, "legs") or []
    payers = [one.get("user_id") for one in entries if str(one.get("amount")).startswith("-")]
    receivers = [
        one.get("user_id") for one in entries if not str(one.get("amount")).startswith("-")
    ]
    shown = {name: value for name, value in transaction.items() if name != "user_id"}
    return shown | {
        "from_user_id": _named(payers or [one.get("from_user_id") for one in legs]),
        "to_user_id": _named(receivers or [one.get("to_user_id") for one in legs]),
    }


def _named(users: Iterable[object]) -> str | None:
    """Each once; no more than fit into a cell."""
    names = [str(one) for one in dict.fromkeys(users) if one is not None]
    if len(names) > _MOST_NAMED:
        names[_MOST_NAMED:] = [f"{len(names) - _MOST_NAMED} more"]
    return ", ".join(names) or None
