"""Where aiokafka's exceptions stop."""

from typing import Final

from aiokafka.errors import (
    ConsumerStoppedError,
    IllegalOperation,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from core.errors import CounterfoilError, EventsUnavailableError, LogUnavailableError

# aiokafka asserts what it should check (a partition that its metadata lost), has errors beside its
# own tree, and lets a broker's unreadable answer through as the decoder's error.
FOREIGN: Final = (
    KafkaError,
    OSError,
    ConsumerStoppedError,
    IllegalOperation,
    AssertionError,
    NotImplementedError,
    ValueError,
)
REFUSED_WHOLE: Final = (MessageSizeTooLargeError, RecordListTooLargeError)
"""What a broker says before it writes anything, at every attempt."""


def sentence(error: BaseException) -> str:
    """An error as a part of a sentence; many of aiokafka's have no text of their own."""
    text = str(error)
    name = type(error).__name__
    return text if text.startswith(name) else f"{name}: {text}".rstrip(": ")


class LogErrors:
    """Turns what aiokafka raises inside the `with` into `LogUnavailableError`.

    Set `may_have_been_accepted` once a command is out of hand.
    """

    __slots__ = ("_doing", "may_have_been_accepted")

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self.may_have_been_accepted = False

    def __enter__(self) -> "LogErrors":
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, FOREIGN):
            raise self._translated(error) from error

    def _translated(self, error: BaseException) -> CounterfoilError:
        accepted = self.may_have_been_accepted and not isinstance(error, REFUSED_WHOLE)
        detail = f"{self._doing} failed: {sentence(error)}"
        return LogUnavailableError(detail, may_have_been_accepted=accepted)


class EventsErrors(LogErrors):
    """The same for the topics that tell what was posted: `EventsUnavailableError`."""

    __slots__ = ()

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, LogUnavailableError):
            raise EventsUnavailableError(str(error)) from error
        super().__exit__(_, error, __)

    def _translated(self, error: BaseException) -> CounterfoilError:
        return EventsUnavailableError(f"{self._doing} failed: {sentence(error)}")
