"""What each type of event tells the hub: in a sentence, in which shape, with an example.

The shapes say what `hub.domain.events` reads; a test holds each field of each against it.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter

from hub.domain.cloud_event import SPEC_VERSION
from hub.domain.events import MAX_EVENT_ID_LENGTH, MAX_LINES
from hub.services.intake import MAX_EVENTS
from hub.web.asyncapi.parts import object_of
from hub.web.asyncapi.shapes import SCHEMAS, name_of
from hub.web.rest.answers import Json
from hub.web.rest.examples import EXAMPLE_TIME
from hub.web.rest.inputs import Identifier, Quantity, QuantityAboveZero, Text, Time

BATCH: Final = "EventBatch"
BINARY: Final = "EventData"
BINARY_HEADERS: Final = "EventHeaders"
ORDER_LINE: Final = "OrderLine"
_RESERVATION: Final = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_EXAMPLE_RESERVATION: Final = "0193a0d1-7c1e-7b52-9d4e-2f4b8f6f7c11"
_SKU: Final = "MUG-FJORD-MOSS"


def _field(read: Any, description: str) -> Json:
    return {**TypeAdapter(read).json_schema(), "description": description}


def _not_negative(description: str) -> Json:
    """Units, 0 or more."""
    number, text = TypeAdapter(QuantityAboveZero).json_schema()["anyOf"]
    del number["exclusiveMinimum"]
    return {"description": description, "anyOf": [{**number, "minimum": 0}, text]}


class Taken(NamedTuple):
    """What the events of a type tell, and what becomes of it."""

    summary: str
    required: Mapping[str, Json]
    optional: Mapping[str, Json]
    example: Json
    """Data with every field that it can have."""


_ITEM: Final = _field(Identifier, "The item.")
_REASON: Final = {**_field(Text, "Why, in one line."), "pattern": r"\S"}
_PLACE: Final = {"sku": _ITEM, "location": _field(Identifier, "Where the units are.")}
_DOCUMENT: Final = {"document": _field(Identifier, "The order to the supplier, or the delivery.")}
_ORDER: Final = {"order": _field(Identifier, "The order.")}
_EXPECTED: Final = _not_negative("Units that are expected.")
_ETA: Final = _field(Time, "When they are expected.")
_HERE: Final = {"sku": _SKU, "location": "BER"}
_COMING: Final = {**_HERE, "document": "PO-1042"}
_LINES: Final = {
    "type": "array",
    "items": {"$ref": SCHEMAS + ORDER_LINE},
    "minItems": 1,
    "maxItems": MAX_LINES,
}
_SOME_LINES: Final = {"lines": {**_LINES, "description": "Items of the order; all if missing."}}
_LINE: Final = {"sku": _SKU, "quantity": 1}

TAKEN: Final[Mapping[str, Taken]] = {
    "stock.set": Taken(
        "An absolute count; one that is older than the newest applied changes nothing.",
        {**_PLACE, "onHand": _field(Quantity, "Units that are there.")},
        {
            "asOf": _field(Time, "When it was counted; the time of the event if missing."),
            "includesOrdersUpTo": _field(
                Identifier, "A time, or the last order that is taken off the count already."
            ),
            "unavailable": _not_negative("Of these, units that can't be sold."),
            "reason": _REASON,
        },
        {
            **_HERE,
            "onHand": 40,
            "asOf": EXAMPLE_TIME.isoformat(),
            "includesOrdersUpTo": "WEB-1001",
            "unavailable": "2.5",
            "reason": "Cycle count",
        },
    ),
    "stock.adjusted": Taken(
        "Units that came to be there, or no longer are.",
        {
            **_PLACE,
            "delta": {
                **_field(Quantity, "Units more, or less below 0; never 0."),
                "not": {"const": 0},
            },
            "reason": _REASON,
        },
        {},
        {**_HERE, "delta": -1, "reason": "Broken in handling"},
    ),
    "supply.scheduled": Taken(
        "An expected receipt; told again for the same document it replaces the old one.",
        {**_PLACE, "quantity": _EXPECTED, "eta": _ETA, **_DOCUMENT},
        {},
        {**_COMING, "quantity": 24, "eta": "2026-12-04T09:00:00Z"},
    ),
    "supply.changed": Taken(
        "Another quantity or date of an expected receipt; what is missing stays as it is.",
        {**_PLACE, **_DOCUMENT},
        {"quantity": _EXPECTED, "eta": _ETA},
        {**_COMING, "quantity": 18, "eta": "2026-12-06T09:00:00Z"},
    ),
    "supply.cancelled": Taken(
        "Nothing more of an expected receipt will come.", {**_PLACE, **_DOCUMENT}, {}, _COMING
    ),
    "supply.received": Taken(
        "Units arrived; they come off what the document promises.",
        {**_PLACE, "quantity": _field(QuantityAboveZero, "Units that arrived."), **_DOCUMENT},
        {},
        {**_COMING, "quantity": 24},
    ),
    "order.placed": Taken(
        "A shop has sold. Holds that lines name are redeemed, the rest is allocated.",
        {
            **_ORDER,
            "channel": _field(Identifier, "The channel that it was placed in."),
            "lines": {**_LINES, "description": "What was ordered."},
        },
        {},
        {
            "order": "WEB-1002",
            "channel": "web-eu",
            "lines": [{**_LINE, "reservation": _EXAMPLE_RESERVATION}],
        },
    ),
    "order.cancelled": Taken(
        "Allocated units are free again.",
        _ORDER,
        _SOME_LINES,
        {"order": "WEB-1002", "lines": [_LINE]},
    ),
    "order.shipped": Taken(
        "Allocated units have left.",
        _ORDER,
        _SOME_LINES,
        {"order": "WEB-1002", "lines": [{**_LINE, "location": "BER"}]},
    ),
    "order.returned": Taken(
        "Shipped units are back on hand.",
        _ORDER,
        _SOME_LINES,
        {"order": "WEB-1002", "lines": [{**_LINE, "location": "BER"}]},
    ),
}
"""Of every type of event that the hub takes."""


def taken_event(type_: str) -> Json:
    """An event of a type, in structured mode."""
    return {
        "specversion": SPEC_VERSION,
        "id": f"{type_}-1",
        "source": "urn:erp",
        "type": type_,
        "time": EXAMPLE_TIME.isoformat(),
        "data": TAKEN[type_].example,
    }


def taken_schemas() -> Json:
    """The schemas of all events that the hub takes."""
    return {
        ORDER_LINE: object_of(
            "An item of an order.",
            {"sku": _ITEM, "quantity": _field(QuantityAboveZero, "Units of it.")},
            {
                "reservation": {
                    "type": "string",
                    "pattern": _RESERVATION,
                    "description": "The hold that it redeems.",
                },
                "location": _field(Identifier, "Where they left, or are back."),
            },
        ),
        **{name_of(type_, "Data"): object_of(*taken[:3]) for type_, taken in TAKEN.items()},
        **{name_of(type_, "Event"): _event(type_, taken) for type_, taken in TAKEN.items()},
        BATCH: {
            "type": "array",
            "items": {"oneOf": [{"$ref": SCHEMAS + name_of(type_, "Event")} for type_ in TAKEN]},
            "minItems": 1,
            "maxItems": MAX_EVENTS,
            "description": "Many events. All are stored, or none where one is refused.",
        },
        BINARY: {
            "anyOf": [{"$ref": SCHEMAS + name_of(type_, "Data")} for type_ in TAKEN],
            "description": "The data of one event; its headers say of which type.",
        },
        BINARY_HEADERS: object_of(
            "The event in binary mode, beside its data.",
            {f"ce-{name}": _ENVELOPE[name] for name in ("specversion", "id")}
            | {"ce-type": {"enum": [*TAKEN], "description": "What is told."}},
            {f"ce-{name}": _ENVELOPE[name] for name in ("source", "time")},
        ),
    }


_ENVELOPE: Final[Json] = {
    "specversion": {"const": SPEC_VERSION, "description": "Of CloudEvents."},
    "id": {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_EVENT_ID_LENGTH,
        "description": "Yours: with the source's name it makes the event known once and for ever.",
    },
    "source": {"type": "string", "description": "Is kept; what counts is the source's name."},
    "time": _field(Time, "When it happened; of two words about the same the newer one holds."),
}


def _event(type_: str, taken: Taken) -> Json:
    plain = {name: _ENVELOPE[name] for name in ("specversion", "id")}
    type_is = {"const": type_, "description": "What is told."}
    beside = {name: _ENVELOPE[name] for name in ("source", "time")}
    event = object_of(taken.summary, {**plain, "type": type_is}, beside)
    event["properties"]["data"] = {"$ref": SCHEMAS + name_of(type_, "Data")}
    event["properties"]["data_base64"] = {
        "type": "string",
        "contentEncoding": "base64",
        "description": "The same as JSON in base64, in the place of `data`.",
    }
    return {**event, "oneOf": [{"required": ["data"]}, {"required": ["data_base64"]}]}
