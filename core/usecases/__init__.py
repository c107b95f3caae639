"""What the system does, one use case a file: a frozen dataclass of ports with one `__call__`."""
