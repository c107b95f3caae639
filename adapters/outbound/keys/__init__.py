"""Ed25519 keys, in memory and in files."""
