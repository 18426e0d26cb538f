"""A real Apache Kafka on this machine: one broker that is its own controller (KRaft), for tests and benchmarks.

Its parts come from Maven (`kafka-runtime.pom.xml` says which version) into our cache, and run on Java 17 or newer.
Not started by the center itself: on one machine the bus is Redis Streams, with several it is a Kafka of yours.
"""

from __future__ import annotations

import base64
import secrets
import signal
import subprocess
from pathlib import Path

from ops_center.domain.errors import ServerError
from ops_center.embedded.maven import java_program, parts, version_in
from ops_center.embedded.ports import LOOPBACK, free_port
from ops_center.embedded.processes import Command, ServerProcess

_POM = Path(__file__).with_name("kafka-runtime.pom.xml")
_HEAP = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4", "-Xshare:auto")
# Written by the broker when it serves; the port alone opens earlier, before the topics are loaded.
_READY = "Kafka Server started"


class KafkaServer(ServerProcess):
    """One Kafka broker on loopback; `url` is what clients call the bootstrap server (``host:port``).

    Topics, offsets and transactions survive a restart and a kill. Given the same ``port`` again, clients that were
    connected find it again; with ``port`` 0 the first start chooses and later starts of this object keep it.
    """

    kind = "Kafka"
    start_timeout_s = 120.0

    @property
    def url(self) -> str:
        """``127.0.0.1:port``."""
        return f"{LOOPBACK}:{self.port}"

    def _prepare(self) -> None:
        self._java = java_program(self.kind)
        self._class_path = f"{kafka_libraries()}/*"
        self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0

    def _choose_port(self) -> None:
        super()._choose_port()
        self._asked_port = self.port  # brokers tell clients their address: it must stay true after a restart

    def _command(self) -> Command:
        self._write_properties()
        self._write_logging()
        if not (self._logs / "meta.properties").exists():
            self._format()
        argv = [self._java, *_HEAP, *self._java_options(), "kafka.Kafka", str(self._properties)]
        return Command(argv, signal.SIGTERM, stop_timeout_s=45)

    @property
    def _logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def _properties(self) -> Path:
        return self.data_dir / "server.properties"

    def _java_options(self) -> list[str]:
        return [f"-Dlog4j2.configurationFile={self.data_dir / 'log4j2.properties'}", "-cp", self._class_path]

    def _write_properties(self) -> None:
        controller_port = free_port()
        settings = {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:{controller_port}",
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{self.port}",
            "log.dirs": self._logs,
            "num.partitions": 1,
            "auto.create.topics.enable": "false",
            # One broker: internal topics have one copy, and few partitions so that it starts and stops quickly.
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "share.coordinator.state.topic.num.partitions": 4,
            "group.initial.rebalance.delay.ms": 0,
            "log.segment.bytes": 64 * 1024 * 1024,
            "log.retention.hours": 24,
            # By default a preallocated index of 10 MB per partition and kind; tests make hundreds of partitions.
            "log.index.size.max.bytes": 256 * 1024,
            "controlled.shutdown.enable": "false",
            # A killed broker may come back only when its old session is over (9 s by default).
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 500,
            "num.network.threads": 2,
            "num.io.threads": 4,
        }
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def _write_logging(self) -> None:
        (self.data_dir / "log4j2.properties").write_text(
            "appender.out.type=Console\nappender.out.name=out\nappender.out.layout.type=PatternLayout\n"
            "appender.out.layout.pattern=[%d] %p %m (%c)%n\n"
            "rootLogger.level=WARN\nrootLogger.appenderRef.out.ref=out\n"
            # its line tells us that the broker serves
            "logger.ready.name=kafka.server.KafkaRaftServer\nlogger.ready.level=INFO\n"
        )

    def _format(self) -> None:
        # As Kafka's own ids: 16 bytes in URL-safe base64, never with a leading dash, which it would take for an option.
        cluster = base64.urlsafe_b64encode(bytes([secrets.randbits(7)]) + secrets.token_bytes(15)).decode().rstrip("=")
        command = [self._java, "-Xmx256m", *self._java_options(), "kafka.tools.StorageTool", "format"]
        result = subprocess.run(
            [*command, "-t", cluster, "-c", str(self._properties)],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        if result.returncode:
            raise ServerError(f"Kafka can't prepare {self._logs}: {(result.stderr or result.stdout).strip()[-2000:]}")

    def _is_ready(self) -> bool:
        with self.log_path.open("rb") as stream:
            stream.seek(self._log_start)
            return _READY.encode() in stream.read()


def kafka_version() -> str:
    """Return the version of Kafka that we resolve."""
    return version_in(_POM, "kafka_2.13")


def kafka_libraries() -> Path:
    """Return the folder of Kafka's jars, resolving them with Maven the first time."""
    return parts("Kafka", _POM, kafka_version())
