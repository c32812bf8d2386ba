"""The life of a reservation over REST, and what keeps it from being done twice or too late."""

import asyncio
from typing import Any

import httpx

from hub.bootstrap import Services
from tests.integration.ledger.blocking import locked, writers_wait
from tests.integration.rest.problems import problem
from tests.integration.serving import served
from tests.integration.shop import available, count, opened

CART = {"lines": [{"sku": "A-1", "quantity": 2}], "holder": "cart-1"}


async def made(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    """The answer to a new reservation of two A-1."""
    answer = await client.post("/v1/reservations", json=CART, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer


async def step(
    client: httpx.AsyncClient, made: httpx.Response, body: Any, **headers: str
) -> httpx.Response:
    """The answer to a step of a reservation."""
    return await client.patch(made.headers["location"], json=body, headers=headers)


async def test_a_reservation_is_led_from_hold_to_order(
    client: httpx.AsyncClient, services: Services
) -> None:
    first = await made(client)
    told = first.json()
    assert first.headers["location"] == f"/v1/reservations/{told['id']}"
    assert (told["state"], told["holder"], told["version"]) == ("HELD", "cart-1", 1)
    assert "address" not in told
    assert await available(services) == 3

    changed = await step(
        client, first, {"action": "CHANGE", "lines": [{"sku": "A-1", "quantity": "3"}]}
    )
    assert sum(line["held"] for line in changed.json()["lines"]) == 3
    extended = await step(
        client, first, {"action": "EXTEND", "stage": "PAYMENT", "ttlSeconds": 3_000}
    )
    assert (extended.json()["stage"], extended.json()["version"]) == ("PAYMENT", 3)
    assert extended.json()["expiresAt"] > told["expiresAt"]
    part = await step(
        client, first, {"action": "RELEASE", "lines": [{"sku": "A-1", "quantity": 1}]}
    )
    assert sum(line["held"] for line in part.json()["lines"]) == 2
    committed = await step(client, first, {"action": "COMMIT", "order": "O-1"})
    assert (committed.json()["state"], committed.json()["order"]) == ("COMMITTED", "O-1")

    read = await client.get(first.headers["location"])
    assert read.json() == committed.json()
    assert read.headers["etag"] == committed.headers["etag"]
    assert await available(services) == 3


async def test_a_released_hold_is_there_to_read(
    client: httpx.AsyncClient, services: Services
) -> None:
    address = (await made(client)).headers["location"]
    released = await client.delete(address, params={"reason": "cart was emptied"})
    assert (released.status_code, released.json()["state"]) == (200, "RELEASED")
    again = await client.delete(address)
    assert again.json() == released.json() == (await client.get(address)).json()
    assert await available(services) == 5


async def test_what_falls_short_is_told_and_nothing_is_held(
    client: httpx.AsyncClient, services: Services
) -> None:
    lines = [{"sku": "A-1", "quantity": 9}, {"sku": "B-1", "quantity": 1}]
    refused = await client.post("/v1/reservations", json={"lines": lines})
    assert problem(refused, 409, "INSUFFICIENT_STOCK") == {
        "lines": [{"sku": "A-1", "requested": 9, "available": 5, "band": None}]
    }
    assert (await available(services), await available(services, "B-1")) == (5, 5)


async def test_the_same_key_is_the_same_reservation(
    client: httpx.AsyncClient, services: Services
) -> None:
    first = await made(client, **{"Idempotency-Key": '"cart-1-a"'})
    again = await made(client, **{"Idempotency-Key": "cart-1-a"})
    assert again.json() == first.json()
    assert await available(services) == 3
    other = {**CART, "holder": "cart-2"}
    refused = await client.post(
        "/v1/reservations", json=other, headers={"Idempotency-Key": '"cart-1-a"'}
    )
    assert problem(refused, 422, "IDEMPOTENCY_MISMATCH") == {"key": "cart-1-a"}


async def test_a_key_that_is_under_way_is_asked_for_again_later(
    client: httpx.AsyncClient, services: Services, database_url: str
) -> None:
    key = {"Idempotency-Key": '"slow"'}
    async with locked(database_url):
        first = asyncio.create_task(made(client, **key))
        await writers_wait(services, 1)
        refused = await client.post("/v1/reservations", json=CART, headers=key)
        assert problem(refused, 409, "IDEMPOTENCY_IN_PROGRESS") == {"key": "slow"}
        assert refused.headers["retry-after"] == "1"
    answer = await first
    assert (await made(client, **key)).json() == answer.json()


async def test_what_is_no_key_is_refused(client: httpx.AsyncClient, services: Services) -> None:
    for key in ["", '""', '"x', 'a"b', '"a"b"', "x" * 256, f'"{"x" * 256}"']:
        refused = await client.post("/v1/reservations", json=CART, headers={"Idempotency-Key": key})
        assert problem(refused, 422, "INVALID_INPUT")["field"] == "Idempotency-Key"
        assert await available(services) == 5


async def test_a_step_is_taken_only_from_where_it_was_seen(client: httpx.AsyncClient) -> None:
    first = await made(client)
    seen = first.headers["etag"]
    extend = {"action": "EXTEND", "ttlSeconds": 3_000}
    key = '"extend-1"'
    done = await step(client, first, extend, **{"If-Match": seen, "Idempotency-Key": key})
    assert (done.status_code, done.json()["version"]) == (200, 2)
    # Sent again because the answer was lost: the key tells it from a second wish.
    again = await step(client, first, extend, **{"If-Match": seen, "Idempotency-Key": key})
    assert again.json() == done.json()

    late = {"action": "CHANGE", "lines": [{"sku": "A-1", "quantity": 1}]}
    refused = await step(client, first, late, **{"If-Match": seen})
    told = problem(refused, 412, "RESERVATION_CHANGED")
    assert told == {"id": done.json()["id"], "expected": 1, "actual": 2}
    refused = await client.delete(first.headers["location"], headers={"If-Match": seen})
    problem(refused, 412, "RESERVATION_CHANGED")
    assert (await client.get(first.headers["location"])).json() == done.json()
    for condition in (done.headers["etag"], "*"):
        taken = await step(client, first, extend, **{"If-Match": condition})
        assert taken.status_code == 200, taken.text


async def test_what_is_no_etag_of_a_reservation_matches_none(client: httpx.AsyncClient) -> None:
    for condition in ['"1"', '"abc"', "1", 'W/"1-0123456789abcdef"', "", '""']:
        first = await made(client)
        refused = await step(
            client, first, {"action": "EXTEND", "ttlSeconds": 3_000}, **{"If-Match": condition}
        )
        assert problem(refused, 412, "PRECONDITION_FAILED") == {}
        assert (await client.get(first.headers["location"])).json()["version"] == 1


async def test_a_reader_who_has_it_is_told_so(client: httpx.AsyncClient) -> None:
    first = await made(client)
    address, tag = first.headers["location"], first.headers["etag"]
    known = await client.get(address, headers={"If-None-Match": tag})
    assert (known.status_code, known.content) == (304, b"")
    await client.delete(address)
    changed = await client.get(address, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.json()["state"]) == (200, "RELEASED")


async def test_a_hold_that_ended_says_how(client: httpx.AsyncClient) -> None:
    first = await made(client)
    await client.delete(first.headers["location"])
    refused = await step(client, first, {"action": "COMMIT", "order": "O-1"})
    assert problem(refused, 409, "RESERVATION_ENDED") == {
        "id": first.json()["id"],
        "state": "RELEASED",
        "endedReason": "RELEASED",
    }


async def test_more_than_is_held_cannot_be_given_back(client: httpx.AsyncClient) -> None:
    first = await made(client)
    much = {"action": "RELEASE", "lines": [{"sku": "A-1", "quantity": 7}]}
    refused = await step(client, first, much)
    told = problem(refused, 409, "RESERVATION_LINE_MISMATCH")
    assert told == {"id": first.json()["id"], "sku": "A-1", "asked": 7, "possible": 2}


async def test_a_reservation_that_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    for id in ["no-id", "01989f3c-7a1e-7c4b-9a55-6f2f3f0f4e11", "%00"]:
        address = f"/v1/reservations/{id}"
        for refused in (
            await client.get(address),
            await client.patch(address, json={"action": "COMMIT", "order": "O-1"}),
            await client.delete(address),
        ):
            assert problem(refused, 404, "RESERVATION_NOT_FOUND")["id"]


async def test_a_step_that_cannot_be_taken_is_told_where(client: httpx.AsyncClient) -> None:
    for body, field in [
        ({}, "body"),
        ({"action": "SHIP"}, "body"),
        ({"action": "CHANGE"}, "lines"),
        ({"action": "CHANGE", "lines": []}, "lines"),
        ({"action": "CHANGE", "lines": [{"sku": "A-1"}]}, "lines[0].quantity"),
        ({"action": "CHANGE", "lines": [{"sku": "A-1", "quantity": "x"}]}, "lines[0].quantity"),
        ({"action": "CHANGE", "CHANGE": 5, "lines": [{"sku": "A-1"}]}, "lines[0].quantity"),
        ({"action": "CHANGE", "CHANGE": [], "lines": [{"sku": "A-1"}]}, "lines[0].quantity"),
        ({"action": "CHANGE", "CHANGE": 5, "lines": CART["lines"]}, "CHANGE"),
        ({"action": "EXTEND", "ttlSeconds": 0}, "ttlSeconds"),
        ({"action": "EXTEND", "ttlSeconds": "60"}, "ttlSeconds"),
        ({"action": "EXTEND", "stage": "cart"}, "stage"),
        ({"action": "EXTEND", "order": "O-1"}, "order"),
        ({"action": "COMMIT"}, "order"),
        ({"action": "COMMIT", "order": 17}, "order"),
        ({"action": "RELEASE", "lines": [{"sku": "A-1", "quantity": 1}], "reason": ""}, "reason"),
    ]:
        refused = await step(client, await made(client), body)
        assert problem(refused, 422, "INVALID_INPUT")["field"] == field


async def test_a_holder_may_have_only_so_many_holds(services: Services, database_url: str) -> None:
    await count(services, "A-1", 5)
    async with opened(database_url, max_holds_per_holder=1) as strict, served(strict) as client:
        await made(client)
        refused = await client.post("/v1/reservations", json=CART)
        assert problem(refused, 429, "HOLD_LIMIT_REACHED") == {"what": "holder", "limit": 1}
        assert refused.headers["retry-after"] == "60"
