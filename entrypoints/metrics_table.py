"""The catalogue of metrics as a page of documentation."""

import bootstrap


def main() -> None:
    """Print it."""
    print(bootstrap.describe_metrics(), end="")
