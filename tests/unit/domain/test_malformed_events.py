"""What is wrong with an event is told by the field and the reason, whatever is put in."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import InvalidInput
from hub.domain.events import EVENT_TYPES, MAX_LINES, command_from, event_from
from tests.unit.builders import ORIGIN
from tests.unit.domain.exploration import explored

COUNT = {"sku": "MUG", "location": "BER", "onHand": 5}
ADJUSTMENT = {"sku": "MUG", "location": "BER", "delta": 5, "reason": "found"}
RECEIPT = {
    "sku": "MUG",
    "location": "BER",
    "quantity": 5,
    "document": "PO-1",
    "eta": "2031-05-01T12:00:00Z",
}
LINE = {"sku": "MUG", "quantity": 1}
ORDER = {"order": "O-1", "channel": "web", "lines": [LINE]}
GOOD: dict[str, dict[str, Any]] = {
    "stock.set": COUNT,
    "stock.adjusted": ADJUSTMENT,
    "supply.scheduled": RECEIPT,
    "supply.changed": RECEIPT,
    "supply.received": RECEIPT,
    "supply.cancelled": RECEIPT,
    "order.placed": ORDER,
    "order.cancelled": ORDER,
    "order.shipped": ORDER,
    "order.returned": ORDER,
}
ENVELOPE = {"specversion": "1.0", "id": "17", "type": "stock.set", "data": COUNT}
BAD_TIME = "must be an RFC 3339 time with offset, such as 2026-11-21T10:00:00Z"
NO_NUMBER = "must be a number or a decimal string, such as 3"
NO_STRING = "must be a string (a number may already have been rounded)"
NO_TEXT = "must be one line of 1 to 500 printable characters"
LENGTH = "must have 1 to 64 characters"


def refusal(raw: object) -> tuple[str, str]:
    """Field and reason of what an event is refused for."""
    with pytest.raises(InvalidInput) as refused:
        command_from(event_from(raw), ORIGIN, lambda: "new")
    return refused.value.data["field"], refused.value.data["problem"]


def wrong(kind: str, **fields: object) -> tuple[str, str]:
    """Why an event of this type is refused once these fields are put into its data."""
    return refusal({**ENVELOPE, "type": kind, "data": GOOD[kind] | fields})


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_the_examples_are_good_until_something_is_put_into_them(kind: str) -> None:
    raw = {**ENVELOPE, "type": kind, "data": GOOD[kind]}
    assert command_from(event_from(raw), ORIGIN, lambda: "new").origin is ORIGIN


@pytest.mark.parametrize("raw", [None, 3, "event", [ENVELOPE]])
def test_an_event_is_an_object(raw: object) -> None:
    assert refusal(raw) == ("event", "must be a JSON object")


@pytest.mark.parametrize(
    ("attribute", "value", "problem"),
    [
        ("specversion", "0.3", "must be 1.0"),
        ("specversion", 1.0, "must be 1.0"),
        ("specversion", None, "must be 1.0"),
        ("id", "", "must have 1 to 255 characters"),
        ("id", "x" * 256, "must have 1 to 255 characters"),
        ("id", 17, "must have 1 to 255 characters"),
        ("data", None, "must be a JSON object"),
        ("data", [COUNT], "must be a JSON object"),
        ("time", "yesterday", BAD_TIME),
        ("time", "2031-05-01T12:00:00", BAD_TIME),
        ("time", "2031-05-01", BAD_TIME),
        ("time", 1_935_403_200, BAD_TIME),
        ("time", "0001-01-01T00:00:00+14:00", BAD_TIME),
        ("time", "9999-12-31T23:59:59-12:00", BAD_TIME),
    ],
)
def test_each_attribute_of_the_envelope_is_checked(
    attribute: str, value: object, problem: str
) -> None:
    assert refusal({**ENVELOPE, attribute: value}) == (attribute, problem)


@pytest.mark.parametrize("kind", ["stock.counted", "", None, 5, ["stock.set"], {"a": 1}])
def test_a_type_nobody_knows_is_answered_with_those_there_are(kind: object) -> None:
    field, problem = refusal({**ENVELOPE, "type": kind})
    assert field == "type"
    assert problem == "must be one of " + ", ".join(sorted(EVENT_TYPES))


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_identifier_is_checked(kind: str) -> None:
    names = {"sku", "location", "document", "order", "channel"} & GOOD[kind].keys()
    if kind != "order.placed":
        names -= {"channel"}
    assert names
    for name in names:
        for value, problem in ((None, NO_STRING), (23166, NO_STRING), ("", LENGTH)):
            assert wrong(kind, **{name: value}) == (f"data.{name}", problem)


@pytest.mark.parametrize(
    ("kind", "name", "value", "problem"),
    [
        ("stock.set", "onHand", None, NO_NUMBER),
        ("stock.set", "onHand", "5 pieces", "'5 pieces' is not a decimal number"),
        ("stock.set", "onHand", 0.0005, "0.0005 has more than 3 decimals"),
        ("stock.set", "onHand", "1e999999", "must be between -1000000000 and 1000000000"),
        ("stock.set", "unavailable", -1, "must not be negative"),
        ("stock.set", "unavailable", True, NO_NUMBER),
        ("stock.set", "asOf", "12:00", BAD_TIME),
        ("stock.set", "reason", 5, NO_TEXT),
        ("stock.set", "reason", "  ", NO_TEXT),
        ("stock.set", "reason", "x" * 501, NO_TEXT),
        ("stock.set", "reason", "two\nlines", NO_TEXT),
        ("stock.set", "reason", "\x00", NO_TEXT),
        ("stock.adjusted", "delta", 0, "must not be 0"),
        ("stock.adjusted", "delta", [], NO_NUMBER),
        ("stock.adjusted", "reason", None, NO_TEXT),
        ("stock.adjusted", "reason", "", NO_TEXT),
        ("supply.scheduled", "quantity", -1, "must not be negative"),
        ("supply.scheduled", "eta", None, BAD_TIME),
        ("supply.scheduled", "eta", "2031-05-01T12:00:00", BAD_TIME),
        ("supply.changed", "quantity", -1, "must not be negative"),
        ("supply.changed", "eta", "tomorrow", BAD_TIME),
        ("supply.received", "quantity", 0, "must be above 0"),
        ("supply.received", "quantity", -1, "must be above 0"),
        ("order.placed", "lines", None, "must be a list of 1 to 5000 lines"),
        ("order.placed", "lines", [], "must be a list of 1 to 5000 lines"),
        ("order.placed", "lines", LINE, "must be a list of 1 to 5000 lines"),
        ("order.shipped", "lines", [], "must be a list of 1 to 5000 lines"),
        ("order.cancelled", "lines", [LINE] * (MAX_LINES + 1), "must be a list of 1 to 5000 lines"),
        ("order.returned", "lines", "all", "must be a list of 1 to 5000 lines"),
    ],
)
def test_each_field_is_checked(kind: str, name: str, value: object, problem: str) -> None:
    assert wrong(kind, **{name: value}) == (f"data.{name}", problem)


@pytest.mark.parametrize("kind", ["order.placed", "order.cancelled", "order.shipped"])
@pytest.mark.parametrize(
    ("line", "field", "problem"),
    [
        ("MUG", "", "must be a JSON object"),
        ({"quantity": 1}, ".sku", NO_STRING),
        ({**LINE, "sku": "a\tb"}, ".sku", "must hold printable characters only"),
        ({"sku": "MUG"}, ".quantity", NO_NUMBER),
        ({**LINE, "quantity": 0}, ".quantity", "must be above 0"),
        ({**LINE, "quantity": -1}, ".quantity", "must be above 0"),
        ({**LINE, "location": 5}, ".location", NO_STRING),
        ({**LINE, "reservation": 5}, ".reservation", NO_STRING),
        ({**LINE, "reservation": "cart-7"}, ".reservation", "is not the id of a reservation"),
        ({**LINE, "reservation": "g" * 36}, ".reservation", "is not the id of a reservation"),
        (
            {**LINE, "reservation": "0" * 32 + "-" * 4},
            ".reservation",
            "is not the id of a reservation",
        ),
    ],
)
def test_a_bad_line_is_named_by_its_place(
    kind: str, line: object, field: str, problem: str
) -> None:
    assert wrong(kind, lines=[LINE, LINE, line]) == (f"data.lines[2]{field}", problem)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
FIELDS = sorted({name for data in GOOD.values() for name in data} | {"asOf", "unavailable"})


@explored(200)
@given(
    kind=st.sampled_from(EVENT_TYPES) | JSON,
    data=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3) | JSON,
    time=st.none() | st.datetimes().map(str) | JSON,
    line=st.dictionaries(st.sampled_from(["sku", "quantity", "location", "reservation"]), JSON),
)
def test_no_json_is_answered_with_anything_but_a_command_or_a_refusal(
    kind: Any, data: Any, time: Any, line: dict[str, Any]
) -> None:
    whole = data
    if isinstance(kind, str) and kind in GOOD and isinstance(data, dict):
        whole = GOOD[kind] | data | ({"lines": [LINE | line]} if line else {})
    with contextlib.suppress(InvalidInput):
        event = event_from({**ENVELOPE, "type": kind, "data": whole, "time": time})
        assert command_from(event, ORIGIN, lambda: "new").origin is ORIGIN
