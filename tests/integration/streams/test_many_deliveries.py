"""Many deliveries that are stored together come out as if each had come alone."""

from typing import Any

import orjson
import pytest

from hub.bootstrap import Services
from hub.domain.source_deliveries import Received, SourceDeliveryState
from hub.domain.source_requests import received_from
from hub.domain.sources import Source
from tests.integration.events import adjusted, counted, inbox_states
from tests.integration.shop import CLERK, available
from tests.integration.streams.reading import deliveries
from workers.ingest import Ingest
from workers.sources import many_deliveries
from workers.sources.deliveries import take_unnoted
from workers.sources.many_deliveries import News, take_deliveries

ACME = Source(name="acme", format="cloudevents")


def message(services: Services, id: str | None, *events: dict[str, Any] | bytes) -> Received:
    """A delivery of one or many events."""
    first = events[0]
    sent = first if isinstance(first, bytes) else orjson.dumps(events)
    return received_from(ACME, {}, sent, services.clock.now(), id)


async def take(services: Services, *received: Received) -> News:
    """Take them together."""
    return await take_deliveries(services, CLERK, ACME, received)


async def test_each_is_kept_with_its_own_report(services: Services) -> None:
    twice = adjusted(2, id="twice")
    await take(
        services,
        message(services, "1", adjusted(5), twice),
        message(services, "2", twice, adjusted(1, sku="NONE")),
        message(services, "3", b"nothing of the kind"),
        message(services, "4", adjusted(1)),
    )
    kept = await deliveries(services)
    found = {
        one.received.sender_id: (
            one.state.value, one.report.accepted, one.report.duplicates, one.report.refused
        )
        for one in kept
    }  # fmt: skip
    assert found == {
        "1": ("ACCEPTED", 2, 0, 0),
        "2": ("ACCEPTED", 0, 1, 1),
        "3": ("REFUSED", 0, 0, 1),
        "4": ("ACCEPTED", 1, 0, 0),
    }
    await Ingest(services).drain()
    assert await available(services) == 8


async def test_what_is_delivered_again_changes_nothing(services: Services) -> None:
    once = [message(services, "1", adjusted(5)), message(services, None, adjusted(1))]
    await take(services, *once, *once)
    await take(services, *once, message(services, "2", adjusted(2)))
    assert len(await inbox_states(services)) == 3
    assert len(await deliveries(services)) == 3


async def test_one_that_differs_is_refused_and_takes_no_other_along(services: Services) -> None:
    await take(services, message(services, "1", adjusted(5, id="known")))
    await take(
        services,
        message(services, "2", adjusted(1)),
        message(services, "3", adjusted(6, id="known")),
        message(services, "4", adjusted(1)),
        # The id of another delivery, which was accepted; and of one that comes with it.
        message(services, "1", adjusted(9)),
        message(services, "2", adjusted(9)),
    )
    refused = [
        (one.received.sender_id, one.report.findings[0].code)
        for one in await deliveries(services)
        if one.state is SourceDeliveryState.REFUSED
    ]
    assert sorted(refused) == [(id, "EVENT_MISMATCH") for id in "123"]
    await Ingest(services).drain()
    assert await available(services) == 7


async def test_their_order_holds_also_where_one_is_taken_alone(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_deliveries, "_MAX_SMALL", 2)
    monkeypatch.setattr(many_deliveries, "MAX_TOGETHER", 3)
    ids = [f"{number}" for number in range(9)]
    sent = [counted(float(number), id=id) for number, id in enumerate(ids)]
    await take(
        services,
        message(services, "a", sent[0]),
        message(services, "b", sent[1], sent[2]),
        message(services, "c", sent[3]),
        message(services, "d", sent[4], sent[5], sent[6]),
        message(services, "e", sent[7], sent[8]),
    )
    rows = await services.database.fetch("select event_id from inbox order by id")
    assert [row["event_id"] for row in rows] == ids


async def test_a_defect_at_one_holds_up_no_other(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail_at_two(*arguments: Any) -> Any:
        if arguments[3].sender_id == "2":
            raise ZeroDivisionError
        return await take_unnoted(*arguments)

    monkeypatch.setattr(many_deliveries, "take_unnoted", fail_at_two)
    monkeypatch.setattr(many_deliveries, "_MAX_SMALL", 0)
    await take(services, *(message(services, str(n), adjusted(1)) for n in (1, 2, 3)))
    states = {one.received.sender_id: one.state.value for one in await deliveries(services)}
    assert states == {"1": "ACCEPTED", "2": "REFUSED", "3": "ACCEPTED"}


async def test_the_source_is_heard_if_anything_was_understood_and_fails_if_nothing_was(
    services: Services,
) -> None:
    unknown = message(services, "1", adjusted(1, sku="NONE"))
    unreadable = message(services, "2", b"nothing of the kind")
    assert await take(services) == News()
    refused = await take(services, unreadable, unknown)
    assert not refused.is_heard
    assert "NONE" in str(refused.problem)
    # The same again is no news, and what was accepted before is.
    assert await take(services, unreadable, unknown) == News()
    good = message(services, "3", adjusted(5))
    assert (await take(services, good, message(services, "4", b"nor this"))).is_heard
    assert await take(services, good) == News(is_heard=True)


@pytest.mark.parametrize("at", ["places_of", "stretch_of"])
async def test_a_defect_at_what_goes_together_has_each_taken_alone(
    services: Services, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def fail(*arguments: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(many_deliveries, at, fail)
    assert (await take(services, *(message(services, id, adjusted(1)) for id in "12"))).is_heard
    assert len(await inbox_states(services)) == 2
