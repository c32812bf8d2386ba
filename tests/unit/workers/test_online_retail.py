"""The events that the lines of the log become."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.workers.retail_rows import correction, row, write_log
from workers.orders.online_retail import Outcome, RetailLog, Step, opening_events
from workers.orders.retail_survey import catalogue_of, survey


def _replayed(path: Path, limit_lines: int | None = None) -> tuple[RetailLog, list[Step]]:
    log = RetailLog(path, survey(path))
    return log, list(log.steps(limit_lines))


def _told(steps: list[Step]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(event["type"], event["id"], event["data"]) for step in steps for event in step.events]


def _kinds(steps: list[Step]) -> list[str]:
    return [event["type"] for step in steps for event in step.events]


def test_an_order_keeps_its_lines_and_repeated_lines_of_an_item_add_up(tmp_path: Path) -> None:
    path = write_log(
        tmp_path / "log.csv",
        row("700001", "20001", 2, "01 10:00"),
        row("700001", "20002", 1, "01 10:00"),
        row("700001", "20001", 2, "01 10:00"),
    )
    log, steps = _replayed(path)
    placed, shipped = _told(steps)
    assert placed == (
        "order.placed",
        "order:700001",
        {
            "order": "700001",
            "channel": "online-retail",
            "lines": [{"sku": "20001", "quantity": 4}, {"sku": "20002", "quantity": 1}],
        },
    )
    assert shipped == ("order.shipped", "ship:700001", {"order": "700001"})
    assert log.tally.lines == {"ordered": 3}


def test_orders_ship_at_six_and_late_ones_the_next_day_even_if_nobody_works(
    tmp_path: Path,
) -> None:
    path = write_log(
        tmp_path / "log.csv",
        row("700001", "20001", 1, "01 17:59"),
        row("700002", "20001", 1, "01 18:00"),
        row("700003", "20001", 1, "04 09:00"),
    )
    _, steps = _replayed(path)
    times = {event["id"]: event["time"] for step in steps for event in step.events}
    assert times["ship:700001"] == "2021-05-01T18:00:00Z"
    assert times["ship:700002"] == "2021-05-02T18:00:00Z"
    everything = [event["time"] for step in steps for event in step.events]
    assert everything == sorted(everything)


def test_a_cancellation_before_shipping_frees_the_order_and_nothing_is_shipped(
    tmp_path: Path,
) -> None:
    path = write_log(
        tmp_path / "log.csv",
        row("700001", "20001", 74, "01 10:01"),
        row("C700002", "20001", -74, "01 10:17"),
    )
    log, steps = _replayed(path)
    assert _kinds(steps) == ["order.placed", "order.cancelled"]
    assert _told(steps)[1][1:] == (
        "cancel:C700002:1",
        {"order": "700001", "lines": [{"sku": "20001", "quantity": 74}]},
    )
    assert log.tally.lines == {"ordered": 1, "cancelled": 1}


def test_what_undoes_an_order_is_never_in_the_step_of_the_order(tmp_path: Path) -> None:
    path = write_log(
        tmp_path / "log.csv",
        row("700001", "20001", 5, "01 10:00"),
        row("C700002", "20001", -5, "01 10:10"),
        row("700003", "20001", 5, "01 10:20"),
    )
    _, steps = _replayed(path)
    assert [[event["id"] for event in step.events] for step in steps] == [
        ["order:700001"],
        ["cancel:C700002:1", "order:700003", "ship:700003"],
    ]


def test_a_cancellation_after_shipping_is_a_return_and_a_part_leaves_the_rest(
    tmp_path: Path,
) -> None:
    path = write_log(
        tmp_path / "log.csv",
        row("700001", "20001", 5, "01 10:00"),
        row("C700002", "20001", -2, "02 10:00"),
        row("C700003", "20001", -2, "03 10:00"),
    )
    log, steps = _replayed(path)
    assert _kinds(steps) == ["order.placed", "order.shipped", "order.returned", "order.returned"]
    assert log.tally.lines == {"ordered": 1, "returned": 2}


def test_the_newest_order_is_taken_back_first_and_only_of_the_same_customer(
    tmp_path: Path,
) -> None:
    path = write_log(
        tmp_path / "log.csv",
        row("700001", "20001", 5, "01 10:00"),
        row("700002", "20001", 3, "02 10:00"),
        row("700003", "20001", 9, "02 11:00", customer="10002.0"),
        row("C700004", "20001", -4, "02 12:00"),
    )
    log, steps = _replayed(path)
    taken = [(kind, data) for kind, id, data in _told(steps) if "C700004" in id]
    assert taken == [
        ("order.cancelled", {"order": "700002", "lines": [{"sku": "20001", "quantity": 3}]}),
        ("order.returned", {"order": "700001", "lines": [{"sku": "20001", "quantity": 1}]}),
    ]
    assert log.tally.lines[Outcome.CANCELLED] == 1
    assert "ship:700002" not in [id for _, id, _ in _told(steps)]


def test_units_whose_order_is_not_in_the_log_come_back_as_an_adjustment(tmp_path: Path) -> None:
    path = write_log(
        tmp_path / "log.csv",
        row("700001", "20001", 2, "01 10:00"),
        row("C700002", "20001", -3, "01 11:00"),
        row("C700003", "20001", -1, "01 12:00", customer=""),
    )
    log, steps = _replayed(path)
    back = [
        (id, data["delta"], data["reason"])
        for kind, id, data in _told(steps)
        if kind == "stock.adjusted"
    ]
    assert back == [
        ("adjust:C700002:20001", 1, "return without order"),
        ("adjust:C700003:20001", 1, "return without order"),
    ]
    assert log.tally.lines == {"ordered": 1, "cancelled": 1, "returnedWithoutOrder": 1}


def test_write_offs_and_found_stock_are_adjustments_that_keep_the_remark(tmp_path: Path) -> None:
    path = write_log(
        tmp_path / "log.csv",
        correction("700001", "20001", -6, "01 10:00", "water damage"),
        correction("700002", "20001", 4, "01 11:00"),
    )
    log, steps = _replayed(path)
    assert [(data["delta"], data["reason"]) for _, _, data in _told(steps)] == [
        (-6, "written off: water damage"),
        (4, "found: no remark"),
    ]
    assert log.tally.lines == {"writtenOff": 1, "found": 1}


def test_every_line_read_is_counted_exactly_once(tmp_path: Path) -> None:
    path = write_log(
        tmp_path / "log.csv",
        row("700001", "20001", 2, "01 10:00"),
        row("700001", "POST", 1, "01 10:00"),
        row("700001", "20001", "many", "01 10:00"),
        row("C700002", "20001", -1, "01 11:00"),
        row("C700002", "M", -1, "01 11:00"),
        correction("700003", "20001", -1, "02 09:00"),
        row("700004", "20001", 1, "01 08:00"),
    )
    log, _ = _replayed(path)
    assert log.tally.lines_read == 7 == survey(path).lines
    assert log.tally.lines == {"ordered": 1, "cancelled": 1, "writtenOff": 1, "setAside": 4}
    assert log.tally.set_aside == {
        "postage": 1,
        "manualEntry": 1,
        "malformed": 1,
        "outOfTimeOrder": 1,
    }
    assert sorted(line.number for line in log.tally.set_aside_lines) == [3, 4, 6, 8]


def test_a_short_replay_is_a_true_beginning_of_the_full_one(tmp_path: Path) -> None:
    path = write_log(
        tmp_path / "log.csv",
        row("700001", "20001", 1, "01 10:00"),
        row("700002", "20001", 1, "01 19:00"),
        row("700003", "20001", 1, "02 10:00"),
        row("700004", "20001", 1, "03 10:00"),
    )
    _, full = _replayed(path)
    log, short = _replayed(path, limit_lines=1)
    assert log.tally.lines_read == 2
    assert _told(short) == _told(full)[: len(_told(short))]
    assert [id for _, id, _ in _told(short)] == ["order:700001", "ship:700001", "order:700002"]


def test_an_item_opens_with_what_leaves_plus_a_tenth_and_100_at_least(tmp_path: Path) -> None:
    path = write_log(
        tmp_path / "log.csv",
        row("700001", "20001", 1000, "01 10:00"),
        row("700001", "20002", 5, "01 10:00"),
        row("C700002", "20001", -100, "02 10:00"),
        correction("700003", "20001", -101, "02 10:00"),
        correction("700004", "20002", 500, "02 10:00"),
    )
    found = survey(path)
    # 1000 - 100 + 101 = 1001 leave, and a tenth of that is rounded up.
    assert found.opening == {"20001": 1_102_000, "20002": 100_000}
    assert [(e["id"], e["time"], e["data"]["onHand"]) for e in opening_events(found)] == [
        ("opening:20001", "2021-05-01T00:00:00Z", 1102),
        ("opening:20002", "2021-05-01T00:00:00Z", 100),
    ]


def test_an_item_is_called_what_most_orders_call_it_and_variants_are_a_family(
    tmp_path: Path,
) -> None:
    path = write_log(
        tmp_path / "log.csv",
        row("700001", "20001A", 1, "01 10:00", text=" RED TIN "),
        row("700002", "20001A", 1, "01 10:00", text=" RED TIN "),
        row("700003", "20001A", 1, "01 10:00", text="TIN, RED"),
        correction("700004", "20001A", -1, "01 10:00", "check"),
        row("700005", "20001B", 1, "01 10:00", text=""),
        row("700006", "20002", 1, "01 10:00"),
    )
    items = {item.sku: (item.name, item.family) for item in catalogue_of(survey(path).names)}
    assert items == {
        "20001A": ("RED TIN", "20001"),
        "20001B": ("20001B", "20001"),
        "20002": ("TIN OF BUTTONS", None),
    }


@pytest.mark.slow
def test_the_real_log_adds_up(real_data: Path) -> None:
    (path,) = (real_data / "orders").glob("online_retail_*.csv.gz")
    log = RetailLog(path, survey(path))
    ids: set[str] = set()
    events = 0
    for step in log.steps():
        events += len(step.events)
        ids.update(event["id"] for event in step.events)
    assert log.tally.lines_read == 320_705
    assert sum(log.tally.set_aside.values()) == log.tally.lines[Outcome.SET_ASIDE] == 1_992
    assert len(ids) == events == sum(log.tally.events.values())
