"""The OpenAPI document: committed, valid, complete, and true to the answers it shows."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import validate

from hub.web.rest.app import OPERATIONS, rest_document
from hub.web.rest.inputs import choices_of

COMMITTED = Path(__file__).parents[3] / "schema" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(rest_document())
DESCRIBED = [
    (path, method, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]


def faults(value: object, shape: dict[str, Any]) -> list[str]:
    """What is wrong with a value by a schema of the document."""
    whole = {**shape, "components": DOCUMENT["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


def test_the_committed_document_is_the_one_that_is_served() -> None:
    assert COMMITTED.read_text() == rest_document(), "run `make schema` and commit the result"


def test_the_document_is_valid_openapi() -> None:
    validate(DOCUMENT)


def test_no_field_is_called_like_a_choice_among_models() -> None:
    shapes = DOCUMENT["components"]["schemas"].values()
    fields = {name for shape in shapes for name in shape.get("properties", {})}
    for operation in OPERATIONS:
        if operation.body:
            assert fields.isdisjoint(choices_of(operation.body.adapter.core_schema))


def test_every_operation_is_in_the_document() -> None:
    assert {operation["operationId"] for _, _, operation in DESCRIBED} == {
        operation.id for operation in OPERATIONS
    }


@pytest.mark.parametrize(("path", "method", "operation"), DESCRIBED)
def test_an_operation_says_all_that_a_caller_wants_to_know(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert operation["security"][0]["bearer"]
    assert {"401", "403", "422", "503"} <= set(operation["responses"])
    if method != "get":
        assert "requestBody" in operation or method == "delete"
    for parameter in operation["parameters"]:
        assert parameter["description"], parameter
        assert "example" in parameter, parameter
    for response in operation["responses"].values():
        assert response["description"]


@pytest.mark.parametrize(("path", "method", "operation"), DESCRIBED)
def test_examples_are_what_the_document_allows(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    shown = 0
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    contents = [content for body in bodies for content in body.get("content", {}).values()]
    for content in contents:
        examples = [one["value"] for one in content.get("examples", {}).values()]
        for example in (*examples, *([content["example"]] if "example" in content else [])):
            assert faults(example, content["schema"]) == []
            shown += 1
    assert shown >= len(contents)
    for parameter in operation["parameters"]:
        assert faults(parameter["example"], parameter["schema"]) == []


def test_every_member_of_a_problem_is_in_the_document() -> None:
    known = DOCUMENT["components"]["schemas"]["Problem"]["properties"]
    for path, _, operation in DESCRIBED:
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get("application/problem+json", {})
            for code, example in content.get("examples", {}).items():
                assert example["value"]["status"] == int(status)
                assert example["value"].keys() <= known.keys(), (path, code)


def test_every_property_has_a_description() -> None:
    for name, shape in DOCUMENT["components"]["schemas"].items():
        assert shape.get("description"), name
        for member, property_ in shape.get("properties", {}).items():
            # The step of a reservation is named by its own description.
            assert property_.get("description") or "const" in property_, f"{name}.{member}"
