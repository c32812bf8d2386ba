"""What an EDI source can be told, and what it is refused."""

import re
from typing import Any

import pytest

from hub.domain.errors import InvalidInput
from tests.unit.workers.formats.golden_samples import GOLDEN, readings_of
from workers.formats import edifact, x12
from workers.formats.reading import Change, Finding, Reply


@pytest.mark.parametrize("format", [x12.FORMAT, edifact.FORMAT], ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("field", "options"),
    [
        ("delimiter", {"delimiter": ";"}),
        ("sku", {"sku": "VP"}),
        ("sku", {"sku": []}),
        ("sku", {"sku": ["VP", 5]}),
        ("sku", {"sku": ["VP", "no code"]}),
        ("quantities", {"quantities": {"33": "sold"}}),
        ("quantities", {"quantities": ["33"]}),
        ("units", {"units": [12]}),
        ("units.CA", {"units": {"CA": "many"}}),
        ("units.CA", {"units": {"CA": 0}}),
        ("location", {"location": ""}),
        ("location", {"location": "x" * 65}),
        ("time_zone", {"time_zone": "Mars/Olympus"}),
        ("time_zone", {"time_zone": "../etc/passwd"}),
        ("time_zone", {"time_zone": 1}),
        ("snapshot", {"snapshot": "05"}),
        ("transit_days", {"transit_days": -1}),
        ("transit_days", {"transit_days": True}),
        ("counts", {"counts": "ignore"}),
        ("tests", {"tests": True}),
        ("repeated_quantities", {"repeated_quantities": "sum"}),
        ("acknowledge", {"acknowledge": "yes"}),
    ],
)
def test_options_that_make_no_sense_are_refused_by_name(
    format: Any, field: str, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        format.check(options)
    assert refused.value.data["field"] == field


def changes(options: dict[str, Any], name: str = "846_snapshot") -> list[Change]:
    content = (GOLDEN / "x12" / f"{name}.edi").read_bytes()
    return [
        one
        for one in readings_of(x12.FORMAT, content, {"units": {"CA": 6}, **options})
        if isinstance(one, Change)
    ]


def test_a_source_says_which_number_is_the_sku() -> None:
    assert changes({"sku": ["UP", "VP"]})[0].data["sku"] == "700000000017"
    assert changes({})[0].data["sku"] == "NL-100"


def test_a_source_says_what_a_quantity_means() -> None:
    (first, *_) = changes({"quantities": {"17": "ignored"}})
    assert first.data["onHand"] == 31
    assert "unavailable" not in first.data


def test_a_source_says_where_everything_is() -> None:
    places = {one.data["location"] for one in changes({"location": "MAIN"}, "846_utf_8")}
    assert places == {"MAIN"}


@pytest.mark.parametrize(
    ("told", "expected"), [(True, True), (False, False), (["00"], False), (["05", "00"], True)]
)
def test_a_source_says_what_is_a_snapshot(told: Any, expected: bool) -> None:
    stock = [one for one in changes({"snapshot": told}) if one.type == "stock.set"]
    assert {one.snapshot for one in stock} == {expected}


def test_supply_is_never_part_of_a_snapshot_of_stock() -> None:
    assert not any(one.snapshot for one in changes({}) if one.type != "stock.set")


def test_a_source_that_wants_no_answers_gets_none() -> None:
    content = (GOLDEN / "x12" / "846_utf_8.edi").read_bytes()
    readings = readings_of(x12.FORMAT, content, {"acknowledge": False})
    assert not [one for one in readings if isinstance(one, Reply)]


@pytest.mark.parametrize("unit", ["CA", "GS", "HC", "T3", "TP"])
def test_a_pack_is_not_taken_for_a_unit_unless_the_source_says_what_it_holds(unit: str) -> None:
    content = (GOLDEN / "x12" / "846_utf_8.edi").read_bytes()
    packed = content.replace(b"*EA~", f"*{unit}~".encode())
    assert packed != content
    codes = {one.code for one in readings_of(x12.FORMAT, packed) if isinstance(one, Finding)}
    assert "UNIT" in codes
    told = readings_of(x12.FORMAT, packed, {"units": {unit: 1}})
    assert told[0] == readings_of(x12.FORMAT, content)[0]


def test_hundreds_and_thousands_of_edifact_are_not_taken_for_ones() -> None:
    content = (GOLDEN / "edifact" / "invrpt_latin_1.edi").read_bytes()
    for unit in (b"CEN", b"MIL", b"GRO", b"XCT"):
        packed = re.sub(rb"(QTY\+[0-9]+:[0-9]+)'", rb"\1:" + unit + b"'", content)
        assert packed != content
        readings = readings_of(edifact.FORMAT, packed)
        assert [one.code for one in readings if isinstance(one, Finding)] == ["UNIT"]
