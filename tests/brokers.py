"""The real brokers that tests publish to: RabbitMQ and NATS, each in a folder of its own.

`kill` and `start` again play the crash of a broker, which keeps on disk what it has confirmed.
Redis is in tests/servers.py. Kafka itself can't be had from a package: there, librdkafka's own mock
of a cluster answers over TCP in Kafka's protocol.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.servers import free_port

START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 20.0
RABBITMQ_PLACES = ("/usr/lib/rabbitmq/bin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Not in PATH: what is there starts the system's own server, as its own user."""
NATS_PLACES = ("/usr/sbin", "/usr/local/sbin")


class BrokerServer:
    """A program that listens on a port of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._processes: list[subprocess.Popen[bytes]] = []

    def commands(self) -> Sequence[Sequence[str]]:
        """What to start, the broker last."""
        raise NotImplementedError

    def environment(self) -> Mapping[str, str]:
        """What they need in it."""
        return {}

    def start(self) -> None:
        """Start it and wait until it listens."""
        setpriv = shutil.which("setpriv")  # so that a killed test run takes it along
        with (self.folder / "broker.log").open("ab") as log:
            for command in self.commands():
                whole = [setpriv, "--pdeathsig", "TERM", *command] if setpriv else command
                process = subprocess.Popen(
                    whole,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.folder,
                    env={**os.environ, **self.environment()},
                    start_new_session=True,
                )
                self._processes.append(process)
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline and self._processes[-1].poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        said = (self.folder / "broker.log").read_text(errors="replace")
        self.kill()
        pytest.fail(f"{type(self).__name__} did not start; it said:\n{said}", pytrace=False)

    def stop(self) -> None:
        """End it in order; fine when it has ended already."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash would."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Let it do nothing, while its connections stay."""
        os.killpg(self._processes[-1].pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.killpg(self._processes[-1].pid, signal.SIGCONT)

    def _end(self, way: signal.Signals) -> None:
        processes, self._processes = self._processes, []
        for process in reversed(processes):
            if process.poll() is None:
                # The whole session: a shell in between would leave its child behind.
                os.killpg(process.pid, way)
            process.wait(STOP_TIMEOUT_SECONDS)


class NatsServer(BrokerServer):
    """NATS with JetStream."""

    @property
    def url(self) -> str:
        """Address for the hub's `HUB_PUBLISH_URL`."""
        return f"nats://127.0.0.1:{self.port}"

    def commands(self) -> Sequence[Sequence[str]]:
        """One program."""
        program = _program("nats-server", NATS_PLACES)
        store = str(self.folder / "jetstream")
        return [[program, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", store]]


class RabbitServer(BrokerServer):
    """RabbitMQ, with an Erlang port mapper of its own that ends with it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._mapper_port, self._node_port = free_port(), free_port()

    @property
    def url(self) -> str:
        """Address for the hub's `HUB_PUBLISH_URL`."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def commands(self) -> Sequence[Sequence[str]]:
        """The port mapper first: started by the broker, it would outlive it."""
        (self.folder / "plugins").write_text("[].")
        mapper = _program("epmd", ())
        return [
            [mapper, "-port", str(self._mapper_port)],
            [_program("rabbitmq-server", RABBITMQ_PLACES, anywhere=False)],
        ]

    def environment(self) -> Mapping[str, str]:
        """Everything it writes goes into its folder."""
        folder = str(self.folder)
        return {
            "HOME": folder,
            "ERL_EPMD_PORT": str(self._mapper_port),
            "RABBITMQ_NODENAME": f"hub-{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._node_port),
            "RABBITMQ_MNESIA_BASE": f"{folder}/db",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_CONFIG_FILE": f"{folder}/none",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{folder}/config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
        }


def _program(name: str, places: Sequence[str], *, anywhere: bool = True) -> str:
    path = os.pathsep.join(places)
    found = shutil.which(name, path=path) or (shutil.which(name) if anywhere else None)
    if found is None:
        pytest.fail(f"{name} is not installed: run `make test`, which installs it.", pytrace=False)
    return found
