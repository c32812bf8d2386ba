"""Where a reader of a feed stands: each id is a place from which exactly the rest is told."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from hub.bootstrap import Services
from hub.domain.policies import Policy
from hub.domain.values import UNIT
from hub.services.catalogue import CatalogueItem
from hub.services.stock import Count
from tests.integration.serving import Feed, Message, feed, served
from tests.integration.shop import CLERK, SKUS, count, execute
from tests.waiting import eventually

NEW_LOG = (
    "delete from change",
    "insert into change (rules, recorded_at) values (true, clock_timestamp())",
)


async def count_all(services: Services, units: int) -> None:
    """Set the units of all items in one transaction."""
    rows = [Count(sku, "BER", units * UNIT) for sku in SKUS]
    await services.stock.change_many(CLERK, rows, all_or_nothing=True)


@asynccontextmanager
async def resumed(
    client: httpx.AsyncClient, id: str | None, query: str = ""
) -> AsyncIterator[Feed]:
    assert id is not None
    async with feed(client, query, **{"last-event-id": id}) as partner:
        yield partner


async def messages(partner: Feed, number: int) -> list[Message]:
    return [await partner.next() for _ in range(number)]


def items_of(heard: list[Message]) -> list[str]:
    return [one.data["sku"] for one in heard]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.services.feeds.source.MAX_ENTRIES", 2)


@pytest.mark.parametrize("place", range(4))
async def test_who_leaves_amid_a_snapshot_gets_the_rest_of_it_and_what_changed(
    services: Services, client: httpx.AsyncClient, small_pieces: None, place: int
) -> None:
    await count_all(services, 5)
    async with feed(client, "") as partner:
        heard = await messages(partner, 4)
    assert items_of(heard) == list(SKUS)
    await count(services, "A-1", 4)
    async with resumed(client, heard[place].id) as partner:
        rest = await messages(partner, 4 - place)
        # What he had and has changed comes first, then what he did not have.
        assert items_of(rest) == ["A-1", *SKUS[place + 1 :]]
        assert rest[0].data["quantity"] == 4
        assert {one.data["kind"] for one in rest} == {"RECOVERED"}
        await count(services, "B-1", 9)
        assert await partner.units() == ("B-1", 9)


@pytest.mark.parametrize("place", range(4))
async def test_who_leaves_amid_one_transaction_gets_the_rest_of_it(
    services: Services, client: httpx.AsyncClient, place: int
) -> None:
    async with feed(client, "") as partner:
        await messages(partner, 4)
        await count_all(services, 5)
        heard = await messages(partner, 4)
    assert items_of(heard) == list(SKUS)
    await count(services, "A-2", 7)
    async with resumed(client, heard[place].id) as partner:
        # A-2 comes once, by its last transaction.
        rest = [sku for sku in SKUS[place + 1 :] if sku != "A-2"]
        assert items_of(await messages(partner, len(rest) + 1)) == [*rest, "A-2"]


async def test_who_leaves_twice_amid_what_he_missed_is_told_nothing_twice(
    services: Services, client: httpx.AsyncClient, small_pieces: None
) -> None:
    async with feed(client, "") as partner:
        await messages(partner, 3)
        (last,) = await messages(partner, 1)
    known = last.id
    told = []
    for units in (5, 6, 7):
        await count_all(services, units)
        async with resumed(client, known) as partner:
            heard = await messages(partner, 3)
        told += [(one.data["sku"], one.data["quantity"]) for one in heard]
        known = heard[-1].id
    async with resumed(client, known) as partner:
        assert await partner.units() == ("B-2", 7)
    assert len(set(told)) == len(told)
    assert {sku for sku, units in told if units == 7} == {"A-1", "A-2", "B-1"}


@pytest.mark.parametrize("near", [1_000, 0], ids=["near", "far behind"])
@pytest.mark.parametrize(("entries", "planned"), [(1, 2), (2, 3), (2, 100)])
async def test_who_has_missed_much_is_told_it_in_pieces_while_more_changes(
    services: Services,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    entries: int,
    planned: int,
    near: int,
) -> None:
    async with feed(client, "") as partner:
        known = (await messages(partner, 4))[-1].id
    for units, sku in enumerate([*SKUS, *SKUS, "B-1"], start=1):
        await count(services, sku, units)
    monkeypatch.setattr("hub.services.feeds.source.MAX_ENTRIES", entries)
    monkeypatch.setattr("hub.services.feeds.plans.MAX_PLANNED", planned)
    monkeypatch.setattr("hub.services.feeds.loss.MAX_NEAR", near)
    told: list[tuple[str, int]] = []
    async with resumed(client, known) as partner:
        for sku in ("B-2", "A-1"):
            heard = await partner.next()
            told.append((heard.data["sku"], heard.data["version"]))
            await count(services, sku, 20)
        while told[-1] != ("A-1", 3):
            heard = await partner.next()
            told.append((heard.data["sku"], heard.data["version"]))
    assert len(set(told)) == len(told)
    last = dict(told)
    assert last == {"A-1": 3, "A-2": 2, "B-1": 3, "B-2": 3}
    assert all(version <= last[sku] for sku, version in told)


@pytest.mark.parametrize("near", [1_000, 0], ids=["near", "far behind"])
async def test_who_is_too_far_behind_is_told_so(
    services: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, near: int
) -> None:
    async with feed(client, "") as partner:
        known = (await messages(partner, 4))[-1].id
    monkeypatch.setattr("hub.services.feeds.loss.MAX_BEHIND", 3)
    monkeypatch.setattr("hub.services.feeds.loss.MAX_NEAR", near)
    for units in range(3):
        await count(services, "A-1", units)
    async with resumed(client, known) as partner:
        assert (await partner.next()).data["kind"] == "RECOVERED"
    await count(services, "A-1", 9)
    async with resumed(client, known) as partner:
        reset = await partner.next()
        assert (reset.event, reset.data) == ("reset", {"reason": "TOO_FAR_BEHIND"})
        assert items_of(await messages(partner, 4)) == list(SKUS)
        await count(services, "A-2", 1)
        assert await partner.units() == ("A-2", 1)


async def test_from_the_earliest_place_whatever_the_log_has_is_told(
    services: Services, client: httpx.AsyncClient
) -> None:
    await count(services, "A-1", 5)
    await execute(services.database.url, "delete from change where rules")
    async with resumed(client, "earliest") as partner:
        first = await partner.next()
        assert (first.data["sku"], first.data["kind"]) == ("A-1", "RECOVERED")
        await count(services, "B-1", 3)
        assert await partner.units() == ("B-1", 3)


async def test_a_log_that_was_trimmed_behind_a_reader_is_told_to_him(
    services: Services, client: httpx.AsyncClient
) -> None:
    async with feed(client, "") as partner:
        known = (await messages(partner, 4))[-1].id
    for units in range(20):
        await count(services, "A-1", units)
    # All but the last entries, which whoever trims the log has to leave.
    await execute(
        services.database.url,
        "delete from change where xid not in (select xid from change order by xid desc limit 16)",
    )
    async with resumed(client, known) as partner:
        assert (await partner.next()).event == "reset"
        everything = await messages(partner, 4)
        assert {one.data["kind"] for one in everything} == {"RESET"}
        assert items_of(everything) == list(SKUS)


async def test_who_reads_while_the_log_becomes_another_one_is_told_so(
    services: Services, client: httpx.AsyncClient
) -> None:
    async with feed(client, "") as partner:
        await messages(partner, 4)
        await execute(services.database.url, *NEW_LOG)
        reset = await partner.next()
        assert (reset.event, reset.data) == ("reset", {"reason": "UNKNOWN_ID"})
        assert items_of(await messages(partner, 4)) == list(SKUS)
        await count(services, "A-1", 4)
        assert await partner.units() == ("A-1", 4)


@pytest.mark.parametrize(
    "id",
    [
        "999999999:999999999:.0123456789abcdef",
        "1:1:.0",
        "earliest/999:999:.0123456789abcdef/998/A-1",
        "earliest/1:2:3",
        "!",
        "a/b/c/d!e",
    ],
)
async def test_an_id_that_the_hub_never_gave_is_answered_by_a_reset(
    client: httpx.AsyncClient, id: str
) -> None:
    async with resumed(client, id, "sku=A-1") as partner:
        assert (await partner.next()).event == "reset"
        assert (await partner.next()).data["kind"] == "RESET"


async def test_new_rules_are_told_in_pieces_and_only_where_they_change_something(
    services: Services, client: httpx.AsyncClient, small_pieces: None
) -> None:
    async with feed(client, "") as partner:
        await messages(partner, 4)
        await count_all(services, 5)
        await messages(partner, 4)
        await services.catalogue.put_policies(
            CLERK, {("item", "B-1"): Policy(safety_stock=2 * UNIT)}
        )
        assert await partner.units() == ("B-1", 3)
        await count(services, "A-1", 4)
        assert await partner.units() == ("A-1", 4)


async def test_who_is_slow_skips_states_and_is_told_the_last_one(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is sent meanwhile is more than buffers and the ring take: he is told from the log.
    monkeypatch.setattr("hub.services.feeds.ring.MAX_RING_BYTES", 20_000)
    items = [f"S-{number:03}" for number in range(200)]
    await services.catalogue.put_items(CLERK, [CatalogueItem(sku, "Slowly read") for sku in items])
    async with served(services, send_buffer_bytes=4_096) as client:
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            reader.connect((client.base_url.host, client.base_url.port))
            reader.sendall(b"GET /feeds/availability HTTP/1.1\r\nHost: hub\r\n\r\n")
            await eventually(lambda: services.feeds.is_read)
            for units in range(1, 30):
                rows = [Count(sku, "BER", units * UNIT) for sku in items]
                await services.stock.change_many(CLERK, rows, all_or_nothing=True)
            read = b""
            reader.settimeout(5)

            def read_on() -> bytes:
                return reader.recv(65_536)

            while read.count(b'"quantity":29,') < len(items):
                read += await asyncio.to_thread(read_on)
    assert read.count(b'"sku":"S-000"') < 29
    assert b"event: reset" not in read
