"""Secrets of endpoints."""

import base64

from core.entities.webhooks.endpoint import SECRET_BYTES, SECRET_PREFIX
from core.ports.chance import Chance


def new_secret(chance: Chance) -> str:
    """A secret that nobody can guess, as Standard Webhooks writes it."""
    return SECRET_PREFIX + base64.b64encode(chance.key(SECRET_BYTES)).decode()
