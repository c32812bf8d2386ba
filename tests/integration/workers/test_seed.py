"""The demo shop is put in once, and opens with every kind of answer."""

from hub.bootstrap import Services
from hub.domain.availability import Availability
from hub.domain.values import UNIT, Scope
from tests.integration.shop import CLERK, available, broken_rules, reserve
from workers.demo.catalogue import DISCONTINUED, items
from workers.demo.opening import undeliverable
from workers.demo.seed import seed


async def _answers(services: Services, channel: str) -> dict[str, Availability]:
    skus = [item.sku for item in items()]
    return await services.lookup.availability(CLERK, skus, Scope(channel))


async def test_the_shop_opens_with_every_kind_of_answer(empty: Services) -> None:
    report = await seed(empty, empty.clock.now())
    assert (report.items, report.locations, report.channels) == (120, 4, 3)
    answers = await _answers(empty, "web-eu")
    codes = {answer.message.code for answer in answers.values()}
    assert codes == {"IN_STOCK", "ONLY_N_LEFT", "OUT_OF_STOCK", "BACK_BY", "DISCONTINUED"}
    assert answers[DISCONTINUED].breakdown.on_hand > 0 == answers[DISCONTINUED].quantity
    assert answers["TEAPOT-KYO-SOOT"].breakdown.unavailable == 6 * UNIT
    assert {answers[sku].message.code for sku in undeliverable()} == {"OUT_OF_STOCK"}
    assert await broken_rules(empty) == {}


async def test_channels_see_different_stock_of_the_same_item(empty: Services) -> None:
    await seed(empty, empty.clock.now())
    quantities = {
        channel: (await _answers(empty, channel))["MUG-FJORD-MOSS"].quantity
        for channel in ("web-eu", "web-nordic", "marketplace")
    }
    assert len(set(quantities.values())) == 3
    assert empty.catalogue.default_channel() == "web-eu"


async def test_a_second_seed_leaves_everything_as_it_is(empty: Services) -> None:
    await seed(empty, empty.clock.now())
    await reserve(empty, {"MUG-FJORD-MOSS": 3})
    left = await available(empty, "MUG-FJORD-MOSS")
    before = (await empty.audit.run(CLERK)).counts
    report = await seed(empty, empty.clock.now())
    assert report.as_dict() == {
        "alreadySeeded": True,
        "items": 0,
        "locations": 0,
        "channels": 0,
        "positions": 0,
        "supplyLines": 0,
    }
    assert (await empty.audit.run(CLERK)).counts == before
    assert await available(empty, "MUG-FJORD-MOSS") == left


async def test_a_shop_next_to_another_one_does_not_take_its_default(services: Services) -> None:
    await seed(services, services.clock.now())
    assert services.catalogue.default_channel() == "web"
