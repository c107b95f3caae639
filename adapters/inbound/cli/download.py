"""Downloads of any length: to a file that appears when it is complete, or to standard output."""

import codecs
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from aiohttp import ClientError, ClientTimeout

from adapters.inbound.cli.exchange import ANSWER_SECONDS, CONNECT_SECONDS, failed, raise_problem
from adapters.inbound.cli.failures import NotDoneError, UnreachableError
from adapters.inbound.cli.retrying import TransientError, attempts
from adapters.inbound.cli.safe_text import printable
from adapters.inbound.cli.service import Service

_CHUNK_BYTES: Final = 64 * 1024
_TIMEOUT: Final = ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=ANSWER_SECONDS)


class Writer(Protocol):
    """Takes bytes, in order."""

    def write(self, chunk: bytes, /) -> object:
        """Take these."""
        ...


class Sink(Protocol):
    """Where a download goes."""

    @property
    def can_start_again(self) -> bool:
        """Whether what was written of a broken download can be taken back."""
        ...

    def open(self) -> AbstractContextManager[Writer]:
        """For one try; what it writes counts only if the context ends well."""
        ...


@dataclass(frozen=True, slots=True)
class FileSink:
    """A file: written beside its place, and put there when it is complete and on the disk."""

    file: Path
    can_start_again: bool = True

    @contextmanager
    def open(self) -> Iterator[Writer]:
        """A temporary file; it becomes the file, or vanishes. Raises `NotDoneError`."""
        with _writing(self.file):
            number, name = tempfile.mkstemp(prefix=f".{self.file.name}.", dir=self.file.parent)
        part = Path(name)
        try:
            with os.fdopen(number, "wb") as stream:
                yield _FileWriter(stream, self.file)
                with _writing(self.file):
                    stream.flush()
                    os.fsync(stream.fileno())
            with _writing(self.file):
                part.replace(self.file)
        finally:
            part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _FileWriter:
    stream: BinaryIO
    file: Path

    def write(self, chunk: bytes) -> None:
        with _writing(self.file):
            self.stream.write(chunk)


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    # Around each step alone: a broken connection is an `OSError`, too, and no fault of the disk.
    try:
        yield
    except OSError as error:
        raise NotDoneError(f"{file} cannot be written: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class StreamSink:
    """Standard output into a file or a pipe: the bytes as they are."""

    stream: BinaryIO
    can_start_again: bool = False

    @contextmanager
    def open(self) -> Iterator[Writer]:
        """The stream."""
        yield self.stream
        self.stream.flush()


@dataclass(frozen=True, slots=True)
class ScreenSink:
    """A terminal: text, without what would control the terminal."""

    can_start_again: bool = False

    @contextmanager
    def open(self) -> Iterator[Writer]:
        """The screen."""
        yield _ScreenWriter()
        sys.stdout.flush()


class _ScreenWriter:
    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, chunk: bytes) -> None:
        sys.stdout.write(printable(self._decoder.decode(chunk), kept="\n\t"))


@dataclass(frozen=True, slots=True)
class Download:
    """Fetches what is at a path, in bounded memory."""

    service: Service

    async def __call__(self, where: str, sink: Sink) -> int:
        """The number of bytes that went to `sink`.

        Tries again from the start where that is possible. Raises `RefusedError`,
        `UnreachableError`, `NotUnderstoodError`, `NotDoneError`.
        """
        try:
            async for attempt in attempts(self.service.patience):
                with attempt:
                    return await self._once(where, sink)
        except TransientError as error:
            raise self.service.unreachable(error) from error
        raise AssertionError("stamina ended without a result")

    async def _once(self, where: str, sink: Sink) -> int:
        size = 0
        try:
            async with self.service.session.get(
                self.service.url + where, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                await raise_problem(response)
                with sink.open() as writer:
                    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
                        writer.write(chunk)
                        size += len(chunk)
                return size
        except (ClientError, OSError, TimeoutError) as error:
            if size and not sink.can_start_again:
                raise UnreachableError(
                    f"The download broke after {size:,} bytes: what was printed is not all of it."
                ) from error
            raise TransientError(failed(error)) from error
