"""The embedded PostgreSQL as its users meet it: starts, restarts, crashes and bad folders."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import psutil
import pytest

from hub.store.embedded_folder import LOCK_NAME
from hub.store.embedded_postgres import (
    DataFolderDamaged,
    DataFolderInUse,
    DataFolderNotWritable,
    DataFolderOfOtherVersion,
    EmbeddedPostgres,
    EmbeddedPostgresError,
    PostgresDidNotStart,
    dsn_of_running_hub,
    shared_buffers,
)
from hub.store.embedded_programs import find_binaries, find_runner
from tests.servers import free_port

HUB_THAT_HOLDS_ITS_SERVER = """
import asyncio, sys
from pathlib import Path
from hub.store.embedded_postgres import EmbeddedPostgres

async def main():
    async with EmbeddedPostgres(Path(sys.argv[1])) as server:
        print(server.process_id, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def ask(dsn: str, question: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def has_ended(process_id: int) -> bool:
    try:
        return bool(psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


@pytest.fixture(scope="session")
def used_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that a hub has used before; making it takes most of a start's time."""
    folder = tmp_path_factory.mktemp("used folder") / "data"

    async def use() -> None:
        async with EmbeddedPostgres(folder, durable=False) as server:
            await ask(server.dsn(), "create table kept as select 47 as units")

    asyncio.run(use())
    return folder


@pytest.fixture
def data_dir(used_folder: Path, tmp_path: Path) -> Path:
    """A copy of the used folder, below a path with a space."""
    folder = tmp_path / "my shop" / "data"
    folder.parent.mkdir()
    subprocess.run(["cp", "-a", used_folder, folder], check=True)
    return folder


@pytest.fixture
async def server(data_dir: Path) -> AsyncIterator[EmbeddedPostgres]:
    async with EmbeddedPostgres(data_dir, durable=False) as running:
        yield running


async def test_a_second_start_continues_with_the_same_data(server: EmbeddedPostgres) -> None:
    assert await ask(server.dsn(), "select units from kept") == 47
    await server.stop()
    await server.start()
    assert await ask(server.dsn(), "select units from kept") == 47


async def test_it_is_postgresql_18_with_utf8_and_text_in_byte_order(
    server: EmbeddedPostgres,
) -> None:
    assert str(await ask(server.dsn(), "show server_version")).startswith("18.")
    assert await ask(server.dsn(), "show server_encoding") == "UTF8"
    assert await ask(server.dsn(), "select 'a' > 'B'") is True


async def test_it_writes_safely_unless_told_that_the_data_may_vanish(data_dir: Path) -> None:
    async with EmbeddedPostgres(data_dir) as durable:
        assert await ask(durable.dsn(), "show fsync") == "on"
    async with EmbeddedPostgres(data_dir, durable=False) as throwaway:
        assert await ask(throwaway.dsn(), "show fsync") == "off"


async def test_it_listens_on_no_network_address(server: EmbeddedPostgres) -> None:
    assert server.process_id is not None
    connections = psutil.Process(server.process_id).net_connections(kind="inet")
    assert connections == []


async def test_only_its_own_user_may_enter_the_socket_folder(server: EmbeddedPostgres) -> None:
    folder = Path(str(await ask(server.dsn(), "show unix_socket_directories")))
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_it_never_runs_as_root_and_opens_no_folder_for_others(
    data_dir: Path, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    before = [folder.stat().st_mode for folder in data_dir.parents]
    async with EmbeddedPostgres(data_dir, durable=False) as server:
        assert server.process_id is not None
        assert psutil.Process(server.process_id).uids().real != 0
    assert [folder.stat().st_mode for folder in data_dir.parents] == before


async def test_stopping_leaves_no_process_and_no_socket_folder(server: EmbeddedPostgres) -> None:
    process_id = server.process_id
    folder = Path(str(await ask(server.dsn(), "show unix_socket_directories")))
    await server.stop()
    await server.stop()
    assert process_id is not None
    assert has_ended(process_id)
    assert not folder.exists()


async def test_a_database_is_copied_from_a_template(server: EmbeddedPostgres) -> None:
    await server.create_database('odd "name"', template="hub")
    assert await ask(server.dsn('odd "name"'), "select units from kept") == 47
    await server.drop_database('odd "name"')
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await ask(server.dsn('odd "name"'), "select 1")


async def test_a_second_hub_on_the_same_folder_is_told_who_has_it(
    server: EmbeddedPostgres, data_dir: Path
) -> None:
    with pytest.raises(DataFolderInUse) as refused:
        await EmbeddedPostgres(data_dir).start()
    assert str(data_dir) in str(refused.value)
    assert f"process {os.getpid()}" in str(refused.value)
    assert await ask(server.dsn(), "select units from kept") == 47


async def test_another_command_finds_the_database_of_a_running_hub(
    server: EmbeddedPostgres, data_dir: Path
) -> None:
    assert dsn_of_running_hub(data_dir) == server.dsn()
    await server.stop()
    assert dsn_of_running_hub(data_dir) is None


async def test_nothing_outlives_a_killed_hub_and_the_next_one_starts(data_dir: Path) -> None:
    hub = subprocess.Popen(
        [sys.executable, "-c", HUB_THAT_HOLDS_ITS_SERVER, str(data_dir)], stdout=subprocess.PIPE
    )
    assert hub.stdout is not None
    process_id = int(hub.stdout.readline())
    hub.stdout.close()
    socket_folder = Path((data_dir / "hub.lock").read_text().splitlines()[1])
    hub.send_signal(signal.SIGKILL)
    hub.wait()
    if shutil.which("setpriv"):  # elsewhere the next start ends it
        assert until(lambda: has_ended(process_id))
    async with EmbeddedPostgres(data_dir, durable=False) as server:
        assert await ask(server.dsn(), "select units from kept") == 47
        assert has_ended(process_id)
    assert not socket_folder.exists()


async def test_a_server_that_outlived_its_hub_is_ended_before_the_next_start(
    data_dir: Path,
) -> None:
    binaries, cluster = find_binaries(), data_dir / "postgres"
    runner = find_runner(binaries, data_dir, cluster)
    alone = [part for part in runner.wrapper if part not in ("--pdeathsig", "INT")]
    options = ["-h", "127.0.0.1", "-p", str(free_port()), "-c", "unix_socket_directories="]
    leftover = subprocess.Popen(
        [*alone, str(binaries / "postgres"), "-D", str(cluster), *options],
        stderr=subprocess.DEVNULL,
        **runner.popen_arguments(),
    )
    assert until(lambda: "ready" in read(cluster / "postmaster.pid"))
    async with EmbeddedPostgres(data_dir, durable=False) as server:
        assert server.process_id != leftover.pid
        assert await ask(server.dsn(), "select units from kept") == 47
    assert leftover.wait() == 0


async def test_a_process_id_that_another_program_got_since_is_no_obstacle(data_dir: Path) -> None:
    stale = data_dir / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{stale.parent}\n0\n5432\n\n\n\nready\n")
    async with EmbeddedPostgres(data_dir, durable=False) as server:
        assert await ask(server.dsn(), "select units from kept") == 47


async def test_a_start_that_was_cut_off_half_way_is_begun_again(tmp_path: Path) -> None:
    unfinished = tmp_path / "postgres.unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    async with EmbeddedPostgres(tmp_path, durable=False) as server:
        assert await ask(server.dsn(), "select 1") == 1


@pytest.mark.parametrize("missing", ["PG_VERSION", "global/pg_control"])
async def test_a_damaged_folder_is_named_together_with_the_way_out(
    data_dir: Path, missing: str
) -> None:
    (data_dir / "postgres" / missing).unlink()
    sentence = await refusal(DataFolderDamaged, data_dir)
    assert str(data_dir) in sentence
    assert missing in sentence
    assert "restore" in sentence


async def test_a_folder_of_another_postgresql_is_named_together_with_the_way_out(
    data_dir: Path,
) -> None:
    (data_dir / "postgres" / "PG_VERSION").write_text("15\n")
    sentence = await refusal(DataFolderOfOtherVersion, data_dir)
    assert str(data_dir) in sentence
    assert "PostgreSQL 15" in sentence
    assert "pg_dumpall" in sentence


async def test_a_failed_start_quotes_what_postgresql_said(data_dir: Path) -> None:
    control = data_dir / "postgres" / "global" / "pg_control"
    control.write_bytes(control.read_bytes()[:200] + bytes(7992))
    sentence = await refusal(PostgresDidNotStart, data_dir)
    assert str(data_dir) in sentence
    assert "incorrect checksum in control file" in sentence


async def test_a_path_that_is_no_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sentence = await refusal(DataFolderNotWritable, tmp_path / "file" / "data")
    assert str(tmp_path / "file") in sentence
    assert "HUB_DATA_DIR" in sentence


async def refusal(kind: type[EmbeddedPostgresError], data_dir: Path) -> str:
    """The sentence of a refused start, which must leave nothing running and nothing behind."""
    server = EmbeddedPostgres(data_dir, durable=False)
    with pytest.raises(kind) as refused:
        await server.start()
    assert server.process_id is None
    assert read(data_dir / LOCK_NAME) == ""
    sentence = str(refused.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("megabytes", "share"), [(256, "128MB"), (2_000, "500MB"), (64_000, "2048MB")]
)
def test_it_takes_its_share_of_the_memory(
    monkeypatch: pytest.MonkeyPatch, megabytes: int, share: str
) -> None:
    machine = {"SC_PHYS_PAGES": megabytes * 256, "SC_PAGE_SIZE": 4_096}
    monkeypatch.setattr(os, "sysconf", machine.__getitem__)
    assert shared_buffers() == share
