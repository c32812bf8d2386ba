"""The ways in: what others send to the hub, by HTTP and by streams, and what they are answered."""

from typing import Final

from hub.domain import errors as e
from hub.domain.source_deliveries import DeliveryFinding
from hub.web.asyncapi.parts import answer, channel, message, object_of, operation, posted
from hub.web.asyncapi.shapes import SCHEMAS, name_of
from hub.web.asyncapi.taken import (
    BATCH,
    BINARY,
    BINARY_HEADERS,
    TAKEN,
    taken_event,
    taken_schemas,
)
from hub.web.asyncapi.uploads import SNAPSHOT, snapshot_example
from hub.web.errors import HTTP_STATUS, error_body
from hub.web.rest.answers import Json

INGEST: Final = "ingest"
STREAM: Final = "stream"
_EVENTS: Final = (*TAKEN, "events", "event.binary", "delivery")
_ANSWERS: Final = ("accepted", "deliveryTaken", "refused")
_DELIVERY: Final = "c0b0f7e2-6a0f-4f0e-9d0e-0a4d3b1c2f10"
_DOOR: Final = """\
CloudEvents, one or up to 1,000 at once, in structured, batched or binary mode. Of a source that is
configured, whatever its format is: a CSV, a webhook of a shop, an EDI message. What is answered
with 202 is stored for good; sent again under the same id it has no further effect.

Needs a token with the scope `events:ingest`, or of a source that signs, its signature.
"""
_STREAM: Final = """\
What a source sends over a broker, as its configuration names it: an entry of a stream in Redis, a
message of a queue in RabbitMQ, of a subject in NATS JetStream, a record of a topic in Kafka. It is
what the same source would POST, and is acknowledged once it is stored for good. What is refused is
kept with its report and acknowledged too: it holds up nothing.
"""


def door_channels(brokers: list[str]) -> Json:
    """The channels on which the hub takes what others send."""
    source = {"description": "The sender, by the name that the hub knows it by."}
    topic = {"description": "As the configuration of the source names it."}
    return {
        INGEST: {
            **channel("/ingest/{source}", ["hub"], [*_EVENTS, *_ANSWERS], _DOOR),
            "parameters": {"source": source},
        },
        STREAM: {
            **channel("{stream}", brokers, _EVENTS, _STREAM),
            "parameters": {"stream": topic},
        },
    }


def door_operations() -> Json:
    """What the hub does with what others send."""
    return {
        "takeRequest": posted(
            INGEST, "Take events of a request, and answer it.", _EVENTS, _ANSWERS
        ),
        "takeFromStream": operation("receive", STREAM, "Take events from a stream.", _EVENTS),
    }


def door_messages() -> Json:
    """The messages of these channels."""
    structured = "application/cloudevents+json"
    event = taken_event("stock.set")
    headers = {f"ce-{name}": value for name, value in event.items() if name != "data"}
    return {
        **{
            type_: message(
                type_, taken.summary, structured, name_of(type_, "Event"), taken_event(type_)
            )
            for type_, taken in TAKEN.items()
        },
        "events": message(
            "events",
            "Many events at once.",
            "application/cloudevents-batch+json",
            BATCH,
            [event, taken_event("order.placed")],
        ),
        "event.binary": message(
            "event.binary",
            "One event in binary mode: its data, and the rest of it in headers.",
            "application/json",
            BINARY,
            event["data"],
            (BINARY_HEADERS, headers),
        ),
        "delivery": message(
            "delivery",
            "What a configured source sends, in the format that its configuration names.",
            "application/octet-stream",
            "Delivery",
            "sku,location,on_hand\nMUG-FJORD-MOSS,BER,40\n",
        ),
        **_answer_messages(),
    }


def door_schemas() -> Json:
    """The schemas of these messages."""
    known = {"type": "boolean", "description": "Whether it was there before, without effect now."}
    stored = {
        "type": "array",
        "items": object_of(
            "An event that is stored.", {"id": _text("Its id."), "duplicate": known}
        ),
        "description": "The events that are stored for good.",
    }
    findings: Json = {"type": "array", "items": {"$ref": f"{SCHEMAS}Finding"}}
    why = object_of(
        "Why nothing was stored.",
        {
            "code": _text("The stable code."),
            "message": _text("What is wrong, in English, for developers."),
        },
        {"field": _text("The part that is wrong."), "problem": _text("What is wrong with it.")},
    )
    return {
        **taken_schemas(),
        "Delivery": _text("Bytes of the format of the source; most formats are text."),
        "Accepted": object_of("The events are stored for good.", {"accepted": stored}),
        "DeliveryTaken": object_of(
            "What could be read of a delivery is stored for good.",
            {
                "delivery": _text("By which it is found in the hub."),
                "accepted": stored,
                "refused": {**findings, "description": "Rows that were left out."},
                "warnings": {**findings, "description": "What was read all the same."},
            },
            {"snapshot": SNAPSHOT},
        ),
        "Finding": object_of(
            "Something that a person should know of a row.",
            {
                "code": _text("The stable code."),
                "problem": _text("What is wrong and what would be right."),
                "line": {"type": ["integer", "null"], "description": "Counted from 1."},
                "column": {"type": ["string", "null"], "description": "Or path, or element."},
            },
        ),
        "Refused": object_of(
            "Nothing of it was stored. Beside the members that it always has stands what to act "
            "on, which depends on the code.",
            {"error": why},
        ),
    }


def _text(description: str) -> Json:
    return {"type": "string", "description": description}


def _answer_messages() -> Json:
    refusal = e.InvalidInput(field="data.sku", problem="must have 1 to 64 characters")
    finding = DeliveryFinding("ERROR", "UNKNOWN_SKU", "no item has this sku", 3, "sku")._asdict()
    del finding["severity"]
    stored = {"accepted": [{"id": "stock.set-1", "duplicate": False}]}
    rows = {"refused": [finding], "warnings": []}
    taken = {"delivery": _DELIVERY, **stored, **rows, "snapshot": snapshot_example()}
    return {
        "accepted": answer("accepted", "The events are stored for good.", 202, "Accepted", stored),
        "deliveryTaken": answer(
            "deliveryTaken", "A delivery of a source is stored.", 202, "DeliveryTaken", taken
        ),
        "refused": answer(
            "refused",
            "Nothing was stored.",
            HTTP_STATUS[type(refusal)],
            "Refused",
            error_body(refusal),
        ),
    }
