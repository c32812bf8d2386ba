"""Notices that an item is back: given once, in the order in which they were asked for, and to no
more than there is something for."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from hub.bootstrap import Services
from hub.domain.errors import (
    Forbidden,
    IdempotencyMismatch,
    InvalidInput,
    NoticeLimitReached,
    NoticeNotFound,
    UnknownChannel,
    UnknownSku,
)
from hub.domain.notices import Notice, NoticeState
from hub.domain.policies import Policy
from hub.domain.principal import ANONYMOUS, AccessScope, Principal
from hub.domain.values import UNIT
from hub.services import followed_items
from hub.services.catalogue import CatalogueItem
from hub.store import notices
from hub.store.notices import forget_notices, tell_notices
from tests.integration.alerting import LOG, followed, time_passes
from tests.integration.shop import BUYER, CLERK, count, execute, opened, put_shop, reserve


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Services]:
    """A shop where A-1 is sold out, and as many are told as there are units."""
    async with opened(database_url, notice_factor=1.0) as services:
        await put_shop(services)
        await count(services, "A-1", 0)
        await followed(services)
        yield services


async def asked(services: Services, *references: str, **options: Any) -> list[Notice]:
    """Notices of A-1 for these, one after the other."""
    options = {"sku": "A-1", **options}
    return [
        await services.notices.ask(BUYER, reference=reference, **options)
        for reference in references
    ]


async def told(services: Services) -> list[str]:
    """Who was told, by the log, in its order: one for each time."""
    names: list[str] = []
    for row in await services.database.fetch(LOG):
        found = await services.notices.by_ids(CLERK, row["notices"])
        assert len(found) == len(row["notices"])
        assert all(one.state is NoticeState.TOLD for one in found)
        names += [one.reference for one in found]
    return names


async def test_who_asked_is_told_once_when_the_item_is_back(shop: Services) -> None:
    (notice,) = await asked(shop, "anna")
    assert (notice.state, notice.channel, notice.quantity) == (NoticeState.WAITING, "web", UNIT)
    await followed(shop)
    assert await told(shop) == []
    for units in (3, 0, 5, 0, 2):
        await count(shop, "A-1", units)
        await followed(shop)
    assert await told(shop) == ["anna"]


async def test_the_first_in_line_are_told_and_no_more_than_there_are_units(shop: Services) -> None:
    await asked(shop, "anna", "bert", "cora", "dora")
    await count(shop, "A-1", 2)
    await followed(shop)
    assert await told(shop) == ["anna", "bert"]
    # The same units are announced to nobody else, however the item changes.
    await reserve(shop, {"A-1": 1})
    await followed(shop)
    assert await told(shop) == ["anna", "bert"]
    # More units are.
    await count(shop, "A-1", 4)
    await followed(shop)
    assert await told(shop) == ["anna", "bert", "cora"]


async def test_those_behind_are_told_of_what_is_left_after_a_while(
    shop: Services, database_url: str
) -> None:
    await asked(shop, "anna", "bert")
    await count(shop, "A-1", 1)
    await followed(shop)
    assert await told(shop) == ["anna"]
    await execute(
        database_url,
        "update notice set told_at = told_at - interval '61 minutes'",
        "update time_progress set told_until = now() - interval '2 minutes'",
    )
    await time_passes(shop)
    await followed(shop)
    assert await told(shop) == ["anna", "bert"]


async def test_more_are_told_than_there_are_units_if_not_all_of_them_will_come(
    database_url: str,
) -> None:
    async with opened(database_url, notice_factor=2.0) as shop:
        await put_shop(shop)
        await asked(shop, "anna", "bert", "cora", "dora", "emil")
        await count(shop, "A-1", 2)
        await followed(shop)
        assert await told(shop) == ["anna", "bert", "cora", "dora"]


async def test_who_wants_several_is_told_when_there_are_so_many(shop: Services) -> None:
    await asked(shop, "anna", quantity=3 * UNIT)
    await asked(shop, "bert")
    await count(shop, "A-1", 2)
    await followed(shop)
    assert await told(shop) == ["bert"]
    await count(shop, "A-1", 5)
    await followed(shop)
    assert await told(shop) == ["bert", "anna"]


async def test_each_channel_has_its_line(shop: Services) -> None:
    await asked(shop, "anna", channel="store")
    await count(shop, "A-1", 5, "AMS")
    await followed(shop)
    assert await told(shop) == []
    await count(shop, "A-1", 1, "BER")
    await followed(shop)
    assert await told(shop) == ["anna"]


async def test_an_item_is_back_as_soon_as_it_can_be_ordered(shop: Services) -> None:
    await asked(shop, "anna")
    await shop.catalogue.put_policies(CLERK, {("item", "A-1"): Policy(backorder_limit=1 * UNIT)})
    await followed(shop)
    assert await told(shop) == ["anna"]


async def test_what_is_no_longer_sold_is_never_back(shop: Services) -> None:
    await asked(shop, "anna")
    await shop.catalogue.put_items(CLERK, [CatalogueItem("A-1", "Gone", discontinued=True)])
    await count(shop, "A-1", 5)
    await followed(shop)
    assert await told(shop) == []


async def test_who_asks_for_what_is_there_is_told_at_once(shop: Services) -> None:
    await count(shop, "A-1", 5)
    await followed(shop)
    await asked(shop, "anna")
    await followed(shop)
    assert await told(shop) == ["anna"]


async def test_who_asks_again_keeps_his_place(shop: Services) -> None:
    first, *_ = await asked(shop, "anna", "bert")
    (again,) = await asked(shop, "anna", quantity=7 * UNIT)
    assert again == first
    await count(shop, "A-1", 1)
    await followed(shop)
    assert await told(shop) == ["anna"]
    # Who was told may ask anew.
    (anew,) = await asked(shop, "anna")
    assert anew.id != first.id


async def test_who_does_not_want_to_hear_any_more_is_not_told(shop: Services) -> None:
    anna, bert = await asked(shop, "anna", "bert")
    cancelled = await shop.notices.cancel(BUYER, anna.id)
    assert cancelled.state is NoticeState.CANCELLED
    assert await shop.notices.cancel(BUYER, anna.id) == cancelled
    await count(shop, "A-1", 5)
    await followed(shop)
    assert await told(shop) == ["bert"]
    assert (await shop.notices.cancel(BUYER, bert.id)).state is NoticeState.TOLD
    for unknown in ("x", "", "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(NoticeNotFound):
            await shop.notices.cancel(BUYER, unknown)


async def test_a_long_line_is_told_to_its_end_if_there_is_enough(shop: Services) -> None:
    await _wait(shop, 2_100)
    await count(shop, "A-1", 2_050)
    for _ in range(3):
        await followed(shop)
    assert await told(shop) == [f"ref-{place}" for place in range(1, 2_051)]


async def test_whoever_was_told_before_does_not_slow_down_who_asks(shop: Services) -> None:
    await _wait(shop, 5_000)
    await execute(
        str(shop.settings.database_url),
        "update notice set told_at = now() where reference <> 'ref-7'",
        "analyze notice",
    )
    plan = await shop.database.fetch(
        f"explain {notices._WAITING}", ["A-1", "web", "buyer", "ref-7"]
    )
    assert plan
    assert [row for row in plan if "Seq Scan" in row["QUERY PLAN"]] == []


async def _wait(services: Services, many: int) -> None:
    await execute(
        str(services.settings.database_url),
        f"""insert into notice (id, sku, channel, quantity, reference, owner, created_at)
            select gen_random_uuid(), 'A-1', 'web', {UNIT}, 'ref-' || n, 'buyer', now()
            from generate_series(1, {many}) n""",
    )


async def test_two_workers_tell_each_once(shop: Services, database_url: str) -> None:
    names = [f"shopper-{number:02}" for number in range(30)]
    await asked(shop, *names)
    async with opened(database_url, notice_factor=1.0) as other:
        for units in range(1, 40, 3):
            await count(shop, "A-1", units)
            await asyncio.gather(shop.listing_projection.step(), other.listing_projection.step())
        await followed(shop)
        await followed(other)
    assert await told(shop) == names


async def test_a_step_that_dies_has_told_nobody(
    shop: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asked(shop, "anna")
    await count(shop, "A-1", 5)

    async def dies(*arguments: Any) -> None:
        await tell_notices(*arguments)
        raise RuntimeError("the process ends here")

    with monkeypatch.context() as dying:
        dying.setattr(followed_items, "tell_notices", dies)
        with pytest.raises(RuntimeError, match="ends here"):
            await shop.listing_projection.step()
    assert await told(shop) == []
    await followed(shop)
    assert await told(shop) == ["anna"]


async def test_one_holder_and_one_address_wait_for_only_so_many(database_url: str) -> None:
    opening = opened(database_url, max_notices_per_holder=2, max_notices_per_address=3)
    async with opening as shop:
        await put_shop(shop)
        for sku in ("A-1", "A-2"):
            await asked(shop, "anna", sku=sku, holder="cart-1", address="10.0.0.1")
        with pytest.raises(NoticeLimitReached, match="holder waits for 2"):
            await asked(shop, "anna", sku="B-1", holder="cart-1")
        # Who waits already takes no other place.
        await asked(shop, "anna", holder="cart-1")
        shopper = ANONYMOUS._replace(address="10.0.0.1")
        notice = await shop.notices.ask(shopper, "B-1", "x", address="10.9.9.9")
        with pytest.raises(NoticeLimitReached, match="address waits for 3"):
            await shop.notices.ask(shopper, "B-2", "x")
        await shop.notices.cancel(shopper, notice.id)
        await shop.notices.ask(shopper, "B-2", "x")


async def test_many_at_once_do_not_pass_the_limit(database_url: str) -> None:
    async with opened(database_url, max_notices_per_holder=3) as shop:
        await put_shop(shop)
        answers = await asyncio.gather(
            *(asked(shop, f"ref-{number}", holder="cart-1") for number in range(8)),
            return_exceptions=True,
        )
        assert sum(isinstance(one, list) for one in answers) == 3
        assert {type(one) for one in answers} == {list, NoticeLimitReached}


async def test_shoppers_of_two_addresses_do_not_share_a_reference(shop: Services) -> None:
    one = await shop.notices.ask(ANONYMOUS._replace(address="10.0.0.1"), "A-1", "me")
    other = await shop.notices.ask(ANONYMOUS._replace(address="10.0.0.2"), "A-1", "me")
    assert one.id != other.id


async def test_the_same_key_gives_the_same_notice(shop: Services) -> None:
    (first,) = await asked(shop, "anna", idempotency_key="k")
    await shop.notices.cancel(BUYER, first.id)
    (again,) = await asked(shop, "anna", idempotency_key="k")
    assert (again.id, again.state) == (first.id, NoticeState.CANCELLED)
    with pytest.raises(IdempotencyMismatch):
        await asked(shop, "bert", idempotency_key="k")


async def test_mistakes_are_told(shop: Services) -> None:
    for mistake, error in (
        ({"sku": "NONE"}, UnknownSku),
        ({"channel": "nowhere"}, UnknownChannel),
        ({"quantity": 0}, InvalidInput),
        ({"holder": ""}, InvalidInput),
        ({"idempotency_key": ""}, InvalidInput),
    ):
        with pytest.raises(error):
            await asked(shop, "anna", **mistake)
    for reference in ("", "x" * 65, "anna@example.org"):
        with pytest.raises(InvalidInput, match="reference"):
            await asked(shop, reference)
    nobody = Principal("nobody", frozenset(AccessScope) - {AccessScope.NOTICES_WRITE})
    with pytest.raises(Forbidden):
        await shop.notices.ask(nobody, "A-1", "anna")
    with pytest.raises(Forbidden):
        await shop.notices.by_ids(ANONYMOUS, [])


async def test_what_was_told_or_cancelled_is_forgotten_after_a_while(
    shop: Services, database_url: str
) -> None:
    anna, bert, _ = await asked(shop, "anna", "bert", "cora")
    await shop.notices.cancel(BUYER, bert.id)
    await count(shop, "A-1", 1)
    await followed(shop)
    month = timedelta(days=30)
    assert await forget_notices(shop.database, month) == 0
    await execute(
        database_url,
        """update notice set told_at = told_at - interval '31 days',
                             cancelled_at = cancelled_at - interval '31 days'""",
    )
    assert await forget_notices(shop.database, month) == 2
    assert await shop.notices.by_ids(CLERK, [anna.id]) == []
