"""Sources in the database: put by version, read by every process as they are now."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest

from hub.bootstrap import Services, services_on
from hub.domain.errors import Forbidden, InvalidInput, SourceChanged, SourceNotFound
from hub.domain.principal import AccessScope, Principal, trusted
from hub.domain.sources import Source
from hub.settings import Settings

ADMIN = trusted("admin")
ACME = Source(name="acme", format="plain", options={"delimiter": ";"})


def _check(options: Mapping[str, Any]) -> None:
    for name in options:
        if name != "delimiter":
            raise InvalidInput(field=name, problem="is no option")


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[list[Services]]:
    """Two processes on one database."""
    settings = Settings(database_url=database_url, backplane_url="memory://")
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(services_on(settings, database_url, {"plain": _check}))
            for _ in range(2)
        ]


async def test_a_source_is_put_changed_and_removed_by_its_version(
    processes: list[Services],
) -> None:
    one, other = (services.sources for services in processes)
    first = await one.put(ADMIN, ACME, if_version=0)
    assert (first.source, first.updated_by) == (ACME, "admin")
    assert await other.get(ADMIN, "acme") == first
    with pytest.raises(SourceChanged) as refused:
        await other.put(ADMIN, ACME, if_version=0)
    assert refused.value.data == {"name": "acme", "expected": 0, "actual": first.version}

    changed = Source(name="acme", format="plain")
    second = await one.put(ADMIN, changed, if_version=first.version)
    assert second.version > first.version
    # The other process has read the first; it sees the second at once.
    assert (await other.get(ADMIN, "acme")).source == changed
    with pytest.raises(SourceChanged):
        await other.remove(ADMIN, "acme", if_version=first.version)
    await other.remove(ADMIN, "acme", if_version=second.version)
    with pytest.raises(SourceNotFound):
        await one.get(ADMIN, "acme")
    with pytest.raises(SourceNotFound):
        await one.put(ADMIN, ACME, if_version=second.version)
    with pytest.raises(SourceNotFound):
        await one.remove(ADMIN, "acme")
    # A version never comes back, or who knew the one before would take the new one for it.
    assert (await one.put(ADMIN, ACME)).version > second.version
    assert [stored.source for stored in await other.all(ADMIN)] == [ACME]


async def test_what_the_format_does_not_understand_is_not_put(processes: list[Services]) -> None:
    sources = processes[0].sources
    for source, field in (
        (Source(name="acme", format="x13"), "format"),
        (Source(name="acme", format="plain", options={"delimeter": ";"}), "options.delimeter"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await sources.put(ADMIN, source)
        assert refused.value.field == field
    assert await sources.all(ADMIN) == []


async def test_sources_are_for_administrators(processes: list[Services]) -> None:
    sources = processes[0].sources
    sender = Principal("acme", frozenset({AccessScope.EVENTS_INGEST, AccessScope.STOCK_WRITE}))
    await sources.put(ADMIN, ACME)
    for call in (sources.put(sender, ACME), sources.remove(sender, "acme"), sources.all(sender)):
        with pytest.raises(Forbidden):
            await call
    assert (await sources.get(sender, "acme")).source == ACME
