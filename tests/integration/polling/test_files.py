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
from hub.domain.source_freshness import SourceState
from hub.live.ending import end
from hub.services.source_health import SourceReport
from tests.integration.polling.conftest import ADMIN, Poll
from tests.integration.polling.file_servers import ftp_server, sftp_server
from tests.integration.shop import available, sound
from tests.supplier import Supplier
from workers.formats.reading import Envelope, Format, Reading, Reply
from workers.formats.registry import FORMATS
from workers.polling.fetching import Fetcher
from workers.polling.poll import MAX_TOO_LONG
from workers.polling.unpacking import TookTooLong

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
        # The same file once more, while the one that was taken still lies there.
        put(folder, "b.csv", HEAD + "A-1,BER,4\n", age_seconds=50)
        assert (await poll(fetch)).problem is None
        assert names(folder / "done") == ["a.csv.gz", "b.csv"]
        assert "b.csv" not in names(folder)
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
        with zipfile.ZipFile(folder / "f.zip", "w", zipfile.ZIP_LZMA) as archive:
            archive.writestr("f.csv", HEAD + "A-1,BER,4\n")
        with zipfile.ZipFile(folder / "g.zip", "w") as archive:
            for number in range(20):
                archive.writestr(f"{number}{'x' * 60_000}", "")
        polled = await poll(fetch)
        for problem in (
            "a.gz: becomes more than 200 times as large",
            "b.zip: becomes more than 200 times as large",
            "c.zip: is an archive of 2 files",
            "e.csv.gz: sent what is packed and breaks off",
            "f.zip: is an archive that is packed by another method",
            "g.zip: is an archive with a directory of more than",
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


@pytest.mark.parametrize("kind", ["sftp", "ftp"])
async def test_a_server_of_files_that_says_nothing_is_left(
    poll: Poll, supplier: Supplier, kind: str
) -> None:
    fetch = {"kind": kind, "url": f"{supplier.url.replace('http', kind)}/out", "timeout": "1s"}
    login = {"username": "hub", "password": "SOURCE_ACME_PASSWORD"}
    keys = {"host_keys": [f"SHA256:{'A' * 43}"]} if kind == "sftp" else {}
    polled = await poll(fetch | login | keys)
    assert polled.problem == "took longer than 1 seconds, which is `timeout`"


async def test_many_files_that_hang_are_not_waited_for_one_by_one(
    poll: Poll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: object) -> None:
        raise TookTooLong("took longer than it may")

    async with placed("folder", tmp_path) as (folder, fetch):
        for number in range(MAX_TOO_LONG + 1):
            put(folder, f"{number}.csv", HEAD)
        monkeypatch.setattr(Fetcher, "file", hang)
        polled = await poll(fetch | {"settle": "0s"})
    assert polled.problem == "took longer than it may"


async def test_what_nobody_thought_of_keeps_no_other_file_waiting(
    shop: Services, poll: Poll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(content: BinaryIO, options: Any, envelope: Envelope) -> Iterator[Reading]:
        if envelope.name == "a.csv":
            raise LookupError
        yield from csv.read(content, options, envelope)

    csv = FORMATS["csv"]
    monkeypatch.setitem(FORMATS, "csv", csv._replace(read=read))
    async with placed("folder", tmp_path) as (folder, fetch):
        put(folder, "a.csv", HEAD + "A-1,BER,9\n", age_seconds=90)
        put(folder, "b.csv", HEAD + "A-1,BER,4\n")
        polled = await poll(fetch | {"settle": "0s"})
        assert polled.problem == "a.csv met an unexpected LookupError, see the log"
        assert (names(folder), names(folder / "done")) == (["a.csv"], ["b.csv"])
    assert await available(shop, "A-1") == 4


async def test_files_that_would_be_forgotten_are_no_silent_loss(
    poll: Poll, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("fetching", "folder"):
        monkeypatch.setattr(f"workers.polling.{module}.MAX_LISTED", 2)
    async with placed("folder", tmp_path) as (folder, fetch):
        put(folder, "a.csv", HEAD + "A-1,BER,4\n")
        put(folder, "b.csv", HEAD + "A-1,BER,5\n")
        fetch |= {"settle": "0s"}
        polled = await poll(fetch | {"taken": "remember"})
        assert polled.problem == "has 2 files or more: move old ones to another folder"
        assert (await poll(fetch)).report["files"] == 2


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


@pytest.mark.parametrize("kind", KINDS)
async def test_a_place_that_answers_and_has_no_file_is_not_failing_any_more(
    shop: Services, poll: Poll, tmp_path: Path, kind: str
) -> None:
    async def told() -> SourceReport:
        return (await shop.source_health.of(ADMIN, ["acme"]))["acme"]

    async with placed(kind, tmp_path) as (folder, fetch):
        fetch |= {"settle": "0s"}
        away = folder.rename(folder.with_name("away"))
        for _ in range(2):
            assert (await poll(fetch)).outcome is PollOutcome.FAILED
        failing = await told()
        assert (failing.state, failing.failures) == (SourceState.FAILING, 2)
        away.rename(folder)
        assert (await poll(fetch)).outcome is PollOutcome.UNCHANGED
        answered = await told()
        assert (answered.state, answered.failures) == (SourceState.WAITING, 0)
        assert (answered.problem, answered.last_heard_at) == (None, None)
