"""What the document says of events that come in, held against what reads them."""

import copy
from typing import Any

import pytest

from hub.domain.cloud_event import EventType
from hub.domain.commands import Origin
from hub.domain.errors import HubError
from hub.domain.events import EVENT_TYPES, command_from, event_from
from hub.domain.received_events import events_of
from hub.services.intake import MAX_EVENTS, understood
from hub.web.asyncapi.taken import TAKEN, taken_event
from tests.asyncapi_checks import DOCUMENT, MESSAGES, faults_of

WRONG: tuple[Any, ...] = (
    True,
    {},
    [],
    [1],
    "",
    " ",
    "x" * 65,
    "x" * 501,
    -1,
    -1.5,
    1e10,
    "-",
    "1,5",
)
FITTING: tuple[Any, ...] = (3, 0.25, "2.5", "x", "2026-11-21T10:00:00Z", "x" * 64)


def is_taken(event: Any) -> bool:
    try:
        command_from(event_from(event), Origin("test"), lambda: "id")
    except HubError:
        return False
    return True


def test_every_type_that_is_taken_is_in_it_and_none_has_the_name_of_one_that_is_told() -> None:
    assert set(TAKEN) == set(EVENT_TYPES)
    assert not set(TAKEN) & {type_.value for type_ in EventType}
    for channel in ("ingest", "stream"):
        assert set(TAKEN) < set(DOCUMENT["channels"][channel]["messages"])


def test_the_examples_of_the_three_modes_are_read() -> None:
    def door(name: str, media_type: str = "application/json") -> list[str]:
        (example,) = MESSAGES[name]["examples"]
        events = events_of(example["payload"], media_type, example.get("headers", {}))
        return [understood(event).event.type for event in events]

    for type_ in TAKEN:
        assert door(type_) == [type_]
    assert door("event.binary") == ["stock.set"]
    batch = MESSAGES["events"]
    assert door("events", batch["contentType"]) == ["stock.set", "order.placed"]
    assert DOCUMENT["components"]["schemas"]["EventBatch"]["maxItems"] == MAX_EVENTS


@pytest.mark.parametrize("type_", TAKEN)
def test_a_field_that_is_asked_for_is_missed_by_both_and_one_that_is_not_by_none(
    type_: str,
) -> None:
    taken = TAKEN[type_]
    assert set(taken.example) == {*taken.required, *taken.optional}
    for name in taken.example:
        for without in (True, False):
            event = copy.deepcopy(taken_event(type_))
            if without:
                del event["data"][name]
            else:
                event["data"][name] = None
            assert is_taken(event) is (name in taken.optional), name
            assert (faults_of(type_, event) == []) is (name in taken.optional), name


@pytest.mark.parametrize("type_", TAKEN)
def test_what_the_document_takes_the_hub_takes_and_the_other_way_round(type_: str) -> None:
    for name in TAKEN[type_].example:
        for value in (*WRONG, *FITTING):
            event = copy.deepcopy(taken_event(type_))
            event["data"][name] = value
            fits = faults_of(type_, event) == []
            assert fits is is_taken(event), (name, value, faults_of(type_, event))
