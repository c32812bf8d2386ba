"""What a source has just sent, worked off beside a hub that works the same inbox."""

from hub.bootstrap import Services
from tests.integration.events import adjusted, counted, event, send
from tests.integration.shop import CLERK
from workers.ingest import Ingest
from workers.working_off import WorkedOff, inbox_time, work_off


async def test_what_others_have_worked_is_told_too(shop: Services) -> None:
    await send(shop, adjusted(1, sku="NEW-1"))
    begin = await inbox_time(shop)
    await send(
        shop,
        counted(10, asOf="2026-01-02T00:00:00Z"),
        counted(3, asOf="2026-01-01T00:00:00Z"),
        adjusted(1, sku="NEW-1"),
    )
    await Ingest(shop).drain()
    await send(shop, adjusted(2, sku="NEW-1"))
    assert await work_off(shop, "shop", begin) == WorkedOff(superseded=1, dead_letters=2)


async def test_what_others_send_is_not_waited_for(shop: Services) -> None:
    begin = await inbox_time(shop)
    early = event("order.shipped", order="O-9")
    await shop.intake.accept_events(CLERK, "another", [{**early, "source": "another"}])
    await send(shop, counted(3))
    assert await work_off(shop, "shop", begin) == WorkedOff()
    (waiting,) = await shop.database.fetch("select state from inbox where source = 'another'")
    assert waiting["state"] == "PENDING"
