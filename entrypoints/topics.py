"""Create the topics."""

import bootstrap
from entrypoints.process import configured, run_once


def main() -> None:
    """Create what is missing and say what is there. Raises `CannotStartError`."""
    _, container = configured()
    for topic in run_once(bootstrap.create_topics(container)):
        print(f"{topic.name}: {'created' if topic.created else 'was there'}")
        for difference in topic.differences:
            print(f"  differs: {difference}")
