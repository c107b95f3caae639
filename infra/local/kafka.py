"""A real Apache Kafka on this machine: one process, broker and controller."""

import asyncio
import base64
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from string import Template

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from infra.local.files import write_atomically
from infra.local.jars import POM, fetch_jars
from infra.local.java import find_java
from infra.local.ports import HOST, Ports
from infra.local.process import Command, Died, Process, complete, spawn
from infra.local.refused import Refused
from infra.local.waiting import until_ready

SETTINGS = POM.with_name("server.properties")
LOG_SETTINGS = POM.with_name("log4j2.properties")
READY_SECONDS = 120.0
# It starts in 2.6 s so, and in 3.9 s without: the JVM's second compiler costs more than it brings.
JVM_FLAGS = ("-Xmx512m", "-Xms128m", "-XX:+UseG1GC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
# A JVM that stopped in good order because it was told to says so in these ways.
CLEAN_EXITS = frozenset({0, 143})


class LocalKafka:
    """Kafka with its data, ports and log under the folder `data`.

    `prepare` once, then `start` and `ready`, as often as it takes; `Process.stop` stops it.
    """

    name = "kafka"

    def __init__(self, data: Path, *, say: Callable[[str], None] = lambda _: None) -> None:
        self._data = data = data.resolve()
        self._say = say
        self._topics = data / "kafka"
        self._settings = data / "kafka.properties"
        self._ports: dict[str, int] = {}
        self._java = Path()
        self._jars = Path()
        self.log = data / "logs" / "kafka.log"
        self._process: Process | None = None

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect."""
        return f"{HOST}:{self._ports['kafka']}"

    @property
    def is_made(self) -> bool:
        """Whether there is a formatted log folder; `Refused` where there is half a one."""
        if not self._topics.exists():
            return False
        if not (self._topics / "meta.properties").is_file():
            raise Refused(
                f"{self._topics} is not a folder that Kafka formatted (meta.properties is "
                "missing); it was left as it is."
            )
        return True

    async def prepare(self) -> None:
        """Jars, ports, settings, and, the first time, a formatted log folder."""
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self.is_made
        self._java = await asyncio.to_thread(find_java, self._say)
        self._jars = await fetch_jars(self._java, self._say)
        self._ports = Ports(self._data / "kafka-ports.json").choose("kafka", "controller")
        if not made:
            await self._format()
        self._write_settings(self._topics)

    @property
    def process(self) -> Process:
        """The server that was started last."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process

    async def start(self, record: Callable[[str, int], None] | None = None) -> Process:
        """Start the prepared server; it answers when `ready` returns."""
        self._process = await spawn(self._server(), record)
        return self._process

    async def ready(self) -> None:
        """Return when clients are answered."""
        await until_ready(self.process, self._answers, READY_SECONDS)

    async def launch(self) -> None:
        """`prepare`, `start` and `ready`."""
        await self.prepare()
        await self.start()
        await self.ready()

    async def stop(self) -> None:
        """Stop it, if it runs."""
        if self._process is not None:
            await self._process.stop()

    async def _format(self) -> None:
        """Made under another name and renamed: half a folder is never taken for a whole one."""
        new = self._topics.with_name("kafka.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self._write_settings(new)
        self._say("Kafka: formatting its log folder")
        arguments = ["format", "--cluster-id", _new_id(), "--config", str(self._settings)]
        try:
            await complete(self._java_program("kafka.tools.StorageTool", arguments))
        except Died as error:
            raise Refused(f"Kafka's log folder could not be made; {self.log} says why.") from error
        new.rename(self._topics)

    def _write_settings(self, log_folder: Path) -> None:
        settings = Template(SETTINGS.read_text(encoding="utf-8")).substitute(
            host=HOST,
            broker_port=self._ports["kafka"],
            controller_port=self._ports["controller"],
            data=_escaped(log_folder),
        )
        write_atomically(self._settings, settings)

    def _server(self) -> Command:
        return self._java_program("kafka.Kafka", [str(self._settings)])

    def _java_program(self, main_class: str, arguments: list[str]) -> Command:
        return Command(
            name=self.name,
            argv=[
                *(str(self._java), *JVM_FLAGS),
                f"-Dlog4j2.configurationFile={LOG_SETTINGS.as_uri()}",
                *("-cp", f"{self._jars}/*", main_class, *arguments),
            ],
            log=self.log,
            folder=self._data,
            clean_exits=CLEAN_EXITS,
        )

    async def _answers(self) -> bool:
        if not await _listens(self._ports["kafka"]):
            return False
        client = AIOKafkaClient(bootstrap_servers=self.bootstrap_servers, request_timeout_ms=2_000)
        try:
            await client.bootstrap()
        except KafkaError:
            return False
        else:
            return True
        finally:
            await client.close()


def _new_id() -> str:
    """Sixteen random bytes in Kafka's spelling; the first bit is 0, so that it is no option."""
    drawn = bytearray(secrets.token_bytes(16))
    drawn[0] &= 0x7F
    return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


def _escaped(path: Path) -> str:
    """A path as a value of a .properties file, and not two paths for a comma in it."""
    if "," in str(path):
        raise Refused(f"Kafka cannot keep its data in a path with a comma: {path}")
    return str(path).replace("\\", "\\\\")
