"""What the decoders check with."""

from typing import Final

from adapters.outbound.system.currencies import IsoCurrencies
from adapters.outbound.system.ids import SystemIds
from core.usecases.accepting import NewCommand
from core.usecases.checks import Checks
from tests.builders import PARTITIONS

CHECKS: Final = Checks(IsoCurrencies(), "USD", PARTITIONS)
NEW_COMMAND: Final = NewCommand(CHECKS, SystemIds())
