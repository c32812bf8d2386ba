"""What callers without credentials may do with stock, over GraphQL and REST alike: hold some of
it, for a while, as often as their address may.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Final

import httpx
import pytest

from hub.bootstrap import Services
from hub.domain.principal import ANONYMOUS
from hub.domain.values import UNIT, Line
from hub.web.authentication import Authenticator
from tests.integration.graphql.sockets import Socket
from tests.integration.rest.problems import problem
from tests.integration.serving import served
from tests.integration.shop import BUYER, count, opened, position, reserve

LIMIT: Final = 3
LINES: Final = [{"sku": "A-1", "quantity": 1}]
TWO: Final = [{"sku": "A-1", "quantity": 2}]
TOLD: Final = "__typename ... on HoldLimitReached { what limit }"
RESERVE: Final = f"""mutation ($input: ReserveInput!) {{ reserve(input: $input) {{
    {TOLD} ... on ReserveSuccess {{ reservation {{ id }} }} }} }}"""
REFUSED: Final = {"__typename": "HoldLimitReached", "what": "address", "limit": LIMIT}
FOR_GOOD: Final[dict[str, dict[str, str]]] = {
    "commitReservation": {"order": "O-1"},
    "transferReservation": {"fromLocation": "BER", "toLocation": "AMS"},
    "fulfilReservation": {},
    "cancelReservation": {},
    "returnReservation": {},
}


@pytest.fixture
async def shopper(services: Services, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that sends no credentials; the shop has ten units of A-1 in each place."""
    for location in ("BER", "AMS"):
        await count(services, "A-1", 10, location)
    async with AsyncExitStack() as stack:
        public = opened(database_url, anonymous_access=True, max_holds_per_address=LIMIT)
        yield await stack.enter_async_context(served(await stack.enter_async_context(public)))


async def ask(shopper: httpx.AsyncClient, document: str, host: str = "", /, **given: Any) -> Any:
    """The answer to a mutation; `host` is what a proxy on loopback says of its client."""
    body = {"query": document, "variables": {"input": given}}
    headers = {"x-forwarded-for": host} if host else {}
    return (await shopper.post("/graphql", json=body, headers=headers)).json()


def mutation_of(name: str) -> str:
    """The document of a mutation that takes a reservation a step on."""
    kind = f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation ($input: {kind}) {{ {name}(input: $input) {{ __typename }} }}"


async def hold(shopper: httpx.AsyncClient, host: str = "", /, **given: Any) -> Any:
    """What becomes of a hold of one unit."""
    return (await ask(shopper, RESERVE, host, lines=LINES, **given))["data"]["reserve"]


async def test_a_shopper_can_hold_change_extend_and_release(shopper: httpx.AsyncClient) -> None:
    id = (await hold(shopper))["reservation"]["id"]
    steps = {"changeReservation": {"lines": TWO}, "extendReservation": {}, "releaseReservation": {}}
    for name, given in steps.items():
        answer = await ask(shopper, mutation_of(name), id=id, **given)
        assert answer["data"][name]["__typename"].endswith("Success"), answer

    made = (await shopper.post("/v1/reservations", json={"lines": LINES})).json()
    address = f"/v1/reservations/{made['id']}"
    for step in (
        {"action": "CHANGE", "lines": TWO},
        {"action": "EXTEND"},
        {"action": "RELEASE", "lines": LINES},
    ):
        assert (await shopper.patch(address, json=step)).status_code == 200, step
    assert (await shopper.delete(address)).json()["state"] == "RELEASED"


@pytest.mark.parametrize("name", FOR_GOOD)
async def test_a_shopper_can_take_no_stock_for_good_over_graphql(
    shopper: httpx.AsyncClient, services: Services, name: str
) -> None:
    of_shopper = (await hold(shopper))["reservation"]["id"]
    # An order of which one unit left the house, so that each of the steps would be possible.
    order = (await reserve(services, {"A-1": 2})).id
    await services.reservations.commit(BUYER, order, "O-9")
    await services.reservations.fulfil(BUYER, order, [Line("A-1", UNIT)])
    before = await position(services)
    for id in (of_shopper, order):
        answer = await ask(shopper, mutation_of(name), id=id, **FOR_GOOD[name])
        (error,) = answer["errors"]
        told = {"code": "FORBIDDEN", "scope": "reservations:write"}
        assert error["extensions"].items() >= told.items()
    assert await position(services) == before


async def test_a_shopper_can_take_no_stock_for_good_over_rest(
    shopper: httpx.AsyncClient, services: Services
) -> None:
    address = f"/v1/reservations/{(await hold(shopper))['reservation']['id']}"
    before = await position(services)
    refused = await shopper.patch(address, json={"action": "COMMIT", "order": "O-1"})
    assert problem(refused, 403, "FORBIDDEN") == {"scope": "reservations:write"}
    assert await position(services) == before


async def test_a_shopper_holds_as_often_as_his_address_may_whatever_he_says(
    shopper: httpx.AsyncClient,
) -> None:
    for number in range(LIMIT):
        held = await hold(shopper, holder=f"cart-{number}", address=f"192.0.2.{number}")
        assert held["__typename"] == "ReserveSuccess"
    assert await hold(shopper) == REFUSED
    assert await hold(shopper, holder="cart-9", address="192.0.2.9") == REFUSED
    body = {"lines": LINES, "holder": "cart-9", "address": "192.0.2.9"}
    refused = await shopper.post("/v1/reservations", json=body)
    assert problem(refused, 429, "HOLD_LIMIT_REACHED") == {"what": "address", "limit": LIMIT}
    async with Socket.open(f"ws://{shopper.base_url.host}:{shopper.base_url.port}/graphql") as one:
        await one.begin()
        await one.subscribe("1", RESERVE, input={"lines": LINES, "address": "192.0.2.9"})
        assert (await one.data("1"))["reserve"] == REFUSED


async def test_behind_a_trusted_proxy_each_shopper_has_his_own_address(
    shopper: httpx.AsyncClient,
) -> None:
    # The proxy adds whom it heard to what that one said.
    said = "198.51.100.1, 192.0.2.7"
    for _ in range(LIMIT):
        assert (await hold(shopper, said))["__typename"] == "ReserveSuccess"
    assert await hold(shopper, "198.51.100.2, 192.0.2.7") == REFUSED
    assert (await hold(shopper, "192.0.2.8"))["__typename"] == "ReserveSuccess"


async def test_a_key_at_another_address_is_another_ones(shopper: httpx.AsyncClient) -> None:
    first = await hold(shopper, "192.0.2.7", idempotencyKey="cart-1")
    assert await hold(shopper, "192.0.2.7", idempotencyKey="cart-1") == first
    other = await hold(shopper, "192.0.2.8", idempotencyKey="cart-1")
    assert other["__typename"] == "ReserveSuccess"
    assert other != first


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not:an:address", "not:an:address"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_holds_count_for_an_address_or_for_a_network_of_ipv6(
    host: str | None, address: str
) -> None:
    shopper = Authenticator({}, anonymous_access=True)(None, host)
    assert shopper == ANONYMOUS._replace(address=address)
