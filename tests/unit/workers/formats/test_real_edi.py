"""The real X12 files: each is read, and what each gets wrong is told."""

from collections import Counter
from pathlib import Path

import pytest

from tests.unit.workers.formats.golden_samples import readings_of
from workers.formats.reading import Change, Finding, Reading, Reply, Severity
from workers.formats.x12 import FORMAT

HEADER = {"ISA_WIDTH": 2, "TEST": 1}


def read(real_data: Path, name: str) -> list[Reading]:
    return readings_of(FORMAT, (real_data / "supplier_edi" / name).read_bytes())


def codes(readings: list[Reading]) -> dict[str, int]:
    return Counter(one.code for one in readings if isinstance(one, Finding))


def at(readings: list[Reading], code: str) -> list[str]:
    return [
        f"{one.place.column}: {one.problem}"
        for one in readings
        if isinstance(one, Finding) and one.code == code
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("832-sample.edi", {"NO_STOCK": 1}),
        (
            "832-sample2.edi",
            HEADER
            | {"SEPARATORS": 1, "CONTROL_NUMBER": 3, "CONTROL_COUNT": 1}
            | {"NO_STOCK": 1, "TERMINATOR": 1},
        ),
        ("846-sample2.edi", HEADER | {"SEPARATORS": 1, "CONTROL_COUNT": 1, "TERMINATOR": 1}),
        (
            "850-sample2.redacted.edi",
            HEADER | {"SEPARATORS": 1, "CONTROL_COUNT": 1, "TERMINATOR": 1, "NO_STOCK": 1},
        ),
        ("855-sample.redacted.edi", {"NO_DATE": 1, "ORDER_REFUSED": 1}),
        ("855-sample2.edi", {"ISA_WIDTH": 2}),
        ("856-sample2.edi", HEADER | {"NO_DATE": 1, "CONTROL_NUMBER": 2, "TERMINATOR": 1}),
        ("997-sample.edi", {"CONTROL_NUMBER": 2}),
    ],
)
def test_what_a_real_file_gets_wrong_is_told(
    real_data: Path, name: str, expected: dict[str, int]
) -> None:
    assert codes(read(real_data, name)) == expected


def test_no_real_file_is_left_out(real_data: Path) -> None:
    names = {path.name for path in (real_data / "supplier_edi").glob("*.edi")}
    assert len(names) == 8
    for name in names:
        replies = [one for one in read(real_data, name) if isinstance(one, Reply)]
        assert len(replies) == (0 if name.startswith("997") else 1)


def test_the_real_stock_is_read_in_spite_of_its_count(real_data: Path) -> None:
    readings = read(real_data, "846-sample2.edi")
    (change,) = [one for one in readings if isinstance(one, Change)]
    assert change.type == "stock.set"
    assert change.data == {
        "sku": "PMXMLLT1",
        "location": "COEDITION",
        "onHand": 7,
        "asOf": "2008-02-11T00:00:00+00:00",
    }
    assert at(readings, "CONTROL_COUNT") == ["SE01: says '06', and the set has 8 segments"]


def test_the_real_answers_to_orders_become_supply(real_data: Path) -> None:
    changes = [one for one in read(real_data, "855-sample.redacted.edi") if isinstance(one, Change)]
    assert [(one.type, one.data["document"], one.data["quantity"]) for one in changes] == [
        ("supply.changed", "1712223/1", 1),
        ("supply.changed", "1712245/1", 1),
        ("supply.changed", "1712245/2", 1),
        ("supply.changed", "1712253/1", 1),
    ]
    (refused,) = [
        one
        for one in read(real_data, "855-sample.redacted.edi")
        if isinstance(one, Finding) and one.severity is Severity.ERROR
    ]
    assert "INVALID CITY/ZIP COMBINATION" in refused.problem
    (dated,) = [one for one in read(real_data, "855-sample2.edi") if isinstance(one, Change)]
    assert dated.type == "supply.scheduled"
    assert dated.data["eta"] == "2000-02-18T00:00:00+00:00"


def test_the_real_shipment_gets_its_date_from_the_days_it_travels(real_data: Path) -> None:
    content = (real_data / "supplier_edi" / "856-sample2.edi").read_bytes()
    (change,) = [one for one in readings_of(FORMAT, content) if isinstance(one, Change)]
    assert (change.type, change.data["document"]) == ("supply.changed", "CUSTPONUMBER/1")
    readings = readings_of(FORMAT, content, {"transit_days": 3})
    (change,) = [one for one in readings if isinstance(one, Change)]
    assert (change.type, change.data["eta"]) == ("supply.scheduled", "2000-02-12T00:00:00+00:00")


def test_counts_of_a_real_file_refuse_it_where_the_source_wants_it(real_data: Path) -> None:
    content = (real_data / "supplier_edi" / "846-sample2.edi").read_bytes()
    readings = readings_of(FORMAT, content, {"counts": "refuse"})
    assert not [one for one in readings if isinstance(one, Change)]
    (reply,) = [one for one in readings if isinstance(one, Reply)]
    assert b"\nAK5|R|4\n" in reply.content
