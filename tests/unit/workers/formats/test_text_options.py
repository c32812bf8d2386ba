"""Options of the text formats are checked before anything is read by them."""

from typing import Any

import pytest

from hub.domain.errors import InvalidInput
from tests.unit.workers.formats.text_samples import FORMATS
from workers.formats.json_records import JSON
from workers.formats.xml_records import FORMAT as XML

FIELDS = {"sku": "s", "onHand": "q"}
PLACE = {"location": "A"}
JSON_OPTIONS: dict[str, Any] = {"fields": FIELDS, "constants": PLACE}
XML_OPTIONS: dict[str, Any] = {"records": "/r/i", **JSON_OPTIONS}


@pytest.mark.parametrize("name", ["csv", "json", "ndjson", "xml"])
@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"event": "stock.stolen"}, "event"),
        ({"event": ["stock.set"]}, "event"),
        ({"fields": ["sku"]}, "fields"),
        ({"fields": {"colour": "c"}}, "fields.colour"),
        ({"fields": {"eta": "c"}}, "fields.eta"),
        ({"fields": {"sku": 1.5}}, "fields.sku"),
        ({"fields": {"sku": ""}}, "fields.sku"),
        ({"constants": "A"}, "constants"),
        ({"constants": {"onHand": "ten"}}, "constants.onHand"),
        ({"constants": {"asOf": "soon"}}, "constants.asOf"),
        ({"constants": {"id": "7"}}, "constants.id"),
        ({"constants": {"sku": "A-1"}}, "constants.sku"),
        ({"snapshot": "yes"}, "snapshot"),
        ({"snapshot": True, "event": "stock.adjusted", "fields": {}}, "snapshot"),
        ({"decimal": ";"}, "decimal"),
        ({"time_zone": "Moon"}, "time_zone"),
        ({"time_format": "%"}, "time_format"),
    ],
)
def test_what_all_mapped_formats_refuse(name: str, options: dict[str, Any], field: str) -> None:
    well = XML_OPTIONS if name == "xml" else JSON_OPTIONS
    with pytest.raises(InvalidInput) as refusal:
        FORMATS[name].check({**well, **options})
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"delimiter": ""}, "delimiter"),
        ({"delimiter": "::"}, "delimiter"),
        ({"delimiter": '"'}, "delimiter"),
        ({"delimiter": 7}, "delimiter"),
        ({"encoding": "rot13"}, "encoding"),
        ({"encoding": "utf-9"}, "encoding"),
        ({"encoding": "\0"}, "encoding"),
        ({"skip_lines": -1}, "skip_lines"),
        ({"skip_lines": True}, "skip_lines"),
        ({"comment": " "}, "comment"),
        ({"quotes": 1}, "quotes"),
        ({"header": "no"}, "header"),
        ({"header": False, "fields": {"sku": "code"}}, "fields.sku"),
        ({"header": False, "fields": {"sku": 1}}, "fields"),
        ({"header": False, "fields": {"sku": 0, "location": 2, "onHand": 3}}, "fields.sku"),
    ],
)
def test_what_csv_refuses(options: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        FORMATS["csv"].check(options)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"records": ""}, "records"),
        ({"records": "items["}, "records"),
        ({"records": "x" * 1_001}, "records"),
        ({"records": "(" * 999}, "records"),
        ({"fields": {**FIELDS, "sku": "count(s)"}}, "fields.sku"),
        ({"fields": {**FIELDS, "sku": "[].{a: b || count(s)}"}}, "fields.sku"),
        ({"fields": {**FIELDS, "sku": "$."}}, "fields.sku"),
        ({"fields": {"sku": "s"}}, "fields"),
        ({"event": "order.placed", "constants": {"channel": "web"}}, "fields.onHand"),
        (
            {"event": "order.placed", "fields": {"order": "o"}, "constants": {"channel": "web"}},
            "fields",
        ),
    ],
)
def test_what_json_refuses(options: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        JSON.check({**JSON_OPTIONS, **options})
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"records": None}, "records"),
        ({"records": "r/i"}, "records"),
        ({"records": "/r/@i"}, "records"),
        ({"records": "/"}, "records"),
        ({"records": "//i"}, "records"),
        ({"records": "/r/*"}, "records"),
        ({"records": "/r/i[1]"}, "records"),
        ({"records": "/r/i'"}, "records"),
        ({"records": "/r/" + "i" * 500}, "records"),
        ({"records": "/x:r/i"}, "records"),
        ({"namespaces": ["urn:x"]}, "namespaces"),
        ({"fields": {**FIELDS, "sku": "@"}}, "fields.sku"),
        ({"fields": {**FIELDS, "sku": "@a/b"}}, "fields.sku"),
        ({"fields": {**FIELDS, "sku": "/."}}, "fields.sku"),
    ],
)
def test_what_xml_refuses(options: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        XML.check({**XML_OPTIONS, **options})
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"fields": FIELDS}, "fields"),
        ({"in_stock_quantity": 0}, "in_stock_quantity"),
        ({"in_stock_quantity": True}, "in_stock_quantity"),
        ({"snapshot": 1}, "snapshot"),
        ({"encoding": "utf-9"}, "encoding"),
    ],
)
def test_what_local_inventory_refuses(options: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        FORMATS["google-local-inventory"].check(options)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("b[@c='x/y']", {}),
        ("@c", {}),
        (".", {}),
        ("/r/h/@at", {}),
        ("n:b/n:c", {"namespaces": {"n": "urn:n"}}),
        ("Größe/été", {}),
    ],
)
def test_paths_that_xml_takes(path: str, options: dict[str, Any]) -> None:
    XML.check({**XML_OPTIONS, **options, "fields": {**FIELDS, "sku": path}})
