"""Keys that heads are signed by, and those that signatures are checked against."""

from typing import Protocol


class Signer(Protocol):
    """Holds a private Ed25519 key; never touches the books."""

    @property
    def key_id(self) -> str:
        """The first 16 hexadecimal digits of SHA-256 of the public key's 32 bytes."""
        ...

    @property
    def public_text(self) -> str:
        """The public key's 32 bytes in base64, for the operator to publish."""
        ...

    def sign(self, statement: bytes) -> bytes:
        """The signature, 64 bytes (RFC 8032); takes well under a millisecond."""
        ...


class PublicKey(Protocol):
    """The other half, which anybody may have."""

    @property
    def key_id(self) -> str:
        """As its `Signer` says it."""
        ...

    def is_signature(self, signature: bytes, statement: bytes) -> bool:
        """Whether the key's owner has signed exactly this."""
        ...
