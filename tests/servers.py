"""The real servers that tests run against: PostgreSQL and Redis, each in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

REDIS_START_TIMEOUT_SECONDS = 10.0


class RedisServer:
    """A Redis on a free port of this machine; it keeps nothing on disk unless it is `durable`.

    `kill` and `start` again on the same port play the outage of a backplane.
    """

    durable = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        """Address for redis-py and the hub's `REDIS_URL`."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def unix_url(self) -> str:
        """Its address by a socket of this machine's files."""
        return f"unix://{self._folder / 'redis.sock'}?db=0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = shutil.which("redis-server")
        if program is None:
            pytest.fail(
                "redis-server is not installed: run `make test`, which installs it, "
                "or set REDIS_URL to a Redis whose keys may be deleted.",
                pytrace=False,
            )
        options = {
            "port": self.port,
            "bind": "127.0.0.1",
            "dir": self._folder,
            "unixsocket": self._folder / "redis.sock",
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "always",
            "logfile": self._folder / "redis.log",
        }
        setpriv = shutil.which("setpriv")  # so that a killed test run takes its Redis along
        command = [setpriv, "--pdeathsig", "TERM", program] if setpriv else [program]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=self._folder)
        self._wait_until_it_answers()

    def stop(self) -> None:
        """End it in order; fine when it has ended already."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash would."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Have it do nothing, with all its connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Have it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, signal_number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(signal_number)

    def _end(self, way: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(way)
            process.wait()

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + REDIS_START_TIMEOUT_SECONDS
        with Redis.from_url(self.url) as client:
            while time.monotonic() < deadline:
                if self._process is None or self._process.poll() is not None:
                    break
                try:
                    client.ping()
                except RedisConnectionError:
                    time.sleep(0.005)
                else:
                    return
        log = self._folder / "redis.log"
        said = log.read_text() if log.exists() else "nothing"
        pytest.fail(f"redis-server did not start; its log says:\n{said}", pytrace=False)


def free_port() -> int:
    """A TCP port of this machine that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def redis_database_of_this_worker(url: str) -> str:
    """`url` with a database number of its own for each parallel test process."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    if worker == "0":
        return url
    base, _, database = url.rpartition("/")
    if not database.isdigit():
        base, database = url.rstrip("/"), "0"
    return f"{base}/{int(database) + int(worker)}"
