"""One event or many, in whichever of the three ways CloudEvents come."""

import base64
from typing import Any

import pytest

from hub.domain.errors import InvalidInput
from hub.domain.received_events import events_of

EVENT: dict[str, Any] = {"specversion": "1.0", "id": "1", "type": "order.shipped"}
DATA = {"order": "O-1"}


def test_one_event_and_a_list_of_them_are_events_as_they_are() -> None:
    event = {**EVENT, "data": DATA}
    assert events_of(event, "application/cloudevents+json", {}) == [event]
    assert events_of([event, 7], "application/cloudevents-batch+json", {}) == [event, 7]
    assert events_of([event], "application/json", {"content-length": "9"}) == [event]


@pytest.mark.parametrize("prefix", ["ce-", "ce_", "cloudevents:", "cloudevents_"])
def test_in_binary_mode_attributes_are_headers_and_the_body_is_the_data(prefix: str) -> None:
    headers = {prefix + name: value for name, value in EVENT.items()} | {"host": "hub"}
    assert events_of(DATA, "application/json", headers) == [{**EVENT, "data": DATA}]
    # A list is the data of one event then, and no batch; so is what its media type calls a batch.
    assert events_of([DATA], "application/json", headers) == [{**EVENT, "data": [DATA]}]


def test_headers_without_an_id_are_no_event() -> None:
    assert events_of(DATA, "", {"ce-type": "order.shipped"}) == [DATA]


def test_a_batch_must_be_a_list() -> None:
    with pytest.raises(InvalidInput) as refused:
        events_of({**EVENT, "data": DATA}, "application/cloudevents-batch+json", {})
    assert refused.value.data["field"] == "body"


def test_data_in_base64_is_taken_out_of_it() -> None:
    coded = base64.b64encode(b'{"order": "O-1"}').decode()
    assert events_of({**EVENT, "data_base64": coded}, "", {}) == [{**EVENT, "data": DATA}]
    both = {**EVENT, "data": DATA, "data_base64": coded}
    assert events_of(both, "", {}) == [both]


@pytest.mark.parametrize("coded", ["***", "e30", 7, ["e30="], base64.b64encode(b"<x/>").decode()])
def test_data_that_is_no_json_in_base64_is_refused(coded: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        events_of({**EVENT, "data_base64": coded}, "", {})
    assert refused.value.data["field"] == "data_base64"
