"""The data folder of the embedded PostgreSQL: who owns it, and whether it can be used."""

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psutil

from hub.store.embedded_errors import DataFolderDamaged, DataFolderInUse, DataFolderOfOtherVersion

POSTGRES_MAJOR = 18
STOP_TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.01
SOCKET_FOLDER_PREFIX = "hub-pg-"
LOCK_NAME = "hub.lock"


def take_lock(data_dir: Path) -> IO[str]:
    """Claim the folder for this process; the claim ends with the file's close, or with us.

    The file holds the process id of the hub and, once its server runs, the socket folder.
    Raises `DataFolderInUse` while another hub lives.
    """
    lock = (data_dir / LOCK_NAME).open("a+")
    lock.seek(0)
    process_id, *previous = lock.read().splitlines() or [""]
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise DataFolderInUse(data_dir, process_id) from None
    for folder in previous:  # left by a hub that was killed
        remove_socket_folder(Path(folder))
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def postmaster_lines(cluster: Path) -> list[str]:
    """What the server says of itself: process id first, its state in line eight."""
    try:
        return [line.strip() for line in (cluster / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []


def end_leftover(cluster: Path) -> None:
    """End a server that outlived its hub. The lock is ours, so no living hub needs it."""
    lines = postmaster_lines(cluster)
    if not lines or not lines[0].isdigit():
        return
    try:
        server = psutil.Process(int(lines[0]))
        if "postgres" not in server.name():
            # Another program has got that process id since; PostgreSQL would refuse to start.
            (cluster / "postmaster.pid").unlink()
        elif str(cluster) in server.cmdline():
            for way in (signal.SIGINT, signal.SIGQUIT):
                server.send_signal(way)
                if _wait_for(lambda: server.status() == psutil.STATUS_ZOMBIE):
                    return
    except psutil.Error:  # it has ended, or is not ours to look at: PostgreSQL will say so
        return


def _wait_for(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def check_cluster(cluster: Path) -> None:
    """Refuse database files that are damaged or of another major version, before the start."""
    try:
        version = (cluster / "PG_VERSION").read_text(errors="replace").strip()
    except FileNotFoundError:
        version = ""
    if not version.isdigit():
        raise DataFolderDamaged(cluster, "PG_VERSION")
    if int(version) != POSTGRES_MAJOR:
        raise DataFolderOfOtherVersion(cluster, version, POSTGRES_MAJOR)
    if not (cluster / "global" / "pg_control").is_file():
        raise DataFolderDamaged(cluster, "global/pg_control")


def remove_socket_folder(folder: Path) -> None:
    """Remove a socket folder that this module's naming shows to be the hub's."""
    if folder.name.startswith(SOCKET_FOLDER_PREFIX) and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)
