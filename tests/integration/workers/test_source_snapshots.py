"""Files of sources that tell all there is: judged as a whole, taken as one, or only tried."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput
from hub.domain.snapshots import SnapshotState
from hub.domain.sources import Source
from hub.domain.values import UNIT
from tests.integration.shop import CLERK, SKUS, available, position, sound
from tests.integration.workers.line_format import LINES
from tests.integration.workers.test_source_files import (
    MORNING,
    imported,
    inbox,
    source,
    tried,
    write,
)
from workers.formats.reading import Change, Envelope, Finding, Place, Reading, Severity
from workers.sources.files import import_file, rehearse_file
from workers.sources.report import ImportReport

NIGHT = MORNING - timedelta(hours=8)
OFF = dict.fromkeys(("zeroed_share", "total_drop_share", "unknown_share"), False)
ZERO = {"missing": "zero", "guard_rails": OFF}


def whole(units: int, *skus: str, location: str = "BER") -> list[dict[str, Any]]:
    rows = [{"sku": sku, "location": location, "onHand": units} for sku in skus or SKUS]
    return [row | {"snapshot": True} for row in rows]


async def units(services: Services, *skus: str) -> list[int]:
    return [(await position(services, sku)).on_hand // UNIT for sku in skus or SKUS]


async def last_night(services: Services, tmp_path: Path, acme: Source) -> None:
    report = await imported(services, acme, write(tmp_path / "night.jsonl", *whole(5), at=NIGHT))
    assert state(report) is SnapshotState.APPLIED


def state(report: ImportReport) -> SnapshotState:
    assert report.snapshot is not None
    return report.snapshot.state


async def test_a_file_of_zeros_waits_for_a_person(services: Services, tmp_path: Path) -> None:
    acme = source(guard_rails={"from_items": 1})
    await last_night(services, tmp_path, acme)
    zeros = write(tmp_path / "zeros.jsonl", *whole(0))

    would = (await tried(services, acme, zeros)).as_dict()
    rails = [tripped["rail"] for tripped in would["snapshot"]["report"]]
    assert (would["snapshot"]["state"], would["stock"]["positions"]) == ("QUARANTINED", 4)
    assert rails == ["zeroed_share", "total_drop_share"]
    left = "select (select count(*) from stock_snapshot) + count(*) as n from pg_tables"
    rows = await services.database.fetch(f"{left} where tablename like 'stock_snapshot_rows%'")
    assert rows == [{"n": 1}], "only what was imported before"

    report = await imported(services, acme, zeros)
    told = report.as_dict()["snapshot"]
    assert (told["state"], told["applied"], told["rows"]) == ("QUARANTINED", 0, 4)
    assert [tripped["rail"] for tripped in told["report"]] == rails
    assert (await units(services), await inbox(services)) == ([5, 5, 5, 5], 0)
    approved = await services.snapshots.approve(CLERK, told["id"])
    await services.snapshots.resume(approved.id)
    assert await units(services) == [0, 0, 0, 0]
    assert await sound(services)


async def test_rows_are_told_by_what_became_of_them_and_the_same_again_does_nothing(
    services: Services, tmp_path: Path
) -> None:
    acme = source(locations={"names": {"Lager": "BER"}, "ignored": ["Messe"]})
    rows = [
        *whole(7, "A-1", "A-2", location="Lager"),
        *whole(7, "a-1", location="Lager"),
        *whole(7, "B-1", location="MOON"),
        *whole(7, "B-1", location="Messe"),
        *whole(-1, "B-2", location="Lager"),
    ]
    rows[-1]["onHand"] = "many"
    path = write(tmp_path / "all.jsonl", *rows)
    first = (await imported(services, acme, path)).as_dict()
    figures = ("read", "mapped", "ignored", "refused", "warnings", "accepted")
    assert [first[name] for name in figures] == [6, 2, 1, 3, 0, 0]
    refused = {(row["line"], row["code"]) for row in first["refusedRows"]}
    assert refused == {(3, "UNKNOWN_SKU"), (4, "UNKNOWN_LOCATION"), (6, "INVALID_INPUT")}
    assert first["snapshot"]["applied"] == 2
    assert await units(services, "A-1", "A-2") == [7, 7]
    again = (await imported(services, acme, path)).as_dict()
    assert again == first
    assert (await position(services, "A-1")).version == 1

    # By other settings it says more, and what it said before is known.
    mended = source(locations=acme.as_plain()["locations"], skus={"aliases": {"a-1": "B-1"}})
    figures = (await imported(services, mended, path)).as_dict()["snapshot"]
    assert (figures["applied"], figures["unchanged"], figures["refused"]) == (1, 2, 2)
    assert await units(services, "B-1") == [7]


async def test_what_is_left_out_goes_to_zero_only_where_the_source_says_so(
    services: Services, tmp_path: Path
) -> None:
    acme = source(**ZERO)
    await last_night(services, tmp_path, acme)
    rows = [*whole(6, "A-1"), *whole(6, "A-2", location="MOON")]
    path = write(tmp_path / "fewer.jsonl", *rows)
    would = (await tried(services, acme, path)).as_dict()
    moves = [(row["sku"], row["after"]) for row in would["stock"]["rows"]]
    assert (would["snapshot"]["leftOut"], moves) == (2, [("A-1", 6), ("B-1", 0), ("B-2", 0)])
    assert (await imported(services, source(), path)).as_dict()["snapshot"]["leftOut"] == 0
    assert await units(services) == [6, 5, 5, 5]
    report = await imported(services, acme, path)
    # A-2 is there, only where is unknown.
    assert (await units(services), report.warnings) == ([6, 5, 0, 0], [])


@pytest.mark.parametrize(
    "doubt",
    [
        Finding(Severity.ERROR, "CELL_COUNT", "has 2 cells", Place(2)),
        Finding(Severity.WARNING, "TRUNCATED", "has no end\0", Place(2)),
        Change("stock.set", {"sku": "A-2\0", "onHand": 1}, Place(2), snapshot=True),
    ],
)
async def test_what_may_have_been_there_stays(
    services: Services, tmp_path: Path, doubt: Reading
) -> None:
    acme = source(**ZERO)
    await last_night(services, tmp_path, acme)

    def read(
        content: BinaryIO, options: Mapping[str, Any], envelope: Envelope
    ) -> Iterator[Reading]:
        yield from LINES.read(content, options, envelope)
        yield doubt

    broken = LINES._replace(read=read)
    path = write(tmp_path / "fewer.jsonl", *whole(6, "A-1"))
    would = await rehearse_file(services, acme, broken, path, lambda done, total: None)
    report = await import_file(services, acme, broken, path, lambda done, total: None)
    assert await units(services) == [6, 5, 5, 5]
    for told in (would, report):
        assert "LEFT_OUT_KEPT" in [one.code for one in told.warnings]
    assert report.counts["refused"] == 1


async def test_of_a_snapshot_that_breaks_off_nothing_is_taken(
    services: Services, tmp_path: Path
) -> None:
    def read(
        content: BinaryIO, options: Mapping[str, Any], envelope: Envelope
    ) -> Iterator[Reading]:
        yield from LINES.read(content, options, envelope)
        raise InvalidInput(field="line 5", problem="a quotation mark is never closed")

    path = write(tmp_path / "all.jsonl", *whole(7))
    broken = LINES._replace(read=read)
    for work in (import_file, rehearse_file):
        with pytest.raises(InvalidInput):
            await work(services, source(), broken, path, lambda done, total: None)
    assert (await units(services), await inbox(services)) == ([0, 0, 0, 0], 0)
    assert await services.database.fetch("select * from stock_snapshot") == []


async def test_what_else_a_file_tells_goes_the_usual_way(
    services: Services, tmp_path: Path
) -> None:
    eta = (MORNING + timedelta(days=9)).isoformat()
    line = {"type": "supply.scheduled", "sku": "A-1", "location": "BER", "quantity": 9}
    path = write(tmp_path / "846.jsonl", *whole(7), line | {"document": "PO-1", "eta": eta})
    for accepted in (1, 0):
        report = await imported(services, source(), path)
        assert (report.counts["accepted"], report.counts["read"]) == (accepted, 5)
        assert (state(report), len(report.replies)) == (SnapshotState.APPLIED, 1)
    assert (await position(services, "A-1")).incoming == 9 * UNIT
    assert await available(services, "A-1") == 7


async def test_counts_that_include_orders_go_in_one_by_one(
    services: Services, tmp_path: Path
) -> None:
    rows = [row | {"includesOrdersUpTo": NIGHT.isoformat()} for row in whole(7)]
    path = write(tmp_path / "all.jsonl", *rows)
    by_time = source(counts={"include_orders": "time"})
    for acme in (source(), by_time):
        report = await tried(services, acme, path)
        assert (report.snapshot, [one.code for one in report.warnings]) == (
            None,
            ["SNAPSHOT_AS_COUNTS"],
        )
    taken = await imported(services, source(), path)
    assert (taken.snapshot, taken.counts["accepted"]) == (None, 4)
    shelf = source(counts={"include_orders": "none"})
    assert (await tried(services, shelf, path)).snapshot is not None


async def test_many_counts_of_one_place_are_all_taken(services: Services, tmp_path: Path) -> None:
    def read(
        content: BinaryIO, options: Mapping[str, Any], envelope: Envelope
    ) -> Iterator[Reading]:
        for reading in LINES.read(content, options, envelope):
            yield reading._replace(place=Place(3)) if isinstance(reading, Change) else reading

    path = write(
        tmp_path / "all.jsonl", *whole(7), *whole(2, location="AMS"), *whole(1, "X-1", "X-2")
    )
    report = await import_file(
        services, source(), LINES._replace(read=read), path, lambda done, total: None
    )
    assert report.counts["mapped"] == 8
    assert [one.code for one in report.refused] == ["UNKNOWN_SKU", "UNKNOWN_SKU"]
    assert (await position(services, "B-2", "AMS")).on_hand == 2 * UNIT
