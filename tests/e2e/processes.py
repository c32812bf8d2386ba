"""The hub as its users start it: a process of its own, with its output and its way to end."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.e2e.loaded_hub import CAN_FORK, Fork, is_setting, loaded_hub
from tests.servers import TLS

START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.05
PROJECT = Path(__file__).resolve().parent.parent.parent
ADDRESS = re.compile(r"Storefront\s+(http://\S+:\d+)/")


def clean_environment(**given: str) -> dict[str, str]:
    """This process's environment without any setting of the hub, and `given` on top; this
    checkout's hub is found from any folder, installed or not."""
    kept = {name: value for name, value in os.environ.items() if not is_setting(name)}
    return kept | {"PYTHONPATH": str(PROJECT)} | given


class HubProcess:
    """A hub that runs until it is told to stop. Its output is in `output`.

    Its modules are loaded before, where that can be, unless it is started `anew`, as by hand.
    """

    def __init__(
        self,
        *arguments: str,
        folder: Path,
        environment: Mapping[str, str],
        anew: bool = False,
    ) -> None:
        self.folder = folder
        self._log = folder / f"hub-{time.monotonic_ns()}.log"
        with self._log.open("wb") as log:
            # hub.toml and .data are looked for in the current folder.
            if anew or not CAN_FORK:
                self.process: subprocess.Popen[bytes] | Fork = subprocess.Popen(
                    [sys.executable, "-m", "hub", *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=folder,
                    env=dict(environment),
                )
            else:
                self.process = loaded_hub().fork(arguments, folder, environment, log.fileno())
        self.url = ""

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._log.read_text()

    def wait_until_ready(self) -> None:
        """Wait until `/readyz` answers; fails the test with the output if that never comes."""
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            told = ADDRESS.search(self.output)
            if told is not None and _answers(told[1]):
                self.url = told[1]
                return
            time.sleep(POLL_SECONDS)
        pytest.fail(f"The hub did not become ready; it said:\n{self.output}", pytrace=False)

    def stop(self, way: signal.Signals = signal.SIGINT) -> int:
        """Send a signal, wait for the end, and give the exit code. Nothing it has started may
        live on."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(way)
        code = self.process.wait(STOP_TIMEOUT_SECONDS)
        _, alive = psutil.wait_procs(family, timeout=1)
        assert [process.name() for process in alive] == []
        return code

    def kill(self) -> None:
        """End it as a crash would, if it is still there."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextmanager
def running_hub(*arguments: str, folder: Path, **settings: str) -> Iterator[HubProcess]:
    """A ready hub on a free port, started as by hand and killed at the end if the test has not
    stopped it."""
    started = HubProcess(
        *(*arguments, "--port", "0"),
        folder=folder,
        environment=clean_environment(**settings),
        anew=True,
    )
    try:
        started.wait_until_ready()
        yield started
    finally:
        started.kill()


def run_command(*arguments: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """The outcome of a command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "hub", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=folder,
        env=clean_environment(**settings),
        timeout=START_TIMEOUT_SECONDS,
        check=False,
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2, verify=TLS, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
