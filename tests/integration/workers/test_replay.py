"""An order log goes through the doors of live traffic, and every line is accounted for."""

from pathlib import Path

import pytest

from hub.bootstrap import Services
from hub.domain.errors import EventMismatch, UnknownSku
from hub.domain.values import UNIT
from tests.integration.shop import CLERK, available, broken_rules, position
from tests.unit.workers.retail_rows import correction, row, write_log
from workers.ingest import Ingest
from workers.orders.online_retail import CHANNEL, LOCATION
from workers.replay import ReplayReport, replay


def _ignore(_done: int, _total: int) -> None:
    pass


def _log(path: Path) -> Path:
    return write_log(
        path,
        row("700001", "20001", 60, "01 10:00"),
        row("700001", "20002", 5, "01 10:00"),
        row("700001", "POST", 1, "01 10:00"),
        row("700002", "20001", 5000, "01 11:00", customer="10002.0"),
        row("C700003", "20001", -5000, "01 11:30", customer="10002.0"),
        row("C700004", "20001", -10, "02 09:00"),
        row("C700005", "20002", -1, "02 09:00", customer=""),
        correction("700006", "20002", -2, "02 10:00", "dented"),
        row("700007", "20002", 3, "02 19:00"),
    )


async def _replayed(services: Services, ingest: Ingest, path: Path, **options: str) -> ReplayReport:
    return await replay(services, ingest, path, _ignore, None, options.get("watch"))


async def test_a_log_becomes_orders_returns_and_corrections(
    empty: Services, ingest: Ingest, tmp_path: Path
) -> None:
    report = await _replayed(empty, ingest, _log(tmp_path / "log.csv"))
    told = report.as_dict()
    assert told["lines"] == {
        "read": 9,
        "ordered": 4,
        "cancelled": 1,
        "returned": 1,
        "returnedWithoutOrder": 1,
        "writtenOff": 1,
        "setAside": 1,
    }
    assert told["setAside"] == {"postage": 1}
    assert sum(told["events"].values()) == 10
    assert (report.applied, report.dead_letters, report.duplicates) == (10, 0, 0)
    # 100 to open with; 60 left and 10 came back.
    first = await position(empty, "20001", LOCATION)
    assert (first.on_hand, first.allocated) == (50 * UNIT, 0)
    # 5 left, 1 came back, 2 were written off; the 3 of the last evening have not left yet.
    second = await position(empty, "20002", LOCATION)
    assert (second.on_hand, second.allocated) == (94 * UNIT, 3 * UNIT)
    assert await available(empty, "20002", CHANNEL) == 91
    assert await broken_rules(empty) == {}


async def test_a_second_replay_of_the_same_file_changes_nothing(
    empty: Services, ingest: Ingest, tmp_path: Path
) -> None:
    path = _log(tmp_path / "log.csv.gz")
    first = await _replayed(empty, ingest, path)
    counts = (await empty.audit.run(CLERK)).counts
    cursor = await _change_rows(empty)
    second = await _replayed(empty, ingest, path)
    assert second.duplicates == first.applied == 10
    assert second.applied == 0
    assert second.tally == first.tally
    assert (await empty.audit.run(CLERK)).counts == counts
    assert await _change_rows(empty) == cursor


async def test_who_watches_an_item_sees_it_run_out_and_come_back(
    empty: Services, ingest: Ingest, tmp_path: Path
) -> None:
    report = await _replayed(empty, ingest, _log(tmp_path / "log.csv"), watch="20001")
    assert [(seen.status, seen.quantity // UNIT, seen.day) for seen in report.transitions] == [
        ("IN_STOCK", 100, ""),
        ("OUT_OF_STOCK", 0, "2021-05-01"),
        ("IN_STOCK", 40, "2021-05-01"),
    ]
    assert report.transitions[1].shortfall == 4960 * UNIT
    assert report.as_dict()["watched"]["statesReceived"] == report.watched_states >= 4


async def test_an_item_that_is_not_in_the_log_cannot_be_watched(
    empty: Services, ingest: Ingest, tmp_path: Path
) -> None:
    with pytest.raises(UnknownSku, match="20009"):
        await _replayed(empty, ingest, _log(tmp_path / "log.csv"), watch="20009")


async def test_a_changed_log_with_the_same_invoices_is_refused(
    empty: Services, ingest: Ingest, tmp_path: Path
) -> None:
    await _replayed(empty, ingest, _log(tmp_path / "log.csv"))
    other = write_log(tmp_path / "other.csv", row("700001", "20001", 61, "01 10:00"))
    with pytest.raises(EventMismatch, match="order:700001"):
        await _replayed(empty, ingest, other)


async def test_a_name_that_someone_gave_an_item_stays(
    empty: Services, ingest: Ingest, tmp_path: Path
) -> None:
    path = _log(tmp_path / "log.csv")
    await _replayed(empty, ingest, path)
    item = (await empty.catalogue.items(CLERK, ["20001"]))["20001"]
    await empty.catalogue.put_items(CLERK, [item._replace(name="Button tin")])
    await _replayed(empty, ingest, path)
    assert (await empty.catalogue.items(CLERK, ["20001"]))["20001"].name == "Button tin"


@pytest.mark.slow
async def test_the_real_log_shows_23166_running_out_and_coming_back(
    empty: Services, ingest: Ingest, real_data: Path
) -> None:
    (path,) = (real_data / "orders").glob("online_retail_*.csv.gz")
    report = await replay(empty, ingest, path, _ignore, limit_lines=62_990, watch_sku="23166")
    assert report.dead_letters == 0
    assert report.tally.lines_read == sum(report.tally.lines.values()) >= 62_990
    seen = [(one.status, one.day, one.swing // UNIT) for one in report.transitions]
    assert ("OUT_OF_STOCK", "2011-01-18", -74_215) in seen
    assert ("IN_STOCK", "2011-01-18", 74_215) in seen
    assert await broken_rules(empty) == {}


async def _change_rows(services: Services) -> int:
    rows = await services.database.fetch("select count(*) as rows from change")
    return int(rows[0]["rows"])
