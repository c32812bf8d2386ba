"""Files of sources: tried without effect, taken in once, every refused row told by its line."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput
from hub.domain.sources import Source, source_from
from hub.domain.values import UNIT
from hub.services.stock import Count
from tests.integration.shop import CLERK, available, broken_rules, count, position
from tests.integration.workers.line_format import LINES
from workers.formats.registry import FORMATS
from workers.ingest import Ingest
from workers.sources.files import import_file, rehearse_file
from workers.sources.report import ImportReport, RehearsalReport

MORNING = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def source(**sections: Any) -> Source:
    return source_from({"name": "acme", "format": "lines"} | sections)


def write(path: Path, *rows: dict[str, Any] | str, at: datetime = MORNING) -> Path:
    lines = [row if isinstance(row, str) else orjson.dumps(row).decode() for row in rows]
    path.write_text("\n".join(lines) + "\n")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


async def tried(services: Services, source: Source, path: Path) -> RehearsalReport:
    return await rehearse_file(services, source, LINES, path, lambda done, total: None)


async def imported(services: Services, source: Source, path: Path) -> ImportReport:
    report = await import_file(services, source, LINES, path, lambda done, total: None)
    assert (await Ingest(services).drain()).dead_letters == 0
    return report


async def stock(services: Services) -> dict[str, float]:
    return {sku: await available(services, sku) for sku in ("A-1", "A-2", "B-1")}


async def inbox(services: Services) -> int:
    rows = await services.database.fetch("select count(*) as events from inbox")
    return int(rows[0]["events"])


async def test_a_test_shows_what_a_file_would_do_and_does_nothing(
    services: Services, tmp_path: Path
) -> None:
    await services.stock.set_stock(CLERK, _count("A-1", 5, MORNING - timedelta(days=1)))
    await services.stock.set_stock(CLERK, _count("B-2", 9, MORNING + timedelta(minutes=1)))
    acme = source(
        locations={"default": "BER", "names": {"Lager 2": "AMS"}, "ignored": ["Messe"]},
        skus={"case": "upper", "aliases": {"4711": "B-1"}},
    )
    path = write(
        tmp_path / "stock.jsonl",
        {"sku": "a-1", "onHand": 12},
        {"sku": "A-2", "onHand": "3", "location": "Lager 2"},
        {"sku": "a-1", "onHand": 1, "location": "Messe"},
        {"sku": "x-1", "onHand": 1},
        {"sku": "a-1", "onHand": 1, "location": "Lager 9"},
        {"sku": "a-2", "onHand": "0.5"},
        {"sku": "a-2", "onHand": "many"},
        "{nonsense",
        {"sku": "4711", "type": "stock.adjusted", "delta": 4, "reason": "found"},
        {"sku": "4711", "type": "stock.adjusted", "delta": -1, "reason": "lost"},
        {"sku": "b-2", "onHand": 1},
        {"sku": "a-1", "type": "supply.cancelled", "document": "PO-1"},
    )
    before, events = await stock(services), await inbox(services)
    report = (await tried(services, acme, path)).as_dict()
    assert (await stock(services), await inbox(services)) == (before, events)
    reasons = {row["line"]: (row["column"], row["code"]) for row in report.pop("refusedRows")}
    assert reasons == {
        4: ("sku", "UNKNOWN_SKU"),
        5: ("location", "UNKNOWN_LOCATION"),
        6: ("onHand", "INVALID_INPUT"),
        7: ("onHand", "INVALID_INPUT"),
        8: (None, "NOT_JSON"),
        12: (None, "UNKNOWN_SUPPLY"),
    }
    (stale,) = report.pop("warningRows")
    assert (stale["line"], stale["code"]) == (11, "STALE")
    assert report == {
        "source": "acme",
        "file": "stock.jsonl",
        "read": 12,
        "mapped": 6,
        "ignored": 1,
        "refused": 6,
        "warnings": 1,
        "unchanged": 1,
        "stock": {
            "positions": 3,
            "before": 5,
            "after": 18,
            "change": 13,
            "rows": [
                {"sku": "A-1", "location": "BER", "before": 5, "after": 12, "change": 7},
                {"sku": "A-2", "location": "AMS", "before": 0, "after": 3, "change": 3},
                {"sku": "B-1", "location": "BER", "before": 0, "after": 3, "change": 3},
            ],
        },
    }

    taken = await import_file(services, acme, LINES, path, lambda done, total: None)
    assert (await Ingest(services).drain()).dead_letters == 1
    assert taken.as_dict()["accepted"] == 6
    for move in report["stock"]["rows"]:
        left = await position(services, move["sku"], move["location"])
        assert left.on_hand == move["after"] * UNIT
    assert taken.replies[0].content == b"12 lines"
    assert await broken_rules(services) == {}


async def test_the_same_file_again_changes_nothing_and_one_told_otherwise_is_refused(
    services: Services, tmp_path: Path
) -> None:
    path = write(
        tmp_path / "stock.jsonl",
        {"id": "7", "sku": "A-1", "onHand": 12, "location": "BER"},
        {"sku": "A-2", "onHand": 3, "location": "BER"},
        {"id": "7", "sku": "A-1", "onHand": 12, "location": "BER"},
        {"id": "7", "sku": "A-1", "onHand": 13, "location": "BER"},
    )
    first = await imported(services, source(), path)
    assert (first.counts["accepted"], first.counts["duplicates"]) == (2, 1)
    assert [(one.code, one.place.line) for one in first.refused] == [("EVENT_MISMATCH", 4)]
    await count(services, "A-1", 5)
    again = await imported(services, source(), path)
    assert (again.counts["accepted"], again.counts["duplicates"]) == (0, 3)
    assert await available(services, "A-1") == 5

    # Mapped elsewhere, the same rows say something else: the new ones go in all the same.
    with path.open("a") as file:
        file.write('{"id": "8", "sku": "B-1", "onHand": 2, "location": "BER"}\n')
    os.utime(path, (MORNING.timestamp(), MORNING.timestamp()))
    moved = await imported(services, source(locations={"names": {"BER": "AMS"}}), path)
    assert [one.place.line for one in moved.refused] == [1, 4]
    assert (await position(services, "B-1", "AMS")).on_hand == 2 * UNIT


async def test_a_file_that_is_mapped_elsewhere_as_a_whole_is_put_once_and_refused_row_by_row(
    services: Services, tmp_path: Path
) -> None:
    row = {"type": "stock.adjusted", "sku": "A-1", "location": "BER", "delta": 1, "reason": "+"}
    path = write(tmp_path / "deltas.jsonl", *[row] * 200)
    assert (await imported(services, source(), path)).counts["accepted"] == 200
    elsewhere = source(locations={"names": {"BER": "AMS"}})
    moved = await imported(services, elsewhere, path)
    assert [one.place.line for one in moved.refused] == list(range(1, 201))
    assert {one.code for one in moved.refused} == {"EVENT_MISMATCH"}
    # Each time a batch is put, whatever becomes of it takes as many ids as it has rows.
    rows = await services.database.fetch(
        "select nextval(pg_get_serial_sequence('inbox', 'id')) as next"
    )
    assert rows[0]["next"] == 401


async def test_a_csv_that_names_no_location_is_of_the_one_that_is_meant(
    services: Services, tmp_path: Path
) -> None:
    path = write(tmp_path / "stock.csv", "Article,On Hand", "A-1,5", "A-9,7", "A-1,7")
    acme = source(format="csv", locations={"default": "AMS"})
    report = await import_file(services, acme, FORMATS["csv"], path, lambda done, total: None)
    await Ingest(services).drain()
    assert [(one.place.line, one.code) for one in report.refused] == [(3, "UNKNOWN_SKU")]
    assert [(one.place.line, one.code) for one in report.warnings] == [(4, "TOLD_TWICE")]
    assert (await position(services, "A-1", "AMS")).on_hand == 7 * UNIT
    nowhere = source(format="csv")
    report = await import_file(services, nowhere, FORMATS["csv"], path, lambda done, total: None)
    assert {one.place.column for one in report.refused} == {"location"}


async def test_rows_that_say_the_same_count_by_the_rule_of_their_source(
    services: Services, tmp_path: Path
) -> None:
    row = {"type": "stock.adjusted", "sku": "A-1", "location": "BER", "delta": 1, "reason": "+"}
    path = write(tmp_path / "deltas.jsonl", row, row)
    by_place = await imported(services, source(events={"ids": "content-and-place"}), path)
    assert by_place.counts["accepted"] == 2
    by_content = await imported(services, source(events={"ids": "content"}), path)
    assert (by_content.counts["accepted"], by_content.counts["duplicates"]) == (1, 1)
    assert await available(services, "A-1") == 3


async def test_counts_say_which_orders_they_include_by_the_rule_of_their_source(
    services: Services, tmp_path: Path
) -> None:
    await count(services, "A-1", 10)
    order = {
        "type": "order.placed",
        "id": "o-1",
        "order": "O-1",
        "lines": [{"sku": "a-1", "quantity": 4}],
        "time": (MORNING - timedelta(hours=1)).isoformat(),
    }
    shop = source(channels={"default": "web"}, skus={"case": "upper"})
    orders = write(tmp_path / "orders.jsonl", order)
    assert (await tried(services, shop, orders)).refused == []
    await imported(services, shop, orders)
    assert await available(services, "A-1") == 6
    now = datetime.now(UTC)
    rows = write(tmp_path / "stock.jsonl", {"sku": "A-1", "location": "BER", "onHand": 6}, at=now)
    erp = source(counts={"include_orders": "time"})
    shown = (await tried(services, erp, rows)).as_dict()["stock"]
    assert shown["positions"] == 0
    await imported(services, erp, rows)
    assert await available(services, "A-1") == 6


async def test_an_order_is_taken_whole_or_not_at_all(services: Services, tmp_path: Path) -> None:
    lines = [{"sku": "A-1", "quantity": 1}, {"sku": "X-1", "quantity": 1}]
    path = write(
        tmp_path / "orders.jsonl",
        {"type": "order.placed", "order": "O-1", "channel": "web", "lines": lines},
        {"type": "order.placed", "order": "O-2", "channel": "moon", "lines": lines[:1]},
        {"type": "order.placed", "order": "O-3", "channel": "web", "lines": []},
    )
    report = await imported(services, source(), path)
    assert [(one.code, one.place) for one in report.refused] == [
        ("UNKNOWN_SKU", (1, "sku")),
        ("UNKNOWN_CHANNEL", (2, "channel")),
        ("INVALID_INPUT", (3, "lines")),
    ]
    assert await inbox(services) == 0


async def test_a_file_that_is_of_another_format_or_from_tomorrow_is_refused(
    services: Services, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput):
        await imported(services, source(), write(tmp_path / "stock.jsonl", "sku,stock"))
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    late = write(tmp_path / "late.jsonl", {"sku": "A-1"}, at=tomorrow)
    for work in (imported, tried):
        with pytest.raises(InvalidInput) as refused:
            await work(services, source(), late)
        assert refused.value.field == "file"


async def test_a_long_file_is_read_in_parts_and_tells_how_far_it_is(
    services: Services, tmp_path: Path
) -> None:
    row = {"type": "stock.adjusted", "sku": "A-1", "location": "BER", "delta": 1, "reason": "+"}
    path = write(tmp_path / "long.jsonl", *[row] * 1_201)
    told: list[tuple[int, int]] = []
    report = await rehearse_file(
        services, source(), LINES, path, lambda done, total: told.append((done, total))
    )
    assert report.as_dict()["stock"]["after"] == 1_201
    size = path.stat().st_size
    assert told[-1] == (size, size)
    assert len(told) == 3


def _count(sku: str, units: int, as_of: datetime) -> Count:
    return Count(sku, "BER", units * UNIT, as_of=as_of)
