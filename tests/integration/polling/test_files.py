"""Files that senders put somewhere: each goes in once, whatever becomes of moving it."""

import asyncio
import gzip
import os
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from hub.bootstrap import Services
from hub.domain.polling import PollOutcome
from hub.live.ending import end
from tests.integration.polling.conftest import Poll
from tests.integration.polling.file_servers import ftp_server, sftp_server
from tests.integration.shop import available, sound
from workers.formats.reading import Envelope, Format, Reading, Reply
from workers.formats.registry import FORMATS

KINDS = ("folder", "sftp", "ftp")
HEAD = "sku,location,on_hand\n"


@asynccontextmanager
async def placed(kind: str, root: Path) -> AsyncIterator[tuple[Path, dict[str, Any]]]:
    """A folder, and how it is asked for over a kind of way."""
    folder = root / "watched" / "out"
    folder.mkdir(exist_ok=True)
    login = {"username": "hub", "password": "SOURCE_ACME_PASSWORD"}
    if kind == "folder":
        yield folder, {"kind": kind, "folder": "out"}
    elif kind == "sftp":
        async with sftp_server(root / "watched") as server:
            host_keys = [server.fingerprint]
            yield folder, {"kind": kind, "url": server.url, "host_keys": host_keys, **login}
    else:
        async with ftp_server(root / "watched") as server:
            yield folder, {"kind": kind, "url": server.url, "tls": False, **login}


def put(folder: Path, name: str, content: str | bytes, age_seconds: float = 60) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    at = int(time.time() - age_seconds)
    os.utime(path, (at, at))
    return path


def answered(format: Format) -> Format:
    """The same format, but its senders expect an answer."""

    def read(content: BinaryIO, options: Any, envelope: Envelope) -> Iterator[Reading]:
        yield from format.read(content, options, envelope)
        yield Reply(b"thanks", "text/plain")

    return format._replace(read=read)


def names(folder: Path) -> list[str]:
    """Files in a folder, without the marks of their content."""
    return sorted(path.name.rpartition("-")[2] for path in folder.iterdir() if path.is_file())


@pytest.mark.parametrize("kind", KINDS)
async def test_files_go_in_once_and_are_put_away(
    shop: Services, poll: Poll, tmp_path: Path, kind: str
) -> None:
    async with placed(kind, tmp_path) as (folder, fetch):
        fetch |= {"settle": "0s", "files": "*.csv*"}
        put(folder, "b.csv", HEAD + "A-1,BER,4\n", age_seconds=50)
        put(folder, "a.csv.gz", gzip.compress((HEAD + "A-1,BER,9\nA-2,BER,6\n").encode()))
        put(folder, "c.csv", b"\x00\xff nothing to be read")
        put(folder, "d.csv.part", HEAD + "A-1,BER,1\n")
        put(folder, "notes.txt", "none of our business")
        if kind != "ftp":  # where nobody is told what a link is
            (folder / "e.csv").symlink_to("/etc/passwd")
        polled = await poll(fetch)
        assert polled.outcome is PollOutcome.REFUSED
        assert (polled.problem or "").startswith("c.csv: ")
        assert (polled.report["files"], polled.report["accepted"]) == (2, 3)
        assert {*names(folder)} - {"e.csv"} == {"d.csv.part", "notes.txt"}
        assert names(folder / "done") == ["a.csv.gz", "b.csv"]
        assert names(folder / "refused") == ["c.csv"]
        assert (await available(shop, "A-1"), await available(shop, "A-2")) == (4, 6)
        # As after a crash between taking a file in and moving it.
        (done,) = (folder / "done").glob("*-b.csv")
        done.rename(folder / "b.csv")
        again = await poll(fetch)
        assert (again.report["accepted"], again.report["duplicates"]) == (0, 1)
        assert names(folder / "done") == ["a.csv.gz", "b.csv"]
        assert (await poll(fetch)).outcome is PollOutcome.UNCHANGED
    assert await sound(shop)


@pytest.mark.parametrize("kind", KINDS)
async def test_files_that_stay_are_remembered_by_date_and_name(
    shop: Services, poll: Poll, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with placed(kind, tmp_path) as (folder, fetch):
        monkeypatch.setitem(FORMATS, "csv", answered(FORMATS["csv"]))
        fetch |= {"settle": "0s", "taken": "remember", "replies": True}
        put(folder, "b.csv", HEAD + "A-1,BER,4\n")
        assert (await poll(fetch)).report["accepted"] == 1
        assert names(folder / "replies") == ["b.csv.reply"]
        assert (await poll(fetch)).outcome is PollOutcome.UNCHANGED
        # Of the same second, and a name that comes before.
        put(folder, "a.csv", HEAD + "A-2,BER,5\n")
        put(folder, "c.csv", HEAD + "B-1,BER,6\n", age_seconds=30)
        assert (await poll(fetch)).report["files"] == 2
        assert (await poll(fetch)).outcome is PollOutcome.UNCHANGED
        assert names(folder) == ["a.csv", "b.csv", "c.csv"]


async def test_a_file_that_is_still_written_is_left(
    shop: Services, poll: Poll, tmp_path: Path
) -> None:
    async def write_on(folder: Path) -> None:
        while True:
            with (folder / "a.csv").open("a") as file:
                file.write("A-1,BER,4\n")
            await asyncio.sleep(0.01)

    async with placed("folder", tmp_path) as (folder, fetch):
        put(folder, "a.csv", HEAD)
        writing = asyncio.create_task(write_on(folder))
        try:
            assert (await poll(fetch | {"settle": "1s"})).outcome is PollOutcome.UNCHANGED
        finally:
            await end([writing])
        assert names(folder) == ["a.csv"]


async def test_what_becomes_too_large_unpacked_is_refused(
    shop: Services, poll: Poll, tmp_path: Path
) -> None:
    async with placed("folder", tmp_path) as (folder, fetch):
        fetch |= {"settle": "0s"}
        put(folder, "a.gz", gzip.compress(b"0" * 20_000_000))
        for name, files in (("b.zip", {"x.csv": "0" * 20_000_000}), ("c.zip", {"x": "", "y": ""})):
            with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
                for inner, text in files.items():
                    archive.writestr(inner, text)
        with zipfile.ZipFile(folder / "d.zip", "w") as archive:
            archive.writestr("../../d.csv", HEAD + "A-1,BER,4\n")
        put(folder, "e.csv.gz", gzip.compress(HEAD.encode() * 9)[:-9])
        polled = await poll(fetch)
        for problem in (
            "a.gz: becomes more than 200 times as large",
            "b.zip: becomes more than 200 times as large",
            "c.zip: is an archive of 2 files",
            "e.csv.gz: sent what is packed and breaks off",
        ):
            assert problem in (polled.problem or "")
        assert polled.report["accepted"] == 1
        assert names(folder / "done") == ["d.zip"]


async def test_nothing_leads_out_of_the_watched_folder(
    shop: Services, poll: Poll, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    put(outside, "a.csv", HEAD + "A-1,BER,4\n")
    (tmp_path / "watched" / "link").symlink_to(outside)
    polled = await poll({"kind": "folder", "folder": "link", "settle": "0s"})
    assert polled.problem == "the folder link can not be opened: Not a directory"
    async with placed("folder", tmp_path) as (folder, fetch):
        # Where it would be moved to leads out.
        (folder / "done").symlink_to(outside)
        put(folder, "b.csv", HEAD + "A-2,BER,4\n")
        polled = await poll(fetch | {"settle": "0s"})
        assert "b.csv can not be moved to done" in (polled.problem or "")
    assert names(outside) == ["a.csv"]


async def test_another_server_than_the_pinned_one_is_told_no_password(
    shop: Services, poll: Poll, tmp_path: Path
) -> None:
    async with placed("sftp", tmp_path) as (_, fetch):
        polled = await poll(fetch | {"host_keys": [f"SHA256:{'A' * 43}"]})
        assert "none of fetch.host_keys" in (polled.problem or "")
        polled = await poll(fetch | {"password": "SOURCE_ACME_TOKEN"})
        assert "Permission denied" in (polled.problem or "")
    polled = await poll(fetch)
    assert polled.outcome is PollOutcome.FAILED
    async with placed("ftp", tmp_path) as (_, fetch):
        # Who does not speak TLS is told nothing.
        polled = await poll(fetch | {"tls": True})
        assert polled.outcome is PollOutcome.FAILED
