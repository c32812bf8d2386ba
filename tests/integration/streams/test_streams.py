"""Messages of real brokers become stock: all of them, once, and whatever dies meanwhile."""

import asyncio

import pytest

from hub.bootstrap import Services
from hub.domain.source_deliveries import SourceDeliveryState
from tests.integration.events import adjusted, inbox_states
from tests.integration.shop import available
from tests.integration.streams.brokers import Broker
from tests.integration.streams.reading import ADDRESS, body, deliveries, put_source, reading
from tests.waiting import eventually
from workers.streams import messages, streams, taking

WITHIN_SECONDS = 20.0


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(taking, "CHECK_SECONDS", 0.1)
    monkeypatch.setattr(taking, "PATIENCE_SECONDS", 4.0)
    monkeypatch.setattr(taking, "MAX_RETRY_SECONDS", 0.5)
    monkeypatch.setattr(messages, "GRACE_SECONDS", 0.5)


async def arrive(services: Services, units: float) -> None:
    """All that was sent comes to so many units."""
    await eventually(lambda: available(services), lambda has: has == units, WITHIN_SECONDS)


async def test_what_arrives_is_applied_and_what_is_wrong_holds_up_nothing(
    services: Services, broker: Broker
) -> None:
    stream = await put_source(services, broker)
    await broker.prepare(stream)
    async with reading(services, {ADDRESS: broker.url}) as told:
        await broker.send(stream, body(adjusted(5)), b"no event", body(adjusted(1, sku="NONE")))
        await broker.send(stream, body(adjusted(2)), headers={"content-type": "application/json"})
        await arrive(services, 7)
        assert told.heard_of[0] == "acme"
        assert told.problems == []
    assert await broker.left(stream) == 0
    kept = await deliveries(services)
    states = [one.state for one in kept]
    refused, accepted = SourceDeliveryState.REFUSED, SourceDeliveryState.ACCEPTED
    assert sorted(states) == [accepted, accepted, refused, refused]
    codes = {one.code for delivery in kept for one in delivery.report.findings}
    assert codes == {"INVALID_INPUT", "UNKNOWN_SKU"}
