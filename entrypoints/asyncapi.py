"""The description of the topics, as JSON that can be kept or handed on."""

import json

import bootstrap
from entrypoints.process import configured
from entrypoints.settings import Settings


def text(settings: Settings) -> str:
    """The AsyncAPI document of a deployment with these settings."""
    document = bootstrap.describe_topics(
        settings.kafka_commands_topic,
        settings.kafka_transactions_topic,
        settings.kafka_dead_topic,
        settings.kafka_pages_topic,
    )
    return json.dumps(document, indent=2, ensure_ascii=False)


def main() -> None:
    """Print it. Raises `CannotStartError`."""
    settings, _ = configured()
    print(text(settings))
