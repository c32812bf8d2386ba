"""What the document is made of: channels, operations and messages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hub.web.asyncapi.shapes import SCHEMAS
from hub.web.rest.answers import Json

_MESSAGES: Final = "#/components/messages/"
_BINDING_VERSION: Final = "0.3.0"


def channel(address: str, servers: Sequence[str], messages: Sequence[str], about: str) -> Json:
    """An address and what goes over it."""
    return {
        "address": address,
        "description": about,
        "servers": [{"$ref": f"#/servers/{name}"} for name in servers],
        "messages": {name: {"$ref": _MESSAGES + name} for name in messages},
    }


def operation(action: str, on: str, summary: str, messages: Sequence[str] = ()) -> Json:
    """What the hub does on a channel: with all of its messages, or with those that are named."""
    told = {"action": action, "channel": {"$ref": f"#/channels/{on}"}, "summary": summary}
    return {**told, "messages": messages_of(on, messages)} if messages else told


def posted(on: str, summary: str, messages: Sequence[str], answers: Sequence[str]) -> Json:
    """What the hub does with what is posted on a channel, and answers on it."""
    return {
        **operation("receive", on, summary, messages),
        "bindings": {"http": {"method": "POST", "bindingVersion": _BINDING_VERSION}},
        "reply": {
            "channel": {"$ref": f"#/channels/{on}"},
            "messages": messages_of(on, answers),
        },
    }


def messages_of(on: str, messages: Sequence[str]) -> list[Json]:
    """Messages of a channel, pointed to as operations do."""
    return [{"$ref": f"#/channels/{on}/messages/{name}"} for name in messages]


def message(
    name: str,
    summary: str,
    content_type: str,
    shape: str,
    example: Any,
    headers: tuple[str, Mapping[str, str]] | None = None,
) -> Json:
    """A message by its schema; `headers` are a schema of theirs and an example."""
    shown: Json = {"name": "example", "payload": example}
    told = {
        "name": name,
        "title": name,
        "summary": summary,
        "contentType": content_type,
        "payload": {"$ref": SCHEMAS + shape},
        "examples": [shown],
    }
    if headers is not None:
        told["headers"] = {"$ref": SCHEMAS + headers[0]}
        shown["headers"] = headers[1]
    return told


def answer(name: str, summary: str, status: int, shape: str, example: Any) -> Json:
    """A message that answers a request, with its status."""
    binding = {"statusCode": status, "bindingVersion": _BINDING_VERSION}
    told = message(name, summary, "application/json", shape, example)
    return {**told, "bindings": {"http": binding}}


def object_of(
    description: str, required: Mapping[str, Json], optional: Mapping[str, Json] | None = None
) -> Json:
    """An object; what is optional may be null as well."""
    return {
        "type": "object",
        "description": description,
        "properties": {**required, **{name: _or_null(of) for name, of in (optional or {}).items()}},
        "required": list(required),
    }


def _or_null(shape: Json) -> Json:
    """A field that may as well be null as be missing."""
    if "anyOf" in shape:
        return {**shape, "anyOf": [*shape["anyOf"], {"type": "null"}]}
    return {**shape, "type": [shape["type"], "null"]}
