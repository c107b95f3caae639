"""Every version of the rules that a page was ever decided by: code is an input of replay."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from core.entities.command import LoggedCommand
from core.entities.page import LedgerState, Page
from core.posting.post import RULES_VERSION, post

RULES: Final[Mapping[int, Callable[[Sequence[LoggedCommand], LedgerState], Page]]] = {
    RULES_VERSION: post
}
"""By version, as `PageRow.rules_version` names it."""
