"""A snapshot leaves exactly what the same counts leave that go through the stock writer.

Both places hold the same before: a snapshot counts the one, and commands count the other.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.bootstrap import Services
from hub.domain.commands import Origin, SetStock
from hub.domain.errors import HubError
from hub.domain.guard_rails import GuardRails
from hub.domain.policies import Channel
from hub.domain.snapshots import CountedRow, Whole
from hub.domain.values import UNIT, Line
from hub.services.catalogue import CatalogueItem
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
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=_histories)
def test_a_snapshot_leaves_what_counts_leave(
    database_url: str, history: list[tuple[list[Counted], str | None]]
) -> None:
    asyncio.run(_compared(database_url, history))


async def _compared(database_url: str, history: list[tuple[list[Counted], str | None]]) -> None:
    async with opened(database_url) as services:
        await put_shop(services)
        run = uuid4().hex
        await services.catalogue.put_items(CLERK, [CatalogueItem(run + one, one) for one in SKUS])
        channels = [Channel(place, place, "en", "EUR", (place,)) for place in ("BER", "AMS")]
        await services.catalogue.put_channels(CLERK, channels, default="BER")
        for place, (wanted_counts, wanted) in enumerate(history):
            event = f"{datetime.now(UTC).isoformat()} {place}"
            counts = [one._replace(sku=run + one.sku) for one in wanted_counts]
            before = await _named(services)
            refused_one_by_one = await _one_by_one(services, counts, event)
            between = await _named(services)
            assert await _as_a_whole(services, counts, event) == refused_one_by_one
            assert await _named(services) - between == between - before
            if wanted is not None:
                await _reserved(services, run + wanted)
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
    rows = await services.database.fetch(
        "select sku, counted_at from position where location = $1", [BY_COUNTS]
    )
    known = {row["sku"]: row["counted_at"] for row in rows}
    results = [await services.writer.enqueue(command) for command in commands]
    # In a snapshot, what is older than what is known is not even looked at.
    return [
        (line, result.code, result.message)
        for line, (one, result) in enumerate(zip(counts, results, strict=True), 1)
        if isinstance(result, HubError) and _time(one) >= known.get(one.sku, START)
    ]


async def _as_a_whole(services: Services, counts: Sequence[Counted], event: str) -> list[Any]:
    rows = [
        CountedRow(line, one.sku, BY_SNAPSHOT, one.on_hand, one.unavailable, _time(one))
        for line, one in enumerate(counts, 1)
    ]
    taken = await services.snapshots.take(CLERK, Whole("erp", event, rails=BELIEVED), rows)
    refused = await services.snapshots.refusals(CLERK, taken.id)
    return [(one.line, one.code, one.problem) for one in refused]


async def _named(services: Services) -> Counter[str]:
    """How often the log names each item."""
    rows = await services.database.fetch("select skus from change where cause is null")
    return Counter(sku for row in rows for sku in row["skus"])


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
