"""Files of counts and orders: good rows take effect once, bad ones are told by line."""

from pathlib import Path

import pytest

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput
from hub.domain.snapshots import Missing, SnapshotState
from hub.domain.values import UNIT
from tests.integration.shop import available, broken_rules, count, position
from workers.imports import ImportReport, import_orders, import_stock
from workers.ingest import Ingest
from workers.snapshot_imports import import_snapshot


class _Progress:
    def __init__(self) -> None:
        self.told: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.told.append((done, total))


async def _stock(services: Services, path: Path) -> ImportReport:
    report = await import_stock(services, path, "warehouse", _Progress())
    assert (await Ingest(services).drain()).dead_letters == 0
    return report


async def test_counts_take_effect_and_bad_rows_are_told(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text(
        "sku,location,on_hand,unavailable\nA-1,BER,12,2\na-1,BER,5,\nA-2,AMS,3,\nB-1,BER,lots,\nB-2,BER,0.5,\n"
    )
    progress = _Progress()
    report = await import_stock(services, path, "warehouse", progress)
    await Ingest(services).drain()
    assert report.as_dict() == {
        "file": "stock.csv",
        "rows": 5,
        "accepted": 2,
        "duplicates": 0,
        "bad": 3,
        "badRows": [
            {
                "line": 3,
                "column": "sku",
                "reason": "no item has this sku; skus are case-sensitive",
            },
            {"line": 5, "column": "on_hand", "reason": "'lots' is not a decimal number"},
            {"line": 6, "column": "on_hand", "reason": "B-2 is counted in steps of 1"},
        ],
    }
    assert progress.told == [(6, 6)]
    assert await available(services, "A-1") == 10
    assert (await position(services, "A-2", "AMS")).on_hand == 3 * UNIT
    assert await broken_rules(services) == {}


async def test_importing_the_same_file_again_changes_nothing(
    services: Services, tmp_path: Path
) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("sku;location;on_hand\nA-1;BER;12\nA-2;BER;3\n")
    await _stock(services, path)
    await count(services, "A-1", 7)
    again = await _stock(services, path)
    assert (again.accepted, again.duplicates, again.bad) == (0, 2, 0)
    assert await available(services, "A-1") == 7


async def test_orders_are_allocated_whole_or_not_at_all(services: Services, tmp_path: Path) -> None:
    await count(services, "A-1", 10)
    await count(services, "B-1", 10)
    path = tmp_path / "orders.csv"
    path.write_text(
        "order\tchannel\tsku\tquantity\tplaced_at\n"
        "1\tweb\tA-1\t2\t2026-01-31T08:00:00Z\n"
        "1\tweb\tB-1\t3\t2026-01-31T08:00:00Z\n"
        "2\tweb\tA-1\t1\t2026-01-31T09:00:00Z\n"
        "2\tweb\tX-1\t1\t2026-01-31T09:00:00Z\n"
    )
    for accepted, duplicates in ((2, 0), (0, 2)):
        report = await import_orders(services, path, "shop", _Progress())
        assert (await Ingest(services).drain()).dead_letters == 0
        assert (report.accepted, report.duplicates) == (accepted, duplicates)
        assert [(bad.line, bad.column) for bad in report.bad_rows] == [(4, "order"), (5, "sku")]
        assert await available(services, "A-1") == 8
        assert await available(services, "B-1") == 7
    assert (await position(services, "A-1")).allocated == 2 * UNIT


async def test_a_file_larger_than_one_call_goes_in_wholly(
    services: Services, tmp_path: Path
) -> None:
    path = tmp_path / "stock.csv"
    rows = "".join(f"A-1,BER,{units}\n" for units in range(1, 1_202))
    path.write_text("sku,location,on_hand\n" + rows)
    report = await _stock(services, path)
    assert report.accepted == 1_201
    assert await available(services, "A-1") == 1_201


async def test_a_file_that_may_be_cut_off_leaves_no_item_out(
    services: Services, tmp_path: Path
) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("sku,location,on_hand\nA-1,BER,12\nA-2,BER,3\n")
    await import_snapshot(services, path, "warehouse", Missing.ZERO, _Progress())
    path.write_text("sku,location,on_hand\nA-1,BER,1")
    with pytest.raises(InvalidInput, match="cut off"):
        await import_snapshot(services, path, "warehouse", Missing.ZERO, _Progress())
    assert await available(services, "A-1") == 12
    kept = await import_snapshot(services, path, "warehouse", Missing.KEEP, _Progress())
    assert (kept.state, kept.left_out) == (SnapshotState.APPLIED, 0)
    path.write_text("sku,location,on_hand\nA-1,BER,12\n")
    whole = await import_snapshot(services, path, "warehouse", Missing.ZERO, _Progress())
    assert (whole.state, whole.left_out) == (SnapshotState.APPLIED, 1)
