"""What is wrong with a message by the AsyncAPI document."""

import json
from typing import Any

from jsonschema_rs import Draft7Validator

from hub.web.asyncapi.document import asyncapi_text

DOCUMENT: dict[str, Any] = json.loads(asyncapi_text())
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]


def faults_of(message: str, payload: object) -> list[str]:
    """The complaints about a payload of a message of the document; empty where it is right."""
    whole = {**MESSAGES[message]["payload"], "components": DOCUMENT["components"]}
    # A copy as it comes out of JSON: times are text there.
    seen = json.loads(json.dumps(payload, default=str))
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in Draft7Validator(whole).iter_errors(seen)
    ]


def unknown_members(schema: dict[str, Any], payload: Any, path: str = "") -> list[str]:
    """Members of a payload that its schema does not name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return unknown_members(DOCUMENT["components"]["schemas"][name], payload, path)
    for one in schema.get("anyOf", ()):
        if one != {"type": "null"} and payload is not None:
            return unknown_members(one, payload, path)
    if isinstance(payload, list):
        items = schema.get("items", {})
        return [fault for one in payload for fault in unknown_members(items, one, f"{path}[]")]
    if not isinstance(payload, dict) or "properties" not in schema:
        return []
    found = []
    for name, value in payload.items():
        if name in schema["properties"]:
            found += unknown_members(schema["properties"][name], value, f"{path}.{name}")
        else:
            found.append(f"{path}.{name}")
    return found
