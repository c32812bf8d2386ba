"""The hub as several processes on one database: API processes and workers that can be killed and
started again, each by its own process id."""

import signal
from pathlib import Path

from tests.e2e.processes import ADDRESS, HubProcess, clean_environment
from tests.jepsen.history import History
from tests.waiting import eventually

API_PROCESSES = 2
WORKERS = 2
START_TIMEOUT_SECONDS = 60.0


class Node:
    """A place for one process of the hub; it runs one after the other there."""

    def __init__(self, name: str, arguments: tuple[str, ...], folder: Path, url: str) -> None:
        self.name = name
        self.serves = "serve" in arguments
        self._arguments = arguments
        self._folder = folder
        self._environment = clean_environment(DATABASE_URL=url)
        self._process: HubProcess | None = None
        self._address = ""
        self.outputs: list[HubProcess] = []
        self.in_flight = 0
        """Requests that wait for this server's answer; kept by those who ask."""

    @property
    def running(self) -> bool:
        """Whether there is a process now, ready or not."""
        return self._process is not None

    @property
    def address(self) -> str:
        """Where it serves; empty before it first does. While it is dead, and until its successor
        has said where that serves, it stays what it was, as an address does."""
        if self.serves and self._process is not None and not self._process.url:
            told = ADDRESS.search(self._process.output)
            if told is not None:
                self._process.url = self._address = told[1]
        return self._address

    @property
    def ready(self) -> bool:
        """Whether it runs and, if it serves, has said where. One that has ended by itself is a
        finding, and fails the test."""
        if self._process is None:
            return False
        self._check_alive(self._process)
        return not self.serves or (self.address != "" and self._process.url == self.address)

    def start(self) -> int:
        """Start a process, and give its id. A port of its own each time: the old one may be taken
        by somebody's outgoing connection in the meantime."""
        self._process = HubProcess(
            *self._arguments, folder=self._folder, environment=self._environment
        )
        self.outputs.append(self._process)
        return self._process.process.pid

    def kill(self) -> int:
        """`kill -9`, and the id that was killed."""
        assert self._process is not None
        process, self._process = self._process, None
        self._check_alive(process)
        process.kill()
        return process.process.pid

    def stop(self) -> tuple[int, str]:
        """Ask it to end; its exit code and what it said."""
        assert self._process is not None
        process, self._process = self._process, None
        return process.stop(signal.SIGTERM), process.output

    def end(self) -> None:
        """Leave nothing behind, however the test went."""
        if self._process is not None:
            self._process.kill()

    def _check_alive(self, process: HubProcess) -> None:
        assert process.process.poll() is None, f"{self.name} ended by itself:\n{process.output}"


class Cluster:
    """All processes of the hub."""

    def __init__(self, folder: Path, database_url: str, history: History) -> None:
        self._history = history
        serve = ("serve", "--no-jobs", "--port", "0")
        kinds = [("api", serve)] * API_PROCESSES + [("worker", ("work",))] * WORKERS
        self.nodes = [
            Node(f"{kind}-{number}", arguments, folder, database_url)
            for number, (kind, arguments) in enumerate(kinds, start=1)
        ]
        self.kills = 0

    @property
    def servers(self) -> list[Node]:
        """Those that take requests, or did before they were killed."""
        return [node for node in self.nodes if node.serves and node.address]

    def start(self, node: Node) -> None:
        """Start a process where none runs."""
        self._history.note(f"{node.name} is started as process {node.start()}")

    def kill(self, node: Node) -> None:
        """End a process as a crash would."""
        self._history.note(f"{node.name}, process {node.kill()}, is killed")
        self.kills += 1

    async def all_ready(self) -> None:
        """Start what does not run, and wait until every process is ready."""
        for node in self.nodes:
            if not node.running:
                self.start(node)
        await eventually(
            lambda: [node.name for node in self.nodes if not node.ready],
            lambda missing: not missing,
            within_seconds=START_TIMEOUT_SECONDS,
        )

    def said(self) -> str:
        """What all processes have printed, the dead ones too."""
        return "\n".join(one.output for node in self.nodes for one in node.outputs)

    def end(self) -> None:
        """Leave no process behind."""
        for node in self.nodes:
            node.end()
