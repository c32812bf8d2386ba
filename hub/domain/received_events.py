"""The three ways in which CloudEvents come: structured, batched, and binary. Pure."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final

from hub.domain.errors import InvalidInput

_PREFIXES: Final = ("ce-", "ce_", "cloudevents:", "cloudevents_")
"""Of attributes in headers: over HTTP and NATS, Kafka, AMQP, and where AMQP has no colon."""


def events_of(parsed: object, media_type: str, headers: Mapping[str, str]) -> list[Any]:
    """The events of a message, one or many, each as a JSON object in structured mode.

    `parsed` is its body. Header names are in lower case. Raises `InvalidInput` for a batch that is
    no list and for data that is not what the event says.
    """
    attributes = _attributes(headers)
    if "id" in attributes:
        return [{**attributes, "data": parsed}]
    batched = "batch" in media_type or isinstance(parsed, list)
    if batched and not isinstance(parsed, list):
        raise InvalidInput(field="body", problem="a batch must be a JSON list of events")
    return [_with_data(one) for one in (parsed if isinstance(parsed, list) else [parsed])]


def _attributes(headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        name[len(prefix) :]: value
        for name, value in headers.items()
        for prefix in _PREFIXES
        if name.startswith(prefix)
    }


def _with_data(event: object) -> object:
    """The event with its data in the open, where it came in base64."""
    if not isinstance(event, Mapping) or "data" in event or event.get("data_base64") is None:
        return event
    problem = "must be JSON in base64"
    try:
        data = json.loads(base64.b64decode(event["data_base64"], validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise InvalidInput(field="data_base64", problem=problem) from None
    return {name: value for name, value in event.items() if name != "data_base64"} | {"data": data}
