"""What the model of all commands is drawn from: another one at each run, unless it is named."""

import os
import secrets
from typing import Final

VARIABLE: Final = "MODEL_SEED"
MODEL_SEED: Final = int(os.environ.get(VARIABLE) or secrets.randbelow(1 << 32))
