"""Any API that takes quantities as JSON is kept current by templates alone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.policies import Policy
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from tests.integration.channels.faults import Fault, serving
from tests.integration.channels.plain_shop import AUTHORIZATION, PlainShop
from tests.integration.channels.pushing import (
    SECRETS,
    WITHIN_SECONDS,
    pushing,
    reconciled,
    report_of,
    settled,
)
from tests.integration.shop import CLERK, SKUS, count
from tests.waiting import eventually


@pytest.fixture
async def there(services: Services, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PlainShop]:
    """The marketplace, which has all items but one; ours are ten of each in Berlin."""
    monkeypatch.setitem(SECRETS, "PLAIN_AUTHORIZATION", AUTHORIZATION)
    shop = PlainShop()
    shop.stock = {sku: 1 for sku in SKUS if sku != "B-2"}
    for sku in SKUS:
        await count(services, sku, 10)
    async with serving(shop.server):
        yield shop


def target(shop: PlainShop, **options: Any) -> dict[str, Any]:
    """The settings of a target that takes many items at once."""
    return {
        "kind": "http",
        "channel": "web",
        "ids": "sku",
        "authorization_env": "PLAIN_AUTHORIZATION",
        "requests_per_second": 40,
        "timeout_seconds": 0.5,
        "grace_seconds": 0.1,
        "reconcile_seconds": 0,
        "write": {
            "url": f"{shop.server.url}/stock",
            "item": {"ref": "{id}", "available": "{units}"},
            "body": {"lines": "{items}"},
            "results": "results",
            "result_id": "ref",
            "unknown_errors": ["NO_SUCH_OFFER"],
        },
        "read": {
            "url": f"{shop.server.url}/stock",
            "items": "offers",
            "id": "ref",
            "units": "stock.available",
            "next": "links.next",
        },
        **options,
    }


def one_by_one(shop: PlainShop) -> dict[str, Any]:
    """The part of the settings by which each item is a request of its own."""
    write = {
        "method": "PUT",
        "url": f"{shop.server.url}/stock/{{id}}",
        "item": {"available": "{units}"},
    }
    return {"write": write}


async def becomes(shop: PlainShop, units: int) -> None:
    """It has so many of everything before long."""
    await eventually(
        lambda: set(shop.stock.values()), lambda has: has == {units}, within_seconds=WITHIN_SECONDS
    )


async def test_many_items_go_in_one_request_and_what_they_do_not_know_is_reported(
    services: Services, there: PlainShop
) -> None:
    async with pushing(services, target(there)):
        await becomes(there, 10)
        (problem,) = (await settled(services)).problems
        assert (problem.sku, problem.problem) == ("B-2", "UNKNOWN_THERE")
    (request,) = there.requests
    assert len(request.content["lines"]) == 4
    assert there.too_many == 0


async def test_an_item_can_be_a_request_of_its_own(services: Services, there: PlainShop) -> None:
    async with pushing(services, target(there, **one_by_one(there))):
        await becomes(there, 10)
        (problem,) = (await settled(services)).problems
        assert (problem.sku, problem.problem) == ("B-2", "UNKNOWN_THERE")
        await count(services, "A-1", 4)
        await eventually(lambda: there.stock["A-1"], lambda has: has == 4)
    assert {request.method for request in there.requests} == {"PUT"}
    assert there.too_many == 0


async def test_of_half_a_result_the_rest_is_sent_again(
    services: Services, there: PlainShop
) -> None:
    there.skipped = {"A-1"}
    async with pushing(services, target(there)):
        await eventually(lambda: there.stock["A-2"], lambda has: has == 10)
        await eventually(lambda: report_of(services), lambda one: one.status.pending == 1)
        there.skipped.clear()
        await becomes(there, 10)
        await settled(services)


async def test_an_item_for_which_they_refuse_the_whole_request_holds_nothing_else_up(
    services: Services, there: PlainShop
) -> None:
    there.stock["B-2"], there.poison = 10, {"A-2"}
    async with pushing(services, target(there)):
        await eventually(lambda: there.stock["B-1"], lambda has: has == 10, WITHIN_SECONDS)
        (problem,) = (await settled(services)).problems
        assert (problem.sku, problem.problem) == ("A-2", "HTTP_422")
        asked = len(there.requests)
        await count(services, "A-1", 6)
        await eventually(lambda: there.stock["A-1"], lambda has: has == 6)
        assert len(there.requests) == asked + 1
    there.poison = set()
    # Whoever begins tries what was refused once more.
    async with pushing(services, target(there)):
        await eventually(lambda: there.stock["A-2"], lambda has: has == 10, WITHIN_SECONDS)
    assert there.too_many == 0


@pytest.mark.parametrize("fault", Fault)
async def test_each_failure_is_got_over(services: Services, there: PlainShop, fault: Fault) -> None:
    there.server.planned = [fault, fault]
    async with pushing(services, target(there)):
        await becomes(there, 10)
        await settled(services)
        assert there.server.happened == [fault, fault]
        await eventually(lambda: report_of(services), lambda one: one.status.problem is None)
    assert there.too_many == 0


async def test_a_repeated_request_has_the_key_of_the_first(
    services: Services, there: PlainShop
) -> None:
    there.server.planned = [Fault.LOST, Fault.HALF]
    async with pushing(services, target(there)):
        await becomes(there, 10)
        await settled(services)
        await count(services, "A-1", 9)
        await eventually(lambda: there.stock["A-1"], lambda has: has == 9)
    keys = [request.headers["idempotency-key"] for request in there.requests]
    assert len(keys) == 4
    assert len(set(keys[:3])) == 1
    assert keys[3] != keys[0]


async def test_all_pages_are_compared_and_ours_is_pushed_again(
    services: Services, there: PlainShop
) -> None:
    async with pushing(services, target(there)):
        await becomes(there, 10)
        await settled(services)
        there.stock |= {"A-2": 3, "THEIRS": 5}
        report = (await reconciled(services)).status.report
        assert report is not None
        assert (report["listed"], report["drifted"], report["unknownHere"]) == (4, 1, 1)
        await eventually(lambda: there.stock["A-2"], lambda has: has == 10)
        assert there.stock["THEIRS"] == 5


async def test_what_may_be_sold_beyond_stock_is_pushed_where_the_target_says_so(
    services: Services, there: PlainShop
) -> None:
    await services.catalogue.put_policies(CLERK, {("global", ""): Policy(backorder_limit=5 * UNIT)})
    async with pushing(services, target(there, beyond_stock=True)):
        await becomes(there, 15)


async def test_a_list_that_can_not_be_had_holds_no_push_back(
    services: Services, there: PlainShop
) -> None:
    read = {"url": f"{there.server.url}/no-such-list"}
    async with pushing(services, target(there, read=read, reconcile_seconds=60)):
        await becomes(there, 10)
        report = await eventually(lambda: report_of(services), lambda one: one.status.problem)
        assert (report.status.problem or "").startswith("comparing: HTTP 404")
        await count(services, "A-1", 7)
        await eventually(lambda: there.stock["A-1"], lambda has: has == 7)
        assert (await report_of(services)).status.problem == report.status.problem


async def test_ids_and_skus_that_they_list_as_numbers_are_known(
    services: Services, there: PlainShop
) -> None:
    await services.catalogue.put_items(CLERK, [CatalogueItem("4711", "A number")])
    await count(services, "4711", 6)
    there.stock, there.as_numbers = {"4711": 1}, True
    read = {**target(there)["read"], "sku": "ref"}
    options = {"ids": "matched", "read": read, "reconcile_seconds": 60}
    async with pushing(services, target(there, **options)):
        await becomes(there, 6)


async def test_a_quantity_that_nobody_can_mean_is_told_and_harms_nothing(
    services: Services, there: PlainShop
) -> None:
    there.stock["THEIRS"] = 10**30
    async with pushing(services, target(there, reconcile_seconds=60)):
        await eventually(lambda: there.stock["A-1"], lambda has: has == 10)
        report = await eventually(lambda: report_of(services), lambda one: one.status.problem)
        assert "they list" in (report.status.problem or "")
        await count(services, "A-1", 7)
        await eventually(lambda: there.stock["A-1"], lambda has: has == 7)


async def test_other_settings_of_a_target_hold_for_all_that_it_has(
    services: Services, there: PlainShop
) -> None:
    await services.catalogue.put_policies(CLERK, {("global", ""): Policy(backorder_limit=5 * UNIT)})
    async with pushing(services, target(there)):
        await becomes(there, 10)
        await settled(services)
    async with pushing(services, target(there, beyond_stock=True)):
        await becomes(there, 15)
        await settled(services)
    asked = len(there.requests)
    async with pushing(services, target(there, beyond_stock=True)):
        await count(services, "A-1", 3)
        await eventually(lambda: there.stock["A-1"], lambda has: has == 8)
    # By the same settings nothing is begun anew.
    assert len(there.requests) == asked + 1


async def test_a_target_that_the_database_forgot_begins_anew(
    services: Services, there: PlainShop
) -> None:
    async with pushing(services, target(there)):
        await becomes(there, 10)
        await settled(services)
        for table in ("channel_target", "channel_target_item", "event_consumer", "event_told"):
            await services.database.fetch(f"delete from {table}")
        there.stock["A-1"] = 1
        await becomes(there, 10)


async def test_what_is_known_of_a_request_that_was_taken_apart_is_kept(
    services: Services, there: PlainShop
) -> None:
    there.stock["B-2"], there.poison = 10, {"A-2"}
    # The whole, its first half, each of that; from there on nothing comes through.
    there.server.planned = [None, None, None, None, *[Fault.SERVER_ERROR] * 2]
    async with pushing(services, target(there)):
        await becomes_all_but(there, 10, "A-2")
        assert [one.problem for one in (await settled(services)).problems] == ["HTTP_422"]
    asked = [[line["ref"] for line in one.content["lines"]] for one in there.requests]
    assert sum("A-2" in refs for refs in asked) == 3


async def becomes_all_but(shop: PlainShop, units: int, sku: str) -> None:
    """It has so many of everything else before long."""
    await eventually(
        lambda: {has for id, has in shop.stock.items() if id != sku},
        lambda has: has == {units},
        within_seconds=WITHIN_SECONDS,
    )


async def test_without_a_list_of_theirs_nothing_is_compared(
    services: Services, there: PlainShop
) -> None:
    async with pushing(services, target(there, read=None, reconcile_seconds=1)):
        await becomes(there, 10)
        await settled(services)
    assert {request.method for request in there.requests} == {"POST"}
