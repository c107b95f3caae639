"""What the product runs on. Nothing under `core`, `adapters` or `entrypoints` imports this."""
