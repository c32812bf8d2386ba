"""The door for events over HTTP: every form of CloudEvents, and what is said to a wrong one."""

import json
from typing import Any

import httpx
import pytest

from hub.bootstrap import Services
from hub.domain.values import UNIT
from tests.integration.events import about, adjusted, counted, event, inbox_states, placed
from tests.integration.shop import position
from workers.ingest import Ingest

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"


async def post(
    client: httpx.AsyncClient, body: Any, content_type: str = STRUCTURED, **headers: str
) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": content_type} | headers
    return await client.post("/ingest/till", content=content, headers=headers)


def without(field: str, told: dict[str, Any]) -> dict[str, Any]:
    *path, last = field.split(".")
    inner = told
    for name in path:
        inner = inner[name]
    del inner[last]
    return told


def having(field: str, value: Any, told: dict[str, Any]) -> dict[str, Any]:
    *path, last = field.split(".")
    inner = told
    for name in path:
        inner = inner[name]
    inner[last] = value
    return told


async def test_a_structured_event_is_accepted_and_takes_effect(
    services: Services, client: httpx.AsyncClient
) -> None:
    answer = await post(client, counted(5, id="count-1"))
    assert answer.status_code == 202
    assert answer.json() == {"accepted": [{"id": "count-1", "duplicate": False}]}
    await Ingest(services).drain()
    assert (await position(services)).on_hand == 5 * UNIT


async def test_a_batch_is_accepted_and_told_event_by_event(
    services: Services, client: httpx.AsyncClient
) -> None:
    batch = [adjusted(1, id="1"), adjusted(2, id="2"), adjusted(1, id="1")]
    answer = await post(client, batch, BATCHED)
    assert answer.status_code == 202
    assert answer.json()["accepted"] == [
        {"id": "1", "duplicate": False},
        {"id": "2", "duplicate": False},
        {"id": "1", "duplicate": True},
    ]
    await Ingest(services).drain()
    assert (await position(services)).on_hand == 3 * UNIT


async def test_an_event_in_binary_mode_is_accepted(
    services: Services, client: httpx.AsyncClient
) -> None:
    told = adjusted(4)
    headers = {f"ce-{name}": told[name] for name in ("specversion", "id", "source", "type")}
    answer = await post(client, told["data"], "application/json", **headers)
    assert answer.status_code == 202
    await Ingest(services).drain()
    assert (await position(services)).on_hand == 4 * UNIT


async def test_a_duplicate_is_accepted_without_effect_and_another_payload_is_a_conflict(
    services: Services, client: httpx.AsyncClient
) -> None:
    await post(client, adjusted(1, id="sale-1"))
    again = await post(client, adjusted(1, id="sale-1"))
    assert (again.status_code, again.json()["accepted"][0]["duplicate"]) == (202, True)

    other = await post(client, adjusted(2, id="sale-1"))
    assert other.status_code == 409
    assert other.json()["error"] == {
        "code": "EVENT_MISMATCH",
        "message": "Event sale-1 of till is already stored with another payload: send a new id.",
        "source": "till",
        "eventId": "sale-1",
    }


MALFORMED: list[tuple[Any, str]] = [
    ([1], "event"),
    (having("specversion", "0.3", counted(1)), "specversion"),
    (without("specversion", counted(1)), "specversion"),
    (without("id", counted(1)), "id"),
    (having("id", "", counted(1)), "id"),
    (having("id", 7, counted(1)), "id"),
    (having("id", "x" * 256, counted(1)), "id"),
    (event("stock.stolen"), "type"),
    (without("type", counted(1)), "type"),
    (having("data", [], counted(1)), "data"),
    (having("time", "yesterday", counted(1)), "time"),
    (having("time", "2026-03-01T10:00:00", counted(1)), "time"),
    (without("data.sku", counted(1)), "data.sku"),
    (having("data.sku", 4711, counted(1)), "data.sku"),
    (having("data.sku", "x" * 65, counted(1)), "data.sku"),
    (having("data.sku", "a\nb", counted(1)), "data.sku"),
    (without("data.location", counted(1)), "data.location"),
    (without("data.onHand", counted(1)), "data.onHand"),
    (having("data.onHand", "many", counted(1)), "data.onHand"),
    (having("data.onHand", True, counted(1)), "data.onHand"),
    (having("data.onHand", 0.0001, counted(1)), "data.onHand"),
    (having("data.onHand", 10**12, counted(1)), "data.onHand"),
    (having("data.unavailable", -1, counted(1)), "data.unavailable"),
    (having("data.asOf", "2026-13-01T00:00:00Z", counted(1)), "data.asOf"),
    (having("data.delta", 0, adjusted(1)), "data.delta"),
    (without("data.reason", adjusted(1)), "data.reason"),
    (having("data.reason", " ", adjusted(1)), "data.reason"),
    (without("data.order", placed("O-1", 1)), "data.order"),
    (without("data.channel", placed("O-1", 1)), "data.channel"),
    (without("data.lines", placed("O-1", 1)), "data.lines"),
    (having("data.lines", [], placed("O-1", 1)), "data.lines"),
    (having("data.lines", [7], placed("O-1", 1)), "data.lines[0]"),
    (placed("O-1", 0), "data.lines[0].quantity"),
    (placed("O-1", -1), "data.lines[0].quantity"),
    (placed("O-1", 1, reservation="mine"), "data.lines[0].reservation"),
    (having("data.lines", "all", about("O-1", "shipped")), "data.lines"),
]


NO_EVENTS = [
    b"",
    b"{",
    b"\xff\xfe",
    b"NaN",
    b"[" * 100_000,
    b'{"a": 1e999}',
    b"null",
    b'"text"',
]


async def test_a_malformed_event_is_refused_with_its_field_and_the_reason(
    client: httpx.AsyncClient, services: Services
) -> None:
    answers = [(await post(client, told), field) for told, field in MALFORMED]
    for answer, field in answers:
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["field"]) == (400, "INVALID_INPUT", field)
        assert error["problem"]
    assert await inbox_states(services) == {}


async def test_a_body_that_is_no_event_is_refused(client: httpx.AsyncClient) -> None:
    for body in NO_EVENTS:
        answer = await post(client, body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_INPUT")


async def test_a_text_that_no_database_can_hold_is_refused(client: httpx.AsyncClient) -> None:
    answer = await post(client, having("data.note", "a\x00b", counted(1)))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_INPUT")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "text/plain;x=json",
        "text/plain; charset=application/json",
        "multipart/form-data; boundary=json",
        "application/jsonp",
    ],
)
async def test_what_any_page_could_send_unasked_is_refused(
    client: httpx.AsyncClient, content_type: str
) -> None:
    answer = await post(client, counted(1), content_type)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "content-type"


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", STRUCTURED.upper()]
)
async def test_a_media_type_may_be_written_in_any_case_and_with_parameters(
    client: httpx.AsyncClient, content_type: str
) -> None:
    assert (await post(client, counted(1), content_type)).status_code == 202
    assert (await post(client, [counted(1, id="b")], content_type)).status_code == 202


async def test_a_source_that_is_no_name_is_refused(client: httpx.AsyncClient) -> None:
    for source in ("x" * 65, "a%00b", "%0a"):
        answer = await client.post(f"/ingest/{source}", json=counted(1))
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, "source")
