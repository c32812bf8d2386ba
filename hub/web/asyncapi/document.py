"""The document: servers, channels, and the messages that go over them."""

from functools import cache
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.domain.cloud_event import SPEC_VERSION, EventType
from hub.services.watch import EventKind
from hub.web.asyncapi.doors import door_channels, door_messages, door_operations, door_schemas
from hub.web.asyncapi.parts import channel, message, operation
from hub.web.asyncapi.shapes import SCHEMAS, cut_shapes, name_of, told_name
from hub.web.asyncapi.told import FEEDS, ONLY_TO_WEBHOOKS, TOLD, Feed, example_of
from hub.web.asyncapi.uploads import (
    upload_channels,
    upload_messages,
    upload_operations,
    upload_schemas,
)
from hub.web.rest.answers import Json

VERSION: Final = "1.0.0"
_CLOUD_EVENT: Final = "application/cloudevents+json"
_NOTHING: Final = "Nothing"
_ABOUT: Final = """\
All events that go out of the hub, and all that come in.

What the hub tells of its own accord is state, not history. Of an item that changed a hundred times
the newest answer is told, and only where it says something else than what was told last.

- Events are CloudEvents 1.0 in structured mode. An `id` is the same however often an event is told:
  it is delivered at least once, so keep the ids that you have seen.
- Of one `subject` (an item, a reservation) events come in their order, and `version` rises.
- `sync.reset` says that what was told before may be wrong: everything is told anew behind it.

What comes in are CloudEvents too, or whatever the format of a configured source is: each is stored
once, by the name of its source and its id, and only then acknowledged.
"""
_TOPIC: Final = """\
Each event is one message. Its key is the subject: the key of a Kafka record, the field `key` of an
entry in Redis, the header `key` in RabbitMQ. In RabbitMQ the routing key is the type; in NATS the
subject is the topic and the type, and `Nats-Msg-Id` is the id.
"""
_WEBHOOK: Final = """\
A POST for each event, signed as Standard Webhooks have it: `webhook-id`, `webhook-timestamp` and
`webhook-signature`. Answer with 2xx within 15 seconds.
"""
_FEED: Final = """\
Server-Sent Events. Each message is the `data` of an event whose name is the message's; its `id`
goes back as `Last-Event-ID`. With `format=cloudevents`, the data is the event that topics and
webhooks get.
"""
_FEED_MARKS: Final = {
    "reset": "The past can't be told any more: all that follows is the state.",
    "current": "Nothing is new up to the `id` of this event.",
    "heartbeat": "All is well; nothing came up to the `id` of this event.",
}
"""What every feed tells beside its events."""
_BROKERS: Final = {
    "redis": ("redis", "A Redis; the topic is a stream.", "localhost:6379"),
    "rabbitmq": ("amqp", "A RabbitMQ; the topic is a topic exchange.", "localhost:5672"),
    "nats": ("nats", "A NATS with JetStream; the topic is a stream.", "localhost:4222"),
    "kafka": ("kafka", "A Kafka.", "localhost:9092"),
}
_OTHERS: Final = {
    "hub": ("http", "The hub itself.", "localhost:8000"),
    "partner": ("https", "The server of a partner.", "partner.example"),
}


@cache
def asyncapi_text() -> str:
    """The document, as it is committed in `schema/asyncapi.json`."""
    return orjson.dumps(asyncapi_document(), option=orjson.OPT_INDENT_2).decode() + "\n"


async def asyncapi(request: Request) -> Response:
    """`GET /asyncapi.json`: the document. It holds nothing that is not public."""
    return Response(
        asyncapi_text(),
        headers={"Cache-Control": "public, max-age=3600"},
        media_type="application/vnd.aai.asyncapi+json",
    )


def asyncapi_document() -> Json:
    """The document."""
    everything = [type_.value for type_ in EventType]
    published = [type_.value for type_ in EventType if type_ not in ONLY_TO_WEBHOOKS]
    topic = {"default": "availability", "description": "As `HUB_PUBLISH_URL` names it."}
    path = {"description": "Of the URL that the partner gave."}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Availability Hub",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "MIT"},
        },
        "defaultContentType": _CLOUD_EVENT,
        "servers": {name: _server(*about) for name, about in {**_BROKERS, **_OTHERS}.items()},
        "channels": {
            "topic": {
                **channel("{topic}", [*_BROKERS], published, _TOPIC),
                "parameters": {"topic": topic},
            },
            "webhook": {
                **channel("{path}", ["partner"], everything, _WEBHOOK),
                "parameters": {"path": path},
            },
            **{
                name: channel(feed.address, ["hub"], [feed.event, *_FEED_MARKS], _FEED)
                for name, feed in FEEDS.items()
            },
            **door_channels([*_BROKERS]),
            **upload_channels(),
        },
        "operations": {
            "publish": _sends("topic", "Publish events to a topic of a broker."),
            "callWebhook": _sends("webhook", "Send events to an endpoint of a partner, signed."),
            **{
                f"stream{name[0].upper()}{name[1:]}": _sends(name, "Stream it to who reads.")
                for name in FEEDS
            },
            **door_operations(),
            **upload_operations(),
        },
        "components": {
            "messages": {
                **{one.value: _event(one) for one in EventType},
                **_feed_messages(),
                **door_messages(),
                **upload_messages(),
            },
            "schemas": {**_schemas(), **door_schemas(), **upload_schemas()},
        },
    }


def _sends(on: str, summary: str) -> Json:
    return operation("send", on, summary)


def _server(protocol: str, description: str, host: str) -> Json:
    return {
        "host": "{host}",
        "protocol": protocol,
        "description": description,
        "variables": {"host": {"default": host, "description": "Host, and port."}},
    }


def _event(type_: EventType) -> Json:
    summary, shape = TOLD[type_].summary, name_of(type_, "Event")
    return message(type_.value, summary, _CLOUD_EVENT, shape, example_of(type_))


def _feed_messages() -> Json:
    plain = "application/json"
    told = {
        feed.event: message(
            feed.event,
            "How it is now.",
            plain,
            _feed_schema_name(feed),
            {"kind": EventKind.CHANGE.value, **TOLD[feed.type].data()},
        )
        for feed in FEEDS.values()
    }
    marks = {
        name: message(name, summary, plain, _NOTHING, {}) for name, summary in _FEED_MARKS.items()
    }
    return {**told, **marks}


def _feed_schema_name(feed: Feed) -> str:
    return f"Feed{feed.event.title()}"


def _schemas() -> Json:
    cut = cut_shapes({told.shape: told.data() for told in TOLD.values() if told.shape})
    kind = {
        "type": "string",
        "enum": [one.value for one in EventKind],
        "description": "Why it is told: part of the state, or a change.",
    }
    feeds: Json = {}
    for feed in FEEDS.values():
        told = cut[told_name(TOLD[feed.type].shape or "")]
        feeds[_feed_schema_name(feed)] = {
            **told,
            "properties": {"kind": kind, **told["properties"]},
            "required": ["kind", *told["required"]],
        }
    return {
        **cut,
        **feeds,
        _NOTHING: {"type": "object", "description": "An object; nothing in it is promised."},
        **{name_of(type_, "Event"): _envelope(type_) for type_ in EventType},
    }


def _envelope(type_: EventType) -> Json:
    shape = TOLD[type_].shape
    properties: Json = {
        "specversion": {"const": SPEC_VERSION, "description": "Of CloudEvents."},
        "id": {"type": "string", "description": "The same however often the event is told."},
        "source": {"type": "string", "description": "The hub; id and source identify the event."},
        "type": {"const": type_.value, "description": "What is told."},
        "subject": {"type": "string", "description": "The item or reservation it is about."},
        "time": {
            "type": "string",
            "format": "date-time",
            "description": "When the change was recorded.",
        },
        "datacontenttype": {"const": "application/json", "description": "Of `data`."},
        "data": {"$ref": SCHEMAS + (told_name(shape) if shape else _NOTHING)},
    }
    return {
        "type": "object",
        "description": TOLD[type_].summary,
        "properties": properties,
        "required": list(properties),
    }
