"""CSV files become drafts of events, and each bad row says its line, column and reason."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.domain.errors import InvalidInput
from workers.csv_rows import BadRow, open_csv, read_rows
from workers.imported_rows import (
    ORDER_COLUMNS,
    STOCK_COLUMNS,
    Draft,
    OrderRows,
    Refused,
    count_from,
    with_known_items,
)

FAR = datetime(2100, 1, 1, tzinfo=UTC)
NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)


def _counts(tmp_path: Path, text: str) -> list[Draft | Refused]:
    path = tmp_path / "stock.csv"
    path.write_text(text, encoding="utf-8")
    rows = read_rows(open_csv(path, FAR), *STOCK_COLUMNS)
    return [count_from(row, {"BER"}, NOON) for row in rows]


def _orders(tmp_path: Path, *lines: str) -> list[Draft | Refused]:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(["order,channel,sku,quantity", *lines]) + "\n", encoding="utf-8")
    rows = read_rows(open_csv(path, FAR), *ORDER_COLUMNS)
    return list(OrderRows({"web"}, NOON).drafts(rows))


def _bad(drafts: list[Draft | Refused]) -> list[BadRow]:
    return [row for draft in drafts if isinstance(draft, Refused) for row in draft.rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_count_is_read_whatever_the_delimiter(tmp_path: Path, delimiter: str) -> None:
    text = "\ufeffSKU,location,on_hand,as_of\nA-1, BER ,2.5,2021-01-31T08:00:00Z\n"
    (draft,) = _counts(tmp_path, text.replace(",", delimiter))
    assert isinstance(draft, Draft)
    assert draft.data == {
        "sku": "A-1",
        "location": "BER",
        "onHand": 2.5,
        "asOf": "2021-01-31T08:00:00+00:00",
    }


def test_a_count_without_a_time_was_taken_when_the_file_was_changed(tmp_path: Path) -> None:
    (draft,) = _counts(tmp_path, "sku,location,on_hand,unavailable\nA-1,BER,7,2\n")
    assert isinstance(draft, Draft)
    assert draft.data["asOf"] == NOON.isoformat()
    assert draft.data["unavailable"] == 2


def test_bad_rows_are_told_by_line_column_and_reason_and_the_good_ones_stay(
    tmp_path: Path,
) -> None:
    drafts = _counts(
        tmp_path,
        "sku,location,on_hand,as_of,unavailable\n"
        "A-1,BER,many,,\n"
        "A-2,BER,3,,\n"
        ",BER,3,,\n"
        "A-4,MARS,3,,\n"
        "\n"
        "A-5,BER,3,yesterday,\n"
        "A-6,BER,3,,-1\n"
        "A-7,BER\n"
        "A-8,BER,3,1900-01-01T00:00:00Z,\n",
    )
    assert [draft.data["sku"] for draft in drafts if isinstance(draft, Draft)] == ["A-2"]
    assert [(row.line, row.column) for row in _bad(drafts)] == [
        (2, "on_hand"),
        (4, "sku"),
        (5, "location"),
        (7, "as_of"),
        (8, "unavailable"),
        (9, ""),
        (10, "as_of"),
    ]
    assert _bad(drafts)[0].reason == "'many' is not a decimal number"
    assert _bad(drafts)[-2].reason == "has 2 cells where the header has 5"


def test_the_rows_of_an_order_become_one_order(tmp_path: Path) -> None:
    first, second = _orders(tmp_path, "1,web,A,2", "1,web,B,1", "2,web,A,1")
    assert isinstance(first, Draft)
    assert isinstance(second, Draft)
    assert first.data == {
        "order": "1",
        "channel": "web",
        "lines": [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 1}],
    }
    assert [row.line for row in second.rows] == [4]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("1,web,B,0", "quantity"),
        ("1,shop,B,1", "channel"),
        ("1,web,,1", "sku"),
        ("1,web", ""),
    ],
)
def test_an_order_with_a_bad_row_is_left_out_as_a_whole(
    tmp_path: Path, row: str, column: str
) -> None:
    drafts = _orders(tmp_path, "1,web,A,2", row, "1,web,C,1", "2,web,A,1")
    assert [draft.data["order"] for draft in drafts if isinstance(draft, Draft)] == ["2"]
    assert [(bad.line, bad.column) for bad in _bad(drafts)] == [
        (2, "order"),
        (3, column),
        (4, "order"),
    ]
    assert _bad(drafts)[0].reason == "is left out with its order, because of line 3"


def test_an_order_that_begins_again_further_down_is_not_placed_twice(tmp_path: Path) -> None:
    drafts = _orders(tmp_path, "1,web,A,2", "2,web,A,1", "1,web,B,1")
    assert [draft.data["order"] for draft in drafts if isinstance(draft, Draft)] == ["1", "2"]
    assert [(bad.line, bad.column) for bad in _bad(drafts)] == [(4, "order")]


def test_an_unknown_sku_is_a_bad_row_and_takes_its_order_with_it(tmp_path: Path) -> None:
    (draft,) = _orders(tmp_path, "1,web,A,2", "1,web,a,1")
    assert isinstance(draft, Draft)
    assert with_known_items(draft, {"A": 1000, "a": 1000}) is draft
    refused = with_known_items(draft, {"A": 1000})
    assert isinstance(refused, Refused)
    assert [(row.line, row.column) for row in refused.rows] == [(2, "order"), (3, "sku")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sku,on_hand\n", "lacks location"),
        ("sku,location,on_hand,price\n", "unknown columns: price"),
        ("sku,location,on_hand,sku\n", "names a column twice"),
        ("", "lacks sku, location, on_hand"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        _counts(tmp_path, text)


def test_a_file_that_is_no_utf8_is_refused_before_anything_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_bytes(b"sku,location,on_hand\nA\xff,BER,1\n")
    with pytest.raises(InvalidInput, match="not UTF-8"):
        open_csv(path, FAR)


def test_a_file_from_the_future_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("sku,location,on_hand\n")
    changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    with pytest.raises(InvalidInput, match="still to come"):
        open_csv(path, changed - timedelta(minutes=6))
    # Clocks differ a little; a file that was written just now is not from the future.
    assert open_csv(path, changed - timedelta(minutes=4)).lines == 1


def test_the_same_file_has_the_same_name_for_its_events(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("sku,location,on_hand\n")
    digest = open_csv(path, FAR).digest
    assert open_csv(path, FAR).digest == digest
    path.write_text("sku,location,on_hand\nA,B,1\n")
    assert open_csv(path, FAR).digest != digest


def test_a_quotation_mark_that_is_never_closed_hides_no_rows(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="line 3: opens a quotation mark"):
        _counts(tmp_path, 'sku,location,on_hand\nA-1,BER,1\n"A-2,BER,2\nA-3,BER,3\n')
