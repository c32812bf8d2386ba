"""A hub that has loaded all its modules, and is forked wherever a test starts a hub.

To load them is most of a start, and tests that kill hubs start one after the other. A fork is a
process like any other: it begins where `python -m hub` does, with arguments, an environment, a
folder and an output of its own. Run as a program, this file is what is forked.
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent.parent
MESSAGE_BYTES = 65_536
POLL_SECONDS = 0.02
CAN_FORK = sys.platform == "linux"
"""Elsewhere sockets lack what this needs, or libraries do not outlive a fork."""


class Fork:
    """One hub, with the ways of `subprocess.Popen`."""

    def __init__(self, parent: "LoadedHub", pid: int) -> None:
        self._parent = parent
        self.pid = pid

    def poll(self) -> int | None:
        """Its exit code, or less than 0 for a signal; None while it runs."""
        return self._parent.exit_code_of(self.pid)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("hub", timeout or 0)
            time.sleep(POLL_SECONDS)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Nothing where it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would."""
        self.send_signal(signal.SIGKILL)


class LoadedHub:
    """The process that is forked: one for each process of tests."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._exit_codes: dict[int, int] = {}
        self._one_at_a_time = threading.RLock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(environment),
            )
        atexit.register(self._end)

    def fork(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], output: int
    ) -> Fork:
        """Start a hub that prints to a file descriptor."""
        request = [list(arguments), str(folder), dict(environment)]
        with self._one_at_a_time:
            socket.send_fds(self._socket, [json.dumps(request).encode()], [output])
            while True:
                told = json.loads(self._socket.recv(MESSAGE_BYTES) or b"null")
                assert told is not None, "what is forked has ended"
                if "begun" in told:
                    return Fork(self, told["begun"])
                self._exit_codes[told["ended"]] = told["code"]

    def exit_code_of(self, pid: int) -> int | None:
        """The exit code of a fork that has ended."""
        with self._one_at_a_time:
            while select.select([self._socket], [], [], 0)[0]:
                told = json.loads(self._socket.recv(MESSAGE_BYTES) or b"null")
                assert told is not None, "what is forked has ended"
                self._exit_codes[told["ended"]] = told["code"]
            return self._exit_codes.get(pid)

    def _end(self) -> None:
        self._socket.close()
        self._process.wait()


@cache
def loaded_hub() -> LoadedHub:
    """That of this process, with this process's environment without settings of the hub."""
    kept = {name: value for name, value in os.environ.items() if not is_setting(name)}
    return LoadedHub(kept | {"PYTHONPATH": str(PROJECT)})


def is_setting(name: str) -> bool:
    """Whether a variable is read by a hub that has started, and by nothing before that."""
    return name in ("DATABASE_URL", "REDIS_URL") or name.startswith("HUB_")


def _forks_of(control: socket.socket) -> Any:
    """In each fork the request for it; None in their parent, at the end."""
    running: set[int] = set()
    while True:
        asked, _, _ = select.select([control], [], [], POLL_SECONDS if running else None)
        if asked:
            message, descriptors, _, _ = socket.recv_fds(control, MESSAGE_BYTES, 1)
            if not message:
                return None
            pid = os.fork()
            if not pid:
                (output,) = descriptors
                os.dup2(output, 1)
                os.dup2(output, 2)
                os.close(output)
                return json.loads(message)
            for descriptor in descriptors:
                os.close(descriptor)
            running.add(pid)
            control.send(json.dumps({"begun": pid}).encode())
        for pid in list(running):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                running.remove(pid)
                code = os.waitstatus_to_exitcode(status)
                control.send(json.dumps({"ended": pid, "code": code}).encode())


def _main() -> None:
    import hub.cli.serving  # noqa: F401 - what it loads is what this is for

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as control:
        request = _forks_of(control)
    if request is None:
        return
    arguments, folder, environment = request
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["hub", *arguments]
    # As it is of `python -m`.
    sys.path[0] = folder
    runpy.run_module("hub", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
