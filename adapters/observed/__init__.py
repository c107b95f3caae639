"""Logs and metrics around use cases and ports, so that there are none inside them."""
