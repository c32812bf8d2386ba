"""The OpenAPI 3.1 document, written from the operations: what they validate with is what it says,
and what answers look like it takes from the GraphQL types, whose shape they have.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import TypeAdapter

from hub.domain.values import MAX_IDENTIFIER_LENGTH
from hub.web.rest.answers import Json, shapes
from hub.web.rest.examples import REFUSALS, answer_examples
from hub.web.rest.operations import Operation
from hub.web.rest.problems import (
    PROBLEM_JSON,
    REST_PROBLEMS,
    REST_STATUS,
    RETRY_AFTER_SECONDS,
    RestProblem,
    problem_of,
)
from schema.errors import TOP_LEVEL_ERRORS, TYPED_ERRORS

VERSION: Final = "1.0.0"
_REF: Final = "#/components/schemas/"
_ABOUT: Final = """\
Can I have it, how many, when? The same services as the GraphQL API, for those who speak no GraphQL.

- Quantities are exact: JSON numbers with at most 3 decimals; as input strings too, such as `"2.5"`.
- Ids are strings. Times are RFC 3339, in UTC.
- Whatever writes takes an `Idempotency-Key`: the same key with the same input gives the same answer
  again, a refusal too, and does nothing twice.
- What is refused is `application/problem+json`. Act on `code`; the members beside it say what would
  be right.
"""


def openapi_document(operations: Sequence[Operation]) -> Json:
    """The document."""
    examples = answer_examples()
    bodies, inputs = TypeAdapter.json_schemas(
        [(one.id, "validation", one.body.adapter) for one in operations if one.body],
        ref_template=f"{_REF}{{model}}",
    )
    paths: dict[str, Json] = {}
    for operation in operations:
        body = bodies.get((operation.id, "validation"))
        described = _operation(operation, body, examples)
        paths.setdefault(f"/v1{operation.path}", {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Availability Hub",
            "version": VERSION,
            "summary": "Live stock and reservations for many front ends at once.",
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "The hub that serves this document."}],
        "tags": [{"name": tag} for tag in dict.fromkeys(one.tag for one in operations)],
        "paths": paths,
        "components": {
            "schemas": _schemas(inputs["$defs"]),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An access token of the hub. A hub on loopback without tokens "
                    "lets everybody in, and one that is set to may show bands without a token.",
                }
            },
        },
    }


def _operation(operation: Operation, body: Json | None, examples: Json) -> Json:
    described: Json = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "security": [{"bearer": [operation.scope.value]}],
        "parameters": _parameters(operation),
        "responses": _responses(operation, examples),
    }
    if operation.body is not None:
        described["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {
                    "schema": body,
                    "examples": _examples(operation.body.examples),
                }
            },
        }
    return described


def _parameters(operation: Operation) -> list[Json]:
    found = [
        {
            "name": part[1:-1],
            "in": "path",
            "required": True,
            "description": f"The {'item' if part == '{sku}' else 'reservation'}.",
            "schema": {"type": "string", "minLength": 1, "maxLength": MAX_IDENTIFIER_LENGTH},
            "example": operation.path_example,
        }
        for part in operation.path.split("/")
        if part.startswith("{")
    ]
    properties = operation.query.model_json_schema(by_alias=True).get("properties", {})
    for name, asked in properties.items():
        description, (example,) = asked.pop("description"), asked.pop("examples")
        found.append(
            {
                "name": name,
                "in": "query",
                "description": description,
                # A parameter that is not given is not there; there is no null in an address.
                "schema": asked["anyOf"][0]
                if {"type": "null"} in asked.get("anyOf", ())
                else asked,
                "example": example,
            }
        )
    if operation.idempotent:
        found.append(_header("Idempotency-Key"))
    if operation.condition is not None:
        found.append(_header(operation.condition))
    return found


def _header(name: str) -> Json:
    return {"name": name, "in": "header", **_HEADERS[name]}


_HEADERS: Final[dict[str, Json]] = {
    "Idempotency-Key": {
        "description": "A key of your choice for this one thing you want done, in quotes. Keep it "
        "when you try again.",
        "schema": {"type": "string", "minLength": 1},
        "example": '"cart-1-reserve-1"',
    },
    "If-None-Match": {
        "description": "The ETag that you have: 304 while it holds.",
        "schema": {"type": "string"},
        "example": '"1-1f0c2d3e4b5a6978"',
    },
    "If-Match": {
        "description": "The ETag of the reservation as you read it: 412 if it has changed since.",
        "schema": {"type": "string"},
        "example": '"1-1f0c2d3e4b5a6978"',
    },
}


def _responses(operation: Operation, examples: Json) -> Json:
    answer = operation.answer
    headers: Json = {"Cache-Control": _response_header("Who may keep it, and for how long.")}
    if answer.tagged:
        headers["ETag"] = _response_header("What to send back as `If-None-Match` or `If-Match`.")
    if answer.status == 201:
        headers["Location"] = _response_header("Where it can be read.")
    responses: Json = {
        str(answer.status): {
            "description": answer.description,
            "headers": headers,
            "content": {
                "application/json": {
                    "schema": _ref(answer.shape),
                    "example": examples[answer.shape],
                }
            },
        }
    }
    if operation.condition == "If-None-Match":
        responses["304"] = {"description": "You have it already.", "headers": headers}
    return responses | _refusals(operation)


def _response_header(description: str) -> Json:
    return {"description": description, "schema": {"type": "string"}}


def _refusals(operation: Operation) -> Json:
    by_status: dict[int, list[Json]] = {}
    retried: set[int] = set()
    for refusal in dict.fromkeys(operation.all_refusals):
        status = REST_STATUS[refusal]
        by_status.setdefault(status, []).append(problem_of(REFUSALS[refusal]))
        if refusal in RETRY_AFTER_SECONDS:
            retried.add(status)
    for code in operation.problems:
        problem = problem_of(RestProblem(code))
        by_status.setdefault(problem["status"], []).append(problem)
    return {
        str(status): {
            "description": ", ".join(f"`{problem['code']}`" for problem in problems),
            "content": {
                PROBLEM_JSON: {
                    "schema": _ref("Problem"),
                    "examples": _examples({problem["code"]: problem for problem in problems}),
                }
            },
        }
        | ({"headers": {"Retry-After": _RETRY_AFTER}} if status in retried else {})
        for status, problems in sorted(by_status.items())
    }


_RETRY_AFTER: Final = {
    "description": "Seconds to wait before asking again.",
    "schema": {"type": "integer"},
}


def _schemas(inputs: Json) -> Json:
    return {
        **inputs,
        **shapes().definitions(("Availability", "Reservation", "Position")),
        "AvailabilityList": _object(
            "Answers in the order they were asked for.",
            availability={
                "type": "array",
                "items": _ref("Availability"),
                "description": "One for each of the skus.",
            },
        ),
        "StockResult": _object(
            "What became of the rows.",
            rows={
                "type": "array",
                "items": {"anyOf": [_ref("StockRow"), _ref("RefusedStockRow")]},
                "description": "One for each of the rows.",
            },
            refused={"type": "integer", "description": "How many of the rows were refused."},
        ),
        "StockRow": _object(
            "A row that is in the ledger, or that a newer count made needless.",
            position={**_ref("Position"), "description": "The position as it is now."},
            applied={"type": "boolean", "description": "Whether it changed the position."},
            note={
                "type": ["string", "null"],
                "description": "Why it was not applied, if so: a code such as `STALE`, and a "
                "sentence behind a colon.",
            },
        ),
        "RefusedStockRow": _object(
            "A row that was refused.", problem={**_ref("Problem"), "description": "Why."}
        ),
        **_problem_schemas(),
    }


def _problem_schemas() -> Json:
    """`Problem`, and what its members are made of: those of refusals that are types in GraphQL,
    and of the rest."""
    typed = [
        TYPED_ERRORS[refusal].__name__ for refusal in REFUSALS if refusal not in TOP_LEVEL_ERRORS
    ]
    shaped = shapes().definitions(tuple(typed))
    members: Json = {}
    for name in typed:
        members |= shaped.pop(name)["properties"]
    del members["message"]
    codes = sorted({refusal.code for refusal in REFUSALS} | set(REST_PROBLEMS))
    always: Json = {
        "type": {"type": "string", "format": "uri", "description": "Identifies the code."},
        "title": {"type": "string", "description": "The code in words."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "What is wrong, in English, for developers."},
        "code": {"type": "string", "description": "The stable code.", "examples": codes},
    }
    problem = _object(
        "A refusal (RFC 9457). Beside the members that it always has stands the data to act on, "
        "which depends on the code; new codes and members may come.",
        **always,
    )
    problem["properties"] = {**members, **_PLAIN_MEMBERS, **always}
    return {**shaped, "Problem": problem}


_PLAIN_MEMBERS: Final[Json] = {
    "field": {"type": "string", "description": "The part of the request that is wrong."},
    "problem": {"type": "string", "description": "What is wrong with it."},
    "skus": {
        "type": "array",
        "items": {"type": "string"},
        "description": "The skus that no item has.",
    },
    "location": {"type": "string", "description": "The id that no location has."},
    "channel": {"type": "string", "description": "The id that no channel has."},
    "order": {"type": "string", "description": "The order that is not known."},
    "scope": {"type": "string", "description": "The scope that the token lacks."},
    "what": {"type": "string", "description": "What is limited."},
    "limit": {"type": "integer", "description": "How much of it there may be."},
    "expected": {"type": "integer", "description": "The version that was given."},
    "actual": {
        "type": ["integer", "string"],
        "description": "What there is instead: the version, or the size.",
    },
}


def _object(description: str, **properties: Json) -> Json:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
    }


def _ref(name: str) -> Json:
    return {"$ref": _REF + name}


def _examples(values: Mapping[str, Any]) -> Json:
    return {name: {"value": value} for name, value in values.items()}
