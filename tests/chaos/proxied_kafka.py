"""A Kafka with a second door, which leads through a proxy."""

from pathlib import Path

from infra.local.files import write_atomically
from infra.local.kafka import LocalKafka
from infra.local.ports import HOST


class ProxiedKafka(LocalKafka):
    """Whoever comes in by `door_port` is told to come by `proxy_port` from then on."""

    def __init__(self, data: Path, *, door_port: int, proxy_port: int) -> None:
        super().__init__(data)
        self._door_port = door_port
        self._proxy_port = proxy_port

    def _write_settings(self, log_folder: Path) -> None:
        super()._write_settings(log_folder)
        broker, controller = self._ports["kafka"], self._ports["controller"]
        # Of a name that is there twice, Java takes the last.
        more = f"""
listeners=BROKER://{HOST}:{broker},DOOR://{HOST}:{self._door_port},CONTROLLER://{HOST}:{controller}
advertised.listeners=BROKER://{HOST}:{broker},DOOR://{HOST}:{self._proxy_port}
listener.security.protocol.map=BROKER:PLAINTEXT,DOOR:PLAINTEXT,CONTROLLER:PLAINTEXT
"""
        write_atomically(self._settings, self._settings.read_text(encoding="utf-8") + more)
