"""A snapshot leaves exactly what the same counts leave that go through the stock writer.

Both places hold the same before: a snapshot counts the one, and commands count the other.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.bootstrap import Services
from hub.domain.commands import Origin, SetStock
from hub.domain.errors import HubError
from hub.domain.guard_rails import GuardRails
from hub.domain.policies import Channel
from hub.domain.snapshots import CountedRow, Whole
from hub.domain.values import UNIT, Line
from tests.integration.shop import BUYER, CLERK, SKUS, opened, put_shop, sound

START = datetime(2026, 1, 1, tzinfo=UTC)
BY_SNAPSHOT, BY_COUNTS = "BER", "AMS"
BELIEVED = GuardRails(None, None, None, None, None)
POSITION = """
    sku, on_hand, unavailable, allocated, reserved, backordered, incoming, shortfall, version,
    counted_at, counted_through"""
MOVEMENT = """
    sku, version, kind, on_hand, unavailable, allocated, reserved, backordered, incoming,
    available_after, cause, actor, source_event, reason, document"""


class Counted(NamedTuple):
    sku: str
    on_hand: int
    unavailable: int | None
    hours: int


_counts = st.lists(
    st.builds(
        Counted,
        st.sampled_from([*SKUS, "NOPE"]),
        st.integers(-2, 6).map(lambda units: units * UNIT) | st.just(500),
        st.none() | st.integers(0, 3).map(lambda units: units * UNIT),
        st.integers(0, 4),
    ),
    unique_by=lambda one: one.sku,
)
_histories = st.lists(st.tuples(_counts, st.sampled_from([None, *SKUS])), max_size=4)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=_histories)
def test_a_snapshot_leaves_what_counts_leave(
    database_url: str, history: list[tuple[list[Counted], str | None]]
) -> None:
    asyncio.run(_compared(database_url, history))


async def _compared(database_url: str, history: list[tuple[list[Counted], str | None]]) -> None:
    async with opened(database_url) as services:
        await put_shop(services)
        channels = [Channel(place, place, "en", "EUR", (place,)) for place in ("BER", "AMS")]
        await services.catalogue.put_channels(CLERK, channels, default="BER")
        for place, (counts, wanted) in enumerate(history):
            event = f"{datetime.now(UTC).isoformat()} {place}"
            refused_one_by_one = await _one_by_one(services, counts, event)
            changed_one_by_one = await _named_since_last(services)
            refused = await _as_a_whole(services, counts, event)
            assert refused == refused_one_by_one
            assert await _named_since_last(services) == changed_one_by_one
            if wanted is not None:
                await _reserved(services, wanted)
            await services.database.fetch("delete from change")
        for table, fields in (("position", POSITION), ("movement", MOVEMENT)):
            left = [
                await services.database.fetch(
                    f"select {fields} from {table} where location = $1 order by sku, version",
                    [location],
                )
                for location in (BY_SNAPSHOT, BY_COUNTS)
            ]
            assert left[0] == left[1]
        assert await sound(services)


async def _one_by_one(services: Services, counts: Sequence[Counted], event: str) -> list[Any]:
    origin = Origin("erp", f"erp/{event}")
    commands = [
        SetStock(one.sku, BY_COUNTS, one.on_hand, origin, _time(one), one.unavailable)
        for one in counts
    ]
    results = [await services.writer.enqueue(command) for command in commands]
    return [
        (line, result.code, result.message)
        for line, result in enumerate(results, 1)
        if isinstance(result, HubError)
    ]


async def _as_a_whole(services: Services, counts: Sequence[Counted], event: str) -> list[Any]:
    rows = [
        CountedRow(line, one.sku, BY_SNAPSHOT, one.on_hand, one.unavailable, _time(one))
        for line, one in enumerate(counts, 1)
    ]
    taken = await services.snapshots.take(CLERK, Whole("erp", event, rails=BELIEVED), rows)
    refused = await services.snapshots.refusals(CLERK, taken.id)
    return [(one.line, one.code, one.problem) for one in refused]


async def _named_since_last(services: Services) -> set[str]:
    """The items that the log names, which is emptied."""
    rows = await services.database.fetch("delete from change where cause is null returning skus")
    return {sku for row in rows for sku in row["skus"]}


async def _reserved(services: Services, sku: str) -> None:
    outcomes = []
    for channel in (BY_SNAPSHOT, BY_COUNTS):
        try:
            await services.reservations.reserve(BUYER, [Line(sku, UNIT)], channel=channel)
        except HubError as refusal:
            outcomes.append(refusal.code)
        else:
            outcomes.append("held")
    assert outcomes[0] == outcomes[1]


def _time(one: Counted) -> datetime:
    return START + timedelta(hours=one.hours)
