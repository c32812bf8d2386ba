"""The real servers that tests run against: PostgreSQL and Redis, each in a folder of its own."""

import fcntl
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

REDIS_START_TIMEOUT_SECONDS = 10.0
TLS = ssl.create_default_context()
"""For the clients of httpx: though they use none, each would make its own, which takes longer than
many requests."""
MEMORY = Path("/dev/shm")
MEMORY_NEEDED_BYTES = 4 * 2**30
"""That much must be free for databases to be in memory. A run takes less than a quarter of it."""


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


@contextmanager
def folder_in_memory(otherwise: Path) -> Iterator[Path]:
    """A folder for what may vanish, in memory where that has room; else it is `otherwise`.

    It has the same name in each run: what one leaves that is killed, the next removes.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"availability-hub-tests-{os.getuid()}-{zlib.crc32(__file__.encode())}-{worker}"
    if not _has_room(MEMORY):
        yield otherwise
        return
    with (MEMORY / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another run of this checkout
            yield otherwise
            return
        folder = MEMORY / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _has_room(folder: Path) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    free: int = min(shutil.disk_usage(folder).free, psutil.virtual_memory().available)
    return free >= MEMORY_NEEDED_BYTES


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
