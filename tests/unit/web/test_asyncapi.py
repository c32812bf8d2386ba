"""The AsyncAPI document: committed, complete, and true to the messages it shows."""

from pathlib import Path

import pytest

from hub.domain.cloud_event import EventType
from hub.web.asyncapi.document import asyncapi_text
from tests.asyncapi_checks import DOCUMENT, MESSAGES, faults_of, unknown_members

COMMITTED = Path(__file__).parents[3] / "schema" / "asyncapi.json"


def test_the_committed_document_is_the_one_that_is_served() -> None:
    assert COMMITTED.read_text() == asyncapi_text(), "run `make schema` and commit the result"


def test_every_type_of_event_is_in_it() -> None:
    channels = DOCUMENT["channels"]
    assert {type_.value for type_ in EventType} == set(channels["webhook"]["messages"])
    assert set(channels["webhook"]["messages"]) - set(channels["topic"]["messages"]) == {
        "webhook.test"
    }


@pytest.mark.parametrize("name", MESSAGES)
def test_an_example_is_what_the_document_says_and_nothing_else(name: str) -> None:
    message = MESSAGES[name]
    assert message["summary"]
    for example in message["examples"]:
        assert faults_of(name, example["payload"]) == []
        assert unknown_members(message["payload"], example["payload"]) == []


def test_a_message_that_lacks_something_is_found() -> None:
    (example,) = MESSAGES["availability.changed"]["examples"]
    payload = {**example["payload"], "data": {**example["payload"]["data"], "version": "seven"}}
    assert len(faults_of("availability.changed", payload)) == 1
    del payload["id"]
    assert len(faults_of("availability.changed", payload)) == 2


@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_whatever_is_in_it_is_described(name: str) -> None:
    shape = DOCUMENT["components"]["schemas"][name]
    assert shape["description"]
    for member, described in shape.get("properties", {}).items():
        assert "$ref" in described or described["description"], member
